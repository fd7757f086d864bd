"""The keys and the load of a cache, from its CloudWatch metrics."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from elasticache_operations.capacity.engines import EngineVersion
from elasticache_operations.capacity.memory import SERVER, MemoryModel, of_shape
from elasticache_operations.capacity.plan import SLOTS
from elasticache_operations.capacity.shapes import Dataset, Shape
from elasticache_operations.context import Context
from elasticache_operations.errors import InputError
from elasticache_operations.status import collect
from elasticache_operations.status.caches import Cache, CacheKind
from elasticache_operations.status.metrics import PERIOD, Key
from elasticache_operations.status.trend import Series
from elasticache_rules.output import counted

CALLS: Final = (*collect.INVENTORY, collect.METRICS)
_KEY: Final = 32
_LONGEST: Final = 512 * 2**20
_METRICS: Final = (
    ("CurrItems", "Maximum"),
    ("BytesUsedForCache", "Maximum"),
    ("GetTypeCmds", "Sum"),
    ("SetTypeCmds", "Sum"),
    ("CurrConnections", "Maximum"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A running cache as a workload.

    :param factor: measured bytes for each byte of the model.
    :param lines: what was measured, in words.
    """

    source: str
    engine: EngineVersion
    data: Dataset
    factor: float
    reads: int
    writes: int
    connections: int
    lines: tuple[str, ...]
    data_of_json: Mapping[str, Any]


def from_metrics(context: Context, id: str) -> Running:
    """The workload of a cache: keys, bytes, operations at the busiest hour, and connections.

    The metrics do not tell the shapes: the keys are planned as strings of the size that explains the memory.

    :raises InputError: for a cache that does not exist, is empty, serverless or of Memcached.
    """
    collect.region_of(context)
    cache = collect.inventory(context, [id])[0]
    if cache.kind is CacheKind.SERVERLESS or cache.engine == "memcached":
        raise InputError(
            f"--from must name a cache with nodes of Redis OSS or Valkey, got {id!r} ({cache.engine}, {cache.kind}); "
            "give --items, --key and --value instead"
        )
    primaries = cache.one_of_each_shard
    wanted = [Key(name, stat, member.cluster, member.node) for member in primaries for name, stat in _METRICS]
    metrics = collect.read_metrics(context, wanted)
    items = round(_sum(metrics, "CurrItems", last=True))
    used = _sum(metrics, "BytesUsedForCache", last=True) - SERVER * len(primaries)
    if items < 1 or used <= 0:
        raise InputError(f"--from {id}: CloudWatch has no keys of it; give --items, --key and --value instead")
    version = _version(cache)
    data, factor = _as_strings(version, items, used / items, len(primaries) if cache.cluster_mode else 0)
    reads = math.ceil(_sum(metrics, "GetTypeCmds") / PERIOD)
    writes = math.ceil(_sum(metrics, "SetTypeCmds") / PERIOD)
    connections = round(_most(metrics, "CurrConnections"))
    lines = (
        f"measured       {counted(items, 'key')} of {cache.id} on {version.title}, {used / items:,.0f} bytes a key; "
        f"busiest hour {reads:,} reads and {writes:,} writes a second",
        f"               planned as strings with keys of {_KEY} bytes: metrics do not tell the shapes, --measure does",
    )
    return Running(
        source=f"metrics of {cache.id}, 14 days",
        engine=version,
        data=data,
        factor=factor,
        reads=reads,
        writes=writes,
        connections=connections,
        lines=lines,
        data_of_json={
            "cache": cache.id,
            "shards": len(primaries),
            "bytes_per_item": round(used / items, 1),
            "shapes_assumed": True,
        },
    )


def _version(cache: Cache) -> EngineVersion:
    major, minor, *_ = (*cache.version.split("."), "0")
    return EngineVersion(cache.engine, int(major), int(minor))


def _sum(metrics: Mapping[Key, Series], name: str, *, last: bool = False) -> float:
    """The sum over the shards of the last value, or of the largest."""
    series = [each for key, each in metrics.items() if key.metric == name]
    return sum(each.values[-1] if last else each.maximum for each in series)


def _most(metrics: Mapping[Key, Series], name: str) -> float:
    return max((each.maximum for key, each in metrics.items() if key.metric == name), default=0.0)


def _as_strings(engine: EngineVersion, items: int, measured: float, shards: int) -> tuple[Dataset, float]:
    """Strings that take about as many bytes as were measured, and the factor that is left."""
    model = MemoryModel(engine, slots=-(-SLOTS // shards) if shards else 0)
    low, high = 0, _LONGEST
    while low < high:
        middle = (low + high + 1) // 2
        if model.per_item(of_shape(Shape(key=_KEY, value=middle), items)) <= measured:
            low = middle
        else:
            high = middle - 1
    data = of_shape(Shape(key=_KEY, value=low), items)
    return data, measured / model.per_item(data)

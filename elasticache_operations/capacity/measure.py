"""A running server as a workload: its sampled keys, and its memory compared with the model; nothing is written."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from elasticache_operations.capacity.allocator import DISTRIBUTION_QUANTUM, ENGINE_QUANTUM, Allocator
from elasticache_operations.capacity.engines import EngineVersion
from elasticache_operations.capacity.memory import MemoryModel
from elasticache_operations.capacity.plan import SLOTS
from elasticache_operations.capacity.shapes import Dataset, Kind, Population, Shape

SAMPLE: Final = 2000
"""Keys that are looked at."""
_MEMBERS: Final = 10
_BATCH: Final = 200
_MOST_GROUPS: Final = 100
_WIDTHS: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
_SECONDS: Final = 10
_NOT_KEYS: Final = ("used_memory_startup", "mem_clients_normal", "mem_clients_slaves", "mem_replication_backlog")
_HISTOGRAM: Final = 24_600
"""Bytes of the latency histogram of each command that was used, from Redis OSS 7.0; measured."""
_KINDS: Final = {
    "string": Kind.STRING,
    "hash": Kind.HASH,
    "set": Kind.SET,
    "zset": Kind.SORTED_SET,
    "list": Kind.LIST,
}
_LENGTHS: Final = {
    Kind.STRING: "STRLEN",
    Kind.HASH: "HLEN",
    Kind.SET: "SCARD",
    Kind.SORTED_SET: "ZCARD",
    Kind.LIST: "LLEN",
}


class MeasureError(Exception):
    """A server that cannot be measured; the message is one line.

    :param no_answer: whether the server did not answer, or refused a command.
    """

    def __init__(self, message: str, *, no_answer: bool = False) -> None:
        super().__init__(message)
        self.no_answer = no_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What a server holds.

    :param data: all keys of the cache, in the mixture of the sample.
    :param sampled: keys that were looked at.
    :param others: sampled keys of types that the model does not describe, such as streams.
    :param shards: of a cluster; 1 with cluster mode disabled.
    :param bytes_per_item: of `used_memory`, without what the server has before the first key.
    :param modelled: bytes a key by the model, for this version and allocator.
    :param operations: average commands a second since the start.
    """

    engine: EngineVersion
    allocator: Allocator
    data: Dataset
    sampled: int
    others: int
    shards: int
    bytes_per_item: float
    modelled: float
    operations: float

    @property
    def factor(self) -> float:
        """Measured bytes for each byte of the model."""
        return self.bytes_per_item / self.modelled


def measure(url: str, password: str | None = None, *, sample: int = SAMPLE) -> Measurement:
    """Look at a server: INFO, and the types and lengths of a sample of keys.

    :param url: such as `rediss://user@host:6379`.
    :param password: of the user, unless the URL contains it.
    :raises MeasureError: without redis-py, without an answer, or with an empty cache.
    """
    try:
        import redis  # noqa: PLC0415 - only this option needs it
    except ImportError:
        raise MeasureError("--measure needs redis-py; install it with: pip install redis") from None
    try:
        given = {} if password is None else {"password": password}
        client = redis.Redis.from_url(
            url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, decode_responses=False, **given
        )
    except ValueError as problem:
        raise MeasureError(f"--measure must be a URL such as rediss://HOST:6379, got {url!r}: {problem}") from None
    try:
        return _measured(client, sample)
    except redis.RedisError as problem:
        cause = " ".join(str(problem).split()) or type(problem).__name__
        raise MeasureError(
            f"--measure {_shown(url)}: {cause}; check the address, TLS (rediss://), the user and its permissions",
            no_answer=True,
        ) from None
    finally:
        client.close()


def _shown(url: str) -> str:
    """The URL without a password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _measured(client: Any, sample: int) -> Measurement:
    info = client.info("everything")
    items = int(client.dbsize())
    if not items:
        raise MeasureError("--measure: the server has no keys; give --items, --key and --value instead")
    shards = _shards(client) if int(info.get("cluster_enabled", 0)) else 0
    shapes = list(_shapes(client, sample))
    known = [shape for shape in shapes if shape is not None]
    if not known:
        raise MeasureError("--measure: no sampled key has a type that the model describes; give --items and --value")
    data = _mixture(known, items)
    engine = _engine(info)
    own = sum(int(info.get(name, 0)) for name in _NOT_KEYS)
    if (engine.major, engine.minor) >= (7, 0):
        own += _HISTOGRAM * sum(name.startswith("latency_percentiles_usec_") for name in info)
    per_item = max(0, int(info["used_memory"]) - own) / items
    slots = -(-SLOTS // shards) if shards else 0
    allocator, modelled = _closest(engine, data, slots, per_item)
    return Measurement(
        engine=engine,
        allocator=allocator,
        data=data.scaled(max(shards, 1)),
        sampled=len(shapes),
        others=len(shapes) - len(known),
        shards=max(shards, 1),
        bytes_per_item=per_item,
        modelled=modelled,
        operations=int(info["total_commands_processed"]) / max(int(info["uptime_in_seconds"]), 1),
    )


def _shards(client: Any) -> int:
    answer = client.execute_command("CLUSTER INFO")
    size = answer.get("cluster_size", 1) if isinstance(answer, dict) else 1
    return max(1, int(size))


def _engine(info: dict[str, Any]) -> EngineVersion:
    name = "valkey" if "valkey_version" in info else "redis"
    major, minor, *_ = str(info[f"{name}_version"]).split(".")
    return EngineVersion(name, int(major), int(minor))


def _closest(engine: EngineVersion, data: Dataset, slots: int, measured: float) -> tuple[Allocator, float]:
    """The allocator with which the model is closest to the measurement, because INFO does not tell its quantum."""
    models = [
        (allocator, MemoryModel(engine, allocator, slots).per_item(data))
        for allocator in (Allocator(ENGINE_QUANTUM), Allocator(DISTRIBUTION_QUANTUM))
    ]
    return min(models, key=lambda model: abs(model[1] - measured))


def _shapes(client: Any, sample: int) -> Iterator[Shape | None]:
    """The shapes of up to this number of keys; None for a type that the model does not describe."""
    left = sample
    batch: list[bytes] = []
    for key in client.scan_iter(count=_BATCH):
        batch.append(key)
        left -= 1
        if len(batch) == _BATCH or not left:
            yield from _described(client, batch)
            batch = []
        if not left:
            return
    if batch:
        yield from _described(client, batch)


def _described(client: Any, keys: list[bytes]) -> Iterator[Shape | None]:
    pipeline = client.pipeline(transaction=False)
    for key in keys:
        pipeline.execute_command("TYPE", key)
        pipeline.execute_command("PTTL", key)
        pipeline.execute_command("OBJECT", "ENCODING", key)
    answers = pipeline.execute(raise_on_error=False)
    first = list(zip(keys, answers[0::3], answers[1::3], answers[2::3], strict=True))
    # A key can have expired since the scan.
    kept = [(key, _text(kind), ttl, _text(encoding)) for key, kind, ttl, encoding in first if _text(kind) != "none"]
    known = [(key, _KINDS[kind], ttl, encoding) for key, kind, ttl, encoding in kept if kind in _KINDS]
    yield from (None for _, kind, _, _ in kept if kind not in _KINDS)
    for key, kind, _, _ in known:
        pipeline.execute_command(_LENGTHS[kind], key)
        pipeline.execute_command(*_members(kind, key))
    answers = pipeline.execute(raise_on_error=False)
    for (key, kind, ttl, encoding), length, members in zip(known, answers[0::2], answers[1::2], strict=True):
        if isinstance(length, int) and length and not isinstance(members, Exception):
            kept_kind = Kind.INTEGER if encoding == "int" else kind
            shape = Shape(kind=kept_kind, key=len(key), ttl=int(ttl) >= 0)
            yield _with_members(shape, length, members)


def _text(answer: Any) -> str:
    return answer.decode() if isinstance(answer, bytes) else str(answer)


def _members(kind: Kind, key: bytes) -> tuple[Any, ...]:
    """The command that reads some members."""
    if kind is Kind.HASH:
        return ("HSCAN", key, 0, "COUNT", _MEMBERS)
    if kind is Kind.SET:
        return ("SRANDMEMBER", key, _MEMBERS)
    if kind is Kind.SORTED_SET:
        return ("ZRANGE", key, 0, _MEMBERS - 1)
    if kind is Kind.LIST:
        return ("LRANGE", key, 0, _MEMBERS - 1)
    return ("EXISTS", key)


def _with_members(shape: Shape, length: int, members: Any) -> Shape:
    """A shape with its value's length, or with the number of its members and their average lengths."""
    if shape.kind is Kind.INTEGER:
        return shape
    if shape.kind is Kind.STRING:
        return replace(shape, value=length)
    if shape.kind is Kind.HASH:
        pairs = members[1]
        fields, values = (list(pairs.keys()), list(pairs.values())) if isinstance(pairs, dict) else _pairs(pairs)
        return replace(shape, count=length, field=_average(fields), value=_average(values))
    return replace(shape, count=length, value=_average(members))


def _pairs(flat: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    return flat[0::2], flat[1::2]


def _average(texts: Iterable[bytes]) -> int:
    lengths = [len(text) for text in texts]
    return round(sum(lengths) / max(len(lengths), 1))


def _mixture(shapes: list[Shape], items: int) -> Dataset:
    """The sampled shapes as populations, with similar lengths joined until there are few of them."""
    for width in _WIDTHS:
        groups = Counter(_rounded(shape, width) for shape in shapes)
        if len(groups) <= _MOST_GROUPS:
            break
    share = items / len(shapes)
    return Dataset(tuple(Population(max(1, round(number * share)), shape) for shape, number in groups.items()))


def _rounded(shape: Shape, width: float) -> Shape:
    def step(length: int) -> int:
        if not width or length < 2:
            return length
        base = math.log1p(width)
        return round(math.exp(round(math.log(length) / base) * base))

    return replace(
        shape,
        key=step(shape.key),
        value=step(shape.value),
        field=step(shape.field),
        count=step(shape.count),
    )

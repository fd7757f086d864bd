"""The conditions for a failover that a client survives, read before anything is changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from elasticache_operations.aws import Aws, Call
from elasticache_operations.context import Context
from elasticache_operations.drills.failover import events
from elasticache_operations.drills.failover.events import MOST_FAILOVERS
from elasticache_operations.drills.record import Record
from elasticache_operations.drills.replication_groups import require_group
from elasticache_operations.errors import InputError, one_of
from elasticache_operations.status import metrics
from elasticache_operations.status.caches import Cache, CacheKind, Member
from elasticache_operations.status.collect import INVENTORY, METRICS, inventory
from elasticache_operations.status.metrics import Key
from elasticache_rules import facts

CALLS: Final[Sequence[Call]] = (*INVENTORY, *events.CALLS, METRICS)
_LAG: Final = "ReplicationLag"
_RECENT: Final = timedelta(minutes=10)
_PERIOD: Final = 60


def group(context: Context, id: str) -> Cache:
    """The replication group with this id.

    :raises InputError: when it does not exist, with ids that are similar; for a cache of another kind.
    """
    (cache,) = inventory(context, [id])
    others = {
        CacheKind.SERVERLESS: "a serverless cache, which ElastiCache fails over itself",
        CacheKind.CLUSTER: "a cluster without replicas",
    }
    return require_group(cache, others)


def shard(cache: Cache, given: str | None) -> str:
    """The shard to fail over: the given one, or the only one.

    :raises InputError: for a shard that does not exist, and for none where there are several.
    """
    shards = sorted({member.shard for member in cache.members})
    if given is None:
        if len(shards) == 1:
            return shards[0]
        raise InputError(f"--shard must be given, because {cache.id} has {len(shards)} shards; add --shard {shards[0]}")
    if given not in shards:
        raise one_of("--shard", given, shards)
    return given


def check(record: Record, context: Context, cache: Cache, shard: str) -> None:
    """Add the conditions of a failover of a shard to the record."""
    nodes = [member for member in cache.members if member.shard == shard]
    replicas = len(nodes) - 1
    record.check(
        "automatic failover",
        cache.automatic_failover,
        "enabled" if cache.automatic_failover else "disabled; enable it, ElastiCache refuses TestFailover without it",
    )
    record.check(
        "Multi-AZ",
        cache.multi_az,
        "enabled" if cache.multi_az else "disabled; enable it, so that a replica is in another zone",
    )
    if record.check("replica", replicas > 0, f"{replicas} of shard {shard}" if replicas else "none; add a replica"):
        record.check("replica in sync", *_in_sync(context.aws, nodes, record.now()))
    record.check("state", *_state(cache, nodes))
    with context.progress.step("reading the events"):
        count = events.test_failovers(events.read(context.aws), record.now())
    record.check(
        "failovers in 24 hours",
        count < MOST_FAILOVERS,
        f"{count} of {MOST_FAILOVERS} that TestFailover allows"
        + ("" if count < MOST_FAILOVERS else "; wait until the oldest is 24 hours ago"),
    )


def _state(cache: Cache, nodes: Sequence[Member]) -> tuple[bool, str]:
    """Whether no change is under way or pending."""
    wait = "wait until it is available, and run the command again"
    if cache.status != "available":
        return False, f"{cache.id} is {cache.status}; {wait}"
    unavailable = [f"{node.cluster} is {node.status}" for node in nodes if node.status != "available"]
    if unavailable:
        return False, f"{', '.join(unavailable)}; {wait}"
    if cache.pending:
        return False, f"pending changes: {', '.join(cache.pending)}; wait for them, or apply them immediately"
    return True, "available, no change pending"


def _in_sync(aws: Aws, nodes: Sequence[Member], now: datetime) -> tuple[bool, str]:
    """Whether a replica has replicated what the primary has written, by the metric ReplicationLag."""
    (row,) = [each for each in facts.load("metric_thresholds")["metrics"] if each["metric"] == _LAG]
    most = float(row["limits"]["high"])
    keys = {
        f"m{number}": Key(_LAG, row["statistic"], node.cluster, node.node)
        for number, node in enumerate(nodes)
        if node.primary is not True
    }
    results = aws.pages(
        "cloudwatch",
        "GetMetricData",
        "MetricDataResults",
        StartTime=now - _RECENT,
        EndTime=now + timedelta(seconds=_PERIOD),
        ScanBy="TimestampAscending",
        MetricDataQueries=[
            {"Id": name, "ReturnData": True, "MetricStat": metrics.statistic(key, _PERIOD)}
            for name, key in keys.items()
        ],
    )
    # The newest value of each replica; a primary has none.
    lags = {key.cluster: series.values[-1] for key, series in metrics.series(results, keys).items()}
    if not lags:
        minutes = _RECENT // timedelta(minutes=1)
        return False, f"not known, no metric {_LAG} in {minutes} minutes; wait for metrics, and run the command again"
    least, name = min((lag, name) for name, lag in lags.items())
    if least > most:
        return False, f"{name} lags by {least:g} s, at most {most:g} s are allowed; wait until it is in sync"
    return True, f"{name} lags by {least * 1000:g} ms"

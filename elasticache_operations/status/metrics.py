"""The CloudWatch metrics of a cache: which are asked for, and the answers as series."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from elasticache_operations.capacity import nodes
from elasticache_operations.status.caches import Cache, CacheKind, Member
from elasticache_operations.status.trend import Series
from elasticache_rules import facts

NAMESPACE: Final = "AWS/ElastiCache"
DAYS: Final = 14
PERIOD: Final = 3600
"""Seconds of one value; CloudWatch keeps these for 455 days."""
_MOST_QUERIES: Final = 500
_MOST_POINTS: Final = 100_800
_MEMCACHED: Final = {
    "CPUUtilization",
    "FreeableMemory",
    "SwapUsage",
    "Evictions",
    "CurrConnections",
    "NewConnections",
    "NetworkBandwidthInAllowanceExceeded",
    "NetworkBandwidthOutAllowanceExceeded",
    "NetworkConntrackAllowanceExceeded",
    "NetworkPacketsPerSecondAllowanceExceeded",
}
_EXTRA: Final = (("NetworkBytesOut", "Sum"), ("NetworkBytesIn", "Sum"), ("BytesUsedForCache", "Maximum"))
"""Metrics without a limit of their own, for advice."""
_MORE_OF_NODES: Final = (("CurrItems", "Maximum"), ("GetTypeCmds", "Sum"), ("SetTypeCmds", "Sum"))
_SERVERLESS: Final = {
    "CacheHitRate",
    "Evictions",
    "CurrConnections",
    "NewConnections",
    "SuccessfulReadRequestLatency",
    "SuccessfulWriteRequestLatency",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One metric of one node, or of a serverless cache; `node` is empty for the latter."""

    metric: str
    statistic: str
    cluster: str
    node: str = ""


Metrics = Mapping[Key, Series]


def keys(cache: Cache) -> Iterator[Key]:
    """The metrics of a cache."""
    if cache.kind is CacheKind.SERVERLESS:
        for row in facts.load("metric_thresholds")["metrics"]:
            if row["applies_to"] == "serverless" or row["metric"] in _SERVERLESS:
                yield Key(row["metric"], row["statistic"], cache.id)
        return
    wanted = [
        (row["metric"], row["statistic"])
        for row in facts.load("metric_thresholds")["metrics"]
        if _applies(row["applies_to"], row["metric"], cache)
    ]
    more = () if cache.engine == "memcached" else _MORE_OF_NODES
    for member in cache.members:
        for metric, statistic in (*wanted, *_EXTRA, *more):
            if metric != "ReplicationLag" or member.primary is not True:
                yield Key(metric, statistic, member.cluster, member.node)


def _applies(kind: str, metric: str, cache: Cache) -> bool:
    if kind == "serverless" or (cache.engine == "memcached" and metric not in _MEMCACHED):
        return False
    if kind == "burstable":
        known = facts.load("node_capacity")["types"]
        return cache.node_type in known and nodes.node_type(cache.node_type).burstable
    return kind != "replica" or len(cache.members) > cache.shards


def of_member(metrics: Metrics, metric: str, statistic: str, member: Member) -> Series | None:
    """The series of one node."""
    return metrics.get(Key(metric, statistic, member.cluster, member.node))


def requests(wanted: Sequence[Key], now: datetime, days: int = DAYS) -> Iterator[tuple[dict[str, Any], dict[str, Key]]]:
    """The arguments of GetMetricData, within its limits, and which id stands for which metric."""
    points = days * 86400 // PERIOD
    size = min(_MOST_QUERIES, max(1, _MOST_POINTS // points))
    for first in range(0, len(wanted), size):
        part = wanted[first : first + size]
        names = {f"m{number}": key for number, key in enumerate(part)}
        yield (
            {
                "StartTime": now - timedelta(days=days),
                "EndTime": now,
                "ScanBy": "TimestampAscending",
                "MetricDataQueries": [
                    {"Id": name, "ReturnData": True, "MetricStat": statistic(key)} for name, key in names.items()
                ],
            },
            names,
        )


def statistic(key: Key, period: int = PERIOD) -> dict[str, Any]:
    """The part MetricStat of a query of GetMetricData.

    :param period: seconds of one value.
    """
    dimensions = [{"Name": "CacheClusterId", "Value": key.cluster}, {"Name": "CacheNodeId", "Value": key.node}]
    if not key.node:
        dimensions = [{"Name": "clusterId", "Value": key.cluster}]
    return {
        "Metric": {"Namespace": NAMESPACE, "MetricName": key.metric, "Dimensions": dimensions},
        "Period": period,
        "Stat": key.statistic,
    }


def series(results: Iterable[Mapping[str, Any]], names: Mapping[str, Key]) -> dict[Key, Series]:
    """The answers of GetMetricData; a metric without values is left out."""
    times: dict[Key, list[tuple[datetime, float]]] = {}
    for result in results:
        pairs = zip(result.get("Timestamps") or (), result.get("Values") or (), strict=True)
        times.setdefault(names[result["Id"]], []).extend(pairs)
    found = {}
    for key, points in times.items():
        if points:
            ordered = sorted(points)
            found[key] = Series(tuple(time for time, _ in ordered), tuple(float(value) for _, value in ordered))
    return found

"""Checks of metrics: each compares the worst node with the limits of the facts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from elasticache_operations.capacity import nodes
from elasticache_operations.status import trend as trends
from elasticache_operations.status.caches import Cache, CacheKind, Member
from elasticache_operations.status.findings import Finding, Outcome, Passed, Severity, Skipped
from elasticache_operations.status.metrics import DAYS, PERIOD, Key, Metrics
from elasticache_operations.status.trend import Series
from elasticache_rules import facts
from elasticache_rules.output import counted

_SMALL: Final = 2
_ORDER: Final = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
_TREND_FIT: Final = 0.5
"""A line that explains less of the variation is no trend."""
_SOON: Final = 90
_MINUTES: Final = PERIOD / 60
_FRAGMENTED: Final = 100 * 2**20
"""Bytes of data below which the engines ignore fragmentation: active-defrag-ignore-bytes."""


@dataclass(frozen=True, slots=True)
class _Check:
    """How a metric is compared.

    :param name: the stable name of the check.
    :param title: of the metric in text.
    :param advice: what to do about a finding.
    :param value: the figure that is compared, from a series.
    """

    name: str
    title: str
    advice: str
    value: Callable[[Series], float]
    unit: str = ""


def _maximum(series: Series) -> float:
    return series.maximum


def _minimum(series: Series) -> float:
    return series.minimum


def _average(series: Series) -> float:
    return series.average


def _per_minute(series: Series) -> float:
    return series.maximum / _MINUTES


def _p95(series: Series) -> float:
    return series.percentile(95)


_NETWORK = "use a node type with a higher baseline bandwidth, or more shards: elasticache advise {id}"
_CHECKS: Final = {
    "DatabaseMemoryUsagePercentage": _Check(
        "memory", "of maxmemory", "use a larger node type or more shards: elasticache advise {id}", _maximum, " %"
    ),
    "EngineCPUUtilization": _Check(
        "engine-cpu", "of the engine's thread (p95)", "find costly commands with SLOWLOG; add shards", _p95, " %"
    ),
    "CPUUtilization": _Check("cpu", "CPU (p95)", "use a larger node type: elasticache advise {id}", _p95, " %"),
    "CPUCreditBalance": _Check(
        "cpu-credits", "CPU credits at least", "use a node type that is not burstable", _minimum
    ),
    "FreeableMemory": _Check(
        "freeable-memory", "bytes freeable at least", "raise reserved-memory-percent, or use a larger node", _minimum
    ),
    "SwapUsage": _Check("swap", "bytes of swap", "raise reserved-memory-percent, or use a larger node", _maximum),
    "Evictions": _Check(
        "evictions", "evictions a minute", "use more memory or shorter TTLs, unless evictions are intended", _per_minute
    ),
    "CacheHitRate": _Check(
        "hit-rate", "hit rate", "look at the TTLs, the evictions and the keys that are asked for", _average, " %"
    ),
    "CurrConnections": _Check(
        "connections", "of maxclients", "use connection pools, and close idle connections", _maximum, " %"
    ),
    "NewConnections": _Check(
        "new-connections", "new connections a minute", "keep connections open, in a pool", _per_minute
    ),
    "RejectedConnections": _Check(
        "rejected-connections", "connections rejected", "use fewer connections, or a larger node", _maximum
    ),
    "ReplicationLag": _Check(
        "replication-lag", "s of replication lag", "write less at once, or use a node with more bandwidth", _maximum
    ),
    "SuccessfulReadRequestLatency": _Check(
        "read-latency", "microseconds a read", "find costly commands with SLOWLOG, and large values", _p95
    ),
    "SuccessfulWriteRequestLatency": _Check(
        "write-latency", "microseconds a write", "find costly commands with SLOWLOG, and large values", _p95
    ),
    "NetworkBandwidthInAllowanceExceeded": _Check("network-in", "packets delayed or lost", _NETWORK, _maximum),
    "NetworkBandwidthOutAllowanceExceeded": _Check("network-out", "packets delayed or lost", _NETWORK, _maximum),
    "NetworkConntrackAllowanceExceeded": _Check(
        "network-connections", "packets lost", "use fewer connections, or a larger node", _maximum
    ),
    "NetworkPacketsPerSecondAllowanceExceeded": _Check(
        "network-packets", "packets delayed or lost", "send commands in pipelines, or use more shards", _maximum
    ),
    "TrafficManagementActive": _Check(
        "traffic-management", "traffic management active", "reduce the load, or use a larger node", _maximum
    ),
    "MemoryFragmentationRatio": _Check(
        "fragmentation", "memory fragmentation", "turn on activedefrag in the parameter group", _p95
    ),
    "ThrottledCmds": _Check("throttled", "commands throttled", "raise the limits of the cache's usage", _maximum),
    "ElastiCacheProcessingUnits": _Check(
        "ecpu", "of the limit of ECPU", "raise the limit of ECPU a second", _maximum, " %"
    ),
    "BytesUsedForCache": _Check(
        "storage", "of the limit of storage", "raise the limit of data storage", _maximum, " %"
    ),
}
NAMES: Final = tuple(check.name for check in _CHECKS.values())


def metric_checks(cache: Cache, metrics: Metrics, wanted: list[Key]) -> Iterator[Outcome]:
    """The outcome of each metric that applies to a cache.

    :param wanted: the metrics that were asked for.
    """
    asked = {key.metric for key in wanted}
    for row in facts.load("metric_thresholds")["metrics"]:
        check = _CHECKS[row["metric"]]
        if row["metric"] not in asked or (row["applies_to"] == "serverless" and cache.kind is not CacheKind.SERVERLESS):
            continue
        reason = _does_not_apply(cache, row["metric"]) or _little_data(row["metric"], metrics)
        if reason is not None:
            yield Skipped(check.name, reason)
            continue
        yield _judged(cache, row, check, metrics)


def _does_not_apply(cache: Cache, metric: str) -> str | None:
    """Why a metric says nothing about a cache."""
    if metric in ("BytesUsedForCache", "ElastiCacheProcessingUnits"):
        limit = cache.storage if metric == "BytesUsedForCache" else cache.units
        return "the cache has no limit of its own" if limit is None else None
    if cache.kind is CacheKind.SERVERLESS:
        return "serverless caches have no node" if metric == "CurrConnections" else None
    if metric in ("EngineCPUUtilization", "CPUUtilization", "CurrConnections"):
        return _depends_on_the_node(cache, metric)
    return None


def _little_data(metric: str, metrics: Metrics) -> str | None:
    """Why fragmentation says nothing: the memory of a small set of data is mostly that of the server itself."""
    if metric != "MemoryFragmentationRatio":
        return None
    used = [series.maximum for key, series in metrics.items() if key.metric == "BytesUsedForCache"]
    return "less than 100 MB of data" if used and max(used) < _FRAGMENTED else None


def _depends_on_the_node(cache: Cache, metric: str) -> str | None:
    """Why a metric of a node type says nothing."""
    if cache.node_type not in facts.load("node_capacity")["types"]:
        return f"the capacity of {cache.node_type or 'this node type'} is not known"
    vcpus = nodes.node_type(cache.node_type).vcpus
    if metric == "CPUUtilization" and vcpus > _SMALL and cache.engine != "memcached":
        return f"{vcpus} vCPUs; engine-cpu tells more"
    if metric == "EngineCPUUtilization" and vcpus <= _SMALL:
        return f"{vcpus} vCPUs; cpu tells more"
    return None


def _judged(cache: Cache, row: Mapping[str, Any], check: _Check, metrics: Metrics) -> Outcome:
    below = bool(row.get("below"))
    found = [(check.value(series), key, series) for key, series in metrics.items() if key.metric == row["metric"]]
    found = [(value, key, series) for value, key, series in found if key.statistic == row["statistic"]]
    if not found:
        return Skipped(check.name, f"CloudWatch has no value of {row['metric']} in {DAYS} days")
    value, key, series = (min if below else max)(found, key=lambda each: each[0])
    scale = _scale(cache, row["metric"])
    value *= scale
    where = "" if len(cache.members) < 2 else f" on {_node(cache, key)}"
    trend = _trend(check, series) if check.name == "memory" else ""
    severity, limit = _severity(row, value, _vcpus(cache) if row["metric"] == "CPUUtilization" else 1)
    shown = f"{_figure(value)}{check.unit} {check.title}"
    if severity is None:
        return _passed(check, series, shown, trend)
    shown += where
    return Finding(
        check=check.name,
        severity=severity,
        text=f"{shown} in {DAYS} days (limit {_figure(limit)}){trend}",
        advice=check.advice.format(id=cache.id),
        value=round(value, 3),
        limit=limit,
        unit=str(row["unit"]),
    )


def _passed(check: _Check, series: Series, shown: str, trend: str) -> Outcome:
    """A metric within its limits, except for memory that will be full soon."""
    line = trends.trend(series) if trend else None
    days = line.days_until(100) if line is not None else None
    if days is not None and days <= _SOON:
        return Finding(
            check=check.name,
            severity=Severity.MEDIUM,
            text=f"{shown}{trend}",
            advice="plan more memory before: elasticache capacity --measure",
            value=round(days, 1),
            limit=_SOON,
            unit="days",
        )
    return Passed(check.name, shown + trend)


def _severity(row: Mapping[str, Any], value: float, divisor: int) -> tuple[Severity | None, float]:
    """The most severe limit that a value passes."""
    for severity in _ORDER:
        if severity.word in row["limits"]:
            limit = float(row["limits"][severity.word]) / divisor
            passes = (value <= limit if limit == 0 else value < limit) if row.get("below") else value > limit
            if passes:
                return severity, limit
    return None, 0.0


def _scale(cache: Cache, metric: str) -> float:
    """The factor that makes a value a percentage of its limit."""
    if metric == "CurrConnections":
        return 100 / facts.maximum_connections(cache.node_type)
    if metric == "BytesUsedForCache" and cache.storage:
        return 100 / cache.storage
    if metric == "ElastiCacheProcessingUnits" and cache.units:
        return 100 / (cache.units * PERIOD)
    return 1.0


def _vcpus(cache: Cache) -> int:
    return 1 if cache.engine == "memcached" else nodes.node_type(cache.node_type).vcpus


def _trend(check: _Check, series: Series) -> str:
    line = trends.trend(series)
    if line is None or line.fit < _TREND_FIT or abs(line.weekly) < 0.1:
        return ""
    days = line.days_until(100)
    full = f"; full in {counted(round(days), 'day')}" if days is not None else ""
    return f"{full} at {line.weekly:+.1f} points a week (R² {line.fit:.2f})"


def _node(cache: Cache, key: Key) -> str:
    members: list[Member] = [member for member in cache.members if member.cluster == key.cluster]
    return key.cluster if len(members) == 1 else f"{key.cluster} node {key.node}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"

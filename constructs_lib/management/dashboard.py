"""A dashboard of a cache: hit rate, evictions, memory, processor, lag, connections, latency."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..caches.memcached_cluster_base import MemcachedClusterBase
from ..caches.replication_group_base import ReplicationGroupBase
from ..caches.serverless_cache_base import ServerlessCacheBase
from .alarms import CacheAlarms

_MOST_NODES: Final = 50
_SUM: Final = "Sum"
_Lines = list[cloudwatch.IMetric]


class CacheDashboard(Construct):
    """A dashboard that answers whether a cache is useful, full, busy or slow.

    Every node has its line, in clusters of more than 50 nodes by a search that finds the nodes as they come and go.

    Example: `CacheDashboard(self, "Dashboard", cache=cache, alarms=alarms)`.

    :param cache: a replication group, a Memcached cluster or a serverless cache, created here or imported. An imported
        replication group needs its cluster mode and its node type, an imported Memcached cluster its number of nodes.
    :param alarms: shown on top. Default: none.
    :param dashboard_name: letters, digits, hyphens and underscores. Default: CloudFormation names it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        cache: ReplicationGroupBase | MemcachedClusterBase | ServerlessCacheBase,
        alarms: CacheAlarms | None = None,
        dashboard_name: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        self._dashboard = cloudwatch.Dashboard(self, "Resource", dashboard_name=dashboard_name)
        if alarms is not None:
            self._dashboard.add_widgets(
                cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms.alarms), width=24)
            )
        if isinstance(cache, ReplicationGroupBase):
            rows = _of_replication_group(cache)
        elif isinstance(cache, MemcachedClusterBase):
            rows = _of_memcached(cache)
        else:
            rows = _of_serverless(cache)
        for row in rows:
            self._dashboard.add_widgets(*row)

    @property
    def dashboard(self) -> cloudwatch.Dashboard:
        """The dashboard, for widgets of your own."""
        return self._dashboard


def _graph(
    title: str,
    lines: _Lines,
    *,
    right: _Lines | None = None,
    unit: str | None = None,
    most: float | None = None,
    mark: float | None = None,
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title,
        left=lines,
        right=right,
        width=6,
        height=6,
        left_y_axis=cloudwatch.YAxisProps(min=0, max=most, label=unit, show_units=unit is None),
        left_annotations=[cloudwatch.HorizontalAnnotation(value=mark)] if mark is not None else None,
        legend_position=cloudwatch.LegendPosition.HIDDEN if len(lines) > 6 else cloudwatch.LegendPosition.BOTTOM,
    )


def _of_replication_group(cache: ReplicationGroupBase) -> Sequence[Sequence[cloudwatch.IWidget]]:
    metrics, layout = cache.metrics, cache.cluster_mode.nodes_by_shard
    searched = sum(layout) > _MOST_NODES

    def each(name: str, statistic: str = cloudwatch.Stats.AVERAGE) -> _Lines:
        if searched:
            return [metrics.search(name, statistic=statistic)]
        return [
            metrics.metric(name, shard=shard, node=node, statistic=statistic)
            for shard, nodes in enumerate(layout, start=1)
            for node in range(1, nodes + 1)
        ]

    def total(name: str, prefix: str) -> tuple[str, dict[str, cloudwatch.IMetric]]:
        if searched:
            return f"SUM({metrics.search_text(name, statistic=_SUM)})", {}
        lines = {f"{prefix}{number}": line for number, line in enumerate(each(name, _SUM))}
        return f"SUM([{','.join(lines)}])", lines

    hits, of_hits = total("CacheHits", "h")
    misses, of_misses = total("CacheMisses", "m")
    rate = cloudwatch.MathExpression(
        expression=f"100*{hits}/({hits}+{misses})",
        using_metrics={**of_hits, **of_misses},
        label="hit rate",
        search_region=metrics.region,
        search_account=metrics.account,
    )
    memory = "DatabaseCapacityUsagePercentage" if cache.data_tiering else "DatabaseMemoryUsagePercentage"
    lag = each("ReplicationLag") if max(layout) > 1 else []
    return [
        [
            _graph("Hit rate", [rate], unit="percent", most=100),
            _graph("Evictions", each("Evictions", _SUM)),
            _graph("Memory for data", each(memory), unit="percent", most=100, mark=80),
            _graph("Engine's processor", each("EngineCPUUtilization"), unit="percent", most=100, mark=90),
        ],
        [
            _graph("Connections", each("CurrConnections"), right=each("NewConnections", _SUM)),
            _graph("Latency of reading", each("GetTypeCmdsLatency"), unit="microseconds"),
            _graph("Latency of writing", each("SetTypeCmdsLatency"), unit="microseconds"),
            _graph("Replication lag", lag, unit="seconds") if lag else _graph("Swap", each("SwapUsage"), unit="bytes"),
        ],
        [
            _graph("Network in", each("NetworkBytesIn", _SUM), unit="bytes"),
            _graph("Network out", each("NetworkBytesOut", _SUM), unit="bytes"),
            _graph("Keys", each("CurrItems")),
            _graph("Host's processor", each("CPUUtilization"), unit="percent", most=100),
        ],
    ]


def _of_memcached(cache: MemcachedClusterBase) -> Sequence[Sequence[cloudwatch.IWidget]]:
    metrics = cache.metrics

    def each(name: str, statistic: str = cloudwatch.Stats.AVERAGE) -> _Lines:
        return [metrics.metric(name, node=node, statistic=statistic) for node in range(1, cache.nodes + 1)]

    rate = cloudwatch.MathExpression(
        expression="100*hits/(hits+misses)",
        using_metrics={"hits": metrics.get_hits(), "misses": metrics.get_misses()},
        label="hit rate",
    )
    return [
        [
            _graph("Hit rate", [rate], unit="percent", most=100),
            _graph("Evictions", each("Evictions", _SUM)),
            _graph("Items", each("BytesUsedForCacheItems"), unit="bytes"),
            _graph("Processor", each("CPUUtilization"), unit="percent", most=100, mark=90),
        ],
        [
            _graph("Connections", each("CurrConnections"), right=each("NewConnections", _SUM)),
            _graph("Swap", each("SwapUsage"), unit="bytes", mark=50 * 1024 * 1024),
            _graph("Free memory", each("FreeableMemory"), unit="bytes"),
            _graph("Network", each("NetworkBytesIn", _SUM), right=each("NetworkBytesOut", _SUM)),
        ],
    ]


def _of_serverless(cache: ServerlessCacheBase) -> Sequence[Sequence[cloudwatch.IWidget]]:
    metrics = cache.metrics
    return [
        [
            _graph("Hit rate", [metrics.cache_hit_rate()], unit="percent", most=100),
            _graph("Evictions", [metrics.evictions()]),
            _graph("Storage", [metrics.bytes_used_for_cache()], unit="bytes"),
            _graph("ECPU", [metrics.elasticache_processing_units()]),
        ],
        [
            _graph("Connections", [metrics.curr_connections()]),
            _graph("Latency of reading", [metrics.successful_read_request_latency()], unit="microseconds"),
            _graph("Latency of writing", [metrics.successful_write_request_latency()], unit="microseconds"),
            _graph("Throttled commands", [metrics.throttled_cmds()]),
        ],
    ]

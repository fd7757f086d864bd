"""A dashboard of a cache: hit rate, evictions, memory, CPU, replication lag, connections, latency."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from elasticache_rules import facts

from ..caches.memcached_cluster_base import MemcachedClusterBase
from ..caches.replication_group_base import ReplicationGroupBase
from ..caches.serverless_cache_base import ServerlessCacheBase
from .alarms import CacheAlarms

_MAX_LINES: Final = 50
_SUM: Final = "Sum"
_BUSY_PERCENT: Final[float] = facts.load("node_sizes")["busy_percent_of_a_core"]
_SWAP_BYTES: Final[float] = facts.load("node_sizes")["swap_bytes"]
_Lines = list[cloudwatch.IMetric]


class CacheDashboard(Construct):
    """A CloudWatch dashboard with the hit rate, the memory usage, the load and the latency of a cache.

    Each node has a line in every graph. For more than 50 nodes, a search expression finds the current nodes.

    ```python
    alarms = CacheAlarms(self, "Alarms", cache=cache)
    CacheDashboard(self, "Dashboard", cache=cache, alarms=alarms)
    ```

    :param cache: a replication group, a Memcached cluster or a serverless cache, created here or imported. An imported
        replication group needs its cluster mode and its node type, an imported Memcached cluster its number of nodes.
    :param alarms: alarms to show at the top. Default: none.
    :param dashboard_name: letters, digits, hyphens and underscores. Default: CloudFormation generates a name.
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
        """The dashboard, to add widgets."""
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
    uses_search = sum(layout) > _MAX_LINES

    def per_node(name: str, statistic: str = cloudwatch.Stats.AVERAGE) -> _Lines:
        if uses_search:
            return [metrics.search(name, statistic=statistic)]
        return [
            metrics.metric(name, shard=shard, node=node, statistic=statistic)
            for shard, nodes in enumerate(layout, start=1)
            for node in range(1, nodes + 1)
        ]

    def total(name: str, prefix: str) -> tuple[str, dict[str, cloudwatch.IMetric]]:
        if uses_search:
            return f"SUM({metrics.search_text(name, statistic=_SUM)})", {}
        lines = {f"{prefix}{number}": line for number, line in enumerate(per_node(name, _SUM))}
        return f"SUM([{','.join(lines)}])", lines

    hits, hit_lines = total("CacheHits", "h")
    misses, miss_lines = total("CacheMisses", "m")
    rate = cloudwatch.MathExpression(
        expression=f"100*{hits}/({hits}+{misses})",
        using_metrics={**hit_lines, **miss_lines},
        label="hit rate",
        search_region=metrics.region,
        search_account=metrics.account,
    )
    memory = "DatabaseCapacityUsagePercentage" if cache.data_tiering else "DatabaseMemoryUsagePercentage"
    lag = per_node("ReplicationLag") if max(layout) > 1 else []
    return [
        [
            _graph("Hit rate", [rate], unit="percent", most=100),
            _graph("Evictions", per_node("Evictions", _SUM)),
            _graph("Memory for data", per_node(memory), unit="percent", most=100, mark=80),
            _graph(
                "Engine's processor", per_node("EngineCPUUtilization"), unit="percent", most=100, mark=_BUSY_PERCENT
            ),
        ],
        [
            _graph("Connections", per_node("CurrConnections"), right=per_node("NewConnections", _SUM)),
            _graph("Latency of reading", per_node("GetTypeCmdsLatency"), unit="microseconds"),
            _graph("Latency of writing", per_node("SetTypeCmdsLatency"), unit="microseconds"),
            _graph("Replication lag", lag, unit="seconds")
            if lag
            else _graph("Swap", per_node("SwapUsage"), unit="bytes"),
        ],
        [
            _graph("Network in", per_node("NetworkBytesIn", _SUM), unit="bytes"),
            _graph("Network out", per_node("NetworkBytesOut", _SUM), unit="bytes"),
            _graph("Keys", per_node("CurrItems")),
            _graph("Host's processor", per_node("CPUUtilization"), unit="percent", most=100),
        ],
    ]


def _of_memcached(cache: MemcachedClusterBase) -> Sequence[Sequence[cloudwatch.IWidget]]:
    metrics = cache.metrics

    def per_node(name: str, statistic: str = cloudwatch.Stats.AVERAGE) -> _Lines:
        return [metrics.metric(name, node=node, statistic=statistic) for node in range(1, cache.nodes + 1)]

    rate = cloudwatch.MathExpression(
        expression="100*hits/(hits+misses)",
        using_metrics={"hits": metrics.get_hits(), "misses": metrics.get_misses()},
        label="hit rate",
    )
    return [
        [
            _graph("Hit rate", [rate], unit="percent", most=100),
            _graph("Evictions", per_node("Evictions", _SUM)),
            _graph("Items", per_node("BytesUsedForCacheItems"), unit="bytes"),
            _graph("Processor", per_node("CPUUtilization"), unit="percent", most=100, mark=_BUSY_PERCENT),
        ],
        [
            _graph("Connections", per_node("CurrConnections"), right=per_node("NewConnections", _SUM)),
            _graph("Swap", per_node("SwapUsage"), unit="bytes", mark=_SWAP_BYTES),
            _graph("Free memory", per_node("FreeableMemory"), unit="bytes"),
            _graph("Network", per_node("NetworkBytesIn", _SUM), right=per_node("NetworkBytesOut", _SUM)),
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

"""Recommended alarms of a cache, with thresholds based on its node type and usage limits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from elasticache_rules import facts

from .._core.aws_resource import require_same_environment
from .._core.checking import error, must_be_known, problem
from ..caches.memcached_cluster_base import MemcachedClusterBase
from ..caches.replication_group_base import ReplicationGroupBase
from ..caches.serverless_cache_base import ServerlessCacheBase
from ..values.node_type import NodeType

_MAX_ALARMS: Final = 400
_PERIOD_MINUTES: Final = 5


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmThresholds:
    """The thresholds of `CacheAlarms`; None omits an alarm.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html

    ```python
    thresholds = AlarmThresholds(memory_percent=70, swap_bytes=None)
    CacheAlarms(self, "Alarms", cache=cache, thresholds=thresholds)
    ```

    :param cpu_percent: the CPU usage in percent: of one vCPU for redis and valkey, whose engine has one main thread; of
        all vCPUs for memcached. Default: 90.
    :param memory_percent: the usage in percent of the memory for data, with data tiering of memory and disk, and for a
        serverless cache of the storage limit. Default: 80.
    :param connections_percent: the connections in percent of the limit of the node type: 65,000, or 20,000 on a
        `t4g.micro` and 46,000 on a `t3.small`, for example. Default: 80.
    :param replication_lag_seconds: the delay of a replica in seconds. Default: 10.
    :param authentication_failures: the number of failures on a node in five minutes. Default: 10.
    :param swap_bytes: the swap usage of a memcached node in bytes. Default: 50 MiB.
    :param ecpu_percent: the usage in percent of the ECPU limit of a serverless cache. Default: 80.
    :raises ValueError: for a percentage out of the range 1 to 100, or a token.
    """

    cpu_percent: float | None = 90
    memory_percent: float | None = 80
    connections_percent: float | None = 80
    replication_lag_seconds: float | None = 10
    authentication_failures: int | None = 10
    swap_bytes: int | None = 52_428_800
    ecpu_percent: float | None = 80

    def __post_init__(self) -> None:
        for name in ("cpu_percent", "memory_percent", "connections_percent", "ecpu_percent"):
            value = getattr(self, name)
            # Thresholds are computed from percentages at synth.
            must_be_known("AlarmThresholds", name, value)
            if value is not None and not 1 <= value <= 100:
                raise error("AlarmThresholds", name, "be 1 to 100", value, "choose a number in that range, or None")


@dataclass(frozen=True, slots=True)
class _AlarmSpec:
    """The settings of one alarm."""

    id: str
    metric: cloudwatch.IMetric
    threshold: float
    what: str
    periods: int = 3


class CacheAlarms(Construct):
    """The recommended alarms of a cache: a set of alarms for each shard, memcached node or serverless cache.

    For redis and valkey: CPU, memory, connections, replication lag, network bandwidth and authentication failures, over
    all nodes of a shard, because a failover changes the primary. The CPU alarm uses CPUUtilization on nodes with up to
    2 vCPUs, with a threshold relative to one vCPU, and EngineCPUUtilization on larger nodes. For memcached: CPU, swap
    and connections. For serverless caches: throttled commands, and storage and ECPU if they have a limit.

    ```python
    CacheAlarms(self, "Alarms", cache=cache, topic=topic)
    ```

    :param cache: a replication group, a Memcached cluster or a serverless cache, created here or imported. An imported
        replication group needs its cluster mode and its node type, an imported Memcached cluster its number of nodes.
    :param topic: the SNS topic that is notified when an alarm starts and ends. Default: none.
    :param thresholds: the thresholds. Default: `AlarmThresholds()`.
    :raises ValueError: for more than 400 alarms, because a stack can have 500 resources, for a cache of another region,
        and for an imported cache without the attributes that the alarms need.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        cache: ReplicationGroupBase | MemcachedClusterBase | ServerlessCacheBase,
        topic: sns.ITopic | None = None,
        thresholds: AlarmThresholds | None = None,
    ) -> None:
        super().__init__(scope, id)
        require_same_environment(self, "cache", cache, other_account=True)
        limits = thresholds or AlarmThresholds()
        if isinstance(cache, ReplicationGroupBase):
            specs = list(_of_replication_group(cache, limits))
        elif isinstance(cache, MemcachedClusterBase):
            specs = list(_of_memcached(cache, limits))
        else:
            specs = list(_of_serverless(cache, limits))
        if len(specs) > _MAX_ALARMS:
            raise problem(
                self,
                f"{cache.node.path} needs {len(specs)} alarms, and a stack can have at most {_MAX_ALARMS}",
                "set thresholds to None to omit alarms, and create the other alarms in a separate stack",
            )
        self._alarms = tuple(self._alarm(spec, topic) for spec in specs)

    def _alarm(self, spec: _AlarmSpec, topic: sns.ITopic | None) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            spec.id,
            metric=spec.metric,
            threshold=spec.threshold,
            evaluation_periods=spec.periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=spec.what,
        )
        if topic is not None:
            action = actions.SnsAction(topic)
            alarm.add_alarm_action(action)
            alarm.add_ok_action(action)
        return alarm

    @property
    def alarms(self) -> tuple[cloudwatch.Alarm, ...]:
        """The alarms, to add actions or to show them on a dashboard."""
        return self._alarms


def _of_replication_group(cache: ReplicationGroupBase, limits: AlarmThresholds) -> Iterator[_AlarmSpec]:
    for shard, nodes in enumerate(cache.cluster_mode.nodes_by_shard, start=1):
        suffix = f"{shard:04d}" if cache.metrics.numbered_shards else ""
        where = f"shard {shard} of {cache.node.path}" if suffix else cache.node.path

        def over(
            name: str, statistic: str = cloudwatch.Stats.AVERAGE, shard: int = shard, nodes: int = nodes
        ) -> cloudwatch.IMetric:
            return cache.metrics.shard(name, shard=shard, nodes=nodes, statistic=statistic)

        if limits.cpu_percent is not None:
            name, threshold = _processor(cache.node_type, limits.cpu_percent)
            yield _AlarmSpec(f"Cpu{suffix}", over(name), threshold, f"{name} of {where}: scale up or out")
        if limits.memory_percent is not None:
            name = "DatabaseCapacityUsagePercentage" if cache.data_tiering else "DatabaseMemoryUsagePercentage"
            yield _AlarmSpec(
                f"Memory{suffix}", over(name), limits.memory_percent, f"{name} of {where}: evictions are near"
            )
        if limits.connections_percent is not None:
            threshold = cache.node_type.maximum_connections * limits.connections_percent / 100
            yield _AlarmSpec(
                f"Connections{suffix}",
                over("CurrConnections"),
                threshold,
                f"CurrConnections of {where}: clients leak them",
            )
        if limits.replication_lag_seconds is not None and nodes > 1:
            yield _AlarmSpec(
                f"ReplicationLag{suffix}",
                over("ReplicationLag"),
                limits.replication_lag_seconds,
                f"ReplicationLag of {where}: a failover would lose these seconds",
            )
        for name in ("NetworkBandwidthInAllowanceExceeded", "NetworkBandwidthOutAllowanceExceeded"):
            short = name.removeprefix("NetworkBandwidth").removesuffix("AllowanceExceeded")
            yield _AlarmSpec(
                f"Bandwidth{short}{suffix}", over(name, cloudwatch.Stats.SUM), 1, f"{name} of {where}: packets wait"
            )
        if limits.authentication_failures is not None:
            yield _AlarmSpec(
                f"AuthenticationFailures{suffix}",
                over("AuthenticationFailures", cloudwatch.Stats.SUM),
                limits.authentication_failures,
                f"AuthenticationFailures of {where}: a wrong credential is in use",
                1,
            )


def _of_memcached(cache: MemcachedClusterBase, limits: AlarmThresholds) -> Iterator[_AlarmSpec]:
    for node in range(1, cache.nodes + 1):
        suffix, where, metrics = f"{node:04d}", f"node {node} of {cache.node.path}", cache.metrics
        if limits.cpu_percent is not None:
            yield _AlarmSpec(
                f"Cpu{suffix}",
                metrics.cpu_utilization(node=node),
                limits.cpu_percent,
                f"CPUUtilization of {where}: scale up or out",
            )
        if limits.swap_bytes is not None:
            yield _AlarmSpec(
                f"Swap{suffix}",
                metrics.swap_usage(node=node),
                limits.swap_bytes,
                f"SwapUsage of {where}: raise memcached_connections_overhead, or take larger nodes",
            )
        if limits.connections_percent is not None:
            yield _AlarmSpec(
                f"Connections{suffix}",
                metrics.curr_connections(node=node),
                facts.load("node_sizes")["memcached_connections"] * limits.connections_percent / 100,
                f"CurrConnections of {where}: clients leak them",
            )


def _of_serverless(cache: ServerlessCacheBase, limits: AlarmThresholds) -> Iterator[_AlarmSpec]:
    where, usage, seconds = cache.node.path, cache.usage_limits, cdk.Duration.minutes(_PERIOD_MINUTES).to_seconds()
    yield _AlarmSpec("Throttled", cache.metrics.throttled_cmds(), 1, f"ThrottledCmds of {where}: raise the ECPU limit")
    if usage.maximum_storage is not None and limits.memory_percent is not None:
        most = usage.maximum_storage.to_bytes() * limits.memory_percent / 100
        yield _AlarmSpec(
            "Storage", cache.metrics.bytes_used_for_cache(), most, f"BytesUsedForCache of {where}: evictions are near"
        )
    if usage.maximum_ecpu_per_second is not None and limits.ecpu_percent is not None:
        most = usage.maximum_ecpu_per_second * seconds * limits.ecpu_percent / 100
        yield _AlarmSpec(
            "Ecpu",
            cache.metrics.elasticache_processing_units(),
            most,
            f"ElastiCacheProcessingUnits of {where}: throttling is near",
        )


def _processor(node_type: NodeType, percent: float) -> tuple[str, float]:
    """The metric that shows the load of the engine, and its threshold."""
    vcpus = node_type.vcpus
    if vcpus is not None and vcpus <= 2:
        return "CPUUtilization", percent / vcpus
    return "EngineCPUUtilization", percent

"""Recommended alarms of a cache, with thresholds that follow from its node type and its limits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from elasticache_rules import facts

from .._core.checking import error, must_be_known
from ..caches.memcached_cluster_base import MemcachedClusterBase
from ..caches.replication_group_base import ReplicationGroupBase
from ..caches.serverless_cache_base import ServerlessCacheBase
from ..values.node_type import NodeType

_MOST_ALARMS: Final = 400
_PERIOD_MINUTES: Final = 5


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmThresholds:
    """When an alarm goes off; None leaves that alarm out.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html

    :param cpu_percent: of one processor, for redis and valkey, whose engine has one main thread; of the whole node for
        memcached. Default: 90.
    :param memory_percent: of the memory for data, or with data tiering of memory and disk; of the storage limit of a
        serverless cache. Default: 80.
    :param connections_percent: of the clients that a node takes: 65,000, or 20,000 on a `t4g.micro` and 46,000 on a
        `t3.small`, for example. Default: 80.
    :param replication_lag_seconds: of a replica behind its primary. Default: 10.
    :param authentication_failures: in five minutes, of a node. Default: 10.
    :param swap_bytes: of a memcached node. Default: 50 MB.
    :param ecpu_percent: of the ECPU limit of a serverless cache. Default: 80.
    :raises ValueError: for a percentage outside 1 to 100.
    """

    cpu_percent: float | None = facts.load("node_sizes")["busy_percent_of_a_core"]
    memory_percent: float | None = 80
    connections_percent: float | None = 80
    replication_lag_seconds: float | None = 10
    authentication_failures: int | None = 10
    swap_bytes: int | None = facts.load("node_sizes")["swap_bytes"]
    ecpu_percent: float | None = 80

    def __post_init__(self) -> None:
        for name in ("cpu_percent", "memory_percent", "connections_percent", "ecpu_percent"):
            value = getattr(self, name)
            # Thresholds are computed from percentages.
            must_be_known("AlarmThresholds", name, value)
            if value is not None and not 1 <= value <= 100:
                raise ValueError(
                    f"AlarmThresholds: {name} must be 1 to 100, got {value}; choose a number in that range, or None"
                )


@dataclass(frozen=True, slots=True)
class _Watched:
    """One alarm to be."""

    id: str
    metric: cloudwatch.IMetric
    threshold: float
    what: str
    periods: int = 3


class CacheAlarms(Construct):
    """Alarms on what ends a cache's service, one of each kind for every shard, node or serverless cache.

    For redis and valkey: processor, memory, connections, replication lag, bandwidth and refused logins, over all
    nodes of a shard, since the primary moves. On nodes with up to 2 vCPU the host's CPUUtilization is watched, at 90
    percent of one processor; on larger ones EngineCPUUtilization. For memcached: processor, swap, connections. For
    serverless caches: throttled commands, and storage and ECPU where they have a limit.

    Example: `CacheAlarms(self, "Alarms", cache=cache, topic=topic)`.

    :param cache: a replication group, a Memcached cluster or a serverless cache, created here or imported. An imported
        replication group needs its cluster mode and its node type, an imported Memcached cluster its number of nodes.
    :param topic: the SNS topic for alarms and their end. Default: none.
    :param thresholds: when an alarm goes off. Default: `AlarmThresholds()`.
    :raises ValueError: when there would be more than 400 alarms, because a stack holds 500 resources, and for an
        imported cache whose layout is not known.
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
        limits = thresholds or AlarmThresholds()
        if isinstance(cache, ReplicationGroupBase):
            watched = list(_of_replication_group(cache, limits))
        elif isinstance(cache, MemcachedClusterBase):
            watched = list(_of_memcached(cache, limits))
        else:
            watched = list(_of_serverless(cache, limits))
        if len(watched) > _MOST_ALARMS:
            raise error(
                self,
                "cache",
                f"need at most {_MOST_ALARMS} alarms in one stack",
                f"{len(watched)} for {cache.node.path}",
                "leave kinds out by None in thresholds, and put the others into a stack of their own",
            )
        self._alarms = tuple(self._alarm(each, topic) for each in watched)

    def _alarm(self, watched: _Watched, topic: sns.ITopic | None) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            watched.id,
            metric=watched.metric,
            threshold=watched.threshold,
            evaluation_periods=watched.periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=watched.what,
        )
        if topic is not None:
            action = actions.SnsAction(topic)
            alarm.add_alarm_action(action)
            alarm.add_ok_action(action)
        return alarm

    @property
    def alarms(self) -> tuple[cloudwatch.Alarm, ...]:
        """The alarms, for further actions and for dashboards."""
        return self._alarms


def _of_replication_group(cache: ReplicationGroupBase, limits: AlarmThresholds) -> Iterator[_Watched]:
    for shard, nodes in enumerate(cache.cluster_mode.nodes_by_shard, start=1):
        suffix = f"{shard:04d}" if cache.metrics.numbered_shards else ""
        where = f"shard {shard} of {cache.node.path}" if suffix else cache.node.path

        def over(
            name: str, statistic: str = cloudwatch.Stats.AVERAGE, shard: int = shard, nodes: int = nodes
        ) -> cloudwatch.IMetric:
            return cache.metrics.shard(name, shard=shard, nodes=nodes, statistic=statistic)

        if limits.cpu_percent is not None:
            name, threshold = _processor(cache.node_type, limits.cpu_percent)
            yield _Watched(f"Cpu{suffix}", over(name), threshold, f"{name} of {where}: scale up or out")
        if limits.memory_percent is not None:
            name = "DatabaseCapacityUsagePercentage" if cache.data_tiering else "DatabaseMemoryUsagePercentage"
            yield _Watched(
                f"Memory{suffix}", over(name), limits.memory_percent, f"{name} of {where}: evictions are near"
            )
        if limits.connections_percent is not None:
            threshold = cache.node_type.maximum_connections * limits.connections_percent / 100
            yield _Watched(
                f"Connections{suffix}",
                over("CurrConnections"),
                threshold,
                f"CurrConnections of {where}: clients leak them",
            )
        if limits.replication_lag_seconds is not None and nodes > 1:
            yield _Watched(
                f"ReplicationLag{suffix}",
                over("ReplicationLag"),
                limits.replication_lag_seconds,
                f"ReplicationLag of {where}: a failover would lose these seconds",
            )
        for name in ("NetworkBandwidthInAllowanceExceeded", "NetworkBandwidthOutAllowanceExceeded"):
            short = name.removeprefix("NetworkBandwidth").removesuffix("AllowanceExceeded")
            yield _Watched(
                f"Bandwidth{short}{suffix}", over(name, cloudwatch.Stats.SUM), 1, f"{name} of {where}: packets wait"
            )
        if limits.authentication_failures is not None:
            yield _Watched(
                f"AuthenticationFailures{suffix}",
                over("AuthenticationFailures", cloudwatch.Stats.SUM),
                limits.authentication_failures,
                f"AuthenticationFailures of {where}: a wrong credential is in use",
                1,
            )


def _of_memcached(cache: MemcachedClusterBase, limits: AlarmThresholds) -> Iterator[_Watched]:
    for node in range(1, cache.nodes + 1):
        suffix, where, metrics = f"{node:04d}", f"node {node} of {cache.node.path}", cache.metrics
        if limits.cpu_percent is not None:
            yield _Watched(
                f"Cpu{suffix}",
                metrics.cpu_utilization(node=node),
                limits.cpu_percent,
                f"CPUUtilization of {where}: scale up or out",
            )
        if limits.swap_bytes is not None:
            yield _Watched(
                f"Swap{suffix}",
                metrics.swap_usage(node=node),
                limits.swap_bytes,
                f"SwapUsage of {where}: raise memcached_connections_overhead, or take larger nodes",
            )
        if limits.connections_percent is not None:
            yield _Watched(
                f"Connections{suffix}",
                metrics.curr_connections(node=node),
                facts.load("node_sizes")["memcached_connections"] * limits.connections_percent / 100,
                f"CurrConnections of {where}: clients leak them",
            )


def _of_serverless(cache: ServerlessCacheBase, limits: AlarmThresholds) -> Iterator[_Watched]:
    where, usage, seconds = cache.node.path, cache.usage_limits, cdk.Duration.minutes(_PERIOD_MINUTES).to_seconds()
    yield _Watched("Throttled", cache.metrics.throttled_cmds(), 1, f"ThrottledCmds of {where}: raise the ECPU limit")
    if usage.maximum_storage is not None and limits.memory_percent is not None:
        most = usage.maximum_storage.to_bytes() * limits.memory_percent / 100
        yield _Watched(
            "Storage", cache.metrics.bytes_used_for_cache(), most, f"BytesUsedForCache of {where}: evictions are near"
        )
    if usage.maximum_ecpu_per_second is not None and limits.ecpu_percent is not None:
        most = usage.maximum_ecpu_per_second * seconds * limits.ecpu_percent / 100
        yield _Watched(
            "Ecpu",
            cache.metrics.elasticache_processing_units(),
            most,
            f"ElastiCacheProcessingUnits of {where}: throttling is near",
        )


def _processor(node_type: NodeType, percent: float) -> tuple[str, float]:
    """Which processor metric tells of a busy engine, and from which value."""
    vcpus = node_type.vcpus
    if vcpus is not None and vcpus <= 2:
        return "CPUUtilization", percent / vcpus
    return "EngineCPUUtilization", percent

"""CloudWatch metrics of a replication group's nodes, by their official names."""

from dataclasses import dataclass
from typing import Final, final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

NAMESPACE: Final = "AWS/ElastiCache"


@final
@dataclass(frozen=True, slots=True)
class ReplicationGroupMetrics:
    """Metrics per node; a node is named by its shard and its number in it, both from 1.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html

    :param replication_group_id: the group.
    :param numbered_shards: whether node ids carry the shard (`<id>-0001-001`), as with cluster mode enabled,
        or not (`<id>-001`).
    """

    replication_group_id: str
    numbered_shards: bool

    def metric(
        self,
        name: str,
        *,
        shard: int = 1,
        node: int = 1,
        statistic: str = cloudwatch.Stats.AVERAGE,
        period: cdk.Duration | None = None,
    ) -> cloudwatch.Metric:
        """Any metric of a node.

        :param name: the official name, such as `EngineCPUUtilization`.
        :param shard: 1 and up; only 1 outside cluster mode.
        :param node: 1 and up. Which node is the primary changes with each failover.
        :param statistic: Default: the average.
        :param period: Default: five minutes.
        :raises ValueError: for a shard that cannot be.
        """
        if shard != 1 and not self.numbered_shards:
            raise ValueError(f"metric: shard must be 1 outside cluster mode enabled, got {shard}; leave it out")
        middle = f"-{shard:04d}" if self.numbered_shards else ""
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={
                "CacheClusterId": f"{self.replication_group_id}{middle}-{node:03d}",
                "CacheNodeId": "0001",
            },
            statistic=statistic,
            period=period,
        )

    def cpu_utilization(self, *, shard: int = 1, node: int = 1) -> cloudwatch.Metric:
        """CPUUtilization: percent of the whole host."""
        return self.metric("CPUUtilization", shard=shard, node=node)

    def engine_cpu_utilization(self, *, shard: int = 1, node: int = 1) -> cloudwatch.Metric:
        """EngineCPUUtilization: percent of the engine's own thread."""
        return self.metric("EngineCPUUtilization", shard=shard, node=node)

    def database_memory_usage_percentage(self, *, shard: int = 1, node: int = 1) -> cloudwatch.Metric:
        """DatabaseMemoryUsagePercentage: percent of the memory for data."""
        return self.metric("DatabaseMemoryUsagePercentage", shard=shard, node=node)

    def curr_connections(self, *, shard: int = 1, node: int = 1) -> cloudwatch.Metric:
        """CurrConnections: how many clients are connected, replicas aside."""
        return self.metric("CurrConnections", shard=shard, node=node)

    def replication_lag(self, *, shard: int = 1, node: int = 2) -> cloudwatch.Metric:
        """ReplicationLag: seconds that a replica is behind its primary. Default node: 2, a replica at first."""
        return self.metric("ReplicationLag", shard=shard, node=node)

    def evictions(self, *, shard: int = 1, node: int = 1) -> cloudwatch.Metric:
        """Evictions: keys removed for want of memory, a sum."""
        return self.metric("Evictions", shard=shard, node=node, statistic=cloudwatch.Stats.SUM)

    def cache_hits(self, *, shard: int = 1, node: int = 1) -> cloudwatch.Metric:
        """CacheHits: reads that found their key, a sum."""
        return self.metric("CacheHits", shard=shard, node=node, statistic=cloudwatch.Stats.SUM)

    def cache_misses(self, *, shard: int = 1, node: int = 1) -> cloudwatch.Metric:
        """CacheMisses: reads that did not, a sum."""
        return self.metric("CacheMisses", shard=shard, node=node, statistic=cloudwatch.Stats.SUM)

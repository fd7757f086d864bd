"""CloudWatch metrics of caches, by their official names and with the dimensions that carry them."""

from dataclasses import dataclass
from typing import Final, Literal, final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

NAMESPACE: Final = "AWS/ElastiCache"
Aggregate = Literal["AVG", "MAX", "MIN", "SUM"]
"""What becomes of the values of several nodes; CloudWatch's own names."""


@final
@dataclass(frozen=True, slots=True)
class ReplicationGroupMetrics:
    """Metrics per node, per shard and of the whole group; shards and nodes are numbered from 1.

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
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={"CacheClusterId": self.node_id(shard=shard, node=node), "CacheNodeId": "0001"},
            statistic=statistic,
            period=period,
        )

    def node_id(self, *, shard: int = 1, node: int = 1) -> str:
        """The id that a node has as a cache cluster: `<id>-0001-001`, or `<id>-001` outside cluster mode enabled.

        :raises ValueError: for a shard that cannot be.
        """
        if shard != 1 and not self.numbered_shards:
            raise ValueError(f"metric: shard must be 1 outside cluster mode enabled, got {shard}; leave it out")
        middle = f"-{shard:04d}" if self.numbered_shards else ""
        return f"{self.replication_group_id}{middle}-{node:03d}"

    def shard(
        self,
        name: str,
        *,
        shard: int = 1,
        nodes: int,
        aggregate: Aggregate = "MAX",
        statistic: str = cloudwatch.Stats.AVERAGE,
        period: cdk.Duration | None = None,
    ) -> cloudwatch.MathExpression:
        """A metric over all nodes of a shard, whichever of them is the primary.

        :param nodes: how many the shard has, 1 to 6.
        :param aggregate: what becomes of the nodes' values. Default: the highest.
        :param statistic: of each node. Default: the average.
        :param period: Default: five minutes.
        """
        each = {
            f"n{node}": self.metric(name, shard=shard, node=node, statistic=statistic, period=period)
            for node in range(1, nodes + 1)
        }
        return cloudwatch.MathExpression(
            expression=f"{aggregate}([{', '.join(each)}])",
            using_metrics=each,
            label=f"{name}, shard {shard}",
            period=period,
        )

    def nodes(
        self,
        name: str,
        *,
        shards: int = 1,
        nodes: int,
        statistic: str = cloudwatch.Stats.AVERAGE,
        period: cdk.Duration | None = None,
    ) -> list[cloudwatch.Metric]:
        """A metric of every node of a layout, one after the other.

        :param shards: how many there are. Default: 1.
        :param nodes: how many each shard has, 1 to 6.
        :param statistic: Default: the average.
        :param period: Default: five minutes.
        """
        return [
            self.metric(name, shard=shard, node=node, statistic=statistic, period=period)
            for shard in range(1, shards + 1)
            for node in range(1, nodes + 1)
        ]

    def search(
        self, name: str, *, statistic: str = cloudwatch.Stats.AVERAGE, period: cdk.Duration | None = None
    ) -> cloudwatch.MathExpression:
        """A line for every node there is, also those that scaling adds; for dashboards, no alarm can watch it.

        CloudWatch matches the words of an id: `orders` also finds the nodes of `orders-archive`.

        :param statistic: Default: the average.
        :param period: Default: five minutes.
        """
        return cloudwatch.MathExpression(
            expression=self.search_text(name, statistic=statistic, period=period),
            using_metrics={},
            label="",
            period=period,
        )

    def search_text(
        self, name: str, *, statistic: str = cloudwatch.Stats.AVERAGE, period: cdk.Duration | None = None
    ) -> str:
        """The expression of `search`, to be put into another one, such as `SUM(...)`."""
        seconds = int((period or cdk.Duration.minutes(5)).to_seconds())
        return (
            f'SEARCH(\'{{{NAMESPACE},CacheClusterId,CacheNodeId}} MetricName="{name}" '
            f"CacheClusterId={self.replication_group_id}', '{statistic}', {seconds})"
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

    def get_type_latency(self, *, shard: int = 1, node: int = 1) -> cloudwatch.Metric:
        """GetTypeCmdsLatency: microseconds that commands of reading take in the engine."""
        return self.metric("GetTypeCmdsLatency", shard=shard, node=node)

    def set_type_latency(self, *, shard: int = 1, node: int = 1) -> cloudwatch.Metric:
        """SetTypeCmdsLatency: microseconds that commands of writing take in the engine."""
        return self.metric("SetTypeCmdsLatency", shard=shard, node=node)


@final
@dataclass(frozen=True, slots=True)
class MemcachedMetrics:
    """Metrics per node; nodes are numbered from 1.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Memcached.html

    :param cluster_name: the cluster.
    """

    cluster_name: str

    def metric(
        self,
        name: str,
        *,
        node: int | None = None,
        statistic: str = cloudwatch.Stats.AVERAGE,
        period: cdk.Duration | None = None,
    ) -> cloudwatch.Metric:
        """Any metric, of a node or of the whole cluster.

        :param name: the official name, such as `CPUUtilization`.
        :param node: 1 and up. Default: the whole cluster.
        :param statistic: Default: the average.
        :param period: Default: five minutes.
        """
        dimensions = {"CacheClusterId": self.cluster_name}
        if node is not None:
            dimensions["CacheNodeId"] = f"{node:04d}"
        return cloudwatch.Metric(
            namespace=NAMESPACE, metric_name=name, dimensions_map=dimensions, statistic=statistic, period=period
        )

    def cpu_utilization(self, *, node: int | None = None) -> cloudwatch.Metric:
        """CPUUtilization: percent of the host; memcached uses all of its processors."""
        return self.metric("CPUUtilization", node=node)

    def swap_usage(self, *, node: int | None = None) -> cloudwatch.Metric:
        """SwapUsage: bytes; more than 50 MB means too little memory."""
        return self.metric("SwapUsage", node=node)

    def evictions(self, *, node: int | None = None) -> cloudwatch.Metric:
        """Evictions: items removed for want of memory, a sum."""
        return self.metric("Evictions", node=node, statistic=cloudwatch.Stats.SUM)

    def curr_connections(self, *, node: int | None = None) -> cloudwatch.Metric:
        """CurrConnections: how many clients are connected."""
        return self.metric("CurrConnections", node=node)

    def get_hits(self, *, node: int | None = None) -> cloudwatch.Metric:
        """GetHits: reads that found their key, a sum."""
        return self.metric("GetHits", node=node, statistic=cloudwatch.Stats.SUM)

    def get_misses(self, *, node: int | None = None) -> cloudwatch.Metric:
        """GetMisses: reads that did not, a sum."""
        return self.metric("GetMisses", node=node, statistic=cloudwatch.Stats.SUM)


@final
@dataclass(frozen=True, slots=True)
class ServerlessCacheMetrics:
    """Metrics of a serverless cache; the dimension is `clusterId`, in this spelling.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html

    :param serverless_cache_name: the cache.
    """

    serverless_cache_name: str

    def metric(
        self,
        name: str,
        *,
        statistic: str = cloudwatch.Stats.AVERAGE,
        period: cdk.Duration | None = None,
    ) -> cloudwatch.Metric:
        """Any metric.

        :param name: the official name, such as `BytesUsedForCache`.
        :param statistic: Default: the average.
        :param period: Default: five minutes.
        """
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={"clusterId": self.serverless_cache_name},
            statistic=statistic,
            period=period,
        )

    def bytes_used_for_cache(self) -> cloudwatch.Metric:
        """BytesUsedForCache: bytes of data, which are paid for by the hour."""
        return self.metric("BytesUsedForCache", statistic=cloudwatch.Stats.MAXIMUM)

    def elasticache_processing_units(self) -> cloudwatch.Metric:
        """ElastiCacheProcessingUnits: ECPUs that requests took, which are paid for; a sum."""
        return self.metric("ElastiCacheProcessingUnits", statistic=cloudwatch.Stats.SUM)

    def throttled_commands(self) -> cloudwatch.Metric:
        """ThrottledCmds: commands refused because they came faster than the cache scaled; a sum."""
        return self.metric("ThrottledCmds", statistic=cloudwatch.Stats.SUM)

    def evictions(self) -> cloudwatch.Metric:
        """Evictions: keys removed at the limit of storage, a sum."""
        return self.metric("Evictions", statistic=cloudwatch.Stats.SUM)

    def cache_hit_rate(self) -> cloudwatch.Metric:
        """CacheHitRate: percent of reads that found their key."""
        return self.metric("CacheHitRate")

    def curr_connections(self) -> cloudwatch.Metric:
        """CurrConnections: how many clients are connected."""
        return self.metric("CurrConnections")

    def successful_read_request_latency(self) -> cloudwatch.Metric:
        """SuccessfulReadRequestLatency: microseconds of a read."""
        return self.metric("SuccessfulReadRequestLatency")

    def successful_write_request_latency(self) -> cloudwatch.Metric:
        """SuccessfulWriteRequestLatency: microseconds of a write."""
        return self.metric("SuccessfulWriteRequestLatency")

"""CloudWatch metrics of a replication group: of one node, of a shard, of every node."""

from dataclasses import dataclass
from typing import Literal, Unpack, final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from ..._core.checking import error
from .node_command import NodeCommandMetrics
from .options import AVERAGE, NAMESPACE, MetricOptions, NodeMetricOptions, create_metric

Aggregate = Literal["AVG", "MAX", "MIN", "SUM"]
"""How a shard's metric combines the values of its nodes; CloudWatch's own names."""


@final
@dataclass(frozen=True, slots=True)
class ReplicationGroupMetrics(NodeCommandMetrics):
    """Metrics per node, per shard and of the whole group; shards and nodes are numbered from 1.

    Every documented metric has a method, which takes the options of `NodeMetricOptions`; `metric` reaches any other by
    its name. A metric carries the region and the account of its cache, so that CDK refuses an alarm in another region.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html

    ```python
    cache.metrics.engine_cpu_utilization(node=2, period=cdk.Duration.minutes(1), label="replica")
    ```

    :param replication_group_id: the group.
    :param numbered_shards: whether node ids carry the shard (`<id>-0001-001`), as with cluster mode enabled,
        or not (`<id>-001`).
    :param region: the region of the cache. Default: the region of the alarm or the dashboard.
    :param account: the account of the cache. Default: the account of the alarm or the dashboard.
    """

    replication_group_id: str
    numbered_shards: bool
    region: str | None = None
    account: str | None = None

    def metric(
        self,
        name: str,
        *,
        shard: int = 1,
        node: int = 1,
        period: cdk.Duration | None = None,
        statistic: str | None = None,
        label: str | None = None,
        color: str | None = None,
        unit: cloudwatch.Unit | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> cloudwatch.Metric:
        """Any metric of a node.

        :param name: the official name, such as `EngineCPUUtilization`.
        :param shard: 1 and up; always 1 unless cluster mode is enabled. Default: 1.
        :param node: 1 and up. A failover changes which node is the primary. Default: 1.
        :param period: the time that each data point covers. Default: five minutes.
        :param statistic: one of `aws_cloudwatch.Stats`, or text such as `p99`. Default: the average.
        :param label: the name in the legend of a graph. Default: CloudWatch's own.
        :param color: the color in a graph, such as `#2ca02c`. Default: automatic.
        :param unit: only data points of this unit. Default: all.
        :param region: where the metric is published. Default: the region of the cache.
        :param account: where the metric is published. Default: the account of the cache.
        :raises ValueError: if `shard` is not 1 and cluster mode is not enabled.
        """
        return create_metric(
            name,
            {"CacheClusterId": self.node_id(shard=shard, node=node), "CacheNodeId": "0001"},
            {
                "period": period,
                "statistic": statistic,
                "label": label,
                "color": color,
                "unit": unit,
                "region": region,
                "account": account,
            },
            stack_region=self.region,
            stack_account=self.account,
        )

    def _named(self, name: str, statistic: str, options: NodeMetricOptions) -> cloudwatch.Metric:
        if options.get("statistic") is None:
            options["statistic"] = statistic
        return self.metric(name, **options)

    def node_id(self, *, shard: int = 1, node: int = 1) -> str:
        """The id that a node has as a cache cluster: `<id>-0001-001` with cluster mode enabled, otherwise `<id>-001`.

        :raises ValueError: if `shard` is not 1 and cluster mode is not enabled.
        """
        if shard != 1 and not self.numbered_shards:
            raise error("metric", "shard", "be 1 unless cluster mode is enabled", shard, "leave it out")
        middle = f"-{shard:04d}" if self.numbered_shards else ""
        return f"{self.replication_group_id}{middle}-{node:03d}"

    def shard(
        self,
        name: str,
        *,
        shard: int = 1,
        nodes: int,
        aggregate: Aggregate = "MAX",
        **options: Unpack[MetricOptions],
    ) -> cloudwatch.MathExpression:
        """A metric over all nodes of a shard, whichever of them is the primary.

        :param shard: 1 and up; always 1 unless cluster mode is enabled. Default: 1.
        :param nodes: the number of nodes of the shard, 1 to 6.
        :param aggregate: how the values of the nodes are combined. Default: the highest.
        :param options: period, statistic, unit, region and account of each node's metric; label and color of the
            result. Default: the average, with the label `<name>, shard <shard>`.
        """
        label = options.pop("label", None)
        color = options.pop("color", None)
        metrics = {f"n{node}": self.metric(name, shard=shard, node=node, **options) for node in range(1, nodes + 1)}
        return cloudwatch.MathExpression(
            expression=f"{aggregate}([{', '.join(metrics)}])",
            using_metrics=metrics,
            label=label or f"{name}, shard {shard}",
            color=color,
            period=options.get("period"),
        )

    def nodes(
        self, name: str, *, shards: int = 1, nodes: int, **options: Unpack[MetricOptions]
    ) -> list[cloudwatch.Metric]:
        """A metric of every node of a layout, one after the other.

        :param shards: the number of shards. Default: 1.
        :param nodes: the number of nodes of each shard, 1 to 6.
        :param options: of each metric. Default: the average.
        """
        return [
            self.metric(name, shard=shard, node=node, **options)
            for shard in range(1, shards + 1)
            for node in range(1, nodes + 1)
        ]

    def search(
        self,
        name: str,
        *,
        statistic: str | None = None,
        period: cdk.Duration | None = None,
        label: str = "",
        color: str | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> cloudwatch.MathExpression:
        """A line for every node, including nodes that scaling adds; for dashboards, because alarms cannot use searches.

        CloudWatch matches the words of an id: `orders` also finds the nodes of `orders-archive`. A search has no unit.

        :param statistic: one of `aws_cloudwatch.Stats`, or text such as `p99`. Default: the average.
        :param period: the time that each data point covers. Default: five minutes.
        :param label: the label of all lines. Default: a label by CloudWatch for each line.
        :param color: the color of all lines. Default: automatic.
        :param region: where the metrics are published. Default: the region of the cache.
        :param account: where the metrics are published. Default: the account of the cache.
        """
        return cloudwatch.MathExpression(
            expression=self.search_text(name, statistic=statistic, period=period),
            using_metrics={},
            label=label,
            color=color,
            period=period,
            search_region=region or self.region,
            search_account=account or self.account,
        )

    def search_text(self, name: str, *, statistic: str | None = None, period: cdk.Duration | None = None) -> str:
        """The expression of `search`, for use in another one, such as `SUM(...)`."""
        seconds = int((period or cdk.Duration.minutes(5)).to_seconds())
        return (
            f'SEARCH(\'{{{NAMESPACE},CacheClusterId,CacheNodeId}} MetricName="{name}" '
            f"CacheClusterId={self.replication_group_id}', '{statistic or AVERAGE}', {seconds})"
        )

"""CloudWatch metrics of a Memcached cluster: of one node, or of all of them."""

from dataclasses import dataclass
from typing import final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from .memcached_engine import MemcachedEngineMetrics
from .options import MemcachedMetricOptions, create_metric


@final
@dataclass(frozen=True, slots=True)
class MemcachedMetrics(MemcachedEngineMetrics):
    """Metrics per node; nodes are numbered from 1.

    Every documented metric has a method, which takes the options of `MemcachedMetricOptions`; `metric` reaches any
    other by its name. A metric carries the region and the account of its cache.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Memcached.html

    ```python
    cluster.metrics.get_hits(node=2, period=cdk.Duration.minutes(1))
    ```

    :param cluster_name: the cluster.
    :param region: the region of the cache. Default: the region of the alarm or the dashboard.
    :param account: the account of the cache. Default: the account of the alarm or the dashboard.
    """

    cluster_name: str
    region: str | None = None
    account: str | None = None

    def metric(
        self,
        name: str,
        *,
        node: int | None = None,
        period: cdk.Duration | None = None,
        statistic: str | None = None,
        label: str | None = None,
        color: str | None = None,
        unit: cloudwatch.Unit | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> cloudwatch.Metric:
        """Any metric, of a node or of the whole cluster.

        :param name: the official name, such as `CPUUtilization`.
        :param node: 1 and up. Default: the whole cluster.
        :param period: the time that each data point covers. Default: five minutes.
        :param statistic: one of `aws_cloudwatch.Stats`, or text such as `p99`. Default: the average.
        :param label: the name in the legend of a graph. Default: CloudWatch's own.
        :param color: the color in a graph, such as `#2ca02c`. Default: automatic.
        :param unit: only data points of this unit. Default: all.
        :param region: where the metric is published. Default: the region of the cache.
        :param account: where the metric is published. Default: the account of the cache.
        """
        dimensions = {"CacheClusterId": self.cluster_name}
        if node is not None:
            dimensions["CacheNodeId"] = f"{node:04d}"
        return create_metric(
            name,
            dimensions,
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

    def _named(self, name: str, statistic: str, options: MemcachedMetricOptions) -> cloudwatch.Metric:
        if options.get("statistic") is None:
            options["statistic"] = statistic
        return self.metric(name, **options)

"""What the metrics of all kinds of caches share: the namespace, the options, and how a metric is created."""

from collections.abc import Mapping
from typing import Final, TypedDict

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

NAMESPACE: Final = "AWS/ElastiCache"
AVERAGE: Final[str] = "Average"
MAXIMUM: Final[str] = "Maximum"
SUM: Final[str] = "Sum"


class MetricOptions(TypedDict, total=False):
    """The keyword arguments of every metric method, by the names of CDK's own `MetricOptions`.

    https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_cloudwatch.MetricOptions.html

    ```python
    options: MetricOptions = {"period": cdk.Duration.minutes(1), "color": "#2ca02c"}
    cache.metrics.cache_hits(label="hits", **options)
    ```
    """

    period: cdk.Duration | None
    """The time that each data point covers: 1, 5, 10 or 30 seconds, or a multiple of 60 seconds. Default: 5 minutes."""
    statistic: str | None
    """One of `aws_cloudwatch.Stats`, or text such as `p99`. Default: the statistic in the method's documentation."""
    label: str | None
    """The name in the legend of a graph. Default: CloudWatch's own."""
    color: str | None
    """The color in a graph, six hexadecimal digits with `#`, or one of `aws_cloudwatch.Color`. Default: automatic."""
    unit: cloudwatch.Unit | None
    """Only the data points that were published with this unit. Default: all of them."""
    region: str | None
    """The region whose CloudWatch holds the metric. Default: the region of the cache, where it is known at synth."""
    account: str | None
    """The account whose CloudWatch holds the metric. Default: the account of the cache, where it is known at synth."""


class NodeMetricOptions(MetricOptions, total=False):
    """The keyword arguments of the metric methods of a replication group.

    ```python
    cache.metrics.evictions(shard=1, node=2, period=cdk.Duration.minutes(1))
    ```
    """

    shard: int
    """The number of the shard, 1 and up; always 1 unless cluster mode is enabled. Default: 1."""
    node: int
    """The number of the node in its shard, 1 to 6. A failover changes which node is the primary. Default: 1."""


class MemcachedMetricOptions(MetricOptions, total=False):
    """The keyword arguments of the metric methods of a Memcached cluster.

    ```python
    cluster.metrics.curr_items(node=2)
    ```
    """

    node: int | None
    """The number of the node, 1 and up. Default: the whole cluster."""


def create_metric(
    name: str,
    dimensions: Mapping[str, str],
    options: MetricOptions,
    *,
    stack_region: str | None,
    stack_account: str | None,
) -> cloudwatch.Metric:
    """A metric of ElastiCache with these dimensions; its default statistic is the average.

    :param stack_region: the region of the cache. A dashboard there does not repeat it.
    :param stack_account: the account of the cache.
    """
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map=dimensions,
        statistic=options.get("statistic") or AVERAGE,
        period=options.get("period"),
        label=options.get("label"),
        color=options.get("color"),
        unit=options.get("unit"),
        region=options.get("region"),
        account=options.get("account"),
        stack_region=stack_region,
        stack_account=stack_account,
    )

"""CloudWatch metrics of a serverless cache."""

from dataclasses import dataclass
from typing import Unpack, final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from .options import AVERAGE, MAXIMUM, SUM, MetricOptions, create_metric
from .serverless_memcached import ServerlessMemcachedMetrics


@final
@dataclass(frozen=True, slots=True)
class ServerlessCacheMetrics(ServerlessMemcachedMetrics):
    """Metrics of a serverless cache; the dimension is `clusterId`, in this spelling.

    Every documented metric has a method, which takes the options of `MetricOptions`; `metric` reaches any other by its
    name. A metric carries the region and the account of its cache.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html

    ```python
    serverless.metrics.throttled_cmds(period=cdk.Duration.minutes(1))
    ```

    :param serverless_cache_name: the cache.
    :param region: the region of the cache. Default: the region of the alarm or the dashboard.
    :param account: the account of the cache. Default: the account of the alarm or the dashboard.
    """

    serverless_cache_name: str
    region: str | None = None
    account: str | None = None

    def metric(
        self,
        name: str,
        *,
        period: cdk.Duration | None = None,
        statistic: str | None = None,
        label: str | None = None,
        color: str | None = None,
        unit: cloudwatch.Unit | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> cloudwatch.Metric:
        """Any metric.

        :param name: the official name, such as `BytesUsedForCache`.
        :param period: the time that each data point covers. Default: five minutes.
        :param statistic: one of `aws_cloudwatch.Stats`, or text such as `p99`. Default: the average.
        :param label: the name in the legend of a graph. Default: CloudWatch's own.
        :param color: the color in a graph, such as `#2ca02c`. Default: automatic.
        :param unit: only data points of this unit. Default: all.
        :param region: where the metric is published. Default: the region of the cache.
        :param account: where the metric is published. Default: the account of the cache.
        """
        return create_metric(
            name,
            {"clusterId": self.serverless_cache_name},
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

    def _named(self, name: str, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        if options.get("statistic") is None:
            options["statistic"] = statistic
        return self.metric(name, **options)

    def authentication_failures(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """AuthenticationFailures: failed attempts to authenticate; a sum."""
        return self._named("AuthenticationFailures", SUM, options)

    def bytes_used_for_cache(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """BytesUsedForCache: bytes of data, which are paid for by the hour; a maximum."""
        return self._named("BytesUsedForCache", MAXIMUM, options)

    def cache_hit_rate(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """CacheHitRate: percent of key lookups that found their key; an average."""
        return self._named("CacheHitRate", AVERAGE, options)

    def cache_hits(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """CacheHits: lookups of a key that found it; a sum."""
        return self._named("CacheHits", SUM, options)

    def cache_misses(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """CacheMisses: lookups of a key that did not find it; a sum."""
        return self._named("CacheMisses", SUM, options)

    def command_authorization_failures(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """CommandAuthorizationFailures.

        Attempts to run a command that the user's access string does not allow; a sum.
        """
        return self._named("CommandAuthorizationFailures", SUM, options)

    def curr_connections(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """CurrConnections: client connections that are open; an average."""
        return self._named("CurrConnections", AVERAGE, options)

    def curr_items(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """CurrItems: keys in the cache; an average."""
        return self._named("CurrItems", AVERAGE, options)

    def curr_volatile_items(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """CurrVolatileItems: keys that have a time to live; an average."""
        return self._named("CurrVolatileItems", AVERAGE, options)

    def elasticache_processing_units(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """ElastiCacheProcessingUnits: ECPUs that requests took, which are paid for; a sum."""
        return self._named("ElastiCacheProcessingUnits", SUM, options)

    def evictions(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Evictions: keys removed at the limit of storage; a sum."""
        return self._named("Evictions", SUM, options)

    def iam_authentication_expirations(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """IamAuthenticationExpirations: connections closed because their IAM authentication expired; a sum."""
        return self._named("IamAuthenticationExpirations", SUM, options)

    def iam_authentication_throttling(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """IamAuthenticationThrottling: IAM authentications refused because there were too many; a sum."""
        return self._named("IamAuthenticationThrottling", SUM, options)

    def key_authorization_failures(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """KeyAuthorizationFailures: attempts to use a key that the user's access string does not allow; a sum."""
        return self._named("KeyAuthorizationFailures", SUM, options)

    def network_bytes_in(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """NetworkBytesIn: bytes that the cache receives; a sum."""
        return self._named("NetworkBytesIn", SUM, options)

    def network_bytes_out(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """NetworkBytesOut: bytes that the cache sends; a sum."""
        return self._named("NetworkBytesOut", SUM, options)

    def new_connections(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """NewConnections: connections that were accepted; a sum."""
        return self._named("NewConnections", SUM, options)

    def reclaimed(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Reclaimed: items that expired, of memcached; a sum."""
        return self._named("Reclaimed", SUM, options)

    def successful_read_request_latency(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """SuccessfulReadRequestLatency: microseconds that a read takes; an average."""
        return self._named("SuccessfulReadRequestLatency", AVERAGE, options)

    def successful_write_request_latency(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """SuccessfulWriteRequestLatency: microseconds that a write takes; an average."""
        return self._named("SuccessfulWriteRequestLatency", AVERAGE, options)

    def throttled_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """ThrottledCmds: commands refused because they came faster than the cache scaled; a sum."""
        return self._named("ThrottledCmds", SUM, options)

    def total_cmds_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """TotalCmdsCount: commands that were run; a sum."""
        return self._named("TotalCmdsCount", SUM, options)

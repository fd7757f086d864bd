"""Metrics of the commands that a serverless cache with memcached runs."""

from typing import Unpack

from aws_cdk import aws_cloudwatch as cloudwatch

from .options import SUM, MetricOptions
from .serverless_command import ServerlessCommandMetrics


class ServerlessMemcachedMetrics(ServerlessCommandMetrics):
    """Number and result of the commands, for memcached.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events.memcached.html
    """

    __slots__ = ()

    def cas_badval(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """CasBadval: check-and-set requests whose value had changed; a sum."""
        return self._named("CasBadval", SUM, options)

    def cas_hits(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """CasHits: check-and-set requests whose value had not changed; a sum."""
        return self._named("CasHits", SUM, options)

    def cas_misses(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """CasMisses: check-and-set requests whose key was not found; a sum."""
        return self._named("CasMisses", SUM, options)

    def cmd_flush(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """CmdFlush: flush commands; a sum."""
        return self._named("CmdFlush", SUM, options)

    def cmd_get(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """CmdGet: get commands; a sum."""
        return self._named("CmdGet", SUM, options)

    def cmd_set(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """CmdSet: set commands; a sum."""
        return self._named("CmdSet", SUM, options)

    def cmd_touch(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """CmdTouch: touch commands; a sum."""
        return self._named("CmdTouch", SUM, options)

    def decr_hits(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """DecrHits: decrements that found their key; a sum."""
        return self._named("DecrHits", SUM, options)

    def decr_misses(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """DecrMisses: decrements that did not find their key; a sum."""
        return self._named("DecrMisses", SUM, options)

    def delete_hits(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """DeleteHits: deletes that found their key; a sum."""
        return self._named("DeleteHits", SUM, options)

    def delete_misses(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """DeleteMisses: deletes that did not find their key; a sum."""
        return self._named("DeleteMisses", SUM, options)

    def get_hits(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """GetHits: reads that found their key; a sum."""
        return self._named("GetHits", SUM, options)

    def get_misses(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """GetMisses: reads that did not find their key; a sum."""
        return self._named("GetMisses", SUM, options)

    def incr_hits(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """IncrHits: increments that found their key; a sum."""
        return self._named("IncrHits", SUM, options)

    def incr_misses(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """IncrMisses: increments that did not find their key; a sum."""
        return self._named("IncrMisses", SUM, options)

    def touch_hits(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """TouchHits: touches that found their key; a sum."""
        return self._named("TouchHits", SUM, options)

    def touch_misses(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """TouchMisses: touches that did not find their key; a sum."""
        return self._named("TouchMisses", SUM, options)

"""Metrics of the commands that a serverless cache runs, by kind."""

from typing import Unpack

from aws_cdk import aws_cloudwatch as cloudwatch

from .options import SUM, MetricOptions


class ServerlessCommandMetrics:
    """Number and ECPUs of the commands of each kind, for redis and valkey.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html
    """

    __slots__ = ()

    def _named(self, name: str, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        """A metric by its official name, with this statistic unless the options name another."""
        raise NotImplementedError

    def eval_based_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """EvalBasedCmds: commands that run a script; a sum."""
        return self._named("EvalBasedCmds", SUM, options)

    def eval_based_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """EvalBasedCmdsECPUs: ECPUs of the commands that run a script; a sum."""
        return self._named("EvalBasedCmdsECPUs", SUM, options)

    def geo_spatial_based_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """GeoSpatialBasedCmds: commands on geospatial data; a sum."""
        return self._named("GeoSpatialBasedCmds", SUM, options)

    def geo_spatial_based_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """GeoSpatialBasedCmdsECPUs: ECPUs of the commands on geospatial data; a sum."""
        return self._named("GeoSpatialBasedCmdsECPUs", SUM, options)

    def get_type_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """GetTypeCmds: commands that read; a sum."""
        return self._named("GetTypeCmds", SUM, options)

    def get_type_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """GetTypeCmdsECPUs: ECPUs of the commands that read; a sum."""
        return self._named("GetTypeCmdsECPUs", SUM, options)

    def hash_based_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """HashBasedCmds: commands on hashes; a sum."""
        return self._named("HashBasedCmds", SUM, options)

    def hash_based_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """HashBasedCmdsECPUs: ECPUs of the commands on hashes; a sum."""
        return self._named("HashBasedCmdsECPUs", SUM, options)

    def hyper_log_log_based_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """HyperLogLogBasedCmds: commands on HyperLogLogs; a sum."""
        return self._named("HyperLogLogBasedCmds", SUM, options)

    def hyper_log_log_based_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """HyperLogLogBasedCmdsECPUs: ECPUs of the commands on HyperLogLogs; a sum."""
        return self._named("HyperLogLogBasedCmdsECPUs", SUM, options)

    def json_based_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """JsonBasedCmds: commands on JSON; a sum."""
        return self._named("JsonBasedCmds", SUM, options)

    def json_based_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """JsonBasedCmdsECPUs: ECPUs of the commands on JSON; a sum."""
        return self._named("JsonBasedCmdsECPUs", SUM, options)

    def json_based_get_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """JsonBasedGetCmds: commands that read JSON; a sum."""
        return self._named("JsonBasedGetCmds", SUM, options)

    def json_based_get_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """JsonBasedGetCmdsECPUs: ECPUs of the commands that read JSON; a sum."""
        return self._named("JsonBasedGetCmdsECPUs", SUM, options)

    def json_based_set_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """JsonBasedSetCmds: commands that write JSON; a sum."""
        return self._named("JsonBasedSetCmds", SUM, options)

    def json_based_set_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """JsonBasedSetCmdsECPUs: ECPUs of the commands that write JSON; a sum."""
        return self._named("JsonBasedSetCmdsECPUs", SUM, options)

    def key_based_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """KeyBasedCmds: commands on keys of any type; a sum."""
        return self._named("KeyBasedCmds", SUM, options)

    def key_based_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """KeyBasedCmdsECPUs: ECPUs of the commands on keys of any type; a sum."""
        return self._named("KeyBasedCmdsECPUs", SUM, options)

    def list_based_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """ListBasedCmds: commands on lists; a sum."""
        return self._named("ListBasedCmds", SUM, options)

    def list_based_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """ListBasedCmdsECPUs: ECPUs of the commands on lists; a sum."""
        return self._named("ListBasedCmdsECPUs", SUM, options)

    def non_key_type_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """NonKeyTypeCmds: commands that use no key; a sum."""
        return self._named("NonKeyTypeCmds", SUM, options)

    def non_key_type_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """NonKeyTypeCmdsECPUs: ECPUs of the commands that use no key; a sum."""
        return self._named("NonKeyTypeCmdsECPUs", SUM, options)

    def pub_sub_based_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """PubSubBasedCmds: commands of publish and subscribe; a sum."""
        return self._named("PubSubBasedCmds", SUM, options)

    def pub_sub_based_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """PubSubBasedCmdsECPUs: ECPUs of the commands of publish and subscribe; a sum."""
        return self._named("PubSubBasedCmdsECPUs", SUM, options)

    def set_based_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """SetBasedCmds: commands on sets; a sum."""
        return self._named("SetBasedCmds", SUM, options)

    def set_based_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """SetBasedCmdsECPUs: ECPUs of the commands on sets; a sum."""
        return self._named("SetBasedCmdsECPUs", SUM, options)

    def set_type_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """SetTypeCmds: commands that write; a sum."""
        return self._named("SetTypeCmds", SUM, options)

    def set_type_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """SetTypeCmdsECPUs: ECPUs of the commands that write; a sum."""
        return self._named("SetTypeCmdsECPUs", SUM, options)

    def sorted_set_based_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """SortedSetBasedCmds: commands on sorted sets; a sum."""
        return self._named("SortedSetBasedCmds", SUM, options)

    def sorted_set_based_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """SortedSetBasedCmdsECPUs: ECPUs of the commands on sorted sets; a sum."""
        return self._named("SortedSetBasedCmdsECPUs", SUM, options)

    def stream_based_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """StreamBasedCmds: commands on streams; a sum."""
        return self._named("StreamBasedCmds", SUM, options)

    def stream_based_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """StreamBasedCmdsECPUs: ECPUs of the commands on streams; a sum."""
        return self._named("StreamBasedCmdsECPUs", SUM, options)

    def string_based_cmds(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """StringBasedCmds: commands on strings; a sum."""
        return self._named("StringBasedCmds", SUM, options)

    def string_based_cmds_ecpus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """StringBasedCmdsECPUs: ECPUs of the commands on strings; a sum."""
        return self._named("StringBasedCmdsECPUs", SUM, options)

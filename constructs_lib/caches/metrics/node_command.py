"""Metrics of the commands that a node of a replication group runs, by kind."""

from typing import Unpack

from aws_cdk import aws_cloudwatch as cloudwatch

from .node_engine import NodeEngineMetrics
from .options import AVERAGE, SUM, NodeMetricOptions


class NodeCommandMetrics(NodeEngineMetrics):
    """Number and latency of the commands of each kind.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html
    """

    __slots__ = ()

    def cluster_based_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """ClusterBasedCmds: commands of the cluster protocol; a sum."""
        return self._named("ClusterBasedCmds", SUM, options)

    def cluster_based_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """ClusterBasedCmdsLatency: microseconds that a command of the cluster protocol takes; an average."""
        return self._named("ClusterBasedCmdsLatency", AVERAGE, options)

    def eval_based_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """EvalBasedCmds: commands that run a script; a sum."""
        return self._named("EvalBasedCmds", SUM, options)

    def eval_based_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """EvalBasedCmdsLatency: microseconds that a command that runs a script takes; an average."""
        return self._named("EvalBasedCmdsLatency", AVERAGE, options)

    def geo_spatial_based_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """GeoSpatialBasedCmds: commands on geospatial data; a sum."""
        return self._named("GeoSpatialBasedCmds", SUM, options)

    def geo_spatial_based_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """GeoSpatialBasedCmdsLatency: microseconds that a command on geospatial data takes; an average."""
        return self._named("GeoSpatialBasedCmdsLatency", AVERAGE, options)

    def get_type_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """GetTypeCmds: commands that read; a sum."""
        return self._named("GetTypeCmds", SUM, options)

    def get_type_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """GetTypeCmdsLatency: microseconds that a command that reads takes; an average."""
        return self._named("GetTypeCmdsLatency", AVERAGE, options)

    def hash_based_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """HashBasedCmds: commands on hashes; a sum."""
        return self._named("HashBasedCmds", SUM, options)

    def hash_based_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """HashBasedCmdsLatency: microseconds that a command on hashes takes; an average."""
        return self._named("HashBasedCmdsLatency", AVERAGE, options)

    def hyper_log_log_based_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """HyperLogLogBasedCmds: commands on HyperLogLogs; a sum."""
        return self._named("HyperLogLogBasedCmds", SUM, options)

    def hyper_log_log_based_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """HyperLogLogBasedCmdsLatency: microseconds that a command on HyperLogLogs takes; an average."""
        return self._named("HyperLogLogBasedCmdsLatency", AVERAGE, options)

    def json_based_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """JsonBasedCmds: commands on JSON; a sum."""
        return self._named("JsonBasedCmds", SUM, options)

    def json_based_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """JsonBasedCmdsLatency: microseconds that a command on JSON takes; an average."""
        return self._named("JsonBasedCmdsLatency", AVERAGE, options)

    def json_based_get_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """JsonBasedGetCmds: commands that read JSON; a sum."""
        return self._named("JsonBasedGetCmds", SUM, options)

    def json_based_get_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """JsonBasedGetCmdsLatency: microseconds that a command that reads JSON takes; an average."""
        return self._named("JsonBasedGetCmdsLatency", AVERAGE, options)

    def json_based_set_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """JsonBasedSetCmds: commands that write JSON; a sum."""
        return self._named("JsonBasedSetCmds", SUM, options)

    def json_based_set_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """JsonBasedSetCmdsLatency: microseconds that a command that writes JSON takes; an average."""
        return self._named("JsonBasedSetCmdsLatency", AVERAGE, options)

    def key_based_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """KeyBasedCmds: commands on keys of any type; a sum."""
        return self._named("KeyBasedCmds", SUM, options)

    def key_based_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """KeyBasedCmdsLatency: microseconds that a command on keys of any type takes; an average."""
        return self._named("KeyBasedCmdsLatency", AVERAGE, options)

    def list_based_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """ListBasedCmds: commands on lists; a sum."""
        return self._named("ListBasedCmds", SUM, options)

    def list_based_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """ListBasedCmdsLatency: microseconds that a command on lists takes; an average."""
        return self._named("ListBasedCmdsLatency", AVERAGE, options)

    def non_key_type_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NonKeyTypeCmds: commands that use no key; a sum."""
        return self._named("NonKeyTypeCmds", SUM, options)

    def non_key_type_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NonKeyTypeCmdsLatency: microseconds that a command that uses no key takes; an average."""
        return self._named("NonKeyTypeCmdsLatency", AVERAGE, options)

    def pub_sub_based_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """PubSubBasedCmds: commands of publish and subscribe; a sum."""
        return self._named("PubSubBasedCmds", SUM, options)

    def pub_sub_based_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """PubSubBasedCmdsLatency: microseconds that a command of publish and subscribe takes; an average."""
        return self._named("PubSubBasedCmdsLatency", AVERAGE, options)

    def set_based_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """SetBasedCmds: commands on sets; a sum."""
        return self._named("SetBasedCmds", SUM, options)

    def set_based_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """SetBasedCmdsLatency: microseconds that a command on sets takes; an average."""
        return self._named("SetBasedCmdsLatency", AVERAGE, options)

    def set_type_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """SetTypeCmds: commands that write; a sum."""
        return self._named("SetTypeCmds", SUM, options)

    def set_type_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """SetTypeCmdsLatency: microseconds that a command that writes takes; an average."""
        return self._named("SetTypeCmdsLatency", AVERAGE, options)

    def sorted_set_based_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """SortedSetBasedCmds: commands on sorted sets; a sum."""
        return self._named("SortedSetBasedCmds", SUM, options)

    def sorted_set_based_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """SortedSetBasedCmdsLatency: microseconds that a command on sorted sets takes; an average."""
        return self._named("SortedSetBasedCmdsLatency", AVERAGE, options)

    def stream_based_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """StreamBasedCmds: commands on streams; a sum."""
        return self._named("StreamBasedCmds", SUM, options)

    def stream_based_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """StreamBasedCmdsLatency: microseconds that a command on streams takes; an average."""
        return self._named("StreamBasedCmdsLatency", AVERAGE, options)

    def string_based_cmds(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """StringBasedCmds: commands on strings; a sum."""
        return self._named("StringBasedCmds", SUM, options)

    def string_based_cmds_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """StringBasedCmdsLatency: microseconds that a command on strings takes; an average."""
        return self._named("StringBasedCmdsLatency", AVERAGE, options)

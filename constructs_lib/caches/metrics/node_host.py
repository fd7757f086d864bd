"""Metrics of the host that a node of a replication group runs on."""

from typing import Unpack

from aws_cdk import aws_cloudwatch as cloudwatch

from .options import AVERAGE, MAXIMUM, SUM, NodeMetricOptions


class NodeHostMetrics:
    """Host-level metrics, one method for each.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.HostLevel.html
    """

    __slots__ = ()

    def _named(self, name: str, statistic: str, options: NodeMetricOptions) -> cloudwatch.Metric:
        """A metric by its official name, with this statistic unless the options name another."""
        raise NotImplementedError

    def cpu_utilization(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """CPUUtilization: percent of all processors of the node; an average."""
        return self._named("CPUUtilization", AVERAGE, options)

    def cpu_credit_balance(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """CPUCreditBalance: CPU credits that a burstable node has left; an average."""
        return self._named("CPUCreditBalance", AVERAGE, options)

    def cpu_credit_usage(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """CPUCreditUsage: CPU credits that a burstable node spends; an average."""
        return self._named("CPUCreditUsage", AVERAGE, options)

    def freeable_memory(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """FreeableMemory: bytes of memory that the host has free; an average."""
        return self._named("FreeableMemory", AVERAGE, options)

    def network_bytes_in(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NetworkBytesIn: bytes that the node receives; a sum."""
        return self._named("NetworkBytesIn", SUM, options)

    def network_bytes_out(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NetworkBytesOut: bytes that the node sends; a sum."""
        return self._named("NetworkBytesOut", SUM, options)

    def network_packets_in(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NetworkPacketsIn: packets that the node receives; a sum."""
        return self._named("NetworkPacketsIn", SUM, options)

    def network_packets_out(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NetworkPacketsOut: packets that the node sends; a sum."""
        return self._named("NetworkPacketsOut", SUM, options)

    def network_bandwidth_in_allowance_exceeded(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NetworkBandwidthInAllowanceExceeded.

        Packets delayed or dropped because inbound bandwidth was used up; a sum.
        """
        return self._named("NetworkBandwidthInAllowanceExceeded", SUM, options)

    def network_bandwidth_out_allowance_exceeded(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NetworkBandwidthOutAllowanceExceeded.

        Packets delayed or dropped because outbound bandwidth was used up; a sum.
        """
        return self._named("NetworkBandwidthOutAllowanceExceeded", SUM, options)

    def network_conntrack_allowance_exceeded(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NetworkConntrackAllowanceExceeded.

        Packets dropped because the node tracked as many connections as it can; a sum.
        """
        return self._named("NetworkConntrackAllowanceExceeded", SUM, options)

    def network_link_local_allowance_exceeded(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NetworkLinkLocalAllowanceExceeded.

        Packets dropped because DNS, metadata or time requests were too many; a sum.
        """
        return self._named("NetworkLinkLocalAllowanceExceeded", SUM, options)

    def network_packets_per_second_allowance_exceeded(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NetworkPacketsPerSecondAllowanceExceeded.

        Packets delayed or dropped because the packet rate was used up; a sum.
        """
        return self._named("NetworkPacketsPerSecondAllowanceExceeded", SUM, options)

    def network_max_bytes_in(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NetworkMaxBytesIn: the most bytes received in any second of a minute; a maximum."""
        return self._named("NetworkMaxBytesIn", MAXIMUM, options)

    def network_max_bytes_out(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NetworkMaxBytesOut: the most bytes sent in any second of a minute; a maximum."""
        return self._named("NetworkMaxBytesOut", MAXIMUM, options)

    def network_max_packets_in(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NetworkMaxPacketsIn: the most packets received in any second of a minute; a maximum."""
        return self._named("NetworkMaxPacketsIn", MAXIMUM, options)

    def network_max_packets_out(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NetworkMaxPacketsOut: the most packets sent in any second of a minute; a maximum."""
        return self._named("NetworkMaxPacketsOut", MAXIMUM, options)

    def swap_usage(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """SwapUsage: bytes of swap in use; more than 50 MB means too little memory; an average."""
        return self._named("SwapUsage", AVERAGE, options)

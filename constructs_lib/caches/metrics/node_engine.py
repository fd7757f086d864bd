"""Metrics of the engine of a node of a replication group."""

from typing import Unpack

from aws_cdk import aws_cloudwatch as cloudwatch

from .node_host import NodeHostMetrics
from .options import AVERAGE, MAXIMUM, SUM, NodeMetricOptions


class NodeEngineMetrics(NodeHostMetrics):
    """Metrics of redis and valkey on a node, one method for each.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html
    """

    __slots__ = ()

    def active_defrag_hits(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """ActiveDefragHits: values that active defragmentation moved; a sum."""
        return self._named("ActiveDefragHits", SUM, options)

    def authentication_failures(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """AuthenticationFailures: failed attempts to authenticate; a sum."""
        return self._named("AuthenticationFailures", SUM, options)

    def bytes_read_from_disk(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """BytesReadFromDisk: bytes read from disk, with data tiering; a sum."""
        return self._named("BytesReadFromDisk", SUM, options)

    def bytes_used_for_cache(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """BytesUsedForCache: bytes that the engine has allocated; an average."""
        return self._named("BytesUsedForCache", AVERAGE, options)

    def bytes_written_to_disk(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """BytesWrittenToDisk: bytes written to disk, with data tiering; a sum."""
        return self._named("BytesWrittenToDisk", SUM, options)

    def cache_hit_rate(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """CacheHitRate: percent of key lookups that found their key; an average."""
        return self._named("CacheHitRate", AVERAGE, options)

    def cache_hits(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """CacheHits: lookups of a key that found it; a sum."""
        return self._named("CacheHits", SUM, options)

    def cache_misses(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """CacheMisses: lookups of a key that did not find it; a sum."""
        return self._named("CacheMisses", SUM, options)

    def channel_authorization_failures(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """ChannelAuthorizationFailures.

        Attempts to use a channel that the user's access string does not allow; a sum.
        """
        return self._named("ChannelAuthorizationFailures", SUM, options)

    def command_authorization_failures(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """CommandAuthorizationFailures.

        Attempts to run a command that the user's access string does not allow; a sum.
        """
        return self._named("CommandAuthorizationFailures", SUM, options)

    def curr_connections(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """CurrConnections: client connections that are open; an average."""
        return self._named("CurrConnections", AVERAGE, options)

    def curr_items(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """CurrItems: keys that the node holds; an average."""
        return self._named("CurrItems", AVERAGE, options)

    def curr_volatile_items(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """CurrVolatileItems: keys that have a time to live; an average."""
        return self._named("CurrVolatileItems", AVERAGE, options)

    def database_capacity_usage_counted_for_evict_percentage(
        self, **options: Unpack[NodeMetricOptions]
    ) -> cloudwatch.Metric:
        """DatabaseCapacityUsageCountedForEvictPercentage.

        Percent of memory and disk, counted as for eviction; an average.
        """
        return self._named("DatabaseCapacityUsageCountedForEvictPercentage", AVERAGE, options)

    def database_capacity_usage_percentage(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """DatabaseCapacityUsagePercentage: percent of memory and disk in use, with data tiering; an average."""
        return self._named("DatabaseCapacityUsagePercentage", AVERAGE, options)

    def database_memory_usage_counted_for_evict_percentage(
        self, **options: Unpack[NodeMetricOptions]
    ) -> cloudwatch.Metric:
        """DatabaseMemoryUsageCountedForEvictPercentage.

        Percent of the memory for data, counted as for eviction; an average.
        """
        return self._named("DatabaseMemoryUsageCountedForEvictPercentage", AVERAGE, options)

    def database_memory_usage_percentage(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """DatabaseMemoryUsagePercentage: percent of the memory for data; an average."""
        return self._named("DatabaseMemoryUsagePercentage", AVERAGE, options)

    def db0_average_ttl(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """DB0AverageTTL: milliseconds, the average time to live of the keys of database 0; an average."""
        return self._named("DB0AverageTTL", AVERAGE, options)

    def engine_cpu_utilization(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """EngineCPUUtilization: percent of the processor that runs the engine's main thread; an average."""
        return self._named("EngineCPUUtilization", AVERAGE, options)

    def evictions(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """Evictions: keys removed to free memory; a sum."""
        return self._named("Evictions", SUM, options)

    def global_datastore_replication_lag(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """GlobalDatastoreReplicationLag: seconds that a secondary region is behind the primary region; an average."""
        return self._named("GlobalDatastoreReplicationLag", AVERAGE, options)

    def iam_authentication_expirations(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """IamAuthenticationExpirations: connections closed because their IAM authentication expired; a sum."""
        return self._named("IamAuthenticationExpirations", SUM, options)

    def iam_authentication_throttling(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """IamAuthenticationThrottling: IAM authentications refused because there were too many; a sum."""
        return self._named("IamAuthenticationThrottling", SUM, options)

    def is_master(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """IsMaster: 1 for a primary and 0 for a replica; an average."""
        return self._named("IsMaster", AVERAGE, options)

    def key_authorization_failures(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """KeyAuthorizationFailures: attempts to use a key that the user's access string does not allow; a sum."""
        return self._named("KeyAuthorizationFailures", SUM, options)

    def keys_tracked(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """KeysTracked: percent of the limit of keys tracked for client-side caching; an average."""
        return self._named("KeysTracked", AVERAGE, options)

    def master_link_health_status(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """MasterLinkHealthStatus.

        1 for a replica that is in sync with its primary and 0 for one that is not; an average.
        """
        return self._named("MasterLinkHealthStatus", AVERAGE, options)

    def memory_fragmentation_ratio(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """MemoryFragmentationRatio: memory taken from the host divided by memory allocated for data; an average."""
        return self._named("MemoryFragmentationRatio", AVERAGE, options)

    def new_connections(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NewConnections: connections that were accepted; a sum."""
        return self._named("NewConnections", SUM, options)

    def num_items_read_from_disk(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NumItemsReadFromDisk: keys read from disk, with data tiering; a sum."""
        return self._named("NumItemsReadFromDisk", SUM, options)

    def num_items_written_to_disk(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """NumItemsWrittenToDisk: keys written to disk, with data tiering; a sum."""
        return self._named("NumItemsWrittenToDisk", SUM, options)

    def reclaimed(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """Reclaimed: keys that expired; a sum."""
        return self._named("Reclaimed", SUM, options)

    def replication_bytes(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """ReplicationBytes: bytes that a primary sends to its replicas; an average."""
        return self._named("ReplicationBytes", AVERAGE, options)

    def replication_lag(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """ReplicationLag: seconds that a replica is behind its primary; an average."""
        options.setdefault("node", 2)
        return self._named("ReplicationLag", AVERAGE, options)

    def save_in_progress(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """SaveInProgress: 1 while the engine saves its data in the background and 0 otherwise; a maximum."""
        return self._named("SaveInProgress", MAXIMUM, options)

    def successful_read_request_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """SuccessfulReadRequestLatency: microseconds that a read takes; an average."""
        return self._named("SuccessfulReadRequestLatency", AVERAGE, options)

    def successful_write_request_latency(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """SuccessfulWriteRequestLatency: microseconds that a write takes; an average."""
        return self._named("SuccessfulWriteRequestLatency", AVERAGE, options)

    def traffic_management_active(self, **options: Unpack[NodeMetricOptions]) -> cloudwatch.Metric:
        """TrafficManagementActive: 1 while the service slows commands down to protect the node; a maximum."""
        return self._named("TrafficManagementActive", MAXIMUM, options)

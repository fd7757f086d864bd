"""Metrics of memcached on a node."""

from typing import Unpack

from aws_cdk import aws_cloudwatch as cloudwatch

from .memcached_host import MemcachedHostMetrics
from .options import AVERAGE, SUM, MemcachedMetricOptions


class MemcachedEngineMetrics(MemcachedHostMetrics):
    """Metrics of memcached, one method for each.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Memcached.html
    """

    __slots__ = ()

    def bytes_read_into_memcached(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """BytesReadIntoMemcached: bytes read from the network; a sum."""
        return self._named("BytesReadIntoMemcached", SUM, options)

    def bytes_used_for_cache_items(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """BytesUsedForCacheItems: bytes of the items; an average."""
        return self._named("BytesUsedForCacheItems", AVERAGE, options)

    def bytes_used_for_hash(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """BytesUsedForHash: bytes of the hash table; an average."""
        return self._named("BytesUsedForHash", AVERAGE, options)

    def bytes_written_out_from_memcached(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """BytesWrittenOutFromMemcached: bytes written to the network; a sum."""
        return self._named("BytesWrittenOutFromMemcached", SUM, options)

    def cas_badval(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """CasBadval: check-and-set requests whose value had changed; a sum."""
        return self._named("CasBadval", SUM, options)

    def cas_hits(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """CasHits: check-and-set requests whose value had not changed; a sum."""
        return self._named("CasHits", SUM, options)

    def cas_misses(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """CasMisses: check-and-set requests whose key was not found; a sum."""
        return self._named("CasMisses", SUM, options)

    def cmd_config_get(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """CmdConfigGet: requests of auto discovery; a sum."""
        return self._named("CmdConfigGet", SUM, options)

    def cmd_config_set(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """CmdConfigSet: changes of the configuration for auto discovery; a sum."""
        return self._named("CmdConfigSet", SUM, options)

    def cmd_flush(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """CmdFlush: flush commands; a sum."""
        return self._named("CmdFlush", SUM, options)

    def cmd_get(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """CmdGet: get commands; a sum."""
        return self._named("CmdGet", SUM, options)

    def cmd_set(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """CmdSet: set commands; a sum."""
        return self._named("CmdSet", SUM, options)

    def cmd_touch(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """CmdTouch: touch commands; a sum."""
        return self._named("CmdTouch", SUM, options)

    def curr_config(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """CurrConfig: configurations that are stored for auto discovery; an average."""
        return self._named("CurrConfig", AVERAGE, options)

    def curr_connections(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """CurrConnections: connections that are open; an average."""
        return self._named("CurrConnections", AVERAGE, options)

    def curr_items(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """CurrItems: items in the cache; an average."""
        return self._named("CurrItems", AVERAGE, options)

    def decr_hits(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """DecrHits: decrements that found their key; a sum."""
        return self._named("DecrHits", SUM, options)

    def decr_misses(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """DecrMisses: decrements that did not find their key; a sum."""
        return self._named("DecrMisses", SUM, options)

    def delete_hits(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """DeleteHits: deletes that found their key; a sum."""
        return self._named("DeleteHits", SUM, options)

    def delete_misses(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """DeleteMisses: deletes that did not find their key; a sum."""
        return self._named("DeleteMisses", SUM, options)

    def evicted_unfetched(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """EvictedUnfetched: items evicted that nobody had read; a sum."""
        return self._named("EvictedUnfetched", SUM, options)

    def evictions(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """Evictions: items removed to free memory; a sum."""
        return self._named("Evictions", SUM, options)

    def expired_unfetched(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """ExpiredUnfetched: items expired that nobody had read; a sum."""
        return self._named("ExpiredUnfetched", SUM, options)

    def get_hits(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """GetHits: reads that found their key; a sum."""
        return self._named("GetHits", SUM, options)

    def get_misses(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """GetMisses: reads that did not find their key; a sum."""
        return self._named("GetMisses", SUM, options)

    def incr_hits(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """IncrHits: increments that found their key; a sum."""
        return self._named("IncrHits", SUM, options)

    def incr_misses(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """IncrMisses: increments that did not find their key; a sum."""
        return self._named("IncrMisses", SUM, options)

    def new_connections(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """NewConnections: connections that were accepted; a sum."""
        return self._named("NewConnections", SUM, options)

    def new_items(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """NewItems: items that were stored; a sum."""
        return self._named("NewItems", SUM, options)

    def reclaimed(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """Reclaimed: expired items whose memory was used again; a sum."""
        return self._named("Reclaimed", SUM, options)

    def slabs_moved(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """SlabsMoved: slab pages that were moved; a sum."""
        return self._named("SlabsMoved", SUM, options)

    def touch_hits(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """TouchHits: touches that found their key; a sum."""
        return self._named("TouchHits", SUM, options)

    def touch_misses(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """TouchMisses: touches that did not find their key; a sum."""
        return self._named("TouchMisses", SUM, options)

    def unused_memory(self, **options: Unpack[MemcachedMetricOptions]) -> cloudwatch.Metric:
        """UnusedMemory: bytes that no item uses; an average."""
        return self._named("UnusedMemory", AVERAGE, options)

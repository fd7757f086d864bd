"""Parameters of the family memcached1.6; written by `make facts`, not by hand."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from .base import Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Memcached16Parameters(Parameters):
    """Parameters of the family memcached1.6; what is left out keeps the family's default.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html

    :param cas_disabled: `cas_disabled`: text or a number.
    :param chunk_size: `chunk_size`: text or a number.
    :param chunk_size_growth_factor: `chunk_size_growth_factor`: text or a number.
    :param disable_flush_all: `disable_flush_all`: text or a number.
    :param error_on_memory_exhausted: `error_on_memory_exhausted`: text or a number.
    :param expirezero_does_not_evict: `expirezero_does_not_evict`: text or a number.
    :param hash_algorithm: `hash_algorithm`: jenkins or murmur3.
    :param idle_timeout: `idle_timeout`: text or a number.
    :param inline_ascii_resp: `inline_ascii_resp`: text or a number.
    :param lru_crawler: `lru_crawler`: text or a number.
    :param lru_maintainer: `lru_maintainer`: text or a number.
    :param max_item_size: `max_item_size`: text or a number.
    :param maxconns_fast: `maxconns_fast`: text or a number.
    :param maximize_core_file_limit: `maximize_core_file_limit`: text or a number.
    :param memcached_connections_overhead: `memcached_connections_overhead`: text or a number.
    :param modern: `modern`: text or a number.
    :param no_modern: `no_modern`: text or a number.
    :param slab_automove: `slab_automove`: text or a number.
    :param slab_chunk_max: `slab_chunk_max`: text or a number.
    :param slab_reassign: `slab_reassign`: text or a number.
    :param track_sizes: `track_sizes`: text or a number.
    :param watch: `watch`: text or a number.
    :param watcher_logbuf_size: `watcher_logbuf_size`: text or a number.
    :param worker_logbuf_size: `worker_logbuf_size`: text or a number.
    """

    family: ClassVar[str] = "memcached1.6"

    cas_disabled: str | int | None = field(default=None, metadata={"name": "cas_disabled"})
    chunk_size: str | int | None = field(default=None, metadata={"name": "chunk_size"})
    chunk_size_growth_factor: str | int | None = field(default=None, metadata={"name": "chunk_size_growth_factor"})
    disable_flush_all: str | int | None = field(default=None, metadata={"name": "disable_flush_all"})
    error_on_memory_exhausted: str | int | None = field(default=None, metadata={"name": "error_on_memory_exhausted"})
    expirezero_does_not_evict: str | int | None = field(default=None, metadata={"name": "expirezero_does_not_evict"})
    hash_algorithm: Literal["jenkins", "murmur3"] | None = field(default=None, metadata={"name": "hash_algorithm"})
    idle_timeout: str | int | None = field(default=None, metadata={"name": "idle_timeout"})
    inline_ascii_resp: str | int | None = field(default=None, metadata={"name": "inline_ascii_resp"})
    lru_crawler: str | int | None = field(default=None, metadata={"name": "lru_crawler"})
    lru_maintainer: str | int | None = field(default=None, metadata={"name": "lru_maintainer"})
    max_item_size: str | int | None = field(default=None, metadata={"name": "max_item_size"})
    maxconns_fast: str | int | None = field(default=None, metadata={"name": "maxconns_fast"})
    maximize_core_file_limit: str | int | None = field(default=None, metadata={"name": "maximize_core_file_limit"})
    memcached_connections_overhead: str | int | None = field(
        default=None, metadata={"name": "memcached_connections_overhead"}
    )
    modern: str | int | None = field(default=None, metadata={"name": "modern"})
    no_modern: str | int | None = field(default=None, metadata={"name": "no_modern"})
    slab_automove: str | int | None = field(default=None, metadata={"name": "slab_automove"})
    slab_chunk_max: str | int | None = field(default=None, metadata={"name": "slab_chunk_max"})
    slab_reassign: str | int | None = field(default=None, metadata={"name": "slab_reassign"})
    track_sizes: str | int | None = field(default=None, metadata={"name": "track_sizes"})
    watch: str | int | None = field(default=None, metadata={"name": "watch"})
    watcher_logbuf_size: str | int | None = field(default=None, metadata={"name": "watcher_logbuf_size"})
    worker_logbuf_size: str | int | None = field(default=None, metadata={"name": "worker_logbuf_size"})

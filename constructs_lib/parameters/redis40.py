"""Parameters of the family redis4.0; written by `make facts`, not by hand."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from .base import Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Redis40Parameters(Parameters):
    """Parameters of the family redis4.0; what is left out keeps the family's default.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html

    :param active_defrag_cycle_max: `active-defrag-cycle-max`: 1 to 75.
    :param active_defrag_cycle_min: `active-defrag-cycle-min`: 1 to 75.
    :param active_defrag_ignore_bytes: `active-defrag-ignore-bytes`: 10485760 to 104857600.
    :param active_defrag_threshold_lower: `active-defrag-threshold-lower`: 1 to 100.
    :param active_defrag_threshold_upper: `active-defrag-threshold-upper`: 1 to 100.
    :param activedefrag: `activedefrag`: True or False.
    :param activerehashing: `activerehashing`: True or False.
    :param client_output_buffer_limit_normal_hard_limit: `client-output-buffer-limit-normal-hard-limit`: 0 and up.
    :param client_output_buffer_limit_normal_soft_limit: `client-output-buffer-limit-normal-soft-limit`: 0 and up.
    :param client_output_buffer_limit_normal_soft_seconds: `client-output-buffer-limit-normal-soft-seconds`: 0 and up.
    :param client_output_buffer_limit_pubsub_hard_limit: `client-output-buffer-limit-pubsub-hard-limit`: 0 and up.
    :param client_output_buffer_limit_pubsub_soft_limit: `client-output-buffer-limit-pubsub-soft-limit`: 0 and up.
    :param client_output_buffer_limit_pubsub_soft_seconds: `client-output-buffer-limit-pubsub-soft-seconds`: 0 and up.
    :param client_query_buffer_limit: `client-query-buffer-limit`: 1048576 to 1073741824.
    :param close_on_slave_write: `close-on-slave-write`: True or False.
    :param cluster_require_full_coverage: `cluster-require-full-coverage`: True or False.
    :param databases: `databases`: 1 to 1200000.
    :param hash_max_ziplist_entries: `hash-max-ziplist-entries`: 0 and up.
    :param hash_max_ziplist_value: `hash-max-ziplist-value`: 0 and up.
    :param hll_sparse_max_bytes: `hll-sparse-max-bytes`: text or a number.
    :param lazyfree_lazy_eviction: `lazyfree-lazy-eviction`: True or False.
    :param lazyfree_lazy_expire: `lazyfree-lazy-expire`: True or False.
    :param lazyfree_lazy_server_del: `lazyfree-lazy-server-del`: True or False.
    :param lfu_decay_time: `lfu-decay-time`: text or a number.
    :param lfu_log_factor: `lfu-log-factor`: 1 and up.
    :param list_compress_depth: `list-compress-depth`: text or a number.
    :param maxmemory_policy: `maxmemory-policy`: volatile-lru or allkeys-lru or volatile-lfu or allkeys-lfu or volatile-random or allkeys-random or volatile-ttl or noeviction.
    :param maxmemory_samples: `maxmemory-samples`: 1 and up.
    :param min_slaves_max_lag: `min-slaves-max-lag`: 0 and up.
    :param min_slaves_to_write: `min-slaves-to-write`: 0 and up.
    :param notify_keyspace_events: `notify-keyspace-events`: text or a number.
    :param proto_max_bulk_len: `proto-max-bulk-len`: 1048576 to 536870912.
    :param repl_backlog_size: `repl-backlog-size`: 16384 and up.
    :param repl_backlog_ttl: `repl-backlog-ttl`: 0 and up.
    :param reserved_memory: `reserved-memory`: 0 and up.
    :param reserved_memory_percent: `reserved-memory-percent`: text or a number.
    :param set_max_intset_entries: `set-max-intset-entries`: 0 and up.
    :param slowlog_log_slower_than: `slowlog-log-slower-than`: text or a number.
    :param slowlog_max_len: `slowlog-max-len`: 0 and up.
    :param tcp_keepalive: `tcp-keepalive`: 0 and up.
    :param timeout: `timeout`: 0, or 20 and up.
    :param zset_max_ziplist_entries: `zset-max-ziplist-entries`: 0 and up.
    :param zset_max_ziplist_value: `zset-max-ziplist-value`: 0 and up.
    """

    family: ClassVar[str] = "redis4.0"

    active_defrag_cycle_max: int | None = field(default=None, metadata={"name": "active-defrag-cycle-max"})
    active_defrag_cycle_min: int | None = field(default=None, metadata={"name": "active-defrag-cycle-min"})
    active_defrag_ignore_bytes: int | None = field(default=None, metadata={"name": "active-defrag-ignore-bytes"})
    active_defrag_threshold_lower: int | None = field(default=None, metadata={"name": "active-defrag-threshold-lower"})
    active_defrag_threshold_upper: int | None = field(default=None, metadata={"name": "active-defrag-threshold-upper"})
    activedefrag: bool | None = field(default=None, metadata={"name": "activedefrag"})
    activerehashing: bool | None = field(default=None, metadata={"name": "activerehashing"})
    client_output_buffer_limit_normal_hard_limit: int | None = field(
        default=None, metadata={"name": "client-output-buffer-limit-normal-hard-limit"}
    )
    client_output_buffer_limit_normal_soft_limit: int | None = field(
        default=None, metadata={"name": "client-output-buffer-limit-normal-soft-limit"}
    )
    client_output_buffer_limit_normal_soft_seconds: int | None = field(
        default=None, metadata={"name": "client-output-buffer-limit-normal-soft-seconds"}
    )
    client_output_buffer_limit_pubsub_hard_limit: int | None = field(
        default=None, metadata={"name": "client-output-buffer-limit-pubsub-hard-limit"}
    )
    client_output_buffer_limit_pubsub_soft_limit: int | None = field(
        default=None, metadata={"name": "client-output-buffer-limit-pubsub-soft-limit"}
    )
    client_output_buffer_limit_pubsub_soft_seconds: int | None = field(
        default=None, metadata={"name": "client-output-buffer-limit-pubsub-soft-seconds"}
    )
    client_query_buffer_limit: int | None = field(default=None, metadata={"name": "client-query-buffer-limit"})
    close_on_slave_write: bool | None = field(default=None, metadata={"name": "close-on-slave-write"})
    cluster_require_full_coverage: bool | None = field(default=None, metadata={"name": "cluster-require-full-coverage"})
    databases: int | None = field(default=None, metadata={"name": "databases"})
    hash_max_ziplist_entries: int | None = field(default=None, metadata={"name": "hash-max-ziplist-entries"})
    hash_max_ziplist_value: int | None = field(default=None, metadata={"name": "hash-max-ziplist-value"})
    hll_sparse_max_bytes: str | int | None = field(default=None, metadata={"name": "hll-sparse-max-bytes"})
    lazyfree_lazy_eviction: bool | None = field(default=None, metadata={"name": "lazyfree-lazy-eviction"})
    lazyfree_lazy_expire: bool | None = field(default=None, metadata={"name": "lazyfree-lazy-expire"})
    lazyfree_lazy_server_del: bool | None = field(default=None, metadata={"name": "lazyfree-lazy-server-del"})
    lfu_decay_time: str | int | None = field(default=None, metadata={"name": "lfu-decay-time"})
    lfu_log_factor: int | None = field(default=None, metadata={"name": "lfu-log-factor"})
    list_compress_depth: str | int | None = field(default=None, metadata={"name": "list-compress-depth"})
    maxmemory_policy: (
        Literal[
            "volatile-lru",
            "allkeys-lru",
            "volatile-lfu",
            "allkeys-lfu",
            "volatile-random",
            "allkeys-random",
            "volatile-ttl",
            "noeviction",
        ]
        | None
    ) = field(default=None, metadata={"name": "maxmemory-policy"})
    maxmemory_samples: int | None = field(default=None, metadata={"name": "maxmemory-samples"})
    min_slaves_max_lag: int | None = field(default=None, metadata={"name": "min-slaves-max-lag"})
    min_slaves_to_write: int | None = field(default=None, metadata={"name": "min-slaves-to-write"})
    notify_keyspace_events: str | int | None = field(default=None, metadata={"name": "notify-keyspace-events"})
    proto_max_bulk_len: int | None = field(default=None, metadata={"name": "proto-max-bulk-len"})
    repl_backlog_size: int | None = field(default=None, metadata={"name": "repl-backlog-size"})
    repl_backlog_ttl: int | None = field(default=None, metadata={"name": "repl-backlog-ttl"})
    reserved_memory: int | None = field(default=None, metadata={"name": "reserved-memory"})
    reserved_memory_percent: str | int | None = field(default=None, metadata={"name": "reserved-memory-percent"})
    set_max_intset_entries: int | None = field(default=None, metadata={"name": "set-max-intset-entries"})
    slowlog_log_slower_than: str | int | None = field(default=None, metadata={"name": "slowlog-log-slower-than"})
    slowlog_max_len: int | None = field(default=None, metadata={"name": "slowlog-max-len"})
    tcp_keepalive: int | None = field(default=None, metadata={"name": "tcp-keepalive"})
    timeout: int | None = field(default=None, metadata={"name": "timeout"})
    zset_max_ziplist_entries: int | None = field(default=None, metadata={"name": "zset-max-ziplist-entries"})
    zset_max_ziplist_value: int | None = field(default=None, metadata={"name": "zset-max-ziplist-value"})

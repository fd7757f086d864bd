"""Parameters of the family valkey9; written by `make facts`, not by hand."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from .base import Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey9Parameters(Parameters):
    """Parameters of the family valkey9; what is left out keeps the family's default.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html

    :param acl_pubsub_default: `acl-pubsub-default`: resetchannels or allchannels.
    :param acllog_max_len: `acllog-max-len`: text or a number.
    :param active_defrag_cycle_max: `active-defrag-cycle-max`: 1 to 75.
    :param active_defrag_cycle_min: `active-defrag-cycle-min`: 1 to 75.
    :param active_defrag_ignore_bytes: `active-defrag-ignore-bytes`: 10485760 to 104857600.
    :param active_defrag_max_scan_fields: `active-defrag-max-scan-fields`: 1 to 1000000.
    :param active_defrag_threshold_lower: `active-defrag-threshold-lower`: 1 to 100.
    :param active_defrag_threshold_upper: `active-defrag-threshold-upper`: 1 to 100.
    :param active_expire_effort: `active-expire-effort`: 1 to 10.
    :param activedefrag: `activedefrag`: True or False.
    :param client_output_buffer_limit_normal_hard_limit: `client-output-buffer-limit-normal-hard-limit`: 0 and up.
    :param client_output_buffer_limit_normal_soft_limit: `client-output-buffer-limit-normal-soft-limit`: 0 and up.
    :param client_output_buffer_limit_normal_soft_seconds: `client-output-buffer-limit-normal-soft-seconds`: 0 and up.
    :param client_output_buffer_limit_pubsub_hard_limit: `client-output-buffer-limit-pubsub-hard-limit`: 0 and up.
    :param client_output_buffer_limit_pubsub_soft_limit: `client-output-buffer-limit-pubsub-soft-limit`: 0 and up.
    :param client_output_buffer_limit_pubsub_soft_seconds: `client-output-buffer-limit-pubsub-soft-seconds`: 0 and up.
    :param client_query_buffer_limit: `client-query-buffer-limit`: 1048576 to 1073741824.
    :param close_on_replica_write: `close-on-replica-write`: True or False.
    :param close_on_slave_write: `close-on-slave-write`: True or False.
    :param cluster_allow_pubsub_shard_when_down: `cluster-allow-pubsub-shard-when-down`: True or False.
    :param cluster_allow_pubsubshard_when_down: `cluster-allow-pubsubshard-when-down`: True or False.
    :param cluster_allow_reads_when_down: `cluster-allow-reads-when-down`: True or False.
    :param cluster_databases: `cluster-databases`: 0 to 10000.
    :param cluster_preferred_endpoint_type: `cluster-preferred-endpoint-type`: ip or tls-dynamic.
    :param cluster_require_full_coverage: `cluster-require-full-coverage`: True or False.
    :param commandlog_large_reply_max_len: `commandlog-large-reply-max-len`: 0 to 1024.
    :param commandlog_large_request_max_len: `commandlog-large-request-max-len`: 0 to 1024.
    :param commandlog_reply_larger_than: `commandlog-reply-larger-than`: text or a number.
    :param commandlog_request_larger_than: `commandlog-request-larger-than`: text or a number.
    :param databases: `databases`: 1 to 1200000.
    :param extended_redis_compatibility: `extended-redis-compatibility`: True or False.
    :param hash_max_listpack_entries: `hash-max-listpack-entries`: 0 and up.
    :param hash_max_listpack_value: `hash-max-listpack-value`: 0 and up.
    :param hll_sparse_max_bytes: `hll-sparse-max-bytes`: text or a number.
    :param latency_tracking: `latency-tracking`: True or False.
    :param lfu_decay_time: `lfu-decay-time`: text or a number.
    :param lfu_log_factor: `lfu-log-factor`: 1 and up.
    :param list_compress_depth: `list-compress-depth`: text or a number.
    :param list_max_listpack_size: `list-max-listpack-size`: text or a number.
    :param maxmemory_policy: `maxmemory-policy`: volatile-lru or allkeys-lru or volatile-lfu or allkeys-lfu or volatile-random or allkeys-random or volatile-ttl or noeviction.
    :param maxmemory_samples: `maxmemory-samples`: 1 to 64.
    :param min_replicas_max_lag: `min-replicas-max-lag`: 0 and up.
    :param min_replicas_to_write: `min-replicas-to-write`: 0 and up.
    :param min_slaves_max_lag: `min-slaves-max-lag`: 0 and up.
    :param min_slaves_to_write: `min-slaves-to-write`: 0 and up.
    :param notify_keyspace_events: `notify-keyspace-events`: text or a number.
    :param proto_max_bulk_len: `proto-max-bulk-len`: 1048576 to 536870912.
    :param rename_commands: `rename-commands`: text or a number.
    :param repl_backlog_size: `repl-backlog-size`: 16384 and up.
    :param repl_backlog_ttl: `repl-backlog-ttl`: 0 and up.
    :param reserved_memory: `reserved-memory`: 0 and up.
    :param reserved_memory_percent: `reserved-memory-percent`: text or a number.
    :param search_default_timeout_ms: `search-default-timeout-ms`: 1 to 60000.
    :param search_enable_partial_results: `search-enable-partial-results`: True or False.
    :param search_fanout_target_mode: `search-fanout-target-mode`: client or throughput.
    :param set_max_intset_entries: `set-max-intset-entries`: 0 and up.
    :param slowlog_log_slower_than: `slowlog-log-slower-than`: text or a number.
    :param slowlog_max_len: `slowlog-max-len`: 0 and up.
    :param stream_node_max_bytes: `stream-node-max-bytes`: 0 and up.
    :param stream_node_max_entries: `stream-node-max-entries`: 0 and up.
    :param tcp_keepalive: `tcp-keepalive`: 0 and up.
    :param timeout: `timeout`: 0, or 20 and up.
    :param tracking_table_max_keys: `tracking-table-max-keys`: text or a number.
    :param zset_max_listpack_entries: `zset-max-listpack-entries`: 0 and up.
    :param zset_max_listpack_value: `zset-max-listpack-value`: 0 and up.
    """

    family: ClassVar[str] = "valkey9"

    acl_pubsub_default: Literal["resetchannels", "allchannels"] | None = field(
        default=None, metadata={"name": "acl-pubsub-default"}
    )
    acllog_max_len: str | int | None = field(default=None, metadata={"name": "acllog-max-len"})
    active_defrag_cycle_max: int | None = field(default=None, metadata={"name": "active-defrag-cycle-max"})
    active_defrag_cycle_min: int | None = field(default=None, metadata={"name": "active-defrag-cycle-min"})
    active_defrag_ignore_bytes: int | None = field(default=None, metadata={"name": "active-defrag-ignore-bytes"})
    active_defrag_max_scan_fields: int | None = field(default=None, metadata={"name": "active-defrag-max-scan-fields"})
    active_defrag_threshold_lower: int | None = field(default=None, metadata={"name": "active-defrag-threshold-lower"})
    active_defrag_threshold_upper: int | None = field(default=None, metadata={"name": "active-defrag-threshold-upper"})
    active_expire_effort: int | None = field(default=None, metadata={"name": "active-expire-effort"})
    activedefrag: bool | None = field(default=None, metadata={"name": "activedefrag"})
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
    close_on_replica_write: bool | None = field(default=None, metadata={"name": "close-on-replica-write"})
    close_on_slave_write: bool | None = field(default=None, metadata={"name": "close-on-slave-write"})
    cluster_allow_pubsub_shard_when_down: bool | None = field(
        default=None, metadata={"name": "cluster-allow-pubsub-shard-when-down"}
    )
    cluster_allow_pubsubshard_when_down: bool | None = field(
        default=None, metadata={"name": "cluster-allow-pubsubshard-when-down"}
    )
    cluster_allow_reads_when_down: bool | None = field(default=None, metadata={"name": "cluster-allow-reads-when-down"})
    cluster_databases: int | None = field(default=None, metadata={"name": "cluster-databases"})
    cluster_preferred_endpoint_type: Literal["ip", "tls-dynamic"] | None = field(
        default=None, metadata={"name": "cluster-preferred-endpoint-type"}
    )
    cluster_require_full_coverage: bool | None = field(default=None, metadata={"name": "cluster-require-full-coverage"})
    commandlog_large_reply_max_len: int | None = field(
        default=None, metadata={"name": "commandlog-large-reply-max-len"}
    )
    commandlog_large_request_max_len: int | None = field(
        default=None, metadata={"name": "commandlog-large-request-max-len"}
    )
    commandlog_reply_larger_than: str | int | None = field(
        default=None, metadata={"name": "commandlog-reply-larger-than"}
    )
    commandlog_request_larger_than: str | int | None = field(
        default=None, metadata={"name": "commandlog-request-larger-than"}
    )
    databases: int | None = field(default=None, metadata={"name": "databases"})
    extended_redis_compatibility: bool | None = field(default=None, metadata={"name": "extended-redis-compatibility"})
    hash_max_listpack_entries: int | None = field(default=None, metadata={"name": "hash-max-listpack-entries"})
    hash_max_listpack_value: int | None = field(default=None, metadata={"name": "hash-max-listpack-value"})
    hll_sparse_max_bytes: str | int | None = field(default=None, metadata={"name": "hll-sparse-max-bytes"})
    latency_tracking: bool | None = field(default=None, metadata={"name": "latency-tracking"})
    lfu_decay_time: str | int | None = field(default=None, metadata={"name": "lfu-decay-time"})
    lfu_log_factor: int | None = field(default=None, metadata={"name": "lfu-log-factor"})
    list_compress_depth: str | int | None = field(default=None, metadata={"name": "list-compress-depth"})
    list_max_listpack_size: str | int | None = field(default=None, metadata={"name": "list-max-listpack-size"})
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
    min_replicas_max_lag: int | None = field(default=None, metadata={"name": "min-replicas-max-lag"})
    min_replicas_to_write: int | None = field(default=None, metadata={"name": "min-replicas-to-write"})
    min_slaves_max_lag: int | None = field(default=None, metadata={"name": "min-slaves-max-lag"})
    min_slaves_to_write: int | None = field(default=None, metadata={"name": "min-slaves-to-write"})
    notify_keyspace_events: str | int | None = field(default=None, metadata={"name": "notify-keyspace-events"})
    proto_max_bulk_len: int | None = field(default=None, metadata={"name": "proto-max-bulk-len"})
    rename_commands: str | int | None = field(default=None, metadata={"name": "rename-commands"})
    repl_backlog_size: int | None = field(default=None, metadata={"name": "repl-backlog-size"})
    repl_backlog_ttl: int | None = field(default=None, metadata={"name": "repl-backlog-ttl"})
    reserved_memory: int | None = field(default=None, metadata={"name": "reserved-memory"})
    reserved_memory_percent: str | int | None = field(default=None, metadata={"name": "reserved-memory-percent"})
    search_default_timeout_ms: int | None = field(default=None, metadata={"name": "search-default-timeout-ms"})
    search_enable_partial_results: bool | None = field(default=None, metadata={"name": "search-enable-partial-results"})
    search_fanout_target_mode: Literal["client", "throughput"] | None = field(
        default=None, metadata={"name": "search-fanout-target-mode"}
    )
    set_max_intset_entries: int | None = field(default=None, metadata={"name": "set-max-intset-entries"})
    slowlog_log_slower_than: str | int | None = field(default=None, metadata={"name": "slowlog-log-slower-than"})
    slowlog_max_len: int | None = field(default=None, metadata={"name": "slowlog-max-len"})
    stream_node_max_bytes: int | None = field(default=None, metadata={"name": "stream-node-max-bytes"})
    stream_node_max_entries: int | None = field(default=None, metadata={"name": "stream-node-max-entries"})
    tcp_keepalive: int | None = field(default=None, metadata={"name": "tcp-keepalive"})
    timeout: int | None = field(default=None, metadata={"name": "timeout"})
    tracking_table_max_keys: str | int | None = field(default=None, metadata={"name": "tracking-table-max-keys"})
    zset_max_listpack_entries: int | None = field(default=None, metadata={"name": "zset-max-listpack-entries"})
    zset_max_listpack_value: int | None = field(default=None, metadata={"name": "zset-max-listpack-value"})

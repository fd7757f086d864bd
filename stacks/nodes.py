"""The fields of node-based Redis OSS and Valkey caches: replication groups and Global Datastore members."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from constructs_lib import ClusterMode, EngineVersion, LogDelivery, NodeType
from stacks.secured import SecuredDeployment


@dataclass(frozen=True, kw_only=True)
class NodesDeployment(SecuredDeployment):
    """A node-based cache.

    :param cluster_mode: disabled, enabled or compatible.
    :param engine: redis or valkey.
    :param engine_version: such as 7.1. Default: 7.1 for redis, the newest for valkey.
    :param node_type: the node type.
    :param shards: the number of shards, 1 to 500; 1 unless cluster mode is enabled.
    :param replicas: the number of replicas in each shard, 0 to 5.
    :param port: 1150 to 65535, not 8005.
    :param maintenance_window: weekly, `ddd:hh24:mi-ddd:hh24:mi` in UTC. Default: ElastiCache chooses.
    :param log_delivery: whether the slow log and the engine log are delivered to log groups.
    """

    MORE_SHARDS: ClassVar[str] = "deployment=cluster-mode-enabled"
    """The context option that allows more than one shard, for an error."""

    cluster_mode: Literal["disabled", "enabled", "compatible"] = "disabled"
    engine: Literal["redis", "valkey"] = "redis"
    engine_version: str | None = None
    node_type: str = "cache.t4g.micro"
    shards: int = 1
    replicas: int = 1
    port: int = 6379
    maintenance_window: str | None = None
    log_delivery: bool = False

    def __post_init__(self) -> None:
        """Check that more than one shard has cluster mode enabled."""
        super().__post_init__()
        if self.cluster_mode != "enabled" and self.shards != 1:
            raise ValueError(
                f"{self.name}: shards must be 1 with cluster mode {self.cluster_mode}, got {self.shards}; "
                f"choose -c {self.MORE_SHARDS}"
            )

    def engine_version_value(self) -> EngineVersion:
        """The engine and its version."""
        if self.engine_version is not None:
            return EngineVersion.of(self.engine, self.engine_version)
        return EngineVersion.REDIS_7_1 if self.engine == "redis" else EngineVersion.latest(self.engine)

    def cluster_mode_value(self) -> ClusterMode:
        """The cluster mode with shards and replicas."""
        if self.cluster_mode == "enabled":
            return ClusterMode.enabled(shards=self.shards, replicas_per_shard=self.replicas)
        if self.cluster_mode == "compatible":
            return ClusterMode.compatible(replicas=self.replicas)
        return ClusterMode.disabled(replicas=self.replicas)

    def node_type_value(self) -> NodeType:
        """The node type."""
        return NodeType.of(self.node_type)

    def logs_value(self) -> tuple[LogDelivery, ...]:
        """The log deliveries; empty by default."""
        return (LogDelivery.slow_log(), LogDelivery.engine_log()) if self.log_delivery else ()

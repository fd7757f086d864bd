"""What other constructs ask of a replication group, created here or imported."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._core.names import format_arn
from ..access.access import BoundAccess
from ..values.cluster_mode import ClusterMode
from ..values.engine import EngineVersion
from ..values.options import Endpoint, TransitEncryption
from .cache_base import CacheBase
from .metrics.replication_group import ReplicationGroupMetrics


class ReplicationGroupBase(CacheBase):
    """A replication group as its clients see it: endpoints, connections, grants and metrics.

    Not made directly: `ReplicationGroup` makes one, `from_replication_group_attributes` imports one.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        cluster_mode: ClusterMode,
        engine: EngineVersion,
        transit_encryption: TransitEncryption,
        port: int,
    ) -> None:
        super().__init__(scope, id, port=port)
        self._cluster_mode = cluster_mode
        self._engine = engine
        self._transit_encryption = transit_encryption
        self._global_role: str | None = None

    @property
    def replication_group_id(self) -> str:
        """The id, lower case; IAM tokens are signed for it."""
        raise NotImplementedError

    def _address(self, role: str) -> str | None:
        """The address of the endpoint of a role: primary, reader or configuration."""
        raise NotImplementedError

    @property
    def replication_group_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:replicationgroup:<id>`.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
        """
        return format_arn(self, "replicationgroup", self.replication_group_id)

    @property
    def cluster_mode(self) -> ClusterMode:
        """The layout."""
        return self._cluster_mode

    @property
    def engine(self) -> EngineVersion:
        """The engine and its version."""
        return self._engine

    @property
    def transit_encryption(self) -> TransitEncryption:
        """Whether clients use TLS."""
        return self._transit_encryption

    @property
    def cache_name(self) -> str:
        """The id."""
        return self.replication_group_id

    @property
    def cache_arn(self) -> str:
        """The ARN."""
        return self.replication_group_arn

    @property
    def uses_tls(self) -> bool:
        """Whether clients are to use TLS: where it is required, and where it is preferred."""
        return self._transit_encryption is not TransitEncryption.DISABLED

    def connection_endpoints(self) -> Mapping[str, Endpoint]:
        """The configuration endpoint of a cluster, or else the primary one and where there are replicas the reader."""
        if not self._cluster_mode.has_primary_endpoint:
            return {"configuration": self.configuration_endpoint}
        endpoints = {"primary": self.primary_endpoint}
        # A secondary's replicas are read like it is itself, and nothing can be written to try them.
        if self._cluster_mode.replicas_per_shard > 0 and self._global_role != "secondary":
            endpoints["reader"] = self.reader_endpoint
        return endpoints

    def connection_settings(self) -> Mapping[str, object]:
        """Engine, version, mode, shards and replicas."""
        global_role = {} if self._global_role is None else {"global_role": self._global_role}
        return {
            **global_role,
            "engine": self._engine.engine.value,
            "engine_version": self._engine.version,
            "cluster_mode": self._cluster_mode.name.value,
            "shards": self._cluster_mode.shards,
            "replicas_per_shard": self._cluster_mode.replicas_per_shard,
        }

    @property
    def metrics(self) -> ReplicationGroupMetrics:
        """CloudWatch metrics of the nodes."""
        region, account = self._metric_environment()
        return ReplicationGroupMetrics(
            self.replication_group_id,
            numbered_shards=not self._cluster_mode.has_primary_endpoint,
            region=region,
            account=account,
        )

    @property
    def primary_endpoint(self) -> Endpoint:
        """Where to write, and to read what was just written; with cluster mode disabled or compatible.

        :raises ValueError: with cluster mode enabled.
        """
        return self._endpoint("primary", self._cluster_mode.has_primary_endpoint)

    @property
    def reader_endpoint(self) -> Endpoint:
        """Where to read from the replicas; with cluster mode disabled or compatible.

        :raises ValueError: with cluster mode enabled.
        """
        return self._endpoint("reader", self._cluster_mode.has_primary_endpoint)

    @property
    def configuration_endpoint(self) -> Endpoint:
        """Where a cluster client learns of all nodes; with cluster mode enabled or compatible.

        :raises ValueError: with cluster mode disabled.
        """
        return self._endpoint("configuration", self._cluster_mode.is_clustered)

    def _endpoint(self, role: str, exists: bool) -> Endpoint:
        mode = self._cluster_mode.name
        if not exists:
            right = (
                "configuration_endpoint" if self._cluster_mode.is_clustered else "primary_endpoint or reader_endpoint"
            )
            raise ValueError(
                f"{self.node.path}: {role}_endpoint must be asked of another cluster mode, got {mode}; use {right}"
            )
        address = self._address(role)
        if address is None:
            raise ValueError(
                f"{self.node.path}: {role}_endpoint must be given when it is imported, got nothing; "
                f"pass {role}_endpoint_address to from_replication_group_attributes"
            )
        return Endpoint(address, self._port)


class ImportedReplicationGroup(ReplicationGroupBase):
    """What `ReplicationGroup.from_replication_group_attributes` returns."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        replication_group_id: str,
        addresses: Mapping[str, str | None],
        security_groups: Sequence[ec2.ISecurityGroup],
        engine: EngineVersion,
        cluster_mode: ClusterMode,
        port: int,
        transit_encryption: TransitEncryption,
        access: BoundAccess,
    ) -> None:
        super().__init__(
            scope,
            id,
            cluster_mode=cluster_mode,
            engine=engine,
            transit_encryption=transit_encryption,
            port=port,
        )
        self._id = replication_group_id
        self._addresses = addresses
        self._access = access
        self._security_groups = list(security_groups)

    @property
    def replication_group_id(self) -> str:
        """The id that the caller gave."""
        return self._id

    def _address(self, role: str) -> str | None:
        return self._addresses[role]

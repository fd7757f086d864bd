"""What other constructs ask of a replication group, created here or imported."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from .._core.checking import problem
from .._core.imports import Imported, refuse_unknown
from ..access.access import BoundAccess
from ..values.cluster_mode import ClusterMode
from ..values.engine import EngineVersion
from ..values.node_type import NodeType
from ..values.options import Endpoint, TransitEncryption
from .cache_base import CacheBase
from .metrics.replication_group import ReplicationGroupMetrics


class ReplicationGroupBase(CacheBase):
    """A replication group as its clients see it: endpoints, connections, grants and metrics.

    `ReplicationGroup` creates one; its `from_...` methods import one.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        cluster_mode: ClusterMode | None,
        engine: EngineVersion | None,
        transit_encryption: TransitEncryption,
        port: int,
        access: Callable[[Construct], BoundAccess | None],
        security_groups: Callable[[Construct], Sequence[ec2.ISecurityGroup] | None],
        node_type: NodeType | None = None,
        data_tiering: bool | None = None,
        global_role: Literal["primary", "secondary"] | None = None,
        imported: Imported | None = None,
    ) -> None:
        super().__init__(scope, id, port=port, access=access, security_groups=security_groups, imported=imported)
        self._given_cluster_mode = cluster_mode
        self._given_engine = engine
        self._given_node_type = node_type
        self._given_data_tiering = data_tiering
        self._transit_encryption = transit_encryption
        self._global_role = global_role

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
        return self._arn("replicationgroup", self.replication_group_id)

    @property
    def _factory(self) -> str:
        return "from_replication_group_attributes"

    @property
    def _cluster_mode(self) -> ClusterMode:
        return self.cluster_mode

    @property
    def cluster_mode(self) -> ClusterMode:
        """The layout.

        :raises ValueError: for an imported group, when that was not given.
        """
        if self._given_cluster_mode is None:
            refuse_unknown(self, "cluster_mode", self._factory)
        return self._given_cluster_mode

    @property
    def engine(self) -> EngineVersion:
        """The engine and its version.

        :raises ValueError: for an imported group, when that was not given.
        """
        if self._given_engine is None:
            refuse_unknown(self, "engine", self._factory)
        return self._given_engine

    @property
    def node_type(self) -> NodeType:
        """The size of each node.

        :raises ValueError: for an imported group, when that was not given.
        """
        if self._given_node_type is None:
            refuse_unknown(self, "node_type", self._factory)
        return self._given_node_type

    @property
    def data_tiering(self) -> bool:
        """Whether data that is used least lies on disk.

        :raises ValueError: for an imported group, when neither that nor the node type was given.
        """
        if self._given_data_tiering is not None:
            return self._given_data_tiering
        return self.node_type.has_data_tiering

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
        if self._cluster_mode.has_replicas and self._global_role != "secondary":
            endpoints["reader"] = self.reader_endpoint
        return endpoints

    def connection_settings(self) -> Mapping[str, object]:
        """Engine, version, mode, shards and replicas."""
        global_role = {} if self._global_role is None else {"global_role": self._global_role}
        return {
            **global_role,
            "engine": self.engine.engine.value,
            "engine_version": self.engine.version,
            "cluster_mode": self._cluster_mode.name.value,
            "shards": self._cluster_mode.shards,
            "replicas_per_shard": self._cluster_mode.replicas_per_shard,
        }

    def become_primary(self) -> None:
        """Take the role of the primary of a Global Datastore: its clients then write a heartbeat for the others."""
        self._global_role = "primary"
        for listener in self._listeners:
            listener()

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
        if not exists:
            raise problem(
                self,
                f"there is no {role}_endpoint with cluster mode {self._cluster_mode.name}",
                "use configuration_endpoint"
                if self._cluster_mode.is_clustered
                else "use primary_endpoint or reader_endpoint",
            )
        address = self._address(role)
        if address is None:
            refuse_unknown(self, f"{role}_endpoint_address", self._factory)
        return Endpoint(address, self._port)


def endpoint_address(resource: elasticache.CfnReplicationGroup, role: str) -> str:
    """The address of the endpoint of a role, as an attribute of the resource."""
    if role == "primary":
        return resource.attr_primary_end_point_address
    return resource.attr_reader_end_point_address if role == "reader" else resource.attr_configuration_end_point_address

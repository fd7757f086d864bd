"""The base class of replication groups, created in this app or imported."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from .._core.checking import problem
from .._core.imports import Imported, refuse_unknown
from ..access.bound_access import BoundAccess
from ..values.cluster_mode import ClusterMode
from ..values.engine import EngineVersion
from ..values.node_type import NodeType
from ..values.options import Endpoint, TransitEncryption
from .cache_base import CacheBase
from .metrics.replication_group import ReplicationGroupMetrics


class ReplicationGroupBase(CacheBase):
    """A replication group, created in this app or imported: endpoints, connections, grants and metrics.

    `ReplicationGroup` creates one; its `from_...` methods import one.

    ```python
    orders = ReplicationGroup.from_replication_group_attributes(
        self, "Orders", replication_group_id="orders", security_groups=[security_group]
    )
    orders.connections.allow_default_port_from(function)
    ```
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
        self._known_cluster_mode = cluster_mode
        self._known_engine = engine
        self._known_node_type = node_type
        self._known_data_tiering = data_tiering
        self._transit_encryption = transit_encryption
        self._global_role = global_role

    @property
    def replication_group_id(self) -> str:
        """The id, for which clients sign IAM tokens; a token unless it is imported by a literal id."""
        raise NotImplementedError

    def _address(self, role: str) -> str | None:
        """The address of an endpoint by role (primary, reader or configuration); None if it is not known."""
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
        """The cluster mode with its shards and replicas.

        :raises ValueError: for an imported group, if the cluster mode was not passed to the import.
        """
        if self._known_cluster_mode is None:
            refuse_unknown(self, "cluster_mode", self._factory)
        return self._known_cluster_mode

    @property
    def engine(self) -> EngineVersion:
        """The engine and its version.

        :raises ValueError: for an imported group, if the engine was not passed to the import.
        """
        if self._known_engine is None:
            refuse_unknown(self, "engine", self._factory)
        return self._known_engine

    @property
    def node_type(self) -> NodeType:
        """The node type.

        :raises ValueError: for an imported group, if the node type was not passed to the import.
        """
        if self._known_node_type is None:
            refuse_unknown(self, "node_type", self._factory)
        return self._known_node_type

    @property
    def data_tiering(self) -> bool:
        """Whether the nodes use data tiering: the least recently used data is stored on disk.

        :raises ValueError: for an imported group, if neither this nor the node type was passed to the import.
        """
        if self._known_data_tiering is not None:
            return self._known_data_tiering
        return self.node_type.has_data_tiering

    @property
    def transit_encryption(self) -> TransitEncryption:
        """Whether clients use TLS: required, preferred or disabled."""
        return self._transit_encryption

    @property
    def cache_name(self) -> str:
        """The id, as `replication_group_id`."""
        return self.replication_group_id

    @property
    def cache_arn(self) -> str:
        """The ARN, as `replication_group_arn`."""
        return self.replication_group_arn

    @property
    def uses_tls(self) -> bool:
        """Whether clients should connect with TLS: True if it is required or preferred."""
        return self._transit_encryption is not TransitEncryption.DISABLED

    def connection_endpoints(self) -> Mapping[str, Endpoint]:
        """The configuration endpoint with cluster mode enabled, otherwise the primary and the reader endpoint."""
        if not self._cluster_mode.has_primary_endpoint:
            return {"configuration": self.configuration_endpoint}
        endpoints = {"primary": self.primary_endpoint}
        # The reader endpoint cannot be tested on a secondary, because the test needs to write a value first.
        if self._cluster_mode.has_replicas and self._global_role != "secondary":
            endpoints["reader"] = self.reader_endpoint
        return endpoints

    def connection_settings(self) -> Mapping[str, object]:
        """Engine, version, cluster mode, shards and replicas, for the connection test."""
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
        """Make this the primary of a Global Datastore: its clients then write a heartbeat that secondaries read."""
        self._global_role = "primary"
        for listener in self._listeners:
            listener()

    @property
    def metrics(self) -> ReplicationGroupMetrics:
        """CloudWatch metrics of the nodes and shards.

        :raises ValueError: for an imported group, if the cluster mode was not passed to the import.
        """
        region, account = self._metric_environment()
        return ReplicationGroupMetrics(
            self.replication_group_id,
            numbered_shards=not self._cluster_mode.has_primary_endpoint,
            region=region,
            account=account,
        )

    @property
    def primary_endpoint(self) -> Endpoint:
        """The primary endpoint, for writes and consistent reads; with cluster mode disabled or compatible.

        :raises ValueError: with cluster mode enabled, or if the address of an imported group is not known.
        """
        return self._endpoint("primary", self._cluster_mode.has_primary_endpoint)

    @property
    def reader_endpoint(self) -> Endpoint:
        """The reader endpoint, for reads from replicas; with cluster mode disabled or compatible.

        :raises ValueError: with cluster mode enabled, or if the address of an imported group is not known.
        """
        return self._endpoint("reader", self._cluster_mode.has_primary_endpoint)

    @property
    def configuration_endpoint(self) -> Endpoint:
        """The configuration endpoint, for clients with cluster support; with cluster mode enabled or compatible.

        :raises ValueError: with cluster mode disabled, or if the address of an imported group is not known.
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
    """The address of an endpoint by role, as an attribute of the resource; a token."""
    if role == "primary":
        return resource.attr_primary_end_point_address
    return resource.attr_reader_end_point_address if role == "reader" else resource.attr_configuration_end_point_address

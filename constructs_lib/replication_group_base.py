"""What other constructs ask of a replication group, made here or imported."""

import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib._names import format_arn
from constructs_lib.access import BoundAccess
from constructs_lib.cluster_mode import ClusterMode
from constructs_lib.engine import EngineVersion
from constructs_lib.grants import ReplicationGroupGrants
from constructs_lib.metrics import ReplicationGroupMetrics
from constructs_lib.options import Endpoint, TransitEncryption


@jsii.implements(ec2.IConnectable)
class ReplicationGroupBase(Construct):
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
        super().__init__(scope, id)
        self._cluster_mode = cluster_mode
        self._engine = engine
        self._transit_encryption = transit_encryption
        self._port = port
        self._security_groups: list[ec2.ISecurityGroup] = []
        self._connections: ec2.Connections | None = None
        self._access: BoundAccess | None = None

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
    def port(self) -> int:
        """The port, a literal."""
        return self._port

    @property
    def access(self) -> BoundAccess:
        """How clients authenticate."""
        assert self._access is not None  # noqa: S101 - both ways to get one set it
        return self._access

    @property
    def connections(self) -> ec2.Connections:
        """The security groups, with the port as the default one.

        Ask the client's for the rule, so that it lives in the client's stack:
        `client.connections.allow_to_default_port(cache)`.
        """
        if self._connections is None:
            self._connections = ec2.Connections(
                security_groups=self._security_groups, default_port=ec2.Port.tcp(self._port)
            )
        return self._connections

    @property
    def grants(self) -> ReplicationGroupGrants:
        """Permissions: `cache.grants.connect(role)`."""
        return ReplicationGroupGrants(self.node.path, self.replication_group_arn, self.access)

    def grant_connect(self, grantee: iam.IGrantable) -> iam.Grant:
        """The same as `grants.connect`."""
        return self.grants.connect(grantee)

    @property
    def metrics(self) -> ReplicationGroupMetrics:
        """CloudWatch metrics of the nodes."""
        return ReplicationGroupMetrics(
            self.replication_group_id, numbered_shards=not self._cluster_mode.has_primary_endpoint
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

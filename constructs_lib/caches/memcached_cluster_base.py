"""What other constructs ask of a Memcached cluster, made here or imported."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._core.names import format_arn
from ..access.access import BoundAccess
from ..values.authentication import Authentication
from ..values.engine import MemcachedVersion
from ..values.options import Endpoint
from .cache_base import CacheBase
from .metrics.memcached import MemcachedMetrics


class MemcachedClusterBase(CacheBase):
    """A Memcached cluster as its clients see it: endpoint, connections and metrics.

    Not made directly: `MemcachedCluster` makes one, `from_memcached_cluster_attributes` imports one. Nobody
    authenticates, so there are no grants: the security groups decide who connects.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        version: MemcachedVersion,
        nodes: int,
        transit_encryption: bool,
        port: int,
    ) -> None:
        super().__init__(scope, id, port=port)
        self._version, self._nodes, self._tls = version, nodes, transit_encryption
        self._access = BoundAccess(authentication=Authentication.NONE)

    def _address(self) -> str:
        raise NotImplementedError

    @property
    def cluster_name(self) -> str:
        """The cluster's id."""
        raise NotImplementedError

    @property
    def cluster_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:cluster:<id>`."""
        return format_arn(self, "cluster", self.cluster_name)

    @property
    def cache_name(self) -> str:
        """The cluster's id."""
        return self.cluster_name

    @property
    def cache_arn(self) -> str:
        """The ARN."""
        return self.cluster_arn

    @property
    def version(self) -> MemcachedVersion:
        """The version."""
        return self._version

    @property
    def nodes(self) -> int:
        """How many nodes it has."""
        return self._nodes

    @property
    def uses_tls(self) -> bool:
        """Whether clients are to use TLS."""
        return self._tls

    @property
    def configuration_endpoint(self) -> Endpoint:
        """Where a client with auto discovery learns of all nodes.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoDiscovery.html
        """
        return Endpoint(self._address(), self._port)

    @property
    def metrics(self) -> MemcachedMetrics:
        """CloudWatch metrics of the nodes."""
        region, account = self._metric_environment()
        return MemcachedMetrics(self.cluster_name, region=region, account=account)

    def connection_endpoints(self) -> Mapping[str, Endpoint]:
        """The configuration endpoint."""
        return {"configuration": self.configuration_endpoint}

    def connection_settings(self) -> Mapping[str, object]:
        """Engine, version and nodes."""
        return {"engine": "memcached", "engine_version": self._version.version, "nodes": self._nodes}


class ImportedMemcachedCluster(MemcachedClusterBase):
    """What `MemcachedCluster.from_memcached_cluster_attributes` returns."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        cluster_name: str,
        address: str,
        security_groups: Sequence[ec2.ISecurityGroup],
        version: MemcachedVersion,
        nodes: int,
        port: int,
        transit_encryption: bool,
    ) -> None:
        super().__init__(scope, id, version=version, nodes=nodes, transit_encryption=transit_encryption, port=port)
        self._name, self._host = cluster_name, address
        self._security_groups = list(security_groups)

    @property
    def cluster_name(self) -> str:
        """The name that was given."""
        return self._name

    def _address(self) -> str:
        return self._host

"""The base class of Memcached clusters, created in this app or imported."""

from collections.abc import Callable, Mapping, Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._core.imports import Imported, refuse_unknown
from ..access.bound_access import BoundAccess
from ..values.authentication import Authentication
from ..values.engine import MemcachedVersion
from ..values.options import Endpoint
from .cache_base import CacheBase
from .metrics.memcached import MemcachedMetrics


class MemcachedClusterBase(CacheBase):
    """A Memcached cluster, created in this app or imported: endpoint, connections and metrics.

    `MemcachedCluster` creates one; its `from_...` methods import one. There is no authentication: the security groups
    control access.

    ```python
    pages = MemcachedCluster.from_memcached_cluster_attributes(
        self, "Pages", cluster_name="pages", nodes=2, security_groups=[security_group]
    )
    CacheAlarms(self, "Alarms", cache=pages)
    ```
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        version: MemcachedVersion | None,
        nodes: int | None,
        transit_encryption: bool,
        port: int,
        security_groups: Callable[[Construct], Sequence[ec2.ISecurityGroup] | None],
        imported: Imported | None = None,
    ) -> None:
        super().__init__(
            scope,
            id,
            port=port,
            access=lambda _: BoundAccess(authentication=Authentication.NONE),
            security_groups=security_groups,
            imported=imported,
        )
        self._known_version, self._known_nodes, self._tls = version, nodes, transit_encryption

    @property
    def _factory(self) -> str:
        return "from_memcached_cluster_attributes"

    def _address(self) -> str | None:
        raise NotImplementedError

    @property
    def cluster_name(self) -> str:
        """The id of the cluster; a token unless it is imported by a literal id."""
        raise NotImplementedError

    @property
    def cluster_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:cluster:<id>`."""
        return self._arn("cluster", self.cluster_name)

    @property
    def cache_name(self) -> str:
        """The id of the cluster; a token unless it is imported by a literal id."""
        return self.cluster_name

    @property
    def cache_arn(self) -> str:
        """The ARN of the cluster, as `cluster_arn`."""
        return self.cluster_arn

    @property
    def version(self) -> MemcachedVersion:
        """The version of memcached.

        :raises ValueError: for an imported cluster, if the version was not passed to the import.
        """
        if self._known_version is None:
            refuse_unknown(self, "version", self._factory)
        return self._known_version

    @property
    def nodes(self) -> int:
        """The number of nodes.

        :raises ValueError: for an imported cluster, if the number was not passed to the import.
        """
        if self._known_nodes is None:
            refuse_unknown(self, "nodes", self._factory)
        return self._known_nodes

    @property
    def uses_tls(self) -> bool:
        """Whether clients should connect with TLS."""
        return self._tls

    @property
    def configuration_endpoint(self) -> Endpoint:
        """The configuration endpoint, from which clients with auto discovery get the addresses of all nodes.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoDiscovery.html

        :raises ValueError: for an imported cluster, if the address was not passed to the import.
        """
        address = self._address()
        if address is None:
            refuse_unknown(self, "configuration_endpoint_address", self._factory)
        return Endpoint(address, self._port)

    @property
    def metrics(self) -> MemcachedMetrics:
        """CloudWatch metrics of the nodes."""
        region, account = self._metric_environment()
        return MemcachedMetrics(self.cluster_name, region=region, account=account)

    def connection_endpoints(self) -> Mapping[str, Endpoint]:
        """The configuration endpoint, by its role."""
        return {"configuration": self.configuration_endpoint}

    def connection_settings(self) -> Mapping[str, object]:
        """Engine, version and number of nodes, for the connection test."""
        return {"engine": "memcached", "engine_version": self.version.version, "nodes": self.nodes}

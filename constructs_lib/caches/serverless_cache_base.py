"""What other constructs ask of a serverless cache, made here or imported."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from elasticache_rules import facts

from .._core.names import format_arn
from ..access.access import BoundAccess
from ..values.engine import ServerlessEngine, ServerlessEngineName
from ..values.options import Endpoint
from .cache_base import CacheBase
from .metrics.serverless import ServerlessCacheMetrics


class ServerlessCacheBase(CacheBase):
    """A serverless cache as its clients see it: endpoints, connections, grants and metrics.

    Not made directly: `ServerlessCache` makes one, `from_serverless_cache_attributes` imports one. It listens on two
    ports: 6379 and 6380 for reading nearby replicas, or 11211 and 11212 for memcached. Both are opened.
    """

    def __init__(self, scope: Construct, id: str, *, engine: ServerlessEngine) -> None:
        port = facts.load("limits")["default_port"][engine.engine.value]
        super().__init__(scope, id, port=port, last_port=port + 1)
        self._engine = engine

    def _addresses(self) -> tuple[str, str]:
        """The endpoint's address, and the reader endpoint's."""
        raise NotImplementedError

    @property
    def serverless_cache_name(self) -> str:
        """The name, lower case; IAM tokens are signed for it."""
        raise NotImplementedError

    @property
    def serverless_cache_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:serverlesscache:<name>`.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
        """
        return format_arn(self, "serverlesscache", self.serverless_cache_name)

    @property
    def cache_name(self) -> str:
        """The name."""
        return self.serverless_cache_name

    @property
    def cache_arn(self) -> str:
        """The ARN."""
        return self.serverless_cache_arn

    @property
    def uses_tls(self) -> bool:
        """Always."""
        return True

    @property
    def engine(self) -> ServerlessEngine:
        """The engine and its major version."""
        return self._engine

    @property
    def endpoint(self) -> Endpoint:
        """Where clients write and read."""
        return Endpoint(self._addresses()[0], self._port)

    @property
    def reader_endpoint(self) -> Endpoint:
        """Where clients read with less delay, and perhaps not yet the last write."""
        return Endpoint(self._addresses()[1], self._port + 1)

    @property
    def metrics(self) -> ServerlessCacheMetrics:
        """CloudWatch metrics."""
        region, account = self._metric_environment()
        return ServerlessCacheMetrics(self.serverless_cache_name, region=region, account=account)

    def connection_endpoints(self) -> Mapping[str, Endpoint]:
        """The endpoint, as a cluster's configuration endpoint, and the reader endpoint."""
        return {"configuration": self.endpoint, "reader": self.reader_endpoint}

    def connection_settings(self) -> Mapping[str, object]:
        """Engine and major version; how many shards there are is the service's own affair."""
        settings: dict[str, object] = {
            "engine": self._engine.engine.value,
            "engine_version": self._engine.major_version,
            "serverless": True,
        }
        if self._engine.engine is not ServerlessEngineName.MEMCACHED:
            settings.update(cluster_mode="enabled", shards=0)
        return settings


class ImportedServerlessCache(ServerlessCacheBase):
    """What `ServerlessCache.from_serverless_cache_attributes` returns."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        engine: ServerlessEngine,
        name: str,
        addresses: tuple[str, str],
        security_groups: Sequence[ec2.ISecurityGroup],
        access: BoundAccess,
    ) -> None:
        super().__init__(scope, id, engine=engine)
        self._name, self._hosts, self._access = name, addresses, access
        self._security_groups = list(security_groups)

    @property
    def serverless_cache_name(self) -> str:
        """The name that was given."""
        return self._name

    def _addresses(self) -> tuple[str, str]:
        return self._hosts

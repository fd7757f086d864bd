"""The base class of serverless caches, created in this app or imported."""

from collections.abc import Callable, Mapping, Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from elasticache_rules import facts

from .._core.imports import Imported, refuse_unknown
from ..access.bound_access import BoundAccess
from ..values.engine import ServerlessEngine, ServerlessEngineName
from ..values.options import Endpoint
from ..values.usage_limits import UsageLimits
from .cache_base import CacheBase
from .metrics.serverless import ServerlessCacheMetrics


class ServerlessCacheBase(CacheBase):
    """A serverless cache, created in this app or imported: endpoints, connections, grants and metrics.

    `ServerlessCache` creates one; its `from_...` methods import one. It has two ports: 6379, and 6380 for reads from
    replicas; or 11211 and 11212 for memcached. `connections` allows both.

    ```python
    sessions = ServerlessCache.from_serverless_cache_name(self, "Sessions", "sessions")
    sessions.metrics.evictions()
    ```
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        engine: ServerlessEngine | None,
        access: Callable[[Construct], BoundAccess | None],
        security_groups: Callable[[Construct], Sequence[ec2.ISecurityGroup] | None],
        imported: Imported | None = None,
    ) -> None:
        port: int | None = None if engine is None else facts.load("limits")["default_port"][engine.engine.value]
        super().__init__(
            scope,
            id,
            port=port,
            last_port=None if port is None else port + 1,
            access=access,
            security_groups=security_groups,
            imported=imported,
        )
        self._known_engine = engine

    @property
    def _factory(self) -> str:
        return "from_serverless_cache_attributes"

    def _addresses(self) -> tuple[str | None, str | None]:
        """The addresses of the endpoint and the reader endpoint; None for an address that is not known."""
        raise NotImplementedError

    @property
    def serverless_cache_name(self) -> str:
        """The name, for which clients sign IAM tokens; a token unless it is imported by a literal name."""
        raise NotImplementedError

    @property
    def serverless_cache_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:serverlesscache:<name>`.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
        """
        return self._arn("serverlesscache", self.serverless_cache_name)

    @property
    def cache_name(self) -> str:
        """The name, as `serverless_cache_name`."""
        return self.serverless_cache_name

    @property
    def cache_arn(self) -> str:
        """The ARN, as `serverless_cache_arn`."""
        return self.serverless_cache_arn

    @property
    def uses_tls(self) -> bool:
        """Always True: a serverless cache requires TLS."""
        return True

    @property
    def engine(self) -> ServerlessEngine:
        """The engine and its major version.

        :raises ValueError: for an imported cache, if the engine was not passed to the import.
        """
        if self._known_engine is None:
            refuse_unknown(self, "engine", self._factory)
        return self._known_engine

    @property
    def _engine(self) -> ServerlessEngine:
        return self.engine

    @property
    def usage_limits(self) -> UsageLimits:
        """The maximum and minimum usage; without values if there are no limits."""
        raise NotImplementedError

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint for writes and consistent reads.

        :raises ValueError: for an imported cache, if the address was not passed to the import.
        """
        address = self._addresses()[0]
        if address is None:
            refuse_unknown(self, "endpoint_address", self._factory)
        return Endpoint(address, self._port)

    @property
    def reader_endpoint(self) -> Endpoint:
        """The reader endpoint, for reads with lower latency that may return stale data.

        :raises ValueError: for an imported cache, if the address was not passed to the import.
        """
        address = self._addresses()[1]
        if address is None:
            refuse_unknown(self, "reader_endpoint_address", self._factory)
        return Endpoint(address, self._port + 1)

    @property
    def metrics(self) -> ServerlessCacheMetrics:
        """CloudWatch metrics of the serverless cache."""
        region, account = self._metric_environment()
        return ServerlessCacheMetrics(self.serverless_cache_name, region=region, account=account)

    def connection_endpoints(self) -> Mapping[str, Endpoint]:
        """The endpoint, with the role `configuration`, and the reader endpoint."""
        return {"configuration": self.endpoint, "reader": self.reader_endpoint}

    def connection_settings(self) -> Mapping[str, object]:
        """Engine and major version, for the connection test. The service manages the shards, so their number is 0."""
        settings: dict[str, object] = {
            "engine": self._engine.engine.value,
            "engine_version": self._engine.major_version,
            "serverless": True,
        }
        if self._engine.engine is not ServerlessEngineName.MEMCACHED:
            settings.update(cluster_mode="enabled", shards=0)
        return settings

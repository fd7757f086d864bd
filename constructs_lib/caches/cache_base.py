"""The base class of all caches: connections, authentication, grants, and settings for the connection test."""

from collections.abc import Callable, Mapping, Sequence

import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._core.aws_resource import AwsResource
from .._core.imports import Imported, refuse_unknown
from ..access.bound_access import BoundAccess
from ..access.grants import CacheGrants
from ..access.permissions import allow
from ..access.user_base import UserBase
from ..access.user_group import UserGroupBase
from ..values.options import Endpoint


@jsii.implements(ec2.IConnectable)
class CacheBase(AwsResource):
    """A cache of any kind, created in this app or imported. Use the subclasses to create or import one.

    `access` and `security_groups` are functions of the cache, because they may create children of the cache. None means
    that an attribute of an imported cache is not known.

    ```python
    def allow_reads(cache: CacheBase, clients: ec2.ISecurityGroup) -> None:
        # A function for each kind of cache.
        cache.connections.allow_default_port_from(clients)

    allow_reads(cache, security_group)
    ```

    :param port: the port that clients connect to. None for an imported serverless cache with an unknown engine.
    :param last_port: the last port, if clients use a range of ports that starts with `port`. Default: one port.
    :param access: returns the authentication of the cache.
    :param security_groups: returns the security groups of the nodes or endpoints.
    :param imported: the name or ARN of an imported cache. Default: this app creates the cache.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        port: int | None,
        last_port: int | None = None,
        access: Callable[[Construct], BoundAccess | None],
        security_groups: Callable[[Construct], Sequence[ec2.ISecurityGroup] | None],
        imported: Imported | None = None,
    ) -> None:
        super().__init__(scope, id, imported=imported)
        self._known_port = port
        self._last_port = last_port
        self._known_access = access(self)
        groups = security_groups(self)
        self._known_security_groups = None if groups is None else list(groups)
        self._connections: ec2.Connections | None = None
        self._listeners: list[Callable[[], None]] = []

    @property
    def port(self) -> int:
        """The port that clients connect to, known at synth unless the caller passed a token.

        :raises ValueError: for an imported serverless cache, if the engine was not passed to the import.
        """
        return self._port

    @property
    def _port(self) -> int:
        if self._known_port is None:
            refuse_unknown(self, "engine", self._factory)
        return self._known_port

    @property
    def _factory(self) -> str:
        """The name of the method that imports a cache of this kind with attributes, for errors."""
        raise NotImplementedError

    @property
    def cache_name(self) -> str:
        """The id or name of the cache, for which clients sign IAM tokens; a token for a cache of this app."""
        raise NotImplementedError

    @property
    def cache_arn(self) -> str:
        """The ARN of the cache, for IAM policies; a token unless it is imported by a literal ARN."""
        raise NotImplementedError

    @property
    def uses_tls(self) -> bool:
        """Whether clients should connect with TLS."""
        raise NotImplementedError

    @property
    def access(self) -> BoundAccess:
        """The authentication of the cache, with its users or its secret.

        :raises ValueError: for an imported cache, if access was not passed to the import.
        """
        if self._known_access is None:
            refuse_unknown(self, "access", self._factory)
        return self._known_access.current()

    @property
    def user_group(self) -> UserGroupBase | None:
        """The user group of the cache; None for a cache without users.

        :raises ValueError: for an imported cache, if access was not passed to the import.
        """
        return self.access.user_group

    @property
    def _security_groups(self) -> list[ec2.ISecurityGroup]:
        if self._known_security_groups is None:
            refuse_unknown(self, "security_groups", self._factory)
        return self._known_security_groups

    @property
    def connections(self) -> ec2.Connections:
        """The security groups of the cache, with its port or ports as the default port.

        Call `client.connections.allow_to_default_port(cache)` on the client, so that the rules are created in the stack
        of the client.

        :raises ValueError: for an imported cache, if the security groups were not passed to the import.
        """
        if self._connections is None:
            port = (
                ec2.Port.tcp(self._port) if self._last_port is None else ec2.Port.tcp_range(self._port, self._last_port)
            )
            self._connections = ec2.Connections(security_groups=self._security_groups, default_port=port)
        return self._connections

    @property
    def grants(self) -> CacheGrants:
        """The permissions that the cache can grant, such as `cache.grants.connect(role)`."""
        return CacheGrants(self.node.path, self.cache_arn, self.access)

    def grant_connect(self, grantee: iam.IGrantable, *, user: UserBase | None = None) -> iam.Grant:
        """Allow a role to authenticate with the mechanism of this cache; the same as `grants.connect`.

        Example: `cache.grant_connect(function)`.

        :param user: the only user that the role may connect as. Default: all users that are known when this method is
            called.
        :returns: one grant with all statements.
        :raises ValueError: if the cache has no users and no AUTH token, or the users are not known.
        """
        return self.grants.connect(grantee, user=user)

    def grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Allow a role to call ElastiCache API actions on this cache.

        Actions without resource-level permissions, such as `elasticache:DescribeEvents`, need a statement of your own
        with the resource `*`.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html

        Example: `cache.grant(role, "elasticache:DescribeReplicationGroups")`.

        :param actions: one or more, each beginning with `elasticache:`.
        :raises ValueError: for no action, or an action of another service.
        """
        return allow(self.node.path, grantee, actions, [self.cache_arn])

    def connection_endpoints(self) -> Mapping[str, Endpoint]:
        """The endpoints for clients, by role: primary, reader or configuration."""
        raise NotImplementedError

    def connection_settings(self) -> Mapping[str, object]:
        """The settings of this cache for the connection test, by the keys of its configuration."""
        raise NotImplementedError

    def on_changed_settings(self, listener: Callable[[], None]) -> None:
        """Register a function that is called when the cache joins a Global Datastore, which changes the settings."""
        self._listeners.append(listener)

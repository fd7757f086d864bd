"""What clients ask of any cache: connections, access, grants, and how to test it."""

from collections.abc import Callable, Mapping, Sequence

import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._core.aws_resource import AwsResource
from .._core.imports import Imported, refuse_unknown
from ..access.access import BoundAccess
from ..access.grants import CacheGrants
from ..access.permissions import allow
from ..access.user_base import UserBase
from ..access.user_group import UserGroupBase
from ..values.options import Endpoint


@jsii.implements(ec2.IConnectable)
class CacheBase(AwsResource):
    """A cache as its clients see it; not created directly.

    Access and security groups come as functions of the cache, because what they create is below it in the construct
    tree. None stands for what is not known of an imported cache.

    :param port: the port that clients connect to, a literal. Default: it follows from the engine, which is not known.
    :param last_port: the last of a range that begins with it. Default: it is the only one.
    :param access: how clients authenticate.
    :param security_groups: those of the nodes or endpoints.
    :param imported: what identifies an imported cache. Default: the cache is created here.
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
        self._given_port = port
        self._last_port = last_port
        self._given_access = access(self)
        groups = security_groups(self)
        self._given_security_groups = None if groups is None else list(groups)
        self._connections: ec2.Connections | None = None
        self._listeners: list[Callable[[], None]] = []

    @property
    def port(self) -> int:
        """The port, a literal.

        :raises ValueError: for an imported serverless cache whose engine is not known.
        """
        return self._port

    @property
    def _port(self) -> int:
        if self._given_port is None:
            refuse_unknown(self, "engine", self._factory)
        return self._given_port

    @property
    def _factory(self) -> str:
        """The method that imports such a cache with all its attributes."""
        raise NotImplementedError

    @property
    def cache_name(self) -> str:
        """The id or name of the cache; IAM tokens are signed for it."""
        raise NotImplementedError

    @property
    def cache_arn(self) -> str:
        """The ARN of the cache, whatever its kind."""
        raise NotImplementedError

    @property
    def uses_tls(self) -> bool:
        """Whether clients are to use TLS."""
        raise NotImplementedError

    @property
    def access(self) -> BoundAccess:
        """How clients authenticate.

        :raises ValueError: for an imported cache, when that was not given.
        """
        if self._given_access is None:
            refuse_unknown(self, "access", self._factory)
        return self._given_access.current()

    @property
    def user_group(self) -> UserGroupBase | None:
        """The user group that lets clients in; None for a cache without users."""
        return self.access.user_group

    @property
    def _security_groups(self) -> list[ec2.ISecurityGroup]:
        if self._given_security_groups is None:
            refuse_unknown(self, "security_groups", self._factory)
        return self._given_security_groups

    @property
    def connections(self) -> ec2.Connections:
        """The security groups, with the port, or both of them, as the default one.

        Ask the client's for the rule, so that it lives in the client's stack:
        `client.connections.allow_to_default_port(cache)`.

        :raises ValueError: for an imported cache whose security groups are not known.
        """
        if self._connections is None:
            port = (
                ec2.Port.tcp(self._port) if self._last_port is None else ec2.Port.tcp_range(self._port, self._last_port)
            )
            self._connections = ec2.Connections(security_groups=self._security_groups, default_port=port)
        return self._connections

    @property
    def grants(self) -> CacheGrants:
        """Permissions: `cache.grants.connect(role)`."""
        return CacheGrants(self.node.path, self.cache_arn, self.access)

    def grant_connect(self, grantee: iam.IGrantable, *, user: UserBase | None = None) -> iam.Grant:
        """Let a role authenticate, in the way that this cache asks for; the same as `grants.connect`.

        Example: `cache.grant_connect(function)`.

        :param user: the only one that it may connect as. Default: every user that is known at this call.
        :returns: one grant with all statements.
        :raises ValueError: when a role cannot be given that, because the users are not known, or there are none.
        """
        return self.grants.connect(grantee, user=user)

    def grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Allow a role ElastiCache actions on this cache.

        Actions that know no resource, such as `elasticache:DescribeEvents`, need a statement of your own on `*`.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html

        Example: `cache.grant(role, "elasticache:DescribeReplicationGroups")`.

        :param actions: one or more, each beginning with `elasticache:`.
        :raises ValueError: for no action, or an action of another service.
        """
        return allow(self.node.path, grantee, actions, [self.cache_arn])

    def connection_endpoints(self) -> Mapping[str, Endpoint]:
        """The endpoints that a client uses, by their role: primary, reader or configuration."""
        raise NotImplementedError

    def connection_settings(self) -> Mapping[str, object]:
        """What the connection test expects of this cache, by the keys of its configuration."""
        raise NotImplementedError

    def on_changed_settings(self, listener: Callable[[], None]) -> None:
        """Call a function when `connection_settings` changes, which only a Global Datastore causes."""
        self._listeners.append(listener)

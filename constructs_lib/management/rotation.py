"""Rotation of credentials without an interruption: the cache accepts the current secret value at all times."""

from pathlib import Path
from typing import Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from .._core.aws_resource import require_same_environment
from .._core.checking import error
from .._core.installed import python_3_14
from .._core.names import description
from ..access.user_base import UserBase
from ..caches.cache_base import CacheBase
from ..caches.replication_group_base import ReplicationGroupBase
from ..network.subnet_selection import select_private_subnets
from ..values.authentication import Authentication

_FUNCTION: Final = Path(__file__).parent / "rotation_function"


@jsii.implements(ec2.IConnectable)
class CredentialRotation(Construct):
    """Rotates the AUTH token of a replication group, or the password of a user.

    A Lambda function adds the new credential to the current one, authenticates with it on the cache, and then makes it
    the current value of the secret. The cache accepts the previous credential until the next rotation, so that clients
    that read the secret when they connect are not interrupted. Other keys in the secret of a user do not change.

    Each step can be repeated, delayed or interrupted. A rotation continues with the password of an earlier rotation
    that did not finish, which the staging label ``LAST_SENT_TO_CACHE`` identifies. The runbook
    ``docs/runbooks/rotation.md`` describes how to undo a rotation.

    The subnets of the function need a route to Secrets Manager and the ElastiCache API, such as interface endpoints.

    A later change of the user or the token in the template resets the credentials to the current value of the secret;
    clients with the previous credential must then read the secret again.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/User-Secrets-Manager.html

    ```python
    user = PasswordUser(self, "Report", engine=Engine.VALKEY)
    cache = ReplicationGroup(
        self, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2, access=Access.users([user])
    )
    CredentialRotation(self, "Rotation", vpc=vpc, cache=cache, user=user)
    ```

    :param vpc: the VPC of the function, with network access to the cache.
    :param cache: the cache on which the function tests new credentials; TLS is required. The construct adds the rules
        for its security groups.
    :param user: the user whose password is rotated. Default: the AUTH token of the cache is rotated.
    :param vpc_subnets: the subnets of the function. Default: the isolated subnets, or the private subnets if there are
        none.
    :param automatically_after: the time between rotations, 4 hours to 1000 days. Default: 30 days.
    :raises ValueError: if there is neither an AUTH token nor a user with a password in a secret, for a cache without
        TLS, and for a cache or user of another region or account.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc,
        cache: CacheBase,
        user: UserBase | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        automatically_after: cdk.Duration | None = None,
    ) -> None:
        super().__init__(scope, id)
        require_same_environment(self, "cache", cache)
        if user is not None:
            require_same_environment(self, "user", user)
        secret = _secret_of(self, cache, user)
        if not cache.uses_tls:
            raise error(self, "cache", "use TLS", f"{cache.node.path} without it", "turn transit_encryption on")
        subnets = select_private_subnets(
            self, vpc, vpc_subnets, "because a function has no public address there and cannot call AWS"
        )
        endpoint = next(iter(cache.connection_endpoints().values()))
        settings = {"HOST": endpoint.address, "PORT": str(endpoint.port)}
        if user is None:
            settings |= {"KIND": "token", "CACHE_ID": cache.cache_name}
        else:
            settings |= {"KIND": "user", "USER_ID": user.user_id, "USER_NAME": user.user_name}
        security_group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=vpc,
            description=description("Rotation of cache credentials", self),
            allow_all_outbound=False,
        )
        security_group.add_egress_rule(
            ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "Secrets Manager and the ElastiCache API, by their endpoints"
        )
        self._function = lambda_.Function(
            self,
            "Function",
            runtime=python_3_14(),
            handler="handler.handler",
            code=lambda_.Code.from_asset(str(_FUNCTION), exclude=["__pycache__", "*.pyc"]),
            description=description("Rotation of cache credentials", self),
            environment=settings,
            timeout=cdk.Duration.minutes(15),
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnets=subnets),
            security_groups=[security_group],
        )
        self._connections = ec2.Connections(security_groups=[security_group])
        self._connections.allow_to_default_port(cache.connections, "cache")
        self._allow(cache, user)
        self._schedule = secretsmanager.RotationSchedule(
            self,
            "Schedule",
            secret=secret,
            rotation_lambda=self._function,
            automatically_after=automatically_after or cdk.Duration.days(30),
        )
        # The first rotation starts when the schedule is created.
        self._schedule.node.add_dependency(security_group, cache)

    def _allow(self, cache: CacheBase, user: UserBase | None) -> None:
        """Allow the ElastiCache actions on the user or the cache; the schedule grants access to the secret."""
        resource, actions = (
            (cache.cache_arn, ["elasticache:ModifyReplicationGroup", "elasticache:DescribeReplicationGroups"])
            if user is None
            else (user.user_arn, ["elasticache:ModifyUser", "elasticache:DescribeUsers"])
        )
        self._function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=[resource]))

    @property
    def function(self) -> lambda_.Function:
        """The rotation function, for alarms or further permissions."""
        return self._function

    @property
    def connections(self) -> ec2.Connections:
        """The security group of the rotation function."""
        return self._connections


def _secret_of(rotation: Construct, cache: CacheBase, user: UserBase | None) -> secretsmanager.ISecret:
    if user is not None:
        if user.authentication is Authentication.PASSWORD and user.secret is None:
            raise error(
                rotation,
                "user",
                "have a secret to rotate",
                f"{user.node.path} with passwords of its own",
                "create the PasswordUser with secret instead of passwords",
            )
        if user.authentication is not Authentication.PASSWORD or user.secret is None:
            raise error(
                rotation,
                "user",
                "have a password",
                f"{user.node.path}, which authenticates with {user.authentication}",
                "pass a PasswordUser; IAM tokens need no rotation",
            )
        return user.secret
    secret = cache.access.secret
    if secret is None or not isinstance(cache, ReplicationGroupBase):
        raise error(
            rotation,
            "cache",
            "have an AUTH token, unless a user is passed",
            f"{cache.node.path} with {cache.access.authentication}",
            "pass user, or use access=Access.auth_token()",
        )
    return secret

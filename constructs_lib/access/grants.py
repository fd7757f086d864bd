"""Permissions on a cache."""

from dataclasses import dataclass
from typing import final

from aws_cdk import aws_iam as iam

from ..values.authentication import Authentication
from .access import BoundAccess
from .permissions import CONNECT_ACTION, allow, combined, read_secret
from .user_base import UserBase


@final
@dataclass(frozen=True, slots=True)
class CacheGrants:
    """The permissions that a cache can give to a role.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html

    Example: `cache.grants.connect(function)`.

    :param path: the cache's construct path, for messages.
    :param cache_arn: the replication group or the serverless cache.
    :param access: how clients authenticate.
    """

    path: str
    cache_arn: str
    access: BoundAccess

    def connect(self, grantee: iam.IGrantable, *, user: UserBase | None = None) -> iam.Grant:
        """Let a role authenticate, in the way that this cache asks for.

        With IAM: `elasticache:Connect` on both the cache and its users. With passwords or an AUTH token:
        `secretsmanager:GetSecretValue` on their secrets. A client that uses the caching library of Secrets Manager
        needs `secretsmanager:DescribeSecret` as well: `secret.grant_read(role)`.

        :param user: the only one that it may connect as. Default: every user that is known at this call.
        :returns: one grant with all statements.
        :raises ValueError: when a role cannot be given that, because the users are not known, or there are none.
        """
        if self.access.secret is not None:
            return read_secret(self.access.secret, grantee)
        users = self.access.users if user is None else (user,)
        iam_users = [user for user in users if user.authentication is Authentication.IAM]
        secrets = [user.secret for user in users if user.secret is not None]
        if not iam_users and not secrets:
            raise ValueError(
                f"{self.path}: grants.connect must be called on a cache whose access is IAM, a password or an AUTH "
                f"token, got {self.access.authentication}; hand the client its credentials, or use Access.iam()"
            )
        made = [read_secret(secret, grantee) for secret in secrets]
        if iam_users:
            arns = [self.cache_arn, *(user.user_arn for user in iam_users)]
            made.append(allow(self.path, grantee, [CONNECT_ACTION], arns))
        return combined(made)

"""Permissions for clients of a cache."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from aws_cdk import aws_iam as iam

from .._core.checking import problem
from ..values.authentication import Authentication
from .bound_access import BoundAccess
from .permissions import CONNECT_ACTION, allow, combined, read_secret
from .user_base import UserBase


@final
@dataclass(frozen=True, slots=True)
class CacheGrants:
    """The permissions that a cache can grant to a role.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html

    ```python
    cache.grants.connect(function)
    ```

    :param path: the construct path of the cache, for errors.
    :param cache_arn: the ARN of the replication group or the serverless cache.
    :param access: the authentication of the cache.
    """

    path: str
    cache_arn: str
    access: BoundAccess

    def connect(self, grantee: iam.IGrantable, *, user: UserBase | None = None) -> iam.Grant:
        """Allow a role to authenticate with the mechanism of this cache.

        With IAM: `elasticache:Connect` on both the cache and its users. With passwords or an AUTH token:
        `secretsmanager:GetSecretValue` on their secrets. A client that uses the caching library of Secrets Manager
        needs `secretsmanager:DescribeSecret` as well: `secret.grant_read(role)`.

        :param user: the only user that the role may connect as. Default: all users that are known when this method is
            called.
        :returns: one grant with all statements.
        :raises ValueError: if the cache has no users and no AUTH token, or the users are not known.
        """
        if self.access.secret is not None:
            return read_secret(self.access.secret, grantee)
        users = self.access.users if user is None else (user,)
        iam_users = [user for user in users if user.authentication is Authentication.IAM]
        secrets = [user.secret for user in users if user.secret is not None]
        if not iam_users and not secrets:
            raise self._nothing_to_grant(users)
        grants = [read_secret(secret, grantee) for secret in secrets]
        if iam_users:
            arns = [self.cache_arn, *(user.user_arn for user in iam_users)]
            grants.append(allow(self.path, grantee, [CONNECT_ACTION], arns))
        return combined(grants)

    def _nothing_to_grant(self, users: Sequence[UserBase]) -> ValueError:
        without_secret = [user for user in users if user.authentication is Authentication.PASSWORD]
        if without_secret:
            return problem(
                self.path,
                f"grants.connect needs a password in a secret, and {without_secret[0].node.path} has no secret",
                "pass secret to the PasswordUser, or pass the password to the client in another way",
            )
        if not users and self.access.user_group is not None:
            return problem(
                self.path,
                f"grants.connect needs a user, and {self.access.user_group.node.path} has no known users",
                "pass users=[...] to the user group, or pass user",
            )
        return problem(
            self.path,
            "grants.connect needs a cache with IAM, password or AUTH token access, and the access is "
            f"{self.access.authentication}",
            "pass the credentials to the client in another way, or use Access.iam(), or Access.users([...]) for an "
            "imported cache",
        )

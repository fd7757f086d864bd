"""Permissions on a cache."""

from dataclasses import dataclass
from typing import Final, final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager

from ..values.authentication import Authentication
from .access import BoundAccess
from .user import UserBase

CONNECT_ACTION: Final = "elasticache:Connect"


@final
@dataclass(frozen=True, slots=True)
class CacheGrants:
    """What a role may be given.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html

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

        :param user: the only one that it may connect as. Default: every user that is known here.
        :raises ValueError: when a role cannot be given that, because the users are not known, or there are none.
        """
        if self.access.secret is not None:
            return _read(self.access.secret, grantee)
        users = self.access.users if user is None else (user,)
        iam_users = [each for each in users if each.authentication is Authentication.IAM]
        secrets = [each.secret for each in users if each.secret is not None]
        if not iam_users and not secrets:
            raise ValueError(
                f"{self.path}: grants.connect must be called on a cache whose access is IAM, a password or an AUTH "
                f"token, got {self.access.authentication}; hand the client its credentials, or use Access.iam()"
            )
        made = [_read(secret, grantee) for secret in secrets]
        if iam_users:
            made.append(
                iam.Grant.add_to_principal(
                    grantee=grantee,
                    actions=[CONNECT_ACTION],
                    resource_arns=[self.cache_arn, *(each.user_arn for each in iam_users)],
                )
            )
        return made[-1] if len(made) == 1 else made[0].combine(made[-1])


def _read(secret: secretsmanager.ISecret, grantee: iam.IGrantable) -> iam.Grant:
    """The value of a secret and nothing more; `secret.grant_read` adds `secretsmanager:DescribeSecret`."""
    if secret.encryption_key is not None:
        service = f"secretsmanager.{cdk.Stack.of(secret).region}.amazonaws.com"
        secret.encryption_key.grant_decrypt(kms.ViaServicePrincipal(service, grantee.grant_principal))
    return iam.Grant.add_to_principal_or_resource(
        grantee=grantee,
        actions=["secretsmanager:GetSecretValue"],
        # Secrets Manager ends each ARN with a hyphen and six characters, which a name alone does not tell.
        resource_arns=[secret.secret_full_arn or f"{secret.secret_arn}-??????"],
        resource=secret,
    )

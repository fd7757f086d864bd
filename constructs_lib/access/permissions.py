"""IAM statements for the grants of caches, users and user groups."""

from collections.abc import Sequence
from functools import reduce
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager

from .._core.checking import error, is_token

CONNECT_ACTION: Final = "elasticache:Connect"
_PREFIX: Final = "elasticache:"


def allow(path: str, grantee: iam.IGrantable, actions: Sequence[str], arns: Sequence[str]) -> iam.Grant:
    """Allow ElastiCache actions on resources.

    :param path: the construct path, for errors.
    :raises ValueError: for no action, or an action of another service.
    """
    if not actions:
        raise error(
            path,
            "actions",
            "name at least one action",
            "none",
            "pass one such as 'elasticache:DescribeReplicationGroups'",
        )
    for action in actions:
        if not is_token(action) and (not action.startswith(_PREFIX) or action == _PREFIX):
            raise error(
                path,
                "actions",
                "begin with 'elasticache:'",
                repr(action),
                "write it like 'elasticache:DescribeReplicationGroups'",
            )
    return iam.Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=list(arns))


def read_secret(secret: secretsmanager.ISecret, grantee: iam.IGrantable) -> iam.Grant:
    """Allow `secretsmanager:GetSecretValue` only; `secret.grant_read` also allows `secretsmanager:DescribeSecret`."""
    if secret.encryption_key is not None:
        service = f"secretsmanager.{cdk.Stack.of(secret).region}.amazonaws.com"
        secret.encryption_key.grant_decrypt(kms.ViaServicePrincipal(service, grantee.grant_principal))
    return iam.Grant.add_to_principal_or_resource(
        grantee=grantee,
        actions=["secretsmanager:GetSecretValue"],
        # Secrets Manager adds a hyphen and six characters to the ARN, which are unknown for a secret by name.
        resource_arns=[secret.secret_full_arn or f"{secret.secret_arn}-??????"],
        resource=secret,
    )


def combined(grants: Sequence[iam.Grant]) -> iam.Grant:
    """One grant with the statements of all grants."""
    return reduce(lambda first, second: first.combine(second), grants)

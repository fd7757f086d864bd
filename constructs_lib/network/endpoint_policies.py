"""Policies of the VPC endpoints: the resources that requests may access, and the accounts of the callers.

The default policy of an endpoint allows every principal and every resource of the service, in any account. Data could
then be copied out of an isolated VPC with the credentials of another account.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

# The hash is the same in every commercial region:
# https://docs.aws.amazon.com/linux/al2023/ug/managing-repos-os-updates.html
_REPOSITORY_HASH: Final = "de612dc2"
_PRINCIPAL: Final = "aws:PrincipalAccount"
_RESOURCE: Final = "aws:ResourceAccount"


def s3_policy(stack: cdk.Stack, qualifier: str) -> list[iam.PolicyStatement]:
    """S3: the packages of Amazon Linux, wait condition signals, and the CDK assets of this account.

    :param qualifier: the qualifier of the CDK bootstrap stack.
    """
    region, account = stack.region, stack.account
    buckets = {
        "Packages": ("s3:GetObject", f"al2023-repos-{region}-{_REPOSITORY_HASH}", ()),
        "Signals": ("s3:PutObject", f"cloudformation-waitcondition-{region}", ()),
        # A condition on the owner of the bucket: a bucket with this name in another account is not allowed.
        "Assets": ("s3:GetObject", f"cdk-{qualifier}-assets-{account}-{region}", (_RESOURCE,)),
    }
    return [
        _allow(stack, sid, keys=keys, actions=[action], resources=[f"arn:{stack.partition}:s3:::{bucket}/*"])
        for sid, (action, bucket, keys) in buckets.items()
    ]


def ssm_policy(stack: cdk.Stack) -> list[iam.PolicyStatement]:
    """Systems Manager: this account, and read access to the documents and public parameters of AWS.

    The ARNs of the documents and parameters of AWS contain no account.

    https://github.com/aws-samples/data-perimeter-policy-examples (vpc_endpoint_policies/ssm_endpoint_policy.json)
    """
    owned = f"arn:{stack.partition}:ssm:{stack.region}::"
    return [
        this_account(stack),
        _allow(
            stack,
            "OwnedByAws",
            keys=(_PRINCIPAL,),
            actions=["ssm:Describe*", "ssm:Get*", "ssm:List*"],
            resources=[f"{owned}document/*", f"{owned}parameter/aws/*"],
        ),
    ]


def ssm_messages_policy(stack: cdk.Stack) -> list[iam.PolicyStatement]:
    """Session Manager channels for principals of this account. The actions do not support resource ARNs."""
    return [_allow(stack, "Channels", keys=(_PRINCIPAL,), actions=["ssmmessages:*"])]


def secrets_manager_policy(stack: cdk.Stack) -> list[iam.PolicyStatement]:
    """The secrets of this account, and `GetRandomPassword`, which does not support resource ARNs."""
    return [
        this_account(stack),
        _allow(stack, "Passwords", keys=(_PRINCIPAL,), actions=["secretsmanager:GetRandomPassword"]),
    ]


def elasticache_policy(stack: cdk.Stack) -> list[iam.PolicyStatement]:
    """The caches and users of this account."""
    return [this_account(stack)]


def this_account(stack: cdk.Stack) -> iam.PolicyStatement:
    """All actions, if both the caller and the resource belong to the account of the stack."""
    return _allow(stack, "ThisAccount", keys=(_PRINCIPAL, _RESOURCE), actions=["*"])


def _allow(
    stack: cdk.Stack,
    sid: str,
    *,
    keys: Sequence[str],
    actions: Sequence[str],
    resources: Sequence[str] = ("*",),
) -> iam.PolicyStatement:
    """A statement with the stack's account as the value of each condition key."""
    return iam.PolicyStatement(
        sid=sid,
        principals=[iam.AnyPrincipal()],
        actions=list(actions),
        resources=list(resources),
        conditions={"StringEquals": dict.fromkeys(keys, stack.account)} if keys else None,
    )

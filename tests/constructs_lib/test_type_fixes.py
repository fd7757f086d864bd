"""The fix in the error for a wrong type: it gives what is wanted."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns

import constructs_lib
from constructs_lib import Access, LogDestination, PropTypeError, ReplicationGroup, RestoreFrom, SubnetGroup, UserGroup

ARN = "arn:aws:{0}:eu-west-1:111111111111:{1}"
# The value, and the fix as the message writes it.
FIXES: dict[str, tuple[Callable[[Any, Any], object], str]] = {
    "node_type": (lambda s, v: ReplicationGroup(s, "It", node_type=v), "cache.t4g.micro"),
    "vpc": (lambda s, v: SubnetGroup(s, "It", vpc=v), "vpc-0123456789abcdef0"),
    "security_groups": (lambda s, v: ReplicationGroup(s, "It", security_groups=[v]), "sg-0123456789abcdef0"),
    "kms_key": (lambda s, v: ReplicationGroup(s, "It", kms_key=v), ARN.format("kms", "key/1")),
    "notification_topic": (lambda s, v: ReplicationGroup(s, "It", notification_topic=v), ARN.format("sns", "topic")),
    "secret": (lambda s, v: Access.auth_token(v), ARN.format("secretsmanager", "secret:name-abcdef")),
    "bucket": (lambda s, v: RestoreFrom.s3(v, "a.rdb"), "seeds"),
    "group": (lambda s, v: LogDestination.log_group(v), "/aws/cache"),
    "subnet_group": (lambda s, v: ReplicationGroup(s, "It", subnet_group=v), "shared"),
    "parameter_group": (lambda s, v: ReplicationGroup(s, "It", parameter_group=v), "default.redis7"),
    "user_group": (lambda s, v: Access.user_group(v), "users"),
    "users": (lambda s, v: UserGroup(s, "It", users=[v]), "app"),  # type: ignore[call-arg]
}


@pytest.mark.parametrize(("make", "value"), FIXES.values(), ids=FIXES)
def test_the_fix_for_a_str_gives_what_is_wanted(
    stack: cdk.Stack, make: Callable[[Any, Any], object], value: str
) -> None:
    with pytest.raises(PropTypeError) as caught:
        make(stack, value)
    fix = str(caught.value).partition("; use ")[2]
    names = {**vars(constructs_lib), "ec2": ec2, "kms": kms, "sns": sns, "s3": s3, "logs": logs, "self": stack}
    fixed = eval(fix, {**names, "secretsmanager": secretsmanager})  # noqa: S307 - the library's own words
    _accept(make, stack, fixed)


@pytest.mark.parametrize(("make", "value"), FIXES.values(), ids=FIXES)
def test_the_fix_for_a_token_gives_what_is_wanted(
    stack: cdk.Stack, make: Callable[[Any, Any], object], value: str
) -> None:
    del value
    token = cdk.CfnParameter(stack, "Given").value_as_string
    with pytest.raises(PropTypeError, match="got a token; use ") as caught:
        make(stack, token)
    assert "known at synth" not in str(caught.value)
    fix = str(caught.value).partition("; use ")[2].replace("[...]", "['eu-west-1a']")
    names = {**vars(constructs_lib), "ec2": ec2, "kms": kms, "sns": sns, "s3": s3, "logs": logs, "self": stack}
    fixed = eval(fix, {**names, "secretsmanager": secretsmanager, "token": token})  # noqa: S307 - the library's words
    _accept(make, stack, fixed)


def _accept(make: Callable[[Any, Any], object], stack: cdk.Stack, value: object) -> None:
    """Pass a value; an error about other props, which are not given here, is accepted."""
    try:
        make(stack, value)
    except PropTypeError:  # pragma: no cover - only when the fix is wrong
        raise
    except (ValueError, TypeError):
        pass

"""Imported caches and users of another region or account, and what is created for them."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_secretsmanager as secretsmanager

from constructs_lib import (
    Access,
    CacheAlarms,
    CacheClient,
    CacheEventRule,
    ClusterMode,
    CredentialRotation,
    PasswordUser,
    ReplicationGroupBase,
    ShardScaling,
    Snapshot,
)
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.imported import complete


def elsewhere(stack: cdk.Stack, environment: str) -> ReplicationGroupBase:
    return complete(
        stack,
        replication_group_id=None,
        replication_group_arn=f"arn:aws:elasticache:{environment}:replicationgroup:orders",
        cluster_mode=ClusterMode.enabled(shards=2),
        configuration_endpoint_address="orders.example",
        access=Access.auth_token(secretsmanager.Secret(stack, "Token")),
    )


# What is created for a cache, the prop, and whether another account is refused as another region is.
FOR_A_CACHE: dict[str, tuple[Callable[[cdk.Stack, ec2.IVpc, Any], Any], str, bool]] = {
    "client": (lambda s, v, c: CacheClient(s, "It", vpc=v, cache=c), "cache", False),
    "rotation": (lambda s, v, c: CredentialRotation(s, "It", vpc=v, cache=c), "cache", True),
    "alarms": (lambda s, v, c: CacheAlarms(s, "It", cache=c), "cache", False),
    "snapshot": (lambda s, v, c: Snapshot(s, "It", replication_group=c), "replication_group", True),
    "events": (lambda s, v, c: CacheEventRule(s, "It", cache=c), "cache", True),
    "scaling": (
        lambda s, v, c: ShardScaling(s, "It", replication_group=c, min_capacity=2, max_capacity=3),
        "replication_group",
        True,
    ),
}


@pytest.mark.parametrize("kind", FOR_A_CACHE)
class TestOtherEnvironments:
    def test_another_region(self, stack: cdk.Stack, vpc: ec2.IVpc, kind: str) -> None:
        create, prop, _ = FOR_A_CACHE[kind]
        with pytest.raises(ValueError, match=f"{prop} must be in") as caught:
            create(stack, vpc, elsewhere(stack, "us-east-1:111111111111"))
        assert str(caught.value) == (
            f"Stack/It: {prop} must be in the region of the stack (eu-west-1), got Stack/Orders in us-east-1; put it "
            "into a stack of us-east-1"
        )

    def test_another_account(self, stack: cdk.Stack, vpc: ec2.IVpc, kind: str) -> None:
        create, prop, refused = FOR_A_CACHE[kind]
        cache = elsewhere(stack, "eu-west-1:222222222222")
        if not refused:
            assert create(stack, vpc, cache)
            return
        with pytest.raises(
            ValueError, match=rf"{prop} must be in the account of the stack \(111111111111\), got Stack"
        ):
            create(stack, vpc, cache)

    def test_the_same_region_in_a_stack_of_it(self, app: cdk.App, kind: str) -> None:
        there = cdk.Stack(app, "There", env=cdk.Environment(account="111111111111", region="us-east-1"))
        vpc = existing_vpc(there)
        assert FOR_A_CACHE[kind][0](there, vpc, elsewhere(there, "us-east-1:111111111111"))

    def test_an_environment_with_tokens(self, app: cdk.App, kind: str) -> None:
        agnostic = cdk.Stack(app, "Agnostic")
        vpc = existing_vpc(agnostic)
        assert FOR_A_CACHE[kind][0](agnostic, vpc, elsewhere(agnostic, "us-east-1:111111111111"))


def test_rotation_of_a_user_of_another_account(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    secret = secretsmanager.Secret(stack, "Password")
    user = PasswordUser.from_user_attributes(
        stack, "Reader", user_arn="arn:aws:elasticache:eu-west-1:222222222222:user:reader", secret=secret
    )
    with pytest.raises(ValueError, match="Stack/It: user must be in the account of the stack"):
        CredentialRotation(stack, "It", vpc=vpc, cache=complete(stack), user=user)

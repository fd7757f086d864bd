"""Parts of a cache from other environments, and users that are not known."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from constructs_lib import (
    Access,
    CacheClient,
    Engine,
    EngineVersion,
    IamUser,
    ParameterGroup,
    PasswordUser,
    ReplicationGroup,
    ServerlessCache,
    ServerlessCacheSnapshot,
    SubnetGroup,
    UserGroup,
)
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.imported import complete

# What a cache or a user group consists of, created in another stack, and the construct that uses it.
PARTS: dict[str, tuple[Callable[[cdk.Stack], Any], Callable[[cdk.Stack, ec2.IVpc, Any], Any]]] = {
    "subnet_group": (
        lambda s: SubnetGroup(s, "Part", vpc=existing_vpc(s)),
        lambda s, v, part: ReplicationGroup(s, "It", vpc=v, subnet_group=part),
    ),
    "parameter_group": (
        lambda s: ParameterGroup(s, "Part", engine=EngineVersion.REDIS_7_1),
        lambda s, v, part: ReplicationGroup(s, "It", vpc=v, parameter_group=part),
    ),
    "access": (
        lambda s: UserGroup(s, "Part", engine=Engine.REDIS, users=[]),
        lambda s, v, part: ReplicationGroup(s, "It", vpc=v, access=Access.user_group(part)),
    ),
    "users": (
        lambda s: IamUser(s, "Part", engine=Engine.VALKEY),
        lambda s, v, part: UserGroup(s, "It", engine=Engine.VALKEY, users=[part]),
    ),
    "user": (
        lambda s: IamUser(s, "Part", engine=Engine.VALKEY),
        lambda s, v, part: UserGroup(s, "It", engine=Engine.VALKEY, users=[]).add_user(part),
    ),
    "serverless_cache": (
        lambda s: ServerlessCache(s, "Part", vpc=existing_vpc(s)),
        lambda s, v, part: ServerlessCacheSnapshot(s, "It", serverless_cache=part),
    ),
}


@pytest.mark.parametrize("prop", PARTS)
class TestPartsOfOtherEnvironments:
    @pytest.mark.parametrize(
        ("what", "env"),
        [
            ("region", cdk.Environment(account="111111111111", region="us-east-1")),
            ("account", cdk.Environment(account="222222222222", region="eu-west-1")),
        ],
    )
    def test_they_are_refused(self, app: cdk.App, vpc: ec2.IVpc, prop: str, what: str, env: cdk.Environment) -> None:
        there = cdk.Stack(app, "There", env=env)
        part, use = PARTS[prop]
        message = rf"^Stack/It: {prop} must be in the {what} of the stack \(.+\), got There/"
        with pytest.raises(ValueError, match=message):
            use(cdk.Stack.of(vpc), vpc, part(there))

    def test_another_stack_of_the_environment_is_accepted(
        self, app: cdk.App, stack: cdk.Stack, vpc: ec2.IVpc, prop: str
    ) -> None:
        part, use = PARTS[prop]
        use(stack, vpc, part(cdk.Stack(app, "There", env=cdk.Environment(account=stack.account, region=stack.region))))


def test_a_subnet_group_with_the_arn_of_another_region_is_refused(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    arn = "arn:aws:elasticache:us-east-1:111111111111:subnetgroup:shared"
    with pytest.raises(ValueError, match=r"^Stack/It: subnet_group must be in the region of the stack \(eu-west-1\)"):
        ReplicationGroup(stack, "It", vpc=vpc, subnet_group=SubnetGroup.from_subnet_group_arn(stack, "Shared", arn))


class TestUsersThatAreNotKnown:
    def test_grant_and_client_ask_for_the_users_of_the_group(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        group = UserGroup.from_user_group_id(stack, "Shared", "shared")
        cache = complete(stack, access=Access.user_group(group))
        role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
        with pytest.raises(ValueError, match="known users") as caught:
            cache.grant_connect(role)
        assert str(caught.value) == (
            "Stack/Orders: grants.connect needs a user, and Stack/Shared has no known users; pass users=[...] to the "
            "user group, or pass user"
        )
        with pytest.raises(ValueError, match="known users") as caught:
            CacheClient(stack, "Client", vpc=vpc, cache=cache)
        assert str(caught.value) == (
            "Stack/Client: the user group of Stack/Orders has no known users; pass users=[...] to the user group, or "
            "pass user"
        )

    def test_with_the_users_both_work(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        users = [IamUser.from_user_id(stack, "User", "orders")]
        group = UserGroup.from_user_group_id(stack, "Shared", "shared", users=users)
        cache = complete(stack, access=Access.user_group(group))
        cache.grant_connect(iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal()))
        CacheClient(stack, "Client", vpc=vpc, cache=cache)

    def test_a_grant_for_a_password_without_a_secret_asks_for_the_secret(self, stack: cdk.Stack) -> None:
        user = PasswordUser.from_user_attributes(stack, "User", user_id="orders")
        cache = complete(stack, access=Access.users([user]))
        with pytest.raises(ValueError, match="secret") as caught:
            cache.grant_connect(iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal()))
        assert str(caught.value) == (
            "Stack/Orders: grants.connect needs a password in a secret, and Stack/User has no secret; pass secret to "
            "the PasswordUser, or pass the password to the client in another way"
        )

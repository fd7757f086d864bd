"""Subnet groups, parameter groups, users and user groups."""

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2

from constructs_lib import (
    DATA_ACCESS,
    Engine,
    EngineVersion,
    IamUser,
    NoPasswordUser,
    ParameterGroup,
    SubnetGroup,
    UserGroup,
)

ERRORS: list[tuple[str, Callable[[cdk.Stack, ec2.IVpc], object], str]] = [
    (
        "subnet-group-name",
        lambda s, v: SubnetGroup(s, "It", vpc=v, subnet_group_name="my--group"),
        "Stack/It: subnet_group_name must be an identifier: begin with a letter, hold only alphanumeric characters "
        "and single hyphens, and not end with a hyphen, got 'my--group'; rename it, or leave it out",
    ),
    (
        "subnet-group-description",
        lambda s, v: SubnetGroup(s, "It", vpc=v, description=" "),
        "Stack/It: description must be stated and not blank, got ' '; say what it is for",
    ),
    (
        "long-description",
        lambda s, v: ParameterGroup(s, "It", engine=EngineVersion.REDIS_7_1, description="d" * 256),
        f"Stack/It: description must have at most 255 characters, got '{'d' * 256}'; shorten it",
    ),
    (
        "user-id",
        lambda s, v: IamUser(s, "It", engine=Engine.REDIS, user_id="1st"),
        "Stack/It: user_id must be an identifier: begin with a letter, hold only alphanumeric characters and single "
        "hyphens, and not end with a hyphen, got '1st'; rename it, or leave it out",
    ),
    (
        "default-user-id",
        lambda s, v: NoPasswordUser(s, "It", user_id="default"),
        "Stack/It: user_id must be an id other than the account's own default user, got 'default'; "
        "choose another user_id and keep user_name 'default'",
    ),
    (
        "same-names",
        lambda s, v: UserGroup(
            s,
            "It",
            engine=Engine.REDIS,
            users=[NoPasswordUser(s, "A", user_name="app"), NoPasswordUser(s, "B", user_name="app")],
        ),
        "Stack/It: users must hold each user name once, got ['app']; rename one of the users",
    ),
    (
        "no-password-in-valkey",
        lambda s, v: UserGroup(s, "It", engine=Engine.VALKEY, users=[NoPasswordUser(s, "A")]),
        "Stack/It: users must contain no NoPasswordUser in a user group for valkey, got Stack/A; use a PasswordUser or "
        "an IamUser",
    ),
]


@pytest.mark.parametrize(("make", "message"), [case[1:] for case in ERRORS], ids=[case[0] for case in ERRORS])
def test_errors(
    stack: cdk.Stack,
    vpc: ec2.IVpc,
    make: Callable[[cdk.Stack, ec2.IVpc], object],
    message: str,
) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        make(stack, vpc)
    assert str(caught.value) == message


class TestUsers:
    def test_an_iam_users_id_is_its_name(self, stack: cdk.Stack) -> None:
        user = IamUser(stack, "App User", engine=Engine.VALKEY)
        assertions.Template.from_stack(stack).has_resource_properties(
            "AWS::ElastiCache::User",
            {
                "UserId": user.user_name,
                "UserName": user.user_name,
                "AuthenticationMode": {"Type": "iam"},
                "AccessString": str(DATA_ACCESS),
                "Engine": "valkey",
            },
        )

    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
    def test_arn(self, stack: cdk.Stack) -> None:
        user = IamUser.from_user_id(stack, "User", "app")
        assert user.user_arn == "arn:aws:elasticache:eu-west-1:111111111111:user:app"
        assert (user.user_id, user.user_name) == ("app", "app")

    def test_names_of_two_users_differ(self, stack: cdk.Stack) -> None:
        long = "x" * 200
        first, second = (IamUser(stack, f"{long}{end}", engine=Engine.REDIS) for end in "ab")
        assert first.user_name != second.user_name
        assert max(len(first.user_name), len(second.user_name)) <= 40


class TestUserGroups:
    def test_a_given_default_user_is_kept(self, stack: cdk.Stack) -> None:
        mine = NoPasswordUser(stack, "Mine", user_name="default", access_string="on ~public:* +@read")
        UserGroup(stack, "Group", engine=Engine.REDIS, users=[mine])
        assertions.Template.from_stack(stack).resource_count_is("AWS::ElastiCache::User", 1)

    def test_a_user_group_depends_on_its_users(self, stack: cdk.Stack) -> None:
        user = IamUser(stack, "User", engine=Engine.VALKEY)
        UserGroup(stack, "Group", engine=Engine.VALKEY, users=[user])
        assertions.Template.from_stack(stack).has_resource_properties(
            "AWS::ElastiCache::UserGroup", {"UserIds": [stack.resolve(user.user_id)]}
        )

    def test_imported_users_are_members(self, stack: cdk.Stack) -> None:
        user = IamUser.from_user_id(stack, "User", "app")
        UserGroup(stack, "Group", engine=Engine.VALKEY, users=[user])
        assertions.Template.from_stack(stack).has_resource_properties(
            "AWS::ElastiCache::UserGroup", {"UserIds": ["app"]}
        )

    def test_an_imported_group_has_the_users_that_are_passed(self, stack: cdk.Stack) -> None:
        user = IamUser.from_user_id(stack, "User", "app")
        group = UserGroup.from_user_group_id(stack, "Group", "team", users=[user])
        assert (group.user_group_id, group.users) == ("team", (user,))
        assert UserGroup.from_user_group_id(stack, "Other", "x").users == ()


class TestParameterGroups:
    def test_an_imported_group_has_only_a_name(self, stack: cdk.Stack) -> None:
        group = ParameterGroup.from_parameter_group_name(stack, "Group", "default.redis7")
        assert (group.parameter_group_name, group.family, group.parameters) == ("default.redis7", None, None)

    def test_its_parameters_cannot_be_changed_from_outside(self, stack: cdk.Stack) -> None:
        given = {"maxmemory-policy": "noeviction"}
        group = ParameterGroup(stack, "Group", engine=EngineVersion.REDIS_7_1, parameters=given)
        given["timeout"] = "1"
        assert group.parameters == {"maxmemory-policy": "noeviction"}
        assert group.family == "redis7"


def test_a_tuple_of_users_passes_the_jsii_border(stack: cdk.Stack) -> None:
    users = (IamUser(stack, "A", engine=Engine.VALKEY), IamUser(stack, "B", engine=Engine.VALKEY))
    UserGroup(stack, "Group", engine=Engine.VALKEY, users=users)
    assertions.Template.from_stack(stack).resource_count_is("AWS::ElastiCache::UserGroup", 1)

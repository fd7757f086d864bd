"""Permissions on caches, users and groups; users added later; passwords of the caller."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager

from constructs_lib import (
    Access,
    Authentication,
    CacheClient,
    CredentialRotation,
    Engine,
    EngineVersion,
    IamUser,
    MemcachedCluster,
    NoPasswordUser,
    PasswordUser,
    ReplicationGroup,
    ServerlessCache,
    UserGroup,
)
from tests.constructs_lib.templates import properties_of, statements_of


@pytest.fixture
def role(stack: cdk.Stack) -> iam.Role:
    return iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))


def actions_of(grant: iam.Grant) -> list[str]:
    return [action for statement in grant.principal_statements for action in statement.actions]


class TestGrant:
    def test_actions_on_each_kind_of_cache(self, stack: cdk.Stack, vpc: ec2.IVpc, role: iam.Role) -> None:
        caches = {
            "elasticache:DescribeReplicationGroups": ReplicationGroup(stack, "Nodes", vpc=vpc),
            "elasticache:DescribeCacheClusters": MemcachedCluster(stack, "Memcached", vpc=vpc),
            "elasticache:DescribeServerlessCaches": ServerlessCache(stack, "Serverless", vpc=vpc),
        }
        for action, cache in caches.items():
            cache.grant(role, action)
        assert statements_of(stack) == [
            {"Action": action, "Effect": "Allow", "Resource": stack.resolve(cache.cache_arn)}
            for action, cache in caches.items()
        ]

    def test_several_actions_stand_in_one_statement(self, stack: cdk.Stack, vpc: ec2.IVpc, role: iam.Role) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc)
        grant = cache.grant(role, "elasticache:CreateSnapshot", "elasticache:ListTagsForResource")
        assert actions_of(grant) == ["elasticache:CreateSnapshot", "elasticache:ListTagsForResource"]
        (statement,) = statements_of(stack)
        assert statement["Action"] == actions_of(grant)

    def test_on_a_user_and_a_group(self, stack: cdk.Stack, role: iam.Role) -> None:
        user = IamUser(stack, "User", engine=Engine.VALKEY)
        group = UserGroup(stack, "Group", engine=Engine.VALKEY, users=[user])
        user.grant(role, "elasticache:DescribeUsers")
        group.grant(role, "elasticache:DescribeUserGroups")
        assert [(statement["Action"], statement["Resource"]) for statement in statements_of(stack)] == [
            ("elasticache:DescribeUsers", stack.resolve(user.user_arn)),
            ("elasticache:DescribeUserGroups", stack.resolve(group.user_group_arn)),
        ]
        assert ":usergroup:" in str(stack.resolve(group.user_group_arn))

    @pytest.mark.parametrize(
        ("actions", "message"),
        [
            ((), "Stack/User: actions must name at least one action, got none; pass one such as 'elasticache:Describe"),
            (("DescribeUsers",), "Stack/User: actions must begin with 'elasticache:', got 'DescribeUsers'; write it"),
            (
                ("s3:GetObject",),
                "Stack/User: actions must begin with 'elasticache:', got 's3:GetObject'; write it like",
            ),
            (
                ("elasticache:",),
                "Stack/User: actions must begin with 'elasticache:', got 'elasticache:'; write it like",
            ),
        ],
    )
    def test_errors(self, stack: cdk.Stack, role: iam.Role, actions: tuple[str, ...], message: str) -> None:
        user = IamUser(stack, "User", engine=Engine.VALKEY)
        with pytest.raises(ValueError, match="actions must") as caught:
            user.grant(role, *actions)
        assert str(caught.value).startswith(message)

    def test_the_fix_of_the_error_works(self, stack: cdk.Stack, role: iam.Role) -> None:
        IamUser(stack, "User", engine=Engine.VALKEY).grant(role, "elasticache:DescribeReplicationGroups")
        assert len(statements_of(stack)) == 1


class TestConnect:
    def test_one_grant_holds_every_statement(self, stack: cdk.Stack, vpc: ec2.IVpc, role: iam.Role) -> None:
        users = [PasswordUser(stack, name, engine=Engine.VALKEY) for name in ("A", "B", "C")]
        group = UserGroup(
            stack, "Group", engine=Engine.VALKEY, users=[*users, IamUser(stack, "Iam", engine=Engine.VALKEY)]
        )
        cache = ReplicationGroup(
            stack, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2, access=Access.user_group(group)
        )
        grant = cache.grant_connect(role)
        assert actions_of(grant) == ["secretsmanager:GetSecretValue"] * 3 + ["elasticache:Connect"]
        assert [statement.resources for statement in grant.principal_statements][:3] == [
            [user.secret.secret_arn] for user in users if user.secret
        ]

    def test_one_user_of_a_cache(self, stack: cdk.Stack, vpc: ec2.IVpc, role: iam.Role) -> None:
        users = [IamUser(stack, name, engine=Engine.REDIS) for name in ("Reader", "Writer")]
        group = UserGroup(stack, "Group", engine=Engine.REDIS, users=users)
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.user_group(group))
        cache.grant_connect(role, user=users[1])
        (statement,) = statements_of(stack)
        assert statement["Resource"] == [stack.resolve(cache.cache_arn), stack.resolve(users[1].user_arn)]

    def test_on_an_iam_user(self, stack: cdk.Stack, role: iam.Role) -> None:
        user = IamUser(stack, "User", engine=Engine.VALKEY)
        user.grant_connect(role)
        assert statements_of(stack) == [
            {"Action": "elasticache:Connect", "Effect": "Allow", "Resource": stack.resolve(user.user_arn)}
        ]

    def test_on_a_user_with_a_password(self, stack: cdk.Stack, role: iam.Role) -> None:
        user = PasswordUser(stack, "User", engine=Engine.VALKEY)
        assert actions_of(user.grant_connect(role)) == ["secretsmanager:GetSecretValue"]

    def test_on_a_user_without_either(self, stack: cdk.Stack, role: iam.Role) -> None:
        user = NoPasswordUser(stack, "User")
        with pytest.raises(ValueError, match="grant_connect needs") as caught:
            user.grant_connect(role)
        assert str(caught.value) == (
            "Stack/User: grant_connect needs a user with IAM authentication or with a password in a "
            "secret, and the authentication is users without a secret; use an IamUser, or a PasswordUser with secret"
        )


class TestAddUser:
    def test_a_valkey_user(self, stack: cdk.Stack, vpc: ec2.IVpc, role: iam.Role) -> None:
        first = IamUser(stack, "First", engine=Engine.VALKEY)
        group = UserGroup(stack, "Group", engine=Engine.VALKEY, users=[first])
        cache = ReplicationGroup(
            stack, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2, access=Access.user_group(group)
        )
        kinds = [cache.access.authentication]
        second = PasswordUser(stack, "Second", engine=Engine.VALKEY)
        group.add_user(second)
        assert group.users == (first, second)
        assert cache.access.users == (first, second)
        assert [*kinds, cache.access.authentication] == [Authentication.IAM, Authentication.USERS]
        assert actions_of(cache.grant_connect(role)) == ["secretsmanager:GetSecretValue", "elasticache:Connect"]
        assert properties_of(stack, "AWS::ElastiCache::UserGroup")["UserIds"] == [
            stack.resolve(user.user_id) for user in (first, second)
        ]

    def test_a_cache_that_is_created_later_is_checked_with_it(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        group = UserGroup(
            stack, "Group", engine=Engine.REDIS, users=[PasswordUser(stack, "First", engine=Engine.REDIS)]
        )
        access = Access.user_group(group)
        ReplicationGroup(stack, "Before", vpc=vpc, engine=EngineVersion.REDIS_6_2, access=access)
        assertions.Annotations.from_stack(stack).has_no_warning("*", assertions.Match.any_value())
        group.add_user(IamUser(stack, "Second", engine=Engine.REDIS))
        ReplicationGroup(stack, "After", vpc=vpc, engine=EngineVersion.REDIS_6_2, access=access)
        (warning,) = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
        assert "Stack/After: engine must be 7.0 or later with users that authenticate with IAM" in str(
            warning.entry.data
        )

    def test_the_default_user_stays_in_a_redis_group(self, stack: cdk.Stack) -> None:
        group = UserGroup(stack, "Group", engine=Engine.REDIS, users=[IamUser(stack, "A", engine=Engine.REDIS)])
        group.add_user(IamUser(stack, "B", engine=Engine.REDIS))
        ids = properties_of(stack, "AWS::ElastiCache::UserGroup")["UserIds"]
        assert len(ids) == 3
        assert "DefaultUser" in str(ids[2])

    def test_a_default_user_replaces_the_added_one(self, stack: cdk.Stack) -> None:
        group = UserGroup(stack, "Group", engine=Engine.REDIS, users=[IamUser(stack, "A", engine=Engine.REDIS)])
        group.add_user(PasswordUser(stack, "Own", engine=Engine.REDIS, user_name="default"))
        template = assertions.Template.from_stack(stack)
        template.resource_count_is("AWS::ElastiCache::User", 2)
        ids = properties_of(stack, "AWS::ElastiCache::UserGroup")["UserIds"]
        assert len(ids) == 2
        assert "Own" in str(ids[1])

    def test_a_second_default_user_is_refused(self, stack: cdk.Stack) -> None:
        own = PasswordUser(stack, "Own", engine=Engine.REDIS, user_name="default")
        group = UserGroup(stack, "Group", engine=Engine.REDIS, users=[own])
        with pytest.raises(ValueError, match="users must"):
            group.add_user(NoPasswordUser(stack, "Other", user_name="default"))

    @pytest.mark.parametrize("kind", ["name", "engine", "password"])
    def test_the_rules_of_the_constructor_hold(self, stack: cdk.Stack, kind: str) -> None:
        first = PasswordUser(stack, "First", engine=Engine.VALKEY, user_name="app")
        group = UserGroup(stack, "Group", engine=Engine.VALKEY, users=[first])
        user: Any = (
            PasswordUser(stack, "Second", engine=Engine.VALKEY, user_name="app")
            if kind == "name"
            else NoPasswordUser(stack, "Second")
        )
        with pytest.raises(ValueError, match=r"^Stack/Group: users must"):
            group.add_user(user)
        assert group.users == (first,)
        assert properties_of(stack, "AWS::ElastiCache::UserGroup")["UserIds"] == [stack.resolve(first.user_id)]

    def test_an_imported_group_refuses_new_users(self, stack: cdk.Stack) -> None:
        group = UserGroup.from_user_group_id(stack, "Group", "shared")
        with pytest.raises(ValueError, match="users cannot be") as caught:
            group.add_user(IamUser(stack, "A", engine=Engine.REDIS))
        assert str(caught.value) == (
            "Stack/Group: users cannot be added to an imported user group; add the user where the group is "
            "created, and list it in users of from_user_group_id"
        )


class TestOwnPasswords:
    def test_one_and_two(self, stack: cdk.Stack) -> None:
        secrets = [secretsmanager.Secret.from_secret_name_v2(stack, name, name) for name in ("old", "new")]
        values = [secret.secret_value_from_json("key") for secret in secrets]
        for count in (1, 2):
            PasswordUser(stack, f"User{count}", engine=Engine.VALKEY, passwords=values[:count])
        template = assertions.Template.from_stack(stack)
        template.resource_count_is("AWS::SecretsManager::Secret", 0)
        resources = template.find_resources("AWS::ElastiCache::User").values()
        modes = [resource["Properties"]["AuthenticationMode"] for resource in resources]
        assert [len(mode["Passwords"]) for mode in modes] == [1, 2]
        assert all(mode["Type"] == "password" for mode in modes)
        assert "secret:old:SecretString:key" in str(modes[1]["Passwords"][0])

    @pytest.mark.parametrize(
        ("passwords", "message"),
        [
            ([], "must not be empty, got []; leave it out for the default"),
            (["x" * 16] * 3, "must contain 1 to 2 passwords, got 3; remove the oldest"),
            (["x" * 15], "must have 16 to 128 characters, got 'a password of 15 characters'; generate one in Secrets"),
            (
                ["x" * 129],
                "must have 16 to 128 characters, got 'a password of 129 characters'; generate one in Secrets",
            ),
        ],
    )
    def test_bounds(self, stack: cdk.Stack, passwords: list[str], message: str) -> None:
        with pytest.raises(ValueError, match="passwords") as caught:
            PasswordUser(
                stack,
                "User",
                engine=Engine.VALKEY,
                passwords=[cdk.SecretValue.unsafe_plain_text(password) for password in passwords],
            )
        assert str(caught.value).startswith(f"Stack/User: passwords {message}")

    @pytest.mark.parametrize("length", [16, 128])
    def test_lengths_that_are_accepted(self, stack: cdk.Stack, length: int) -> None:
        value = cdk.SecretValue.unsafe_plain_text("x" * length)
        PasswordUser(stack, "User", engine=Engine.VALKEY, passwords=[value])
        assert properties_of(stack, "AWS::ElastiCache::User")["AuthenticationMode"]["Passwords"] == ["x" * length]

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (
                cdk.SecretValue.unsafe_plain_text("mysterious-phrase"),
                " must be a list of SecretValue, got a SecretValue; put it in a list: [...]",
            ),
            (
                "mysterious-phrase",
                " must be a list of SecretValue, got a str; use [cdk.SecretValue.secrets_manager(...)]",
            ),
            (
                ["mysterious-phrase"],
                "[0] must be a SecretValue, got a str; use cdk.SecretValue.secrets_manager(...)",
            ),
        ],
        ids=["one", "text", "list of text"],
    )
    def test_a_wrong_type_is_refused_without_its_value(self, stack: cdk.Stack, given: Any, message: str) -> None:
        with pytest.raises(ValueError, match="passwords") as caught:
            PasswordUser(stack, "User", engine=Engine.VALKEY, passwords=given)
        assert str(caught.value) == f"Stack/User: passwords{message}"

    def test_clients_read_the_secret_beside_them(self, stack: cdk.Stack, role: iam.Role) -> None:
        secret = secretsmanager.Secret(stack, "Secret")
        values = [cdk.SecretValue.secrets_manager("a"), secret.secret_value_from_json("password")]
        user = PasswordUser(stack, "User", engine=Engine.VALKEY, passwords=values, secret=secret)
        assert user.secret is secret
        assert actions_of(user.grant_connect(role)) == ["secretsmanager:GetSecretValue"]

    def test_without_a_secret_nothing_can_be_read(self, stack: cdk.Stack, vpc: ec2.IVpc, role: iam.Role) -> None:
        user = PasswordUser(stack, "User", engine=Engine.VALKEY, passwords=[cdk.SecretValue.secrets_manager("a")])
        assert user.secret is None
        with pytest.raises(ValueError, match="grant_connect needs a user with"):
            user.grant_connect(role)
        group = UserGroup(stack, "Group", engine=Engine.VALKEY, users=[user])
        cache = ReplicationGroup(
            stack, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2, access=Access.user_group(group)
        )
        with pytest.raises(ValueError, match="Stack/Client: user must have a secret that the client can read its"):
            CacheClient(stack, "Client", vpc=vpc, cache=cache)
        with pytest.raises(ValueError, match="Stack/Rotation: user must have a secret to rotate, got Stack/User"):
            CredentialRotation(stack, "Rotation", vpc=vpc, cache=cache, user=user)

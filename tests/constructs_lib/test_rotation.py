"""CredentialRotation: the construct with least privilege, and every error."""

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2

from constructs_lib import (
    Access,
    CredentialRotation,
    Engine,
    EngineVersion,
    IamUser,
    MemcachedCluster,
    PasswordUser,
    ReplicationGroup,
    TransitEncryption,
    UserGroup,
)
from tests.constructs_lib.templates import statements_of


class TestConstruct:
    def test_a_token(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.auth_token())
        CredentialRotation(stack, "Rotation", vpc=vpc, cache=cache)
        template = assertions.Template.from_stack(stack)
        template.has_resource_properties(
            "AWS::SecretsManager::RotationSchedule", {"RotationRules": {"ScheduleExpression": "rate(30 days)"}}
        )
        template.has_resource_properties(
            "AWS::Lambda::Function",
            {
                "Handler": "handler.handler",
                "Runtime": "python3.14",
                "Timeout": 900,
                "Environment": {
                    "Variables": {
                        "KIND": "token",
                        "CACHE_ID": stack.resolve(cache.replication_group_id),
                        "HOST": stack.resolve(cache.primary_endpoint.address),
                        "PORT": "6379",
                    }
                },
            },
        )
        template.has_resource_properties("AWS::EC2::SecurityGroupIngress", {"FromPort": 6379})
        (own,) = [statement for statement in statements_of(stack) if "elasticache" in str(statement["Action"])]
        assert own["Action"] == ["elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroup"]
        assert own["Resource"] == stack.resolve(cache.replication_group_arn)

    def test_a_user(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        user = PasswordUser(stack, "User", engine=Engine.VALKEY, user_name="app")
        group = UserGroup(stack, "Users", engine=Engine.VALKEY, users=[user])
        cache = ReplicationGroup(
            stack, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2, access=Access.user_group(group)
        )
        rotation = CredentialRotation(
            stack, "Rotation", vpc=vpc, cache=cache, user=user, automatically_after=cdk.Duration.days(7)
        )
        assert user.secret is not None
        template = assertions.Template.from_stack(stack)
        template.has_resource_properties(
            "AWS::SecretsManager::RotationSchedule",
            {
                "RotationRules": {"ScheduleExpression": "rate(7 days)"},
                "SecretId": stack.resolve(user.secret.secret_arn),
            },
        )
        (own,) = [statement for statement in statements_of(stack) if "elasticache" in str(statement["Action"])]
        assert own["Action"] == ["elasticache:DescribeUsers", "elasticache:ModifyUser"]
        assert own["Resource"] == stack.resolve(user.user_arn)
        assert rotation.function.function_name

    def test_its_rights_on_the_secret_are_those_of_a_rotation(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.auth_token())
        CredentialRotation(stack, "Rotation", vpc=vpc, cache=cache)
        actions = {
            action
            for statement in statements_of(stack)
            for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
        }
        assert {action for action in actions if action.startswith("secretsmanager:")} == {
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetRandomPassword",
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
        }


def _plaintext(stack: cdk.Stack, vpc: ec2.IVpc) -> CredentialRotation:
    user = PasswordUser(stack, "User", engine=Engine.VALKEY)
    cache = ReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        engine=EngineVersion.VALKEY_8_2,
        access=Access.none(),
        transit_encryption=TransitEncryption.DISABLED,
    )
    return CredentialRotation(stack, "It", vpc=vpc, cache=cache, user=user)


def in_subnets(stack: cdk.Stack, kind: ec2.SubnetType) -> CredentialRotation:
    vpc = ec2.Vpc(stack, "Public")
    cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.auth_token())
    return CredentialRotation(stack, "It", vpc=vpc, cache=cache, vpc_subnets=ec2.SubnetSelection(subnet_type=kind))


Make = Callable[[cdk.Stack, ec2.IVpc], object]

ERRORS: dict[str, tuple[Make, str]] = {
    "no-token": (
        lambda s, v: CredentialRotation(s, "It", vpc=v, cache=ReplicationGroup(s, "Cache", vpc=v)),
        "Stack/It: cache must have an AUTH token, unless a user is passed, got Stack/Cache with iam; pass user, or use "
        "access=Access.auth_token()",
    ),
    "memcached": (
        lambda s, v: CredentialRotation(s, "It", vpc=v, cache=MemcachedCluster(s, "Cache", vpc=v)),
        "Stack/It: cache must have an AUTH token, unless a user is passed, got Stack/Cache with none; pass user, or "
        "use access=Access.auth_token()",
    ),
    "iam-user": (
        lambda s, v: CredentialRotation(
            s,
            "It",
            vpc=v,
            cache=ReplicationGroup(s, "Cache", vpc=v),
            user=IamUser(s, "User", engine=Engine.REDIS),
        ),
        "Stack/It: user must have a password, got Stack/User, which authenticates with iam; pass a PasswordUser; IAM "
        "tokens need no rotation",
    ),
    "public-subnets": (
        lambda s, v: in_subnets(s, ec2.SubnetType.PUBLIC),
        "Stack/It: vpc_subnets must be isolated or private, got public subnets; choose others, because a "
        "function has no public address there and cannot call AWS",
    ),
    "plaintext": (
        _plaintext,
        "Stack/It: cache must use TLS, got Stack/Cache without it; turn transit_encryption on",
    ),
}


@pytest.mark.parametrize(("make", "message"), ERRORS.values(), ids=ERRORS)
def test_errors(stack: cdk.Stack, vpc: ec2.IVpc, make: Make, message: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        make(stack, vpc)
    assert str(caught.value) == message

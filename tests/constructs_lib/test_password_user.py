"""PasswordUser: secret, user groups, import; and access strings on real servers."""

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager

from constructs_lib import (
    DATA_ACCESS,
    NO_ACCESS,
    Access,
    AccessRules,
    AccessString,
    Authentication,
    CacheClient,
    Category,
    Engine,
    EngineVersion,
    IamUser,
    KeyAccess,
    Network,
    PasswordUser,
    ReplicationGroup,
    UserGroup,
)
from tests import cache_servers
from tests.cache_servers import Certificates
from tests.constructs_lib.clients import config_of
from tests.constructs_lib.templates import properties_of, statements_of

USER = "AWS::ElastiCache::User"


def test_a_generated_password_is_never_in_the_template(stack: cdk.Stack) -> None:
    user = PasswordUser(stack, "App", engine=Engine.VALKEY, user_name="app")
    properties = properties_of(stack, USER)
    secret = assertions.Template.from_stack(stack).find_resources("AWS::SecretsManager::Secret")
    ((logical_id, made),) = secret.items()
    assert properties["AuthenticationMode"] == {
        "Type": "password",
        "Passwords": [
            {
                "Fn::Join": [
                    "",
                    ["{{resolve:secretsmanager:", {"Ref": logical_id}, ":SecretString:password::}}"],
                ]
            }
        ],
    }
    assert made["Properties"]["GenerateSecretString"] == {
        "ExcludePunctuation": True,
        "GenerateStringKey": "password",
        "PasswordLength": 64,
        "SecretStringTemplate": '{"username": "app"}',
    }
    assert (user.user_name, user.authentication) == ("app", Authentication.PASSWORD)


def test_a_given_secret_is_used(stack: cdk.Stack) -> None:
    secret = secretsmanager.Secret.from_secret_complete_arn(
        stack, "Secret", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:app-AbCdEf"
    )
    user = PasswordUser(stack, "App", engine=Engine.REDIS, secret=secret, access_string=NO_ACCESS)
    assert user.secret is secret
    assert properties_of(stack, USER)["AuthenticationMode"]["Passwords"] == [
        "{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:111111111111:secret:app-AbCdEf:SecretString:"
        "password::}}"
    ]


def test_its_group_lets_a_role_read_the_secret_and_a_client_use_it(stack: cdk.Stack) -> None:
    network = Network(stack, "Network", secrets_manager_endpoint=True)
    cache = ReplicationGroup(stack, "Cache", vpc=network.vpc, access=Access.password())
    assert cache.access.authentication is Authentication.PASSWORD
    CacheClient(stack, "Client", vpc=network.vpc, cache=cache)
    config = config_of(stack)
    assert (config["authentication"], config["secret_key"], config["user"]) == (
        "password",
        "password",
        cache.access.users[0].user_name,
    )
    assert "secretsmanager:GetSecretValue" in str(statements_of(stack))


def test_passwords_before_users_existed(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(ValueError, match=r"access is Access\.password") as caught:
        ReplicationGroup(stack, "Cache", vpc=vpc, engine=EngineVersion.of("redis", "5.0.6"), access=Access.password())
    assert str(caught.value) == (
        "Stack/Cache: access is Access.password(), which needs redis 6.0 or later, and engine is redis 5.0.6; use a "
        "later version, access=Access.auth_token() or access=Access.none()"
    )


def test_a_group_with_both_kinds_needs_the_user_of_a_client(stack: cdk.Stack) -> None:
    network = Network(stack, "Network", secrets_manager_endpoint=True)
    signed = IamUser(stack, "Signed", engine=Engine.VALKEY)
    named = PasswordUser(stack, "Named", engine=Engine.VALKEY, user_name="named")
    group = UserGroup(stack, "Users", engine=Engine.VALKEY, users=[signed, named])
    cache = ReplicationGroup(
        stack, "Cache", vpc=network.vpc, engine=EngineVersion.VALKEY_8_2, access=Access.user_group(group)
    )
    assert cache.access.authentication is Authentication.USERS
    CacheClient(stack, "Client", vpc=network.vpc, cache=cache, user=named)
    config = config_of(stack)
    assert (config["authentication"], config["user"]) == ("password", "named")
    assert "elasticache:Connect" not in str(statements_of(stack))


def test_both_kinds_are_granted_together(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    signed = IamUser(stack, "Signed", engine=Engine.VALKEY)
    named = PasswordUser(stack, "Named", engine=Engine.VALKEY)
    group = UserGroup(stack, "Users", engine=Engine.VALKEY, users=[signed, named])
    cache = ReplicationGroup(stack, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2, access=Access.user_group(group))
    cache.grants.connect(iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")))
    text = str(statements_of(stack))
    assert "elasticache:Connect" in text
    assert "secretsmanager:GetSecretValue" in text


def test_import(stack: cdk.Stack) -> None:
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "app")
    user = PasswordUser.from_user_attributes(stack, "App", user_id="app-id", user_name="app", secret=secret)
    assert (user.user_id, user.user_name, user.secret, user.authentication) == (
        "app-id",
        "app",
        secret,
        Authentication.PASSWORD,
    )
    assert user.user_arn == "arn:aws:elasticache:eu-west-1:111111111111:user:app-id"


def test_a_valkey_user_without_a_password_is_refused_in_a_group(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        PasswordUser(stack, "App", engine=Engine.VALKEY, user_id="1st")
    assert str(caught.value).startswith("Stack/App: user_id must be an identifier")


@pytest.mark.servers
def test_a_real_server_accepts_the_access_strings(tmp_path: Path) -> None:
    server = cache_servers.start(tmp_path, "acl", Certificates(tmp_path), tls=False, users=False)
    try:
        connection = server.admin_connection()
        strings = [
            DATA_ACCESS,
            NO_ACCESS,
            AccessString.on()
            .keys("app:*")
            .keys("ref:*", access=KeyAccess.READ)
            .keys("log:*", access=KeyAccess.WRITE)
            .channels("news:*")
            .allow(
                *(category for category in Category if category not in (Category.BLOOM, Category.JSON, Category.SEARCH))
            )
            .deny(Category.DANGEROUS, "config|set")
            .selector(AccessRules().keys("stats:*").allow("incr")),
        ]
        for number, access_string in enumerate(strings):
            text = str(access_string).replace("(", "\0(").replace(")", ")\0")
            words = [word for part in text.split("\0") for word in ([part] if "(" in part else part.split())]
            assert connection.call("ACL", "SETUSER", f"user-{number}", *words) == "OK"
        connection.close()
    finally:
        server.stop()

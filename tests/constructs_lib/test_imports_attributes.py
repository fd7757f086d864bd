"""Imported caches with attributes: what needs each attribute, the access, and the error when one is missing."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager

from constructs_lib import (
    Access,
    AlarmThresholds,
    Authentication,
    CacheAlarms,
    CacheClient,
    CacheDashboard,
    ClusterMode,
    CredentialRotation,
    Engine,
    EngineVersion,
    IamUser,
    MemcachedCluster,
    MemcachedVersion,
    NodeType,
    PasswordUser,
    ReplicationGroup,
    ServerlessCache,
    ServerlessEngine,
    ShardScaling,
    UsageLimits,
    UserGroup,
)
from tests.constructs_lib.imported import PREFIX, complete, group
from tests.constructs_lib.templates import properties_of, statements_of


class TestWhatNeedsAttributes:
    def test_alarms_of_a_replication_group(self, stack: cdk.Stack) -> None:
        CacheAlarms(stack, "Alarms", cache=complete(stack))
        resources = assertions.Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm")
        assert len(resources) == 7
        text = str(resources)
        assert "orders-001" in text
        assert "EngineCPUUtilization" in text

    def test_a_dashboard_of_a_replication_group(self, stack: cdk.Stack) -> None:
        CacheDashboard(stack, "Dashboard", cache=complete(stack))
        assert "orders-002" in str(properties_of(stack, "AWS::CloudWatch::Dashboard"))

    def test_alarms_near_the_limits_of_a_serverless_cache(self, stack: cdk.Stack) -> None:
        cache = ServerlessCache.from_serverless_cache_attributes(
            stack,
            "Cache",
            serverless_cache_name="sessions",
            usage_limits=UsageLimits(maximum_storage=cdk.Size.gibibytes(10)),
        )
        CacheAlarms(stack, "Alarms", cache=cache)
        assertions.Template.from_stack(stack).resource_count_is("AWS::CloudWatch::Alarm", 2)

    def test_alarms_and_a_dashboard_of_memcached(self, stack: cdk.Stack) -> None:
        cache = MemcachedCluster.from_memcached_cluster_attributes(stack, "Cache", cluster_name="pages", nodes=2)
        CacheAlarms(stack, "Alarms", cache=cache)
        CacheDashboard(stack, "Dashboard", cache=cache)
        assertions.Template.from_stack(stack).resource_count_is("AWS::CloudWatch::Alarm", 6)

    def test_data_tiering_follows_from_the_node_type(self, stack: cdk.Stack) -> None:
        assert not complete(stack).data_tiering
        stack.node.try_remove_child("Orders")
        stack.node.try_remove_child("Group")
        stack.node.try_remove_child("App")
        assert complete(stack, node_type=NodeType.of("cache.r6gd.xlarge")).data_tiering

    def test_scaling(self, stack: cdk.Stack) -> None:
        cache = complete(
            stack, cluster_mode=ClusterMode.enabled(shards=2, replicas_per_shard=1), node_type=NodeType.R7G_LARGE
        )
        ShardScaling(stack, "Scaling", replication_group=cache, min_capacity=2, max_capacity=5).track_memory(60)
        target = properties_of(stack, "AWS::ApplicationAutoScaling::ScalableTarget")
        assert target["ResourceId"] == "replication-group/orders"
        assertions.Annotations.from_stack(stack).has_no_warning("*", assertions.Match.any_value())

    def test_scaling_checks_what_is_known(self, stack: cdk.Stack) -> None:
        cache = complete(stack, cluster_mode=ClusterMode.enabled(shards=2), node_type=NodeType.T4G_MICRO)
        ShardScaling(stack, "Scaling", replication_group=cache, min_capacity=2, max_capacity=5)
        warnings = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
        assert any("must name a group whose node type can be scaled" in str(warning.entry.data) for warning in warnings)

    def test_scaling_with_the_cluster_mode_alone(self, stack: cdk.Stack) -> None:
        cache = ReplicationGroup.from_replication_group_attributes(
            stack, "Cache", replication_group_id="orders", cluster_mode=ClusterMode.enabled(shards=2)
        )
        ShardScaling(stack, "Scaling", replication_group=cache, min_capacity=2, max_capacity=5)
        assert properties_of(stack, "AWS::ApplicationAutoScaling::ScalableTarget")["MaxCapacity"] == 5
        assertions.Annotations.from_stack(stack).has_no_warning("*", assertions.Match.any_value())

    def test_a_client_with_iam(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        CacheClient(stack, "Client", vpc=vpc, cache=complete(stack))
        assert any(statement["Action"] == "elasticache:Connect" for statement in statements_of(stack))
        rules = assertions.Template.from_stack(stack).find_resources("AWS::EC2::SecurityGroupIngress")
        assert [rule["Properties"]["GroupId"] for rule in rules.values()] == ["sg-0123456789abcdef0"]

    def test_a_client_of_a_serverless_cache(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ServerlessCache.from_serverless_cache_attributes(
            stack,
            "Cache",
            serverless_cache_name="sessions",
            endpoint_address="sessions.example",
            reader_endpoint_address="sessions.example",
            security_groups=[group(stack)],
            engine=ServerlessEngine.VALKEY_8,
            access=Access.none(),
        )
        CacheClient(stack, "Client", vpc=vpc, cache=cache)
        assertions.Template.from_stack(stack).resource_count_is("AWS::EC2::Instance", 1)

    def test_a_client_of_memcached(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = MemcachedCluster.from_memcached_cluster_attributes(
            stack,
            "Cache",
            cluster_name="pages",
            configuration_endpoint_address="pages.example",
            security_groups=[group(stack)],
            version=MemcachedVersion.V1_6_22,
            nodes=2,
        )
        CacheClient(stack, "Client", vpc=vpc, cache=cache)
        assertions.Template.from_stack(stack).resource_count_is("AWS::EC2::Instance", 1)

    def test_rotation_of_a_token_and_of_a_password(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        secret = secretsmanager.Secret(stack, "Token")
        cache = complete(stack, access=Access.auth_token(secret), engine=EngineVersion.REDIS_6_2)
        CredentialRotation(stack, "Rotation", vpc=vpc, cache=cache)
        user = PasswordUser.from_user_attributes(
            stack,
            "Reader",
            user_arn="arn:aws:elasticache:eu-west-1:111111111111:user:reader",
            secret=secretsmanager.Secret(stack, "Password"),
        )
        CredentialRotation(stack, "Other", vpc=vpc, cache=cache, user=user)
        own = [
            statement["Resource"]
            for statement in statements_of(stack)
            if "elasticache:DescribeUsers" in statement["Action"]
        ]
        assert own == ["arn:aws:elasticache:eu-west-1:111111111111:user:reader"]


class TestAccess:
    def role(self, stack: cdk.Stack) -> iam.Role:
        return iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))

    def test_iam_users_of_another_account(self, stack: cdk.Stack) -> None:
        user = IamUser.from_user_arn(stack, "User", f"{PREFIX}:user:app")
        cache = complete(
            stack,
            replication_group_id=None,
            replication_group_arn=f"{PREFIX}:replicationgroup:orders",
            access=Access.users([user]),
        )
        assert cache.access.authentication is Authentication.IAM
        cache.grant_connect(self.role(stack))
        (statement,) = statements_of(stack)
        assert statement["Resource"] == [f"{PREFIX}:replicationgroup:orders", f"{PREFIX}:user:app"]

    def test_password_users(self, stack: cdk.Stack) -> None:
        secret = secretsmanager.Secret(stack, "Secret")
        user = PasswordUser.from_user_attributes(stack, "User", user_id="app", secret=secret)
        cache = complete(stack, access=Access.users([user]))
        assert cache.access.authentication is Authentication.PASSWORD
        assert user.user_name == "app"
        cache.grant_connect(self.role(stack))
        assert [statement["Action"] for statement in statements_of(stack)] == ["secretsmanager:GetSecretValue"]

    def test_a_token(self, stack: cdk.Stack) -> None:
        secret = secretsmanager.Secret(stack, "Secret")
        cache = complete(stack, access=Access.auth_token(secret))
        assert cache.access.authentication is Authentication.TOKEN
        assert cache.access.secret is secret

    def test_a_user_group(self, stack: cdk.Stack) -> None:
        users = [IamUser.from_user_id(stack, "Other", "other")]
        shared = UserGroup.from_user_group_id(stack, "Users", "shared", users=users)
        cache = complete(stack, access=Access.user_group(shared))
        assert cache.user_group is shared
        assert cache.access.users == tuple(users)

    def test_nobody(self, stack: cdk.Stack) -> None:
        assert complete(stack, access=Access.none()).access.authentication is Authentication.NONE

    @pytest.mark.parametrize(
        ("access", "message"),
        [
            (Access.iam(), "Access.iam(), which creates a user; use Access.users([IamUser.from_user_id(...)])"),
            (
                Access.password(),
                "Access.password(), which creates a user; use Access.users([PasswordUser.from_user_attributes(...)])",
            ),
            (Access.auth_token(), "Access.auth_token(), which creates a secret; use Access.auth_token(secret)"),
        ],
    )
    def test_what_would_create_something(self, stack: cdk.Stack, access: Access, message: str) -> None:
        with pytest.raises(ValueError, match="access must") as caught:
            complete(stack, access=access)
        assert str(caught.value) == (
            f"Stack/Orders: access must name what exists already for an imported cache, got {message}"
        )

    def test_no_user(self, stack: cdk.Stack) -> None:
        with pytest.raises(ValueError, match="Stack/Orders: access must name at least one user, got none; pass one"):
            complete(stack, access=Access.users([]))

    def test_users_of_a_new_cache_come_into_a_group_of_its_own(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        users = [IamUser(stack, name, engine=Engine.REDIS) for name in ("Reader", "Writer")]
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.users(users))
        assert cache.access.users == tuple(users)
        assert len(properties_of(stack, "AWS::ElastiCache::UserGroup")["UserIds"]) == 3


# A missing attribute, the member that needs it, and the argument that sets it.
NEEDS: list[tuple[str, Callable[..., Any], Any]] = [
    ("cluster_mode", lambda cache, _: cache.metrics, ClusterMode.disabled(replicas=1)),
    ("cluster_mode", lambda cache, _: cache.primary_endpoint, ClusterMode.disabled(replicas=1)),
    ("cluster_mode", lambda cache, _: CacheAlarms(cache.stack, "It", cache=cache), ClusterMode.disabled(replicas=1)),
    ("node_type", lambda cache, _: CacheAlarms(cache.stack, "It", cache=cache), NodeType.R7G_LARGE),
    ("node_type", lambda cache, _: CacheDashboard(cache.stack, "It", cache=cache), NodeType.R7G_LARGE),
    ("engine", lambda cache, vpc: CacheClient(cache.stack, "It", vpc=vpc, cache=cache), EngineVersion.VALKEY_8_2),
    ("primary_endpoint_address", lambda cache, _: cache.primary_endpoint, "master.orders.example"),
    ("access", lambda cache, vpc: CacheClient(cache.stack, "It", vpc=vpc, cache=cache), Access.none()),
    ("access", lambda cache, _: cache.grant_connect(iam.AccountRootPrincipal()), None),
    ("security_groups", lambda cache, vpc: CacheClient(cache.stack, "It", vpc=vpc, cache=cache), "group"),
    ("security_groups", lambda cache, _: cache.connections, "group"),
]


@pytest.mark.parametrize(("missing", "use", "given"), NEEDS)
def test_a_missing_attribute_is_named_and_giving_it_helps(
    stack: cdk.Stack, vpc: ec2.IVpc, missing: str, use: Callable[..., Any], given: Any
) -> None:
    with pytest.raises(ValueError, match="is not known") as caught:
        use(complete(stack, **{missing: None}), vpc)
    assert str(caught.value) == (
        f"Stack/Orders: {missing} is not known, because the resource is imported; import it with "
        f"from_replication_group_attributes(..., {missing}=...)"
    )
    for id in ("Orders", "It", "App", "Group"):
        stack.node.try_remove_child(id)
    if missing == "access" and given is None:
        given = Access.users([IamUser.from_user_id(stack, "Someone", "someone")])
    changes = {} if given == "group" else {missing: given}
    assert use(complete(stack, **changes), vpc)


def test_missing_attributes_of_the_other_kinds(stack: cdk.Stack) -> None:
    serverless = ServerlessCache.from_serverless_cache_name(stack, "Sessions", "sessions")
    memcached = MemcachedCluster.from_memcached_cluster_name(stack, "Pages", "pages")
    users = UserGroup.from_user_group_id(stack, "Users", "shared")
    cases: list[tuple[Callable[[], Any], str, str]] = [
        (lambda: serverless.engine, "Stack/Sessions: engine", "from_serverless_cache_attributes(..., engine=...)"),
        (lambda: serverless.port, "Stack/Sessions: engine", "from_serverless_cache_attributes(..., engine=...)"),
        (
            lambda: serverless.endpoint,
            "Stack/Sessions: endpoint_address",
            "from_serverless_cache_attributes(..., endpoint_address=...)",
        ),
        (
            lambda: serverless.reader_endpoint,
            "Stack/Sessions: reader_endpoint_address",
            "from_serverless_cache_attributes(..., reader_endpoint_address=...)",
        ),
        (lambda: memcached.nodes, "Stack/Pages: nodes", "from_memcached_cluster_attributes(..., nodes=...)"),
        (lambda: memcached.version, "Stack/Pages: version", "from_memcached_cluster_attributes(..., version=...)"),
        (
            lambda: memcached.configuration_endpoint,
            "Stack/Pages: configuration_endpoint_address",
            "from_memcached_cluster_attributes(..., configuration_endpoint_address=...)",
        ),
        (lambda: users.engine, "Stack/Users: engine", "from_user_group_attributes(..., engine=...)"),
    ]
    for use, what, how in cases:
        with pytest.raises(ValueError, match="is not known") as caught:
            use()
        assert str(caught.value) == f"{what} is not known, because the resource is imported; import it with {how}"
    given = UserGroup.from_user_group_attributes(stack, "Given", user_group_id="shared", engine=Engine.REDIS)
    assert given.engine is Engine.REDIS


def test_alarms_without_processor_and_connections_need_no_node_type_but_for_memory(stack: cdk.Stack) -> None:
    cache = complete(stack, node_type=None, data_tiering=False)
    with pytest.raises(ValueError, match="node_type is not known"):
        CacheAlarms(stack, "Other", cache=cache, thresholds=AlarmThresholds(cpu_percent=None))
    CacheAlarms(stack, "Alarms", cache=cache, thresholds=AlarmThresholds(cpu_percent=None, connections_percent=None))
    assertions.Template.from_stack(stack).resource_count_is("AWS::CloudWatch::Alarm", 5)

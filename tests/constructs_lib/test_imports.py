"""Imported caches, users and groups: by name, by ARN, with attributes; and their members."""

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
    CacheEventRule,
    ClusterMode,
    CredentialRotation,
    Engine,
    EngineVersion,
    IamUser,
    MemcachedCluster,
    MemcachedVersion,
    NodeType,
    ParameterGroup,
    PasswordUser,
    ReplicationGroup,
    ReplicationGroupBase,
    ServerlessCache,
    ServerlessCacheSnapshot,
    ServerlessEngine,
    ShardScaling,
    Snapshot,
    SubnetGroup,
    UsageLimits,
    UserGroup,
)
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.templates import properties_of, statements_of

PREFIX = "arn:aws:elasticache:us-east-1:222222222222"
# Kind in the ARN, the name's argument, by name, by ARN, and with attributes where there are some.
KINDS: dict[str, tuple[str, Callable[..., Any], Callable[..., Any], Callable[..., Any] | None]] = {
    "replicationgroup": (
        "replication_group_id",
        ReplicationGroup.from_replication_group_id,
        ReplicationGroup.from_replication_group_arn,
        ReplicationGroup.from_replication_group_attributes,
    ),
    "serverlesscache": (
        "serverless_cache_name",
        ServerlessCache.from_serverless_cache_name,
        ServerlessCache.from_serverless_cache_arn,
        ServerlessCache.from_serverless_cache_attributes,
    ),
    "cluster": (
        "cluster_name",
        MemcachedCluster.from_memcached_cluster_name,
        MemcachedCluster.from_memcached_cluster_arn,
        MemcachedCluster.from_memcached_cluster_attributes,
    ),
    "usergroup": (
        "user_group_id",
        UserGroup.from_user_group_id,
        UserGroup.from_user_group_arn,
        UserGroup.from_user_group_attributes,
    ),
    "user": ("user_id", IamUser.from_user_id, IamUser.from_user_arn, PasswordUser.from_user_attributes),
    "subnetgroup": ("subnet_group_name", SubnetGroup.from_subnet_group_name, SubnetGroup.from_subnet_group_arn, None),
    "parametergroup": (
        "parameter_group_name",
        ParameterGroup.from_parameter_group_name,
        ParameterGroup.from_parameter_group_arn,
        None,
    ),
}


def arn_prop(prop: str) -> str:
    return f"{prop.removesuffix('_id').removesuffix('_name')}_arn"


@pytest.mark.parametrize("kind", KINDS)
class TestIdentity:
    def test_by_name(self, stack: cdk.Stack, kind: str) -> None:
        prop, by_name, _, _ = KINDS[kind]
        resource = by_name(stack, "It", "orders")
        assert getattr(resource, prop) == "orders"
        assert getattr(resource, arn_prop(prop)) in (
            f"arn:aws:elasticache:eu-west-1:111111111111:{kind}:orders",
            f"arn:{stack.partition}:elasticache:eu-west-1:111111111111:{kind}:orders",
        )
        assert (resource.env.account, resource.env.region) == ("111111111111", "eu-west-1")
        assert resource.stack is stack

    def test_by_an_arn_of_another_account_and_region(self, stack: cdk.Stack, kind: str) -> None:
        prop, _, by_arn, _ = KINDS[kind]
        resource = by_arn(stack, "It", f"{PREFIX}:{kind}:orders")
        assert getattr(resource, prop) == "orders"
        assert getattr(resource, arn_prop(prop)) == f"{PREFIX}:{kind}:orders"
        assert (resource.env.account, resource.env.region) == ("222222222222", "us-east-1")

    def test_by_an_arn_token(self, stack: cdk.Stack, kind: str) -> None:
        prop, _, by_arn, _ = KINDS[kind]
        resource = by_arn(stack, "It", cdk.Fn.import_value("Arn"))
        value = {"Fn::ImportValue": "Arn"}
        assert stack.resolve(getattr(resource, arn_prop(prop))) == value
        assert stack.resolve(getattr(resource, prop)) == {"Fn::Select": [6, {"Fn::Split": [":", value]}]}
        assert stack.resolve(resource.env.region) == {"Fn::Select": [3, {"Fn::Split": [":", value]}]}

    def test_by_a_name_token(self, stack: cdk.Stack, kind: str) -> None:
        prop, by_name, _, _ = KINDS[kind]
        name = cdk.CfnParameter(stack, "Name").value_as_string
        assert getattr(by_name(stack, "It", name), prop) == name

    @pytest.mark.parametrize(
        "arn",
        [
            "orders",
            f"{PREFIX}:snapshot:orders",
            "arn:aws:elasticache:us-east-1:2222:{kind}:orders",
            "arn:aws:rds:us-east-1:222222222222:{kind}:orders",
            PREFIX + ":{kind}/orders",
            PREFIX + ":{kind}:",
        ],
    )
    def test_an_arn_that_is_malformed(self, stack: cdk.Stack, kind: str, arn: str) -> None:
        prop, _, by_arn, _ = KINDS[kind]
        given = arn.format(kind=kind)
        with pytest.raises(ValueError, match="must have the form") as caught:
            by_arn(stack, "It", given)
        assert str(caught.value) == (
            f"Stack/It: {arn_prop(prop)} must have the form arn:aws:elasticache:<region>:<account>:{kind}:<name>, got "
            f"{given!r}; copy it from the console or from the output of a stack"
        )

    @pytest.mark.parametrize("name", ["my orders", "orders:1", "-orders"])
    def test_a_name_that_is_malformed(self, stack: cdk.Stack, kind: str, name: str) -> None:
        prop, by_name, _, _ = KINDS[kind]
        with pytest.raises(ValueError, match=f"Stack/It: {prop} must be the name alone") as caught:
            by_name(stack, "It", name)
        assert f"got {name!r}; copy it from the console" in str(caught.value)

    def test_an_empty_name_or_arn(self, stack: cdk.Stack, kind: str) -> None:
        prop, by_name, by_arn, _ = KINDS[kind]
        for name, make in ((prop, by_name), (arn_prop(prop), by_arn)):
            with pytest.raises(ValueError, match=f"^Stack/It: {name} must not be empty, got ''; pass what exists$"):
                make(stack, "It", "")

    def test_an_arn_instead_of_a_name(self, stack: cdk.Stack, kind: str) -> None:
        prop, by_name, by_arn, _ = KINDS[kind]
        arn = f"{PREFIX}:{kind}:orders"
        with pytest.raises(ValueError, match=f"got '{arn}'; pass it as {arn_prop(prop)}$"):
            by_name(stack, "It", arn)
        assert by_arn(stack, "It", arn)

    def test_neither_and_both(self, stack: cdk.Stack, kind: str) -> None:
        prop, _, _, attributes = KINDS[kind]
        if attributes is None:
            return
        with pytest.raises(ValueError, match="must be given") as caught:
            attributes(stack, "It")
        assert str(caught.value) == (
            f"Stack/It: {prop} or {arn_prop(prop)} must be given, and not both, got neither; pass one of them"
        )
        with pytest.raises(ValueError, match="must be given") as caught:
            attributes(stack, "It", **{prop: "orders", arn_prop(prop): f"{PREFIX}:{kind}:orders"})
        assert str(caught.value).endswith("got both; leave out one of them")
        assert attributes(stack, "It", **{prop: "orders"})

    def test_a_removal_policy_is_refused(self, stack: cdk.Stack, kind: str) -> None:
        made = KINDS[kind][1](stack, "It", "orders")
        with pytest.raises(ValueError, match="removal policy") as caught:
            made.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        assert str(caught.value) == (
            "Stack/It: a removal policy needs a resource of this stack, got an imported one; set the policy where the "
            "resource is created"
        )


def group(stack: cdk.Stack) -> ec2.ISecurityGroup:
    return ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")


def complete(stack: cdk.Stack, **changes: Any) -> ReplicationGroupBase:
    given: dict[str, Any] = {
        "replication_group_id": "orders",
        "security_groups": [group(stack)],
        "engine": EngineVersion.VALKEY_8_2,
        "cluster_mode": ClusterMode.disabled(replicas=1),
        "node_type": NodeType.of("cache.r7g.xlarge"),
        "primary_endpoint_address": "master.orders.example",
        "reader_endpoint_address": "replica.orders.example",
        "access": Access.users([IamUser.from_user_id(stack, "App", "app")]),
        **changes,
    }
    return ReplicationGroup.from_replication_group_attributes(stack, "Orders", **given)


class TestWhatNeedsNoMoreThanAName:
    @pytest.mark.parametrize("kind", ["replicationgroup", "serverlesscache", "cluster"])
    def test_grants_and_events(self, stack: cdk.Stack, kind: str) -> None:
        arn = f"arn:aws:elasticache:eu-west-1:111111111111:{kind}:orders"
        cache = KINDS[kind][2](stack, "Cache", arn)
        cache.grant(
            iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")),
            "elasticache:ListTagsForResource",
        )
        CacheEventRule(stack, "Events", cache=cache)
        (statement,) = statements_of(stack)
        assert statement["Resource"] == arn
        pattern = properties_of(stack, "AWS::Events::Rule")["EventPattern"]
        assert pattern["detail"] == {"SourceArn": [arn]}

    def test_metrics_alarms_and_a_dashboard_of_a_serverless_cache(self, stack: cdk.Stack) -> None:
        cache = ServerlessCache.from_serverless_cache_name(stack, "Cache", "sessions")
        CacheAlarms(stack, "Alarms", cache=cache)
        CacheDashboard(stack, "Dashboard", cache=cache)
        alarm = properties_of(stack, "AWS::CloudWatch::Alarm")
        assert alarm["Dimensions"] == [{"Name": "clusterId", "Value": "sessions"}]
        assert "sessions" in str(properties_of(stack, "AWS::CloudWatch::Dashboard"))

    def test_an_alarm_on_a_cache_of_another_region_fails(self, stack: cdk.Stack) -> None:
        cache = ServerlessCache.from_serverless_cache_arn(stack, "Cache", f"{PREFIX}:serverlesscache:sessions")
        assert (cache.metrics.region, cache.metrics.account) == ("us-east-1", "222222222222")
        with pytest.raises(ValueError, match=r"^Stack/Alarms: cache must be in the region of the stack \(eu-west-1\)"):
            CacheAlarms(stack, "Alarms", cache=cache)


class TestByArnWithAttributes:
    """An ARN of another account and region together with attributes: the ARN is kept as it was given."""

    def test_caches(self, stack: cdk.Stack) -> None:
        arns = [f"{PREFIX}:{kind}:orders" for kind in ("replicationgroup", "serverlesscache", "cluster")]
        group_arn, serverless_arn, cluster_arn = arns
        caches = [
            ReplicationGroup.from_replication_group_attributes(stack, "Group", replication_group_arn=group_arn),
            ServerlessCache.from_serverless_cache_attributes(stack, "Serverless", serverless_cache_arn=serverless_arn),
            MemcachedCluster.from_memcached_cluster_attributes(stack, "Cluster", cluster_arn=cluster_arn),
        ]
        assert [cache.cache_arn for cache in caches] == arns
        assert [cache.cache_name for cache in caches] == ["orders"] * 3

    def test_caches_by_the_arn_alone(self, stack: cdk.Stack) -> None:
        caches = [
            ReplicationGroup.from_replication_group_arn(stack, "Group", f"{PREFIX}:replicationgroup:orders"),
            MemcachedCluster.from_memcached_cluster_arn(stack, "Cluster", f"{PREFIX}:cluster:pages"),
        ]
        assert [cache.cache_name for cache in caches] == ["orders", "pages"]
        for cache in caches:
            with pytest.raises(ValueError, match="security_groups is not known, because the resource is imported"):
                _ = cache.connections

    def test_groups(self, stack: cdk.Stack) -> None:
        subnets = SubnetGroup.from_subnet_group_arn(stack, "Subnets", f"{PREFIX}:subnetgroup:shared")
        parameters = ParameterGroup.from_parameter_group_arn(stack, "Parameters", f"{PREFIX}:parametergroup:tuned")
        assert (subnets.subnet_group_name, parameters.parameter_group_name) == ("shared", "tuned")

    def test_users_of_a_user_group(self, stack: cdk.Stack) -> None:
        user, arn = IamUser.from_user_arn(stack, "App", f"{PREFIX}:user:app"), f"{PREFIX}:usergroup:apps"
        groups = [
            UserGroup.from_user_group_arn(stack, "Alone", arn, users=[user]),
            UserGroup.from_user_group_attributes(stack, "Attributes", user_group_arn=arn, users=[user]),
        ]
        assert [group.users for group in groups] == [(user,)] * 2
        assert [group.user_group_arn for group in groups] == [arn] * 2

    @pytest.mark.parametrize("tiering", [True, False])
    def test_data_tiering_that_is_given(self, stack: cdk.Stack, tiering: bool) -> None:
        cache = ReplicationGroup.from_replication_group_attributes(
            stack, "Cache", replication_group_id="orders", node_type=NodeType.R7G_LARGE, data_tiering=tiering
        )
        assert cache.data_tiering is tiering


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

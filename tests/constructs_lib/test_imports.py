"""Imported caches, users and groups: by name, by ARN, and what needs no more than one of them."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from constructs_lib import (
    CacheAlarms,
    CacheDashboard,
    CacheEventRule,
    IamUser,
    MemcachedCluster,
    NodeType,
    ParameterGroup,
    PasswordUser,
    ReplicationGroup,
    ServerlessCache,
    SubnetGroup,
    UserGroup,
)
from tests.constructs_lib.imported import PREFIX
from tests.constructs_lib.templates import properties_of, statements_of

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

"""Creation of resources: checks, errors and warnings, and the arguments of the L1."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from constructs_lib import (
    Access,
    AccessRules,
    AccessString,
    ClusterMode,
    Engine,
    IamUser,
    LogDelivery,
    LogDestination,
    LogType,
    NoPasswordUser,
    RestoreFrom,
    UserGroup,
)
from constructs_lib._core import resource
from constructs_lib._core.creation import new
from constructs_lib._core.resource import check, create, reference_to
from constructs_lib._core.words import Prop, Words

WORDS = Words(
    {
        "CacheParameterGroupFamily": "family",
        "Description": "description",
        "NumCacheNodes": "nodes",
        "PreferredMaintenanceWindow": "window",
        "AutoMinorVersionUpgrade": Prop("upgrade", {"True": "Upgrade.ON"}),
    }
)
CLUSTER = {"Engine": "memcached", "EngineVersion": "1.6.22", "CacheNodeType": "cache.t4g.micro", "NumCacheNodes": 1}


def construct(stack: cdk.Stack, id: str = "It") -> Construct:
    return Construct(stack, id)


def warnings_of(stack: cdk.Stack) -> list[str]:
    warnings = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
    return [str(entry.entry.data) for entry in warnings]


def test_the_resource_is_the_child_named_resource_with_the_properties(stack: cdk.Stack) -> None:
    created = create(construct(stack), elasticache.CfnCacheCluster, {**CLUSTER, "AZMode": "single-az"}, words=WORDS)
    assert created.node.path == "Stack/It/Resource"
    (found,) = assertions.Template.from_stack(stack).find_resources("AWS::ElastiCache::CacheCluster").values()
    assert found == {
        "Type": "AWS::ElastiCache::CacheCluster",
        "Properties": {**CLUSTER, "AZMode": "single-az"},
    }


def test_what_is_none_is_left_out_at_every_depth(stack: cdk.Stack) -> None:
    create(
        construct(stack),
        elasticache.CfnServerlessCache,
        {
            "Engine": "valkey",
            "ServerlessCacheName": "it",
            "KmsKeyId": None,
            "CacheUsageLimits": {
                "DataStorage": {"Unit": "GB", "Maximum": 5, "Minimum": None},
                "ECPUPerSecond": {"Maximum": 2000, "Minimum": None},
            },
        },
        words=WORDS,
    )
    (found,) = assertions.Template.from_stack(stack).find_resources("AWS::ElastiCache::ServerlessCache").values()
    assert found["Properties"] == {
        "Engine": "valkey",
        "ServerlessCacheName": "it",
        "CacheUsageLimits": {"DataStorage": {"Unit": "GB", "Maximum": 5}, "ECPUPerSecond": {"Maximum": 2000}},
    }


def test_a_property_that_the_installed_release_lacks_is_passed_only_when_it_is_given(stack: cdk.Stack) -> None:
    class OlderCluster:
        CFN_RESOURCE_TYPE_NAME = "AWS::ElastiCache::CacheCluster"
        ref = "older"

        def __init__(
            self, scope: Construct, id: str, *, engine: str, num_cache_nodes: int, cache_node_type: str
        ) -> None:
            self.given = (engine, num_cache_nodes)

    l1: Any = OlderCluster
    plain = {"Engine": "memcached", "NumCacheNodes": 1, "CacheNodeType": "cache.t4g.micro"}
    made = create(construct(stack, "Old"), l1, {**plain, "PreferredMaintenanceWindow": None}, words=WORDS)
    assert made.given == ("memcached", 1)
    with pytest.raises(ValueError, match="aws-cdk-lib") as caught:
        create(construct(stack), l1, {**plain, "PreferredMaintenanceWindow": "sun:01:00-sun:02:00"}, words=WORDS)
    assert str(caught.value) == (
        "Stack/It: window needs aws-cdk-lib 2.275.0 or later, because the installed OlderCluster has no "
        "PreferredMaintenanceWindow; upgrade aws-cdk-lib, or leave window out"
    )


def test_a_resource_is_the_same_as_from_the_constructor_of_its_l1(stack: cdk.Stack) -> None:
    shard = elasticache.CfnReplicationGroup.NodeGroupConfigurationProperty(
        node_group_id="0001", replica_count=1, slots="0-16383"
    )
    log = {"logType": "slow-log", "logFormat": "json", "destinationType": "kinesis-firehose", "destinationDetails": {}}
    arguments: dict[str, Any] = {
        "replication_group_description": "It",
        "multi_az_enabled": True,
        "port": 6380,
        "node_group_configuration": [shard],
        "log_delivery_configurations": [log],
        "security_group_ids": [cdk.Fn.import_value("Group")],
        "at_rest_encryption_enabled": cdk.Fn.condition_equals("a", "b"),
        "tags": [cdk.CfnTag(key="a", value="b")],
    }
    created = new(elasticache.CfnReplicationGroup, construct(stack), arguments)
    elasticache.CfnReplicationGroup(construct(stack, "Other"), "Resource", **arguments)
    assert type(created) is elasticache.CfnReplicationGroup
    assert created.multi_az_enabled is True
    assert stack.node.find_child("It").node.default_child is created
    found = assertions.Template.from_stack(stack).find_resources("AWS::ElastiCache::ReplicationGroup")
    first, second = found.values()
    assert first == second
    assert first["Properties"]["MultiAZEnabled"] is True


def test_a_subclass_of_an_l1_is_created_with_its_constructor(stack: cdk.Stack) -> None:
    class Tagged(elasticache.CfnParameterGroup):
        def __init__(self, scope: Construct, id: str, *, cache_parameter_group_family: str, description: str) -> None:
            tags = [cdk.CfnTag(key="a", value="b")]
            family = cache_parameter_group_family
            super().__init__(scope, id, cache_parameter_group_family=family, description=description, tags=tags)

    create(construct(stack), Tagged, {"CacheParameterGroupFamily": "redis7", "Description": "It"}, words=WORDS)
    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::ElastiCache::ParameterGroup", {"Description": "It", "Tags": [{"Key": "a", "Value": "b"}]}
    )


def test_jsii_refuses_a_wrong_type_that_the_props_allow(stack: cdk.Stack) -> None:
    with pytest.raises(RuntimeError, match="description"):
        new(elasticache.CfnParameterGroup, construct(stack), {"cache_parameter_group_family": "f", "description": [1]})


SERVERLESS = {"Engine": "valkey", "ServerlessCacheName": "it", "FinalSnapshotName": "it-final"}


@pytest.mark.parametrize(
    ("policy", "later", "expected"),
    [
        (cdk.RemovalPolicy.SNAPSHOT, None, (None, "it-final")),
        (cdk.RemovalPolicy.DESTROY, None, ("Delete", None)),
        (cdk.RemovalPolicy.RETAIN, None, ("Retain", None)),
        (cdk.RemovalPolicy.SNAPSHOT, cdk.RemovalPolicy.DESTROY, ("Delete", None)),
        (cdk.RemovalPolicy.SNAPSHOT, cdk.RemovalPolicy.RETAIN, ("Retain", None)),
    ],
)
def test_the_name_of_the_final_snapshot_follows_the_removal_policy(
    stack: cdk.Stack,
    policy: cdk.RemovalPolicy,
    later: cdk.RemovalPolicy | None,
    expected: tuple[str | None, str | None],
) -> None:
    created = create(
        construct(stack),
        elasticache.CfnServerlessCache,
        SERVERLESS,
        words=WORDS,
        removal_policy=policy,
        final_snapshot="FinalSnapshotName",
    )
    if later is not None:
        created.apply_removal_policy(later)
    (found,) = assertions.Template.from_stack(stack).find_resources("AWS::ElastiCache::ServerlessCache").values()
    assert (found.get("DeletionPolicy"), found["Properties"].get("FinalSnapshotName")) == expected


def test_the_removal_policy_is_applied(stack: cdk.Stack) -> None:
    create(
        construct(stack),
        elasticache.CfnCacheCluster,
        CLUSTER,
        words=WORDS,
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    assertions.Template.from_stack(stack).has_resource(
        "AWS::ElastiCache::CacheCluster", {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    )


def test_an_error_comes_before_the_resource_and_before_any_warning(stack: cdk.Stack) -> None:
    broken = {**CLUSTER, "NumCacheNodes": 0, "PreferredMaintenanceWindow": "sun:01:00-tue:01:00"}
    it = construct(stack)
    with pytest.raises(ValueError, match="nodes must be at least 1, got 0") as caught:
        create(it, elasticache.CfnCacheCluster, broken, words=WORDS)
    assert str(caught.value) == "Stack/It: nodes must be at least 1, got 0; use one node or more"
    assert it.node.children == []
    assert it.node.metadata == []


def test_every_warning_is_annotated(stack: cdk.Stack) -> None:
    doubtful = {**CLUSTER, "NumCacheNodes": 61, "PreferredMaintenanceWindow": "sun:01:00-tue:01:00"}
    create(construct(stack), elasticache.CfnCacheCluster, doubtful, words=WORDS)
    warnings = warnings_of(stack)
    assert len(warnings) == 2
    assert any("Stack/It: nodes must fit the quota" in warning for warning in warnings)
    assert any("Stack/It: window must last at most 24 hours" in warning for warning in warnings)


def test_related_resources_are_checked_and_named_by_their_paths(stack: cdk.Stack) -> None:
    group = construct(stack, "Group")
    create(
        group,
        elasticache.CfnParameterGroup,
        {"CacheParameterGroupFamily": "redis7", "Description": "it", "Properties": {"timeout": "300"}},
        words=WORDS,
    )
    properties = {**CLUSTER, "CacheParameterGroupName": reference_to(group)}
    check(construct(stack, "Blind"), "AWS::ElastiCache::CacheCluster", properties, words=WORDS)
    with pytest.raises(ValueError, match="family"):
        check(construct(stack), "AWS::ElastiCache::CacheCluster", properties, words=WORDS, related=[group])


def test_related_resources_are_followed_transitively(stack: cdk.Stack) -> None:
    users = UserGroup(stack, "Users", engine=Engine.REDIS, users=[IamUser(stack, "User", engine=Engine.REDIS)])
    check(
        construct(stack),
        "AWS::ElastiCache::ReplicationGroup",
        {
            "ReplicationGroupDescription": "it",
            "Engine": "redis",
            "EngineVersion": "6.2",
            "CacheNodeType": "cache.t4g.micro",
            "NumCacheClusters": 2,
            "AutomaticFailoverEnabled": True,
            "TransitEncryptionEnabled": True,
            "UserGroupIds": [users.user_group_id],
        },
        words=Words({"EngineVersion": "engine"}),
        related=[users],
    )
    (found,) = warnings_of(stack)
    assert "Stack/It: engine must be 7.0 or later with users that authenticate with IAM" in found


def test_a_construct_of_a_group_is_named_by_its_path(stack: cdk.Stack) -> None:
    user = IamUser(stack, "User", engine=Engine.VALKEY)
    UserGroup(stack, "Users", engine=Engine.REDIS, users=[user, NoPasswordUser(stack, "Off", user_name="default")])
    (found,) = warnings_of(stack)
    assert "users must contain only redis users in a user group for redis, got Stack/User; create" in found


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("NodeGroupId", "nodeGroupId"),
        ("ECPUPerSecond", "ecpuPerSecond"),
        ("CloudWatchLogsDetails", "cloudWatchLogsDetails"),
        ("Unit", "unit"),
        ("AZMode", "azMode"),
    ],
)
def test_the_keys_of_structs(name: str, key: str) -> None:
    assert resource._struct_key(name) == key


class TestFactories:
    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (
                lambda: ClusterMode(name="disabled", shards=3, replicas_per_shard=9),
                "ClusterMode: it has no public constructor; use ClusterMode.disabled(...) or ClusterMode.enabled(...) "
                "or ClusterMode.per_shard(...) or ClusterMode.compatible(...)",
            ),
            (
                lambda: RestoreFrom(snapshot_name="a", snapshot_arns=("b",)),
                "RestoreFrom: it has no public constructor; use RestoreFrom.snapshot(...) or "
                "RestoreFrom.serverless_snapshot(...) or RestoreFrom.s3(...)",
            ),
            (
                lambda: AccessString(enabled=True),
                "AccessString: it has no public constructor; use AccessString.on() or AccessString.off() or "
                "AccessString.parse(...)",
            ),
            (
                Access,
                "Access: it has no public constructor; use Access.iam() or Access.password() or Access.auth_token() or "
                "Access.user_group(...) or Access.users([...]) or Access.none()",
            ),
            (
                lambda: LogDelivery(LogType.SLOW_LOG, None, None),
                "LogDelivery: it has no public constructor; use LogDelivery.slow_log(...) or "
                "LogDelivery.engine_log(...)",
            ),
            (
                LogDestination,
                "LogDestination: it has no public constructor; use LogDestination.log_group(...) or "
                "LogDestination.firehose(...)",
            ),
        ],
    )
    def test_direct_construction_names_the_factories(self, make: Callable[[], object], message: str) -> None:
        with pytest.raises(TypeError, match="no public constructor") as caught:
            make()
        assert str(caught.value) == message

    def test_access_rules_take_no_text(self) -> None:
        make: Callable[..., object] = AccessRules
        with pytest.raises(TypeError):
            make(rules=("x y",))

    def test_values_of_one_content_are_equal(self) -> None:
        assert ClusterMode.enabled(shards=2) == ClusterMode.enabled(shards=2)
        assert hash(ClusterMode.enabled(shards=2)) == hash(ClusterMode.enabled(shards=2))
        assert ClusterMode.enabled(shards=2) != ClusterMode.enabled(shards=3)

    @pytest.mark.parametrize("access", [Access.iam(), Access.password(), Access.auth_token(), Access.none()], ids=repr)
    def test_access_is_shown_as_it_is_written(self, access: Access) -> None:
        assert type(eval(repr(access), {"Access": Access})) is type(access)  # noqa: S307 - text of this repository

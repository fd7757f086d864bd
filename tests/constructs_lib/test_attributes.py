"""Attributes of the L1s, the VPC and groups of caches, and the members of CDK's IResource."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2

from constructs_lib import (
    CacheAlarms,
    CacheDashboard,
    ClusterMode,
    Engine,
    EngineVersion,
    GlobalDatastore,
    GlobalDatastoreSecondary,
    IamUser,
    MemcachedCluster,
    NodeType,
    ParameterGroup,
    ReplicationGroup,
    ServerlessCache,
    ServerlessCacheSnapshot,
    ShardScaling,
    Snapshot,
    SubnetGroup,
    UserGroup,
)
from tests.constructs_lib.conftest import existing_vpc

KINDS: dict[str, Callable[[cdk.Stack, ec2.IVpc], Any]] = {
    "AWS::ElastiCache::ReplicationGroup": lambda s, v: ReplicationGroup(s, "It", vpc=v),
    "AWS::ElastiCache::CacheCluster": lambda s, v: MemcachedCluster(s, "It", vpc=v),
    "AWS::ElastiCache::ServerlessCache": lambda s, v: ServerlessCache(s, "It", vpc=v),
    "AWS::ElastiCache::User": lambda s, v: IamUser(s, "It", engine=Engine.VALKEY),
    "AWS::ElastiCache::UserGroup": lambda s, v: UserGroup(
        s, "It", engine=Engine.VALKEY, users=[IamUser(s, "User", engine=Engine.VALKEY)]
    ),
    "AWS::ElastiCache::SubnetGroup": lambda s, v: SubnetGroup(s, "It", vpc=v),
    "AWS::ElastiCache::ParameterGroup": lambda s, v: ParameterGroup(s, "It", engine=EngineVersion.VALKEY_8_2),
    "AWS::ElastiCache::Snapshot": lambda s, v: Snapshot(
        s, "It", replication_group=ReplicationGroup.from_replication_group_id(s, "Cache", "orders")
    ),
    "AWS::ElastiCache::ServerlessCacheSnapshot": lambda s, v: ServerlessCacheSnapshot(
        s, "It", serverless_cache=ServerlessCache.from_serverless_cache_name(s, "Cache", "sessions")
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_a_resource_for_cdk(stack: cdk.Stack, vpc: ec2.IVpc, kind: str) -> None:
    made = KINDS[kind](stack, vpc)
    resource: cdk.IResource = made
    assert resource.stack is stack
    assert (resource.env.account, resource.env.region) == ("111111111111", "eu-west-1")
    assert resource.node.path == "Stack/It"
    resource.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    resources = assertions.Template.from_stack(stack).find_resources(kind).values()
    assert [resource["DeletionPolicy"] for resource in resources if resource.get("DeletionPolicy") == "Retain"] == [
        "Retain"
    ]


def test_a_stack_without_an_environment(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Agnostic")
    cache = ReplicationGroup(stack, "It", vpc=existing_vpc(stack))
    assert stack.resolve(cache.env.region) == {"Ref": "AWS::Region"}
    assert stack.resolve(cache.env.account) == {"Ref": "AWS::AccountId"}


def test_what_surrounds_a_cache(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    nodes = ReplicationGroup(stack, "Nodes", vpc=vpc)
    memcached = MemcachedCluster(stack, "Memcached", vpc=vpc, node_type=NodeType.R7G_LARGE)
    serverless = ServerlessCache(stack, "Serverless", vpc=vpc)
    assert nodes.vpc is memcached.vpc is serverless.vpc is vpc
    assert nodes.subnet_group.node.path == "Stack/Nodes/SubnetGroup"
    assert nodes.parameter_group.node.path == "Stack/Nodes/ParameterGroup"
    assert nodes.user_group is not None
    assert nodes.user_group.node.path == "Stack/Nodes/UserGroup"
    assert memcached.subnet_group.node.path == "Stack/Memcached/SubnetGroup"
    assert memcached.parameter_group.node.path == "Stack/Memcached/ParameterGroup"
    assert memcached.node_type is NodeType.R7G_LARGE
    assert memcached.user_group is None
    subnets = SubnetGroup.from_subnet_group_name(stack, "Given", "shared")
    assert ReplicationGroup(stack, "Other", vpc=vpc, subnet_group=subnets).subnet_group is subnets


def test_attributes_that_cloudformation_returns(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    user = IamUser(stack, "User", engine=Engine.VALKEY)
    group = UserGroup(stack, "Group", engine=Engine.VALKEY, users=[user])
    serverless = ServerlessCache(stack, "Serverless", vpc=vpc)
    nodes = ReplicationGroup(stack, "Nodes", vpc=vpc)
    snapshot = Snapshot(stack, "Snapshot", replication_group=nodes)
    copy = ServerlessCacheSnapshot(stack, "Copy", serverless_cache=serverless)
    cases = {
        "Status": [
            user.user_status,
            group.user_group_status,
            serverless.serverless_cache_status,
            copy.serverless_cache_snapshot_status,
        ],
        "FullEngineVersion": [serverless.full_engine_version],
        "CreateTime": [serverless.create_time],
        "EffectiveDurability": [nodes.effective_durability],
        "SnapshotStatus": [snapshot.snapshot_status],
    }
    for name, tokens in cases.items():
        for token in tokens:
            assert stack.resolve(token)["Fn::GetAtt"][1] == name
    assert user.engine is group.engine is Engine.VALKEY
    assert user.access_string.startswith("on ")


def test_a_secondary_inherits_the_node_type_of_the_primary(app: cdk.App, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    primary = ReplicationGroup(
        stack,
        "Primary",
        vpc=vpc,
        node_type=NodeType.R7G_LARGE,
        cluster_mode=ClusterMode.enabled(shards=2),
        replication_group_id="primary",
    )
    datastore = GlobalDatastore(stack, "Global", primary=primary, id_suffix="orders")
    assert stack.resolve(datastore.global_replication_group_arn)["Fn::GetAtt"][1] == "Arn"
    assert stack.resolve(datastore.global_replication_group_status)["Fn::GetAtt"][1] == "Status"
    there = cdk.Stack(app, "There", env=cdk.Environment(account="1" * 12, region="eu-central-1"))
    far = existing_vpc(there)
    secondary = GlobalDatastoreSecondary(there, "Secondary", global_datastore=datastore, vpc=far)
    assert secondary.node_type is NodeType.R7G_LARGE
    assert not secondary.data_tiering
    assert secondary.vpc is far
    assert secondary.subnet_group.node.path == "There/Secondary/SubnetGroup"
    CacheAlarms(there, "Alarms", cache=secondary)
    CacheDashboard(there, "Dashboard", cache=secondary)
    with pytest.raises(ValueError, match="replication_group must be outside") as caught:
        ShardScaling(there, "Scaling", replication_group=secondary, min_capacity=2, max_capacity=3)
    assert str(caught.value) == (
        "There/Scaling: replication_group must be outside any Global Datastore, got the secondary There/Secondary; "
        "set shards of the GlobalDatastore instead"
    )

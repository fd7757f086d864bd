"""Presets: the settings for each engine, their description, and their templates."""

from dataclasses import replace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2

from constructs_lib import (
    Access,
    EngineVersion,
    MemcachedVersion,
    NodeType,
    ReplicationGroup,
    ServerlessCache,
    ServerlessEngine,
    SubnetGroup,
    presets,
)
from tests.constructs_lib.templates import properties_of, resource_of

GROUP = "AWS::ElastiCache::ReplicationGroup"
ENGINES = [
    EngineVersion.REDIS_7_1,
    EngineVersion.VALKEY_9_1,
    EngineVersion.REDIS_6_2,
    MemcachedVersion.V1_6_22,
    ServerlessEngine.VALKEY_8,
    ServerlessEngine.REDIS_7,
    ServerlessEngine.MEMCACHED_1_6,
]
CHOOSE = [presets.demo, presets.dev_test, presets.production]


@pytest.mark.parametrize("engine", ENGINES, ids=str)
@pytest.mark.parametrize("choose", CHOOSE, ids=lambda preset: preset.__name__)
def test_every_preset_of_every_engine_deploys_and_says_what_it_chose(
    stack: cdk.Stack, vpc: ec2.IVpc, choose: object, engine: EngineVersion
) -> None:
    preset = choose(engine)  # type: ignore[operator]
    if engine is EngineVersion.REDIS_6_2:
        preset.create(stack, "Cache", vpc=vpc, access=Access.auth_token())
    else:
        preset.create(stack, "Cache", vpc=vpc)
    assertions.Template.from_stack(stack)
    choices = preset.choices()
    assert {"Multi-AZ", "snapshots", "logs", "removal"} < set(choices)
    assert all(choices.values())


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_a_preset_needs_no_vpc_with_existing_subnets_and_security_groups(
    stack: cdk.Stack, engine: EngineVersion | MemcachedVersion | ServerlessEngine
) -> None:
    groups = [ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")]
    choose: Any = presets.demo
    preset = choose(engine)
    if isinstance(engine, ServerlessEngine):
        subnets = [ec2.Subnet.from_subnet_id(stack, id, f"subnet-{id}") for id in ("0a1b2c3d", "1a2b3c4d")]
        where: dict[str, Any] = {"vpc_subnets": ec2.SubnetSelection(subnets=subnets)}
    else:
        where = {"subnet_group": SubnetGroup.from_subnet_group_name(stack, "Subnets", "shared")}
    access = {"access": Access.auth_token()} if engine is EngineVersion.REDIS_6_2 else {}
    cache = preset.create(stack, "Cache", **where, security_groups=groups, **access)
    template = assertions.Template.from_stack(stack)
    template.resource_count_is("AWS::EC2::SecurityGroup", 0)
    template.resource_count_is("AWS::ElastiCache::SubnetGroup", 0)
    with pytest.raises(ValueError, match="vpc is not known") as caught:
        _ = cache.vpc
    assert str(caught.value) == (
        "Stack/Cache: vpc is not known, because the cache was created without it; pass vpc to the cache"
    )


def test_production_of_redis(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    preset = presets.production(EngineVersion.REDIS_7_1)
    assert isinstance(preset.create(stack, "Cache", vpc=vpc), ReplicationGroup)
    properties = properties_of(stack, GROUP)
    assert {key: properties[key] for key in ("CacheNodeType", "NumCacheClusters", "MultiAZEnabled")} == {
        "CacheNodeType": "cache.r7g.xlarge",
        "NumCacheClusters": 3,
        "MultiAZEnabled": True,
    }
    assert properties["SnapshotRetentionLimit"] == 35
    assert [log["LogType"] for log in properties["LogDeliveryConfigurations"]] == ["slow-log", "engine-log"]
    assert resource_of(stack, GROUP)["DeletionPolicy"] == "Snapshot"
    assert preset.choices() == {
        "node type": "cache.r7g.xlarge",
        "nodes": "3, cluster mode disabled",
        "Multi-AZ": "on",
        "snapshots": "daily, kept for 35 days",
        "logs": "slow-log and engine-log",
        "removal": "a final snapshot is taken",
    }


def test_demo_leaves_nothing_behind(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    presets.demo(EngineVersion.VALKEY_8_2).create(stack, "Cache", vpc=vpc)
    properties = properties_of(stack, GROUP)
    assert (properties["SnapshotRetentionLimit"], properties["NumCacheClusters"]) == (0, 1)
    assert resource_of(stack, GROUP)["DeletionPolicy"] == "Delete"


def test_dev_test_of_serverless_is_bounded(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    created = presets.dev_test(ServerlessEngine.VALKEY_8).create(stack, "Cache", vpc=vpc)
    assert isinstance(created, ServerlessCache)
    assert properties_of(stack, "AWS::ElastiCache::ServerlessCache")["CacheUsageLimits"] == {
        "DataStorage": {"Maximum": 10, "Unit": "GB"},
        "ECPUPerSecond": {"Maximum": 10000},
    }


def test_a_part_can_be_changed(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    preset = replace(presets.production(EngineVersion.VALKEY_8_2), node_type=NodeType.R7G_LARGE)
    preset.create(stack, "Cache", vpc=vpc)
    assert properties_of(stack, GROUP)["CacheNodeType"] == "cache.r7g.large"

"""Auto scaling of shards and replicas: targets, policies, schedules and errors."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2

from constructs_lib import ClusterMode, NodeType, ReplicaScaling, ReplicationGroup, ShardScaling
from tests.constructs_lib.templates import properties_of

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"


def group(
    stack: cdk.Stack, vpc: ec2.IVpc, node_type: str = "cache.r7g.large", mode: ClusterMode | None = None
) -> ReplicationGroup:
    return ReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        node_type=NodeType.of(node_type),
        cluster_mode=mode or ClusterMode.enabled(shards=3, replicas_per_shard=2),
    )


def policy(stack: cdk.Stack) -> dict[str, Any]:
    configuration: dict[str, Any] = properties_of(stack, POLICY)["TargetTrackingScalingPolicyConfiguration"]
    return configuration


def test_shards_follow_the_primaries(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    cache = group(stack, vpc)
    scaling = ShardScaling(stack, "Shards", replication_group=cache, min_capacity=3, max_capacity=12)
    scaling.track_primary_engine_cpu(60, cooldown=cdk.Duration.minutes(5))
    properties = properties_of(stack, TARGET)
    assert {
        key: properties[key] for key in ("MinCapacity", "MaxCapacity", "ScalableDimension", "ServiceNamespace")
    } == {
        "MinCapacity": 3,
        "MaxCapacity": 12,
        "ScalableDimension": "elasticache:replication-group:NodeGroups",
        "ServiceNamespace": "elasticache",
    }
    assert properties["ResourceId"] == {
        "Fn::Join": ["", ["replication-group/", stack.resolve(cache.replication_group_id)]]
    }
    assert policy(stack) == {
        "DisableScaleIn": False,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ElastiCachePrimaryEngineCPUUtilization"},
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 300,
        "TargetValue": 60,
    }


@pytest.mark.parametrize(
    ("node_type", "metric"),
    [
        ("cache.r7g.large", "ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage"),
        ("cache.r6gd.xlarge", "ElastiCacheDatabaseCapacityUsageCountedForEvictPercentage"),
    ],
)
def test_shards_follow_memory_and_with_data_tiering_the_disk(
    stack: cdk.Stack, vpc: ec2.IVpc, node_type: str, metric: str
) -> None:
    cache = group(stack, vpc, node_type)
    scaling = ShardScaling(stack, "Shards", replication_group=cache, min_capacity=1, max_capacity=500)
    scaling.track_memory(65, scale_in=False)
    scaling_policy = policy(stack)
    assert scaling_policy["PredefinedMetricSpecification"]["PredefinedMetricType"] == metric
    assert scaling_policy["DisableScaleIn"] is True


def test_replicas_follow_the_replicas(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    scaling = ReplicaScaling(stack, "Replicas", replication_group=group(stack, vpc), min_capacity=1, max_capacity=5)
    scaling.track_replica_engine_cpu(50)
    assert properties_of(stack, TARGET)["ScalableDimension"] == "elasticache:replication-group:Replicas"
    metric = policy(stack)["PredefinedMetricSpecification"]["PredefinedMetricType"]
    assert metric == "ElastiCacheReplicaEngineCPUUtilization"


def test_on_schedule(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    scaling = ShardScaling(stack, "Shards", replication_group=group(stack, vpc), min_capacity=3, max_capacity=12)
    scaling.on_schedule("Sale", schedule=autoscaling.Schedule.cron(hour="7", minute="0"), min_capacity=9)
    (action,) = properties_of(stack, TARGET)["ScheduledActions"]
    assert action["ScalableTargetAction"] == {"MinCapacity": 9}
    assert action["Schedule"] == "cron(0 7 * * ? *)"
    assert scaling.scalable_target is not None


Make = Callable[[cdk.Stack, ec2.IVpc], object]
ERRORS: dict[str, tuple[Make, str]] = {
    "cluster-mode-disabled": (
        lambda s, v: ShardScaling(
            s, "It", replication_group=group(s, v, mode=ClusterMode.disabled()), min_capacity=1, max_capacity=2
        ),
        "Stack/It: replication_group must have cluster mode enabled, got Stack/Cache with cluster mode disabled; use "
        "cluster_mode=ClusterMode.enabled(...)",
    ),
    "six-replicas": (
        lambda s, v: ReplicaScaling(s, "It", replication_group=group(s, v), min_capacity=1, max_capacity=6),
        "Stack/It: max_capacity must be at most 5 for replicas, got 6; use at most 5",
    ),
    "no-shards": (
        lambda s, v: ShardScaling(s, "It", replication_group=group(s, v), min_capacity=0, max_capacity=6),
        "Stack/It: min_capacity must be at least 1, got 0; start with 1",
    ),
    "order": (
        lambda s, v: ShardScaling(s, "It", replication_group=group(s, v), min_capacity=7, max_capacity=6),
        "Stack/It: min_capacity must not exceed max_capacity (6), got 7; lower the min, or raise the max",
    ),
    "percent": (
        lambda s, v: ShardScaling(
            s, "It", replication_group=group(s, v), min_capacity=1, max_capacity=6
        ).track_primary_engine_cpu(100),
        "Stack/It: PrimaryEngineCpu must track between 0 and 100 percent, got 100; choose a number such as 60",
    ),
    "empty-schedule": (
        lambda s, v: ShardScaling(s, "It", replication_group=group(s, v), min_capacity=1, max_capacity=6).on_schedule(
            "Night", schedule=autoscaling.Schedule.rate(cdk.Duration.days(1))
        ),
        "Stack/It: Night must change min_capacity or max_capacity, got neither; pass one of them",
    ),
    "schedule-order": (
        lambda s, v: ShardScaling(s, "It", replication_group=group(s, v), min_capacity=1, max_capacity=6).on_schedule(
            "Night", schedule=autoscaling.Schedule.rate(cdk.Duration.days(1)), min_capacity=7
        ),
        "Stack/It: Night must keep min_capacity within max_capacity, got 7 and 6; lower min_capacity, "
        "or raise max_capacity",
    ),
}


@pytest.mark.parametrize(("make", "message"), ERRORS.values(), ids=ERRORS)
def test_errors(stack: cdk.Stack, vpc: ec2.IVpc, make: Make, message: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        make(stack, vpc)
    assert str(caught.value) == message


def test_a_node_type_that_cannot_be_scaled_is_a_warning(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    ShardScaling(stack, "It", replication_group=group(stack, vpc, "cache.t4g.micro"), min_capacity=1, max_capacity=2)
    warnings = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
    assert any("must name a group whose node type can be scaled" in str(warning.entry.data) for warning in warnings)

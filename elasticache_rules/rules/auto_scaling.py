"""Application Auto Scaling of shards and replicas."""

from collections.abc import Iterator
from typing import Any

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import (
    ABSENT_CLUSTER_MODE,
    GLOBAL_REPLICATION_GROUP,
    GUIDE,
    REPLICATION_GROUP,
    cluster_enabled,
    engine_of,
    node_family,
    version_of,
)
from elasticache_rules.rules.scaling_capacity import DIMENSION, dimension_of
from elasticache_rules.template import Composite, Reference, Resource, Template, as_integer

_TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
_POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
_SOURCE = f"{GUIDE}AutoScaling.html"
_PREFIX = "replication-group/"


def _scaled_group(target: Resource) -> Resource | None:
    group = target.target("ResourceId")
    return group if group is not None and group.type == REPLICATION_GROUP else None


@rule("auto-scaling/resource-id", _TARGET, source=_SOURCE)
def resource_id(target: Resource) -> Iterator[Violation]:
    """The resource id is replication-group/<id>."""
    if not dimension_of(target).startswith(DIMENSION):
        return
    value = target.get("ResourceId")
    text = value if isinstance(value, str) else value.prefix if isinstance(value, Composite) else None
    bare = isinstance(value, Reference) and _scaled_group(target) is not None
    if bare or (text and not text.startswith(_PREFIX)):
        yield Violation(
            property="ResourceId",
            value=value,
            must=f"have the form {_PREFIX}<id>",
            fix=f"put {_PREFIX} before the replication group's id",
        )


@rule("auto-scaling/namespace", _TARGET, source=_SOURCE)
def namespace(target: Resource) -> Iterator[Violation]:
    """An ElastiCache dimension has the namespace elasticache, and that namespace has only ElastiCache dimensions."""
    service_namespace, dimension = target.text("ServiceNamespace"), dimension_of(target)
    if service_namespace is None or not dimension:
        return
    if (service_namespace == "elasticache") != dimension.startswith("elasticache:"):
        yield Violation(
            property="ServiceNamespace",
            value=service_namespace,
            must=f"be the namespace of the dimension {dimension}",
            fix="set it to elasticache",
        )
    elif service_namespace == "elasticache" and dimension not in facts.load("features")["auto_scaling_metrics"]:
        yield Violation(
            property="ScalableDimension",
            value=dimension,
            must="be elasticache:replication-group:NodeGroups or elasticache:replication-group:Replicas",
            fix="choose one of the two",
        )


@rule("auto-scaling/cluster-mode", _TARGET, source=_SOURCE, severity=Severity.WARNING, absent=ABSENT_CLUSTER_MODE)
def of_cluster(target: Resource) -> Iterator[Violation]:
    """The replication group has cluster mode enabled and a version, family and size that support auto scaling."""
    other = target.target("ResourceId")
    if other is not None and other.type != REPLICATION_GROUP and dimension_of(target).startswith(DIMENSION):
        yield Violation(
            property="ResourceId",
            value=other.logical_id,
            must=f"name a replication group, and this is an {other.type}",
            fix="scale a replication group; a serverless cache scales by itself within CacheUsageLimits",
            severity=Severity.ERROR if not other.type.startswith("AWS::ElastiCache::") else None,
        )
    group = _scaled_group(target)
    if group is None:
        return
    if cluster_enabled(group) is False:
        yield Violation(
            property="ResourceId",
            value=group.logical_id,
            must="name a replication group with cluster mode enabled (cluster-enabled)",
            fix="use a parameter group with cluster-enabled=yes",
        )
    engine, engine_version = engine_of(group), version_of(group)
    if (
        engine in ("redis", "valkey")
        and engine_version
        and not facts.has_feature("auto_scaling", engine, engine_version)
    ):
        yield Violation(
            property="ResourceId",
            value=f"{engine} {engine_version}",
            must=f"name a group of {engine} {facts.minimum_version('auto_scaling', engine)} or later",
            fix="raise its EngineVersion",
        )
    yield from _size(group)


def _size(group: Resource) -> Iterator[Violation]:
    node_type, features = group.text("CacheNodeType"), facts.load("features")
    result = node_family(group)
    if result is None:
        return
    family, size = result
    if family not in features["families"]["auto_scaling"] or size not in features["sizes"]["auto_scaling"]:
        yield Violation(
            property="ResourceId",
            value=node_type,
            must=f"name a group whose node type can be scaled: {', '.join(features['families']['auto_scaling'])} in "
            f"the sizes {', '.join(features['sizes']['auto_scaling'])}",
            fix="use cache.r7g.large",
        )


@rule("auto-scaling/global-datastore", _TARGET, source=_SOURCE, severity=Severity.WARNING)
def in_global_datastore(target: Resource) -> Iterator[Violation]:
    """A member of a Global Datastore is not scaled."""
    group = _scaled_group(target)
    if group is None:
        return
    members = target.template.once("auto-scaling/global-datastore", lambda: _members(target.template))
    if group.logical_id in members:
        yield Violation(
            property="ResourceId",
            value=group.logical_id,
            must="name a group outside any Global Datastore (GlobalReplicationGroup)",
            fix="scale the shards on the global replication group by hand",
        )


def _members(template: Template) -> dict[str, Resource]:
    """The replication groups of this template that a Global Datastore names, by logical id."""
    members = (
        template.follow(member.get("ReplicationGroupId"))
        for datastore in template.of_type(GLOBAL_REPLICATION_GROUP)
        for member in datastore.items("Members") or []
        if isinstance(member, dict)
    )
    return {member.logical_id: member for member in members if member is not None}


@rule("auto-scaling/policy", _POLICY, source=_SOURCE)
def policy(scaling: Resource) -> Iterator[Violation]:
    """A policy uses target tracking with a metric of its target's dimension."""
    target = scaling.target("ScalingTargetId")
    dimension = dimension_of(target) if target is not None else scaling.text("ScalableDimension") or ""
    if not dimension.startswith(DIMENSION):
        return
    if scaling.text("PolicyType") == "StepScaling":
        yield Violation(
            property="PolicyType",
            value="StepScaling",
            must="be TargetTrackingScaling for ElastiCache",
            fix="use target tracking, or scheduled actions",
        )
    yield from _specification(scaling)
    metric = _metric(scaling)
    if metric is not None:
        yield from _target_value(scaling)
    known: dict[str, list[str]] = facts.load("features")["auto_scaling_metrics"]
    if metric is None or dimension not in known:
        return
    if metric not in known[dimension]:
        yield Violation(
            property="TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType",
            value=metric,
            must=f"be a metric of {dimension}: {', '.join(known[dimension])}",
            fix="choose one of them",
        )
    group = _scaled_group(target) if target is not None else None
    tiered = group is not None and (group.text("CacheNodeType") or "").startswith("cache.r6gd.")
    if tiered and metric == "ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage":
        yield Violation(
            property="TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType",
            value=metric,
            must="be ElastiCacheDatabaseCapacityUsageCountedForEvictPercentage on r6gd",
            fix="use that metric",
        )


def _specification(scaling: Resource) -> Iterator[Violation]:
    """The problems of a policy's target tracking that do not depend on the metric."""
    name = "TargetTrackingScalingPolicyConfiguration"
    settings = scaling.get(name)
    if not isinstance(settings, dict):
        if scaling.lacks(name) and scaling.text("PolicyType") == "TargetTrackingScaling":
            yield Violation(property=name, value=None, must="be stated", fix="name a metric and a TargetValue")
        return
    if "TargetValue" not in settings:
        yield Violation(property=f"{name}.TargetValue", value=None, must="be stated", fix="add it, like 60")
    metrics = [
        metric for metric in ("PredefinedMetricSpecification", "CustomizedMetricSpecification") if metric in settings
    ]
    if len(metrics) != 1:
        yield Violation(
            property=name,
            value=metrics or None,
            must="hold one of PredefinedMetricSpecification and CustomizedMetricSpecification",
            fix="state one metric",
        )
    predefined = settings.get("PredefinedMetricSpecification")
    if isinstance(predefined, dict) and "ResourceLabel" in predefined:
        yield Violation(
            property=f"{name}.PredefinedMetricSpecification.ResourceLabel",
            value=predefined["ResourceLabel"],
            must="be absent for ElastiCache; it is for load balancers",
            fix="remove ResourceLabel",
        )


def _target_value(scaling: Resource) -> Iterator[Violation]:
    """The bounds of the user guide; what the API accepts has not been measured."""
    value = as_integer(scaling.properties["TargetTrackingScalingPolicyConfiguration"].get("TargetValue"))
    least, most = (facts.limit("auto_scaling_target_percent", side) for side in ("min", "max"))
    if value is not None and not least <= value <= most:
        yield Violation(
            property="TargetTrackingScalingPolicyConfiguration.TargetValue",
            value=value,
            must=f"be {least} to {most} percent",
            fix=f"use {min(max(value, least), most)}",
            severity=Severity.WARNING,
        )


def _metric(scaling: Resource) -> str | None:
    value: Any = scaling.get("TargetTrackingScalingPolicyConfiguration")
    for name in ("PredefinedMetricSpecification", "PredefinedMetricType"):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None

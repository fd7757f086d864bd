"""References to a cache: endpoints that exist, and resources of the template that are referred to by name."""

from collections.abc import Iterator
from typing import Final

from elasticache_rules.finding import Severity
from elasticache_rules.registry import EVERY_TYPE, Violation, rule
from elasticache_rules.rules.common import (
    ABSENT_CLUSTER_MODE,
    CACHE_CLUSTER,
    REPLICATION_GROUP,
    cluster_enabled,
    engine_of,
    place_of,
)
from elasticache_rules.template import NAMED, OUTPUT, Resource

_CFN: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
_OWN_NAMES: Final = frozenset(NAMED.values())


@rule(
    "references/endpoint",
    EVERY_TYPE,
    source=f"{_CFN}aws-resource-elasticache-replicationgroup.html",
    absent=ABSENT_CLUSTER_MODE,
)
def endpoint(resource: Resource) -> Iterator[Violation]:
    """A referenced endpoint exists for the cache's mode and engine."""
    for reference in dict.fromkeys(resource.references):
        target = resource.template.follow(reference)
        if target is None or "ndpoint" not in reference.attribute.lower():
            continue
        instead = _instead(target, reference.attribute.partition(".")[0])
        if instead:
            yield Violation(
                property=place_of(resource, reference.logical_id, reference.attribute),
                value=reference,
                must="be an endpoint that the cache has",
                fix=f"use {instead}",
            )


def _instead(target: Resource, endpoint_name: str) -> str:
    """What to use in place of an endpoint; empty if the cache may have it."""
    if target.type == REPLICATION_GROUP and target.text("ClusterMode") != "compatible":  # which has both
        clustered = cluster_enabled(target)
        if clustered is True and endpoint_name in ("PrimaryEndPoint", "ReaderEndPoint", "ReadEndPoint"):
            return "ConfigurationEndPoint, the endpoint with cluster mode enabled"
        if clustered is False and endpoint_name == "ConfigurationEndPoint":
            return "PrimaryEndPoint, the endpoint with cluster mode disabled"
    if target.type == CACHE_CLUSTER:
        engine = engine_of(target)
        if engine == "memcached" and endpoint_name == "RedisEndpoint":
            return "ConfigurationEndpoint, the endpoint of memcached"
        if engine == "redis" and endpoint_name == "ConfigurationEndpoint":
            return "RedisEndpoint, the endpoint of redis"
    return ""


@rule("references/by-name", EVERY_TYPE, source=f"{_CFN}aws-attribute-dependson.html", severity=Severity.WARNING)
def by_name(resource: Resource) -> Iterator[Violation]:
    """A resource of the same template is named by a reference, which sets the creation order."""
    if resource.type == OUTPUT:
        return
    for name in NAMED:
        if name not in resource.properties:
            continue
        value = resource.properties[name]
        if (resource.type, name) in _OWN_NAMES or (name == "ResourceId" and "ScalableTarget" not in resource.type):
            continue
        for item in value if isinstance(value, list) else [value]:
            target = resource.template.follow(item, name) if isinstance(item, str) else None
            if target is not None and not _is_ordered(resource, target):
                yield Violation(
                    property=name,
                    value=item,
                    must=f"refer to {target.logical_id}, which has this name and is created in any order otherwise",
                    fix="use Ref, or add DependsOn",
                )


def _is_ordered(resource: Resource, target: Resource) -> bool:
    depends_on = resource.attributes.get("DependsOn")
    names = depends_on if isinstance(depends_on, list) else [depends_on]
    return target.logical_id in names or any(to.logical_id == target.logical_id for to in resource.references)

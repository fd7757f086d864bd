"""Node types: their existence and regions."""

from collections.abc import Iterator
from functools import cache

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.newer import may_be_newer_type, may_have_come_to_region
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import (
    CACHE_CLUSTER,
    GUIDE,
    REPLICATION_GROUP,
    engine_of,
    is_secondary,
    node_family,
    version_of,
)
from elasticache_rules.template import Resource

_GRAVITON = ("m6g", "r6g", "t4g", "m7g", "r7g", "c7gn", "m8g", "r8g", "c8gn", "r6gd")
_SOURCE = f"{GUIDE}CacheNodes.SupportedTypes.html"


@rule("node-type/exists", REPLICATION_GROUP, CACHE_CLUSTER, source=_SOURCE)
def node_type_exists(group: Resource) -> Iterator[Violation]:
    """The node type exists and is available in the region."""
    cache_node_type = group.text("CacheNodeType")
    if cache_node_type is None:
        return
    parts = cache_node_type.split(".")
    region = group.template.region
    if len(parts) != 3 or parts[0] != "cache":
        yield Violation(
            property="CacheNodeType",
            value=cache_node_type,
            must="have the form cache.<family>.<size>",
            fix="use a node type such as cache.t4g.micro",
        )
    elif cache_node_type not in facts.node_types():
        sizes = sorted(name for name in facts.node_types() if name.split(".")[1] == parts[1])
        new = may_be_newer_type(cache_node_type.removeprefix("cache."), _names())
        other = "check that the service offers it" if new else "use one such as cache.t4g.micro"
        yield Violation(
            property="CacheNodeType",
            value=cache_node_type,
            must="be a node type that is known here" if new else "be a node type that exists",
            fix=f"use one of {', '.join(sizes)}" if sizes else other,
            severity=Severity.WARNING if new else None,
        )
    elif region is not None and facts.knows_region(region) and cache_node_type not in facts.node_types(region):
        new = may_have_come_to_region(cache_node_type.removeprefix("cache."), _names())
        yield Violation(
            property="CacheNodeType",
            value=cache_node_type,
            must=f"be a node type that {region} {'is known to have' if new else 'has'}",
            fix=f"{'check that the service offers it there, or ' if new else ''}"
            f"use another, such as {_alternative(cache_node_type, region)}",
            severity=Severity.WARNING if new else None,
        )


@cache
def _names() -> frozenset[str]:
    return frozenset(name.removeprefix("cache.") for name in facts.node_types())


def _alternative(node_type: str, region: str) -> str:
    size = node_type.rsplit(".", 1)[1]
    there = facts.node_types(region)
    for family in ("r7g", "r6g", "m7g", "m6g", "t4g", "r5", "m5", "t3"):
        if f"cache.{family}.{size}" in there:
            return f"cache.{family}.{size}"
    return min(there)


@rule(
    "node-type/stated",
    REPLICATION_GROUP,
    source=_SOURCE,
    absent=("ReplicationGroup.GlobalReplicationGroupId", "ReplicationGroup.PrimaryClusterId"),
)
def node_type_stated(group: Resource) -> Iterator[Violation]:
    """A replication group has a node type, unless it joins a Global Datastore or takes over an existing cluster."""
    if group.lacks("CacheNodeType") and not is_secondary(group) and group.lacks("PrimaryClusterId"):
        yield Violation(
            property="CacheNodeType",
            value=None,
            must="be stated outside a Global Datastore, unless the primary is an existing cluster",
            fix="set it, to cache.t4g.micro for example",
        )


@rule("node-type/graviton-version", REPLICATION_GROUP, CACHE_CLUSTER, source=_SOURCE)
def graviton_version(group: Resource) -> Iterator[Violation]:
    """Graviton node types need redis 5.0.6 or later."""
    name, engine, version = group.text("CacheNodeType"), engine_of(group), version_of(group)
    if name is None or engine not in ("redis", "valkey", "memcached") or version is None:
        return
    if version not in facts.engine_versions(engine):
        return
    family = node_family(group)
    graviton = family is not None and family[0] in _GRAVITON
    if graviton and not facts.has_feature("graviton", engine, version):
        first = facts.minimum_version("graviton", engine)
        yield Violation(
            property="EngineVersion",
            value=version,
            must=f"be {first} or later on {name}",
            fix="raise the version, or use an x86 node type such as cache.t3.micro",
        )

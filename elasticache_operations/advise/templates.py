"""The caches of templates as targets of advice; values that are known at deployment alone are told."""

from collections.abc import Sequence
from typing import Final

from elasticache_operations.advise.advice import Target
from elasticache_operations.errors import InputError
from elasticache_rules.documents import read_all
from elasticache_rules.linking import link
from elasticache_rules.template import Resource

DEFAULT_REGION: Final = "us-east-1"
_GROUP: Final = "AWS::ElastiCache::ReplicationGroup"
_CLUSTER: Final = "AWS::ElastiCache::CacheCluster"


def targets(paths: Sequence[str], region: str | None) -> tuple[str, list[Target], list[str]]:
    """The region, the caches with nodes, and notes about what is not known.

    :param region: Default: that of the cloud assembly.
    :raises InputError: for a file that cannot be read, and for templates of several regions.
    """
    reading = read_all(paths)
    if reading.problems:
        raise InputError(str(reading.problems[0]))
    regions = sorted({item.region for item in reading.documents if item.region})
    if region is None and len(regions) > 1:
        raise InputError(f"--region must be set, because the templates are of {', '.join(regions)}; choose one")
    used = region or (regions[0] if regions else DEFAULT_REGION)
    found: list[Target] = []
    notes = [] if region or regions else [f"prices are those of {used}: the template names no region, give --region"]
    for document, template in link(reading.documents):
        if document.region not in (None, used):
            continue
        for resource in template.of_type(_GROUP, _CLUSTER):
            target = _target(resource)
            if isinstance(target, Target):
                found.append(target)
            else:
                notes.append(f"{document.name}: {resource.logical_id} is left out: {target}")
    return used, found, notes


def _target(resource: Resource) -> Target | str:
    """A cache, or what is not known of it."""
    group = resource.type == _GROUP
    if group and resource.states("GlobalReplicationGroupId"):
        return "a secondary of a Global Datastore has the node type of its primary"
    node_type = resource.text("CacheNodeType")
    if node_type is None:
        return "CacheNodeType is not known before the deployment"
    shards, nodes = _nodes(resource, group)
    if nodes is None:
        return "the number of nodes is not known before the deployment"
    return Target(
        id=resource.logical_id,
        engine=resource.text("Engine") or "redis",
        version=resource.text("EngineVersion") or "",
        node_type=node_type,
        nodes=nodes,
        shards=shards,
        group=group,
    )


def _nodes(resource: Resource, group: bool) -> tuple[int, int | None]:
    """The shards and the nodes; None for a number that is not known."""
    if not group:
        return 1, _number(resource, "NumCacheNodes", 1)
    if resource.has("NumCacheClusters"):
        return 1, resource.integer("NumCacheClusters")
    shards = _number(resource, "NumNodeGroups", 1)
    replicas = _number(resource, "ReplicasPerNodeGroup", 0)
    if shards is None or replicas is None:
        return 1, None
    return shards, shards * (1 + replicas)


def _number(resource: Resource, name: str, default: int) -> int | None:
    return resource.integer(name) if resource.has(name) else default

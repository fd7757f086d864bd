"""What is lost when a resource is replaced or removed, and how it can be kept."""

from typing import Any, Final

from elasticache_rules.compare.access import SECURITY_GROUP
from elasticache_rules.rules.common import (
    CACHE_CLUSTER,
    GLOBAL_REPLICATION_GROUP,
    PARAMETER_GROUP,
    REPLICATION_GROUP,
    SERVERLESS_CACHE,
    SUBNET_GROUP,
    USER,
    USER_GROUP,
    engine_of,
)
from elasticache_rules.template import Resource

SNAPSHOT: Final = "AWS::ElastiCache::Snapshot"
SERVERLESS_SNAPSHOT: Final = "AWS::ElastiCache::ServerlessCacheSnapshot"
STATEFUL: Final = (
    REPLICATION_GROUP,
    CACHE_CLUSTER,
    SERVERLESS_CACHE,
    GLOBAL_REPLICATION_GROUP,
    SNAPSHOT,
    SERVERLESS_SNAPSHOT,
)
"""The types that hold data, or lead to it."""
_LOST: Final = {
    REPLICATION_GROUP: "all keys, and the endpoints that clients use",
    CACHE_CLUSTER: "all keys, and the endpoint that clients use",
    SERVERLESS_CACHE: "all keys, and the endpoint that clients use",
    GLOBAL_REPLICATION_GROUP: "the replication between regions; each member keeps its keys",
    SNAPSHOT: "the snapshot",
    SERVERLESS_SNAPSHOT: "the snapshot",
    USER: "no keys; the new user begins with the passwords and the access string of the template",
    USER_GROUP: "no keys; caches take the users of the new group",
    PARAMETER_GROUP: "no keys; caches take the parameters of the new group",
    SECURITY_GROUP: "no keys; the rules that other stacks and people have created in the old group",
    SUBNET_GROUP: "no keys of its own, but a cache that uses it is replaced with it",
}


def lost_with(resource: Resource) -> str:
    """What a replacement or removal of the resource loses."""
    return _LOST.get(resource.type, "nothing that is known here")


def can_snapshot(resource: Resource) -> bool:
    """Whether CloudFormation can take a final snapshot of the resource by its policy."""
    return resource.type == REPLICATION_GROUP or (
        resource.type == CACHE_CLUSTER and engine_of(resource) in ("redis", None)
    )


def kept_by(resource: Resource, policy: Any, attribute: str) -> str:
    """How it is kept: by the template's settings, or by settings that can be added.

    :param policy: of the resource, by the attribute.
    :param attribute: UpdateReplacePolicy or DeletionPolicy.
    """
    if resource.type not in STATEFUL:
        return "nothing is needed"
    if policy == "Snapshot" and can_snapshot(resource):
        return f"{attribute} Snapshot, as stated: a final snapshot, which SnapshotName restores"
    if policy in ("Retain", "RetainExceptOnCreate"):
        return f"{attribute} {policy}, as stated: the old resource stays, outside of the stack"
    return _could_be_kept_by(resource, attribute)


def _could_be_kept_by(resource: Resource, attribute: str) -> str:
    retain = f"{attribute} Retain, which leaves the old resource running outside of the stack"
    if can_snapshot(resource):
        return f"{attribute} Snapshot, for a final snapshot that SnapshotName restores; or {retain}"
    if resource.type == SERVERLESS_CACHE and resource.has("FinalSnapshotName"):
        return "FinalSnapshotName, as stated: a final snapshot, which SnapshotArnsToRestore restores"
    if resource.type == SERVERLESS_CACHE:
        return f"FinalSnapshotName, for a final snapshot that SnapshotArnsToRestore restores; or {retain}"
    if resource.type == CACHE_CLUSTER:
        return f"nothing, because Memcached has no snapshots; {retain}"
    return retain

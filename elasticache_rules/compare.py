"""What a change of templates does to caches: what it replaces, and what takes several deploys."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from elasticache_rules import compare_access, facts
from elasticache_rules.compare_steps import Change, same, stepwise
from elasticache_rules.rules.common import (
    CACHE_CLUSTER,
    GLOBAL_REPLICATION_GROUP,
    REPLICATION_GROUP,
    SERVERLESS_CACHE,
    USER,
    USER_GROUP,
    engine_of,
    version_of,
)
from elasticache_rules.template import Resource, Template

STATEFUL: Final = (
    REPLICATION_GROUP,
    CACHE_CLUSTER,
    SERVERLESS_CACHE,
    GLOBAL_REPLICATION_GROUP,
    "AWS::ElastiCache::Snapshot",
    "AWS::ElastiCache::ServerlessCacheSnapshot",
)
"""The types that hold data, or lead to it."""

_NAMES: Final = {
    REPLICATION_GROUP: "ReplicationGroupId",
    CACHE_CLUSTER: "ClusterName",
    SERVERLESS_CACHE: "ServerlessCacheName",
    USER: "UserId",
    USER_GROUP: "UserGroupId",
}
_SAFE: Final = ("Retain", "Snapshot", "RetainExceptOnCreate")


def compare(old: Template, new: Template) -> list[Change]:
    """Every change that replaces a cache or what its clients connect with, or that takes several deploys."""
    found: list[Change] = []
    security_groups = compare_access.security_groups_of_caches(old)
    for before in old.resources.values():
        if before.type == compare_access.SECURITY_GROUP and before.logical_id not in security_groups:
            continue
        after = new.resources.get(before.logical_id)
        if after is None or after.type != before.type:
            found += _removal(before, after)
            if before.type in compare_access.TYPES:
                found += compare_access.moved(before, old, new)
            continue
        replaced = list(_replacing(before, after, old, new))
        if replaced and before.type in STATEFUL:
            found.append(_replacement(before, after, replaced))
        if replaced and before.type in compare_access.TYPES:
            found.append(compare_access.replacement(before, replaced))
        if replaced and before.type in _NAMES:
            found += _name_taken(before, after, replaced)
        if before.type == REPLICATION_GROUP:
            found += stepwise(before, after)
    return found


def _removal(before: Resource, after: Resource | None) -> Iterator[Change]:
    if before.type not in STATEFUL:
        return
    kept = before.attributes.get("DeletionPolicy")
    fate = f"its DeletionPolicy is {kept}" if kept in _SAFE else "its data is lost"
    what = "is removed" if after is None else f"becomes a {after.type}"
    yield Change(
        "removal",
        before.logical_id,
        before.type,
        f"{before.logical_id} {what}; {fate}",
        (
            "if only the logical id changed, give the old one back with override_logical_id, or import the resource",
            "if it must go, set DeletionPolicy to Snapshot or Retain and deploy that",
            "then remove it",
        ),
    )


def _replacing(before: Resource, after: Resource, old: Template, new: Template) -> Iterator[tuple[str, Any, Any]]:
    """The properties whose change makes CloudFormation replace the resource, with both values."""
    for name in _create_only(before.type):
        yield from _if_changed(before, after, name, old, new)
    yield from _conditional(before, after)


def _create_only(kind: str) -> Sequence[str]:
    if kind == compare_access.SECURITY_GROUP:
        return compare_access.SECURITY_GROUP_CREATE_ONLY
    schema = facts.load("schema")["types"].get(kind, {})
    names: Sequence[str] = schema.get("create_only", ())
    return names


def _if_changed(
    before: Resource, after: Resource, name: str, old: Template, new: Template
) -> Iterator[tuple[str, Any, Any]]:
    first, second = before.get(name), after.get(name)
    if same(first, second):
        target, its_new = old.follow(first), new.follow(second)
        # What it refers to is replaced itself, and so gets another name.
        if target is None or its_new is None or target is before:
            return
        if target.type != its_new.type or not list(_replacing(target, its_new, old, new)):
            return
    yield name, first, second


def _conditional(before: Resource, after: Resource) -> Iterator[tuple[str, Any, Any]]:
    if before.type == REPLICATION_GROUP:
        online = after.attributes.get("UpdatePolicy")
        resharding = isinstance(online, Mapping) and str(online.get("UseOnlineResharding")).lower() == "true"
        for name in ("NumNodeGroups", "NodeGroupConfiguration"):
            if not same(before.get(name), after.get(name)) and not resharding and before.has(name):
                yield name, before.get(name), after.get(name)
        if before.lacks("AuthToken") and after.has("AuthToken"):
            yield "AuthToken", None, "***"
    if before.type == CACHE_CLUSTER and engine_of(after) == "memcached":
        for name in ("CacheNodeType", "TransitEncryptionEnabled"):
            if not same(before.get(name), after.get(name)):
                yield name, before.get(name), after.get(name)
    if before.type in (REPLICATION_GROUP, CACHE_CLUSTER) and engine_of(before) == engine_of(after):
        first, second = version_of(before), version_of(after)
        if first and second and facts.version_key(second) < facts.version_key(first):
            yield "EngineVersion", first, second


def _replacement(before: Resource, after: Resource, replaced: list[tuple[str, Any, Any]]) -> Change:
    policy = after.attributes.get("UpdateReplacePolicy")
    fate = f"UpdateReplacePolicy is {policy}" if policy in _SAFE else "the old one's data is lost"
    changes = ", ".join(f"{name} from {_shown(first)} to {_shown(second)}" for name, first, second in replaced)
    steps = [
        "keep the old value, if the change is not wanted",
        "or else deploy the new cache under another logical id beside the old one, filled from a snapshot of it",
        "move the clients to the new one",
        "then remove the old one, with DeletionPolicy Snapshot",
    ]
    if any(name in ("NumNodeGroups", "NodeGroupConfiguration") for name, _, _ in replaced):
        steps.insert(0, "set UpdatePolicy UseOnlineResharding to true in the same deploy: shards then change in place")
    return Change(
        "replacement",
        before.logical_id,
        before.type,
        f"{before.logical_id} is replaced by {changes}; {fate}",
        tuple(steps),
    )


def _name_taken(before: Resource, after: Resource, replaced: list[tuple[str, Any, Any]]) -> Iterator[Change]:
    name = _NAMES[before.type]
    stated = before.text(name)
    if stated is None or stated != after.text(name):
        return
    yield Change(
        "name-taken",
        before.logical_id,
        before.type,
        f"{before.logical_id} is replaced and keeps {name} {stated!r}, which its predecessor still has: that fails",
        (f"give {name} another value in the same deploy, or leave it out where CloudFormation can name it",),
    )


def _shown(value: Any) -> str:
    return "nothing" if value is None else repr(value)

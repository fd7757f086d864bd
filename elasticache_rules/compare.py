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
_LONGEST_CHAIN: Final = 20
"""References from one resource to the next; the types that replace each other make chains of three."""
_Changed = tuple[str, Any, Any]
"""A property with its old and its new value."""


def compare(old: Template, new: Template) -> list[Change]:
    """Every change that replaces a cache or what its clients connect with, or that takes several deploys."""
    found: list[Change] = []
    replacements, security_groups = _Replacements(old, new), compare_access.security_groups_of_caches(old)
    for before in old.resources.values():
        if before.type == compare_access.SECURITY_GROUP and before.logical_id not in security_groups:
            continue
        after = new.resources.get(before.logical_id)
        if after is None or after.type != before.type:
            found += _removal(before, after)
            if before.type in compare_access.TYPES:
                found += compare_access.moved(before, old, new)
            continue
        replaced = replacements.of(before, after)
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


class _Replacements:
    """Which properties make CloudFormation replace a resource, each resource looked at once."""

    def __init__(self, old: Template, new: Template) -> None:
        self._old, self._new = old, new
        self._known: dict[str, list[_Changed]] = {}

    def of(self, before: Resource, after: Resource, *, depth: int = 0) -> list[_Changed]:
        """The properties whose change makes CloudFormation replace the resource, with both values.

        :param depth: how many references led here; beyond the longest chain that can be deployed, none is followed.
        """
        if before.logical_id not in self._known and depth <= _LONGEST_CHAIN:
            self._known[before.logical_id] = []  # a reference that leads back adds nothing
            changed = [
                (name, before.get(name), after.get(name))
                for name in _create_only(before.type)
                if self._changes(before, after, name, depth)
            ]
            self._known[before.logical_id] = [*changed, *_conditional(before, after)]
        return self._known.get(before.logical_id, [])

    def _changes(self, before: Resource, after: Resource, name: str, depth: int) -> bool:
        first, second = before.get(name), after.get(name)
        if not same(first, second):
            return True
        # What it refers to is replaced itself, and so gets another name.
        target, its_new = self._old.follow(first), self._new.follow(second)
        if target is None or its_new is None:
            return False
        return target.type != its_new.type or bool(self.of(target, its_new, depth=depth + 1))


def _create_only(type_name: str) -> Sequence[str]:
    if type_name == compare_access.SECURITY_GROUP:
        return compare_access.SECURITY_GROUP_CREATE_ONLY
    names: Sequence[str] = facts.load("schema")["types"].get(type_name, {}).get("create_only", ())
    return names


def _conditional(before: Resource, after: Resource) -> Iterator[_Changed]:
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


def _replacement(before: Resource, after: Resource, replaced: list[_Changed]) -> Change:
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


def _name_taken(before: Resource, after: Resource, replaced: list[_Changed]) -> Iterator[Change]:
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

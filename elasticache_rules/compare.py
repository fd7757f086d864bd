"""What a change of templates does to caches: what it replaces, and what takes several deploys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from elasticache_rules import facts
from elasticache_rules.rules.common import (
    CACHE_CLUSTER,
    GLOBAL_REPLICATION_GROUP,
    REPLICATION_GROUP,
    SERVERLESS_CACHE,
    USER,
    USER_GROUP,
    cluster_enabled,
    engine_of,
    version_of,
)
from elasticache_rules.template import Reference, Resource, Template

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


@dataclass(frozen=True, slots=True)
class Change:
    """One change that loses data, or that one deploy cannot make.

    :param kind: what it is, for acknowledging: replacement, removal, name-taken, cluster-mode, transit-encryption,
        auth-to-rbac, redis-to-valkey, mixed.
    :param logical_id: the resource.
    :param what: the change, for people.
    :param steps: what to do instead, deploy by deploy.
    """

    kind: str
    logical_id: str
    resource_type: str
    what: str
    steps: tuple[str, ...]

    @property
    def id(self) -> str:
        """How it is acknowledged: `<logical id>:<kind>`."""
        return f"{self.logical_id}:{self.kind}"


def compare(old: Template, new: Template) -> list[Change]:
    """Every change between two templates that replaces a cache, or that must be split into several deploys."""
    found: list[Change] = []
    for before in old.resources.values():
        after = new.resources.get(before.logical_id)
        if after is None or after.type != before.type:
            found += _removal(before, after)
            continue
        replaced = list(_replacing(before, after, old, new))
        if replaced and before.type in STATEFUL:
            found.append(_replacement(before, after, replaced))
        if replaced and before.type in _NAMES:
            found += _name_taken(before, after, replaced)
        if before.type == REPLICATION_GROUP:
            found += _stepwise(before, after)
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
    schema = facts.load("schema")["types"].get(before.type, {})
    for name in schema.get("create_only", ()):
        yield from _if_changed(before, after, name, old, new)
    yield from _conditional(before, after)


def _if_changed(
    before: Resource, after: Resource, name: str, old: Template, new: Template
) -> Iterator[tuple[str, Any, Any]]:
    first, second = before.get(name), after.get(name)
    if _same(first, second):
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
            if not _same(before.get(name), after.get(name)) and not resharding and before.has(name):
                yield name, before.get(name), after.get(name)
        if before.lacks("AuthToken") and after.has("AuthToken"):
            yield "AuthToken", None, "***"
    if before.type == CACHE_CLUSTER and engine_of(after) == "memcached":
        for name in ("CacheNodeType", "TransitEncryptionEnabled"):
            if not _same(before.get(name), after.get(name)):
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


def _stepwise(before: Resource, after: Resource) -> Iterator[Change]:
    found = [
        *_cluster_mode(before, after),
        *_transit_encryption(before, after),
        *_authentication(before, after),
        *_engine(before, after),
    ]
    yield from found
    others = sorted(
        name
        for name in {*before.properties, *after.properties}
        if name not in _ABOUT and not _same(before.get(name), after.get(name))
    )
    if found and (others or len(found) > 1):
        first = found[0].kind
        rest = [each.kind for each in found[1:]] + others
        yield Change(
            "mixed",
            before.logical_id,
            before.type,
            f"{before.logical_id} changes {first} together with {', '.join(rest)}; such a change is made alone",
            (f"deploy the steps of {first} first, each alone", f"then deploy {', '.join(rest)}"),
        )


_ABOUT: Final = frozenset(
    {
        *("ClusterMode", "CacheParameterGroupName", "NumNodeGroups", "NumCacheClusters", "ReplicasPerNodeGroup"),
        *("TransitEncryptionEnabled", "TransitEncryptionMode", "AuthToken", "UserGroupIds", "Engine", "EngineVersion"),
        *("Tags", "AutomaticFailoverEnabled"),
    }
)
"""The properties that the stepwise changes are made of, and those that never mind."""


def _mode(group: Resource) -> str | None:
    stated = group.text("ClusterMode")
    if stated is not None:
        return stated.lower()
    clustered = cluster_enabled(group)
    return None if clustered is None else "enabled" if clustered else "disabled"


def _cluster_mode(before: Resource, after: Resource) -> Iterator[Change]:
    first, second = _mode(before), _mode(after)
    if first == "disabled" and second == "enabled":
        yield Change(
            "cluster-mode",
            before.logical_id,
            before.type,
            f"{before.logical_id} goes from cluster mode disabled to enabled, which takes the step compatible",
            (
                "deploy ClusterMode compatible with a parameter group that has cluster-enabled=yes, and nothing else",
                "move every client to the configuration endpoint and the cluster protocol",
                "deploy ClusterMode enabled, and nothing else",
                "then add shards",
            ),
        )
    if first in ("enabled", "compatible") and second == "disabled":
        fate = "there is no way back from enabled" if first == "enabled" else "compatible goes back alone"
        yield Change(
            "cluster-mode",
            before.logical_id,
            before.type,
            f"{before.logical_id} goes from cluster mode {first} to disabled; {fate}",
            (
                "from compatible: move every client to the primary endpoint, then deploy ClusterMode disabled alone"
                if first == "compatible"
                else "deploy a second cache with cluster mode disabled, copy what it needs, and move the clients",
            ),
        )


def _tls(group: Resource) -> str | None:
    enabled = group.boolean("TransitEncryptionEnabled")
    if enabled is None and not group.lacks("TransitEncryptionEnabled"):
        return None
    return (group.text("TransitEncryptionMode") or "required").lower() if enabled else "off"


def _transit_encryption(before: Resource, after: Resource) -> Iterator[Change]:
    first, second = _tls(before), _tls(after)
    if {first, second} != {"off", "required"}:
        return
    engine, stated = engine_of(before), version_of(before)
    if engine in ("redis", "valkey") and stated and not facts.has_feature("transit_encryption_mode", engine, stated):
        steps: tuple[str, ...] = (
            f"raise the version to redis {facts.minimum_version('transit_encryption_mode', 'redis')} or later first; "
            "before that, TLS is decided once and for all",
        )
    else:
        steps = ()
    move = "with TLS" if second == "required" else "without TLS"
    yield Change(
        "transit-encryption",
        before.logical_id,
        before.type,
        f"{before.logical_id} goes from TLS {first} to {second}, which takes the step preferred",
        (
            *steps,
            "deploy TransitEncryptionEnabled true with TransitEncryptionMode preferred, without users and AUTH token",
            f"let every client connect {move}",
            f"deploy {'TransitEncryptionMode required' if second == 'required' else 'TransitEncryptionEnabled false'}",
        ),
    )


def _authentication(before: Resource, after: Resource) -> Iterator[Change]:
    if before.has("AuthToken") and after.has("UserGroupIds") and before.lacks("UserGroupIds"):
        yield Change(
            "auth-to-rbac",
            before.logical_id,
            before.type,
            f"{before.logical_id} goes from an AUTH token to users",
            (
                "make the users and their group, with a default user whose password is the token and that may do all",
                "deploy UserGroupIds instead of AuthToken, and nothing else: clients with the token stay connected",
                "move each client to a user of its own",
                "turn the default user off",
            ),
        )


def _engine(before: Resource, after: Resource) -> Iterator[Change]:
    if engine_of(before) != "redis" or engine_of(after) != "valkey":
        return
    family = facts.family_of("valkey", version_of(after) or facts.engine_versions("valkey")[-1])
    yield Change(
        "redis-to-valkey",
        before.logical_id,
        before.type,
        f"{before.logical_id} goes from redis {version_of(before) or ''} to valkey {version_of(after) or ''}".strip(),
        (
            f"make a parameter group of family {family}, and state TransitEncryptionEnabled",
            f"deploy Engine, EngineVersion and the group of {family} together, and nothing else; there is no way back",
            "afterwards make users and groups of engine valkey where you want them; those of redis keep working",
        ),
    )


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, Reference) and isinstance(second, Reference):
        return repr(first) == repr(second)
    return str(first) == str(second)


def _shown(value: Any) -> str:
    return "nothing" if value is None else repr(value)

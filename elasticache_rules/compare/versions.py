"""Engines, versions and durability: changes that ElastiCache cannot reverse in place."""

from collections.abc import Iterator
from typing import Final

from elasticache_rules import facts
from elasticache_rules.compare.change import Change
from elasticache_rules.compare.loss import kept_by, lost_with
from elasticache_rules.rules.common import (
    CACHE_CLUSTER,
    GLOBAL_REPLICATION_GROUP,
    REPLICATION_GROUP,
    SERVERLESS_CACHE,
    USER,
    USER_GROUP,
    engine_of,
)
from elasticache_rules.template import Resource, Unknown

_VERSION: Final = {
    REPLICATION_GROUP: "EngineVersion",
    CACHE_CLUSTER: "EngineVersion",
    GLOBAL_REPLICATION_GROUP: "EngineVersion",
    SERVERLESS_CACHE: "MajorEngineVersion",
}
_USERS: Final = (USER, USER_GROUP)
_BESIDE: Final = {
    False: "or else deploy a new cache beside the old one, and move the data and the clients",
    True: "or else deploy another one beside the old one, under another id, and refer to it instead",
}
"""What a downgrade takes; for users and user groups, the second."""
_WITHOUT_PATCHES: Final = 6
"""The first major version of redis without patch versions; all of valkey are later."""
_IN_PLACE: Final = (("redis", "valkey"),)
"""The changes of engine that ElastiCache makes in place."""


def no_way_back(before: Resource, after: Resource) -> Iterator[Change]:
    """Another engine, an earlier version, or durability turned on or off."""
    if before.type not in _VERSION and before.type not in _USERS:
        return
    first, second = engine_of(before), engine_of(after)
    if first and second and first != second:
        # Engine is create-only for a cache cluster, which is replaced.
        if (first, second) not in _IN_PLACE and before.type != CACHE_CLUSTER:
            yield _downgrade(before, f"from engine {first} to {second}", "Engine")
    elif before.type in _VERSION:
        yield from _version(before, after, first)
    if before.type == REPLICATION_GROUP:
        yield from _durability(before, after)


def _version(before: Resource, after: Resource, engine: str | None) -> Iterator[Change]:
    name = _VERSION[before.type]
    old, new = _stated(before, name), _stated(after, name)
    if old is None or new is None:
        return
    first, second = _newest(engine, old), _newest(engine, new)
    shortest = min(len(first), len(second))
    # 5.0 equals 5.0.6, and 8 equals 8.1: omitted parts are not a difference.
    if second[:shortest] < first[:shortest]:
        yield _downgrade(before, f"from {name} {old} to {new}", name)


def same_version(before: Resource, after: Resource, name: str) -> bool:
    """Whether a property is the version of a group or a serverless cache, and stands for the same one in both.

    From redis 6 and valkey on, ElastiCache takes major and minor versions, so that 7.1.0 is 7.1. A patch version of
    memcached, or of an earlier redis, is a version of its own.
    """
    if before.type == CACHE_CLUSTER or _VERSION.get(before.type) != name:
        return False
    engine, old, new = engine_of(before), _stated(before, name), _stated(after, name)
    if engine is None or engine != engine_of(after) or old is None or new is None:
        return False
    first, second = (_newest(engine, version)[:2] for version in (old, new))
    return first == second and len(first) == 2 and first[0] >= _WITHOUT_PATCHES


def _stated(resource: Resource, name: str) -> str | None:
    value = resource.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        text = str(value)
    except ValueError:  # an integer with more digits than Python writes in decimal
        return None
    return text if facts.is_version(text) else None


def _newest(engine: str | None, version: str) -> tuple[int, ...]:
    """A version as numbers; a wildcard such as 6.x is the newest version that it stands for."""
    start, wildcard, _ = version.partition("x")
    if not wildcard:
        return facts.version_key(version)
    known = [facts.version_key(item) for item in facts.engine_versions(engine or "") if item.startswith(start)]
    length = version.count(".") + 1
    return max(known)[:length] if known else facts.version_key(version)


def _downgrade(before: Resource, what: str, name: str) -> Change:
    return Change(
        "downgrade",
        before.logical_id,
        before.type,
        f"{before.logical_id} goes {what}, which ElastiCache does not do in place: the update fails, and only "
        f"{'another one' if before.type in _USERS else 'a cache that is replaced'} has it",
        (f"keep the old {name}, if the change is not wanted", _BESIDE[before.type in _USERS]),
        (name,),
        lost_with(before),
        kept_by(before, None, "DeletionPolicy"),
    )


def _durability(before: Resource, after: Resource) -> Iterator[Change]:
    old, new = (_durable(group) for group in (before, after))
    if old is None or new is None or old == new:
        return
    yield Change(
        "durability",
        before.logical_id,
        before.type,
        f"{before.logical_id} turns durability {'on' if new else 'off'}, which ElastiCache decides at creation",
        (
            "keep the old Durability; sync and async can be changed into each other",
            "or else deploy a new cache beside the old one, and move the data and the clients",
        ),
        ("Durability",),
        lost_with(before),
        kept_by(before, None, "DeletionPolicy"),
    )


def _durable(group: Resource) -> bool | None:
    durability = group.get("Durability")
    if durability is None:
        return False
    return (
        None
        if isinstance(durability, Unknown) or not isinstance(durability, str)
        else durability.lower() in ("sync", "async")
    )

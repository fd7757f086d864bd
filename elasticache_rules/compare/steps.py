"""Migrations of a replication group that need several deploys, with their steps."""

from collections.abc import Iterator
from typing import Final

from elasticache_rules import facts
from elasticache_rules.compare.change import Change
from elasticache_rules.rules.common import cluster_enabled, engine_of, shard_count, version_of
from elasticache_rules.template import Resource

_BACKWARD: Final = (("enabled", "disabled"), ("enabled", "compatible"), ("compatible", "disabled"))
"""The changes of cluster mode that go back. ElastiCache makes only the one from compatible to disabled."""


def migrations(before: Resource, after: Resource) -> Iterator[Change]:
    """The changes of a replication group that take several deploys."""
    yield from _cluster_mode(before, after)
    yield from _transit_encryption(before, after)
    yield from _authentication(before, after)
    yield from _engine(before, after)


def mode_of(group: Resource) -> str | None:
    """The cluster mode of a replication group: its property, its shards, or its parameter group; None if unknown."""
    cluster_mode = group.text("ClusterMode")
    if cluster_mode is not None:
        return cluster_mode.lower()
    if (shard_count(group) or 1) > 1:
        return "enabled"
    if group.lacks("CacheParameterGroupName"):
        return None
    clustered = cluster_enabled(group)
    return None if clustered is None else "enabled" if clustered else "disabled"


def _cluster_mode(before: Resource, after: Resource) -> Iterator[Change]:
    first, second = mode_of(before), mode_of(after)
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
    if (first, second) in _BACKWARD:
        fate = "there is no way back from enabled" if first == "enabled" else "compatible goes back alone"
        yield Change(
            "cluster-mode",
            before.logical_id,
            before.type,
            f"{before.logical_id} goes from cluster mode {first} to {second}; {fate}",
            (
                "from compatible: move every client to the primary endpoint, then deploy ClusterMode disabled alone"
                if first == "compatible"
                else f"deploy a second cache with cluster mode {second}, copy what it needs, and move the clients",
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
    engine, version = engine_of(before), version_of(before)
    if engine in ("redis", "valkey") and version and not facts.has_feature("transit_encryption_mode", engine, version):
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


def _is_redis(group: Resource) -> bool:
    """Whether a replication group runs redis, by its engine, or without one by a version that only redis has."""
    if not group.lacks("Engine"):
        return engine_of(group) == "redis"
    version = version_of(group)
    return version in facts.engine_versions("redis") and version not in facts.engine_versions("valkey")


def _engine(before: Resource, after: Resource) -> Iterator[Change]:
    if not _is_redis(before) or engine_of(after) != "valkey":
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

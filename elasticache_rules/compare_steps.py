"""Changes of a replication group that one deploy cannot make, with the steps that can."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from elasticache_rules import facts
from elasticache_rules.rules.common import cluster_enabled, engine_of, version_of
from elasticache_rules.template import Reference, Resource


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


def stepwise(before: Resource, after: Resource) -> Iterator[Change]:
    """The changes of a replication group that take several deploys, or one of their own."""
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
        if name not in _ABOUT and not same(before.get(name), after.get(name))
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


def same(first: Any, second: Any) -> bool:
    """Whether two values of a property say the same, as far as a template can tell."""
    if isinstance(first, Reference) and isinstance(second, Reference):
        return repr(first) == repr(second)
    return str(first) == str(second)

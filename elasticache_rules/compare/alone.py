"""Updates in place that ElastiCache refuses in one request: they are made separately, or in two deploys."""

from collections.abc import Iterator
from typing import Final

from elasticache_rules.compare.change import Change
from elasticache_rules.compare.replacement import Comparison, reshards_online
from elasticache_rules.compare.steps import mode_of
from elasticache_rules.rules.common import replicas_per_shard
from elasticache_rules.template import Resource

_BESIDE: Final = frozenset(
    {
        *("ClusterMode", "CacheParameterGroupName", "NumNodeGroups", "NumCacheClusters", "ReplicasPerNodeGroup"),
        *("TransitEncryptionEnabled", "TransitEncryptionMode", "AuthToken", "UserGroupIds", "Engine", "EngineVersion"),
        *("Tags", "AutomaticFailoverEnabled"),
    }
)
"""The properties that the migrations are made of, and those that may change alongside."""
_BESIDE_MODE: Final = frozenset({"ClusterMode", "CacheParameterGroupName", "Tags"})
_BESIDE_SHARDS: Final = frozenset({"NumNodeGroups", "NodeGroupConfiguration", "Tags"})
_TLS: Final = ("TransitEncryptionEnabled", "TransitEncryptionMode")
_ACCESS: Final = ("UserGroupIds", "AuthToken")


def refused_together(
    comparison: Comparison, before: Resource, after: Resource, migrations: list[Change]
) -> Iterator[Change]:
    """The changes of a replication group that must be made separately, but are combined with others.

    :param migrations: of the same group, which take several deploys.
    """
    id, changed = before.logical_id, comparison.changed_names(before.logical_id)
    if migrations:
        others = [name for name in changed if name not in _BESIDE]
        if others or len(migrations) > 1:
            yield _mixed(before, migrations[0].kind, [*(migration.kind for migration in migrations[1:]), *others])
        return
    mode = [name for name in changed if name not in _BESIDE_MODE]
    if comparison.changes(id, "ClusterMode") and (mode_of(before) or "disabled") != mode_of(after) and mode:
        yield _mixed(before, "ClusterMode", mode)
        return
    if comparison.changes(id, *_TLS) and comparison.changes(id, *_ACCESS):
        yield _mixed(
            before,
            ", ".join(name for name in _TLS if comparison.changes(id, name)),
            [name for name in _ACCESS if comparison.changes(id, name)],
        )
        return
    shards = [name for name in changed if name not in _BESIDE_SHARDS]
    if reshards_online(after) and comparison.changes(id, "NumNodeGroups", "NodeGroupConfiguration") and shards:
        yield _mixed(before, "the shards", shards)


def _mixed(before: Resource, first: str, rest: list[str]) -> Change:
    return Change(
        "mixed",
        before.logical_id,
        before.type,
        f"{before.logical_id} changes {first} together with {', '.join(rest)}; such a change is made alone",
        (f"deploy the change of {first} first, without the others", f"then deploy {', '.join(rest)}"),
        (first, *rest),
    )


def two_steps(comparison: Comparison, before: Resource, after: Resource) -> Iterator[Change]:
    """The changes of a replication group in place that need two deploys, or an API call outside of CloudFormation."""
    yield from _failover(before, after)
    yield from _snapshots(before, after)
    yield from _without_replicas(comparison, before, after)
    yield from _online_shards(comparison, before, after)
    yield from _access_dropped(comparison, before)


def _failover(before: Resource, after: Resource) -> Iterator[Change]:
    old, new = replicas_per_shard(before), replicas_per_shard(after)
    first, second = (group.boolean("AutomaticFailoverEnabled") for group in (before, after))
    # Without a replica, a group that does not state failover has none, except in cluster mode.
    by_default = before.lacks("AutomaticFailoverEnabled") and mode_of(before) != "enabled"
    turned_on = (first is False and (second is True or after.lacks("AutomaticFailoverEnabled"))) or (
        by_default and second is True
    )
    if old == 0 and (new is None or new > 0) and turned_on:
        yield Change(
            "failover-with-replica",
            before.logical_id,
            before.type,
            f"{before.logical_id} gets its first replica and automatic failover in one update, which ElastiCache "
            "refuses: failover needs a replica that exists",
            (
                "deploy the replica, with AutomaticFailoverEnabled false and MultiAZEnabled false",
                "then deploy AutomaticFailoverEnabled true, and MultiAZEnabled where wanted",
            ),
            ("AutomaticFailoverEnabled",),
        )


def _snapshots(before: Resource, after: Resource) -> Iterator[Change]:
    old, new = before.integer("SnapshotRetentionLimit"), after.integer("SnapshotRetentionLimit")
    off = before.lacks("SnapshotRetentionLimit") or old == 0
    if off and new and after.lacks("SnapshottingClusterId") and mode_of(before) != "enabled":
        yield Change(
            "snapshots-on",
            before.logical_id,
            before.type,
            f"{before.logical_id} turns snapshots on after its creation: outside of cluster mode enabled, ElastiCache "
            "wants SnapshottingClusterId with SnapshotRetentionLimit",
            (
                "deploy SnapshotRetentionLimit together with SnapshottingClusterId, the id of one node: the group's id "
                "with -001, or better with -002, a replica",
            ),
            ("SnapshotRetentionLimit",),
        )


def _without_replicas(comparison: Comparison, before: Resource, after: Resource) -> Iterator[Change]:
    """Cluster mode without replicas: CloudFormation sends failover with every update, which needs a replica."""
    changed = [name for name in comparison.changed_names(before.logical_id) if name != "ReplicasPerNodeGroup"]
    if mode_of(before) == mode_of(after) == "enabled" and replicas_per_shard(before) == 0 and changed:
        yield Change(
            "shards-without-replicas",
            before.logical_id,
            before.type,
            f"{before.logical_id} has shards without replicas and changes {', '.join(changed)}: CloudFormation sends "
            "automatic failover with each update, which ElastiCache refuses without a replica",
            (
                "give each shard a replica by the API: aws elasticache increase-replica-count --new-replica-count 1",
                "then deploy ReplicasPerNodeGroup 1, and the change",
            ),
            tuple(changed),
        )


def _online_shards(comparison: Comparison, before: Resource, after: Resource) -> Iterator[Change]:
    """Resharding with configurations that do not name their shard."""
    id = before.logical_id
    configurations = after.items("NodeGroupConfiguration") or []
    nameless = [
        configuration
        for configuration in configurations
        if isinstance(configuration, dict) and "NodeGroupId" not in configuration
    ]
    changes = comparison.changes(id, "NumNodeGroups", "NodeGroupConfiguration")
    if reshards_online(after) and nameless and changes:
        yield Change(
            "nameless-shards",
            id,
            before.type,
            f"{id} changes its shards in place, and {len(nameless)} of its NodeGroupConfiguration "
            f"{'has' if len(nameless) == 1 else 'have'} no NodeGroupId: "
            "ElastiCache cannot tell which shards stay",
            ("state NodeGroupId in each, as describe-replication-groups shows it, in the same deploy",),
            ("NodeGroupConfiguration",),
        )


def users_dropped(comparison: Comparison, before: Resource) -> Iterator[Change]:
    """A serverless cache that loses its users, and so takes every client."""
    if comparison.vanishes(before.logical_id, "UserGroupId"):
        yield Change(
            "access-dropped",
            before.logical_id,
            before.type,
            f"{before.logical_id} loses UserGroupId: without users, everybody who reaches the cache may use it",
            ("keep UserGroupId, or name another user group",),
            ("UserGroupId",),
        )


def _access_dropped(comparison: Comparison, before: Resource) -> Iterator[Change]:
    id = before.logical_id
    dropped = [name for name in _ACCESS if comparison.vanishes(id, name)]
    if dropped and not any(comparison.appears(id, name) for name in _ACCESS):
        yield Change(
            "access-dropped",
            id,
            before.type,
            f"{id} loses {', '.join(dropped)}: ElastiCache removes a token only for users, and without both everybody "
            "who reaches the cache may use it",
            (f"keep {', '.join(dropped)}, or go from a token to users",),
            tuple(dropped),
        )

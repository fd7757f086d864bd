"""Per-shard configuration: ids, slots, replicas and their zones."""

import re
from collections.abc import Iterator
from typing import Any

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.output import counted
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import API, REPLICATION_GROUP, cluster_enabled, duplicates
from elasticache_rules.template import Resource, as_integer

_SOURCE = f"{API}API_NodeGroupConfiguration.html"
_NAME = "NodeGroupConfiguration"
_RANGE = re.compile(r"\s*([0-9]{1,5})\s*-\s*([0-9]{1,5})\s*\Z")


def _shards(group: Resource) -> list[dict[str, Any]]:
    return [shard for shard in group.items(_NAME) or [] if isinstance(shard, dict)]


@rule("shards/one-way-to-count-replicas", REPLICATION_GROUP, source=_SOURCE)
def one_way(group: Resource) -> Iterator[Violation]:
    """The number of replicas is set in one place."""
    inside = any("ReplicaCount" in shard for shard in _shards(group))
    if inside and group.has("ReplicasPerNodeGroup"):
        yield Violation(
            property="ReplicasPerNodeGroup",
            value=group.get("ReplicasPerNodeGroup"),
            must=f"be absent with ReplicaCount in {_NAME}",
            fix="keep one of the two",
        )


@rule("shards/count", REPLICATION_GROUP, source=_SOURCE, severity=Severity.WARNING)
def count(group: Resource) -> Iterator[Violation]:
    """Every shard has one configuration."""
    shards, configured = group.integer("NumNodeGroups"), group.items(_NAME)
    if shards is not None and configured is not None and shards != len(configured):
        yield Violation(
            property=_NAME,
            value=counted(len(configured), "configuration"),
            must=f"hold one for each of the {counted(shards, 'shard')} of NumNodeGroups",
            fix="make the two agree",
        )


@rule("shards/replica-count", REPLICATION_GROUP, source=_SOURCE)
def replica_count(group: Resource) -> Iterator[Violation]:
    """A shard has 0 to 5 replicas, and as many replica zones."""
    for number, shard in enumerate(_shards(group)):
        replicas, most = as_integer(shard.get("ReplicaCount")), facts.limit("replicas_per_shard", "max")
        if replicas is not None and not 0 <= replicas <= most:
            yield Violation(
                property=f"{_NAME}.{number}.ReplicaCount",
                value=replicas,
                must=f"be 0 to {most}",
                fix="use fewer replicas" if replicas > most else "use 0 or more",
            )
        zones = shard.get("ReplicaAvailabilityZones")
        wanted = replicas if replicas is not None else group.integer("ReplicasPerNodeGroup")
        if isinstance(zones, list) and wanted is not None and len(zones) != wanted:
            yield Violation(
                property=f"{_NAME}.{number}.ReplicaAvailabilityZones",
                value=zones,
                must=f"list a zone for each of the {counted(wanted, 'replica')}",
                fix=f"list {counted(wanted, 'zone')}",
            )


@rule("shards/unique-ids", REPLICATION_GROUP, source=_SOURCE, severity=Severity.WARNING)
def unique_ids(group: Resource) -> Iterator[Violation]:
    """Every shard has a unique id."""
    ids = [str(shard["NodeGroupId"]) for shard in _shards(group) if isinstance(shard.get("NodeGroupId"), str | int)]
    twice = duplicates(ids)
    if twice:
        yield Violation(
            property=f"{_NAME}.NodeGroupId", value=twice, must="be unique, without a duplicate", fix="number the shards"
        )


@rule("shards/slots", REPLICATION_GROUP, source=_SOURCE)
def slots(group: Resource) -> Iterator[Violation]:
    """Slots are ranges within 0 to 16383 that cover all slots once."""
    values = [shard.get("Slots") for shard in _shards(group)]
    texts = [text for text in values if isinstance(text, str)]
    ranges: list[tuple[int, int]] = []
    last = facts.load("limits")["slots"] - 1
    for text in texts:
        for part in text.split(","):
            match = _RANGE.match(part)
            if not match or not int(match[1]) <= int(match[2]) <= last:
                yield Violation(
                    property=f"{_NAME}.Slots",
                    value=text,
                    must=f"be ranges of slots like 0-5460, within 0 to {last}",
                    fix="write them as start-end, separated by commas",
                )
                return
            ranges.append((int(match[1]), int(match[2])))
    if texts and len(texts) == len(values):
        yield from _coverage(sorted(ranges), last)


def _coverage(ranges: list[tuple[int, int]], last: int) -> Iterator[Violation]:
    expected = 0
    for first, end in ranges:
        if first != expected:
            words = (
                f"leave no slot out, and {expected}-{first - 1} is"
                if first > expected
                else f"not overlap at slot {first}"
            )
            yield Violation(
                property=f"{_NAME}.Slots",
                value=f"{first}-{end}",
                must=words,
                fix=f"cover 0 to {last} once",
                severity=Severity.WARNING,
            )
            return
        expected = end + 1
    if expected != last + 1:
        yield Violation(
            property=f"{_NAME}.Slots",
            value=f"up to slot {expected - 1}",
            must=f"cover every slot up to {last}",
            fix="extend the last range",
            severity=Severity.WARNING,
        )


@rule(
    "shards/snapshotting-cluster",
    REPLICATION_GROUP,
    source=f"{API}API_ModifyReplicationGroup.html",
    absent=("ReplicationGroup.CacheParameterGroupName", "ReplicationGroup.NumNodeGroups"),
)
def snapshotting_cluster(group: Resource) -> Iterator[Violation]:
    """SnapshottingClusterId is for cluster mode disabled."""
    shards = group.integer("NumNodeGroups")
    if group.has("SnapshottingClusterId") and (cluster_enabled(group) or (shards is not None and shards > 1)):
        yield Violation(
            property="SnapshottingClusterId",
            value=group.get("SnapshottingClusterId"),
            must="be absent with cluster mode enabled",
            fix="remove SnapshottingClusterId; every shard is in the snapshot",
        )


@rule(
    "shards/slots-to-restore",
    REPLICATION_GROUP,
    source=_SOURCE,
    severity=Severity.WARNING,
    absent=("ReplicationGroup.CacheParameterGroupName", "ReplicationGroup.NodeGroupConfiguration"),
)
def slots_to_restore(group: Resource) -> Iterator[Violation]:
    """A cache with cluster mode that is restored from files sets the slots of every shard."""
    if not group.items("SnapshotArns") or not cluster_enabled(group):
        return
    shards = group.items(_NAME)
    if group.lacks(_NAME) or (shards is not None and any("Slots" not in shard for shard in _shards(group))):
        yield Violation(
            property=_NAME,
            value=group.get(_NAME),
            must="state Slots for each shard with SnapshotArns and cluster mode enabled",
            fix="list the shards in NodeGroupConfiguration, each with its Slots",
        )

"""Snapshots and the two windows."""

import re
from collections.abc import Iterator

from elasticache_rules import facts, windows
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import API, CACHE_CLUSTER, REPLICATION_GROUP
from elasticache_rules.template import Resource

_SOURCE = f"{API}API_CreateReplicationGroup.html"


@rule("backup/retention", REPLICATION_GROUP, CACHE_CLUSTER, source=_SOURCE)
def retention(group: Resource) -> Iterator[Violation]:
    """Snapshots are kept for 0 to 35 days."""
    days, most = group.integer("SnapshotRetentionLimit"), facts.limit("snapshot_retention_days", "max")
    if days is not None and not 0 <= days <= most:
        yield Violation(
            property="SnapshotRetentionLimit",
            value=days,
            must=f"be 0 to {most} days",
            fix="keep them for a shorter time, or copy them to S3" if days > most else "use 0 to turn snapshots off",
        )


@rule("backup/snapshot-window", REPLICATION_GROUP, CACHE_CLUSTER, source=_SOURCE)
def snapshot_window(group: Resource) -> Iterator[Violation]:
    """The snapshot window is hh24:mi-hh24:mi, of at least an hour."""
    text = group.text("SnapshotWindow")
    if text is None:
        return
    window, least = windows.parse_daily(text), facts.limit("snapshot_window_minutes", "min")
    if window is None:
        yield Violation(
            property="SnapshotWindow",
            value=text,
            must="have the form hh24:mi-hh24:mi",
            fix="write it like 03:00-04:00, in UTC",
        )
    elif window.length < least:
        yield Violation(
            property="SnapshotWindow",
            value=text,
            must=f"last at least {least} minutes",
            fix="end it later",
        )


@rule("backup/maintenance-window", REPLICATION_GROUP, CACHE_CLUSTER, source=_SOURCE)
def maintenance_window(group: Resource) -> Iterator[Violation]:
    """The maintenance window is ddd:hh24:mi-ddd:hh24:mi, of an hour to a day."""
    text = group.text("PreferredMaintenanceWindow")
    if text is None:
        return
    window, least = windows.parse_weekly(text), facts.limit("maintenance_window_minutes", "min")
    if window is None:
        yield Violation(
            property="PreferredMaintenanceWindow",
            value=text,
            must="have the form ddd:hh24:mi-ddd:hh24:mi",
            fix="write it like sun:05:00-sun:06:00, in UTC",
        )
    elif window.length < least:
        yield Violation(
            property="PreferredMaintenanceWindow",
            value=text,
            must=f"last at least {least} minutes",
            fix="end it later",
        )
    elif window.length > facts.limit("maintenance_window_minutes", "max"):
        yield Violation(
            property="PreferredMaintenanceWindow",
            value=text,
            must="last at most 24 hours",
            fix="end it sooner",
            severity=Severity.WARNING,
        )


@rule("backup/windows-overlap", REPLICATION_GROUP, CACHE_CLUSTER, source=_SOURCE)
def windows_overlap(group: Resource) -> Iterator[Violation]:
    """The snapshot window and the maintenance window do not overlap."""
    daily = windows.parse_daily(group.text("SnapshotWindow") or "")
    weekly = windows.parse_weekly(group.text("PreferredMaintenanceWindow") or "")
    if daily is not None and weekly is not None and daily.overlaps(weekly):
        yield Violation(
            property="SnapshotWindow",
            value=group.get("SnapshotWindow"),
            must=f"not overlap the maintenance window ({group.get('PreferredMaintenanceWindow')})",
            fix="move one of the two",
        )


@rule(
    "backup/window-without-retention",
    REPLICATION_GROUP,
    source=_SOURCE,
    severity=Severity.WARNING,
    absent=("ReplicationGroup.SnapshotRetentionLimit",),
)
def window_without_retention(group: Resource) -> Iterator[Violation]:
    """A snapshot window needs a retention; without one no snapshot is taken."""
    yield from without_retention(group, "SnapshotWindow")


def without_retention(cache: Resource, name: str) -> Iterator[Violation]:
    """The violation for a snapshot time without snapshots.

    :param name: the property with the time.
    """
    if cache.has(name) and (cache.lacks("SnapshotRetentionLimit") or cache.integer("SnapshotRetentionLimit") == 0):
        yield Violation(
            property="SnapshotRetentionLimit",
            value=cache.get("SnapshotRetentionLimit"),
            must=f"be at least 1 with {name}; no snapshot is taken otherwise",
            fix="set it to the number of days that a snapshot is kept",
        )


_ARN = re.compile(r"arn:[^:]*:s3:::[^,]+\Z")


@rule("backup/snapshot-arns", REPLICATION_GROUP, CACHE_CLUSTER, source=_SOURCE)
def snapshot_arns(resource: Resource) -> Iterator[Violation]:
    """A cache is restored from S3 objects by their ARNs or from a snapshot, not from both."""
    for arn in resource.items("SnapshotArns") or []:
        if isinstance(arn, str) and not _ARN.match(arn):
            yield Violation(
                property="SnapshotArns",
                value=arn,
                must="be ARNs of S3 objects without a comma",
                fix="write arn:aws:s3:::bucket/key.rdb",
            )
    if resource.states("SnapshotArns") and resource.has("SnapshotName"):
        yield Violation(
            property="SnapshotArns",
            value="files",
            must="be absent with SnapshotName",
            fix="restore from one of the two",
            severity=Severity.WARNING,
        )


@rule(
    "backup/snapshot-of",
    "AWS::ElastiCache::Snapshot",
    source=f"{API}API_CreateSnapshot.html",
    absent=("Snapshot.CacheClusterId",),
)
def snapshot_of(snapshot: Resource) -> Iterator[Violation]:
    """A snapshot is of a replication group or of a cache cluster."""
    group, cluster = not snapshot.lacks("ReplicationGroupId"), not snapshot.lacks("CacheClusterId")
    if not group and not cluster:
        yield Violation(
            property="ReplicationGroupId",
            value=None,
            must="be stated, or else CacheClusterId",
            fix="say what the snapshot is of",
        )
    elif group and cluster:
        yield Violation(
            property="ReplicationGroupId",
            value=snapshot.get("ReplicationGroupId"),
            must="be absent with CacheClusterId",
            fix="keep one of the two",
            severity=Severity.WARNING,
        )

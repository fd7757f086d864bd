"""Which snapshot `elasticache drill restore` restores."""

from datetime import UTC, datetime, timedelta

import pytest

from elasticache_operations.drills.restore.snapshots import age
from tests.elasticache_operations.drills.restore_drill import RUN, Drill, checks, drill, summary
from tests.elasticache_operations.drills.restoring import Region, snapshot

__all__ = ["drill"]


def test_the_newest_complete_snapshot_is_restored(drill: Drill) -> None:
    region = Region()
    region.add(snapshot("older", hours=30))
    region.add(snapshot("new", hours=1))
    region.add(snapshot("creating", hours=0, SnapshotStatus="creating"))
    region.add(snapshot("other", hours=0.5, CacheClusterId="another-001"))
    region.add({**snapshot("group", hours=2), "ReplicationGroupId": "orders", "CacheClusterId": "gone-001"})
    assert checks(drill(region))["snapshot"][1].startswith("new, ")
    assert checks(drill(region, "--snapshot", "group"))["snapshot"][1] == "group, 2 hours old, 1 shard"
    unknown = drill(region, "--snapshot", "oldest")
    assert (unknown.status, unknown.error) == (
        2,
        "elasticache drill restore: --snapshot must be one of the valid values, got 'oldest'; use older, daily, group, "
        "new",
    )
    partial = drill(region, "--snapshot", "creating")
    assert "must be complete, got creating, which is creating; wait, or choose another" in partial.error


def test_a_snapshot_is_as_old_as_its_oldest_shard(drill: Drill) -> None:
    times = [snapshot("a", hours)["NodeSnapshots"][0] for hours in (3, 5, 4)]
    region = Region(snapshots={"daily": snapshot("daily", NodeSnapshots=times)})
    assert checks(drill(region))["snapshot"][1] == "daily, 5 hours old, 3 shards"


def test_without_a_snapshot_the_drill_is_refused(drill: Drill) -> None:
    region = Region()
    region.snapshots.clear()
    result = drill(region, *RUN)
    assert (result.status, result.data["result"]) == (1, "refused")
    assert summary(result) == "nothing was changed; snapshot: none is complete; take one with --create-snapshot"
    assert drill(region, *RUN, "--create-snapshot").status == 0
    named = drill(region, "--snapshot", "daily")
    assert "use none: this cache has no snapshot" in named.error


def test_a_snapshot_is_not_taken_while_a_change_is_under_way(drill: Drill) -> None:
    region = Region()
    region.groups["orders"]["Status"] = "modifying"
    result = drill(region, *RUN, "--create-snapshot")
    assert (result.status, summary(result)) == (
        1,
        "nothing was changed; state: orders is modifying; wait until it is available",
    )
    assert drill(region, *RUN).status == 0


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "0 seconds"),
        (timedelta(seconds=119), "119 seconds"),
        (timedelta(minutes=2), "2 minutes"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_the_age_in_words(passed: timedelta, words: str) -> None:
    now = datetime(2026, 11, 27, tzinfo=UTC)
    assert age(now - passed, now) == words

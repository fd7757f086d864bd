"""What an earlier `elasticache drill restore` has left, and what of it is deleted."""

import re
from datetime import timedelta

import pytest

from tests.elasticache_operations.drills.restore_drill import RUN, Drill, checks, drill, summary, tags
from tests.elasticache_operations.drills.restoring import PREFIX, Region, snapshot

__all__ = ["drill"]


def test_what_has_been_left_is_deleted_first(drill: Drill) -> None:
    region = Region()
    region.add_group(f"{PREFIX}1", tags())
    region.add(snapshot(f"{PREFIX}2", hours=1), tags())
    dry = drill(region)
    assert checks(dry)["no other drill"] == (
        True,
        f"replication group {PREFIX}1, snapshot {PREFIX}2 of an earlier drill are deleted first",
    )
    assert len(region.left) == 2
    result = drill(region, *RUN)
    assert (result.status, region.left) == (0, [])
    steps = [step["what"] for step in result.data["steps"]]
    assert steps[0] == f"deleting replication group {PREFIX}1, which an earlier drill has left"
    # Each is deleted once, and the end of the drill deletes its own alone.
    assert sum(bool(re.search(rf"{PREFIX}1\b", step)) for step in steps) == 1


def test_a_drill_that_may_still_run_is_left_alone(drill: Drill) -> None:
    region = Region()
    region.add_group(f"{PREFIX}1", tags(until=timedelta(minutes=5)))
    result = drill(region, *RUN)
    assert (result.status, result.data["result"], region.left) == (1, "refused", [f"{PREFIX}1"])
    assert re.search(
        r"of a drill that may run until .* UTC; wait for it, or delete .* --delete-left-over", summary(result)
    )
    assert drill(region, *RUN, "--delete-left-over").status == 0
    assert region.left == []


@pytest.mark.parametrize("time", ["", "tomorrow"])
def test_a_time_that_cannot_be_read_has_passed(drill: Drill, time: str) -> None:
    region = Region()
    region.add_group(
        f"{PREFIX}1",
        [{"Key": "operations:drill", "Value": "restore:orders"}, {"Key": "operations:drill-until", "Value": time}],
    )
    assert drill(region, *RUN).status == 0
    assert region.left == []


def test_what_is_of_another_cache_or_has_no_tag_is_kept(drill: Drill) -> None:
    region = Region()
    region.add_group(f"{PREFIX}other", tags("catalog"))
    region.add_group(f"{PREFIX}untagged", [])
    region.add_group("named-otherwise", tags())
    assert drill(region, *RUN, "--delete-left-over").status == 0
    assert {f"{PREFIX}other", f"{PREFIX}untagged", "named-otherwise", "orders"} == region.groups.keys()

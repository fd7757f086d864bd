"""That `elasticache drill restore` deletes what it has created."""

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.elasticache_operations.closed_schemas import check_schema
from tests.elasticache_operations.drills.restore_drill import RUN, Drill, drill, error
from tests.elasticache_operations.drills.restoring import Region
from tests.elasticache_operations.recorded import refusal

__all__ = ["drill"]


def failing(operation: str, *problems: Exception) -> Region:
    return Region(failing={operation: list(problems)})


DENIED = refusal("AccessDenied")
LATE = refusal("ServiceUnavailable", status=503)


def number_of(operation: str, region: Region) -> int:
    """The number of the first call of an operation."""
    return [called for _, called, _ in region.recorded.calls].index(operation) + 1


def test_a_signal_at_any_call_leaves_nothing(drill: Drill) -> None:
    planned, whole = Region(), Region()
    assert drill(planned).status == drill(whole, *RUN, "--create-snapshot").status == 0
    for at in range(planned.count + 1, whole.count + 1):
        region = Region(signals=(at, 1))
        result = drill(region, *RUN, "--create-snapshot")
        assert region.left == [], at
        # A signal during the deletion does not interrupt it.
        assert result.status == (130 if at < number_of("DeleteReplicationGroup", whole) - 1 else 0), at
        assert ("interrupted; " in result.err) == (result.status == 130)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_message_of_an_interruption_names_what_is_deleted(drill: Drill, tmp_path: Path, number: int) -> None:
    whole, path, before = Region(), tmp_path / "drills.jsonl", signal.getsignal(number)
    drill(whole, *RUN)
    result = drill(Region(signals=(number_of("SendCommand", whole), 1), number=number), *RUN, "--record", str(path))
    assert result.status == 130
    assert re.search(r"interrupted; replication group drill-restore-[0-9a-f]{12} is deleted$", error(result))
    (document,) = [json.loads(line) for line in path.read_text().splitlines()]
    check_schema("drill", document)
    assert document["result"] == "interrupted"
    assert document["figures"]["cost_usd"] == 0.0128
    assert signal.getsignal(number) is before


def test_a_third_signal_ends_the_deletion_and_says_what_remains(drill: Drill) -> None:
    whole = Region()
    drill(whole, *RUN)
    region = Region(signals=(number_of("SendCommand", whole), 3), deleting=50)
    result = drill(region, *RUN)
    assert result.status == 130
    assert "the deletion continues; interrupt once more to end it" in result.err
    (id,) = region.left
    assert error(result).endswith(
        f"the temporary replication group {id} may remain; run the drill again with --delete-left-over, or: aws "
        f"elasticache delete-replication-group --no-retain-primary-cluster --replication-group-id {id}"
    )


@pytest.mark.parametrize(
    "operation", ["DescribeReplicationGroups", "DescribeSnapshots", "CreateReplicationGroup", "SendCommand"]
)
def test_a_failure_at_any_call_leaves_nothing(drill: Drill, operation: str) -> None:
    whole, words = Region(), (*RUN, "--create-snapshot")
    drill(whole, *words)
    called = [each for _, each, _ in whole.recorded.calls]
    # The calls before the deletion.
    before = called[: called.index("GetCommandInvocation")].count(operation)
    for at in range(called.count(operation)):
        region = Region()
        handler = region.recorded.answers["elasticache" if operation != "SendCommand" else "ssm", operation]
        seen = iter(range(1000))

        def answer(params: Any, at: int = at, handler: Any = handler, seen: Any = seen) -> Any:
            return DENIED if next(seen) == at else handler(params)

        key = ("elasticache" if operation != "SendCommand" else "ssm", operation)
        region.recorded.answers = {**region.recorded.answers, key: answer}
        result = drill(region, *words)
        assert result.status == 3, (at, result.err)
        # Where the deletion itself is denied, the message says what remains.
        assert all(f"{name} may remain" in error(result) for name in region.left), (at, result.err)
        assert bool(region.left) is (at >= before), (at, result.err)


def test_what_was_created_may_be_seen_late(drill: Drill) -> None:
    region = Region(hidden=3)
    assert drill(region, *RUN, "--create-snapshot").status == 0
    assert region.hidden == 0
    region = Region(hidden=3)
    assert drill(region, *RUN).status == 0


def test_a_creation_is_requested_once(drill: Drill) -> None:
    region = failing("CreateReplicationGroup", LATE)
    assert drill(region, *RUN).status == 3
    assert [called for _, called, _ in region.recorded.calls].count("CreateReplicationGroup") == 1


@pytest.mark.parametrize("lost", [True, False])
def test_a_creation_without_an_answer_is_looked_for(drill: Drill, lost: bool) -> None:
    region = failing("CreateReplicationGroup", LATE)
    region.lost = {"CreateReplicationGroup"} if lost else set()
    result = drill(region, *RUN)
    assert (result.status, region.left) == (3, [])
    assert ("DeleteReplicationGroup" in region.requests) is lost


def test_a_creation_without_an_answer_may_be_seen_late(drill: Drill) -> None:
    region = failing("CreateReplicationGroup", LATE)
    region.lost, region.hidden = {"CreateReplicationGroup"}, 2
    result = drill(region, *RUN)
    assert (result.status, region.left) == (3, [])


def test_a_creation_that_is_refused_deletes_nothing(drill: Drill) -> None:
    region = failing("CreateReplicationGroup", DENIED)
    result = drill(region, *RUN)
    assert result.status == 3
    assert "allow elasticache:CreateReplicationGroup in the policy" in error(result)
    assert not {"DeleteReplicationGroup"} & region.requests.keys()


@pytest.mark.parametrize(
    "problem", [LATE, refusal("Throttling"), refusal("InvalidReplicationGroupState"), refusal("InternalFailure")]
)
def test_a_deletion_that_fails_for_a_time_is_repeated(drill: Drill, problem: Exception) -> None:
    region = failing("DeleteReplicationGroup", *[problem] * 8)
    result = drill(region, *RUN)
    assert (result.status, region.left) == (0, [])
    assert "cannot be deleted yet; trying again" in result.err


def test_a_deletion_that_is_denied_says_what_remains(drill: Drill) -> None:
    region = failing("DeleteReplicationGroup", DENIED)
    result = drill(region, *RUN)
    assert result.status == 3
    (id,) = region.left
    assert f"the temporary replication group {id} may remain; run the drill again with --delete-left-over" in error(
        result
    )
    assert "allow elasticache:DeleteReplicationGroup in the policy" in error(result)


def test_a_deletion_that_is_denied_does_not_keep_the_snapshot(drill: Drill) -> None:
    region = failing("DeleteReplicationGroup", DENIED)
    result = drill(region, *RUN, "--create-snapshot")
    assert result.status == 3
    assert [name in region.groups for name in region.left] == [True]


def test_a_deletion_without_an_end_is_an_error(drill: Drill) -> None:
    region = Region(deleting=10**6)
    result = drill(region, *RUN)
    assert result.status == 1
    assert "was not deleted in 7200 s" in error(result)


def test_a_restore_that_fails_or_takes_too_long_is_deleted(drill: Drill) -> None:
    slow = Region(creating=300)
    result = drill(slow, *RUN, "--timeout", "10m")
    assert (result.status, slow.left) == (1, [])
    assert re.search(r"is creating after 600 s; give a longer --timeout", error(result))
    broken = Region()
    create = broken._create

    def fail(params: Any) -> Any:
        answer = create(params)
        broken.groups[params["ReplicationGroupId"]]["Status"] = "create-failed"
        return answer

    broken.recorded.answers = {
        **broken.recorded.answers,
        ("elasticache", "CreateReplicationGroup"): broken._counted("CreateReplicationGroup", fail),
    }
    result = drill(broken, *RUN)
    assert (result.status, broken.left) == (1, [])
    assert "the snapshot was not restored: drill-restore-" in error(result)


def test_a_snapshot_that_fails_or_takes_too_long_is_deleted(drill: Drill) -> None:
    slow = Region(creating=300)
    result = drill(slow, *RUN, "--create-snapshot", "--timeout", "10m")
    assert (result.status, slow.left) == (1, [])
    assert re.search(
        r"snapshot drill-restore-\w+ is creating after \d+(\.\d)? s; give a longer --timeout", error(result)
    )


def test_a_snapshot_that_fails_is_an_error(drill: Drill) -> None:
    region = Region()
    take = region._take

    def fail(params: Any) -> Any:
        answer = take(params)
        region.snapshots[params["SnapshotName"]]["SnapshotStatus"] = "failed"
        return answer

    region.recorded.answers = {**region.recorded.answers, ("elasticache", "CreateSnapshot"): fail}
    result = drill(region, *RUN, "--create-snapshot")
    assert (result.status, region.left) == (1, [])
    assert re.search(r"snapshot drill-restore-\w+ has failed; look at the events", error(result))
    assert region.now < 60


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (1, "the data could not be compared on i-0123456789abcdef0: it broke; test the client"),
        (3, "i-0123456789abcdef0 has no cache-cli; name a client of CacheClient"),
    ],
)
def test_a_comparison_that_fails_is_an_error(drill: Drill, status: int, words: str) -> None:
    region = Region(status_of_comparison=status)
    result = drill(region, *RUN)
    assert (result.status, region.left) == (1, [])
    assert words in error(result)

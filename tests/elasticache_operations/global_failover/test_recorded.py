"""The record of a planned failover and of a promotion."""

import json
from pathlib import Path
from typing import Any

import pytest

from elasticache_operations.drills.global_failover.statuses import Status
from elasticache_operations.picture.timeline.model import read_timeline
from tests.elasticache_operations.closed_schemas import check_schema
from tests.elasticache_operations.global_failover.command import FAILOVER, LOST, PROMOTE, Command
from tests.elasticache_operations.global_failover.fake_elasticache import AWAY, HOME, ID, FakeElastiCache, Fault


def record_of(path: Path) -> Any:
    (line,) = path.read_text().splitlines()
    document = json.loads(line)
    check_schema("drill", document)
    return document


def test_a_failover_is_recorded_with_its_steps_and_drawn(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "drills.jsonl"
    result = command(FakeElastiCache(), *FAILOVER, "--record", str(path))
    assert result.status is Status.DONE
    data = record_of(path)
    assert (data["command"], data["id"], data["run"], data["region"]) == ("drill global-failover", ID, True, HOME)
    assert (data["result"], data["summary"]) == ("passed", "the change is complete")
    steps = [step["what"] for step in data["steps"]]
    assert [step.partition(":")[0] for step in steps][:3] == ["call", "begun", "waiting"]
    assert all(step in result.out for step in steps)
    drawn = read_timeline([str(path)]).panels()[0]
    assert [row.notes[0].parts[0] for row in drawn.groups[0].rows] == steps


@pytest.mark.parametrize(
    ("words", "interrupted", "ending"),
    [
        (PROMOTE, None, (Status.UNCONFIRMED, "refused", "--primary-is-lost")),
        (LOST, None, (Status.DONE, "passed", "the change is complete")),
        (FAILOVER, 0, (Status.INTERRUPTED, "interrupted", "nothing was changed")),
        (FAILOVER, 5, (Status.INTERRUPTED, "interrupted", "under way")),
    ],
)
def test_every_end_is_recorded(
    command: Command,
    tmp_path: Path,
    words: tuple[str, ...],
    interrupted: int | None,
    ending: tuple[Status, str, str],
) -> None:
    path, (status, result, summary) = tmp_path / "drills.jsonl", ending
    faults = {} if interrupted is None else {interrupted: Fault(KeyboardInterrupt())}
    ended = command(FakeElastiCache(faults=faults), *words, "--record", str(path))
    assert ended.status is status
    data = record_of(path)
    assert data["result"] == result
    assert summary in data["summary"]
    assert data["summary"] in ended.err or status is Status.DONE


def test_a_dry_run_is_planned(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "drills.jsonl"
    assert command(FakeElastiCache(), *FAILOVER, "--record", str(path), dry=True).status is Status.DONE
    data = record_of(path)
    assert (data["run"], data["result"], data["summary"]) == (False, "planned", "nothing was changed")
    assert [step["what"].partition(":")[0] for step in data["steps"]] == ["call", "dry run"]


def test_records_are_appended_and_none_is_written_without_the_option(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "drills.jsonl"
    for _ in range(2):
        command(FakeElastiCache(), *FAILOVER, "--record", str(path), dry=True)
    assert len(path.read_text().splitlines()) == 2
    assert command(FakeElastiCache(), *FAILOVER).status is Status.DONE
    assert command(FakeElastiCache(), "status", "--id", ID, "--region", AWAY).status is Status.DONE
    assert [each.name for each in tmp_path.iterdir()] == ["drills.jsonl"]


def test_a_file_that_cannot_be_written_is_refused_before_the_change(command: Command, tmp_path: Path) -> None:
    fake = FakeElastiCache()
    result = command(fake, *FAILOVER, "--record", str(tmp_path / "none" / "drills.jsonl"))
    assert result.status is Status.ARGUMENTS
    assert result.error.startswith("--record must be a file that can be written, got ")
    assert fake.requests == []


def test_a_record_that_cannot_be_written_at_the_end_is_an_error(command: Command) -> None:
    full = "the record was not written to /dev/full: No space left on device; keep this output"
    done = command(FakeElastiCache(), *FAILOVER, "--record", "/dev/full")
    assert (done.status, done.error) == (Status.ARGUMENTS, full)
    refused = command(FakeElastiCache(), *PROMOTE, "--record", "/dev/full")
    assert refused.status is Status.UNCONFIRMED
    assert refused.error.endswith(f"; {full}")

"""The record of a drill: its tables, its JSON line, and what is kept of a drill that fails or is interrupted."""

import argparse
import json
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from elasticache_operations.aws import Aws
from elasticache_operations.context import Context
from elasticache_operations.drills.record import Record, Result, add_options, recording
from elasticache_operations.errors import AwsError, CommandError, InputError, InterruptionError
from elasticache_operations.progress import Progress
from tests.elasticache_operations.closed_schemas import check_schema
from tests.elasticache_operations.recorded import Recorded

BEGAN = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


class Ticks:
    """A clock that advances by half a second with each reading."""

    def __init__(self) -> None:
        self.count = -1

    def __call__(self) -> datetime:
        self.count += 1
        return BEGAN + timedelta(seconds=self.count / 2)


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def context(lines: list[str]) -> Context:
    return Context(
        None, date(2026, 11, 26), offline=False, aws=Aws(create=Recorded({}).session), progress=Progress(lines.append)
    )


def words(*given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_options(parser, "call it")
    return parser.parse_args(given)


def ended(context: Context, path: Path, under_way: str, cause: Callable[[], object]) -> CommandError:
    """Run a drill that ends with an error; returns the error."""

    def drill() -> None:
        with recording("failover", words("a", "--record", str(path)), context) as record:
            record.under_way = under_way
            cause()

    with pytest.raises(CommandError) as raised:
        drill()
    return raised.value


def raising(problem: BaseException) -> Callable[[], object]:
    def cause() -> None:
        raise problem

    return cause


def documents(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_record_is_printed_and_appended(context: Context, lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "drills.jsonl"
    for _ in range(2):
        with recording("failover", words("orders", "--run", "--record", str(path)), context, Ticks()) as record:
            assert record.check("Multi-AZ", met=True, detail="enabled")
            record.step("TestFailover was called")
            record.figure("longest_write_gap_ms", "longest gap of writes", 1412.25, "ms")
            record.figure("lost_writes", "lost confirmed writes", None)
            outcome = record.end(Result.PASSED, "at most 60 s are allowed")
    assert lines == ["elasticache: TestFailover was called"] * 2
    assert (outcome.status, outcome.region) == (0, "us-east-1")
    first, second = documents(path)
    assert first == second == outcome.report.document("drill failover", date(2026, 11, 26), "us-east-1")
    check_schema("drill", first)
    assert (first["began"], first["ended"]) == ("2026-11-26T12:00:00.000Z", "2026-11-26T12:00:01.000Z")
    assert first["steps"] == [{"time": "2026-11-26T12:00:00.500Z", "what": "TestFailover was called"}]
    assert first["figures"] == {"longest_write_gap_ms": 1412.25}
    assert list(outcome.report.as_text()) == [
        "drill failover of orders",
        "check     result  detail",
        "Multi-AZ  ok      enabled",
        "time (UTC)                step",
        "2026-11-26T12:00:00.500Z  TestFailover was called",
        "figure                      value",
        "longest gap of writes  1,412.2 ms",
        "lost confirmed writes   not known",
        "passed: at most 60 s are allowed",
    ]


@pytest.mark.parametrize(
    ("result", "status"),
    [(Result.PLANNED, 0), (Result.PASSED, 0), (Result.FAILED, 1), (Result.REFUSED, 1)],
)
def test_the_exit_status(context: Context, result: Result, status: int) -> None:
    with recording("restore", words("orders"), context) as record:
        record.check("a", met=False, detail="off; turn it on")
        record.check("b", met=True, detail="on")
        assert not record.checks_are_met
        assert record.unmet == "a: off; turn it on"
        outcome = record.end(result, "so")
    assert outcome.status == status
    text = list(outcome.report.as_text())
    assert text[0] == "drill restore of orders (dry run)"
    assert [line.split()[:3] for line in text[2:4]] == [["a", "NOT", "MET"], ["b", "ok", "on"]]
    assert text[-1] == f"{result}: so"


def interrupt(number: int) -> None:
    os.kill(os.getpid(), number)
    time.sleep(5)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("under_way", ["", "the failover continues"])
def test_an_interruption_is_recorded(context: Context, tmp_path: Path, number: int, under_way: str) -> None:
    path, before = tmp_path / "drills.jsonl", signal.getsignal(signal.SIGTERM)
    problem = ended(context, path, under_way, lambda: interrupt(number))
    message = f"interrupted; {under_way or 'nothing was changed'}"
    assert isinstance(problem, InterruptionError)
    assert (str(problem), int(problem.status)) == (message, 130)
    (document,) = documents(path)
    assert (document["result"], document["summary"]) == ("interrupted", message)
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(
    ("problem", "under_way", "result"),
    [
        (AwsError("no permission", "AccessDenied"), "", "refused"),
        (InputError("not found"), "", "refused"),
        (AwsError("no permission", "AccessDenied"), "delete it", "failed"),
        (InputError("not found"), "delete it", "failed"),
        (CommandError("different"), "", "failed"),
    ],
)
def test_a_failure_is_recorded(
    context: Context, tmp_path: Path, problem: CommandError, under_way: str, result: str
) -> None:
    path = tmp_path / "drills.jsonl"
    found = ended(context, path, under_way, raising(problem))
    message = f"{problem}; {under_way}" if under_way else str(problem)
    assert (str(found), found.status, type(found)) == (message, problem.status, type(problem))
    assert getattr(found, "code", "") == getattr(problem, "code", "")
    (document,) = documents(path)
    assert (document["result"], document["summary"]) == (result, message)


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), CommandError("late")])
def test_a_failure_after_the_end_is_not_recorded_twice(
    context: Context, tmp_path: Path, problem: BaseException
) -> None:
    path = tmp_path / "drills.jsonl"

    def drill() -> None:
        with recording("failover", words("a", "--record", str(path)), context) as record:
            record.end(Result.PASSED, "done")
            raise problem

    with pytest.raises(CommandError):
        drill()
    assert [each["result"] for each in documents(path)] == ["passed"]


def test_a_file_that_cannot_be_written_is_refused_before_the_drill(context: Context, tmp_path: Path) -> None:
    with (
        pytest.raises(
            InputError, match=r"--record must be a file that can be written, got .* \(Is a directory\); correct"
        ),
        recording("failover", words("a", "--record", str(tmp_path)), context),
    ):
        pytest.fail("the drill has begun")


def test_a_record_that_cannot_be_written_at_the_end_is_a_warning(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "drills.jsonl"
    path.parent.mkdir()
    record = Record("failover", "a", context, run=True, path=path)
    path.unlink()
    path.parent.rmdir()
    outcome = record.end(Result.PASSED, "done")
    assert outcome.status == 2
    assert outcome.report.warnings == (
        f"the record was not written to {path}: No such file or directory; keep this output",
    )


def test_an_empty_id_is_refused() -> None:
    with pytest.raises(InputError, match="ID must not be empty"):
        words(" ")

"""Reading the records of a watch, which the watch's own output has written."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from elasticache_operations.errors import InputError
from elasticache_operations.picture.timeline.model import read_timeline
from elasticache_operations.picture.timeline.records import MOST, Record, is_records, read
from elasticache_operations.picture.timeline.watch import Gap, Total, Watch, watches
from tests.picture.timeline.samples import CAUSE, Json, drill, failover, gap, many, watch, write


def parsed(records: list[Json]) -> Watch:
    (only,) = watches([Record("file line 1", record) for record in records])
    return only


def test_a_watch_has_its_shards_operations_gaps_and_changes() -> None:
    found = parsed(failover())
    assert found.began == datetime(2026, 11, 27, 4, 0, 0, tzinfo=UTC)
    assert (found.seconds, found.duration, found.period_ms, found.slow_ms) == (60.0, 60.0, 20.0, 250.0)
    assert (found.complete, found.interrupted) == (True, False)
    assert [(shard.number, shard.primary, shard.replicas, shard.slots) for shard in found.shards] == [
        (1, "10.0.0.1:6379", ("10.0.0.1:6380",), ((0, 5460),)),
        (2, "10.0.0.2:6379", ("10.0.0.2:6380",), ((5461, 10921),)),
        (3, "10.0.0.3:6379", ("10.0.0.3:6380",), ((10922, 16383),)),
    ]
    assert [lane.operation for lane in found.shards[0].lanes] == ["write", "read", "replica-read"]
    assert found.gaps == [
        Gap(2, "write", 9.962, 14.0, 4038.0, CAUSE, lost=2, unconfirmed=1),
        Gap(2, "read", 9.969, 14.0, 4031.0, CAUSE),
        Gap(1, "replica-read", 31.2, 31.48, 280.0, "the answer was slow"),
    ]
    assert [(change.at, change.shard, change.operation, change.node) for change in found.changes] == [
        (14.0, 2, "write", "10.0.0.22:6379"),
        (14.0, 2, "read", "10.0.0.22:6379"),
    ]
    assert found.total("write") == Total("write", 9000, 1, 4038.0, 4038.0, 0, lost=2, unconfirmed=1)
    assert found.total("read") == Total("read", 9000, 1, 4031.0, 4031.0, 0)


def test_an_operation_that_is_not_permitted_has_its_cause() -> None:
    found = parsed(watch(2, forbidden=[(2, "write", "NOPERM no")], operations=("write", "read")))
    assert [(lane.shard, lane.operation, lane.forbidden) for lane in found.lanes] == [
        (1, "write", ""),
        (1, "read", ""),
        (2, "write", "NOPERM no"),
        (2, "read", ""),
    ]
    assert found.total("replica-read") is None


def test_a_watch_without_a_summary_is_counted_from_its_gaps() -> None:
    gaps = [
        gap(1, "write", 3.0, 3.5, lost=1, unconfirmed=2, refused=3),
        gap(2, "write", 5.0, 7.0, ended=False, unconfirmed=1),
        gap(3, "read", 4.0, 5.0),
    ]
    found = parsed(watch(3, gaps, summary=False))
    assert not found.complete
    assert found.seconds == 7.0
    assert list(found.totals) == [
        Total("write", None, 2, 2000.0, 2500.0, 1, lost=1, unconfirmed=3, refused=3),
        Total("read", None, 1, 1000.0, 1000.0, 0),
        Total("replica-read", None, 0, 0, 0, 0),
    ]


def test_a_file_can_have_several_watches_and_drills(tmp_path: Path) -> None:
    path = write(tmp_path / "all.jsonl", *failover(), drill(), *watch(1, seconds=5.0), *watch(2, summary=False))
    found = read_timeline([str(path)])
    assert [len(each.shards) for each in found.watches] == [3, 1, 2]
    assert [each.complete for each in found.watches] == [True, True, False]
    assert len(found.drills) == 1


def test_the_watch_of_500_shards_is_read() -> None:
    found = parsed(many(500, 500))
    assert len(found.shards) == 500
    assert len(found.gaps) == 1000


def test_records_are_known_by_the_suffix_or_by_the_first_line(tmp_path: Path) -> None:
    assert is_records(str(tmp_path / "none.jsonl"))
    assert is_records(str(write(tmp_path / "watch.json", *failover())))
    assert is_records(str(write(tmp_path / "drill", drill())))
    for name, text in {
        "template.json": '{"Resources": {}}',
        "list": "[1]",
        "broken": "{",
        "yaml": "Resources:\n",
        "bytes": "\xff",
    }.items():
        (tmp_path / name).write_text(text, encoding="latin-1")
        assert not is_records(str(tmp_path / name))
    assert not is_records(str(tmp_path / "none.json"))
    assert not is_records(str(tmp_path))
    assert not is_records("stack:Orders")


def test_empty_lines_are_left_out_and_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "watch.jsonl"
    path.write_text('\n{"event": "a"}\r\n\n{"event": "b"}')
    assert [record.where for record in read(str(path))] == [f"{path} line 2", f"{path} line 4"]


WRONG_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"\n\n", "must have a record in each line, got none; write it with cache-connection-test --watch 60"),
    "no JSON": (b'{"event": "start"}\nnothing\n', " line 2: must be one JSON object, got 'nothing'; remove the line"),
    "a list": (b"[]\n", " line 1: must be one JSON object, got '[]'; remove the line if the recording was stopped"),
    "cut": (b'{"event": "sta', ' line 1: must be one JSON object, got \'{"event": "sta\'; remove the line'),
    "long": (b"x" * 100, f" line 1: must be one JSON object, got '{'x' * 60}...'; remove the line"),
    "deep": (b"[" * 100_000, " line 1: must be one JSON object, got '"),
    "bytes": (b"\xff\xfe", ": must be text in UTF-8, got other bytes; write the file again"),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_file_without_records_is_refused(tmp_path: Path, name: str) -> None:
    content, message = WRONG_FILES[name]
    path = tmp_path / "watch.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_timeline([str(path)])
    assert str(error.value).startswith(str(path))
    assert message in str(error.value)


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be a readable file, got No such file or directory; check the path"):
        read(str(tmp_path / "none.jsonl"))
    large = tmp_path / "large.jsonl"
    for size in (MOST, MOST + 1):
        with large.open("wb") as file:
            file.truncate(size)
        with pytest.raises(InputError) as error:
            read(str(large))
        assert ("must be at most 64 MiB, got more" in str(error.value)) == (size > MOST)


def altered(event: str, /, **values: Any) -> list[Json]:
    """The records of a failover with other values in the first record of an event; None removes a property."""
    records = failover()
    first = next(record for record in records if record["event"] == event)
    first.update(values)
    for name in [name for name, value in values.items() if value is None]:
        del first[name]
    return records


WRONG: dict[str, tuple[list[Json], str]] = {
    "event": (altered("gap", event="pause"), "event must be one of node, start, not-permitted, gap, summary, got 'p"),
    "no event": (altered("gap", event=None), "event must be text, got None; write the file again with the command"),
    "no start": (
        altered("start", event="node", shard=1, operation="write", node="x"),
        "a watch begins here without a record of",
    ),
    "shard": (altered("gap", shard="two"), "shard must be a whole number from 0 on, got 'two'"),
    "negative": (altered("gap", shard=-1), "shard must be a whole number from 0 on, got -1"),
    "truth": (altered("gap", shard=True), "shard must be a whole number from 0 on, got True"),
    "operation": (altered("gap", operation="scan"), "operation must be one of write, read, replica-read, got 'scan'"),
    "start of a gap": (altered("gap", start="early"), "start must be a number, got 'early'"),
    "true as a number": (altered("gap", start=True), "start must be a number, got True"),
    "not a number": (altered("gap", start=float("nan")), "start must be a number, got nan"),
    "end of a gap": (altered("gap", end=9.961), "end must be at least start, 9.962, got 9.961"),
    "cause": (altered("gap", cause=7), "cause must be text, got 7"),
    "ended": (altered("gap", ended="yes"), "ended must be true or false, got 'yes'"),
    "lost": (altered("gap", lost=-2), "lost must be a whole number from 0 on, got -2"),
    "time": (altered("start", time="soon"), "time must be a time like 2026-11-27T04:00:00+00:00, got 'soon'"),
    "local time": (altered("start", time="2026-11-27T04:00:00"), "time must be a time like 2026-11-27T04:00:00+00:00"),
    "shards": (altered("start", shards="all"), "shards must be a list, got 'all'"),
    "shard of shards": (altered("start", shards=[1]), "shards must be a list of objects, got [1]"),
    "slots": (
        altered("start", shards=[{"shard": 1, "slots": [[1]]}]),
        "shards[0]: slots must be a list of first and last",
    ),
    "replicas": (
        altered("start", shards=[{"shard": 1, "replicas": [1]}]),
        "shards[0]: replicas must be a list of nodes",
    ),
    "duration": (altered("start", duration=None), "duration must be a number, got None"),
    "node": (
        altered("summary", totals=[{"operation": "write"}]),
        "totals[0]: answered must be a whole number from 0 on",
    ),
    "long": (altered("gap", shard="x" * 99), f"shard must be a whole number from 0 on, got '{'x' * 59}...; write"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_record_that_is_not_as_documented_is_refused(tmp_path: Path, name: str) -> None:
    records, message = WRONG[name]
    path = tmp_path / "watch.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    with pytest.raises(InputError) as error:
        read_timeline([str(path)])
    assert str(error.value).startswith(f"{path} line ")
    assert message in str(error.value)


def test_gaps_are_in_the_order_of_their_beginnings() -> None:
    found = parsed(watch(1, [gap(1, "read", 5, 6), gap(1, "write", 1, 9, lost=0), gap(1, "replica-read", 5, 7)]))
    assert [(each.start, each.operation) for each in found.gaps] == [(1, "write"), (5, "read"), (5, "replica-read")]


def test_the_length_is_that_of_the_summary() -> None:
    assert parsed(altered("summary", watched=59.5)).seconds == 59.5
    assert parsed(altered("summary", watched=0)).seconds == 0.001


def test_a_gap_of_no_length_is_a_gap() -> None:
    (found,) = parsed(altered("gap", end=9.962)).gaps[:1]
    assert found.start == found.end == 9.962


def test_properties_that_may_be_absent_have_defaults() -> None:
    found = parsed(altered("gap", ended=None, lost=None, unconfirmed=None, refused=None))
    assert (found.gaps[0].ended, found.gaps[0].lost, found.gaps[0].unconfirmed, found.gaps[0].refused) == (
        True,
        None,
        0,
        0,
    )
    assert parsed(altered("summary", interrupted=None)).interrupted is False
    assert parsed(watch(1, interrupted=True)).interrupted is True

"""Reading the record of a drill."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from elasticache_operations.errors import InputError
from elasticache_operations.picture.timeline.drill import drill as parsed
from elasticache_operations.picture.timeline.drill import figure
from elasticache_operations.picture.timeline.model import read_timeline
from elasticache_operations.picture.timeline.records import Record
from tests.elasticache_operations.closed_schemas import check_schema
from tests.picture.timeline.samples import SAMPLES, drill, failover, write


def test_the_records_of_these_tests_are_as_the_schema_describes() -> None:
    """The schema of drills describes the record of the watch as well, which the watch's own output has written here."""
    for records in SAMPLES.values():
        check_schema("drill", drill(watch=[record for record in records() if "event" in record], figures={}))


def test_a_drill_has_its_checks_steps_and_figures() -> None:
    found = parsed(Record("file line 1", drill()))
    assert (found.name, found.id, found.run, found.result) == ("failover", "orders", True, "passed")
    assert found.began == datetime(2026, 11, 27, 3, 59, 58, tzinfo=UTC)
    assert found.seconds == 47.5
    assert [(check.name, check.met, check.detail) for check in found.checks] == [
        ("Multi-AZ", True, "enabled"),
        ("automatic failover", True, "enabled"),
    ]
    assert [step.at for step in found.steps] == [0.2, 11.9, 42.0]
    assert found.steps[1].what == "TestFailover was called for shard 0002"
    assert found.figures["lost_writes"] == 2


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("longest_write_gap_ms", 4038.5, ("longest write gap", "4,038.5 ms")),
        ("cost_usd", 1, ("cost", "1 usd")),
        ("lost_writes", 1200, ("lost writes", "1,200")),
        ("ms", 3, ("ms", "3")),
        ("reconnected", True, ("reconnected", "yes")),
        ("reconnected", False, ("reconnected", "no")),
        ("snapshot_name", "a_b", ("snapshot name", "a_b")),
    ],
)
def test_a_figure_is_written_with_its_unit(name: str, value: Any, words: tuple[str, str]) -> None:
    assert figure(name, value) == words


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"run": "yes"}, "run must be true or false, got 'yes'"),
        ({"drill": 3}, "drill must be text, got 3"),
        ({"ended": "2026-11-27T03:59:57.999Z"}, "ended must be not before began, 2026-11-27T03:59:58.000Z, got '2026-"),
        ({"steps": [{"time": "now", "what": "x"}]}, "steps[0]: time must be a time like"),
        ({"checks": [{"name": "x"}]}, "checks[0]: met must be true or false, got None"),
        ({"figures": [1]}, "figures must be an object of texts and numbers, got [1]"),
        ({"figures": {"a": [1]}}, "figures must be an object of texts and numbers"),
    ],
)
def test_a_record_that_is_not_as_documented_is_refused(tmp_path: Path, more: dict[str, Any], message: str) -> None:
    path = write(tmp_path / "drill.jsonl", drill(**more))
    with pytest.raises(InputError) as error:
        read_timeline([str(path)])
    assert str(error.value).startswith(f"{path} line 1")
    assert message in str(error.value)


def test_a_drill_of_no_length_is_a_drill() -> None:
    assert parsed(Record("x", drill(ended=drill()["began"]))).seconds == 0.001


def test_the_watch_of_a_drill_is_drawn_with_it(tmp_path: Path) -> None:
    path = write(tmp_path / "drill.jsonl", drill(watch=failover()), drill(watch=[]), drill())
    found = read_timeline([str(path)])
    assert len(found.drills) == 3
    assert [len(watch.gaps) for watch in found.watches] == [3]
    assert [panel.title for panel in found.panels()][-1] == "Watch of 3 shards"
    for wrong, message in (
        (drill(watch=[1]), "line 1: watch must be a list of objects, got [1]"),
        (drill(watch=[{"event": "gap"}]), "line 1, watch[0]: a watch begins here without a record of the event start"),
    ):
        with pytest.raises(InputError) as error:
            read_timeline([str(write(path, wrong))])
        assert message in str(error.value)

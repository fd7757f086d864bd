"""The records and lines that the watch writes."""

import json

import pytest
from connection_test import watch_records
from connection_test.watch_records import Gap, Output
from connection_test.watch_routes import READ, REPLICA_READ, WRITE


class TestRecords:
    def test_a_gap_as_a_record(self, capsys: pytest.CaptureFixture[str]) -> None:
        output = Output("json")
        start = output.began + 1
        output.gap(Gap(2, WRITE, start, start + 0.5, "cause", lost=3, unconfirmed=1, refused=4))
        output.gap(Gap(2, READ, start, start + 0.25, "cause", ended=False))
        records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        known = {"event": "gap", "shard": 2, "start": 1.0, "cause": "cause"}
        rest = [{key: value for key, value in each.items() if key not in {"time", "seconds"}} for each in records]
        writes = {"lost": 3, "unconfirmed": 1, "refused": 4}
        assert rest == [
            {**known, "operation": "write", "end": 1.5, "milliseconds": 500.0, "ended": True, **writes},
            {**known, "operation": "read", "end": 1.25, "milliseconds": 250.0, "ended": False},
        ]

    @pytest.mark.parametrize(
        ("gap", "line"),
        [
            (
                Gap(2, WRITE, 1, 1.5, "why", lost=1, unconfirmed=1),
                "writes on shard 2: no answer for 500 ms, 1 confirmed write lost (1 unconfirmed; why)",
            ),
            (
                Gap(1, WRITE, 1, 2, "why", ended=False),
                "writes on shard 1: no answer for 1000 ms until the end of the watch (0 unconfirmed; why)",
            ),
            (Gap(3, REPLICA_READ, 1, 2, "why"), "replica reads on shard 3: no answer for 1000 ms (why)"),
        ],
    )
    def test_a_gap_as_a_line(self, gap: Gap, line: str) -> None:
        assert watch_records._line_of(gap) == line

    def test_nothing_follows_the_summary(self, capsys: pytest.CaptureFixture[str]) -> None:
        output = Output("text")
        output.emit("summary", "the summary")
        output.gap(Gap(1, READ, 1, 2, "late"))
        assert capsys.readouterr().out == "the summary\n"

    def test_totals(self) -> None:
        one, two = watch_records.Total(WRITE, 1), watch_records.Total(WRITE, 2)
        one.add(Gap(1, WRITE, 0, 1, "x", lost=2))
        two.add(Gap(2, WRITE, 0, 3, "x", ended=False))
        one.answered, two.answered, two.unconfirmed, two.refused = 5, 6, 1, 2
        both = watch_records.Total(WRITE)
        both.merge(two)
        both.merge(one)
        assert both.as_dict() == {
            **{"operation": "write", "answered": 11, "gaps": 2, "longest_ms": 3000, "gaps_ms": 4000, "open": 1},
            **{"lost": 2, "unconfirmed": 1, "refused": 2},
        }
        line = "11 writes, 2 gaps, the longest 3000 ms, 2 confirmed writes lost, 1 unconfirmed"
        assert watch_records.total_line(both) == f"{line}, 1 without an answer at the end"

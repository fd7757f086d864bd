"""The exact texts of the report and of its signal to CloudFormation."""

import json

import pytest
from connection_test import redaction, report, verdict
from connection_test.report import EXIT_CODES, FAIL, PASS, SKIP, WARN, Report, StageResult


class TestReport:
    def test_the_verdict_and_the_exit_code(self) -> None:
        for statuses, expected, code in (
            ([PASS, SKIP], PASS, 0),
            ([PASS, WARN], WARN, 0),
            ([WARN, FAIL], FAIL, EXIT_CODES["dns"]),
        ):
            stages = [StageResult("dns", status, cause="c", action="a") for status in statuses]
            made = Report("t", stages)
            assert (made.verdict, made.exit_code) == (expected, code)
        assert list(EXIT_CODES.values()) == list(range(10, 26))

    def test_the_summary(self) -> None:
        assert Report("t").summary == (
            "PASS: engine of unknown version, cluster mode unknown, shards ?, replicas read 0"
        )
        assert Report("t", facts={"nodes": 2, "engine": "memcached", "engine_version": "1.6"}).summary == (
            "PASS: memcached 1.6, nodes 2"
        )
        numbers = {"p50": 1, "p95": 2, "p99": 3}
        facts = {
            "engine": "valkey",
            "engine_version": "8.0",
            "cluster_mode": "enabled",
            "shards": 3,
            "replicas_read": 6,
            "arrival_ms": 7,
            "latency_ms": numbers,
            "database": {"engine": "postgres", "version": "17", "query_ms": {"p50": 4}},
        }
        stages = [StageResult("dns", WARN), StageResult("clock", WARN)]
        assert Report("t", stages, facts).summary == (
            "WARN: valkey 8.0, cluster mode enabled, shards 3, replicas read 6, "
            "a write of the primary region arrived after 7 ms, latency p50 1 ms p95 2 ms p99 3 ms, "
            "database postgres 17 query p50 4 ms, warnings at dns and clock"
        )
        redaction.keep("secret")
        failed = Report("t", [StageResult("dns", FAIL, cause="secret word", action="fix")])
        assert failed.summary == "FAIL at dns: *** word; next: fix"
        assert failed.as_json().startswith('{\n  "verdict": "FAIL",')
        document = json.loads(failed.as_json())
        assert document["stages"] == [
            {"stage": "dns", "status": "FAIL", "cause": "*** word", "action": "fix", "milliseconds": 0.0}
        ]

    def test_the_lines_of_a_stage(self) -> None:
        assert report.stage_lines(StageResult("dns", PASS, "two addresses")) == ["PASS dns       two addresses"]
        assert report.stage_lines(StageResult("dns", PASS)) == ["PASS dns"]
        assert report.stage_lines(StageResult("dns", FAIL, cause="gone", action="wait")) == [
            "FAIL dns       gone",
            "     next:  wait",
        ]
        assert report.stage_lines(StageResult("dns", WARN, "slow", cause="far", action="move")) == [
            "WARN dns       slow",
            "     cause: far",
            "     next:  move",
        ]


class TestSignal:
    @pytest.mark.parametrize(("length", "ending"), [(899, "x"), (900, "x"), (901, "x...")])
    def test_it_has_at_most_900_characters(self, length: int, ending: str) -> None:
        data = json.loads(verdict.signal_document("SUCCESS", "x" * length))["Data"]
        assert len(data) == min(length, 900)
        assert data.endswith(ending)
        assert data.count(".") == (3 if length > 900 else 0)

    def test_its_text_needs_no_escapes(self) -> None:
        document = verdict.signal_document("FAILURE", 'a "b" \\ c\n\x07 \u00e9')
        assert json.loads(document) == {
            "Status": "FAILURE",
            "Reason": "a 'b' / c ?",
            "UniqueId": "connection-test",
            "Data": "a 'b' / c ?",
        }

    @pytest.mark.parametrize(
        ("status", "on_failure", "expected"),
        [(FAIL, "fail", "FAILURE"), (FAIL, "report", "SUCCESS"), (WARN, "fail", "SUCCESS"), (PASS, "fail", "SUCCESS")],
    )
    def test_a_failure_fails_the_stack_where_that_is_wanted(self, status: str, on_failure: str, expected: str) -> None:
        made = Report("t", [StageResult("dns", status, cause="c", action="a")])
        document = json.loads(verdict.signal_of(made, on_failure))
        assert document["Status"] == expected
        assert document["Data"] == document["Reason"] == made.summary

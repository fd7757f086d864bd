"""The report: its verdict, its secrets, and its signal."""

import json

from connection_test import redaction, verdict
from connection_test.report import EXIT_CODES, FAIL, PASS, WARN, Report, StageResult
from hypothesis import given
from hypothesis import strategies as st


class TestReport:
    def _report(self, *results: StageResult) -> Report:
        return Report("title", list(results), {"engine": "redis", "engine_version": "7.1.0"})

    def test_the_first_failure_is_the_verdict(self) -> None:
        report = self._report(StageResult("dns", PASS), StageResult("tcp", FAIL, "", "c", "cause", "action"))
        assert report.verdict == FAIL
        assert report.exit_code == EXIT_CODES["tcp"] == 13
        assert report.summary == "FAIL at tcp: cause; next: action"

    def test_secrets_are_removed_from_every_form(self) -> None:
        redaction.keep("s3cret")
        report = self._report(StageResult("auth", FAIL, "", "c", "said s3cret", "a s3cret"))
        for text in (report.summary, report.as_json()):
            assert "s3cret" not in text
            assert "***" in text

    def test_signal_fails_the_stack_or_reports(self) -> None:
        failed = self._report(StageResult("tcp", FAIL, "", "c", 'no "way"\nat all', "a\\b"))
        document = json.loads(verdict.signal_of(failed, "fail"))
        assert document["Status"] == "FAILURE"
        assert document["Reason"] == "FAIL at tcp: no 'way' at all; next: a/b"
        assert json.loads(verdict.signal_of(failed, "report"))["Status"] == "SUCCESS"
        assert json.loads(verdict.signal_of(self._report(StageResult("tcp", WARN)), "fail"))["Status"] == "SUCCESS"

    @given(st.text(max_size=2000))
    def test_the_text_can_be_extracted_from_the_signals_data(self, text: str) -> None:
        """The template splits the JSON at its quotes, and uses the fourth part."""
        data = json.loads(verdict.signal_document("SUCCESS", text))["Data"]
        attribute = json.dumps({"connection-test": data}, separators=(",", ":"))
        assert attribute.split('"')[3] == data
        assert len(data) <= 900

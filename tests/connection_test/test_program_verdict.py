"""The verdict of a program that the instance runs in place of the connection test."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from connection_test import program_verdict, verdict


class TestProgram:
    LOG = "read /var/log/cloud-init-output.log, or the console output; demo runs it again on the instance"

    def run(
        self, folder: Path, *, line: str | None = "done", on_failure: str = "fail", **changes: Any
    ) -> tuple[str, ...]:
        summary, signal = folder / "summary", folder / "signal"
        if line is not None:
            summary.write_text(line)
        signal.write_text(verdict.signal_document("SUCCESS", "PASS: redis"))
        settings = {"fetched": 0, "status": 0, "said": "", "place": "s3://b/k", "seconds": 90, **changes}
        arguments = argparse.Namespace(
            name="demo", summary=str(summary), signal=str(signal), on_failure=on_failure, **settings
        )
        document, succeeded = program_verdict.complete(arguments)
        parsed = json.loads(document)
        assert succeeded is not parsed["Data"].startswith("FAIL")
        return parsed["Status"], parsed["Data"]

    def test_a_program_that_succeeds(self, tmp_path: Path) -> None:
        assert self.run(tmp_path, line="done in 3 s\nmore") == ("SUCCESS", "PASS: redis; demo: done in 3 s")

    @pytest.mark.parametrize("fetched", [124, 137])
    def test_a_fetch_that_does_not_end(self, fetched: int, tmp_path: Path) -> None:
        status, data = self.run(tmp_path, fetched=fetched)
        assert status == "FAILURE"
        assert data.startswith(
            "FAIL at demo: s3://b/k did not answer within 60 s, and demo was not fetched; next: check"
        )

    @pytest.mark.parametrize(
        ("fetched", "said", "shown"),
        [(1, "", "exit status 1"), (123, "Access Denied\nmore", "Access Denied"), (138, "x" * 201, "x" * 200)],
    )
    def test_a_fetch_that_fails(self, fetched: int, said: str, shown: str, tmp_path: Path) -> None:
        _, data = self.run(tmp_path, fetched=fetched, said=said)
        assert data.startswith(f"FAIL at demo: demo could not be read from s3://b/k: {shown}; next: give the role")

    @pytest.mark.parametrize("status", [124, 137])
    def test_a_program_that_does_not_end(self, status: int, tmp_path: Path) -> None:
        _, data = self.run(tmp_path, status=status)
        assert data == (f"FAIL at demo: it did not end within 90 s; next: raise the program's timeout, or {self.LOG}")

    @pytest.mark.parametrize("status", [-1, 3, 123, 125, 136, 138])
    def test_a_program_that_crashes(self, status: int, tmp_path: Path) -> None:
        _, data = self.run(tmp_path, status=status, line="half")
        assert data == f"FAIL at demo: it crashed with exit status {status}, after: half; next: {self.LOG}"
        (tmp_path / "summary").unlink()
        _, data = self.run(tmp_path, status=status, line=None)
        assert data == f"FAIL at demo: it crashed with exit status {status}; next: {self.LOG}"

    @pytest.mark.parametrize("status", [0, 1, 2])
    def test_a_program_without_a_summary(self, status: int, tmp_path: Path) -> None:
        _, data = self.run(tmp_path, status=status, line="")
        assert data == f"FAIL at demo: it ended with exit status {status} and wrote no summary; next: {self.LOG}"

    @pytest.mark.parametrize("status", [1, 2])
    @pytest.mark.parametrize(("on_failure", "signal"), [("fail", "FAILURE"), ("report", "SUCCESS")])
    def test_a_program_that_reports_a_failure(self, status: int, on_failure: str, signal: str, tmp_path: Path) -> None:
        assert self.run(tmp_path, status=status, line="stale", on_failure=on_failure) == (signal, "FAIL at demo: stale")

    @pytest.mark.parametrize(("length", "kept"), [(440, 440), (441, 440)])
    def test_a_long_summary_is_cut(self, length: int, kept: int, tmp_path: Path) -> None:
        _, data = self.run(tmp_path, line="x" * length)
        assert data == f"PASS: redis; demo: {'x' * kept}"

    def test_the_command_ends_with_0_or_3(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "summary").write_text("done")
        (tmp_path / "signal").write_text(verdict.signal_document("SUCCESS", "PASS"))
        words = ["--name", "demo", "--said", "", "--place", "p", "--summary", f"{tmp_path}/summary"]
        words += ["--signal", f"{tmp_path}/signal", "--on-failure", "fail", "--fetched", "0", "--seconds", "9"]
        assert program_verdict.main([*words, "--status", "0"]) == 0
        assert program_verdict.main([*words, "--status", "1"]) == 3
        assert capsys.readouterr().out.count("\n") == 2

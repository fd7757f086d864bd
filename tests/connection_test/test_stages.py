"""The list of stages, and the run of one after the other."""

import re
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from connection_test import config, options, runner
from connection_test.context import Context
from connection_test.report import EXIT_CODES, FAIL, PASS, Report
from connection_test.stages import STAGES

from tests.conftest import ROOT
from tests.connection_test.stage_fakes import ENDPOINT


def test_the_time_limit_between_two_stages_fails_the_next_stage() -> None:
    """The alarm rings while the result of a stage is printed."""
    settings = config.Config(endpoints=[ENDPOINT], time_limit=0.05)
    report = runner.run(settings, lambda result: time.sleep(0.1 if result.stage == "config" else 0))
    assert report.failed is not None
    assert (report.failed.stage, report.failed.code) == ("clock", "time-limit")
    assert report.stages[0].status == PASS
    assert len(report.stages) == len(STAGES)


class TestStages:
    def test_exit_codes_do_not_change(self) -> None:
        """Programs depend on these: give a new stage a new number, and do not change the others."""
        assert {stage.name: stage.exit_code for stage in STAGES} == EXIT_CODES
        known = ("config", "clock", "dns", "tcp", "tls", "auth", "ping", "topology", "data", "replicas", "latency")
        database = ("db-dns", "db-tcp", "db-tls", "db-auth", "db-query")
        assert [EXIT_CODES[name] for name in known + database] == list(range(10, 26))
        assert len(set(EXIT_CODES.values())) == len(STAGES)

    def test_the_help_and_the_readme_list_the_stages(self) -> None:
        epilog = options.parser().epilog
        for stage in STAGES:
            assert f"{stage.exit_code} {stage.name}" in str(epilog)
        table = (ROOT / "docs" / "connection-test.md").read_text()
        table = table.split("| stage | problems that it distinguishes |")[1].split("\n\n")[0]
        assert re.findall(r"^\| (\w[\w-]*) \|", table, re.MULTILINE) == [stage.name for stage in STAGES]

    def test_each_kind_of_cache_has_its_own_steps(self) -> None:
        """A new stage must define its step for every kind of cache, or None."""
        kinds: dict[str, dict[str, Any]] = {
            "redis": {},
            "memcached": {"engine": "memcached"},
            "secondary": {"global_role": "secondary"},
        }
        for kind, settings in kinds.items():
            steps = [stage.step(config.Config([ENDPOINT], **settings)) for stage in STAGES]
            assert steps == [getattr(stage, kind) for stage in STAGES]
        assert [stage.name for stage in STAGES if stage.memcached is None] == ["auth", "replicas"]


def test_a_crash_of_the_test_is_a_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: Context) -> str:
        raise RuntimeError("boom")

    crashing = [replace(stage, redis=crash) if stage.name == "dns" else stage for stage in STAGES]
    monkeypatch.setattr(runner, "STAGES", crashing)
    report = runner.run(config.Config([ENDPOINT]))
    assert report.failed is not None
    assert (report.failed.code, report.failed.cause) == (
        "crash",
        "the test itself failed: RuntimeError: boom",
    )


def test_the_test_runs_outside_the_main_thread() -> None:
    reports: list[Report] = []
    thread = threading.Thread(target=lambda: reports.append(runner.run(config.Config([]))))
    thread.start()
    thread.join()
    assert reports[0].verdict == FAIL

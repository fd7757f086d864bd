"""An optional cache in front of a database: its failures are warnings, and the stages of the database decide."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from connection_test import runner
from connection_test.config import Config, Endpoint, from_json
from connection_test.context import Context
from connection_test.database import Database
from connection_test.report import FAIL, PASS, SKIP, WARN, Report, StageFailure
from connection_test.stages import CACHE_STAGES, STAGES, Stage

from tests.cache_servers import free_port
from tests.connection_test.database_behind import Behind, allowed, behind, check_no_secret
from tests.connection_test.probe import Outcome, run, to
from tests.connection_test.test_faults import silent_port

__all__ = ["allowed", "behind"]
OPTIONAL = "--cache-optional"
DATABASE_STAGES = ("db-dns", "db-tcp", "db-tls", "db-auth", "db-query")


@contextmanager
def gone() -> Iterator[list[str]]:
    yield ["--host=127.0.0.1", f"--port={free_port()}"]


@contextmanager
def dropped() -> Iterator[list[str]]:
    with silent_port() as port:
        yield ["--host=127.0.0.1", f"--port={port}"]


@contextmanager
def unknown() -> Iterator[list[str]]:
    yield ["--host=..cache.amazonaws.com"]


@contextmanager
def refused() -> Iterator[list[str]]:
    yield ["--authentication=password", "--user=nobody"]


FAULTS = [
    (unknown, "dns", "name-not-found", 12),
    (gone, "tcp", "connection-refused", 13),
    (dropped, "tcp", "connection-dropped", 13),
    (refused, "auth", "wrong-credentials", 15),
]


@pytest.mark.servers
@pytest.mark.parametrize(("fault", "stage", "code", "status"), FAULTS, ids=[fault[0].__name__ for fault in FAULTS])
def test_the_failure_is_a_warning_and_the_database_is_tested(
    behind: Behind, fault: Callable[[], Iterator[list[str]]], stage: str, code: str, status: int
) -> None:
    with fault() as words:  # type: ignore[attr-defined]
        needed = behind.run(*words, environment={"CACHE_PASSWORD": "no-password-of-it"})
        outcome = behind.run(*words, OPTIONAL, environment={"CACHE_PASSWORD": "no-password-of-it"})
    assert needed.status == status, needed.output
    assert {needed.stage(name)["status"] for name in DATABASE_STAGES} == {SKIP}
    assert outcome.status == 0, outcome.output
    lost = outcome.stage(stage)
    assert lost == {**needed.failed, "status": WARN, "milliseconds": lost["milliseconds"]}
    assert lost["code"] == code
    skipped = [result for result in outcome.report["stages"] if result.get("detail") == f"not reached, {stage} failed"]
    names = [result.name for result in STAGES if result.name in CACHE_STAGES]
    assert [result["stage"] for result in skipped] == names[names.index(stage) + 1 :]
    assert {outcome.stage(name)["status"] for name in DATABASE_STAGES} == {PASS}
    facts = outcome.report
    assert (facts["verdict"], facts["without_cache"]) == ("WARN", stage)
    assert facts["summary"].startswith(
        f"WARN at {stage}, the cache is optional: {lost['cause']}; next: {lost['action']}; database postgres "
    )
    check_no_secret(outcome)


@pytest.mark.servers
def test_the_text_has_the_warning(behind: Behind) -> None:
    with gone() as words:
        outcome = behind.run(*words, OPTIONAL, form="text")
    assert "\nWARN tcp " in outcome.output
    assert "\nverdict: WARN at tcp, the cache is optional: 127.0.0.1:" in outcome.output


@pytest.mark.servers
def test_a_cache_that_works_is_tested_in_full(behind: Behind) -> None:
    outcome = behind.run(OPTIONAL)
    assert outcome.status == 0, outcome.output
    assert "without_cache" not in outcome.report
    assert outcome.stage("latency")["status"] == PASS
    assert "optional" not in outcome.report["summary"]


@pytest.mark.servers
def test_the_database_is_not_optional(behind: Behind) -> None:
    with gone() as words:
        outcome = behind.run(*words, OPTIONAL, f"--db-port={free_port()}", host="127.0.0.1")
    assert outcome.status == 22, outcome.output
    assert outcome.failed["stage"] == "db-tcp"
    assert outcome.report["summary"].startswith("FAIL at db-tcp: ")


@pytest.mark.servers
def test_a_database_is_required(behind: Behind) -> None:
    outcome = run(*to(behind.cache), OPTIONAL)
    check_configuration(outcome)


def check_configuration(outcome: Outcome) -> None:
    assert outcome.status == 10, outcome.output
    assert outcome.failed["cause"] == "the cache is optional only in front of a database, and none is configured"
    assert outcome.failed["action"] == "configure the database, or leave cache_optional out"


@pytest.mark.servers
def test_the_setting_of_the_configuration_file(behind: Behind, tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    endpoint = {"role": "primary", "host": "127.0.0.1", "port": free_port()}
    file.write_text(json.dumps({"endpoints": [endpoint], "tls": False, "cache_optional": True}))
    assert from_json(file.read_text())["cache_optional"] is True
    check_configuration(run(f"--config={file}"))


def report_of(monkeypatch: pytest.MonkeyPatch, failing: str, failure: Exception) -> Report:
    """The report where one stage fails, all others pass, and the cache is optional."""

    def step(name: str) -> Callable[[Context], str]:
        def body(_context: Context) -> str:
            if name == failing:
                raise failure
            return "done"

        return body

    names = [stage.name for stage in STAGES]
    monkeypatch.setattr(runner, "STAGES", [Stage(name, step(name), None, None) for name in names])
    database = Database(host="database", port=5432, name="shop", user="user", region="us-east-1")
    return runner.run(Config([Endpoint("primary", "cache", 6379)], database=database, cache_optional=True))


@pytest.mark.parametrize("stage", [stage.name for stage in STAGES])
def test_only_stages_of_the_cache_are_optional(monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    of_cache = stage not in ("config", "clock", *DATABASE_STAGES)
    report = report_of(monkeypatch, stage, StageFailure("code", "cause", "action"))
    assert report.verdict == (WARN if of_cache else FAIL)
    assert (stage in CACHE_STAGES) is of_cache


@pytest.mark.parametrize("failure", [RuntimeError("defect"), StageFailure("time-limit", "cause", "action")])
def test_a_failure_of_the_test_itself_is_no_warning(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    report = report_of(monkeypatch, "tcp", failure)
    assert report.verdict == FAIL
    assert report.failed is not None
    assert report.failed.stage == "tcp"

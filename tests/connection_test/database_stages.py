"""Runs the database's stages against a fake PostgreSQL."""

import ssl
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from connection_test import config, database_session, runner, stage_database
from connection_test import database as databases
from connection_test.report import Report
from connection_test.stages import STAGES

from tests.connection_test.fake_postgres import HOST, Script, fake, received

DATABASE = databases.Database(host=HOST, port=5433, name="shop", user="admin", region="us-east-1")
ENDPOINT = config.Endpoint("primary", "cache.example", 6379)
FOUND = ("17.4", "t", "TLSv1.3", "admin", "f")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Short time limits, credentials of the environment; and the pauses, which do not take their time."""
    pauses: list[float] = []
    monkeypatch.setattr("connection_test.context.time.sleep", pauses.append)
    monkeypatch.setattr(database_session, "ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(stage_database, "_MEASURE_SECONDS", 0.2)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s" * 40)
    return pauses


def run_at(port: int, ca_file: Path, **options: Any) -> Report:
    """The database's stages alone."""
    behind = replace(DATABASE, port=port, ca_file=str(ca_file), **options.pop("changes", {}))
    result = config.Config(
        [ENDPOINT], database=behind, connect_to={f"{behind.host}:{port}": ("127.0.0.1", port)}, **options
    )
    stages = [stage for stage in STAGES if stage.name.startswith("db-")]
    with mock.patch.object(runner, "STAGES", stages):
        return runner.run(result)


def failure(folder: Path, script: Script, **options: Any) -> tuple[str, str, str]:
    """Stage, code and cause of the failure; and nothing of the token or of the server's text is reported."""
    server = {key: options.pop(key) for key in ("answer", "authority", "not_after", "not_before") if key in options}
    with fake(folder, script, **server) as (port, ca_file):
        report = run_at(port, ca_file, **options)
    assert report.failed is not None
    for text in (report.as_json(), report.summary, report.failed.cause, report.failed.action):
        assert "X-Amz-" not in text
        assert "hostile" not in text
    return report.failed.stage, report.failed.code, report.failed.cause


def after_start(*answers: bytes) -> Script:
    """Take the start of a session, and answer to each message of the client."""

    def script(sock: ssl.SSLSocket) -> None:
        received(sock, first=True)
        for number, answer in enumerate(answers):
            if number:
                received(sock)
            sock.sendall(answer)

    return script


def server_pause(seconds: float) -> None:
    """A pause of the server, while those of the test take no time."""
    threading.Event().wait(seconds)

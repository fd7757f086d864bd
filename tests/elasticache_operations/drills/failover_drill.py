"""Runs `elasticache drill failover` with recorded answers, and a watch that is a real program."""

import json
from pathlib import Path
from typing import Any

import pytest

from elasticache_operations.drills import run_command
from elasticache_operations.drills.failover import drill
from tests.elasticache_operations.closed_schemas import check_schema
from tests.elasticache_operations.drills.failing_over import FailingOver
from tests.elasticache_operations.drills.watching_client import Client
from tests.elasticache_operations.recorded import Recorded
from tests.elasticache_operations.run import Elasticache, Result

CALL = ("elasticache", "TestFailover")


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for shorter times; `test_the_client_is_steady_for_a_second` has the real one."""
    for name, seconds in (
        ("LOST_TIMEOUT", 0.1),
        ("STEADY", 0.1),
        ("STEADY_TIMEOUT", 5.0),
        ("SETTLE", 5.0),
        ("_QUICK", 0.02),
        ("_POLL", 0.02),
    ):
        monkeypatch.setattr(drill, name, seconds)
    monkeypatch.setattr(run_command, "_POLL", 0.01)


def run(elasticache: Elasticache, aws: FailingOver | Recorded, *words: str) -> Result:
    recorded = aws.recorded() if isinstance(aws, FailingOver) else aws
    return elasticache("drill", "failover", "orders", "--run", *words, aws=recorded)


def watch(client: Client) -> tuple[str, str]:
    return ("--watch-command", client.command)


def record_of(path: Path) -> Any:
    (line,) = path.read_text().splitlines()
    document = json.loads(line)
    check_schema("drill", document)
    return document

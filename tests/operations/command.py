"""Runs the command on a fake ElastiCache, with the clock of the fake."""

from dataclasses import dataclass
from typing import Any

import pytest

from operations import global_failover
from tests.operations.fake_elasticache import AWAY, GROUP_IDS, HOME, ID, FakeElastiCache

FAILOVER = ("failover", "--id", ID, "--region", HOME, "--to", AWAY)
PROMOTE = ("promote", "--id", ID, "--region", AWAY)
LOST = (*PROMOTE, "--primary-is-lost")
NAMED = (*LOST, "--replication-group-id", GROUP_IDS[AWAY])


@dataclass(frozen=True, slots=True)
class Result:
    """The output and the exit status of the command."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The error message without the name of the command."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("global_failover: ")
        return lines[0].removeprefix("global_failover: ")


class Command:
    """The command, with the clock of the fake."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, fake: FakeElastiCache, *words: str, create: Any = None) -> Result:
        """Run the command, and check that an error is one line and success prints no error."""
        self.capsys.readouterr()
        status = global_failover.main(words, create or fake.client, clock=fake.clock, sleep=fake.sleep)
        out, err = self.capsys.readouterr()
        result = Result(status, out, err)
        assert (result.error != "") if status else err == ""
        return result

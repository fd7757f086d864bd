"""Runs the command on a fake world, with the world's clock."""

from dataclasses import dataclass
from typing import Any

import pytest

from operations import global_failover
from tests.operations.fake_elasticache import AWAY, GROUP_IDS, HOME, ID, World

FAILOVER = ("failover", "--id", ID, "--region", HOME, "--to", AWAY)
PROMOTE = ("promote", "--id", ID, "--region", AWAY)
LOST = (*PROMOTE, "--primary-is-lost")
NAMED = (*LOST, "--replication-group-id", GROUP_IDS[AWAY])


@dataclass(frozen=True, slots=True)
class Result:
    """What the command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line on stderr."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("global_failover: ")
        return lines[0].removeprefix("global_failover: ")


class Command:
    """The command, with the fake's clock in place of the machine's."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, world: World, *words: str, create: Any = None) -> Result:
        """Run it; an error is one line, and no error prints none."""
        self.capsys.readouterr()
        status = global_failover.main(words, create or world.client, clock=world.clock, sleep=world.sleep)
        out, err = self.capsys.readouterr()
        result = Result(status, out, err)
        assert (result.error != "") if status else err == ""
        return result

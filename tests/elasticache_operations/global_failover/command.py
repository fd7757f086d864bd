"""Runs the command on a fake ElastiCache, with the clock of the fake."""

from dataclasses import dataclass
from typing import Any

import pytest

from elasticache_operations.drills.global_failover import command as global_failover
from elasticache_operations.drills.global_failover.statuses import Status
from tests.elasticache_operations.global_failover.fake_elasticache import AWAY, GROUP_IDS, HOME, ID, FakeElastiCache

NAME = "elasticache drill global-failover"
FAILOVER = ("failover", "--id", ID, "--region", HOME, "--to", AWAY, "--run")
PROMOTE = ("promote", "--id", ID, "--region", AWAY, "--run")
LOST = (*PROMOTE, "--primary-is-lost")
NAMED = (*LOST, "--replication-group-id", GROUP_IDS[AWAY])


@dataclass(frozen=True, slots=True)
class Result:
    """The output and the exit status of the command."""

    status: Status
    out: str
    err: str

    @property
    def error(self) -> str:
        """The error message without the name of the command."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith(f"{NAME}: ")
        return lines[0].removeprefix(f"{NAME}: ")


class Command:
    """The command, with the clock of the fake."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, fake: FakeElastiCache, *words: str, create: Any = None, dry: bool = False) -> Result:
        """Run the command, without `--run` if it is dry; an error is one line, and success prints none."""
        self.capsys.readouterr()
        words = tuple(word for word in words if word != "--run") if dry else words
        status = global_failover.run(words, create or fake.client, clock=fake.clock, sleep=fake.sleep)
        out, err = self.capsys.readouterr()
        result = Result(status, out, err)
        assert err == "" if status is Status.DONE else result.error != ""
        return result

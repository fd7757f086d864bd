"""Runs the command `elasticache` in this process."""

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest

from elasticache_operations import command_line
from tests.elasticache_operations.recorded import Recorded

_PROGRESS = re.compile(r"elasticache: (reading|checking|comparing|drawing) .+ \.\.\.")
AS_OF = ("--as-of", "2026-11-26")


def without_progress(errors: str) -> str:
    """Standard error without the lines about steps, which take longer than a second on a busy machine."""
    return "".join(line for line in errors.splitlines(keepends=True) if not _PROGRESS.fullmatch(line.rstrip()))


@dataclass(frozen=True, slots=True)
class Result:
    """The exit status and the output of a run."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The JSON document."""
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The error, which is one line."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert self.out == ""
        return lines[0]


@dataclass(frozen=True, slots=True)
class Elasticache:
    """The command, with the captured output."""

    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str, aws: Recorded | None = None) -> Result:
        """Run the command; without recorded answers, every call of AWS fails the test."""
        self.capsys.readouterr()
        status = command_line.main(words, (aws or Recorded({})).session)
        out, err = self.capsys.readouterr()
        return Result(status, out, without_progress(err))

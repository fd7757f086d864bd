"""The pauses of a run between two reads of the state."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import pytest

from elasticache_operations.aws_failures import Kind
from elasticache_operations.drills.global_failover.api import ApiError
from elasticache_operations.drills.global_failover.change import Change
from elasticache_operations.drills.global_failover.plans import Begun, Plan, Step
from elasticache_operations.drills.global_failover.runs import Run

_CALL, _WAIT, _DONE = Plan(Step.CALL, "ready"), Plan(Step.WAIT, "modifying"), Plan(Step.DONE, "done")


def _throttled() -> ApiError:
    return ApiError(Kind.THROTTLED, "DescribeGlobalReplicationGroups", "us-east-1", "Rate exceeded")


@dataclass(slots=True)
class _Change:
    """A change whose reads and calls have the listed outcomes."""

    reads: list[Plan | ApiError]
    calls: list[ApiError | None] = field(default_factory=list)
    name: str = "the failover"
    resume: str = "run it again"
    request: str = "a request"

    def read(self, begun: Begun) -> Plan:
        outcome = self.reads.pop(0)
        if isinstance(outcome, ApiError):
            raise outcome
        return outcome

    def call(self) -> None:
        outcome = self.calls.pop(0)
        if outcome is not None:
            raise outcome


def _pauses(first: Plan, change: _Change, poll: float = 5) -> list[float]:
    """The pauses of a run, in seconds."""
    pauses: list[float] = []
    nothing: Callable[[str], None] = lambda line: None  # noqa: E731 - a function with a type
    run = Run(cast(Change, change), nothing, poll=poll, timeout=1e6, clock=lambda: 0, sleep=pauses.append)
    run.carry_out(first)
    assert change.reads == change.calls == []
    return pauses


def test_a_read_that_succeeds_ends_the_longer_pauses() -> None:
    reads: list[Plan | ApiError] = [_throttled(), _throttled(), _WAIT, _throttled(), _DONE]
    assert _pauses(_WAIT, _Change(reads)) == [5, 10, 20, 5, 10]


def test_the_pauses_before_a_repeated_call_become_longer_although_the_reads_succeed() -> None:
    change = _Change([_CALL, _CALL, _DONE], [_throttled(), _throttled(), None])
    assert _pauses(_CALL, change) == [10, 20, 5]


@pytest.mark.parametrize(("poll", "longest"), [(5, 60), (59, 60), (60, 60), (90, 90)])
def test_the_longest_pause(poll: float, longest: float) -> None:
    failures: list[Plan | ApiError] = [_throttled() for _ in range(1100)]
    pauses = _pauses(_WAIT, _Change([*failures, _DONE]), poll)
    assert (pauses[0], max(pauses), pauses[-1]) == (poll, longest, longest)

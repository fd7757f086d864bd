"""Carries out a change: reads the state, takes the next step, waits, and repeats calls that failed temporarily."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from elasticache_operations.aws_failures import Kind
from elasticache_operations.drills.global_failover.api import ApiError
from elasticache_operations.drills.global_failover.change import Change
from elasticache_operations.drills.global_failover.plans import Begun, Plan, Step
from elasticache_operations.drills.global_failover.statuses import OperationError, Status

_LONGEST_PAUSE: Final = 60.0


@dataclass(slots=True)
class Run:
    """One run of a command.

    :param write_line: receives lines of progress.
    :param poll: seconds between two reads.
    :param timeout: seconds after which the command ends without the change.
    :param clock: seconds of a monotonic clock.
    :param sleep: waits for some seconds.
    """

    change: Change
    write_line: Callable[[str], None]
    poll: float
    timeout: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    begun: Begun = Begun.NO
    waiting: bool = False
    _failures: int = 0
    _refusal: ApiError | None = None
    _last_line: str = ""

    def first_read(self) -> Plan:
        """Read the state and print it; a failure ends the command immediately.

        :raises OperationError: when a call fails.
        """
        plan = self.change.read(self.begun)
        self.write_line(f"before\n{self.change.describe()}")
        return plan

    def carry_out(self, plan: Plan) -> None:
        """Carry out the change, from the first plan.

        :raises OperationError: when it is not complete at the end; the message says how to continue.
        """
        until = self.clock() + self.timeout
        while plan.step is not Step.DONE:
            failure: ApiError | None = None
            if plan.step is Step.REFUSE:
                raise self._refused(plan)
            if plan.step is Step.CALL:
                failure = self._call()
            else:
                self.waiting = True
                self._refusal = None
                self._write_once(f"waiting: {plan.why}")
            following = None
            while following is None:
                self._pause(until, plan, failure)
                following, failure = self._read()
            plan = following

    @property
    def under_way(self) -> bool:
        """Whether a change is or may be under way, begun by this run or before it."""
        return self.waiting or self.begun is not Begun.NO

    def unfinished(self, reason: str) -> str:
        """The error message when the command ends before the change is complete."""
        if not self.under_way:
            return f"{reason}; nothing was changed"
        if self.begun is Begun.NO:
            return f"a change was under way before, and its end was not seen: {reason}; {self.change.resume}"
        what = f"{self.change.name} {'is' if self.begun is Begun.YES else 'may be'} under way"
        return f"{what}, and its end was not seen: {reason}; {self.change.resume}"

    def _call(self) -> ApiError | None:
        """Begin the change; returns a failure that the next read of the state can explain."""
        self._write_once(f"call: {self.change.request}\nif this command ends early, {self.change.resume}")
        before, self.begun = self.begun, Begun.MAYBE
        try:
            self.change.call()
        except ApiError as failure:
            if failure.kind is not Kind.LOST:
                self.begun = before
            if failure.passes:
                self._failures += 1
                self._write_once(f"retrying: {failure.cause}")
                return failure
            if failure.kind not in (Kind.STATE, Kind.ARGUMENT, Kind.NOT_FOUND):
                raise self._ended(failure) from failure
            # botocore may have sent the request twice, or the state may just have changed: read the state again.
            if self._refusal is not None and not self.change.repeats(failure):
                raise self._ended(failure) from failure
            self._refusal = failure
            self._write_once(f"refused: {failure.cause}")
            return failure
        self._failures, self._refusal, self.begun = 0, None, Begun.YES
        self._write_once(f"begun: {self.change.name}")
        return None

    def _read(self) -> tuple[Plan | None, ApiError | None]:
        try:
            plan = self.change.read(self.begun)
        except ApiError as failure:
            if not failure.passes:
                raise self._ended(failure) from failure
            self._failures += 1
            self._write_once(f"retrying: {failure.cause}")
            return None, failure
        if plan.step is not Step.CALL:
            self._failures = 0
        return plan, None

    def _pause(self, until: float, plan: Plan, failure: ApiError | None) -> None:
        seconds = min(self.poll * 2.0 ** min(self._failures, 10), max(_LONGEST_PAUSE, self.poll))
        if self.clock() + seconds > until:
            if failure is not None:
                raise self._ended(failure)
            raise OperationError(
                self.unfinished(f"waited {self.timeout:g} s, and {plan.why} (events: aws elasticache describe-events)"),
                Status.UNDER_WAY,
            )
        self.sleep(seconds)

    def _refused(self, plan: Plan) -> OperationError:
        """The error for a state that does not allow the change, or its completion."""
        if self.begun is Begun.NO:
            return OperationError(plan.why, plan.status)
        begun = "was begun" if self.begun is Begun.YES else "may have been begun"
        return OperationError(f"{self.change.name} {begun}, and cannot be completed: {plan.why}")

    def _ended(self, failure: ApiError) -> OperationError:
        """The error for a failure after which the command ends."""
        if not self.under_way:
            return failure
        return OperationError(self.unfinished(str(failure)), Status.UNDER_WAY)

    def _write_once(self, line: str) -> None:
        if line != self._last_line:
            self._last_line = line
            self.write_line(line)

"""Carries out a change: looks at the state, takes the next step, waits, and repeats what failed for a moment."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from operations.api import ApiError, Kind
from operations.change import Change
from operations.plans import Begun, Plan, Step
from operations.statuses import OperationError, Status

_LONGEST_PAUSE: Final = 60.0


@dataclass(slots=True)
class Run:
    """One run of a command.

    :param say: receives lines of progress.
    :param poll: seconds between two looks.
    :param patience: seconds after which the command ends without the change.
    :param clock: seconds of a monotonic clock.
    :param sleep: waits for some seconds.
    """

    change: Change
    say: Callable[[str], None]
    poll: float
    patience: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    begun: Begun = Begun.NO
    waiting: bool = False
    _failures: int = 0
    _refusal: ApiError | None = None
    _told: str = ""

    def first_look(self) -> Plan:
        """Read the state and show it; a failure ends the command at once.

        :raises OperationError: when a call fails.
        """
        plan = self.change.look(self.begun)
        self.say(f"before\n{self.change.shown()}")
        return plan

    def carry_out(self, plan: Plan) -> None:
        """Bring the change to its end, from the first plan.

        :raises OperationError: when it does not come to its end; the message says what is left to do.
        """
        until = self.clock() + self.patience
        while plan.step is not Step.DONE:
            failure: ApiError | None = None
            if plan.step is Step.REFUSE:
                raise self._refused(plan)
            if plan.step is Step.CALL:
                failure = self._call()
            else:
                self.waiting = True
                self._refusal = None
                self._tell(f"waiting: {plan.why}")
            following = None
            while following is None:
                self._pause(until, plan, failure)
                following, failure = self._look()
            plan = following

    @property
    def under_way(self) -> bool:
        """Whether a change is or may be under way, begun by this run or before it."""
        return self.waiting or self.begun is not Begun.NO

    def left(self, reason: str) -> str:
        """The message that says what is left to do when the command ends before the change."""
        if not self.under_way:
            return f"{reason}; nothing was changed"
        if self.begun is Begun.NO:
            return f"a change was under way before, and its end was not seen: {reason}; {self.change.resume}"
        what = f"{self.change.name} {'is' if self.begun is Begun.YES else 'may be'} under way"
        return f"{what}, and its end was not seen: {reason}; {self.change.resume}"

    def _call(self) -> ApiError | None:
        """Begin the change; a failure that a later look may explain is returned."""
        self._tell(f"call: {self.change.request}\nif this command ends early, {self.change.resume}")
        before, self.begun = self.begun, Begun.MAYBE
        try:
            self.change.call()
        except ApiError as failure:
            if failure.kind is not Kind.LOST:
                self.begun = before
            if failure.passes:
                self._failures += 1
                self._tell(f"retrying: {failure.cause}")
                return failure
            if failure.kind not in (Kind.STATE, Kind.ARGUMENT, Kind.NOT_FOUND):
                raise self._ended(failure) from failure
            # The answer to a request that botocore sent twice, or to a state that has just changed: look again.
            if self._refusal is not None and not self.change.repeats(failure):
                raise self._ended(failure) from failure
            self._refusal = failure
            self._tell(f"refused: {failure.cause}")
            return failure
        self._failures, self._refusal, self.begun = 0, None, Begun.YES
        self._tell(f"begun: {self.change.name}")
        return None

    def _look(self) -> tuple[Plan | None, ApiError | None]:
        try:
            plan = self.change.look(self.begun)
        except ApiError as failure:
            if not failure.passes:
                raise self._ended(failure) from failure
            self._failures += 1
            self._tell(f"retrying: {failure.cause}")
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
                self.left(f"waited {self.patience:g} s, and {plan.why} (events: aws elasticache describe-events)"),
                Status.UNDER_WAY,
            )
        self.sleep(seconds)

    def _refused(self, plan: Plan) -> OperationError:
        """The error for a state that does not allow the change, or does not let it come to its end."""
        if self.begun is Begun.NO:
            return OperationError(plan.why, plan.status)
        begun = "was begun" if self.begun is Begun.YES else "may have been begun"
        return OperationError(f"{self.change.name} {begun}, and cannot come to its end: {plan.why}")

    def _ended(self, failure: ApiError) -> OperationError:
        """The error for a failure after which the command ends."""
        if not self.under_way:
            return failure
        return OperationError(self.left(str(failure)), Status.UNDER_WAY)

    def _tell(self, line: str) -> None:
        if line != self._told:
            self._told = line
            self.say(line)

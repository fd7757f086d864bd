"""Percentiles, the time that is left, and threads that read at a steady rate."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from typing import Callable

from caching_demo.failures import CannotRunError


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest rank; 0.0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """The percentiles of durations, in milliseconds."""
    return {f"p{share}": round(percentile(seconds, share / 100) * 1000, 3) for share in (50, 95, 99)}


class Deadline:
    """The end of the whole run.

    :param seconds: from now.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left; negative after the end."""
        return self._until - time.monotonic()

    def check(self, what: str) -> None:
        """Refuse to begin what cannot end in time.

        :raises CannotRunError: when the time is up.
        """
        if self.remaining() <= 0:
            cause = f"{self.seconds:g} seconds were over before {what} had ended"
            raise CannotRunError(
                "time limit", cause, "look at the slow measurement in the report, or pass --time-limit"
            )


def together(functions: Sequence[Callable[[], object]], deadline: Deadline, what: str) -> None:
    """Run functions in threads; raise the first error of any of them.

    :raises CannotRunError: when the deadline passes before all have returned.
    """
    errors: list[BaseException] = []

    def run(function: Callable[[], object]) -> None:
        try:
            function()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(task,), daemon=True) for task in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline.remaining()))
    if errors:
        raise errors[0]
    if any(thread.is_alive() for thread in threads):
        deadline.check(what)


class Pace:
    """Hands out the moments of a steady rate; one for each thread.

    :param rate: moments in a second.
    :param offset: of the first one, in seconds, so that threads alternate.
    """

    def __init__(self, rate: float, offset: float = 0.0) -> None:
        self._step, self._next = 1 / rate, time.monotonic() + offset

    def wait(self) -> None:
        """Sleep until the next moment; moments that have passed are not made up for."""
        now = time.monotonic()
        if now < self._next:
            time.sleep(self._next - now)
            self._next += self._step
        else:
            self._next = now + self._step

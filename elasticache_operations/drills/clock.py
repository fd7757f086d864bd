"""The clock of a drill; tests replace it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """Time that passes.

    :param monotonic: seconds of a monotonic clock.
    :param sleep: waits for some seconds.
    """

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def until(self, timeout: float, poll: float) -> Iterator[float]:
        """The seconds that have passed, at once and after each wait, until the timeout.

        :param timeout: in seconds; the last value is not less than it.
        :param poll: seconds of a wait.
        """
        began = self.monotonic()
        while True:
            passed = self.monotonic() - began
            yield passed
            if passed >= timeout:
                return
            self.sleep(poll)

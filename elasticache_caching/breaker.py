"""The circuit breaker: after three consecutive failures, no commands are sent until a background probe succeeds."""

from __future__ import annotations

import threading
import time
from typing import Callable


class Breaker:
    """The circuit breaker of one server; thread-safe.

    :param failures: the number of consecutive failures that open the breaker.
    :param pause: the time between probes while the breaker is open, in seconds.
    """

    def __init__(self, failures: int, pause: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._pause, self._clock = failures, pause, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._next_probe = 0.0
        self.open = False

    def succeeded(self) -> None:
        """Report an answer, which closes the breaker."""
        if self._failed:
            with self._lock:
                self._failed, self.open = 0, False

    def failed(self, *, at_once: bool = False) -> bool:
        """Report a failure, and return whether it opened the breaker.

        :param at_once: open the breaker without further failures.
        """
        with self._lock:
            self._failed += 1
            self._next_probe = self._clock() + self._pause
            opens = not self.open and (at_once or self._failed >= self._limit)
            self.open = self.open or opens
            return opens

    def probe_is_due(self) -> bool:
        """Whether the caller must send a probe now, and then report `succeeded` or `failed`."""
        with self._lock:
            if not self.open or self._clock() < self._next_probe:
                return False
            self._next_probe = self._clock() + self._pause
            return True

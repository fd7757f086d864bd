"""The circuit breaker: after three failures in a row nobody asks the cache until a probe in the background succeeds."""

from __future__ import annotations

import threading
import time
from typing import Callable


class Breaker:
    """The state of one server as its clients have seen it; thread-safe.

    :param failures: in a row, that open it.
    :param pause: between two probes while it is open, in seconds.
    """

    def __init__(self, failures: int, pause: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._pause, self._clock = failures, pause, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._next_probe = 0.0
        self.open = False

    def succeeded(self) -> None:
        """An answer came: closed."""
        if self._failed:
            with self._lock:
                self._failed, self.open = 0, False

    def failed(self, *, at_once: bool = False) -> bool:
        """No answer came; whether this opened it.

        :param at_once: without waiting for more failures.
        """
        with self._lock:
            self._failed += 1
            self._next_probe = self._clock() + self._pause
            opens = not self.open and (at_once or self._failed >= self._limit)
            self.open = self.open or opens
            return opens

    def probe_is_due(self) -> bool:
        """Whether the caller is the one that has to probe now; it then reports `succeeded` or `failed`."""
        with self._lock:
            if not self.open or self._clock() < self._next_probe:
                return False
            self._next_probe = self._clock() + self._pause
            return True

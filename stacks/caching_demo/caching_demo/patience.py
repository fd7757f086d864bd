"""Repeats what the database does not answer, as it does not while it restarts."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Callable, TypeVar

from caching_demo.failures import DatabaseLostError

if TYPE_CHECKING:
    from caching_demo.database import Pool

T = TypeVar("T")
# A DB instance restarts in less than a minute.
PATIENCE, PAUSE = 90.0, 0.1


class Patient:
    """Calls functions that use the database; counts the repetitions."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self._lock = pool, threading.Lock()
        self.retries = 0

    def call(self, function: Callable[[str], T], id: str) -> T:
        """The result of a function.

        :raises DatabaseLostError: when the database refuses it, or does not answer for a long time.
        """
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return function(id)
            except DatabaseLostError as error:
                if not error.passing or time.monotonic() >= until:
                    raise
            with self._lock:
                self.retries += 1
            # The other idle connections ended with the server as well.
            self._pool.forget()
            time.sleep(PAUSE)

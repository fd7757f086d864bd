"""The near cache: values that this process has read, for a short time."""

from __future__ import annotations

import threading
import time
from typing import Callable

from elasticache_caching import fork
from elasticache_caching.wire import Fields


class Near:
    """The entries of values by key, shared by the caches of one client that have one prefix; thread-safe.

    An entry has the encoded value, so that each caller gets a value of its own. Removal refuses the replies of all
    reads that are in progress, because they may be older.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.reset()
        fork.register(self)

    def reset(self) -> None:
        """Discard all values in a forked process, which does not see the invalidations of its parent."""
        self._lock = threading.Lock()
        self._values: dict[bytes, tuple[float, Fields]] = {}
        self._removals = 0

    def get(self, key: bytes, seconds: float) -> Fields | None:
        """The entry of a key if its read began less than some seconds ago."""
        began, entry = self._values.get(key, (0.0, None))
        return entry if self.clock() - began < seconds else None

    def begin(self) -> tuple[float, int]:
        """The start of a read, for `put`."""
        return self.clock(), self._removals

    def put(self, key: bytes, entry: Fields, start: tuple[float, int], most: int) -> None:
        """Keep the reply of a read, unless there was a removal since its start.

        :param most: the maximum number of values; beyond it, the value that was put first is removed.
        """
        began, removals = start
        with self._lock:
            if removals == self._removals:
                self._values.pop(key, None)
                self._values[key] = began, entry
                if len(self._values) > most:
                    del self._values[next(iter(self._values))]

    def remove(self, *keys: bytes) -> None:
        """Remove values, and refuse the replies of reads that are in progress."""
        with self._lock:
            self._removals += 1
            for key in keys:
                self._values.pop(key, None)

"""Single flight: one load of an id at a time, for all threads or tasks of a process."""

from __future__ import annotations

import threading
from typing import Any, Callable, Generic, TypeVar

from elasticache_caching import fork
from elasticache_caching.protocol import Loaded

T = TypeVar("T")


class Flight(Generic[T]):
    """One load of an id, for all that want it.

    Who joined before the load began may have its value in any case. Who came later may have it only when the fill
    succeeded, which proves that no invalidation came in between.

    :param done: an `Event` of threading or of asyncio.
    """

    def __init__(self, done: Any) -> None:
        self.done = done
        self.loading = False
        self.outcome: Loaded[T] | None = None
        self.error: Exception | None = None

    def serves(self, *, in_time: bool) -> bool:
        """Whether one that waited may have the outcome."""
        return self.outcome is not None and (
            self.outcome.filled or (in_time and self.outcome.source in {"load", "down"})
        )


class Flights(Generic[T]):
    """The loads of one cache in this process."""

    def __init__(self, event: Callable[[], Any]) -> None:
        self._event = event
        self.reset()
        fork.register(self)

    def reset(self) -> None:
        """In a fork, nobody would end them."""
        self._lock = threading.Lock()
        self._flights: dict[str, Flight[T]] = {}

    def join(self, id: str) -> tuple[Flight[T], bool, bool]:
        """The flight, whether the caller leads it, and whether its load has yet to begin."""
        with self._lock:
            found = self._flights.get(id)
            if found is not None:
                return found, False, not found.loading
            made = self._flights[id] = Flight(self._event())
            return made, True, True

    def begin(self, flight: Flight[T]) -> None:
        """The load begins."""
        with self._lock:
            flight.loading = True

    def leave(self, id: str, flight: Flight[T]) -> None:
        """Nobody joins any more: the fill begins, or the flight has ended."""
        with self._lock:
            if self._flights.get(id) is flight:
                del self._flights[id]

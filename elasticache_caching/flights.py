"""Single flight: one load of an id at a time, for all threads or tasks of a process."""

from __future__ import annotations

import threading
from typing import Any, Callable, Generic, TypeVar

from elasticache_caching import fork
from elasticache_caching.protocol import Loaded

T = TypeVar("T")


class Flight(Generic[T]):
    """One load of an id, for all that want it.

    :param done: an `Event` of threading or of asyncio.
    """

    def __init__(self, done: Any) -> None:
        self.done = done
        self.began: int | None = None
        self.outcome: Loaded[T] | None = None
        self.error: Exception | None = None

    def serves(self, ticket: int) -> bool:
        """Whether one that waited may have the outcome.

        Who came before the load began may have it in any case. Who came later may have it only when the fill succeeded,
        which proves that no invalidation came in between.
        """
        if self.outcome is None:
            return False
        in_time = self.began is not None and ticket < self.began and self.outcome.source in {"load", "down"}
        return in_time or self.outcome.filled


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
        self._ticks = 0

    def ticket(self) -> int:
        """When somebody came, in ticks that begins of loads have as well."""
        with self._lock:
            self._ticks += 1
            return self._ticks

    def join(self, id: str) -> tuple[Flight[T], bool]:
        """The flight, and whether the caller leads it."""
        with self._lock:
            found = self._flights.get(id)
            if found is not None:
                return found, False
            made = self._flights[id] = Flight(self._event())
            return made, True

    def begin(self, flight: Flight[T]) -> None:
        """The load begins."""
        flight.began = self.ticket()

    def leave(self, id: str, flight: Flight[T]) -> None:
        """Nobody joins any more: the fill begins, or the flight has ended."""
        with self._lock:
            if self._flights.get(id) is flight:
                del self._flights[id]

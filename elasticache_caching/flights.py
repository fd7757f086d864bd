"""Single flight: at most one load of an id at a time in the threads or tasks of a process."""

from __future__ import annotations

import threading
from typing import Any, Callable, Generic, TypeVar

from elasticache_caching import fork
from elasticache_caching.protocol import Loaded

T = TypeVar("T")


class Flight(Generic[T]):
    """One load of an id, shared by all callers that wait for it.

    :param done: an `Event` of threading or of asyncio.
    """

    def __init__(self, done: Any) -> None:
        self.done = done
        self.began: int | None = None  # the ticket of the start of the load
        self.outcome: Loaded[T] | None = None
        self.error: Exception | None = None

    def serves(self, ticket: int) -> bool:
        """Whether a waiting caller can use the outcome.

        A caller that started to wait before the load began can always use it. A later caller can use it only if the
        fill succeeded, which proves that there was no invalidation in between.
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
        """Discard all flights, because no thread of a forked process would complete them."""
        self._lock = threading.Lock()
        self._flights: dict[str, Flight[T]] = {}
        self._ticks = 0

    def ticket(self) -> int:
        """A number that orders the arrival of callers and the start of loads."""
        with self._lock:
            self._ticks += 1
            return self._ticks

    def join(self, id: str) -> tuple[Flight[T], bool]:
        """The flight of an id, and whether the caller must perform the load."""
        with self._lock:
            leads = id not in self._flights
            if leads:
                self._flights[id] = Flight(self._event())
            return self._flights[id], leads

    def leave(self, id: str, flight: Flight[T]) -> None:
        """Close the flight for new callers, because the fill starts or the flight has ended."""
        with self._lock:
            if self._flights.get(id) is flight:
                del self._flights[id]

"""Counters of one cache, over all ids."""

from __future__ import annotations

import threading

from elasticache_caching import fork

# The counters with descriptions, which the adapters use.
COUNTERS: dict[str, str] = {
    "hits": "reads answered by a fresh value",
    "near_hits": "reads answered by the near cache of the process",
    "stale_hits": "reads answered by a value after its soft expiry, or because the loader failed",
    "loads": "calls of the loader",
    "load_failures": "calls of the loader that raised",
    "waits": "reads answered by the load of another thread, task or process",
    "refused_fills": "loaded values that were not stored, because an invalidation or something newer came in between",
    "uncacheable": "loaded values that cannot be stored: too large, or refused by the codec",
    "unavailable": "reads answered by the loader because the cache did not answer",
    "cache_errors": "commands that failed",
    "breaker_openings": "times that the circuit breaker opened",
    "invalidations": "invalidations and puts that reached the cache",
    "failed_invalidations": "invalidations and puts that did not reach the cache",
}


class Statistics:
    """The counters of one cache; thread-safe. They start at 0 and only increase.

    Example: `products.statistics.snapshot()["hits"]`.

    :param name: the prefix of the cache, which metrics use as dimension or attribute.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._counts = dict.fromkeys(COUNTERS, 0)
        self.reset()
        fork.register(self)

    def reset(self) -> None:
        """Create a new lock in a forked process; the counts are kept."""
        self._lock = threading.Lock()

    def add(self, counter: str) -> None:
        """Count one event."""
        with self._lock:
            self._counts[counter] += 1

    def snapshot(self) -> dict[str, int]:
        """A consistent copy of all counters by name; `COUNTERS` describes them."""
        with self._lock:
            return dict(self._counts)

    @property
    def hit_ratio(self) -> float:
        """Hits, near hits and stale hits divided by reads, 0.0 to 1.0; 0.0 before the first read."""
        now = self.snapshot()
        hits = now["hits"] + now["near_hits"] + now["stale_hits"]
        return hits / max(1, hits + now["loads"] + now["waits"])

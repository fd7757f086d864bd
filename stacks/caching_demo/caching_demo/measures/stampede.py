"""A popular value that expires again and again: how many clients load it at once, and how long its readers wait."""

from __future__ import annotations

import json
import threading
import time
from functools import partial
from typing import Any, Callable

from caching_demo import shop
from caching_demo.bench import Bench
from caching_demo.cache_link import require_answers
from caching_demo.timing import Pace, percentile, summary, together
from elasticache_caching import Cache, CacheClient, Json

_CLIENTS, _THREADS = 4, 4
_READS_PER_SECOND = 50.0
_HOT = "1"
_READS = ("hits", "stale_hits", "loads", "waits")


class _Loads:
    """Counts the loads that run at the same time."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self._lock = bench, threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Begin to count now."""
        self.started = time.monotonic()
        self.running, self.most, self.total = 0, 0, 0
        self.steps: list[tuple[float, int]] = [(0.0, 0)]

    def load(self, id: str) -> Any:
        self._change(1)
        try:
            return shop.read(self._bench.pool, "report", id)
        finally:
            self._change(-1)

    def _change(self, by: int) -> None:
        with self._lock:
            self.running += by
            self.total += by > 0
            self.most = max(self.most, self.running)
            self.steps.append((round(time.monotonic() - self.started, 4), self.running))


def measure(bench: Bench) -> dict[str, Any]:
    """The most loads in flight for each strategy, with the same reads.

    :raises CacheUnusableError: when the cache does not answer.
    """
    ttl = bench.scale.stampede_ttl

    caches: list[Cache[Any]] = []

    def lease(client: CacheClient, loads: _Loads) -> Callable[[str], Any]:
        hot = Cache(client, bench.name("hot"), load=loads.load, codec=Json(object), ttl=ttl, jitter=0, early=0)
        caches.append(hot)
        return hot.get

    def early(client: CacheClient, loads: _Loads) -> Callable[[str], Any]:
        name, load = bench.name("early"), loads.load
        early_cache = Cache(client, name, load=load, codec=Json(object), ttl=ttl, jitter=0, early=1, stale=60)
        caches.append(early_cache)
        return early_cache.get

    figures = {
        "ttl_seconds": ttl,
        "readers": _CLIENTS * _THREADS,
        "naive": _run(bench, partial(_naive, bench)),
        "lease": _run(bench, lease),
        "early": _run(bench, early),
    }
    for cache in caches:
        require_answers(cache.statistics, sum(cache.statistics.snapshot()[item] for item in _READS))
    return figures


def _naive(bench: Bench, client: CacheClient, loads: _Loads) -> Callable[[str], Any]:
    key, milliseconds = f"{{{bench.name('naive')}}}", int(bench.scale.stampede_ttl * 1000)

    def get(id: str) -> Any:
        stored = client.redis().get(key)
        if stored is not None:
            return json.loads(stored)
        value = loads.load(id)
        client.redis().set(key, json.dumps(value), px=milliseconds)
        return value

    return get


def _run(bench: Bench, make: Callable[[CacheClient, _Loads], Callable[[str], Any]]) -> dict[str, Any]:
    """Read with threads of several clients, which share no memory as those of several processes do not."""
    clients = [bench.link.client() for _ in range(_CLIENTS)]
    loads = _Loads(bench)
    seconds: list[float] = []

    def work(get: Callable[[str], Any], offset: float) -> None:
        pace, until = Pace(_READS_PER_SECOND, offset), time.monotonic() + bench.scale.stampede_seconds
        while time.monotonic() < until:
            pace.wait()
            bench.deadline.check("the stampede")
            started = time.perf_counter()
            get(_HOT)
            seconds.append(time.perf_counter() - started)

    try:
        readers = [make(client, loads) for client in clients]
        for get in readers:
            get(_HOT)
        loads.reset()
        workers = [
            partial(work, get, number / _READS_PER_SECOND / _THREADS) for get in readers for number in range(_THREADS)
        ]
        together(workers, bench.deadline, "the stampede")
    finally:
        for client in clients:
            client.close()
    return {
        "reads": len(seconds),
        "loads": loads.total,
        "most_in_flight": loads.most,
        "read_ms": {**summary(seconds), "max": round(percentile(seconds, 1) * 1000, 3)},
        "steps": [list(step) for step in loads.steps],
    }

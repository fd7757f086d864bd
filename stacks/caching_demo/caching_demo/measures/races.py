"""Readers and writers that overlap: how many values stay old in the cache, without leases and with them."""

from __future__ import annotations

import contextlib
import json
import random
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Callable

from caching_demo import shop
from caching_demo.bench import Bench
from caching_demo.timing import percentile, together
from elasticache_caching import Cache, Json

_PAIRS = 2
_SEED = 36
_SAMPLES = 7


class _Plain:
    """Lazy loading as it is often written: SET after the load, DEL after the commit."""

    def __init__(self, bench: Bench, client: Any) -> None:
        self._bench, self._client, self._prefix = bench, client, bench.name("plain-race")

    def get(self, id: str) -> Any:
        raw, key = self._client.redis(), f"{{{self._prefix}:{id}}}"
        stored = raw.get(key)
        if stored is not None:
            return json.loads(stored)
        value = self._bench.page(id)
        raw.set(key, json.dumps(value), px=60_000)
        return value

    def invalidate(self, id: str) -> None:
        self._client.redis().delete(f"{{{self._prefix}:{id}}}")


def measure(bench: Bench) -> dict[str, Any]:
    """The values that stay old, of as many races."""
    client = bench.link.client()
    leases = Cache(client, bench.name("lease-race"), load=bench.page, codec=Json(object), ttl=60, early=0)
    plain = _Plain(bench, client)
    offsets = (-_median_seconds(partial(shop.update, bench.pool, "1")), _median_seconds(partial(bench.page, "1")))
    try:
        figures = {
            "plain": _stale(bench, plain.get, plain.invalidate, offsets),
            "leases": _stale(bench, leases.get, leases.invalidate, offsets),
        }
    finally:
        client.close()
    if not figures["plain"]:
        bench.notes.append("no value stayed old without leases either, so that the races show nothing; run it again")
    return {
        "races": bench.scale.races,
        "plain_stale": figures["plain"],
        "lease_stale": figures["leases"],
        "refused_fills": leases.statistics.snapshot()["refused_fills"],
    }


def _median_seconds(function: Callable[[], object]) -> float:
    seconds = []
    for _ in range(_SAMPLES):
        started = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - started)
    return percentile(seconds, 0.5)


def _stale(
    bench: Bench, get: Callable[[str], Any], invalidate: Callable[[str], None], offsets: tuple[float, float]
) -> int:
    """Run all races, each with a reader, a writer, and a product of its own.

    :param offsets: how much later than the reader the writer starts, at least and at most. From the time of an update
        before the reader to the time of a load after it, so that the commit is at any moment of the load.
    """
    races = _Races(bench, get, invalidate)
    workers: list[Callable[[], None]] = []
    for number in range(_PAIRS):
        draw, barrier = random.Random(_SEED + number), threading.Barrier(2)  # noqa: S311 - the same delays each time
        ids = range(1 + number, 1 + bench.scale.races, _PAIRS)
        planned = [(str(id), draw.uniform(*offsets)) for id in ids]
        workers += [partial(races.read, planned, barrier), partial(races.write, planned, barrier)]
    together(workers, bench.deadline, "the races")
    return len(races.stale)


class _Races:
    """The reader and the writer of a pair, which begin each race together.

    :param get: reads through the cache.
    :param invalidate: tells the cache of a commit.
    """

    def __init__(self, bench: Bench, get: Callable[[str], Any], invalidate: Callable[[str], None]) -> None:
        self._bench, self._get, self._invalidate = bench, get, invalidate
        self.stale: list[str] = []

    def read(self, planned: list[tuple[str, float]], barrier: threading.Barrier) -> None:
        with _aborting(barrier):
            for id, offset in planned:
                self._bench.deadline.check("the races")
                barrier.wait()
                time.sleep(max(0.0, -offset))
                self._get(id)
                barrier.wait()

    def write(self, planned: list[tuple[str, float]], barrier: threading.Barrier) -> None:
        with _aborting(barrier):
            for id, offset in planned:
                barrier.wait()
                time.sleep(max(0.0, offset))
                version = shop.update(self._bench.pool, id)["version"]
                self._invalidate(id)
                barrier.wait()
                # Both have ended: from now on each reader gets this value, until its TTL ends.
                if self._get(id)["version"] != version:
                    self.stale.append(id)


@contextlib.contextmanager
def _aborting(barrier: threading.Barrier) -> Iterator[None]:
    """Let the other thread of a pair end when this one fails."""
    try:
        yield
    except BaseException:
        barrier.abort()
        raise

"""Reads and writes as an application does, for a while: what it notices of a failover, a restart or new shards.

A reader gets its value from the cache, or from the database where the cache does not answer. What needs the database
is repeated until it answers, and an invalidation until the cache has confirmed it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Any, Callable

from caching_demo import run, shop
from caching_demo.bench import QUICK, Bench
from caching_demo.cache_link import CacheLink, CacheUnusableError
from caching_demo.config import CacheTarget, DatabaseTarget
from caching_demo.failures import CannotRunError, first_line
from caching_demo.patience import PATIENCE, PAUSE, Patient
from caching_demo.timing import Deadline, Pace, together
from caching_demo.watched import PRODUCTS, SLACK, TTL, Outcome, Reads
from elasticache_caching import Cache, InvalidationFailedError, Json

Say = Callable[[str], None]
READERS = 4
_READS_PER_SECOND, _WRITES_PER_SECOND = 50.0, 10.0
_TIMEOUT = 0.3
PASSED, FAILED = 0, 1


def watch(cache: CacheTarget, database: DatabaseTarget, seconds: float, say: Say) -> int:
    """Read and write for some seconds, and print the outcome; returns the exit status.

    :raises CannotRunError: when the database or the cache cannot be used at the start.
    """
    document = run.new_document(cache, database, quick=True)
    with run.prepared(database, document, QUICK.volume) as pool:
        link = CacheLink(cache)
        try:
            link.check()
        except CacheUnusableError as error:
            raise CannotRunError("cache", str(error), "run cache-connection-test, which names the cause") from None
        bench = Bench(pool, link, QUICK, Deadline(seconds + 2 * PATIENCE))
        outcome = _Watch(bench, seconds, say).run()
    for line in outcome.lines():
        say(line)
    return FAILED if outcome.failures else PASSED


class _Watch:
    """One run.

    :param seconds: how long it reads and writes.
    """

    def __init__(self, bench: Bench, seconds: float, say: Say) -> None:
        self._bench, self._seconds, self._say = bench, seconds, say
        self._client = bench.link.client(_TIMEOUT)
        self._database = Patient(bench.pool)
        self._cache = self._cache_of(self._client)
        self._ids = [str(number + 1) for number in range(PRODUCTS)]
        # By id, the versions that were committed, with the time when each invalidation was confirmed.
        self._confirmed: dict[str, list[tuple[int, float]]] = {id: [] for id in self._ids}
        self._writes = self._cache_retries = self._unconfirmed = 0
        self._until = 0.0

    def run(self) -> Outcome:
        """Read and write, then compare the cache with the database."""
        try:
            for id in self._ids:
                self._cache.get(id)
            self._say(f"watching for {self._seconds:g} s: {READERS} readers and a writer of {PRODUCTS} products")
            tallies = [Reads() for _ in range(READERS)]
            started = time.monotonic()
            self._until = started + self._seconds
            readers = [partial(self._read, number, tally) for number, tally in enumerate(tallies)]
            together([self._write, *readers], self._bench.deadline, "the watch")
            outcome = Outcome(
                time.monotonic() - started,
                _sum(tallies),
                self._writes,
                self._database.retries,
                self._cache_retries,
                self._unconfirmed,
            )
        finally:
            self._client.close()
        self._compare(outcome)
        return outcome

    def _cache_of(self, client: Any) -> Cache[Any]:
        load = partial(self._database.call, partial(shop.read, self._bench.pool, "primary key"))
        return Cache(client, self._bench.name("watch"), load=load, codec=Json(dict), ttl=TTL, lease=TTL)

    def _read(self, number: int, tally: Reads) -> None:
        pace, count = Pace(_READS_PER_SECOND, number / _READS_PER_SECOND / READERS), number
        while time.monotonic() < self._until:
            pace.wait()
            count += 1
            id = self._ids[count % PRODUCTS]
            began = time.monotonic()
            tally.count += 1
            try:
                loaded = self._cache.inspect(id)
            except Exception as error:  # whatever reaches the reader is counted
                tally.errors.append(first_line(error))
                continue
            ended = time.monotonic()
            tally.longest = max(tally.longest, ended - began)
            tally.without_cache += loaded.source == "down"
            missed = self._missed(id, _version(loaded.value))
            if missed is not None and missed < began:
                tally.stale += 1
                tally.stale_seconds = max(tally.stale_seconds, ended - missed)

    def _missed(self, id: str, version: int) -> float | None:
        """When the first invalidation after a version was confirmed; None if there was none."""
        return next((confirmed for later, confirmed in self._confirmed[id] if later > version), None)

    def _write(self) -> None:
        pace = Pace(_WRITES_PER_SECOND)
        while time.monotonic() < self._until:
            pace.wait()
            id = self._ids[self._writes % PRODUCTS]
            row = self._database.call(partial(shop.update, self._bench.pool), id)
            self._writes += 1
            if self._invalidate(id):
                self._confirmed[id].append((_version(row), time.monotonic()))

    def _invalidate(self, id: str) -> bool:
        """Repeat it until the cache has confirmed it, because readers may get the old value until then."""
        while True:
            try:
                self._cache.invalidate(id)
            except InvalidationFailedError:
                self._cache_retries += 1
                if time.monotonic() > self._until + TTL:
                    self._unconfirmed += 1
                    return False
            else:
                return True
            time.sleep(PAUSE)

    def _compare(self, outcome: Outcome) -> None:
        """Count the values that are old when their TTL is over, with new connections."""
        client = self._bench.link.client()
        cache, until = self._cache_of(client), time.monotonic() + TTL + SLACK
        try:
            for id in self._ids:
                committed = _version(self._database.call(partial(shop.read, self._bench.pool, "primary key"), id))
                while True:
                    loaded = cache.inspect(id)
                    old, unanswered = _version(loaded.value) != committed, loaded.source == "down"
                    if not (old or unanswered) or time.monotonic() > until:
                        break
                    time.sleep(PAUSE)
                outcome.stale_for_good += old
                outcome.unanswered += unanswered
        finally:
            client.close()


def _version(row: Any) -> int:
    return int(row["version"])


def _sum(tallies: Sequence[Reads]) -> Reads:
    return Reads(
        sum(tally.count for tally in tallies),
        [error for tally in tallies for error in tally.errors],
        max(tally.longest for tally in tallies),
        sum(tally.without_cache for tally in tallies),
        sum(tally.stale for tally in tallies),
        max(tally.stale_seconds for tally in tallies),
    )

"""Counts the interleavings of a reader and a writer that leave a stale value in the cache."""

import random
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import redis

from bench import caching_peers as peers
from elasticache_caching import Cache, CacheClient, Json
from tests.elasticache_caching import programs


def every_schedule(port: int, count: int) -> tuple[int, int]:
    """Run the schedules of readers and writers; returns their number, and the number that end with a stale value."""
    connection = redis.Redis(port=port)
    leases, versions = (partial(programs.protocol, versioned=versioned) for versioned in (False, True))
    lagging = partial(programs.reader, lagging=True)
    lagging.name = "lagging"  # type: ignore[attr-defined]  # for the message
    complete: list[tuple[Any, list[programs.Program]]] = [
        (leases, [programs.reader, programs.invalidating, programs.invalidating]),
        (leases, [programs.reader, programs.reader, programs.invalidating]),
        (versions, [programs.reader, programs.reader, programs.putting]),
        (versions, [lagging, programs.invalidating, programs.putting, programs.replicating]),
    ]
    outcomes = [programs.schedules(connection, make, actors) for make, actors in complete]
    draws = max(0, count - sum(outcome.schedules for outcome in outcomes)) // 2
    two = [programs.reader, programs.reader, programs.invalidating]
    outcomes.append(programs.schedules(connection, leases, [*two, programs.invalidating], draws=draws))
    outcomes.append(programs.schedules(connection, versions, [*two, programs.putting], draws=draws))
    return sum(outcome.schedules for outcome in outcomes), sum(outcome.stale for outcome in outcomes)


def _race(get: Callable[[str], Any], write: Callable[[str], None], row: dict[str, int], id: str) -> bool:
    """Whether a reader and a writer that start together leave a stale value."""
    row[id] = 1
    threads = [threading.Thread(target=get, args=(id,)), threading.Thread(target=write, args=(id,))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return bool(get(id)["v"] != row[id])


def races(port: int, count: int) -> int:
    """The number of stale values after races at random times, with leases."""
    row: dict[str, int] = {}
    draw = random.Random(1)

    def load(id: str) -> dict[str, int]:
        value = row[id]
        time.sleep(draw.random() * 0.001)
        return {"v": value}

    cache = Cache(
        CacheClient.connect("127.0.0.1", port=port, tls=False, timeout=5), "race", load=load, codec=Json(dict), ttl=60
    )

    def write(id: str) -> None:
        time.sleep(draw.random() * 0.001)
        row[id] += 1
        cache.invalidate(id)

    return sum(_race(cache.get, write, row, str(number)) for number in range(count))


def plain_races(port: int, count: int) -> float:
    """The share of stale values after races at random times, with plain cache-aside."""
    row: dict[str, int] = {}
    draw = random.Random(1)

    def load(id: str) -> dict[str, int]:
        value = row[id]
        time.sleep(draw.random() * 0.001)
        return {"v": value}

    get, client = peers.bare(port, load), redis.Redis(port=port)

    def write(id: str) -> None:
        time.sleep(draw.random() * 0.001)
        row[id] += 1
        client.delete(f"bare:{id}")

    return sum(_race(get, write, row, str(number)) for number in range(count)) / count

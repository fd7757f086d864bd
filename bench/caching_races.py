"""How many orders of a reader and a writer leave a stale value in the cache."""

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
    """Schedules of readers and writers, with versions and without, and how many end with a stale value."""
    connection = redis.Redis(port=port)
    leases, versions = (partial(programs.protocol, versioned=versioned) for versioned in (False, True))
    lagging = partial(programs.reader, lagging=True)
    lagging.name = "lagging"  # type: ignore[attr-defined]  # for the message
    whole: list[tuple[Any, list[programs.Program]]] = [
        (leases, [programs.reader, programs.invalidating, programs.invalidating]),
        (leases, [programs.reader, programs.reader, programs.invalidating]),
        (versions, [programs.reader, programs.reader, programs.putting]),
        (versions, [lagging, programs.invalidating, programs.putting, programs.replicating]),
    ]
    found = [programs.schedules(connection, make, actors) for make, actors in whole]
    left = max(0, count - sum(each.schedules for each in found)) // 2
    two = [programs.reader, programs.reader, programs.invalidating]
    found.append(programs.schedules(connection, leases, [*two, programs.invalidating], draws=left))
    found.append(programs.schedules(connection, versions, [*two, programs.putting], draws=left))
    return sum(each.schedules for each in found), sum(each.stale for each in found)


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
    """With leases, at random times."""
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
    """The same with cache-aside as everybody writes it: the share that ends stale."""
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

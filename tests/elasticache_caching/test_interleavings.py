"""No order of the steps of readers and writers leaves a stale value; the plain strategies are the control."""

import random
import threading
import time
from functools import partial
from typing import Any

import pytest
import redis

from elasticache_caching import Cache, CacheClient, Json, Versioned
from tests.elasticache_caching import programs as p

pytestmark = pytest.mark.servers

LEASES = partial(p.protocol, versioned=False)
VERSIONS = partial(p.protocol, versioned=True)
lagging = partial(p.reader, lagging=True)
lagging.name = "lagging_reader"  # type: ignore[attr-defined]  # for the message


@pytest.mark.parametrize(
    ("actors", "count", "stale", "shortest"),
    [
        ([p.plain_reader, p.deleting_after], 10, 1, "0 0 1 1 0"),
        ([p.plain_reader, p.deleting_before], 10, 6, "0 0 1 0 1"),
        ([p.plain_reader, p.setting], 10, 1, "0 0 1 1 0"),
        ([p.setting, p.setting], 6, 2, "0 1 1 0"),
    ],
)
def test_plain_strategies_leave_stale_values(
    admin: redis.Redis, actors: Any, count: int, stale: int, shortest: str
) -> None:
    """The control: the search must find stale values here."""
    outcome = p.schedules(admin, LEASES, actors)
    assert (outcome.schedules, outcome.stale) == (count, stale)
    assert [step.split(":")[0] for step in outcome.shortest.split()] == shortest.split()


@pytest.mark.parametrize(
    ("make", "actors", "count"),
    [
        (LEASES, [p.reader, p.invalidating], 15),
        (LEASES, [p.reader, p.invalidating, p.invalidating], 420),
        (LEASES, [p.reader, p.reader, p.invalidating], 3282),
        (VERSIONS, [p.reader, p.invalidating, p.putting], 392),
        (VERSIONS, [p.reader, p.putting, p.putting], 332),
        (VERSIONS, [p.reader, p.reader, p.putting], 1962),
        (VERSIONS, [lagging, p.invalidating, p.replicating], 436),
    ],
)
def test_no_schedule_leaves_a_stale_value(admin: redis.Redis, make: Any, actors: Any, count: int) -> None:
    outcome = p.schedules(admin, make, actors)
    assert outcome.stale == 0, outcome.shortest
    assert outcome.schedules == count


@pytest.mark.parametrize(
    ("make", "actors"),
    [
        (LEASES, [p.reader, p.reader, p.invalidating, p.invalidating]),
        (VERSIONS, [p.reader, p.reader, p.putting, p.invalidating]),
        (VERSIONS, [lagging, lagging, p.putting, p.invalidating, p.replicating]),
    ],
)
def test_schedules_drawn_at_random(admin: redis.Redis, make: Any, actors: Any) -> None:
    outcome = p.schedules(admin, make, actors, draws=1000, seed=13)
    assert outcome.stale == 0, outcome.shortest


@pytest.mark.parametrize("actors", [[p.reader, p.invalidating, p.putting], [lagging, p.invalidating, p.replicating]])
def test_what_the_types_forbid_is_not_safe(admin: redis.Redis, actors: Any) -> None:
    """Without versions, `put` and loads from a replica leave stale values, which is why there is no `Cache.put`."""
    outcome = p.schedules(admin, LEASES, actors)
    assert outcome.stale > 0


def races(get: Any, change: Any, count: int) -> int:
    """How many of many races, of a reader and a writer with random pauses, end with a stale value."""
    generator = random.Random(7)
    stale = 0
    for number in range(count):
        row = [1]
        pauses = [generator.random() * 0.002 for _ in range(2)]
        threads = [
            threading.Thread(target=get, args=(str(number), row, pauses[0])),
            threading.Thread(target=change, args=(str(number), row, pauses[1])),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        stale += get(str(number), [-1], 0) not in {row[0], -1}
    return stale


def test_races_with_the_real_clients(client: CacheClient, admin: redis.Redis) -> None:
    rows: dict[str, tuple[list[int], float]] = {}

    def load(id: str) -> list[int]:
        row, pause = rows[id]
        found = list(row)
        time.sleep(pause)
        return found

    leases = Cache(client, "leases", load=load, codec=Json(list), ttl=60)
    versions = Versioned(client, "versions", load=load, version=lambda row: row[0], codec=Json(list), ttl=60)

    def get(cache: Any, id: str, row: list[int], pause: float) -> int:
        rows[id] = (row, pause)
        return int(cache.get(id)[0])

    def invalidate(id: str, row: list[int], pause: float) -> None:
        time.sleep(pause)
        row[0] += 1
        leases.invalidate(id)

    def put(id: str, row: list[int], pause: float) -> None:
        time.sleep(pause)
        row[0] += 1
        versions.put(id, list(row))

    def plain_get(id: str, row: list[int], pause: float) -> int:
        if (found := admin.get(f"plain:{id}")) is not None:
            return int(found)
        value = row[0]
        time.sleep(pause)
        admin.set(f"plain:{id}", value)
        return value

    def plain_delete(id: str, row: list[int], pause: float) -> None:
        time.sleep(pause)
        row[0] += 1
        admin.delete(f"plain:{id}")

    assert races(plain_get, plain_delete, 150) > 0
    assert races(partial(get, leases), invalidate, 250) == 0
    assert races(partial(get, versions), put, 250) == 0

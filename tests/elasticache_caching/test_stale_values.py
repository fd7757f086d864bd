"""Values after their time, through both kinds of cache: stale values and early refreshes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis

from tests.elasticache_caching.faces import Face
from tests.elasticache_caching.rows import KEY, ROW, Table, expire, table

__all__ = ["table"]

pytestmark = pytest.mark.servers


def test_a_stale_value_is_reloaded_by_one(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load, ttl=10, stale=100)
    cache.get("1")
    table.rows["1"] = {"version": 2, "name": "new"}
    expire(cache, 11)
    admin.set(KEY + "!", "somebody else")
    stale = cache.inspect("1")
    assert (stale.value, stale.source) == (ROW, "stale")
    assert -2 < stale.expires_in < 0
    admin.delete(KEY + "!")
    assert cache.inspect("1").source == "load"
    assert cache.inspect("1").value == {"version": 2, "name": "new"}
    assert cache.counts == {"loads": 2, "stale_hits": 1, "hits": 1}


def test_a_stale_value_when_the_loader_fails(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load, ttl=10, stale=100)
    cache.get("1")
    expire(cache, 11)
    table.error = OSError("database")
    assert [cache.get("1"), cache.get("1")] == [ROW, ROW]
    assert table.loads == ["1", "1"], "after a failure the loader has a rest of one lease"
    admin.delete(KEY + "!")
    cache.get("1")
    assert cache.counts == {"loads": 3, "load_failures": 2, "stale_hits": 3}


def test_nothing_is_served_after_its_time(face: Face, connected: Any, table: Table) -> None:
    """Also where the server's clock is behind, and has the value still."""
    cache = face.cache(connected, table.load, ttl=10, stale=5)
    cache.get("1")
    table.rows["1"] = {"version": 2, "name": "new"}
    expire(cache, 15.1)
    assert cache.get("1") == {"version": 2, "name": "new"}


def test_none_is_never_stale(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load, negative=50, stale=100)
    cache.get("9")
    expire(cache, 51)
    table.rows["9"] = ROW
    admin.persist("{row:9}")
    assert cache.get("9") == ROW


def test_an_early_refresh(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load, ttl=10, early=1)
    monotonic = iter([100.0, 100.0, 102.0, *([200.0] * 9)])
    cache.protocol.monotonic = lambda: next(monotonic)
    cache.get("1")  # took 2 seconds
    expire(cache, 9)
    cache.protocol.draw = lambda: 0.3  # 2 * -ln(0.7) = 0.71
    assert cache.inspect("1").source == "hit"
    cache.protocol.draw = lambda: 0.5  # 2 * -ln(0.5) = 1.39
    admin.set(KEY + "!", "somebody else")
    assert cache.inspect("1").source == "hit", "another loads, and the value is still fresh"
    admin.delete(KEY + "!")
    assert cache.inspect("1").source == "load"
    assert table.loads == ["1", "1"]


def test_refresh_loads_in_any_case(face: Face, connected: Any, table: Table) -> None:
    cache = face.cache(connected, table.load)
    cache.get("1")
    table.rows["1"] = {"version": 2, "name": "new"}
    assert cache.refresh("1") == {"version": 2, "name": "new"}
    assert cache.get("1") == {"version": 2, "name": "new"}


def test_a_stale_value_is_served_during_a_load_of_the_same_process(face: Face, connected: Any, table: Table) -> None:
    release, begun = threading.Event(), threading.Event()

    def load(id: str) -> Any:
        if "1" in table.loads:
            begun.set()
            release.wait(10)
        return table.load(id)

    cache = face.cache(connected, load, ttl=10, stale=100)
    cache.get("1")
    expire(cache, 11)
    with ThreadPoolExecutor(2) as pool:
        reload = pool.submit(cache.inspect, "1")
        assert begun.wait(10)
        stale = pool.submit(cache.inspect, "1")
        try:
            assert stale.result(5).source == "stale", "it does not wait for the load"
        finally:
            release.set()
        assert reload.result(10).source == "load"

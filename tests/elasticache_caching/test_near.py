"""The near cache of a process: what it serves, for how long, and its bounds."""

import os
import threading
from typing import Any

import pytest
import redis

from elasticache_caching import Cache, CacheClient, ConfigurationError, InvalidationFailedError, Json, Versioned
from elasticache_caching.near import Near
from elasticache_caching.wire import Fields
from tests.elasticache_caching.faces import Face
from tests.elasticache_caching.rows import ROW, Table, expire

KEY, NEW, NEAR = "{row:1}", {"version": 2, "name": "new"}, 2.0


@pytest.fixture
def near_clock(connected: Any) -> list[float]:
    """The time of the near cache."""
    now = [0.0]
    connected.nears["row"].clock = lambda: now[0]
    return now


@pytest.mark.servers
def test_a_read_does_not_ask_the_cache_for_some_time(
    face: Face, connected: Any, admin: redis.Redis, near_clock: list[float]
) -> None:
    table = Table(**{"1": dict(ROW)})
    cache = face.cache(connected, table.load, near=NEAR)
    assert [cache.inspect("1").source for _ in range(3)] == ["load", "hit", "near"]
    table.rows["1"] = NEW
    admin.delete(KEY)  # as another process does
    near_clock[0] = NEAR - 0.01
    near = cache.inspect("1")
    assert (near.value, near.source) == (ROW, "near")
    assert 55 < near.expires_in <= 60
    near_clock[0] = NEAR
    assert cache.inspect("1").value == NEW
    assert cache.counts == {"hits": 1, "near_hits": 2, "loads": 2}
    assert cache.thing.statistics.hit_ratio == 3 / 5


@pytest.mark.servers
def test_without_near_each_read_asks_the_cache(face: Face, connected: Any, admin: redis.Redis) -> None:
    cache = face.cache(connected, Table(**{"1": dict(ROW)}).load)
    assert [cache.inspect("1").source for _ in range(3)] == ["load", "hit", "hit"]
    cache.get_many(["1"])
    assert connected.nears["row"]._values == {}


@pytest.mark.servers
def test_an_invalidation_in_this_process_is_seen_at_once(
    face: Face, connected: Any, near_clock: list[float], admin: redis.Redis
) -> None:
    """Also by another cache object of the client, with and without `near`."""
    table = Table(**{"1": dict(ROW)})
    cache = face.cache(connected, table.load, near=NEAR)
    for version, other in enumerate((cache, face.cache(connected, table.load)), start=2):
        assert [cache.inspect("1").source for _ in range(3)] == ["load", "hit", "near"]
        table.rows["1"] = {"version": version}
        other.invalidate("1")
        assert cache.get("1") == {"version": version}
        cache.invalidate("1")


@pytest.mark.servers
def test_an_invalidation_that_fails_removes_the_value_as_well(
    face: Face, connected: Any, near_clock: list[float], admin: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = face.cache(connected, Table(**{"1": dict(ROW)}).load, near=NEAR)
    assert [cache.inspect("1").source for _ in range(3)] == ["load", "hit", "near"]

    async def fails(commands: Any) -> Any:
        raise redis.ConnectionError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(connected, "transmit", fails)
        with pytest.raises(InvalidationFailedError):
            cache.invalidate("1")
        assert cache.inspect("1").source == "down"


class Interrupted(BaseException):
    """As when a task is cancelled."""


@pytest.mark.servers
def test_an_invalidation_that_is_interrupted_removes_the_value_as_well(
    face: Face, connected: Any, near_clock: list[float], admin: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server may have executed it."""
    cache = face.cache(connected, Table(**{"1": dict(ROW)}).load, near=NEAR)
    assert [cache.inspect("1").source for _ in range(3)] == ["load", "hit", "near"]

    async def interrupted(commands: Any) -> Any:
        raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(connected, "transmit", interrupted)
        with pytest.raises(Interrupted):
            cache.invalidate("1")
    assert cache.inspect("1").source == "hit"


@pytest.mark.servers
def test_each_caller_gets_a_value_of_its_own(face: Face, connected: Any, near_clock: list[float]) -> None:
    cache = face.cache(connected, Table(**{"1": dict(ROW)}).load, near=NEAR)
    for _ in range(4):
        cache.get("1")["name"] = "changed by the caller"
    assert cache.inspect("1").value == ROW


@pytest.mark.servers
def test_a_near_value_expires_and_is_refreshed_early(
    face: Face, connected: Any, near_clock: list[float], admin: redis.Redis
) -> None:
    table = Table(**{"1": dict(ROW)})
    cache = face.cache(connected, table.load, near=NEAR, ttl=10, stale=100)
    assert [cache.inspect("1").source for _ in range(3)] == ["load", "hit", "near"]
    admin.set(KEY + "!", "somebody else")
    expire(cache, 11)
    assert [cache.inspect("1").source for _ in range(2)] == ["stale", "stale"]
    admin.delete(KEY + "!")
    table.rows["1"] = NEW
    assert [cache.inspect("1").source for _ in range(3)] == ["load", "hit", "near"]
    assert cache.get("1") == NEW


@pytest.mark.servers
def test_none_is_near_as_well(face: Face, connected: Any, near_clock: list[float]) -> None:
    cache = face.cache(connected, Table().load, near=NEAR)
    assert [cache.inspect("9").source for _ in range(3)] == ["load", "hit", "near"]
    assert cache.get("9") is None


@pytest.mark.servers
def test_refresh_and_get_many_ask_the_cache(
    face: Face, connected: Any, near_clock: list[float], admin: redis.Redis
) -> None:
    table = Table(**{"1": dict(ROW), "2": dict(ROW)})
    cache = face.cache(connected, table.load, near=NEAR, load_many=table.load_many)
    assert [cache.inspect("1").source for _ in range(3)] == ["load", "hit", "near"]
    table.rows["1"] = NEW
    assert cache.refresh("1") == NEW
    assert cache.get("1") == NEW
    near_clock[0] = NEAR
    cache.get_many(["1", "2"])
    assert cache.inspect("1").source == "near", "get_many keeps hits"
    assert cache.inspect("2").source == "hit", "and not what it has loaded"
    table.rows["1"] = {"version": 3}
    admin.delete(KEY)
    assert cache.get_many(["1"])["1"] == {"version": 3}
    assert cache.get("1") == {"version": 3}


def entry(body: bytes) -> Fields:
    """The fields of an entry with a body."""
    return 0, 1, 2**41, 0, 0, body


def test_the_near_cache_is_bounded() -> None:
    near = Near(lambda: 1.0)
    for number in range(10):
        near.put(b"%d" % number, entry(b"raw"), near.begin(), 3)
    assert list(near._values) == [b"7", b"8", b"9"]
    near.put(b"7", entry(b"new"), near.begin(), 3)
    near.put(b"10", entry(b"raw"), near.begin(), 3)
    assert list(near._values) == [b"9", b"7", b"10"], "the oldest value is removed first"
    assert near.get(b"7", 1.0) == entry(b"new")
    assert near.get(b"8", 1.0) is None


def test_the_age_of_a_near_value_on_both_sides_of_its_limit() -> None:
    now = [100.0]
    near = Near(lambda: now[0])
    start = near.begin()
    now[0] = 100.5
    near.put(b"1", entry(b"raw"), start, 3)
    assert near.get(b"1", 0.5) is None
    assert near.get(b"1", 0.501) == entry(b"raw")
    now[0] = 101.999
    assert near.get(b"1", 2.0) == entry(b"raw")
    now[0] = 102.0
    assert near.get(b"1", 2.0) is None


def test_a_reply_from_before_a_removal_is_refused() -> None:
    near = Near()
    before = near.begin()
    near.remove(b"other")
    near.put(b"1", entry(b"old"), before, 3)
    assert near.get(b"1", 5) is None
    near.put(b"1", entry(b"new"), near.begin(), 3)
    assert near.get(b"1", 5) == entry(b"new")


def test_a_fork_has_no_near_values() -> None:
    """It does not see the invalidations of its parent."""
    near = Near()
    near.put(b"1", entry(b"raw"), near.begin(), 3)
    pid = os.fork()
    if pid == 0:  # pragma: no cover - in the child
        os._exit(0 if near.get(b"1", 5) is None else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert near.get(b"1", 5) == entry(b"raw")


def test_threads_never_see_what_this_process_has_invalidated() -> None:
    """Replies of reads, removals and reads at the same time."""
    near, version, stop, old = Near(), [0], threading.Event(), []

    def fill() -> None:
        while not stop.is_set():
            start = near.begin()
            near.put(b"1", entry(b"%d" % version[0]), start, 3)

    threads = [threading.Thread(target=fill) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(3000):
        version[0] += 1
        near.remove(b"1")
        found = near.get(b"1", 5)
        if found is not None and int(found[-1]) < version[0]:
            old.append((found, version[0]))
    stop.set()
    for thread in threads:
        thread.join()
    assert old == []


CLIENT = CacheClient.connect("cache.example", tls=False)
GOOD: dict[str, Any] = {"load": lambda id: {"id": id}, "codec": Json(dict), "ttl": 60}


@pytest.mark.parametrize(
    ("name", "bad", "good"),
    [("near", [-0.1, 5.1, "1", None, True], [0, 5]), ("near_entries", [0, 1_000_001, "1", True], [1, 1_000_000])],
)
def test_limits_of_a_near_cache(name: str, bad: list[Any], good: list[Any]) -> None:
    for value in bad:
        with pytest.raises(ConfigurationError, match=f"^limits: {name} must be .* to .*, got .*; .+"):
            Cache(CLIENT, "limits", **{**GOOD, name: value})
    for value in good:
        Cache(CLIENT, "limits", **{**GOOD, name: value})


def test_versions_exclude_a_near_cache() -> None:
    with pytest.raises(TypeError, match="near"):
        Versioned(CLIENT, "with-versions", version=lambda _: 1, near=1, **GOOD)  # type: ignore[call-arg]

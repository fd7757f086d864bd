"""Writing through, and the versions of values."""

from collections.abc import Callable
from typing import Any

import pytest
import redis

from elasticache_caching import InvalidationFailedError, ValueRefusedError
from tests.elasticache_caching.faces import Face
from tests.elasticache_caching.rows import KEY, ROW, Table, table

__all__ = ["table"]

pytestmark = pytest.mark.servers


def test_put_writes_through(face: Face, connected: Any, table: Table) -> None:
    cache = face.versioned(connected, table.load)
    assert cache.put("1", {"version": 2, "name": "new"}) is True
    assert cache.get("1") == {"version": 2, "name": "new"}
    assert cache.put("1", {"version": 1, "name": "old"}) is False
    assert cache.get("1") == {"version": 2, "name": "new"}
    assert table.loads == []
    assert cache.counts == {"hits": 2, "invalidations": 2}


def test_a_tombstone_refuses_what_is_older(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    """As a replica of the database that is behind gives it."""
    cache = face.versioned(connected, table.load, lease=2, lag=3, pause=4)
    cache.get("1")
    assert cache.invalidate("1", version=2) is True
    assert 8000 < admin.pttl(KEY) <= 9000
    assert cache.get("1") == ROW
    assert cache.counts["refused_fills"] == 1
    table.rows["1"] = {"version": 2, "name": "new"}
    assert cache.get("1") == {"version": 2, "name": "new"}
    assert cache.inspect("1").source == "hit"
    assert cache.invalidate("1", version=1) is False
    assert cache.inspect("1").source == "hit"


@pytest.mark.parametrize("version", [-1, 2**53, 1.5, True, None, "1"])
def test_a_version_must_be_an_integer_that_lua_has(face: Face, connected: Any, table: Table, version: Any) -> None:
    cache = face.versioned(connected, table.load)
    message = r"row: version must be an integer from 0 to 2\^53 - 1, got .*; use a column that each update increments"
    calls: list[Callable[[], Any]] = [
        lambda: cache.put("1", {"version": version}),
        lambda: cache.invalidate("1", version=version),
    ]
    for call in calls:
        with pytest.raises(ValueRefusedError, match=message):
            call()
    table.rows["1"] = {"version": version}
    assert cache.get("1") == {"version": version}
    assert cache.counts["uncacheable"] == 1


def test_versions_up_to_the_limit(face: Face, connected: Any, table: Table) -> None:
    cache = face.versioned(connected, table.load)
    assert cache.put("1", {"version": 2**53 - 2}) is True
    assert cache.put("1", {"version": 2**53 - 1}) is True
    assert cache.put("1", {"version": 2**53 - 2}) is False


def test_a_refused_put_leaves_nothing_older(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.versioned(connected, table.load, max_bytes=100)
    cache.get("1")
    with pytest.raises(ValueRefusedError, match="row: value must be at most 100 bytes, got 223"):
        cache.put("1", {"version": 2, "name": "x" * 200})
    table.rows["1"] = {"version": 2, "name": "new"}
    assert cache.get("1") == {"version": 2, "name": "new"}
    with pytest.raises(ValueRefusedError, match="row: value must not be None; call invalidate for a deleted row"):
        cache.put("1", None)


def test_a_cache_without_versions_has_no_put(face: Face, connected: Any, table: Table) -> None:
    cache = face.cache(connected, table.load)
    with pytest.raises(TypeError, match="row: put needs versions, so that no older value replaces a newer one"):
        cache.put("1", ROW)
    with pytest.raises(TypeError, match="version"):
        face.cache(connected, table.load, version=lambda row: 1)
    with pytest.raises(TypeError, match="lag"):
        face.cache(connected, table.load, lag=1)


def test_without_versions_anything_is_replaced(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    """Also what a cache with versions has left there."""
    face.versioned(connected, table.load).put("1", {"version": 7})
    other = face.client(admin.connection_pool.connection_kwargs["port"])
    cache = face.cache(other, table.load)
    assert cache.refresh("1") == ROW
    assert cache.get("1") == ROW
    face.call(other.close)


def test_versioned_writes_go_around_an_open_breaker_and_are_sent_twice(
    face: Face, connected: Any, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = face.versioned(connected, table.load)
    cache.put("1", ROW)  # the server then knows the script
    transmit = connected.transmit
    replies: list[Any] = []
    sent: list[Any] = []

    async def transmitted(commands: Any) -> Any:
        sent.append(commands)
        if not replies or replies.pop(0) is None:
            raise redis.ConnectionError("gone")
        return await transmit(commands)

    monkeypatch.setattr(connected, "transmit", transmitted)
    for _ in range(4):
        cache.get("1")
    assert len(sent) == 3, "the breaker is open"
    writes: list[Callable[[], Any]] = [lambda: cache.put("1", ROW), lambda: cache.invalidate("1", version=2)]
    for write in writes:
        sent.clear()
        with pytest.raises(InvalidationFailedError):
            write()
        assert len(sent) == 2
        replies[:] = [None, True]
        assert write() is True

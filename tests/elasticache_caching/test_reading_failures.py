"""Functions that invalidate, and what is raised and logged without a cache."""

from typing import Any

import pytest

from elasticache_caching import CacheUnavailableError, InvalidationFailedError
from tests.cache_servers import free_port
from tests.elasticache_caching.faces import Face
from tests.elasticache_caching.rows import ROW, Table, table

__all__ = ["table"]

pytestmark = pytest.mark.servers


def test_a_decorated_function_invalidates_when_it_has_returned(face: Face, connected: Any, table: Table) -> None:
    cache = face.cache(connected, table.load)
    cache.get("1")
    cache.get("2")

    def rename(id: str, *, name: str) -> list[str]:
        if name == "":
            raise ValueError("name")
        table.rows[id] = {"version": 2, "name": name}
        return [id]

    async def rename_async(id: str, *, name: str) -> list[str]:
        return rename(id, name=name)

    function = rename if face.call(lambda: face._loop) is None else rename_async
    decorated = cache.thing.invalidates(lambda ids: ids)(function)
    assert decorated.__name__ == function.__name__
    with pytest.raises(ValueError, match="name"):
        face.call(decorated, "1", name="")
    assert cache.inspect("1").source == "hit"
    assert face.call(decorated, "1", name="new") == ["1"]
    assert cache.get("1") == {"version": 2, "name": "new"}
    assert cache.inspect("2").source == "hit"


def test_an_invalidation_that_does_not_arrive_raises(face: Face, table: Table) -> None:
    client = face.client(free_port(), timeout=0.1)
    cache = face.cache(client, table.load)
    with pytest.raises(
        InvalidationFailedError, match=r"row: the cache did not execute the change of '1', '2', '3', ..."
    ) as e:
        cache.invalidate("1", "2", "3", "4")
    assert e.value.ids == ("1", "2", "3", "4")
    assert "the change of '1', '2', '3', ...: " in str(e.value)
    with pytest.raises(InvalidationFailedError, match="the change of '1', '2', '3': "):
        cache.invalidate("1", "2", "3")
    assert "repeat it until it succeeds" in str(e.value)
    assert cache.counts["failed_invalidations"] == 7
    versioned = face.versioned(face.client(free_port(), timeout=0.1), table.load)
    with pytest.raises(InvalidationFailedError, match="did not execute the change of '1'"):
        versioned.put("1", ROW)
    with pytest.raises(InvalidationFailedError, match="did not execute the change of '1'"):
        versioned.invalidate("1", version=2)
    sessions = face.sessions(client)
    with pytest.raises(CacheUnavailableError):
        sessions.create({})
    with pytest.raises(CacheUnavailableError):
        sessions.load("x")


def test_the_loaders_error_is_the_callers_without_a_cache(face: Face, table: Table) -> None:
    """With and without `load_many`; there is no stale value to serve."""
    table.error = OSError("database")
    client = face.client(free_port(), timeout=0.1)
    for options in ({}, {"load_many": table.load_many}):
        cache = face.cache(client, table.load, **options)
        with pytest.raises(OSError, match="database"):
            cache.get("1")
        with pytest.raises(OSError, match="database"):
            cache.get_many(["1", "2"])


def test_a_failure_is_only_logged_when_asked_for(face: Face, table: Table, caplog: pytest.LogCaptureFixture) -> None:
    cache = face.cache(face.client(free_port(), timeout=0.1), table.load, on_failure="log")
    cache.invalidate("1")
    assert "row: the cache did not execute the change of '1'" in caplog.text
    assert cache.counts["failed_invalidations"] == 1

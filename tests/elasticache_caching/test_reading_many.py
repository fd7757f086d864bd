"""Reading several rows at once, through both kinds of cache."""

import time
from typing import Any

import pytest
import redis

from elasticache_caching import InvalidKeyError
from tests.elasticache_caching.faces import Face
from tests.elasticache_caching.rows import KEY, ROW, Table, expire, table

__all__ = ["table"]

pytestmark = pytest.mark.servers


def test_get_many(face: Face, connected: Any, table: Table) -> None:
    cache = face.cache(connected, table.load)
    cache.get("2")
    values = cache.get_many(["3", "2", "9", "1", "2"])
    assert list(values.items()) == [("3", table.rows["3"]), ("2", table.rows["2"]), ("9", None), ("1", ROW)]
    assert table.loads == ["2", "3", "9", "1"]
    assert cache.get_many([]) == {}


def test_get_many_with_one_load(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load, load_many=table.load_many)
    cache.get("2")
    admin.config_resetstat()
    assert cache.get_many(["3", "2", "9", "1"]) == {"3": table.rows["3"], "2": table.rows["2"], "9": None, "1": ROW}
    assert table.loads == ["2", "1+3+9"]
    assert cache.counts == {"hits": 1, "loads": 2}
    assert admin.info("commandstats")["cmdstat_mget"]["calls"] == 1
    assert cache.get_many(["1", "2", "3", "9"])["1"] == ROW
    assert len(table.loads) == 2
    assert admin.keys("*!") == [], "every lease must be free"


def test_get_many_waits_for_what_others_load(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load, load_many=table.load_many, lease=0.2)
    admin.set("{row:2}!", "somebody else")
    admin.set("{row:3}!", "-")
    assert cache.get_many(["1", "2", "3"]) == table.rows
    assert table.loads == ["1+3", "2"]
    assert sorted(admin.keys("*")) == [b"{row:1}", b"{row:2}!", b"{row:3}!"]


def test_get_many_uses_a_value_that_was_stored_in_between(
    face: Face, connected: Any, admin: redis.Redis, table: Table
) -> None:
    cache = face.cache(connected, table.load, load_many=table.load_many)
    cache.get("1")
    value: Any = admin.get(KEY)
    admin.delete(KEY)
    protocols = {id: cache.protocol.fetch(id, None, None) for id in ("1", "2")}
    admin.set(KEY, value)
    result = face.run(connected, cache.thing._performing, protocols)
    assert {id: loaded.source for id, loaded in result.items()} == {"1": "wait", "2": "load"}


def test_get_many_when_the_loader_fails(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load, load_many=table.load_many, ttl=10, stale=100)
    cache.get_many(["1", "2"])
    table.error = OSError("database")
    expire(cache, 11)
    assert cache.get_many(["1", "2"]) == {"1": ROW, "2": table.rows["2"]}
    with pytest.raises(OSError, match="database"):
        cache.get_many(["1", "3"])
    assert sorted(admin.keys("*!")) == [b"{row:1}!", b"{row:2}!"], "after a failure the loader has a rest, as with get"
    assert cache.counts["load_failures"] == 2


def test_get_many_does_not_wait_for_others_when_its_own_load_fails(
    face: Face, connected: Any, admin: redis.Redis, table: Table
) -> None:
    cache = face.cache(connected, table.load, load_many=table.load_many, lease=30)
    admin.set("{row:2}!", "somebody else")
    table.error = OSError("database")
    started = time.monotonic()
    with pytest.raises(OSError, match="database"):
        cache.get_many(["1", "2"])
    assert time.monotonic() - started < 5
    assert admin.keys("*") == [b"{row:2}!"], "its own lease must be free"


def test_get_many_where_one_key_has_another_type(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load, load_many=table.load_many)
    admin.rpush(KEY, "x")
    assert cache.get_many(["1", "2"]) == {"1": ROW, "2": table.rows["2"]}
    assert admin.exists("{row:2}") == 1
    assert cache.counts == {"loads": 1, "cache_errors": 1, "unavailable": 1}


def test_get_many_counts_refused_fills(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    def load_many(ids: list[str]) -> dict[str, Any]:
        admin.delete(KEY + "!")
        return table.load_many(ids)

    cache = face.cache(connected, table.load, load_many=load_many, max_bytes=60)
    table.rows["2"] = {"version": 1, "name": "x" * 99}
    assert cache.get_many(["1", "2", "3"]) == table.rows
    assert admin.exists(KEY) == 0
    assert cache.counts == {"loads": 1, "refused_fills": 1, "uncacheable": 1}


def test_one_string_is_not_a_list_of_ids(face: Face, connected: Any, table: Table) -> None:
    """Its characters would be read, and the id itself would not be invalidated."""
    table.rows["42"] = ROW
    cache = face.cache(connected, table.load)
    cache.get("42")
    message = r"row: ids must be a list of strings, got '42'; pass \['42'\]"
    with pytest.raises(InvalidKeyError, match=message):
        cache.get_many("42")

    async def rename_async() -> str:
        return rename()

    def rename() -> str:
        return "42"

    function = rename if face._loop is None else rename_async
    with pytest.raises(InvalidKeyError, match=message):
        face.call(cache.thing.invalidates(lambda id: id)(function))
    face.call(cache.thing.invalidates(lambda id: (each for each in [id]))(function))
    assert cache.inspect("42").source == "load"

"""Reading through both kinds of cache, with both clients: loads, hits, misses and invalidations."""

import threading
from typing import Any

import pytest
import redis

from elasticache_caching import InvalidKeyError, Json
from tests.elasticache_caching import faces
from tests.elasticache_caching.faces import Face
from tests.elasticache_caching.rows import KEY, ROW, Table, table

__all__ = ["table"]

pytestmark = pytest.mark.servers


def test_a_miss_loads_and_a_hit_does_not(face: Face, connected: Any, table: Table) -> None:
    cache = face.cache(connected, table.load)
    assert [cache.get("1"), cache.get("1"), cache.get("2")] == [ROW, ROW, table.rows["2"]]
    assert table.loads == ["1", "2"]
    assert cache.counts == {"hits": 1, "loads": 2}
    assert cache.thing.statistics.hit_ratio == pytest.approx(1 / 3)


def test_inspect_returns_the_source(face: Face, connected: Any, table: Table) -> None:
    cache = face.cache(connected, table.load)
    loaded = cache.inspect("1")
    assert (loaded.value, loaded.source, loaded.expires_in) == (ROW, "load", None)
    hit = cache.inspect("1")
    assert (hit.value, hit.source) == (ROW, "hit")
    assert 55 < hit.expires_in <= 60


def test_the_server_removes_values_at_the_end(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load, ttl=7, stale=11)
    cache.get("1")
    assert 17_000 < admin.pttl(KEY) <= 18_000
    assert admin.exists(KEY + "!") == 0


def test_jitter_shortens_the_ttl(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load, ttl=100, jitter=0.5)
    cache.protocol.draw = lambda: 0.5
    cache.get("1")
    assert 74_000 < admin.pttl(KEY) <= 75_000


def test_an_invalidation_is_seen_by_the_next_read(face: Face, connected: Any, table: Table) -> None:
    cache = face.cache(connected, table.load)
    cache.get("1")
    cache.get("2")
    table.rows["1"] = {"version": 2, "name": "new"}
    cache.invalidate("1", "2")
    assert cache.get("1") == {"version": 2, "name": "new"}
    assert table.loads == ["1", "2", "1"]
    assert cache.counts["invalidations"] == 2


def test_an_invalidation_ends_a_load(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    def load(id: str) -> dict[str, Any]:
        old = dict(table.rows[id])
        if old["version"] == 1:
            table.rows[id] = {"version": 2, "name": "new"}
            with faces.face("threads") as other:
                client = other.client(admin.connection_pool.connection_kwargs["port"])
                other.cache(client, load).invalidate(id)
                client.close()
        return old

    cache = face.cache(connected, load)
    assert cache.get("1") == ROW, "it was asked before the invalidation"
    assert admin.exists(KEY) == 0
    assert cache.get("1") == {"version": 2, "name": "new"}
    assert cache.counts == {"loads": 2, "refused_fills": 1}


def test_none_is_kept_for_its_own_time(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load, negative=3)
    assert [cache.get("9"), cache.get("9")] == [None, None]
    assert table.loads == ["9"]
    assert 2000 < admin.pttl("{row:9}") <= 3000
    cache.invalidate("9")
    table.rows["9"] = ROW
    assert cache.get("9") == ROW


def test_none_need_not_be_kept(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load, negative=0)
    assert [cache.get("9"), cache.get("9")] == [None, None]
    assert table.loads == ["9", "9"]
    assert admin.keys("*") == []


def test_the_loaders_error_is_the_callers(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load)
    table.error = OSError("database")
    with pytest.raises(OSError, match="database"):
        cache.get("1")
    assert admin.keys("*") == [], "the lease must be free"
    table.error = None
    assert cache.get("1") == ROW
    assert cache.counts == {"loads": 2, "load_failures": 1}


def test_a_waiting_reader_gets_the_value_of_another_load(
    face: Face, connected: Any, admin: redis.Redis, table: Table
) -> None:
    cache = face.cache(connected, table.load)
    cache.get("1")
    value: Any = admin.get(KEY)
    admin.delete(KEY)
    admin.set(KEY + "!", "somebody else")
    threading.Timer(0.05, lambda: admin.set(KEY, value)).start()
    waited = cache.inspect("1")
    assert (waited.value, waited.source) == (ROW, "wait")
    assert cache.counts == {"loads": 1, "waits": 1}


def test_who_has_waited_for_a_lease_loads(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load, lease=0.2)
    admin.set(KEY + "!", "somebody else")
    assert cache.get("1") == ROW
    assert admin.get(KEY) is None, "without the lease nobody fills"


def test_a_value_that_cannot_be_stored(
    face: Face, connected: Any, admin: redis.Redis, table: Table, caplog: Any
) -> None:
    """And readers of other processes do not queue for it."""
    cache = face.cache(connected, table.load, max_bytes=100)
    table.rows["1"] = {"version": 1, "name": "x" * 200}
    table.rows["2"] = {"version": 1, "name": (1, 2)}
    for id in ("1", "2"):
        assert [cache.get(id), cache.get(id)] == [table.rows[id]] * 2
        assert admin.get(f"{{row:{id}}}") is None
        assert admin.get(f"{{row:{id}}}!") == b"-"
        assert 4000 < admin.pttl(f"{{row:{id}}}!") <= 5000
    assert cache.counts == {"loads": 4, "uncacheable": 2}
    assert "row: value must be at most 100 bytes, got 223; store less in it, or raise max_bytes" in caplog.text
    assert "row: dict changes when it is restored from JSON; pass to_json and from_json" in caplog.text


@pytest.mark.parametrize("raw", [b"", b"garbage", b"\xe1" * 24, b"\xe1\x00\x00\x01" + b"\x7f" * 20 + b"not json"])
def test_what_is_a_miss(face: Face, connected: Any, admin: redis.Redis, table: Table, raw: bytes) -> None:
    cache = face.cache(connected, table.load)
    admin.set(KEY, raw)
    assert [cache.inspect("1").source, cache.inspect("1").source] == ["load", "hit"]


def test_another_schema_is_a_miss(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    face.cache(connected, table.load).get("1")
    old = admin.get(KEY)
    table.error = OSError("database")
    newer = face.cache(connected, table.load, codec=Json(dict, schema=2))
    with pytest.raises(OSError, match="database"):
        newer.get("1")
    assert admin.get(KEY) == old
    table.error = None
    assert newer.inspect("1").source == "load"
    assert newer.inspect("1").source == "hit"


def test_a_key_of_another_type_is_no_error(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    """And does not open the breaker: the server did answer."""
    cache = face.cache(connected, table.load)
    admin.rpush(KEY, "x")
    assert [cache.inspect("1").source for _ in range(5)] == ["down"] * 5
    assert [cache.inspect("2").source for _ in range(2)] == ["load", "hit"]
    cache.invalidate("1")
    assert [cache.inspect("1").source for _ in range(2)] == ["load", "hit"]


@pytest.mark.parametrize("id", ["\ud800", 42, None, b"1", "{\udfff", ["1"], ("1", "2"), {"1"}])
def test_an_id_that_cannot_be_a_key(face: Face, connected: Any, admin: redis.Redis, table: Table, id: Any) -> None:
    cache = face.cache(connected, table.load)
    for call in (cache.get, cache.invalidate, lambda id: cache.get_many([id])):
        with pytest.raises(
            InvalidKeyError, match=r"row: id must be a string that UTF-8 encodes, got .*; pass a string"
        ):
            call(id)
    assert table.loads == []
    assert admin.keys("*") == []


def test_scripts_are_loaded_again(face: Face, connected: Any, admin: redis.Redis, table: Table) -> None:
    cache = face.cache(connected, table.load)
    cache.get("1")
    admin.script_flush()
    assert cache.inspect("2").source == "load"
    assert cache.inspect("2").source == "hit"
    many = face.cache(connected, table.load, load_many=table.load_many)
    many.invalidate("1", "2")
    admin.script_flush()
    many.get_many(["1", "2"])
    assert [many.inspect(id).source for id in ("1", "2")] == ["hit", "hit"]
    assert "cache_errors" not in {**cache.counts, **many.counts}

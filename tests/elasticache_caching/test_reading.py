"""Reading and writing through both kinds of cache, with both clients."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis

from elasticache_caching import (
    CacheUnavailableError,
    InvalidationFailedError,
    InvalidKeyError,
    Json,
    ValueRefusedError,
)
from tests.cache_servers import free_port
from tests.elasticache_caching import faces
from tests.elasticache_caching.faces import Face

pytestmark = pytest.mark.servers

KEY = "{row:1}"


class Table:
    """A database of rows by id, which counts queries."""

    def __init__(self, **rows: dict[str, Any]) -> None:
        self.rows = rows
        self.loads: list[str] = []
        self.error: Exception | None = None

    def load(self, id: str) -> dict[str, Any] | None:
        self.loads.append(id)
        if self.error is not None:
            raise self.error
        return self.rows.get(id)

    def load_many(self, ids: list[str]) -> dict[str, dict[str, Any]]:
        self.loads.append("+".join(sorted(ids)))
        if self.error is not None:
            raise self.error
        return {id: self.rows[id] for id in ids if id in self.rows}


ROW = {"version": 1, "name": "a"}


@pytest.fixture
def table() -> Table:
    return Table(**{"1": dict(ROW), "2": {"version": 1, "name": "b"}, "3": {"version": 1, "name": "c"}})


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


def expire(cache: Any, seconds: float) -> None:
    """Advance the clock of the caller."""
    clock = cache.protocol.clock
    cache.protocol.clock = lambda: clock() + seconds


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

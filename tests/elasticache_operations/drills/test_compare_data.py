"""The comparison of two caches on real servers, which runs on the client."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import redis

from elasticache_operations.drills.restore import compare_data, stores
from elasticache_operations.drills.restore.stores import Link, Login, Store
from tests.cache_servers import Server
from tests.elasticache_operations.drills.comparing import (
    AGE,
    PLAIN,
    UNTOUCHED,
    compare,
    counts,
    fill,
    restored,
    servers,
    source,
)

__all__ = ["restored", "servers", "source"]

pytestmark = pytest.mark.servers


def test_equal_data_of_every_type(servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis) -> None:
    fill(source, restored)
    found = compare(servers)
    assert counts(found) == {"sampled": 8, "same": 8}
    assert (found["source"], found["restored"], found["complete"]) == (8, 8, True)


CHANGES: dict[str, Any] = {
    "text": lambda server: server.set("text", "other"),
    "type": lambda server: (server.delete("text"), server.rpush("text", b"\x00\xff binary")),
    "list-order": lambda server: (server.delete("list"), server.rpush("list", "b", "a", "a")),
    "hash-value": lambda server: server.hset("hash", "field-7", "8"),
    "hash-swapped": lambda server: server.hset("hash", mapping={"field-7": "8", "field-8": "7"}),
    "set-member": lambda server: (server.srem("set", "member-7"), server.sadd("set", "member-700")),
    "score": lambda server: server.zincrby("sorted", 1, "member-7"),
    "entry": lambda server: server.xadd("stream", {"a": 2}, id="1-2"),
    "expiry": lambda server: server.pexpireat("expires", 2_000_000_010_000),
    "no-expiry": lambda server: server.persist("expires"),
    "new-expiry": lambda server: server.pexpireat("text", 2_000_000_000_000),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(
    servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis, change: str
) -> None:
    fill(source, restored)
    CHANGES[change](source)
    assert counts(compare(servers)) == {"sampled": 8, "same": 7, "changed": 1}
    assert counts(compare(servers, age=UNTOUCHED)) == {"sampled": 8, "same": 7, "different": 1}


def test_an_expiry_may_differ_by_seconds(
    servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis
) -> None:
    now = round(time.time() * 1000)
    for server, more in ((source, 0), (restored, 4000)):
        server.set("a", "1", pxat=now + 3_600_000 + more)
    assert counts(compare(servers)) == {"sampled": 1, "same": 1}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (0, compare_data.TTL_MARGIN, True),
        (compare_data.TTL_MARGIN, 0, True),
        (0, compare_data.TTL_MARGIN + 1, False),
        (None, 0, False),
        (0, None, False),
        (None, None, True),
    ],
)
def test_the_bound_of_two_times_of_expiry(first: int | None, second: int | None, expected: bool) -> None:
    assert compare_data.same((b"string", b"digest", first), (b"string", b"digest", second)) is expected
    assert not compare_data.same((b"string", b"digest", first), (b"list", b"digest", second))
    assert not compare_data.same((b"string", b"digest", first), (b"string", b"other", second))


def test_keys_of_one_cache_alone(servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis) -> None:
    fill(source, restored)
    source.set("later", "1")
    restored.set("earlier", "1")
    found = compare(servers)
    assert counts(found) == {"sampled": 10, "same": 8, "gone": 1, "new": 1}
    # A key that was not used since the snapshot, and is absent in the restored cache, is lost.
    assert counts(compare(servers, age=UNTOUCHED)) == {"sampled": 10, "same": 8, "gone": 1, "lost": 1}


@pytest.mark.parametrize(("age", "expected"), [(1.0, "different"), (3.0, "changed")])
def test_the_time_of_the_last_use_is_compared_with_the_age(
    servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis, age: float, expected: str
) -> None:
    source.set("a", "1")
    restored.set("a", "2")
    time.sleep(2.1)
    # The last use is 2 seconds ago: the snapshot with the margin is one second newer, or one second older.
    assert counts(compare(servers, age=age - compare_data.MARGIN)) == {"sampled": 1, expected: 1}


def test_without_the_time_of_the_last_use_a_key_may_have_changed(
    servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis
) -> None:
    source.set("a", "1")
    restored.set("a", "2")
    source.config_set("maxmemory-policy", "allkeys-lfu")
    try:
        assert counts(compare(servers, age=UNTOUCHED)) == {"sampled": 1, "changed": 1}
    finally:
        source.config_set("maxmemory-policy", "noeviction")


def test_the_sample_is_of_both(servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis) -> None:
    for server in (source, restored):
        server.mset({f"key:{number}": number for number in range(2000)})
    found = compare(servers, sample=100)
    # At most 100 of each; some keys are in both samples.
    assert 100 < found["sampled"] <= 200
    assert found["same"] == found["sampled"]
    assert compare(servers, sample=2000)["sampled"] == 2000


def test_other_databases_are_compared(
    servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis
) -> None:
    for server, value in zip(servers, ("1", "2"), strict=True):
        redis.Redis("127.0.0.1", server.port, db=3).set("a", value)
        redis.Redis("127.0.0.1", server.port, db=15).set("a", "same")
    found = compare(servers)
    assert counts(found) == {"sampled": 2, "same": 1, "changed": 1}
    assert (found["source"], found["restored"]) == (2, 2)


def test_large_values_are_compared_by_their_length(
    servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare_data, "MOST_MEMBERS", 10)
    monkeypatch.setattr(compare_data, "MOST_BYTES", 10)
    for server, extra in ((source, "x"), (restored, "y")):
        server.rpush("at-the-limit", *range(9), extra)
        server.rpush("above-the-limit", *range(10), extra)
        server.set("text-at-the-limit", f"123456789{extra}")
        server.set("text-above-the-limit", f"1234567890{extra}")
    assert counts(compare(servers)) == {"sampled": 4, "same": 2, "changed": 2}
    source.rpush("above-the-limit", "more")
    assert counts(compare(servers)) == {"sampled": 4, "same": 1, "changed": 3}


def test_a_sample_that_takes_too_long_is_partial(
    servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis
) -> None:
    fill(source, restored)
    found = compare(servers, seconds=0)
    assert (found["complete"], found["sampled"]) == (False, 0)


def test_empty_caches(servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis) -> None:
    found = compare(servers)
    assert (found["source"], found["restored"], counts(found)) == (0, 0, {})


def test_a_user_with_few_permissions(
    servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis
) -> None:
    fill(source, restored)
    source.acl_setuser("few", enabled=True, passwords=["+secret"], keys=["t*"], commands=["+@read", "+@connection"])
    other = Store("127.0.0.1", servers[1].port, PLAIN, clustered=False)
    login = Login(tls=False, user="few", password="secret")
    few = Store("127.0.0.1", servers[0].port, login, clustered=False)
    found = compare_data.compare(few, other, sample=100, age=AGE, seconds=60)
    few.close()
    assert counts(found) == {"sampled": 8, "same": 1, "unreadable": 7}
    source.acl_setuser("few", reset=True, enabled=True, passwords=["+secret"], keys=["*"], commands=["+get", "+type"])
    none = Store("127.0.0.1", servers[0].port, login, clustered=False)
    found = compare_data.compare(none, other, sample=100, age=AGE, seconds=60)
    none.close()
    other.close()
    # Without DBSIZE the number of keys is not known, and without PTTL no value can be compared.
    assert (found["source"], found["restored"], counts(found)) == (None, 8, {"sampled": 8, "unreadable": 8})


def test_the_comparison_writes_nothing(
    servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis
) -> None:
    fill(source, restored)
    before = source.info("commandstats")
    compare(servers)
    after = source.info("commandstats")
    used = {name for name, value in after.items() if value != before.get(name)}
    writes = {"set", "hset", "del", "expire", "sadd", "zadd", "rpush", "xadd", "restore", "touch", "flushall"}
    assert not {name.removeprefix("cmdstat_") for name in used} & writes
    assert "cmdstat_get" in used


def test_a_connection_that_is_closed_is_an_error(servers: tuple[Server, Server], source: redis.Redis) -> None:
    link = Link("127.0.0.1", servers[0].port, PLAIN)
    source.client_kill_filter(_id=link.call("CLIENT", "ID"))
    with pytest.raises(ConnectionResetError, match="closed the connection"):
        link.call("PING")
    link.close()


def test_a_name_without_an_address_is_an_error() -> None:
    with pytest.raises(OSError, match=r"not known|Temporary failure"):
        compare_data.resolve("name.invalid", 6379, seconds=0)


def test_it_runs_on_the_python_of_amazon_linux() -> None:
    vermin = str(Path(sys.executable).with_name("vermin"))
    words = [vermin, "--target=3.9-", "--violations", "--no-tips", str(compare_data.__file__), str(stores.__file__)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout

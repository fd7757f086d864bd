"""The comparison of two caches on real servers, which runs on the client."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from connection_test import slots

from elasticache_operations.drills.restore import compare_data, comparison, stores
from elasticache_operations.drills.restore.stores import Link, Login, Store
from tests.cache_servers import DOMAIN, Certificates, Server, cluster, start

pytestmark = pytest.mark.servers

PLAIN = Login(tls=False)
AGE = 3600.0
UNTOUCHED = -compare_data.MARGIN - 1
"""An age with which every key counts as not used since the snapshot."""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    folder = tmp_path_factory.mktemp("pair")
    certificates = Certificates(folder)
    started = [start(folder, name, certificates, tls=False, users=False) for name in ("source", "restored")]
    yield started[0], started[1]
    for server in started:
        server.stop()


@pytest.fixture
def source(servers: tuple[Server, Server]) -> redis.Redis:
    return emptied(servers[0])


@pytest.fixture
def restored(servers: tuple[Server, Server]) -> redis.Redis:
    return emptied(servers[1])


def emptied(server: Server) -> redis.Redis:
    connection = redis.Redis("127.0.0.1", server.port)
    connection.flushall()
    return connection


def fill(*servers: redis.Redis) -> None:
    """The same keys of every type, written in another order."""
    for number, server in enumerate(servers):
        members = list(range(300))[:: -1 if number else 1]
        server.set("text", b"\x00\xff binary")
        server.set("number", 7)
        server.set("expires", "soon", pxat=2_000_000_000_000)
        server.rpush("list", "a", "b", "a")
        server.hset("hash", mapping={f"field-{member}": member for member in members})
        server.sadd("set", *(f"member-{member}" for member in members))
        server.zadd("sorted", {f"member-{member}": member for member in members})
        server.xadd("stream", {"a": 1}, id="1-1")


def compare(
    servers: tuple[Server, Server], *, sample: int = 1000, age: float = AGE, seconds: float = 60.0
) -> dict[str, Any]:
    both = [Store("127.0.0.1", server.port, PLAIN, clustered=False) for server in servers]
    try:
        return compare_data.compare(both[0], both[1], sample=sample, age=age, seconds=seconds)
    finally:
        for store in both:
            store.close()


def counts(found: dict[str, Any]) -> dict[str, int]:
    """The numbers that are not zero."""
    return {name: number for name, number in found.items() if number and name not in ("source", "restored", "complete")}


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


def test_a_cluster_is_compared_shard_by_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The servers announce host names as on AWS.
    look_up = socket.getaddrinfo

    def resolved(host: str, port: int, *more: Any) -> Any:
        return (
            [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
            if host.endswith(DOMAIN)
            else look_up(host, port, *more)
        )

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    certificates = Certificates(tmp_path)
    with (
        cluster(tmp_path / "source", certificates, replicas=0) as one,
        cluster(tmp_path / "restored", certificates, replicas=0) as other,
    ):
        keys = [b"key:%d" % number for number in range(100)] + [b"{tag}a", b"x{tag}b", b"{}c"]
        for servers in (one, other):
            put(servers, certificates, keys, "1")
        assert counts(compared(one, other, certificates)) == {"sampled": 103, "same": 103}
        put(one, certificates, keys[:1], "2")
        assert counts(compared(one, other, certificates)) == {"sampled": 103, "same": 102, "changed": 1}
        # Nodes without a name are at the host that was asked.
        for server in one:
            connection = server.admin_connection()
            connection.call("CONFIG", "SET", "cluster-preferred-endpoint-type", "unknown-endpoint")
            connection.close()
        assert counts(compared(one, other, certificates)) == {"sampled": 103, "same": 102, "changed": 1}


def put(servers: list[Server], certificates: Certificates, keys: list[bytes], value: str) -> None:
    store = connected(servers, certificates)
    for key in keys:
        link = store.link_of(0, key)
        assert link is not None
        link.call("SET", key, value)
    store.close()


def compared(one: list[Server], other: list[Server], certificates: Certificates) -> dict[str, Any]:
    both = [connected(servers, certificates) for servers in (one, other)]
    found = compare_data.compare(*both, sample=1000, age=AGE, seconds=60)
    for store in both:
        store.close()
    return found


def connected(servers: list[Server], certificates: Certificates) -> Store:
    login = Login(tls=True, user="admin", password="administrator", ca_file=str(certificates.ca_file))
    return Store(servers[0].host, servers[0].port, login, clustered=True)


@pytest.mark.parametrize("key", ["123456789", "{user}:1", "x{user}", "user", "{}a", "a{b}{c}", "}a{", "a{b"])
def test_the_slots_of_keys(key: str) -> None:
    assert stores.slot_of(key.encode()) == slots.slot_of(key)
    assert stores.slot_of(b"123456789") == 12739


def test_a_connection_that_is_closed_is_an_error(servers: tuple[Server, Server], source: redis.Redis) -> None:
    link = Link("127.0.0.1", servers[0].port, PLAIN)
    source.client_kill_filter(_id=link.call("CLIENT", "ID"))
    with pytest.raises(ConnectionResetError, match="closed the connection"):
        link.call("PING")
    link.close()


CACHE_CLI = """#!/bin/sh
# As the one of CacheClient: runs the first command-line client of the PATH, with the endpoint and the login.
export REDISCLI_AUTH=''
exec valkey-cli -h 127.0.0.1 -p {port} "$@"
"""


def sh(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        ["sh"], input=script, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("value", ["1", "2"])
def test_the_script_runs_the_comparison_in_place_of_the_command_line_client(
    servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis, tmp_path: Path, value: str
) -> None:
    source.set("a", "1")
    restored.set("a", value)
    (tmp_path / "cache-cli").write_text(CACHE_CLI.format(port=servers[0].port))
    (tmp_path / "cache-cli").chmod(0o755)
    settings = {"host": "127.0.0.1", "port": servers[1].port, "password": "", "sample": 10, "age": AGE, "seconds": 60}
    done = sh(tmp_path, comparison.script(settings))
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert counts(found) == {"sampled": 1, "same" if value == "1" else "changed": 1}
    wrong = sh(tmp_path, comparison.script({**settings, "port": 1}))
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr == "ConnectionRefusedError: [Errno 111] Connection refused\n"
    refused = sh(tmp_path, comparison.script({**settings, "password": "a-token-that-is-wrong"}))
    assert refused.returncode == 1
    assert "a-token-that-is-wrong" not in refused.stderr


def test_without_the_client_the_script_says_so(tmp_path: Path) -> None:
    assert sh(tmp_path, comparison.script({})).returncode == 3


def test_a_name_without_an_address_is_an_error() -> None:
    with pytest.raises(OSError, match=r"not known|Temporary failure"):
        compare_data.resolve("name.invalid", 6379, seconds=0)


def test_it_runs_on_the_python_of_amazon_linux() -> None:
    vermin = str(Path(sys.executable).with_name("vermin"))
    words = [vermin, "--target=3.9-", "--violations", "--no-tips", str(compare_data.__file__), str(stores.__file__)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout

"""Each line of each script matters: with any one of them removed, one of these checks fails."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from elasticache_caching import scripts, sessions, wire
from elasticache_caching.scripts import ACQUIRE, FILL, RELEASE, STORE, Script
from elasticache_caching.sessions import LOAD, SAVE, TAKE

pytestmark = pytest.mark.servers

KEYS = (b"{row:1}", b"{row:1}!")
VALUE, LEASE = KEYS
MAGIC = bytes([wire.MAGIC])
# A newer entry of another format.
OTHER = bytes([wire.MAGIC - 1]) + wire.pack(0, schema=1, version=7, expires=2**41, body=b"1")[1:]
SCRIPTS = {
    "acquire": ACQUIRE,
    "fill": FILL,
    "store": STORE,
    "release": RELEASE,
    "load": LOAD,
    "save": SAVE,
    "take": TAKE,
}


def entry(version: int, body: bytes = b"1") -> bytes:
    return wire.pack(0, schema=1, version=version, expires=2**41, body=body)


class Server:
    """The empty server, and scripts run on it."""

    def __init__(self, connection: redis.Redis) -> None:
        self.redis = connection
        connection.flushdb()

    def run(self, script: Script, *arguments: Any, keys: tuple[bytes, ...] = KEYS) -> Any:
        return self.redis.execute_command(*script.eval(keys, *arguments))


def acquire_gives_one_lease(server: Server) -> None:
    assert server.run(ACQUIRE, "a", 5000, b"") == 1
    assert server.redis.get(LEASE) == b"a"
    assert 0 < server.redis.pttl(LEASE) <= 5000
    assert server.run(ACQUIRE, "b", 5000, b"") == 0
    assert server.redis.get(LEASE) == b"a"


def acquire_returns_what_the_caller_has_not_seen(server: Server) -> None:
    server.redis.set(VALUE, entry(1))
    assert server.run(ACQUIRE, "a", 5000, b"") == entry(1)
    assert server.redis.get(LEASE) is None
    assert server.run(ACQUIRE, "a", 5000, entry(1)[: wire.HEAD_SIZE]) == 1


def acquire_tells_of_a_bypass(server: Server) -> None:
    server.redis.set(LEASE, "-")
    assert server.run(ACQUIRE, "a", 5000, b"") == 2


def fill_needs_the_lease(server: Server) -> None:
    assert server.run(FILL, 1, entry(1), 5000, "a") == 0
    server.redis.set(LEASE, "b")
    assert server.run(FILL, 1, entry(1), 5000, "a") == 0
    assert server.redis.get(VALUE) is None
    assert server.redis.get(LEASE) == b"b"


def fill_stores_and_ends_the_lease(server: Server) -> None:
    server.redis.set(LEASE, "a")
    assert server.run(FILL, 1, entry(1), 5000, "a") == 1
    assert server.redis.get(VALUE) == entry(1)
    assert 0 < server.redis.pttl(VALUE) <= 5000
    assert server.redis.get(LEASE) is None


def fill_refuses_what_is_older(server: Server) -> None:
    server.redis.set(VALUE, entry(2))
    server.redis.set(LEASE, "a")
    assert server.run(FILL, 1, entry(1), 5000, "a") == -1
    assert server.redis.get(VALUE) == entry(2)
    assert server.redis.get(LEASE) is None
    server.redis.set(LEASE, "a")
    assert server.run(FILL, 2, entry(2, b"2"), 5000, "a") == 1


def store_replaces_what_is_not_newer(server: Server) -> None:
    server.redis.set(LEASE, "a")
    for version in (0, 5, 5, wire.MAX_VERSION):
        assert server.run(STORE, version, entry(version), 5000) == 1
        assert server.redis.get(VALUE) == entry(version)
        assert 0 < server.redis.pttl(VALUE) <= 5000
        assert server.redis.get(LEASE) is None
    server.redis.set(LEASE, "a")
    assert server.run(STORE, wire.MAX_VERSION - 1, entry(wire.MAX_VERSION - 1), 5000) == -1
    assert server.redis.get(VALUE) == entry(wire.MAX_VERSION)


def garbage_is_replaced(server: Server) -> None:
    """Also such that would be a large version in an entry."""
    large = (b"\xff" * 23, b"\xff" * 64, MAGIC + b"\x7f" * 22, MAGIC + b"\x7f" * 99, b"\x7f" * 24)
    for garbage in (b"", b"x", OTHER, *large):
        server.redis.set(VALUE, garbage)
        assert server.run(STORE, 1, entry(1), 5000) == 1, garbage
        server.redis.set(VALUE, garbage)
        server.redis.set(LEASE, "a")
        assert server.run(FILL, 1, entry(1), 5000, "a") == 1, garbage


def a_tombstone_refuses_what_is_older(server: Server) -> None:
    """It has a header and no body."""
    tombstone = wire.pack(wire.TOMBSTONE, schema=1, version=2)
    assert len(tombstone) == wire.HEAD_SIZE
    server.redis.set(VALUE, tombstone)
    server.redis.set(LEASE, "a")
    assert server.run(FILL, 1, entry(1), 5000, "a") == -1
    assert server.run(STORE, 1, entry(1), 5000) == -1
    assert server.redis.get(VALUE) == tombstone


def release_needs_the_lease(server: Server) -> None:
    server.redis.set(LEASE, "a")
    assert server.run(RELEASE, "b", 0) == 0
    assert server.redis.get(LEASE) == b"a"
    assert server.run(RELEASE, "a", 0) == 1
    assert server.redis.get(LEASE) is None


def release_can_open_a_bypass(server: Server) -> None:
    server.redis.set(LEASE, "a")
    assert server.run(RELEASE, "a", 700) == 1
    assert server.redis.get(LEASE) == b"-"
    assert 0 < server.redis.pttl(LEASE) <= 700


def sessions_slide(server: Server) -> None:
    assert server.run(LOAD, 5000, keys=(VALUE,)) == []
    server.redis.hset(VALUE, ":a", "1")
    assert server.run(LOAD, 5000, keys=(VALUE,)) == [b":a", b"1"]
    assert 0 < server.redis.pttl(VALUE) <= 5000


def sessions_change_by_field(server: Server) -> None:
    assert server.run(SAVE, 5000, 0, 0, ":a", "1", keys=(VALUE,)) == 0
    assert server.redis.exists(VALUE) == 0
    assert server.run(SAVE, 5000, 1, 0, ":a", "1", ":b", "2", keys=(VALUE,)) == 1
    assert 0 < server.redis.pttl(VALUE) <= 5000
    assert server.run(SAVE, 9000, 0, 1, ":a", ":c", "3", keys=(VALUE,)) == 1
    assert server.redis.hgetall(VALUE) == {b":b": b"2", b":c": b"3"}
    assert server.redis.pttl(VALUE) > 5000


def sessions_are_taken_once(server: Server) -> None:
    server.redis.hset(VALUE, ":a", "1")
    assert server.run(TAKE, keys=(VALUE,)) == [b":a", b"1"]
    assert server.run(TAKE, keys=(VALUE,)) == []


CHECKS: list[Callable[[Server], None]] = [
    acquire_gives_one_lease,
    acquire_returns_what_the_caller_has_not_seen,
    acquire_tells_of_a_bypass,
    fill_needs_the_lease,
    fill_stores_and_ends_the_lease,
    fill_refuses_what_is_older,
    store_replaces_what_is_not_newer,
    garbage_is_replaced,
    a_tombstone_refuses_what_is_older,
    release_needs_the_lease,
    release_can_open_a_bypass,
    sessions_slide,
    sessions_change_by_field,
    sessions_are_taken_once,
]


@pytest.mark.parametrize("check", CHECKS)
def test_scripts(admin: redis.Redis, check: Callable[[Server], None]) -> None:
    check(Server(admin))


def _fails(check: Callable[[Server], None], admin: redis.Redis) -> bool:
    try:
        check(Server(admin))
    except (AssertionError, redis.ResponseError):
        return True
    return False


def mutants() -> Iterator[tuple[str, int, str]]:
    """Each script without one of its lines."""
    for name, script in SCRIPTS.items():
        lines = script.text.splitlines()
        for number, line in enumerate(lines):
            if line.strip():
                yield name, number, "\n".join(lines[:number] + lines[number + 1 :])


MUTANTS = list(mutants())


def test_there_are_mutants_of_every_script() -> None:
    assert len(MUTANTS) == 38
    texts = {
        member.text for module in (scripts, sessions) for member in vars(module).values() if isinstance(member, Script)
    }
    assert texts == {script.text for script in SCRIPTS.values()}


@pytest.mark.parametrize(("name", "number", "text"), MUTANTS, ids=[f"{name}-{number}" for name, number, _ in MUTANTS])
def test_a_script_without_one_of_its_lines_fails(
    admin: redis.Redis, monkeypatch: pytest.MonkeyPatch, name: str, number: int, text: str
) -> None:
    monkeypatch.setattr(SCRIPTS[name], "text", text)
    assert any(_fails(check, admin) for check in CHECKS), f"nothing notices that line {number} of {name} is gone"


# Bounds and branches of the scripts, changed.
MOVED = [
    ("fill", f"#there >= {wire.HEAD_SIZE}", f"#there > {wire.HEAD_SIZE}"),
    ("fill", f"#there >= {wire.HEAD_SIZE}", "#there >= 0"),
    ("fill", f"string.byte(there) == {wire.MAGIC}", "true"),
    ("store", "17, 24", "16, 23"),
    ("store", ">i8", "<i8"),
    ("store", "version > tonumber", "version >= tonumber"),
    ("store", f"version <= {wire.MAX_VERSION}", f"version < {wire.MAX_VERSION}"),
    ("fill", f" and version <= {wire.MAX_VERSION}", ""),
    ("fill", "return -1", "return 0"),
    ("fill", "return 0", "return -1"),
    ("fill", "~= ARGV[4]", "== ARGV[4]"),
    ("acquire", "~= ARGV[3]", "== ARGV[3]"),
    ("acquire", f"1, {wire.HEAD_SIZE}", f"1, {wire.HEAD_SIZE - 1}"),
    ("acquire", f"1, {wire.HEAD_SIZE}", f"2, {wire.HEAD_SIZE}"),
    ("acquire", ", 'NX'", ""),
    ("acquire", "return 2", "return 0"),
    ("acquire", "return 1", "return 0"),
    ("release", "return 0", "return 1"),
    ("release", "== '0'", "== '1'"),
    ("release", "'-', 'PX'", "'+', 'PX'"),
    ("save", "~= '1'", "== '1'"),
    ("save", "= 4 +", "= 5 +"),
    ("save", "first, #ARGV", "first, #ARGV - 2"),
    ("load", "#all > 0", "#all > 2"),
]


@pytest.mark.parametrize(("name", "old", "new"), MOVED)
def test_a_script_with_a_moved_bound_fails(
    admin: redis.Redis, monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str
) -> None:
    assert old in SCRIPTS[name].text
    monkeypatch.setattr(SCRIPTS[name], "text", SCRIPTS[name].text.replace(old, new, 1))
    assert any(_fails(check, admin) for check in CHECKS)


@pytest.mark.parametrize("name", ["acquire", "fill", "store", "release"])
def test_scripts_declare_every_key(name: str) -> None:
    """On serverless caches and in cluster mode a script may use declared keys alone."""
    for line in SCRIPTS[name].text.splitlines():
        for call in line.split("redis.call(")[1:]:
            assert call.split(",")[1].strip().startswith("KEYS["), line

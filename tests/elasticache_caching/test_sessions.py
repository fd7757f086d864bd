"""The session stores: no lost change, no id in the cache, sliding expiry, rotation."""

import base64
import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis

from elasticache_caching import CacheUnavailableError, ConfigurationError, ValueRefusedError
from tests.elasticache_caching.faces import Face

pytestmark = pytest.mark.servers


def test_a_session(face: Face, connected: Any, admin: redis.Redis) -> None:
    sessions = face.sessions(connected)
    id = sessions.create({"cart": ["42"], "user": None})
    assert sessions.load(id) == {"cart": ["42"], "user": None}
    assert sessions.save(id, {"cart": [], "": 0, "!": 1, ":": 2}, removed=["user", "never"]) is True
    assert sessions.load(id) == {"cart": [], "": 0, "!": 1, ":": 2}
    sessions.destroy(id)
    assert sessions.load(id) is None
    assert admin.keys("*") == []


def test_an_empty_session_exists(face: Face, connected: Any) -> None:
    sessions = face.sessions(connected)
    id = sessions.create()
    assert sessions.load(id) == {}
    sessions.save(id, {"a": 1})
    sessions.save(id, {}, removed=["a"])
    assert sessions.load(id) == {}


def test_a_removed_session_is_not_created(face: Face, connected: Any, admin: redis.Redis) -> None:
    """A request that outlives the logout must not bring the session back."""
    sessions = face.sessions(connected)
    id = sessions.create({"user": "a"})
    sessions.destroy(id)
    assert sessions.save(id, {"user": "a"}) is False
    assert sessions.save("made up by a client", {"user": "a"}) is False
    assert sessions.rotate("made up by a client") is None
    assert admin.keys("*") == []


def test_four_hundred_changes_at_once(face: Face, connected: Any) -> None:
    """One field each, by 20 at a time."""
    sessions = face.sessions(connected)
    id = sessions.create()

    def change(number: int) -> None:
        assert sessions.load(id) is not None
        sessions.save(id, {f"field{number}": number})

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(change, range(400)))
    assert sessions.load(id) == {f"field{number}": number for number in range(400)}


def test_whole_sessions_lose_changes(admin: redis.Redis) -> None:
    """The control: stores that write back the whole session."""
    admin.hset("whole", mapping={"x": 1})

    def change(number: int) -> None:
        values: Any = admin.hgetall("whole")
        time.sleep(0.0005)
        values[f"field{number}".encode()] = b"1"
        with admin.pipeline() as pipeline:
            pipeline.delete("whole")
            pipeline.hset("whole", mapping=values)
            pipeline.execute()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(change, range(100)))
    assert admin.hlen("whole") < 100


def test_expiry_slides(face: Face, connected: Any, admin: redis.Redis) -> None:
    sessions = face.sessions(connected, ttl=100)
    id = sessions.create({"a": 1})
    (key,) = admin.keys("*")
    assert 99_000 < admin.pttl(key) <= 100_000
    uses: list[Callable[[], Any]] = [lambda: sessions.load(id), lambda: sessions.save(id, {"a": 2})]
    for use in uses:
        admin.pexpire(key, 5000)
        use()
        assert 99_000 < admin.pttl(key) <= 100_000
    sessions.load(id, ttl=7)
    assert 6000 < admin.pttl(key) <= 7000
    admin.pexpire(key, 1)
    time.sleep(0.01)
    assert sessions.load(id) is None


def test_rotation_keeps_the_values_and_ends_the_old_id(face: Face, connected: Any, admin: redis.Redis) -> None:
    sessions = face.sessions(connected, ttl=100)
    id = sessions.create({"cart": ["42"]})
    fresh = sessions.rotate(id)
    assert fresh != id
    assert sessions.load(id) is None
    assert sessions.save(id, {"user": "attacker"}) is False
    assert sessions.load(fresh) == {"cart": ["42"]}
    (key,) = admin.keys("*")
    assert 99_000 < admin.pttl(key) <= 100_000


def fields(admin: redis.Redis, key: bytes) -> Any:
    return admin.hgetall(key)


def test_a_rotation_is_not_repeated(face: Face, connected: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """When its reply is lost, a second attempt would find no session, and return None as if it had expired."""
    sessions = face.sessions(connected)
    id = sessions.create({"a": 1})
    transmit = connected.transmit
    lost: list[Any] = []

    async def loses_the_first_reply(commands: Any) -> Any:
        replies = await transmit(commands)
        if not lost:
            lost.append(commands)
            raise redis.ConnectionError("gone")
        return replies

    monkeypatch.setattr(connected, "transmit", loses_the_first_reply)
    with pytest.raises(CacheUnavailableError, match="gone"):
        sessions.rotate(id)


def test_a_save_whose_reply_is_lost_is_repeated(face: Face, connected: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the same effect when it is executed twice."""
    sessions = face.sessions(connected)
    id = sessions.create({"a": 1})
    transmit = connected.transmit
    lost: list[Any] = []

    async def loses_the_first_reply(commands: Any) -> Any:
        replies = await transmit(commands)
        if not lost:
            lost.append(commands)
            raise redis.ConnectionError("gone")
        return replies

    monkeypatch.setattr(connected, "transmit", loses_the_first_reply)
    assert sessions.save(id, {"a": 2}) is True
    assert len(lost) == 1
    assert sessions.load(id) == {"a": 2}


def test_a_load_costs_three_timeouts_and_then_nothing(
    face: Face, connected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is sent once, and not while the breaker is open."""
    sessions = face.sessions(connected)
    sent: list[Any] = []

    async def gone(commands: Any) -> Any:
        sent.append(commands)
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(connected, "transmit", gone)
    for _ in range(5):
        with pytest.raises(CacheUnavailableError):
            sessions.load("x")
    assert len(sent) == 3


def test_ids_have_256_bits_and_the_cache_has_digests(face: Face, connected: Any, admin: redis.Redis) -> None:
    sessions = face.sessions(connected, prefix="shop")
    ids = {sessions.create({"a": 1}) for _ in range(50)}
    assert len(ids) == 50
    assert {len(base64.urlsafe_b64decode(id + "=")) for id in ids} == {32}
    assert set(admin.keys("*")) == {f"{{shop:{hashlib.sha256(id.encode()).hexdigest()}}}".encode() for id in ids}
    keys: Any = admin.keys("*")
    for key in keys:
        assert not any(id.encode() in key + b"".join(fields(admin, key).values()) for id in ids)


@pytest.mark.parametrize("id", ["", "\ud800", "{x}", "x" * 10_000, "\x00"])
def test_any_id_of_a_client_is_harmless(face: Face, connected: Any, admin: redis.Redis, id: str) -> None:
    sessions = face.sessions(connected)
    assert sessions.load(id) is None
    assert sessions.save(id, {"a": 1}) is False
    sessions.destroy(id)
    assert admin.keys("*") == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"a": (1,)}, "session: a: tuple changes when it is restored from JSON"),
        ({"a": {1}}, "session: a: set cannot be encoded as JSON"),
        (
            {"a": "x" * 65_535},
            "session: a must be at most 65536 bytes, got 65537; store a reference in it, or raise max",
        ),
        ({1: "a"}, "session: names must be strings, got 1; use str"),
    ],
)
def test_what_cannot_be_stored(face: Face, connected: Any, admin: redis.Redis, values: Any, message: str) -> None:
    sessions = face.sessions(connected)
    id = sessions.create({"a": 0})
    calls: list[Callable[[], Any]] = [lambda: sessions.create(values), lambda: sessions.save(id, values)]
    for call in calls:
        with pytest.raises(ValueRefusedError, match=message):
            call()
    with pytest.raises(ValueRefusedError, match="names must be strings"):
        sessions.save(id, {}, removed=[1])
    with pytest.raises(ValueRefusedError, match="session: removed must be a list of names, got 'a'; pass a list"):
        sessions.save(id, {}, removed="a")
    assert sessions.load(id) == {"a": 0}
    sessions.save(id, {"a": "x" * 65_534})


@pytest.mark.parametrize("ttl", [0, -1, 0.9, 31_536_001, float("nan"), float("inf"), True, "60"])
def test_every_call_refuses_a_ttl_out_of_range(face: Face, connected: Any, admin: redis.Redis, ttl: Any) -> None:
    """A session must not expire, or be kept forever, by mistake."""
    sessions = face.sessions(connected)
    id = sessions.create({"a": 1})
    calls: list[Callable[[], Any]] = [
        lambda: sessions.create({}, ttl=ttl),
        lambda: sessions.load(id, ttl=ttl),
        lambda: sessions.save(id, {"a": 2}, ttl=ttl),
        lambda: sessions.rotate(id, ttl=ttl),
    ]
    for call in calls:
        with pytest.raises(ConfigurationError, match=r"session: ttl must be 1 to 31536000 seconds, got .*; 1800"):
            call()
    assert sessions.load(id) == {"a": 1}
    assert len(admin.keys("*")) == 1

"""A cache that hangs, stops, loads, refuses writes or fails over: `get` raises no error and is bounded in time."""

import asyncio
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from elasticache_caching import CacheClient, InvalidationFailedError
from scripts.fetch_servers import server_command
from tests import cache_servers
from tests.cache_servers import Certificates, Server
from tests.elasticache_caching.conftest import eventually
from tests.elasticache_caching.faces import Face
from tests.elasticache_caching.relay import Relay

pytestmark = pytest.mark.servers

TIMEOUT = 0.1
# On a busy machine a thread may have to wait for its turn.
TOLERANCE = 0.15


def load(id: str) -> dict[str, int]:
    return {"version": 1}


def seconds(action: Any) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started


@pytest.fixture
def cache(face: Face, own_server: Server) -> Iterator[Any]:
    client = face.client(own_server.port, timeout=TIMEOUT)
    cache_under_test = face.cache(client, load)
    eventually(lambda: cache_under_test.inspect("1").source == "hit")
    yield cache_under_test
    face.call(client.close)


def who_transmits(cache: Any, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each command: whether a probe in the background has sent it, and not a caller."""
    client = cache.thing._client
    transmit = client.transmit
    by_probe: list[bool] = []

    def recorded(commands: Any) -> Any:
        try:
            task = asyncio.current_task()
        except RuntimeError:
            task = None
        name = threading.current_thread().name if task is None else task.get_name()
        by_probe.append("probe" in name)
        return transmit(commands)

    monkeypatch.setattr(client, "transmit", recorded)
    return by_probe


def test_a_cache_that_hangs_costs_its_timeout_three_times(
    cache: Any, own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_probe = who_transmits(cache, monkeypatch)
    own_server.process.send_signal(signal.SIGSTOP)
    try:
        first = [seconds(lambda: cache.get("1")) for _ in range(3)]
        assert all(TIMEOUT * 0.9 < duration < TIMEOUT + TOLERANCE for duration in first), first
        assert by_probe == [False] * 3
        rest = [seconds(lambda: cache.get("1")) for _ in range(200)]
        assert sum(rest) < 200 * TIMEOUT / 10, "nobody waits any more"
        assert by_probe == [False] * 3
        started = time.monotonic()
        with pytest.raises(InvalidationFailedError):
            cache.invalidate("1")
        assert TIMEOUT * 0.9 < time.monotonic() - started < 2 * TIMEOUT + TOLERANCE
        assert by_probe == [False] * 5, "it is tried, twice"
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            cache.get("1")
            time.sleep(0.01)
        assert by_probe[5:] == [True] * len(by_probe[5:]), "callers pay nothing for a probe"
        assert 1 <= len(by_probe[5:]) <= 2
    finally:
        own_server.process.send_signal(signal.SIGCONT)
    assert eventually(lambda: cache.inspect("1").source == "hit") < 2
    assert cache.counts["breaker_openings"] == 1
    assert cache.counts["unavailable"] > 200


def test_many_at_once_wait_at_most_once(cache: Any, own_server: Server) -> None:
    own_server.process.send_signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(16) as pool:
            waits = list(pool.map(lambda number: seconds(lambda: cache.get(str(number))), range(200)))
    finally:
        own_server.process.send_signal(signal.SIGCONT)
    assert max(waits) < 3 * TIMEOUT + 2 * TOLERANCE
    assert sum(waits) < 16 * 3 * (TIMEOUT + TOLERANCE), "without the breaker it would be 20 seconds"


def test_get_many_from_a_cache_that_hangs(face: Face, own_server: Server) -> None:
    client = face.client(own_server.port, timeout=TIMEOUT)
    cache_under_test = face.cache(client, load, load_many=lambda ids: {id: load(id) for id in ids})
    own_server.process.send_signal(signal.SIGSTOP)
    try:
        assert seconds(lambda: cache_under_test.get_many(["1", "2", "3"])) < TIMEOUT + TOLERANCE
    finally:
        own_server.process.send_signal(signal.SIGCONT)
    assert cache_under_test.counts == {"loads": 1, "cache_errors": 1, "unavailable": 3}
    face.call(client.close)


def test_a_cache_that_stops_and_restarts(face: Face, cache: Any, own_server: Server, tmp_path: Path) -> None:
    own_server.process.kill()
    own_server.process.wait(10)
    assert max(seconds(lambda: cache.get("1")) for _ in range(20)) < TIMEOUT + TOLERANCE
    assert cache.get("1") == {"version": 1}
    with pytest.raises(InvalidationFailedError):
        cache.invalidate("1")
    command, environment = server_command()
    home = tmp_path / "own"
    own_server.process = subprocess.Popen([*command, str(home / "server.conf")], env=environment, cwd=home)
    assert eventually(lambda: cache.inspect("1").source == "hit") < 2.5
    cache.invalidate("1")


def test_a_cache_that_loads(face: Face, own_server: Server, tmp_path: Path, certificates: Certificates) -> None:
    """-LOADING, the reply of a node after a restart."""
    with redis.Redis(port=own_server.port) as admin:
        admin.mset({f"filler:{number}": "x" for number in range(18_000)})
        admin.save()
    own_server.process.kill()
    own_server.process.wait(10)
    home = tmp_path / "own"
    with (home / "server.conf").open("a") as file:
        file.write("key-load-delay 80\nloading-process-events-interval-bytes 1024\n")
    command, environment = server_command()
    own_server.process = subprocess.Popen([*command, str(home / "server.conf")], env=environment, cwd=home)

    def loads() -> bool:
        try:
            with redis.Redis(port=own_server.port, retry=Retry(NoBackoff(), 0)) as connection:
                connection.get("x")
        except redis.exceptions.BusyLoadingError:
            return True
        except redis.ConnectionError:
            return False
        return False

    eventually(loads)
    client = face.client(own_server.port, timeout=TIMEOUT)
    made = face.cache(client, load)
    assert max(seconds(lambda: made.get("1")) for _ in range(30)) < TIMEOUT + TOLERANCE
    assert made.counts["breaker_openings"] == 1
    with pytest.raises(InvalidationFailedError):
        made.invalidate("1")
    eventually(lambda: made.inspect("1").source == "hit", seconds=20)
    face.call(client.close)


def test_a_cache_that_refuses_writes(cache: Any, own_server: Server) -> None:
    """Out of memory, or a replica: values in the cache are served, and others are loaded."""
    with redis.Redis(port=own_server.port) as admin:
        admin.config_set("maxmemory", "1")
        assert cache.inspect("1").source == "hit"
        assert [cache.inspect("2").source for _ in range(5)] == ["down"] * 5
        assert cache.inspect("1").source == "hit", "the breaker must be closed: the server answers"
        cache.invalidate("1")
        admin.config_set("maxmemory", "0")
        assert [cache.inspect("1").source, cache.inspect("1").source] == ["load", "hit"]
        admin.replicaof("127.0.0.1", "1")
        assert cache.inspect("1").source == "hit"
        assert cache.inspect("2").source == "down"
        with pytest.raises(InvalidationFailedError, match="ReadOnlyError"):
            cache.invalidate("1")
        admin.execute_command("REPLICAOF NO ONE")
        cache.invalidate("1")
        assert cache.inspect("1").source == "load"


def test_a_versioned_write_out_of_memory_raises(face: Face, own_server: Server) -> None:
    client = face.client(own_server.port)
    versioned_cache = face.versioned(client, load)
    with redis.Redis(port=own_server.port) as admin:
        admin.config_set("maxmemory", "1")
        with pytest.raises(InvalidationFailedError, match=r"OOM|OutOfMemory"):
            versioned_cache.put("1", {"version": 2})
        with pytest.raises(InvalidationFailedError, match=r"OOM|OutOfMemory"):
            versioned_cache.invalidate("1", version=2)
    face.call(client.close)


@pytest.fixture
def primary_and_replica(tmp_path: Path, certificates: Certificates) -> Iterator[tuple[Server, Server]]:
    with cache_servers.pair(tmp_path, certificates, tls=False, users=False) as servers:
        yield servers


@pytest.mark.parametrize("ids", [["1"], ["1", "2"]])
def test_a_planned_failover(face: Face, primary_and_replica: Any, ids: list[str]) -> None:
    """The old primary turns into a replica, and open connections to it stay: they must not be used for ever."""
    old, new = primary_and_replica
    relay = Relay(old.port)
    client = face.client(relay.port)
    cache_under_test = face.cache(client, load)
    cache_under_test.get("1")
    with redis.Redis(port=old.port) as was, redis.Redis(port=new.port) as admin:
        admin.execute_command("REPLICAOF NO ONE")
        relay.target = new.port
        was.replicaof("127.0.0.1", new.port)
        before = relay.connections
        cache_under_test.invalidate(*ids)
        assert relay.connections > before
        assert admin.exists("{row:1}") == 0
        assert cache_under_test.inspect("1").source == "load"
        assert admin.exists("{row:1}") == 1
    face.call(client.close)
    relay.close()


def test_a_primary_that_dies(face: Face, primary_and_replica: Any) -> None:
    old, new = primary_and_replica
    relay = Relay(old.port)
    client = face.client(relay.port, timeout=TIMEOUT)
    cache_under_test = face.cache(client, load)
    eventually(lambda: cache_under_test.inspect("1").source == "hit")
    old.process.kill()
    old.process.wait(10)
    assert [cache_under_test.get("1") for _ in range(10)] == [{"version": 1}] * 10
    with pytest.raises(InvalidationFailedError):
        cache_under_test.invalidate("1")
    with redis.Redis(port=new.port) as admin:
        admin.execute_command("REPLICAOF NO ONE")
    relay.target = new.port
    cache_under_test.invalidate("1")
    assert eventually(lambda: cache_under_test.inspect("1").source == "hit") < 2
    face.call(client.close)
    relay.close()


def test_eight_threads_gain_from_the_breaker(own_server: Server) -> None:
    """Reads while the cache hangs, against the same without a breaker."""

    def reads(failures: int) -> int:
        client = CacheClient.connect("127.0.0.1", port=own_server.port, tls=False)
        client.failures = failures
        made = Face(None).cache(client, load)
        count, until = [0] * 8, time.monotonic() + 1

        def read(number: int) -> None:
            while time.monotonic() < until:
                made.get(str(number))
                time.sleep(0.005)
                count[number] += 1

        threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        client.close()
        return sum(count)

    own_server.process.send_signal(signal.SIGSTOP)
    try:
        assert reads(3) > 5 * reads(10**9)
    finally:
        own_server.process.send_signal(signal.SIGCONT)

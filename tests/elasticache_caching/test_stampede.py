"""A cold key is loaded once for all threads, tasks and processes; and a killed loader does not stop that."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
import redis

from elasticache_caching import AsyncCache, AsyncCacheClient, Cache, CacheClient, Json
from elasticache_caching.scripts import FILL
from tests.cache_servers import Server, free_port
from tests.conftest import ROOT
from tests.elasticache_caching.conftest import eventually

pytestmark = pytest.mark.servers


def slow(loads: list[str], *, error: Exception | None = None) -> Any:
    def load(id: str) -> dict[str, str]:
        loads.append(id)
        time.sleep(0.1)
        if error is not None:
            raise error
        return {"id": id}

    return load


def test_fifty_threads(client: CacheClient, admin: redis.Redis) -> None:
    loads: list[str] = []
    cache = Cache(client, "row", load=slow(loads), codec=Json(dict), ttl=60)
    with ThreadPoolExecutor(50) as pool:
        assert set(map(str, pool.map(cache.get, ["1"] * 50))) == {"{'id': '1'}"}
    assert loads == ["1"]
    counts = cache.statistics.snapshot()
    assert counts["loads"] + counts["waits"] + counts["hits"] == 50
    assert admin.info("commandstats")["cmdstat_get"]["calls"] <= 150, "those that wait in a process do not poll"


def test_fifty_threads_and_a_loader_that_fails(client: CacheClient, admin: redis.Redis) -> None:
    loads: list[str] = []
    load = slow(loads, error=OSError("database"))
    cache = Cache(client, "row", load=load, codec=Json(dict), ttl=60)
    barrier = threading.Barrier(50)

    def read(_: int) -> str:
        barrier.wait()
        try:
            return str(cache.get("1"))
        except OSError as error:
            return str(error)

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(read, range(50))) == {"database"}
    assert len(loads) < 5
    assert admin.keys("*") == []
    with pytest.raises(OSError, match="database"):
        cache.get("1")


def test_fifty_threads_without_a_cache() -> None:
    """One load at a time for each key; a caller that arrives after its start shares the next."""
    loads: list[str] = []
    client = CacheClient.connect("127.0.0.1", port=free_port(), tls=False)
    cache = Cache(client, "row", load=slow(loads), codec=Json(dict), ttl=60)
    with ThreadPoolExecutor(50) as pool:
        assert set(map(str, pool.map(cache.get, ["1"] * 50))) == {"{'id': '1'}"}
    assert len(loads) <= 3


async def tasks(port: int, count: int, load: Any, **options: Any) -> tuple[Any, list[Any]]:
    client = AsyncCacheClient.connect("127.0.0.1", port=port, tls=False, timeout=5)
    cache = AsyncCache(client, "row", load=load, codec=Json(dict), ttl=60, **options)
    waiting = [asyncio.ensure_future(cache.get("1")) for _ in range(count)]
    return cache, waiting


def test_fifty_tasks(shared_server: Server, admin: redis.Redis) -> None:
    loads: list[Any] = []

    async def load(id: str) -> dict[str, str]:
        loads.append(id)
        await asyncio.sleep(0.1)
        return {"id": id}

    async def run() -> None:
        cache, waiting = await tasks(shared_server.port, 50, load)
        assert await asyncio.gather(*waiting) == [{"id": "1"}] * 50
        await cache._client.close()

    asyncio.run(run())
    assert loads == ["1"]


def test_a_cancelled_task_hands_the_load_on(shared_server: Server, admin: redis.Redis) -> None:
    loads: list[Any] = []

    async def load(id: str) -> dict[str, str]:
        loads.append(asyncio.current_task())
        await asyncio.sleep(0.2)
        return {"id": id}

    async def run() -> None:
        cache, waiting = await tasks(shared_server.port, 5, load, lease=30)
        while not loads:
            await asyncio.sleep(0.01)
        started = time.monotonic()
        loads[0].cancel()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert time.monotonic() - started < 5, "the lease must be free, and the flight over"
        assert sorted(map(str, outcomes)) == ["", *["{'id': '1'}"] * 4]
        await cache._client.close()

    asyncio.run(run())
    assert len(loads) == 2


def test_a_cancelled_get_many_gives_its_leases_back(shared_server: Server, admin: redis.Redis) -> None:
    """Also while it waits for what another process loads."""

    async def load_many(ids: list[str]) -> dict[str, Any]:
        if ids == ["1"]:
            loading.set()
            await asyncio.sleep(30)
        return {}

    async def run() -> None:
        client = AsyncCacheClient.connect("127.0.0.1", port=shared_server.port, tls=False, timeout=5)
        cache: Any = AsyncCache(client, "row", load=None, load_many=load_many, codec=Json(dict), ttl=60, lease=30)  # type: ignore[arg-type]  # only many
        started = time.monotonic()
        task = asyncio.ensure_future(cache.get_many(["1", "2"]))
        await loading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - started < 5
        await client.close()

    loading = asyncio.Event()
    admin.set("{row:2}!", "somebody else")
    asyncio.run(run())
    assert admin.keys("*") == [b"{row:2}!"]


def test_a_client_works_in_one_event_loop_after_another(shared_server: Server, admin: redis.Redis) -> None:
    client = AsyncCacheClient.connect("127.0.0.1", port=shared_server.port, tls=False, timeout=5)

    async def load(id: str) -> dict[str, str]:
        return {"id": id}

    cache = AsyncCache(client, "row", load=load, codec=Json(dict), ttl=60)

    async def run() -> str:
        source = (await cache.inspect("1")).source
        await client.close()
        return source

    assert [asyncio.run(run()) for _ in range(3)] == ["load", "hit", "hit"]


def test_each_event_loop_has_connections_of_its_own() -> None:
    """Also if the client was not closed at the end of a loop, because its connections no longer work then."""
    client = AsyncCacheClient.connect("cache.example", tls=False)

    async def run() -> Any:
        assert client.redis() is client.redis()
        return client.redis()

    assert asyncio.run(run()) is not asyncio.run(run())


def started(stack: ExitStack, port: int, threads: int, seconds: float, lease: float) -> subprocess.Popen[str]:
    words = [
        sys.executable,
        "-m",
        "tests.elasticache_caching.loaders",
        str(port),
        str(threads),
        str(seconds),
        str(lease),
    ]
    process = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stack.enter_context(process)
    stack.callback(process.kill)
    return process


def ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    while process.stdout.readline() != "ready\n":
        assert process.poll() is None, "a loader must get ready"


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def test_eight_processes_of_four_threads(shared_server: Server, admin: redis.Redis) -> None:
    with ExitStack() as stack:
        processes = [started(stack, shared_server.port, 4, 0.5, 10) for _ in range(8)]
        for process in processes:
            ready(process)
        for process in processes:
            go(process)
        lines = "".join(process.communicate(timeout=60)[0] for process in processes).splitlines()
    assert sum(line.startswith("load") for line in lines) == 1
    waits = [float(wait) for line in lines if line.startswith("waits") for wait in line.split()[1:]]
    assert len(waits) == 32
    assert max(waits) < 0.5 * 2.5


def test_a_killed_loader_costs_the_rest_of_its_lease(shared_server: Server, admin: redis.Redis) -> None:
    lease = 2.0
    with ExitStack() as stack:
        first, second = (started(stack, shared_server.port, 1, 1.0, lease) for _ in range(2))
        for process in (first, second):
            ready(process)
        go(first)
        eventually(lambda: admin.exists("{row:1}!"))
        go(second)
        os.kill(first.pid, signal.SIGKILL)
        out, _ = second.communicate(timeout=60)
    assert out.count("load") == 1
    wait = float(out.split("waits")[1])
    assert 1.0 < wait < lease * 1.1 + 1.0, "the rest of the lease, and its own load"
    assert admin.exists("{row:1}") == 1


def test_a_fork_starts_again(client: CacheClient, admin: redis.Redis) -> None:
    """The child must not wait for a flight, a lock or a connection of the parent."""
    release = threading.Event()

    def load(id: str) -> dict[str, str]:
        release.wait(10)
        return {"id": id}

    cache = Cache(client, "row", load=load, codec=Json(dict), ttl=60, lease=0.3)
    thread = threading.Thread(target=cache.get, args=("1",))
    thread.start()
    eventually(lambda: admin.exists("{row:1}!"))
    pid = os.fork()
    if pid == 0:  # pragma: no cover - in the child
        release.set()
        os._exit(0 if cache.get("1") == {"id": "1"} else 1)
    status: list[int] = []

    def ended() -> bool:
        found, code = os.waitpid(pid, os.WNOHANG)
        status.append(code)
        return found == pid

    eventually(ended, seconds=10)
    release.set()
    thread.join()
    assert status[-1] == 0


def test_a_fork_does_not_wait_for_the_locks_of_other_threads(client: CacheClient, admin: redis.Redis) -> None:
    """Another thread of the parent may hold them at the time of the fork, and does not exist in the child."""
    cache = Cache(client, "row", load=lambda id: {"id": id}, codec=Json(dict), ttl=60, near=1)
    with ExitStack() as stack:
        for lock in (client.lock, cache.statistics._lock, cache._flights._lock, cache._near._lock):
            stack.enter_context(lock)
        pid = os.fork()
        if pid == 0:  # pragma: no cover - in the child
            signal.alarm(5)
            os._exit(0 if [cache.inspect("1").source for _ in range(3)] == ["load", "hit", "near"] else 1)
        assert os.waitpid(pid, 0)[1] == 0


def test_who_came_after_an_invalidation_gets_no_older_value(client: CacheClient, admin: redis.Redis) -> None:
    """Even when a load from before it is still under way in the same process."""
    row, read, release = [1], threading.Event(), threading.Event()

    def load(id: str) -> dict[str, int]:
        found = row[0]
        if found == 1:
            read.set()
            release.wait(10)
        return {"version": found}

    cache = Cache(client, "row", load=load, codec=Json(dict), ttl=60)
    with ThreadPoolExecutor(2) as pool:
        before = pool.submit(cache.get, "1")
        read.wait(10)
        row[0] = 2
        cache.invalidate("1")
        after = pool.submit(cache.get, "1")
        eventually(lambda: admin.info("commandstats")["cmdstat_get"]["calls"] >= 2)
        time.sleep(0.05)
        release.set()
        assert (before.result(10), after.result(10)) == ({"version": 1}, {"version": 2})
    assert cache.get("1") == {"version": 2}


def test_a_load_whose_fill_has_begun_cannot_be_joined(
    client: CacheClient, admin: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An invalidation may follow the fill before the load has ended in this process."""
    row = [1]
    cache = Cache(client, "row", load=lambda _: {"version": row[0]}, codec=Json(dict), ttl=60)
    transmit, later = client.transmit, ThreadPoolExecutor(1)
    after: list[Any] = []

    async def recorded(commands: Any) -> Any:
        replies = await transmit(commands)
        if FILL.sha in commands[0] or FILL.text in commands[0]:
            monkeypatch.undo()
            row[0] = 2
            admin.delete("{row:1}", "{row:1}!")
            after.append(later.submit(cache.get, "1"))
            time.sleep(0.2)
        return replies

    monkeypatch.setattr(client, "transmit", recorded)
    assert cache.get("1") == {"version": 1}
    assert after[0].result(10) == {"version": 2}
    later.shutdown()

"""Compares elasticache_caching with other libraries.

As a program it is one process of readers; it takes the port, the name of a library, threads, and seconds of a load.
"""

import asyncio
import json
import logging
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import redis
import redis.asyncio

from bench.timing import seconds as _timed

_ROOT = Path(__file__).parents[1]
_TTL = 60
VALUE = {"id": "1", "name": "a product", "price": 1999}

Get = Callable[[str], Any]


def bare(port: int, load: Get) -> Get:
    """Cache-aside with redis-py."""
    client = redis.Redis(port=port)

    def get(id: str) -> Any:
        if (cached := client.get(f"bare:{id}")) is not None:
            return json.loads(cached)
        value = load(id)
        client.set(f"bare:{id}", json.dumps(value), ex=_TTL)
        return value

    return get


def own(port: int, load: Get, lease: float = 10) -> Get:
    """The library of this project."""
    from elasticache_caching import Cache, CacheClient, Json

    client = CacheClient.connect("127.0.0.1", port=port, tls=False)
    return Cache(client, "own", load=load, codec=Json(dict), ttl=_TTL, lease=lease).get


def dogpile(port: int, load: Get) -> Get:
    """dogpile.cache with its distributed lock."""
    from dogpile.cache import make_region

    region = make_region(serializer=lambda value: json.dumps(value).encode(), deserializer=json.loads).configure(
        "dogpile.cache.redis",
        expiration_time=_TTL,
        arguments={"host": "127.0.0.1", "port": port, "distributed_lock": True, "thread_local_lock": False},
    )
    return lambda id: region.get_or_create(f"dogpile:{id}", lambda: load(id))


def django(port: int, load: Get) -> Get:
    """The cache of Django with `get_or_set`."""
    from django.conf import settings

    if not settings.configured:
        backend = "django.core.cache.backends.redis.RedisCache"
        settings.configure(CACHES={"default": {"BACKEND": backend, "LOCATION": f"redis://127.0.0.1:{port}"}})
    from django.core.cache import cache

    return lambda id: cache.get_or_set(f"django-{id}", lambda: load(id), _TTL)


def own_async(port: int, load: Get) -> Callable[[str], Awaitable[Any]]:
    """The library of this project, for asyncio."""
    from elasticache_caching import AsyncCache, AsyncCacheClient, Json

    async def coroutine(id: str) -> Any:
        return await asyncio.to_thread(load, id)

    client = AsyncCacheClient.connect("127.0.0.1", port=port, tls=False)
    return AsyncCache(client, "own-async", load=coroutine, codec=Json(dict), ttl=_TTL).get


def cashews(port: int, load: Get) -> Callable[[str], Awaitable[Any]]:
    """Cashews with its lock."""
    from cashews import Cache

    cache = Cache()
    cache.setup(f"redis://127.0.0.1:{port}")

    @cache(ttl=_TTL, key="cashews:{id}", lock=True)
    async def get(id: str) -> Any:
        return await asyncio.to_thread(load, id)

    return get


def aiocache(port: int, load: Get) -> Callable[[str], Awaitable[Any]]:
    """Aiocache with its stampede decorator."""
    from aiocache import RedisCache, cached_stampede
    from aiocache.serializers import JsonSerializer

    @cached_stampede(  # type: ignore[untyped-decorator]  # aiocache has no types
        lease=10,
        ttl=_TTL,
        cache=RedisCache,
        endpoint="127.0.0.1",
        port=port,
        serializer=JsonSerializer(),
        namespace="aio:",
    )
    async def get(id: str) -> Any:
        return await asyncio.to_thread(load, id)

    return get  # type: ignore[no-any-return]  # the decorator has no types


SYNC = {"redis-py": bare, "elasticache_caching": own, "dogpile.cache": dogpile, "Django": django}
ASYNC = {"elasticache_caching, asyncio": own_async, "cashews": cashews, "aiocache": aiocache}


def runner(name: str, port: int, load: Get) -> Callable[[int, str], list[float]]:
    """A function that reads an id `count` times, and returns the durations."""
    if name in SYNC:
        get = SYNC[name](port, load)

        def read(count: int, id: str) -> list[float]:
            return [_timed(lambda: get(id)) for _ in range(count)]

        return read
    loop = asyncio.new_event_loop()

    async def make() -> Any:
        return ASYNC[name](port, load)

    coroutine = loop.run_until_complete(make())

    async def reads(count: int, id: str) -> list[float]:
        times = []
        for _ in range(count):
            started = time.perf_counter()
            await coroutine(id)
            times.append(time.perf_counter() - started)
        return times

    return lambda count, id: loop.run_until_complete(reads(count, id))


def hit_ratio(name: str, port: int, *, rounds: int = 9, count: int = 400) -> float:
    """The time of a hit in relation to a GET with `json.loads`: the median of alternately measured ratios."""
    client = redis.Redis(port=port)
    client.set("floor", json.dumps(VALUE))
    read = runner(name, port, lambda _: VALUE)
    read(50, "hit")

    def floor() -> float:
        return statistics.median(_timed(lambda: json.loads(client.get("floor") or b"")) for _ in range(count))

    floor()
    return statistics.median(statistics.median(read(count, "hit")) / floor() for _ in range(rounds))


def near_ratio(port: int, *, rounds: int = 9, count: int = 400) -> float:
    """The time of a hit in the near cache in relation to a GET: the median of alternately measured ratios."""
    from elasticache_caching import Cache, CacheClient, Json

    client = redis.Redis(port=port)
    client.set("floor", json.dumps(VALUE))
    options: dict[str, Any] = {"load": lambda _: VALUE, "codec": Json(dict), "ttl": _TTL, "near": 5}
    cache = Cache(CacheClient.connect("127.0.0.1", port=port, tls=False), "near", **options)

    def median(read: Callable[[], object]) -> float:
        return statistics.median(_timed(read) for _ in range(count))

    ratios = []
    for _ in range(rounds):
        cache.get("hit")  # the first read, or the first after 5 seconds, asks the cache
        ratios.append(median(lambda: cache.get("hit")) / median(lambda: client.get("floor")))
    return statistics.median(ratios)


def hit_ratio_async(port: int, *, rounds: int = 9, count: int = 400) -> float:
    """A hit of `AsyncCache` against a GET of redis-py's client for asyncio and `json.loads`, in one event loop."""

    async def run() -> float:
        client = redis.asyncio.Redis(port=port)
        await client.set("floor", json.dumps(VALUE))
        get = own_async(port, lambda _: VALUE)

        async def floor(_: str) -> None:
            json.loads(await client.get("floor") or b"")

        async def median(read: Callable[[str], Awaitable[Any]]) -> float:
            times = []
            for _ in range(count):
                started = time.perf_counter()
                await read("hit")
                times.append(time.perf_counter() - started)
            return statistics.median(times)

        for warm_up in (get, floor):
            await median(warm_up)
        ratios = [await median(get) / await median(floor) for _ in range(rounds)]
        await client.aclose()
        return statistics.median(ratios)

    return asyncio.run(run())


def cold_key(name: str, port: int, *, processes: int = 8, threads: int = 4, seconds: float = 0.5) -> tuple[int, float]:
    """The number of loads of a cold key by readers of several processes, and the slowest reader in load times."""
    client = redis.Redis(port=port)
    client.flushall()
    words = [sys.executable, "-m", "bench.caching_peers", str(port), name, str(threads), str(seconds)]
    readers = [
        subprocess.Popen(words, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for reader in readers:
        assert reader.stdout is not None  # noqa: S101 - it is a pipe
        reader.stdout.readline()
    for reader in readers:
        assert reader.stdin is not None  # noqa: S101 - it is a pipe
        reader.stdin.write("\n")
        reader.stdin.flush()
    slowest = max(float(reader.communicate(timeout=120)[0].split()[-1]) for reader in readers)
    return int(client.get("loads") or 0), slowest / seconds


def _reader(port: int, name: str, threads: int, seconds: float) -> None:
    """Run one process of readers: print `ready`, wait for a line, print the duration of the slowest read."""
    counter = redis.Redis(port=port)

    def load(_: str) -> Any:
        counter.incr("loads")
        time.sleep(seconds)
        return VALUE

    times: list[float] = []
    if name in SYNC:
        get = SYNC[name](port, load)
        workers = [threading.Thread(target=lambda: times.append(_timed(lambda: get("cold")))) for _ in range(threads)]
        print("ready", flush=True)
        sys.stdin.readline()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    else:

        async def run() -> None:
            get = ASYNC[name](port, load)
            print("ready", flush=True)
            sys.stdin.readline()

            async def one() -> None:
                started = time.perf_counter()
                await get("cold")
                times.append(time.perf_counter() - started)

            await asyncio.gather(*(one() for _ in range(threads)))

        asyncio.run(run())
    print(max(times), flush=True)
    os._exit(0)


def hanging(name: str, port: int, pid: int, *, limit: float = 20) -> str:
    """The duration of the first and the fifth read while the server is suspended."""
    read = runner(name, port, lambda _: VALUE)
    read(3, "hit")
    os.kill(pid, signal.SIGSTOP)
    durations: list[str] = []

    def work() -> None:
        for _ in range(5):
            started = time.perf_counter()
            try:
                read(1, "hit")
                text = ""
            except Exception as error:
                text = f", raises {type(error).__name__}"
            durations.append(f"{time.perf_counter() - started:.2g} s{text}")

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(limit)
    os.kill(pid, signal.SIGCONT)
    worker.join(limit)  # so that it does not disturb the next measurement
    if not durations:
        return f"over {limit:.0f} s"
    return durations[0] if len(durations) < 5 else f"{durations[0]}, then {durations[4]}"


def table(port: int, pid: int) -> str:
    """The measurements of every library, as a Markdown table. Messages of the libraries are not logged."""
    logging.disable(logging.CRITICAL)
    lines = [
        "| | hit, GETs | cold key, 8 processes of 4: loads | slowest reader, load times | a read while it hangs |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in [*SYNC, *ASYNC]:
        ratio = hit_ratio(name, port)
        loads, slowest = cold_key(name, port)
        lines.append(f"| {name} | {ratio:.2f} | {loads} | {slowest:.1f} | {hanging(name, port, pid)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    _reader(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))

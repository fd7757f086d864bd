"""The goals of elasticache_caching, in one run; `python -m bench.caching peers` prints the table of its peers."""

import itertools
import os
import random
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

sys.path.insert(0, str(Path(__file__).parents[1] / "constructs_lib" / "client" / "connection_test"))

from bench import caching_peers as peers
from bench.caching_races import every_schedule, plain_races, races
from elasticache_caching import Cache, CacheClient, Json
from tests import cache_servers
from tests.elasticache_caching.test_package import FOLDER, lines_of_code

_PAGES = 3000
Report = Callable[[str, str, float, float], None]


@contextmanager
def server() -> Iterator[cache_servers.Server]:
    """A server on loopback, in plain text."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = cache_servers.start(folder, "node", cache_servers.Certificates(folder), tls=False, users=False)
        try:
            yield made
        finally:
            made.process.kill()
            made.process.wait(10)


def goals(report: Report) -> None:
    """Measure all, and report each with its bound."""
    with server() as node:
        ratio = peers.hit_ratio("elasticache_caching", node.port)
        report("cache: a hit against GET and json.loads", f"{ratio:.2f} times", ratio, 1.15)
        loads, slowest = peers.cold_key("elasticache_caching", node.port)
        report("cache: loads of a cold key by 8 processes of 4 threads", str(loads), loads, 1)
        report("cache: the slowest of these readers", f"{slowest:.1f} load times", slowest, 2.5)
        wait = killed_loader(node.port, lease=2.0)
        report("cache: the longest wait when the loader is killed", f"{wait:.2f} leases", wait, 1.1)
        schedules, stale = every_schedule(node.port, 100_000)
        report(f"cache: stale values after {schedules:,} schedules", str(stale), stale, 0)
        ours, plain = races(node.port, 10_000), plain_races(node.port, 400)
        report("cache: stale values after 10,000 races", f"{ours} (plain cache-aside: {plain:.0%})", ours, 0)
        cost = hanging(node)
        report("cache: a read while the cache hangs, after three, against the loader", f"{cost:.2f} times", cost, 1.2)
        gain = breaker(node)
        report(
            "cache: reads without a breaker, against with it, while the cache hangs", f"1 / {1 / gain:.0f}", gain, 0.1
        )
        back = until_hits(node)
        report("cache: time until hits are back", f"{back:.2f} pauses", back, 1.1)
        cold, warm = zipf(node.port)
        report("cache: database time of 6,000 Zipf reads, cold cache against none", f"{cold:.2f}", cold, 0.6)
        report("cache: the same, warm, other draws", f"{warm:.2f}", warm, 0.3)
        waits, naive = hot_key(node.port)
        share = waits / max(1, naive)
        report("cache: readers that wait when a hot key expires, against plain", f"{waits} of {naive}", share, 0.1)
    lines = sum(lines_of_code(path) for path in FOLDER.glob("*.py"))
    report("cache: lines of code", str(lines), lines, 600)


def _client(port: int, **options: Any) -> CacheClient:
    return CacheClient.connect("127.0.0.1", port=port, tls=False, **options)


def killed_loader(port: int, *, lease: float) -> float:
    """How long another process waits, beyond its own load, in leases."""
    redis.Redis(port=port).flushall()
    pid = os.fork()
    if pid == 0:
        peers.own(port, lambda _: time.sleep(60), lease)("killed")
        os._exit(1)
    waiting = redis.Redis(port=port)
    while not waiting.exists("{own:killed}!"):
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    started = time.monotonic()
    peers.own(port, lambda _: peers.VALUE, lease)("killed")
    return (time.monotonic() - started) / lease


@contextmanager
def stopped(node: cache_servers.Server) -> Iterator[None]:
    """While the server hangs."""
    node.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        node.process.send_signal(signal.SIGCONT)


def _slow(_: str) -> dict[str, int]:
    time.sleep(0.005)
    return {}


def hanging(node: cache_servers.Server) -> float:
    """A read after the first three, against the loader alone."""
    cache = Cache(_client(node.port), "hang", load=_slow, codec=Json(dict), ttl=60)
    with stopped(node):
        for _ in range(3):
            cache.get("1")
        return _seconds(lambda: cache.get("1"), 100) / _seconds(lambda: _slow("1"), 100)


def _seconds(action: Callable[[], object], count: int) -> float:
    started = time.perf_counter()
    for _ in range(count):
        action()
    return time.perf_counter() - started


def breaker(node: cache_servers.Server) -> float:
    """Reads of 8 threads in 2 seconds while the cache hangs: without a breaker against with one."""

    def reads(failures: int) -> int:
        client = _client(node.port)
        client.failures = failures
        cache = Cache(client, "breaker", load=_slow, codec=Json(dict), ttl=60)
        count, until = itertools.count(), time.monotonic() + 2

        def read(id: str) -> None:
            while time.monotonic() < until:
                cache.get(id)
                next(count)

        threads = [threading.Thread(target=read, args=(str(number),)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return next(count)

    with stopped(node):
        return reads(10**9) / reads(3)


def until_hits(node: cache_servers.Server) -> float:
    """After the cache has hung, in pauses of the breaker, of a second."""
    cache = Cache(_client(node.port), "back", load=_slow, codec=Json(dict), ttl=60)
    cache.get("1")
    with stopped(node):
        for _ in range(20):
            cache.get("1")
    started = time.monotonic()
    while cache.inspect("1").source != "hit":
        time.sleep(0.001)
    return time.monotonic() - started


def zipf(port: int) -> tuple[float, float]:
    """The database's time for pages that are read by their popularity: with a cold cache, then a warm one, by none."""
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("CREATE TABLE line (product INTEGER, customer INTEGER, amount INTEGER)")
    draw = random.Random(2)
    rows = ((draw.randrange(_PAGES), draw.randrange(500), draw.randrange(100)) for _ in range(_PAGES * 100))
    database.executemany("INSERT INTO line VALUES (?, ?, ?)", rows)
    database.execute("CREATE INDEX by_product ON line (product)")
    spent = [0.0]

    def load(id: str) -> dict[str, Any]:
        started = time.thread_time()
        top = database.execute(
            "SELECT customer, sum(amount) FROM line WHERE product = ? GROUP BY 1 ORDER BY 2 DESC LIMIT 10", (int(id),)
        ).fetchall()
        spent[0] += time.thread_time() - started
        return {"top": [list(each) for each in top]}

    weights = [1 / rank for rank in range(1, _PAGES + 1)]

    def cost(read: Callable[[str], object], seed: int) -> float:
        spent[0] = 0.0
        for page in random.Random(seed).choices(range(_PAGES), weights, k=6000):
            read(str(page))
        return spent[0]

    none = cost(load, 3)
    cache = Cache(_client(port, timeout=5), "page", load=load, codec=Json(dict), ttl=600)
    return cost(cache.get, 3) / none, cost(cache.get, 4) / none


def hot_key(port: int) -> tuple[int, int]:  # noqa: C901 - the functions inside are its two sides
    """How many reads of 16 threads wait for a load while a key expires each 2 s: with early refresh, and plain.

    Only these are counted, because every read is slow now and then on a busy machine.
    """

    def load(_: str) -> dict[str, int]:
        time.sleep(0.1)
        return {}

    cache = Cache(_client(port, timeout=5), "hot", load=load, codec=Json(dict), ttl=2, stale=5, jitter=0)
    client = redis.Redis(port=port)

    def early() -> bool:
        return cache.inspect("hot").source in {"load", "wait"}

    def plain() -> bool:
        if client.get("hot") is not None:
            return False
        load("hot")
        client.set("hot", "1", px=2000)
        return True

    def waits(read: Callable[[], bool]) -> int:
        read()
        count, until = itertools.count(), time.monotonic() + 12

        def reads() -> None:
            while time.monotonic() < until:
                if read():
                    next(count)
                time.sleep(0.005)

        threads = [threading.Thread(target=reads) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return next(count)

    return waits(early), waits(plain)


def _print(name: str, text: str, value: float, bound: float) -> None:
    print(f"{'ok    ' if value <= bound else 'MISSED'} {name}: {text}; bound {bound}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["peers"]:
        with server() as chosen:
            print(peers.table(chosen.port, chosen.process.pid))
    else:
        goals(_print)

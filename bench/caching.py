"""Measures the goals of elasticache_caching; `python -m bench.caching peers` compares it with other libraries."""

import itertools
import json
import math
import os
import random
import signal
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
from bench.caching_database import database, is_there
from bench.caching_races import every_schedule, plain_races, races
from elasticache_caching import Cache, CacheClient, Json
from tests import cache_servers
from tests.elasticache_caching.test_package import FOLDER, lines_of_code

_PAGES, _ORDERS = 20_000, 20
Report = Callable[[str, str, float, float], None]


@contextmanager
def server() -> Iterator[cache_servers.Server]:
    """A server on loopback, without TLS and users."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        node = cache_servers.start(folder, "node", cache_servers.Certificates(folder), tls=False, users=False)
        try:
            yield node
        finally:
            node.process.kill()
            node.process.wait(10)


def goals(report: Report) -> None:
    """Measure every goal, and report it with its bound."""
    with server() as node:
        ratio = peers.hit_ratio("elasticache_caching", node.port)
        report("cache: a hit against GET and json.loads", f"{ratio:.2f} times", ratio, 1.15)
        ratio = peers.hit_ratio_async(node.port)
        report("cache: the same for asyncio, against redis.asyncio", f"{ratio:.2f} times", ratio, 1.15)
        ratio = peers.near_ratio(node.port)
        report("cache: a near cache's hit against GET", f"{ratio:.3f} times", ratio, 0.1)
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
        # inf: not measured without PostgreSQL
        cold, warm, queries = zipf(node.port) if is_there() else (math.inf, math.inf, 0)
        report("cache: database CPU of 6,000 Zipf reads, cold cache against none", f"{cold:.2f}", cold, 0.6)
        text = f"{warm:.2f} (with {queries} queries, one for each page that was not read before)"
        report("cache: the same, warm, other draws", text, warm, 0.3)
        waits, by_load, naive, chance = hot_key(node.port)
        text = f"{waits} of {naive} ({by_load} of ours waited for a load; {chance} without any expiry)"
        share = waits / max(1, naive)
        report("cache: reads over 50 ms while a hot key expires, against plain", text, share, 0.1)
    lines = sum(lines_of_code(path) for path in FOLDER.glob("*.py"))
    report("cache: lines of code", str(lines), lines, 600)


def compare() -> None:
    """Print a table with the measurements of this library and of others."""
    with server() as node:
        print(peers.table(node.port, node.process.pid), flush=True)


def _client(port: int, **options: Any) -> CacheClient:
    return CacheClient.connect("127.0.0.1", port=port, tls=False, **options)


def killed_loader(port: int, *, lease: float) -> float:
    """The time that another process waits after the loader is killed, in leases."""
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
    """Suspend the server within a block."""
    node.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        node.process.send_signal(signal.SIGCONT)


def _slow(_: str) -> dict[str, int]:
    time.sleep(0.005)
    return {}


def hanging(node: cache_servers.Server) -> float:
    """The time of a read after the first three, in relation to the loader alone, while the server is suspended."""
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
    """The number of reads without a breaker in relation to those with one, while the server is suspended."""

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
    """The time until hits after the server continues, in pauses of the breaker (1 s)."""
    cache = Cache(_client(node.port), "back", load=_slow, codec=Json(dict), ttl=60)
    cache.get("1")
    with stopped(node):
        for _ in range(20):
            cache.get("1")
    started = time.monotonic()
    while cache.inspect("1").source != "hit":
        time.sleep(0.001)
    return time.monotonic() - started


def zipf(port: int) -> tuple[float, float, int]:
    """The database's CPU time for pages that are read by their popularity: with a cold cache, then a warm one, by none.

    The last number is that of the queries with the warm cache.

    A page shows the ten customers that bought most of a product: a join, an aggregate and a sort over its 20 orders.
    """
    with tempfile.TemporaryDirectory() as name, database(Path(name)) as postgres:
        postgres.query(f"\\set pages {_PAGES}\n\\set orders {_PAGES * _ORDERS}")
        postgres.query("""
            SELECT setseed(0.5);
            CREATE TABLE customer AS SELECT id, md5(id::text) AS name FROM generate_series(0, 499) AS id;
            CREATE TABLE orders AS SELECT n % :pages AS product, floor(random() * 500)::int AS customer,
                floor(random() * 100)::int AS amount FROM generate_series(1, :orders) AS n;
            ALTER TABLE customer ADD PRIMARY KEY (id);
            CREATE INDEX by_product ON orders (product);
            ANALYZE;
            PREPARE page (int) AS SELECT json_agg(top) FROM (
                SELECT name, sum(amount) AS total FROM orders JOIN customer ON customer.id = orders.customer
                WHERE product = $1 GROUP BY name ORDER BY total DESC, name LIMIT 10) AS top;
        """)

        def load(id: str) -> Any:
            return json.loads("".join(postgres.query(f"EXECUTE page({id});")))

        weights = [1 / rank for rank in range(1, _PAGES + 1)]

        def cost(read: Callable[[str], object], seed: int) -> float:
            before = postgres.cpu_seconds()
            for page in random.Random(seed).choices(range(_PAGES), weights, k=6000):
                read(str(page))
            return postgres.cpu_seconds() - before

        cost(load, 5)  # reads the tables into memory before any library is measured
        none = cost(load, 3)
        cache = Cache(_client(port, timeout=5), "page", load=load, codec=Json(list), ttl=600)
        cold = cost(cache.get, 3)
        before = cache.statistics.snapshot()["loads"]
        warm = cost(cache.get, 4)
        return cold / none, warm / none, cache.statistics.snapshot()["loads"] - before


def hot_key(port: int) -> tuple[int, int, int, int]:
    """How many reads of 24 threads take over 50 ms while a key expires each 2 s: with a cache, and plain.

    A load takes 100 ms. Nothing is filtered: a read that a busy machine delays counts on either side.
    """

    def load(_: str) -> dict[str, int]:
        time.sleep(0.1)
        return {}

    cache = Cache(_client(port, timeout=5), "hot", load=load, codec=Json(dict), ttl=2, stale=5)
    client = redis.Redis(port=port)

    def plain(id: str) -> None:
        if client.get(id) is None:
            client.set(id, json.dumps(load(id)), px=2000)

    def waits(read: Callable[[str], object]) -> int:
        read("hot")
        count, until = itertools.count(), time.monotonic() + 15

        def reads() -> None:
            while time.monotonic() < until:
                if _seconds(lambda: read("hot"), 1) > 0.05:
                    next(count)
                time.sleep(0.01)

        threads = [threading.Thread(target=reads) for _ in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return next(count)

    client.set("never", "1")
    ours = waits(cache.get)
    counts = cache.statistics.snapshot()
    by_load = counts["loads"] + counts["waits"]
    return ours, by_load, waits(plain), waits(lambda _: client.get("never"))


def _print(name: str, text: str, value: float, bound: float) -> None:
    print(f"{'ok    ' if value <= bound else 'MISSED'} {name}: {text}; bound {bound}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["peers"]:
        compare()
    else:
        goals(_print)

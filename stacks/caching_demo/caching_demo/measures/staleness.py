"""How long a second client sees the old value after an update: TTL alone, invalidation, write-through."""

from __future__ import annotations

import threading
import time
from functools import partial
from operator import itemgetter
from typing import Any, Callable

from caching_demo import shop
from caching_demo.bench import Bench
from caching_demo.timing import percentile
from elasticache_caching import Cache, Json, Versioned

_TTL_PRODUCTS = 10
_POLL_SECONDS = 0.002
_LONGEST = 5.0
Row = dict[str, Any]


def measure(bench: Bench) -> dict[str, Any]:
    """The median and the longest time of each strategy, in milliseconds."""
    writer, reader = bench.link.client(), bench.link.client()
    load = partial(shop.read, bench.pool, "primary key")
    try:
        plain = Cache[Row](
            reader, bench.name("ttl"), load=load, codec=Json(dict), ttl=bench.scale.stale_ttl, jitter=0, early=0
        )
        lazy = [
            Cache[Row](client, bench.name("lazy"), load=load, codec=Json(dict), ttl=300) for client in (writer, reader)
        ]
        through = [
            Versioned[Row](
                client, bench.name("through"), load=load, version=itemgetter("version"), codec=Json(dict), ttl=300
            )
            for client in (writer, reader)
        ]
        return {
            "ttl_seconds": bench.scale.stale_ttl,
            "ttl_only": _figures(_after_ttl(bench, plain)),
            "invalidation": _figures(_after_writes(bench, lambda row: lazy[0].invalidate(str(row["id"])), lazy[1].get)),
            "write_through": _figures(
                _after_writes(bench, lambda row: through[0].put(str(row["id"]), row), through[1].get)
            ),
        }
    finally:
        writer.close()
        reader.close()


def _figures(seconds: list[float]) -> dict[str, float]:
    return {
        "updates": len(seconds),
        "p50_ms": round(percentile(seconds, 0.5) * 1000, 2),
        "max_ms": round(max(seconds) * 1000, 2),
    }


def _after_ttl(bench: Bench, cache: Cache[Row]) -> list[float]:
    """Updates at different times of a TTL, so that values have different times left, as in practice."""
    ids = [str(number + 1) for number in range(_TTL_PRODUCTS)]
    for id in ids:
        cache.get(id)
    stored = time.monotonic()
    due = {id: stored + bench.scale.stale_ttl * number / len(ids) for number, id in enumerate(ids)}
    commits: dict[str, tuple[float, int]] = {}
    times: dict[str, float] = {}
    while len(times) < len(ids):
        bench.deadline.check("the staleness under a TTL")
        for id in ids:
            if id not in commits and time.monotonic() >= due[id]:
                version = shop.update(bench.pool, id)["version"]
                commits[id] = (time.monotonic(), version)
            if id in commits and id not in times:
                committed, version = commits[id]
                row = cache.get(id)
                if row is not None and row["version"] >= version:
                    times[id] = time.monotonic() - committed
        time.sleep(_POLL_SECONDS)
    return list(times.values())


def _after_writes(bench: Bench, published: Callable[[Row], object], read: Callable[[str], Row | None]) -> list[float]:
    return [_after_write(bench, str(number + 1), published, read) for number in range(bench.scale.stale_updates)]


def _after_write(bench: Bench, id: str, published: Callable[[Row], object], read: Callable[[str], Row | None]) -> float:
    """Seconds between a commit and the first read of the new value, by a client that reads all the time.

    :param published: tells the cache what has been committed.
    """
    before = (read(id) or {})["version"]
    seen: list[float] = []

    def poll() -> None:
        until = time.monotonic() + _LONGEST
        while time.monotonic() < until:
            row = read(id)
            if row is not None and row["version"] > before:
                break
            time.sleep(_POLL_SECONDS / 4)
        seen.append(time.monotonic())

    bench.deadline.check("the staleness")
    poller = threading.Thread(target=poll, daemon=True)
    poller.start()
    row = shop.update(bench.pool, id)
    committed = time.monotonic()
    published(row)
    poller.join(_LONGEST + 1)
    return max(0.0, (seen[0] if seen else time.monotonic()) - committed)

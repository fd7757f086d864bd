"""The hit ratio and the database's queries from a cold cache on, at a steady rate of reads with some updates."""

from __future__ import annotations

import itertools
import random
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from caching_demo import shop
from caching_demo.bench import Bench
from caching_demo.cache_link import require_answers
from caching_demo.timing import Pace, together
from elasticache_caching import Cache, Json

_THREADS = 4
_READS_PER_UPDATE = 100
_BUCKETS = 16
_SEED = 14


@dataclass
class _Seen:
    started: float = field(default_factory=time.monotonic)
    reads: list[tuple[float, bool]] = field(default_factory=list)
    queries: list[float] = field(default_factory=list)
    updates: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> float:
        return time.monotonic() - self.started


def measure(bench: Bench) -> dict[str, Any]:
    """The totals, and the same over time.

    :raises CacheUnusableError: when the cache does not answer.
    """
    scale, client = bench.scale, bench.link.client()
    seen = _Seen()

    def load(id: str) -> Any:
        seen.queries.append(seen.now())
        return bench.page(id)

    cache = Cache(client, bench.name("hits"), load=load, codec=Json(object), ttl=300)
    # The first read of a connection pays for opening it.
    cache.get("1")
    cache.invalidate("1")
    seen.queries.clear()
    draws = _zipf(scale.hit_products, scale.hit_reads)
    parts = [draws[number::_THREADS] for number in range(_THREADS)]
    seen.started = time.monotonic()

    def work(number: int) -> None:
        pace = Pace(scale.hit_rate / _THREADS, number / scale.hit_rate)
        for count, id in enumerate(parts[number], start=1):
            pace.wait()
            bench.deadline.check("the hit ratio")
            _read(cache, id, seen)
            if count % _READS_PER_UPDATE == 0:
                shop.update(bench.pool, id)
                cache.invalidate(id)
                with seen.lock:
                    seen.updates += 1

    try:
        together([partial(work, number) for number in range(_THREADS)], bench.deadline, "the hit ratio")
    finally:
        client.close()
    require_answers(cache.statistics, len(seen.reads))
    return _section(seen, scale.hit_products)


def _read(cache: Cache[Any], id: str, seen: _Seen) -> None:
    source = cache.inspect(id).source
    seen.reads.append((seen.now(), source in ("hit", "stale")))


def _zipf(products: int, count: int) -> list[str]:
    """Ids as shops see them: the n-th most popular product is read with a probability of about 1/n."""
    weights = list(itertools.accumulate(1 / rank for rank in range(1, products + 1)))
    draw = random.Random(_SEED)  # noqa: S311 - the same reads in each run
    return [str(id) for id in draw.choices(range(1, products + 1), cum_weights=weights, k=count)]


def _section(seen: _Seen, products: int) -> dict[str, Any]:
    seconds = max(moment for moment, _ in seen.reads)
    width = seconds / _BUCKETS
    series = []
    for number in range(_BUCKETS):
        low, high = number * width, (number + 1) * width if number < _BUCKETS - 1 else float("inf")
        hits = [hit for moment, hit in seen.reads if low <= moment < high]
        queries = sum(low <= moment < high for moment in seen.queries)
        series.append(
            {
                "second": round((number + 0.5) * width, 3),
                "hit_ratio": round(sum(hits) / len(hits), 4) if hits else None,
                "reads_per_s": round(len(hits) / width, 1),
                "queries_per_s": round(queries / width, 1),
            }
        )
    hits_of_all = sum(hit for _, hit in seen.reads)
    return {
        "products": products,
        "reads": len(seen.reads),
        "hits": hits_of_all,
        "hit_ratio": round(hits_of_all / len(seen.reads), 4),
        "queries": len(seen.queries),
        "updates": seen.updates,
        "seconds": round(seconds, 2),
        "series": series,
    }

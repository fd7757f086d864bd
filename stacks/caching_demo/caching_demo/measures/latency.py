"""How long a read takes with the cache and without it, and how much of that the server itself needs."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from caching_demo import shop
from caching_demo.bench import Bench
from caching_demo.cache_link import require_answers
from caching_demo.timing import summary
from elasticache_caching import Cache, CacheClient, Json

_WARM_UP = 5
# So that a cache that hangs costs three short waits, and no long ones.
_SHORT_TIMEOUT = 0.1
# On a slow machine there are fewer samples, so that this ends in time.
_LONGEST, _FEWEST = 2.5, 20


def measure(bench: Bench, *, usable: bool = True) -> dict[str, Any]:
    """Percentiles for each query, in milliseconds: reads from the database and from the cache take turns.

    :param usable: whether the cache is; otherwise its percentiles are those of an application that goes on without it.
    :raises CacheUnusableError: when a usable cache does not answer.
    """
    client = bench.link.client() if usable else bench.link.client(_SHORT_TIMEOUT)
    try:
        return {name: _query(bench, client, name, usable=usable) for name in bench.scale.samples}
    finally:
        client.close()


def _query(bench: Bench, client: CacheClient, name: str, *, usable: bool) -> dict[str, Any]:
    load = partial(shop.read, bench.pool, name)
    cache = Cache(client, bench.name(name.replace(" ", "-")), load=load, codec=Json(object), ttl=300, early=0)
    ids = [str(1 + number % 10) for number in range(bench.scale.samples[name])]
    for id in ids[:_WARM_UP] + sorted(set(ids)):
        load(id)
        cache.get(id)
    hits = cache.statistics.snapshot()["hits"]
    database: list[float] = []
    cached: list[float] = []
    server: list[float] = []
    until = time.monotonic() + _LONGEST
    with bench.pool.borrow() as connection:
        for done, id in enumerate(ids):
            bench.deadline.check("the latencies")
            if done >= _FEWEST and time.monotonic() > until:
                break
            for function, seconds in ((load, database), (cache.get, cached)):
                started = time.perf_counter()
                function(id)
                seconds.append(time.perf_counter() - started)
            if done < _FEWEST:
                server.append(shop.server_seconds(connection, name, id))
    if usable:
        require_answers(cache.statistics, len(cached))
    return {
        "samples": len(database),
        "hits": cache.statistics.snapshot()["hits"] - hits,
        "database_ms": summary(database),
        "cache_ms": summary(cached),
        "server_ms": summary(server),
    }

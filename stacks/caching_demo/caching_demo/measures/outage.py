"""The cache stops answering and comes back: the caching library beside a client with redis-py's defaults."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable

from caching_demo.bench import Bench
from caching_demo.cache_link import CACHE_ERRORS
from caching_demo.relay import Relays, interposed
from caching_demo.timing import Deadline, Pace, percentile, together
from elasticache_caching import Cache, Json

_THREADS = 3
_READS_PER_SECOND = 25.0
_PRODUCTS = 20
# What the library itself takes without an argument.
_TIMEOUT = 0.1


@dataclass(frozen=True)
class _Read:
    """One read; `source` is empty for one that failed."""

    began: float
    ended: float
    source: str


def measure(bench: Bench) -> dict[str, Any]:
    """Reads per second and their times, before, during and after, and over time.

    :raises CacheUnusableError: when the cache itself has failed meanwhile.
    """
    before, stopped, after = bench.scale.outage
    with interposed(bench.link.nodes()) as relays:
        client, plain = bench.link.client(_TIMEOUT), bench.link.plain()
        cache = Cache(client, bench.name("outage"), load=bench.page, codec=Json(object), ttl=300)
        readers = {"library": _library(cache), "plain": _plain(bench, plain)}
        for id in range(1, _PRODUCTS + 1):
            for get in readers.values():
                get(str(id))
        reads: dict[str, list[_Read]] = {name: [] for name in readers}
        started = time.monotonic()
        switch = threading.Thread(target=_switch, args=(relays, before, stopped), daemon=True)
        switch.start()
        try:
            seconds = before + stopped + after
            workers = [
                partial(_Worker(bench.deadline, readers[name], reads[name], started).run, number, seconds)
                for name in readers
                for number in range(_THREADS)
            ]
            together(workers, bench.deadline, "the outage of the cache")
        finally:
            relays.resume()
            switch.join()
            client.close()
            plain.close()
    section = _section(bench, reads, cache.statistics.snapshot()["breaker_openings"])
    if section["library"]["seconds_until_hits"] is None:
        bench.link.check()
    return section


def _switch(relays: Relays, before: float, stopped: float) -> None:
    time.sleep(before)
    relays.stop()
    time.sleep(stopped)
    relays.resume()


def _library(cache: Cache[Any]) -> Callable[[str], str]:
    return lambda id: cache.inspect(id).source


def _plain(bench: Bench, raw: Any) -> Callable[[str], str]:
    prefix = bench.name("plain-outage")

    def get(id: str) -> str:
        key = f"{{{prefix}:{id}}}"
        stored = raw.get(key)
        if stored is not None:
            json.loads(stored)
            return "hit"
        raw.set(key, json.dumps(bench.page(id)), px=300_000)
        return "load"

    return get


@dataclass(frozen=True)
class _Worker:
    """Reads at a steady rate, and notes each read."""

    deadline: Deadline
    get: Callable[[str], str]
    reads: list[_Read]
    started: float

    def run(self, number: int, seconds: float) -> None:
        pace, count = Pace(_READS_PER_SECOND, number / _READS_PER_SECOND / _THREADS), number
        while time.monotonic() - self.started < seconds:
            pace.wait()
            self.deadline.check("the outage of the cache")
            count += 1
            began = time.monotonic() - self.started
            try:
                source = self.get(str(1 + count % _PRODUCTS))
            except CACHE_ERRORS:
                source = ""
            self.reads.append(_Read(began, time.monotonic() - self.started, source))


def _section(bench: Bench, reads: dict[str, list[_Read]], openings: int) -> dict[str, Any]:
    before, stopped, after = bench.scale.outage
    width = bench.scale.outage_bucket
    count = round((before + stopped + after) / width)
    return {
        "seconds_before": before,
        "seconds_stopped": stopped,
        "seconds_after": after,
        "target_reads_per_s": _THREADS * _READS_PER_SECOND,
        "breaker_openings": openings,
        **{name: _figures(samples, before, before + stopped) for name, samples in reads.items()},
        "series": [
            {
                "second": round((number + 0.5) * width, 3),
                **{name: _bucket(samples, number * width, width) for name, samples in reads.items()},
            }
            for number in range(count)
        ],
    }


def _bucket(reads: list[_Read], low: float, width: float) -> dict[str, float | None]:
    ended = [read for read in reads if low <= read.ended < low + width]
    seconds = [read.ended - read.began for read in ended]
    return {
        "reads_per_s": round(len(ended) / width, 1),
        "p99_ms": round(percentile(seconds, 0.99) * 1000, 3) if seconds else None,
    }


def _figures(reads: list[_Read], stop: float, resume: float) -> dict[str, Any]:
    def rate(low: float, high: float) -> float:
        return round(sum(low <= read.ended < high for read in reads) / (high - low), 1)

    during = [read.ended - read.began for read in reads if stop <= read.ended < resume]
    back = next((read.ended - resume for read in reads if read.source == "hit" and read.began >= resume), None)
    return {
        "errors": sum(not read.source for read in reads),
        "reads_per_s_before": rate(0, stop),
        "reads_per_s_stopped": rate(stop, resume),
        "p99_stopped_ms": round(percentile(during, 0.99) * 1000, 3) if during else None,
        "longest_ms": round(max(read.ended - read.began for read in reads) * 1000, 1),
        "seconds_until_hits": None if back is None else round(back, 3),
    }

"""The breaker, the statistics, and flights of several threads. Runs on Python 3.9 as well."""

from __future__ import annotations

import asyncio
import inspect
import threading
from typing import Any

import pytest
import redis

from elasticache_caching import COUNTERS, CacheClient, Statistics
from elasticache_caching.breaker import Breaker
from elasticache_caching.flights import Flights
from elasticache_caching.protocol import Loaded
from tests.elasticache_caching.protocols import CLIENT


def test_the_breaker() -> None:
    now = [0.0]
    breaker = Breaker(3, 1.0, lambda: now[0])
    breaker.failed()
    breaker.succeeded()
    assert [breaker.failed(), breaker.failed()] == [False, False]
    breaker.succeeded()
    assert [breaker.failed(), breaker.failed(), breaker.open] == [False, False, False]
    assert [breaker.failed(), breaker.open, breaker.failed()] == [True, True, False]
    assert breaker.probe_is_due() is False
    now[0] = 0.99
    assert breaker.probe_is_due() is False
    now[0] = 1.0
    assert [breaker.probe_is_due(), breaker.probe_is_due()] == [True, False], "one probes"
    now[0] = 1.5
    breaker.failed()
    now[0] = 2.4
    assert breaker.probe_is_due() is False
    now[0] = 2.5
    assert breaker.probe_is_due() is True
    breaker.succeeded()
    assert [breaker.open, breaker.probe_is_due()] == [False, False]
    assert [breaker.failed(at_once=True), breaker.open] == [True, True]


def test_an_error_reply_is_an_answer_of_the_server() -> None:
    """It is no failure among consecutive failures, and closes an open breaker, as when a probe reads another type."""
    client, breaker, statistics = CacheClient.connect("cache.example"), Breaker(3, 1.0), Statistics("row")
    slow, wrong_type = redis.TimeoutError("slow"), redis.ResponseError("WRONGTYPE")
    states = []
    for error in (slow, slow, wrong_type, slow, slow, slow, wrong_type):
        client.failed(breaker, error, statistics)
        states.append(breaker.open)
    assert states == [False] * 5 + [True, False]
    assert statistics.snapshot()["breaker_openings"] == 1


def test_a_probe_that_cannot_start_is_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads cannot be started while the interpreter shuts down."""

    async def probe() -> None:
        raise AssertionError("it must not run")

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", start)
    work = probe()
    CLIENT.spawn(work)
    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED


def test_a_coroutine_of_the_client_for_threads_must_not_suspend() -> None:
    async def suspends() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="a coroutine of this client must not suspend"):
        CLIENT.drive(suspends())


def test_counters_are_exact_over_threads() -> None:
    statistics = Statistics("row")
    assert statistics.hit_ratio == 0.0

    def count() -> None:
        for _ in range(5000):
            statistics.add("hits")

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statistics.snapshot() == {**dict.fromkeys(COUNTERS, 0), "hits": 40_000}
    for name in ("loads", "waits", "stale_hits"):
        for _ in range(20_000):
            statistics.add(name)
    assert statistics.hit_ratio == 0.6


def test_who_may_have_what_a_flight_brings() -> None:
    flights: Flights[int] = Flights(threading.Event)
    early = flights.ticket()
    flight, leads = flights.join("1")
    assert (leads, flights.join("1")) == (True, (flight, False))
    assert flights.join("2")[1] is True
    assert flight.serves(early) is False
    flight.began = flights.ticket()
    late = flights.ticket()
    for source, filled, outcome in (
        ("load", False, (True, False)),
        ("load", True, (True, True)),
        ("down", False, (True, False)),
        ("wait", False, (False, False)),
        ("stale", False, (False, False)),
    ):
        flight.outcome = Loaded(1, source, filled=filled)
        assert (flight.serves(early), flight.serves(late)) == outcome
    flights.leave("1", flight)
    assert flights.join("1")[1] is True
    flights.leave("1", flight)
    assert flights.join("1")[1] is False, "another's flight stays"


@pytest.mark.parametrize("kind", [redis.exceptions.ClusterDownError, redis.exceptions.RedisClusterException])
def test_a_cluster_that_is_down_opens_the_breaker_at_once(kind: Any) -> None:
    """redis-py pauses before it reports such an error, although the first is also an error reply."""
    client, breaker, statistics = CacheClient.connect("cache.example"), Breaker(3, 1.0), Statistics("row")
    client.failed(breaker, kind("down"), statistics)
    assert breaker.open
    assert statistics.snapshot()["breaker_openings"] == 1


def test_an_opening_of_the_breaker_is_logged_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    """Otherwise nothing would show a wrong password or name: reads raise no error."""
    client, breaker, statistics = CacheClient.connect("cache.example"), Breaker(3, 1.0), Statistics("row")
    for _ in range(5):
        client.failed(breaker, redis.AuthenticationError("WRONGPASS"), statistics)
    assert [record.getMessage() for record in caplog.records] == [
        "row: reads continue without the cache: AuthenticationError: WRONGPASS"
    ]
    assert caplog.records[0].levelname == "WARNING"

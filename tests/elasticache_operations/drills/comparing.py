"""Two caches on real servers, and the comparison of their data."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from elasticache_operations.drills.restore import compare_data
from elasticache_operations.drills.restore.stores import Login, Store
from tests.cache_servers import Certificates, Server, start

PLAIN = Login(tls=False)
AGE = 3600.0
UNTOUCHED = -compare_data.MARGIN - 1
"""An age with which every key counts as not used since the snapshot."""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    folder = tmp_path_factory.mktemp("pair")
    certificates = Certificates(folder)
    started = [start(folder, name, certificates, tls=False, users=False) for name in ("source", "restored")]
    yield started[0], started[1]
    for server in started:
        server.stop()


@pytest.fixture
def source(servers: tuple[Server, Server]) -> redis.Redis:
    return emptied(servers[0])


@pytest.fixture
def restored(servers: tuple[Server, Server]) -> redis.Redis:
    return emptied(servers[1])


def emptied(server: Server) -> redis.Redis:
    connection = redis.Redis("127.0.0.1", server.port)
    connection.flushall()
    return connection


def fill(*servers: redis.Redis) -> None:
    """The same keys of every type, written in another order."""
    for number, server in enumerate(servers):
        members = list(range(300))[:: -1 if number else 1]
        server.set("text", b"\x00\xff binary")
        server.set("number", 7)
        server.set("expires", "soon", pxat=2_000_000_000_000)
        server.rpush("list", "a", "b", "a")
        server.hset("hash", mapping={f"field-{member}": member for member in members})
        server.sadd("set", *(f"member-{member}" for member in members))
        server.zadd("sorted", {f"member-{member}": member for member in members})
        server.xadd("stream", {"a": 1}, id="1-1")


def compare(
    servers: tuple[Server, Server], *, sample: int = 1000, age: float = AGE, seconds: float = 60.0
) -> dict[str, Any]:
    both = [Store("127.0.0.1", server.port, PLAIN, clustered=False) for server in servers]
    try:
        return compare_data.compare(both[0], both[1], sample=sample, age=age, seconds=seconds)
    finally:
        for store in both:
            store.close()


def counts(found: dict[str, Any]) -> dict[str, int]:
    """The numbers that are not zero."""
    return {name: number for name, number in found.items() if number and name not in ("source", "restored", "complete")}

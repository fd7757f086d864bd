"""Servers and other fixtures of this folder."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from elasticache_caching import AsyncCacheClient, CacheClient
from tests import cache_servers
from tests.cache_servers import Certificates, Server
from tests.elasticache_caching import faces
from tests.elasticache_caching.faces import Face


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Server]:
    """One server for all tests that do not disturb it."""
    server = cache_servers.start(tmp_path_factory.mktemp("server"), "node", certificates, tls=False, users=False)
    yield server
    server.stop()


@pytest.fixture
def admin(shared_server: Server) -> Iterator[redis.Redis]:
    """A plain connection to the empty shared server."""
    connection = redis.Redis(port=shared_server.port)
    connection.flushall()
    connection.config_resetstat()
    yield connection
    connection.close()


@pytest.fixture
def client(shared_server: Server, admin: redis.Redis) -> Iterator[CacheClient]:
    """A client of the empty shared server, with a time-out for a busy machine."""
    client = CacheClient.connect("127.0.0.1", port=shared_server.port, tls=False, timeout=5)
    yield client
    client.close()


@pytest.fixture
def own_server(tmp_path: Path, certificates: Certificates) -> Iterator[Server]:
    """A server that the test may stop."""
    server = cache_servers.start(tmp_path, "own", certificates, tls=False, users=False)
    yield server
    server.process.kill()
    server.process.wait(10)


def eventually(condition: Any, *, seconds: float = 5.0) -> float:
    """Wait until a condition is true, and return the duration."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, "it must become true in time"
        time.sleep(0.005)
    return time.monotonic() - started


@pytest.fixture(params=["threads", "asyncio"])
def face(request: pytest.FixtureRequest) -> Iterator[Face]:
    """Each test runs with both clients."""
    with faces.face(request.param) as made:
        yield made


@pytest.fixture
def connected(face: Face, shared_server: Server, admin: redis.Redis) -> Iterator[CacheClient | AsyncCacheClient]:
    """A client of the empty shared server."""
    cache_client = face.client(shared_server.port)
    yield cache_client
    face.call(cache_client.close)

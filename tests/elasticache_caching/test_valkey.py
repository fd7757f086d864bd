"""The caches, the sessions and every check of the scripts on Valkey, over both versions of the protocol."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from scripts.fetch_valkey import valkey_command
from tests import cache_servers
from tests.cache_servers import Certificates, Server
from tests.elasticache_caching.faces import Face
from tests.elasticache_caching.rows import ROW, Table
from tests.elasticache_caching.test_scripts import CHECKS
from tests.elasticache_caching.test_scripts import Server as Scripts

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Server]:
    folder, program = tmp_path_factory.mktemp("valkey"), valkey_command()
    server = cache_servers.start(folder, "node", certificates, tls=False, users=False, program=program)
    yield server
    server.stop()


@pytest.fixture
def empty(valkey: Server) -> Iterator[redis.Redis]:
    connection = redis.Redis(port=valkey.port)
    connection.flushall()
    yield connection
    connection.close()


@pytest.fixture(params=[2, 3])
def connected(request: pytest.FixtureRequest, face: Face, valkey: Server, empty: redis.Redis) -> Iterator[Any]:
    client: Any = face.client(valkey.port)
    client.options["protocol"] = request.param
    yield client
    face.call(client.close)


def test_it_is_valkey(empty: redis.Redis) -> None:
    assert empty.info("server")["server_name"] == "valkey"


@pytest.mark.parametrize("check", CHECKS)
def test_scripts(empty: redis.Redis, check: Any) -> None:
    check(Scripts(empty))


def test_lazy_loading(face: Face, connected: Any, empty: redis.Redis) -> None:
    table = Table(**{"1": dict(ROW), "2": dict(ROW)})
    cache = face.cache(connected, table.load, load_many=table.load_many, near=2)
    assert cache.get_many(["1", "2", "3"]) == {"1": ROW, "2": ROW, "3": None}
    assert [cache.inspect("1").source for _ in range(2)] == ["hit", "near"]
    cache.invalidate("1", "2")
    assert empty.keys("*1*") == []
    empty.script_flush()
    assert [cache.inspect("1").source for _ in range(2)] == ["load", "hit"]
    assert "cache_errors" not in cache.counts


def test_write_through(face: Face, connected: Any, empty: redis.Redis) -> None:
    table = Table(**{"1": dict(ROW)})
    cache = face.versioned(connected, table.load)
    assert cache.put("1", {"version": 3}) is True
    assert cache.put("1", {"version": 2}) is False
    assert cache.get("1") == {"version": 3}
    assert cache.invalidate("1", version=4) is True
    assert cache.inspect("1").value == ROW, "the row of the loader, which is older"
    assert cache.counts["refused_fills"] == 1


def test_sessions(face: Face, connected: Any, empty: redis.Redis) -> None:
    sessions = face.sessions(connected)
    id = sessions.create({"cart": []})
    assert sessions.save(id, {"cart": ["42"], "user": "a"}, ["none"]) is True
    fresh = sessions.rotate(id)
    assert [sessions.load(id), sessions.load(fresh)] == [None, {"cart": ["42"], "user": "a"}]
    sessions.destroy(fresh)
    assert empty.keys("*") == []

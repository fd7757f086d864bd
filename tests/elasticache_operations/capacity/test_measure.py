"""A workload read from servers that run here."""

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from connection_test.resp import Connection, ReplyError

from elasticache_operations.capacity import measure as module
from elasticache_operations.capacity.measure import MeasureError, measure
from elasticache_operations.capacity.shapes import Kind, Shape
from tests.cache_servers import Certificates, Server, cluster, free_port, start, wait_for
from tests.elasticache_operations.capacity.servers import settled

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def server(tmp_path: Path, certificates: Certificates) -> Iterator[Server]:
    started = start(tmp_path, "measured", certificates, tls=False, users=False)
    yield started
    started.stop()


@pytest.fixture
def connection(server: Server) -> Iterator[Connection]:
    opened = server.admin_connection()
    yield opened
    opened.close()


def url(server: Server) -> str:
    return f"redis://127.0.0.1:{server.port}"


def test_the_measurement_finds_the_shapes_and_the_memory_of_each_type(server: Server) -> None:
    with redis.Redis(port=server.port) as client:
        for first in range(0, 3000, 500):
            pipeline = client.pipeline(transaction=False)
            for number in range(first, first + 500):
                pipeline.set(f"string-{number:09d}", "v" * 200, ex=10_000)
                pipeline.set(f"number-{number:09d}", number + 100_000)
                pipeline.hset(f"hash---{number:09d}", mapping={"field-a": "v" * 30, "field-b": "v" * 10})
                pipeline.rpush(f"list---{number:09d}", *(["v" * 20] * 5))
                pipeline.sadd(f"set----{number:09d}", *(f"member-{index:05d}" for index in range(5)))
                pipeline.zadd(f"zset---{number:09d}", {"member-one": 1.5, "member-two": 2.5})
            pipeline.execute()
    wait_for(lambda: settled(server), "the tables to have grown")
    found = measure(url(server), sample=18_000)
    shapes = {population.shape: population.items for population in found.data.populations}
    assert shapes == {
        Shape(key=16, value=200, ttl=True): 3000,
        Shape(kind=Kind.INTEGER, key=16): 3000,
        Shape(kind=Kind.HASH, key=16, count=2, field=7, value=20): 3000,
        Shape(kind=Kind.LIST, key=16, count=5, value=20): 3000,
        Shape(kind=Kind.SET, key=16, count=5, value=12): 3000,
        Shape(kind=Kind.SORTED_SET, key=16, count=2, value=10): 3000,
    }
    assert (found.sampled, found.others, found.shards) == (18_000, 0, 1)
    assert found.factor == pytest.approx(1, abs=0.03)
    assert found.operations > 0


def test_a_sample_stands_for_all_keys(server: Server, connection: Connection) -> None:
    lengths = random.Random(1)
    for number in range(3000):
        connection.call("SET", f"key-{number:012d}", "v" * lengths.randint(20, 2000))
    found = measure(url(server), sample=500)
    assert found.sampled == 500
    assert found.data.items == pytest.approx(3000, rel=0.02)
    assert len(found.data.populations) <= 100
    assert found.factor == pytest.approx(1, abs=0.08)


def test_nothing_is_written(server: Server, connection: Connection) -> None:
    connection.call("SET", "key", "value")
    connection.call("CONFIG", "RESETSTAT")
    measure(url(server))
    commands = connection.info("commandstats")
    reading = {"info", "dbsize", "scan", "type", "pttl", "object|encoding", "strlen", "exists"}
    allowed = reading | {"config|resetstat", "client|setinfo", "hello", "select", "ping"}
    assert {name.removeprefix("cmdstat_") for name in commands} <= allowed


def test_types_without_a_model_are_counted(server: Server, connection: Connection) -> None:
    connection.call("XADD", "stream", "*", "field", "value")
    with pytest.raises(MeasureError, match="no sampled key has a type"):
        measure(url(server))
    connection.call("SET", "key", "value")
    found = measure(url(server))
    assert (found.sampled, found.others) == (2, 1)


def test_an_empty_server_is_refused(server: Server) -> None:
    with pytest.raises(MeasureError, match="has no keys; give --items"):
        measure(url(server))


def test_a_shard_of_a_cluster_stands_for_all(tmp_path: Path, certificates: Certificates) -> None:
    with cluster(tmp_path, certificates, shards=3, replicas=0) as servers:
        connection = servers[0].admin_connection()
        written = 0
        for number in range(1500):
            # MOVED for the keys of the other shards.
            with contextlib.suppress(ReplyError):
                connection.call("SET", f"key-{number:012d}", "v" * 100)
                written += 1
        connection.close()
        assert 300 < written < 700
        address = f"rediss://admin@127.0.0.1:{servers[0].port}?ssl_cert_reqs=none"
        found = measure(address, "administrator")
        assert found.shards == 3
        assert found.data.items == pytest.approx(3 * written, rel=0.02)


@pytest.mark.parametrize("address", ["http://somewhere", "somewhere", "redis://127.0.0.1:x", ""])
def test_an_address_that_is_none_is_refused_in_one_line(address: str) -> None:
    with pytest.raises(MeasureError, match="--measure must be a URL such as rediss://HOST:6379, got") as raised:
        measure(address)
    assert "\n" not in str(raised.value)


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(MeasureError, match="check the address, TLS") as raised:
        measure(f"redis://user:secret@127.0.0.1:{free_port()}")
    assert "secret" not in str(raised.value)


def test_a_missing_redis_py_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "redis", None)
    with pytest.raises(MeasureError, match="pip install redis"):
        module.measure("redis://127.0.0.1:1")

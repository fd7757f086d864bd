"""The memory model against a server that is running here, and a server that is filled until it refuses a write."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from elasticache_operations.capacity.allocator import DISTRIBUTION_QUANTUM, ENGINE_QUANTUM, Allocator
from elasticache_operations.capacity.engines import EngineVersion
from elasticache_operations.capacity.filling import keys_until_refused
from elasticache_operations.capacity.memory import MemoryModel, of_shape
from elasticache_operations.capacity.shapes import Kind, Shape
from tests.cache_servers import Certificates, Server, start, wait_for
from tests.elasticache_operations.capacity.servers import info, settled, used

pytestmark = pytest.mark.servers

_KEYS: Final = 20_000
_MAXMEMORY: Final = 64 * 1024 * 1024
SHAPES: Final = (
    Shape(key=16, value=20),
    Shape(key=16, value=100, ttl=True),
    Shape(key=40, value=1024),
    Shape(kind=Kind.INTEGER, key=16),
    Shape(kind=Kind.HASH, key=16, count=10, field=8, value=20),
    Shape(kind=Kind.HASH, key=16, count=10, field=8, value=100),
    Shape(kind=Kind.SET, key=16, count=20, value=12),
    Shape(kind=Kind.SORTED_SET, key=16, count=20, value=12),
    Shape(kind=Kind.SORTED_SET, key=16, count=150, value=12),
    Shape(kind=Kind.LIST, key=16, count=50, value=20),
    Shape(kind=Kind.LIST, key=16, count=800, value=20),
)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def server(tmp_path: Path, certificates: Certificates, request: pytest.FixtureRequest) -> Iterator[Server]:
    with running(tmp_path, certificates, maxmemory=getattr(request, "param", 0)) as started:
        yield started


@pytest.fixture(scope="module")
def allocator(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Allocator:
    """The allocator of the servers here, from the memory of integers, which depends on the quantum most."""
    with running(tmp_path_factory.mktemp("quantum"), certificates, maxmemory=0) as server:
        shape = Shape(kind=Kind.INTEGER, key=16)
        measured = per_key(server, shape, 5000)
        candidates = [Allocator(quantum) for quantum in (ENGINE_QUANTUM, DISTRIBUTION_QUANTUM)]
        data = of_shape(shape, 5000)
        return min(candidates, key=lambda each: abs(MemoryModel(engine(server), each).per_item(data) - measured))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.kind} {shape.count}x{shape.value}")
def test_the_model_is_within_two_percent_of_this_server(server: Server, allocator: Allocator, shape: Shape) -> None:
    keys = _KEYS // 10 if shape.count > 20 else _KEYS
    model = MemoryModel(engine(server), allocator).per_item(of_shape(shape, keys))
    assert model == pytest.approx(per_key(server, shape, keys), rel=0.02)


@pytest.mark.parametrize("server", [_MAXMEMORY], indirect=True)
@pytest.mark.parametrize("shape", [Shape(key=32, value=400, ttl=True), Shape(key=24, value=60)], ids=str)
def test_a_server_refuses_the_next_write_within_two_percent_of_the_model(
    server: Server, allocator: Allocator, shape: Shape
) -> None:
    model = MemoryModel(engine(server), allocator)
    expected = keys_until_refused(model, of_shape(shape, 1), _MAXMEMORY - used(server))
    fitted, accepted = 0, 5000
    while accepted == 5000:
        accepted = write(server, [command(shape, number) for number in range(fitted, fitted + 5000)])
        fitted += accepted
    assert fitted == pytest.approx(expected, rel=0.02)


@contextmanager
def running(folder: Path, certificates: Certificates, *, maxmemory: int) -> Iterator[Server]:
    options = {"maxmemory": str(maxmemory), "maxmemory-policy": "noeviction"}
    server = start(folder, "measured", certificates, tls=False, users=False, options=options)
    try:
        yield server
    finally:
        server.stop()


def per_key(server: Server, shape: Shape, keys: int) -> float:
    """Write keys of a shape, and return the bytes that each takes, when the tables have grown completely."""
    before = used(server)
    assert write(server, [command(shape, number) for number in range(keys)]) == keys
    wait_for(lambda: settled(server), "used_memory to stay the same")
    return (used(server) - before) / keys


def engine(server: Server) -> EngineVersion:
    found = info(server, "server")
    name = "valkey" if "valkey_version" in found else "redis"
    major, minor = found[f"{name}_version"].split(".")[:2]
    return EngineVersion(name, int(major), int(minor))


def word(shape: Shape, number: int) -> str:
    return f"k{number}".ljust(shape.key, "-")


def command(shape: Shape, number: int) -> tuple[str, ...]:
    """The command that writes one key of a shape."""
    key = word(shape, number)
    members = [f"{index}".ljust(shape.value, ".") for index in range(shape.count)]
    if shape.kind is Kind.INTEGER:
        return ("SET", key, str(100_000_000 + number))
    if shape.kind is Kind.STRING:
        return ("SET", key, "v" * shape.value, *(("EX", "100000") if shape.ttl else ()))
    if shape.kind is Kind.HASH:
        fields = [f"{index}".ljust(shape.field, ".") for index in range(shape.count)]
        return ("HSET", key, *(text for pair in zip(fields, members, strict=True) for text in pair))
    if shape.kind is Kind.SORTED_SET:
        return ("ZADD", key, *(text for index, each in enumerate(members) for text in (f"{index % 9}.5", each)))
    return ({Kind.SET: "SADD", Kind.LIST: "RPUSH"}[shape.kind], key, *members)


def write(server: Server, commands: list[tuple[str, ...]]) -> int:
    """Send commands without waiting, and return how many the server accepted before the first error."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as sock:
        data = b"".join(_packed(each) for each in commands)
        sender = threading.Thread(target=sock.sendall, args=(data,))
        sender.start()
        answers = b""
        while answers.count(b"\n") < len(commands):
            answers += sock.recv(1 << 16)
        sender.join()
    accepted = 0
    for line in answers.split(b"\r\n"):
        if line.startswith(b"-"):
            assert line.startswith(b"-OOM"), line
            break
        accepted += line != b""
    return accepted


def _packed(words: tuple[str, ...]) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(each), each.encode()) for each in words)

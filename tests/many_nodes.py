"""A process that answers as the nodes of a large cluster: a listener for each node, and the data of each shard.

It is no engine. It speaks the commands of the connection test with TLS on loopback addresses, and has neither
replication delays nor a cluster bus. With it, the client is measured with more nodes than servers fit on one machine.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connection_test.slots import SLOTS, slot_of

from tests.cache_servers import DOMAIN, PASSWORD, Certificates
from tests.connection_test.probe import SOURCE

PORT = 17379
_ROOT = Path(__file__).parents[1]
_START_SECONDS = 60.0


@dataclass(frozen=True)
class Node:
    """A node of the cluster.

    :param place: 0 for the primary, from 1 for replicas.
    """

    shard: int
    place: int

    @property
    def host(self) -> str:
        return f"demo-{self.shard + 1:04d}-{self.place + 1:03d}.{DOMAIN}"

    @property
    def address(self) -> str:
        """An address of loopback that no other node has."""
        return f"127.{20 + self.place}.{self.shard // 250}.{self.shard % 250 + 1}"


def nodes_of(shards: int, replicas: int) -> list[Node]:
    """All nodes, the primaries first."""
    return [Node(shard, place) for place in range(replicas + 1) for shard in range(shards)]


@dataclass
class Many:
    """A running cluster."""

    nodes: list[Node]

    def words_with(self, ca_file: Path) -> list[str]:
        """The arguments of the connection test that lead to the nodes."""
        words = ["--host", self.nodes[0].host, "--port", str(PORT), "--ca-file", str(ca_file)]
        for node in self.nodes:
            words += ["--connect-to", f"{node.host}:{PORT}:{node.address}:{PORT}"]
        return words


@contextlib.contextmanager
def many_nodes(certificates: Certificates, *, shards: int, replicas: int) -> Iterator[Many]:
    """Run the process until the end of the block.

    :raises RuntimeError: when it does not start.
    """
    command = [sys.executable, "-m", "tests.many_nodes", str(certificates.folder), str(shards), str(replicas)]
    paths = {"PYTHONPATH": f"{_ROOT}:{SOURCE}"}
    process = subprocess.Popen(command, cwd=_ROOT, env={**os.environ, **paths}, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        started = time.monotonic()
        if process.stdout.readline() != "ready\n" or time.monotonic() - started > _START_SECONDS:
            raise RuntimeError(f"the {shards * (replicas + 1)} nodes did not start")
        yield Many(nodes_of(shards, replicas))
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


class _Cluster:
    def __init__(self, shards: int, replicas: int) -> None:
        self.shards, self.replicas = shards, replicas
        self.data: list[dict[bytes, bytes]] = [{} for _ in range(shards)]
        self.slots = self._encoded_slots()

    def bounds(self, shard: int) -> tuple[int, int]:
        return SLOTS * shard // self.shards, SLOTS * (shard + 1) // self.shards - 1

    def _encoded_slots(self) -> bytes:
        parts = [b"*%d\r\n" % self.shards]
        for shard in range(self.shards):
            first, last = self.bounds(shard)
            parts.append(b"*%d\r\n:%d\r\n:%d\r\n" % (self.replicas + 3, first, last))
            for place in range(self.replicas + 1):
                node = Node(shard, place)
                parts.append(
                    b"*3\r\n%s:%d\r\n%s" % (_bulk(node.host.encode()), PORT, _bulk(f"id-{shard}-{place}".encode()))
                )
        return b"".join(parts)

    def answer(self, node: Node, words: list[bytes]) -> bytes:
        """The reply to a command."""
        name, data = words[0].upper(), self.data[node.shard]
        if name == b"AUTH":
            return b"+OK\r\n" if words[-1] == PASSWORD.encode() else b"-WRONGPASS invalid username-password pair\r\n"
        if name in (b"PING", b"READONLY"):
            return b"+PONG\r\n" if name == b"PING" else b"+OK\r\n"
        if name == b"INFO":
            role = "master" if node.place == 0 else "slave"
            text = f"redis_version:7.1.0\r\nredis_mode:cluster\r\nrole:{role}\r\nmaster_link_status:up\r\n"
            return _bulk(text.encode())
        if name == b"CLUSTER":
            return self.slots
        if name in (b"GET", b"SET", b"DEL"):
            return self._of_key(node, name, words, data)
        return b"-ERR unknown command\r\n"

    def _of_key(self, node: Node, name: bytes, words: list[bytes], data: dict[bytes, bytes]) -> bytes:
        slot = slot_of(words[1].decode())
        first, last = self.bounds(node.shard)
        if not first <= slot <= last or (node.place and name != b"GET"):
            owner = Node(next(each for each in range(self.shards) if slot <= self.bounds(each)[1]), 0)
            return f"-MOVED {slot} {owner.host}:{PORT}\r\n".encode()
        if name == b"SET":
            data[words[1]] = words[2]
            return b"+OK\r\n"
        if name == b"DEL":
            return b":1\r\n" if data.pop(words[1], None) is not None else b":0\r\n"
        return _bulk(data.get(words[1]))


def _bulk(value: bytes | None) -> bytes:
    return b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value)


async def _read(reader: asyncio.StreamReader) -> list[bytes]:
    count = int((await reader.readuntil(b"\r\n"))[1:])
    words = []
    for _ in range(count):
        length = int((await reader.readuntil(b"\r\n"))[1:])
        words.append((await reader.readexactly(length + 2))[:-2])
    return words


async def _serve(folder: Path, shards: int, replicas: int) -> None:
    cluster = _Cluster(shards, replicas)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)

    async def listen(node: Node) -> None:
        async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                while True:
                    writer.write(cluster.answer(node, await _read(reader)))
                    await writer.drain()
            writer.close()

        await asyncio.start_server(client, node.address, PORT, ssl=context, backlog=64)

    for node in nodes_of(shards, replicas):
        await listen(node)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("shards", type=int)
    parser.add_argument("replicas", type=int)
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.folder, arguments.shards, arguments.replicas))


if __name__ == "__main__":
    main()

"""Real memcached servers on loopback, behind a listener that adds ElastiCache's auto discovery and its TLS."""

import select
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from scripts.fetch_servers import memcached_command
from tests.cache_servers import DOMAIN, Certificates, free_port, wait_for

_DISCOVERY = b"config get cluster\r\n"


@dataclass
class Node:
    """One memcached process with its listener."""

    name: str
    cluster: "Cluster"
    backend: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] = field(init=False)
    listener: socketserver.ThreadingTCPServer = field(init=False)

    def __post_init__(self) -> None:
        command, environment = memcached_command()
        self.process = subprocess.Popen(
            [*command, "-l", "127.0.0.1", "-p", str(self.backend), "-u", "root", "-m", "16", "-U", "0"], env=environment
        )
        wait_for(lambda: _accepts(self.backend), f"{self.name} to answer")
        self.listener = _Listener(self)
        threading.Thread(target=self.listener.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def host(self) -> str:
        return f"{self.name}.{DOMAIN}"

    @property
    def port(self) -> int:
        return int(self.listener.server_address[1])

    @property
    def connect_to(self) -> str:
        return f"{self.host}:{self.port}:127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.listener.shutdown()
        self.listener.server_close()
        self.process.terminate()
        self.process.wait(10)


@dataclass
class Cluster:
    """Some nodes; the first one's listener serves as the configuration endpoint."""

    certificates: Certificates
    tls: bool = True
    discovery: bool = True
    nodes: list[Node] = field(default_factory=list)

    def configuration(self) -> bytes:
        listed = " ".join(f"{each.host}|127.0.0.1|{each.port}" for each in self.nodes)
        payload = f"7\n{listed}\n".encode()
        return b"CONFIG cluster 0 %d\r\n%s\r\nEND\r\n" % (len(payload), payload)


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, node: Node) -> None:
        self.node = node
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> tuple[socket.socket, object]:
        client, address = super().get_request()
        if self.node.cluster.tls:
            folder = self.node.cluster.certificates.folder
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder / "server.pem", folder / "server.key")
            client.settimeout(5)
            try:
                client = context.wrap_socket(client, server_side=True)
            except (ssl.SSLError, OSError):
                client.close()
                raise OSError("no TLS") from None
        return client, address


class _Handler(socketserver.BaseRequestHandler):
    server: _Listener

    def handle(self) -> None:
        """Pass everything on, in one thread, because a TLS socket is no good in two."""
        client, cluster = self.request, self.server.node.cluster
        with socket.create_connection(("127.0.0.1", self.server.node.backend), timeout=10) as backend:
            while True:
                buffered = isinstance(client, ssl.SSLSocket) and client.pending() > 0
                ready = [client] if buffered else select.select([client, backend], [], [], 10)[0]
                if backend in ready:
                    if not (answer := _received(backend)):
                        return
                    client.sendall(answer)
                if client in ready:
                    if not (data := _received(client)):
                        return
                    if cluster.discovery and data == _DISCOVERY:
                        client.sendall(cluster.configuration())
                    else:
                        backend.sendall(data)


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except OSError:
        return b""


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def memcached(
    certificates: Certificates, *, nodes: int = 3, tls: bool = True, discovery: bool = True
) -> Iterator[list[Node]]:
    """A cluster of real servers."""
    cluster = Cluster(certificates, tls=tls, discovery=discovery)
    try:
        for number in range(nodes):
            cluster.nodes.append(Node(f"node-{number + 1:04d}", cluster))
        yield cluster.nodes
    finally:
        for node in cluster.nodes:
            node.stop()

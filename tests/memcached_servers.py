"""Real memcached servers on loopback, behind a proxy that adds auto discovery and TLS."""

import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from local_cloud.cache.memcached_plane import Proxy, configuration
from scripts.fetch_servers import memcached_command
from tests.cache_servers import DOMAIN, Certificates, free_port, wait_for


class Listener(socketserver.ThreadingTCPServer):
    """Runs the proxy of a node on a loopback port."""

    daemon_threads = True

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(("127.0.0.1", 0), lambda connection, *more: proxy(connection))  # type: ignore[arg-type]
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


@dataclass
class Node:
    """A memcached process and its listener."""

    name: str
    cluster: "Cluster"
    backend: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] = field(init=False)
    listener: Listener = field(init=False)

    def __post_init__(self) -> None:
        command, environment = memcached_command()
        self.process = subprocess.Popen(
            [*command, "-l", "127.0.0.1", "-p", str(self.backend), "-u", "root", "-m", "16", "-U", "0"], env=environment
        )
        wait_for(lambda: _accepts(self.backend), f"{self.name} to answer")
        cluster, folder = self.cluster, self.cluster.certificates.folder
        self.listener = Listener(
            Proxy(
                lambda: socket.create_connection(("127.0.0.1", self.backend), timeout=10),
                (folder / "server.pem", folder / "server.key") if cluster.tls else None,
                cluster.configuration if cluster.discovery else None,
            )
        )

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
        self.listener.stop()
        self.process.terminate()
        self.process.wait(10)


@dataclass
class Cluster:
    """A cluster; the listener of the first node is the configuration endpoint."""

    certificates: Certificates
    tls: bool = True
    discovery: bool = True
    nodes: list[Node] = field(default_factory=list)

    def configuration(self) -> bytes:
        return configuration([(node.host, "127.0.0.1", node.port) for node in self.nodes], 7)


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

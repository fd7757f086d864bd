"""Memcached behind the names that ElastiCache gives: real servers, and in front of each what adds auto discovery.

The distribution's memcached does not know `config get cluster`. A listener answers it, ends TLS, and passes everything
else on to the server's own socket.
"""

import contextlib
import os
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from local_cloud.cache.servers import Cache, Node, Stoppable, domain_of, short_region, spawn, wait
from local_cloud.certificates import Authority

_DISCOVERY: Final = b"config get cluster\r\n"
_SOCKET: Final = "memcached.sock"


class Listener(socketserver.ThreadingTCPServer, Stoppable):
    """What clients connect to.

    :param place: the address and port; port 0 for any.
    :param backend: a new connection to the server itself.
    :param certificate: and its key, where it speaks TLS.
    :param configuration: the answer to `config get cluster`; None where the server itself is asked.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self,
        place: tuple[str, int],
        backend: Callable[[], socket.socket],
        certificate: tuple[Path, Path] | None,
        configuration: Callable[[], bytes] | None,
    ) -> None:
        self.backend, self.configuration = backend, configuration
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*certificate)
        super().__init__(place, _Handler)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def get_request(self) -> tuple[socket.socket, object]:
        """Accept a connection, with TLS where there is a certificate."""
        client, address = super().get_request()
        if self._context is not None:
            client.settimeout(5)
            try:
                client = self._context.wrap_socket(client, server_side=True)
            except (ssl.SSLError, OSError):
                client.close()
                raise OSError("no TLS") from None
        return client, address

    def stop(self) -> None:
        """Listen no more."""
        self.shutdown()
        self.server_close()


class _Handler(socketserver.BaseRequestHandler):
    server: Listener

    def handle(self) -> None:
        """Pass everything on, in one thread, because a TLS socket is no good in two."""
        client = self.request
        with contextlib.suppress(OSError), self.server.backend() as backend:
            while True:
                buffered = isinstance(client, ssl.SSLSocket) and client.pending() > 0
                ready = [client] if buffered else select.select([client, backend], [], [], 10)[0]
                if backend in ready:
                    if not (answer := backend.recv(65536)):
                        return
                    client.sendall(answer)
                if client in ready:
                    if not (data := client.recv(65536)):
                        return
                    if data == _DISCOVERY and self.server.configuration is not None:
                        client.sendall(self.server.configuration())
                    else:
                        backend.sendall(data)


def configuration(nodes: list[tuple[str, str, int]], version: int) -> bytes:
    """What ElastiCache answers to `config get cluster`: each node's name, address and port.

    :param version: of the configuration; it grows with every change.
    """
    listed = " ".join(f"{host}|{address}|{port}" for host, address, port in nodes)
    payload = f"{version}\n{listed}\n".encode()
    return b"CONFIG cluster 0 %d\r\n%s\r\nEND\r\n" % (len(payload), payload)


def start(cache: Cache, nodes: int, authority: Authority) -> None:
    """Start the servers of a cluster, and wait until they serve; one that fails on the way leaves nothing.

    :raises TimeoutError: when they do not within 20 s.
    """
    cache.folder.mkdir(parents=True)
    with contextlib.ExitStack() as undo:
        undo.callback(cache.stop)
        cache.names = {"configuration": domain_of(cache) if cache.kind == "serverlesscache" else _host(cache, "cfg")}
        resize(cache, nodes, authority)
        cache.addresses[cache.names["configuration"]] = cache.nodes[0].address
        undo.pop_all()


def resize(cache: Cache, nodes: int, authority: Authority) -> None:
    """Add nodes, or end the last ones; keys of a node that ends are lost, as they are on AWS."""
    cache.version += 1
    while len(cache.nodes) > nodes:
        cache.listeners.pop().stop()
        node = cache.nodes.pop()
        del cache.addresses[node.host]
        node.end()
    while len(cache.nodes) < nodes:
        _add(cache, authority)


def _add(cache: Cache, authority: Authority) -> None:
    number = len(cache.nodes) + 1
    host = _host(cache, f"{number:04d}")
    home = cache.folder / f"{cache.id}-{number:04d}"
    home.mkdir()
    address = f"127.0.{cache.network}.{next(cache.numbers)}"
    user = ("-u", "root") if os.geteuid() == 0 else ()
    process = spawn(
        [cache.programs.memcached, "-s", _SOCKET, "-a", "0600", "-m", "16", *user], cache.programs.environment, home
    )
    node = Node(home.name, host, address, cache.port, 0, home, process)
    cache.nodes.append(node)
    wait((home / _SOCKET).exists, f"{node.name} to listen")
    certificate = authority.issue(home.name, host, cache.names["configuration"]) if cache.tls else None
    for port in cache.ports:
        cache.listeners.append(
            Listener((address, port), lambda: _backend(home), certificate, lambda: discovered(cache))
        )
    cache.addresses[host] = address


def _host(cache: Cache, part: str) -> str:
    return f"{cache.id}.abc123.{part}.{short_region(cache.region)}.cache.amazonaws.com"


def discovered(cache: Cache) -> bytes:
    """The answer to `config get cluster` now."""
    return configuration([(each.host, each.address, each.port) for each in cache.nodes], cache.version)


def _backend(home: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    # By way of the folder's descriptor: the name of a socket has at most 107 bytes, a path has more.
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        made.connect(f"/proc/self/fd/{folder}/{_SOCKET}")
    finally:
        os.close(folder)
    return made

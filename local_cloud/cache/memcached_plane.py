"""Memcached behind the names that ElastiCache gives: real servers, and in front of each what adds auto discovery.

The distribution's memcached does not know `config get cluster`, and has no TLS. A front answers the one, ends the
other, and passes everything else on to the server's own socket file. No address of the host listens.
"""

import contextlib
import os
import select
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

from local_cloud.cache.servers import Cache, Node, domain_of, short_region, spawn, wait
from local_cloud.certificates import Authority

_DISCOVERY: Final = b"config get cluster\r\n"
_SOCKET: Final = "memcached.sock"
_SECONDS: Final = 5.0


class Front:
    """Serves the connections of clients to one node.

    :param backend: a new connection to the server itself.
    :param certificate: and its key, where it speaks TLS.
    :param configuration: the answer to `config get cluster`; None where the server itself is asked.
    """

    def __init__(
        self,
        backend: Callable[[], socket.socket],
        certificate: tuple[Path, Path] | None,
        configuration: Callable[[], bytes] | None,
    ) -> None:
        self._backend, self._configuration = backend, configuration
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*certificate)

    def __call__(self, client: socket.socket) -> None:
        """Serve a connection until it ends."""
        client.settimeout(_SECONDS)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            if self._context is not None:
                client = stack.enter_context(self._context.wrap_socket(client, server_side=True))
            self._serve(client, stack.enter_context(self._backend()))

    def _serve(self, client: socket.socket, backend: socket.socket) -> None:
        """Pass everything on, in one thread, because two threads cannot share a TLS socket."""
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
                if data == _DISCOVERY and self._configuration is not None:
                    client.sendall(self._configuration())
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
        node = cache.nodes.pop()
        for port in cache.ports:
            del cache.served[node.address, port]
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
    front = Front(lambda: _backend(home), certificate, lambda: discovered(cache))
    for port in cache.ports:
        cache.served[address, port] = front
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

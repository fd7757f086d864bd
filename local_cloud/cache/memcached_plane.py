"""Memcached servers with endpoints as ElastiCache names them, each behind a proxy that adds auto discovery and TLS.

The distribution's memcached has neither `config get cluster` nor TLS. The proxy answers that command, terminates TLS,
and passes everything else to the server's Unix socket. Nothing listens on an address of the host.
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
from local_cloud.certificates import Authority, server_context

_DISCOVERY: Final = b"config get cluster\r\n"
_SOCKET: Final = "memcached.sock"
_SECONDS: Final = 5.0


class Proxy:
    """Serves the connections of clients to one node.

    :param backend: opens a connection to the server.
    :param certificate: the certificate and its key, with TLS.
    :param configuration: returns the answer to `config get cluster`; None passes the command to the server.
    """

    def __init__(
        self,
        backend: Callable[[], socket.socket],
        certificate: tuple[Path, Path] | None,
        configuration: Callable[[], bytes] | None,
    ) -> None:
        self._backend, self._configuration = backend, configuration
        self._context = None if certificate is None else server_context(certificate)

    def __call__(self, client: socket.socket) -> None:
        """Serve a connection until it is closed."""
        client.settimeout(_SECONDS)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            if self._context is not None:
                client = stack.enter_context(self._context.wrap_socket(client, server_side=True))
            self._serve(client, stack.enter_context(self._backend()))

    def _serve(self, client: socket.socket, backend: socket.socket) -> None:
        """Pass data in both directions, in one thread because two threads cannot share a TLS socket."""
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
    """The answer of ElastiCache to `config get cluster`: name, address and port of each node.

    :param version: version of the configuration, which increases with every change.
    """
    listed = " ".join(f"{host}|{address}|{port}" for host, address, port in nodes)
    payload = f"{version}\n{listed}\n".encode()
    return b"CONFIG cluster 0 %d\r\n%s\r\nEND\r\n" % (len(payload), payload)


def start(cache: Cache, nodes: int, authority: Authority) -> None:
    """Start the servers of a cluster, and wait until they serve; after a failure nothing remains of them.

    :raises TimeoutError: when they do not serve within 20 s.
    """
    cache.folder.mkdir(parents=True)
    with contextlib.ExitStack() as undo:
        undo.callback(cache.stop)
        cache.names = {"configuration": domain_of(cache) if cache.kind == "serverlesscache" else _host(cache, "cfg")}
        resize(cache, nodes, authority)
        cache.addresses[cache.names["configuration"]] = cache.nodes[0].address
        undo.pop_all()


def resize(cache: Cache, nodes: int, authority: Authority) -> None:
    """Add nodes, or stop the last ones; the keys of a node that is removed are lost, as on AWS."""
    cache.version += 1
    while len(cache.nodes) > nodes:
        node = cache.nodes.pop()
        for port in cache.ports:
            del cache.served[node.address, port]
        del cache.addresses[node.host]
        node.remove()
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
    proxy = Proxy(lambda: _backend(home), certificate, lambda: discovered(cache))
    for port in cache.ports:
        cache.served[address, port] = proxy
    cache.addresses[host] = address


def _host(cache: Cache, part: str) -> str:
    return f"{cache.id}.abc123.{part}.{short_region(cache.region)}.cache.amazonaws.com"


def discovered(cache: Cache) -> bytes:
    """The current answer to `config get cluster`."""
    return configuration([(node.host, node.address, node.port) for node in cache.nodes], cache.version)


def _backend(home: Path) -> socket.socket:
    backend = socket.socket(socket.AF_UNIX)
    # Through the folder's descriptor, because the address of a Unix socket has at most 107 bytes.
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        backend.connect(f"/proc/self/fd/{folder}/{_SOCKET}")
    finally:
        os.close(folder)
    return backend

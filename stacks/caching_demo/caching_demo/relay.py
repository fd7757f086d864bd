"""TCP relays on this machine between the program and the cache, which stop the cache for this program alone.

ElastiCache has no call that stops a cache for some seconds, so the relay stands still in its place: connections stay
open, and nothing passes, as when a node has failed. Names are looked up as before, so that TLS still checks them;
only the address that a look-up returns is the relay's.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

_BLOCK = 65_536
_CONNECT_SECONDS = 5.0


class Relay:
    """Passes connections on to one server, unless it is stopped.

    :param target: name or address, and port.
    """

    def __init__(self, target: tuple[str, int], running: threading.Event) -> None:
        self._running = running
        # Looked up now: once look-ups are replaced, they lead back here.
        address = socket.getaddrinfo(*target, type=socket.SOCK_STREAM)[0]
        self._family: int = address[0]
        self._address: Any = address[4]
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End it, with its connections."""
        for sock in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(near)
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        self._running.wait()
        far = socket.socket(self._family, socket.SOCK_STREAM)
        self._sockets.append(far)
        try:
            far.settimeout(_CONNECT_SECONDS)
            far.connect(self._address)
            far.settimeout(None)
            for sock in (near, far):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:  # The server is down, or the relay was closed meanwhile.
            near.close()
            far.close()
            return
        threading.Thread(target=self._pass, args=(far, near), daemon=True).start()
        self._pass(near, far)

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_BLOCK):
                self._running.wait()
                target.sendall(data)
        for sock in (source, target):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


class Relays:
    """All relays of a cache; `stop` and `resume` act on every one."""

    def __init__(self, nodes: set[tuple[str, int]]) -> None:
        self._running = threading.Event()
        self._running.set()
        self._relays = {node: Relay(node, self._running) for node in sorted(nodes)}

    def stop(self) -> None:
        """Let nothing pass."""
        self._running.clear()

    def resume(self) -> None:
        """Let everything pass, also what has waited."""
        self._running.set()

    def close(self) -> None:
        """End all of them."""
        self.resume()
        for relay in self._relays.values():
            relay.close()

    def port_of(self, host: Any, port: Any) -> int | None:
        """The relay's port for a server; None for any other."""
        relay = self._relays.get((host, port))
        return relay.port if relay else None


@contextlib.contextmanager
def interposed(nodes: set[tuple[str, int]]) -> Iterator[Relays]:
    """Relays for these servers; connections that this process opens meanwhile go through them.

    :raises OSError: when a server's name cannot be looked up.
    """
    relays, look_up = Relays(nodes), socket.getaddrinfo

    def replaced(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        relay = relays.port_of(host, port)
        return look_up(host, port, *args, **kwargs) if relay is None else look_up("127.0.0.1", relay, *args, **kwargs)

    socket.getaddrinfo = replaced
    try:
        yield relays
    finally:
        socket.getaddrinfo = look_up
        relays.close()

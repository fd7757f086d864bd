"""A proxy before a cache server whose users authenticate with IAM; it verifies the tokens, which redis cannot do.

It terminates the TLS connection of the client with the server's certificate, and opens its own to the server. It
replaces a valid token with the password that the server has for IAM users. It forwards an invalid token unchanged, and
the server refuses it.
"""

import contextlib
import select
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

from local_cloud.cache.commands import Commands, Words
from local_cloud.reachable import Address

# Returns the password of a user on the server if the token is valid, otherwise None.
PasswordFor = Callable[[str, str], str | None]
# The largest TLS record.
_CHUNK: Final = 16384
# The number of bytes that may wait for one side before the proxy stops to read from the other side.
_LIMIT: Final = 4 * 1024 * 1024
_SECONDS: Final = 20.0


class TokenProxy:
    """Serves connections of clients to one server.

    :param server: the address of the server.
    :param certificate: the paths of the server's certificate and key; None without TLS.
    :param password_for: verifies the token of a user.
    """

    def __init__(self, server: Address, certificate: tuple[Path, Path] | None, password_for: PasswordFor) -> None:
        self._server, self._password_for = server, password_for
        self._client_tls: ssl.SSLContext | None = None
        self._server_tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._client_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._client_tls.load_cert_chain(*certificate)
            # The server is a process of this run on loopback, so its certificate need not be verified.
            self._server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._server_tls.check_hostname = False
            self._server_tls.verify_mode = ssl.CERT_NONE

    def __call__(self, client: socket.socket) -> None:
        """Serve a connection until it ends."""
        client.settimeout(_SECONDS)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            server = stack.enter_context(socket.create_connection(self._server, timeout=_SECONDS))
            for connection in (client, server):
                _send_at_once(connection)
            if self._client_tls is not None and self._server_tls is not None:
                client = stack.enter_context(self._client_tls.wrap_socket(client, server_side=True))
                server = stack.enter_context(self._server_tls.wrap_socket(server))
            _forward(_Side(client, Commands(self._with_password).feed), _Side(server, lambda data: data))

    def _with_password(self, words: Words) -> Words:
        """AUTH user token, or HELLO version AUTH user token, with the password in place of a valid token."""
        position = 0
        if words[0].upper() == b"HELLO":
            options = (index for index, word in enumerate(words) if index > 1 and word.upper() == b"AUTH")
            position = next(options, 0)
            if not position:
                return words
        user, token = words[position + 1 : position + 2], words[position + 2 : position + 3]
        if not token or (position == 0 and len(words) != 3):
            return words
        password = self._password_for(user[0].decode(errors="replace"), token[0].decode(errors="replace"))
        if password is None:
            return words
        return [*words[: position + 2], password.encode(), *words[position + 3 :]]


def _send_at_once(connection: socket.socket) -> None:
    """Turn off Nagle's algorithm, which would delay the end of a message by 40 ms."""
    # The relay of an instance passes Unix sockets, which have no such option.
    if connection.family != socket.AF_UNIX:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _Side:
    """One side of the proxy: a connection, and the data that waits to be sent to it.

    :param change: returns the data to forward for the data that was received.
    """

    def __init__(self, connection: socket.socket, change: Callable[[bytes], bytes]) -> None:
        self.socket, self._change = connection, change
        self.waiting = bytearray()
        # The events for which the socket is registered.
        self.polled = -1
        connection.setblocking(False)

    @property
    def buffered(self) -> bool:
        """Whether the TLS layer has received data that was not read."""
        return isinstance(self.socket, ssl.SSLSocket) and self.socket.pending() > 0

    def read(self) -> bytes | None:
        """The data to forward; empty when no data is available, None at the end of the connection."""
        try:
            data = self.socket.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return b""
        return self._change(data) if data else None

    def write(self) -> None:
        """Send as much of the waiting data as the socket accepts."""
        with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            while self.waiting:
                del self.waiting[: self.socket.send(self.waiting[:_CHUNK])]


def _forward(first: _Side, second: _Side) -> None:
    """Forward data in both directions until one side ends, in one thread, because a TLS socket is not thread-safe."""
    poll = select.poll()
    while True:
        ready = False
        for side, other in ((first, second), (second, first)):
            # Back pressure: do not read from one side while the other one does not accept data.
            reads = len(other.waiting) < _LIMIT
            events = select.POLLIN * reads | select.POLLOUT * bool(side.waiting)
            if events != side.polled:
                poll.register(side.socket, events)
                side.polled = events
            ready = ready or (reads and side.buffered)
        polled = dict(poll.poll(0 if ready else None))
        for side, other in ((first, second), (second, first)):
            event = polled.get(side.socket.fileno(), 0)
            if event & select.POLLOUT:
                side.write()
            if event & ~select.POLLOUT or (side.buffered and len(other.waiting) < _LIMIT):
                data = side.read()
                if data is None:
                    # Send the last data of the side that has ended, such as an error message.
                    other.socket.settimeout(_SECONDS)
                    other.socket.sendall(other.waiting)
                    return
                other.waiting += data
                other.write()

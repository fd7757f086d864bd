"""In front of a server whose users authenticate with IAM: it checks tokens, which redis cannot.

It ends the client's TLS with the server's certificate, and passes everything on in TLS of its own. A good token becomes
the password that the server knows for IAM users; a token that is not good is passed on, and the server refuses it.
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

# The password that the server knows for a user, where its token is good.
Admit = Callable[[str, str], str | None]
# What a record of TLS holds at most.
_CHUNK: Final = 16384
# Bytes that one side may be behind before reading from the other side stops.
_LIMIT: Final = 4 * 1024 * 1024
_SECONDS: Final = 20.0


class Front:
    """Serves the connections of clients to one server.

    :param server: its address.
    :param certificate: and its key, where the server has TLS.
    :param admit: checks a user's token.
    """

    def __init__(self, server: Address, certificate: tuple[Path, Path] | None, admit: Admit) -> None:
        self._server, self._admit = server, admit
        self._accepting: ssl.SSLContext | None = None
        self._connecting: ssl.SSLContext | None = None
        if certificate is not None:
            self._accepting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._accepting.load_cert_chain(*certificate)
            # A server of our own, on loopback.
            self._connecting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._connecting.check_hostname = False
            self._connecting.verify_mode = ssl.CERT_NONE

    def __call__(self, client: socket.socket) -> None:
        """Serve a connection until it ends."""
        client.settimeout(_SECONDS)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            server = stack.enter_context(socket.create_connection(self._server, timeout=_SECONDS))
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._accepting is not None and self._connecting is not None:
                client = stack.enter_context(self._accepting.wrap_socket(client, server_side=True))
                server = stack.enter_context(self._connecting.wrap_socket(server))
            _pass(_Side(client, Commands(self._changed).feed), _Side(server, lambda data: data))

    def _changed(self, words: Words) -> Words:
        """AUTH user token, or HELLO version AUTH user token, with the server's password in place of a good token."""
        at = 0
        if words[0].upper() == b"HELLO":
            at = next((number for number, word in enumerate(words) if number > 1 and word.upper() == b"AUTH"), 0)
            if not at:
                return words
        user, token = words[at + 1 : at + 2], words[at + 2 : at + 3]
        if not token or (at == 0 and len(words) != 3):
            return words
        password = self._admit(user[0].decode(errors="replace"), token[0].decode(errors="replace"))
        return words if password is None else [*words[: at + 2], password.encode(), *words[at + 3 :]]


class _Side:
    """One end of a connection.

    :param change: what comes from it, as it is passed on.
    """

    def __init__(self, connection: socket.socket, change: Callable[[bytes], bytes]) -> None:
        self.socket, self._change = connection, change
        self.waiting = bytearray()
        # What is polled for now.
        self.polled = -1
        connection.setblocking(False)

    @property
    def buffered(self) -> bool:
        """Whether more can be read without waiting for the other machine."""
        return isinstance(self.socket, ssl.SSLSocket) and self.socket.pending() > 0

    def read(self) -> bytes | None:
        """What has come, changed; empty where nothing has, None at the end."""
        try:
            data = self.socket.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return b""
        return self._change(data) if data else None

    def write(self) -> None:
        """Send what waits, as far as it can be sent now."""
        with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            while self.waiting:
                del self.waiting[: self.socket.send(self.waiting[:_CHUNK])]


def _pass(first: _Side, second: _Side) -> None:
    """Pass everything on in both directions until one side ends; in one thread, which a TLS socket needs."""
    poll = select.poll()
    while True:
        ready = False
        for side, other in ((first, second), (second, first)):
            # Nothing is sent to a side that does not read.
            reads = len(other.waiting) < _LIMIT
            wanted = select.POLLIN * reads | select.POLLOUT * bool(side.waiting)
            if wanted != side.polled:
                poll.register(side.socket, wanted)
                side.polled = wanted
            ready = ready or (reads and side.buffered)
        polled = dict(poll.poll(0 if ready else None))
        for side, other in ((first, second), (second, first)):
            event = polled.get(side.socket.fileno(), 0)
            if event & select.POLLOUT:
                side.write()
            if event & ~select.POLLOUT or (side.buffered and len(other.waiting) < _LIMIT):
                data = side.read()
                if data is None:
                    # What the one has said last still goes to the other.
                    other.socket.settimeout(_SECONDS)
                    other.socket.sendall(other.waiting)
                    return
                other.waiting += data
                other.write()

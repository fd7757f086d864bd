"""PostgreSQL's protocol 3.0: the request for TLS, a session with a password in clear text, simple queries.

https://www.postgresql.org/docs/current/protocol.html
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import time
from typing import Mapping, Optional

AUTHENTICATED, CLEARTEXT = 0, 3
# Other authentication requests, by number.
METHODS = {2: "Kerberos", 5: "an MD5 password", 7: "GSSAPI", 9: "SSPI", 10: "a SCRAM password"}
_PROTOCOL = 3 << 16
_TLS_REQUEST = 80877103
_LONGEST = 1024 * 1024

Row = list[Optional[str]]


class ServerError(Exception):
    """An ErrorResponse.

    :param sqlstate: five characters, such as 28P01; `?????` if the server sent none.
    :param message: the server's text, which may hold anything.
    """

    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate, self.message = sqlstate, message


class ProtocolError(Exception):
    """An answer that is not PostgreSQL's protocol. The message contains only the first byte of the answer."""


def request_tls(sock: socket.socket, seconds: float) -> bytes:
    """Ask for TLS; returns the server's answer: `S` for yes, `N` for no, `E` for an error.

    Only one byte is read, so that data sent before the handshake is not taken for an answer inside TLS.

    :raises OSError: when the server does not answer or closes the connection.
    """
    sock.settimeout(seconds)
    sock.sendall(struct.pack("!ii", 8, _TLS_REQUEST))
    answer = sock.recv(1)
    if not answer:
        raise ConnectionResetError("the server closed the connection")
    return answer


class Connection:
    """A session inside TLS.

    :param sock: a socket whose certificate has been verified, with its host name.
    :param seconds: for each request with its whole answer.
    """

    def __init__(self, sock: ssl.SSLSocket, seconds: float) -> None:
        if not sock.context.check_hostname:
            raise ProtocolError("the session needs TLS with a verified host name")
        self._socket = sock
        self._seconds = seconds
        self._until = 0.0
        self._buffer = b""

    def close(self) -> None:
        """End the session."""
        with contextlib.suppress(OSError):
            self._socket.sendall(_message(b"X", b""))
        self._socket.close()

    def start(self, parameters: Mapping[str, str]) -> int:
        """Begin a session; returns the authentication method that the server requests, such as `CLEARTEXT`.

        :param parameters: user, database and settings.
        :raises ServerError: when it refuses.
        :raises ProtocolError: when the answer is not PostgreSQL's.
        :raises OSError: when the connection breaks or times out.
        """
        words = [word for pair in parameters.items() for word in pair]
        body = struct.pack("!i", _PROTOCOL) + b"".join(word.encode() + b"\0" for word in words) + b"\0"
        self._send(struct.pack("!i", len(body) + 4) + body)
        while True:
            kind, answer = self._receive()
            if kind == b"R":
                return _number(answer)
            if kind != b"v":  # the server has an older protocol version or lacks a setting
                raise _unexpected(kind)

    def authenticate(self, password: str) -> None:
        """Answer `CLEARTEXT`, and wait until the session is ready for queries.

        :raises ServerError: when the server refuses the password, or the database.
        :raises ProtocolError: when the answer is not PostgreSQL's, or asks for something else.
        :raises OSError: when the connection breaks or times out.
        """
        self._send(_message(b"p", password.encode() + b"\0"))
        kind, answer = self._receive()
        if kind != b"R" or _number(answer) != AUTHENTICATED:
            raise _unexpected(kind)
        self.ready()

    def ready(self) -> None:
        """Wait until the session is ready for queries.

        :raises ServerError: when the server refuses, such as a database that does not exist.
        """
        self._rows()

    def query(self, sql: str) -> list[Row]:
        """The rows of a statement, as text; NULL is None.

        :raises ServerError: when it fails.
        :raises ProtocolError: when the answer is not PostgreSQL's.
        :raises OSError: when the connection breaks or times out.
        """
        self._send(_message(b"Q", sql.encode() + b"\0"))
        return self._rows()

    def _rows(self) -> list[Row]:
        rows: list[Row] = []
        while True:
            kind, body = self._receive()
            if kind == b"Z":
                return rows
            if kind == b"D":
                rows.append(_row(body))
            elif kind not in b"TCIK":
                raise _unexpected(kind)

    def _send(self, data: bytes) -> None:
        self._until = time.monotonic() + self._seconds
        self._socket.settimeout(self._seconds)
        self._socket.sendall(data)

    def _receive(self) -> tuple[bytes, bytes]:
        """The next message that is not a notice or a setting's value."""
        while True:
            kind, length = self._take(1), struct.unpack("!i", self._take(4))[0]
            if not kind.isalpha() or not 4 <= length <= _LONGEST:
                raise _unexpected(kind)
            body = self._take(length - 4)
            if kind == b"E":
                raise _error(body)
            if kind not in b"NS":
                return kind, body

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            remaining = self._until - time.monotonic()
            if remaining <= 0:
                raise socket.timeout("timed out")
            self._socket.settimeout(remaining)
            more = self._socket.recv(65536)
            if not more:
                raise ConnectionResetError("the server closed the connection")
            self._buffer += more
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _number(body: bytes) -> int:
    if len(body) < 4:
        raise ProtocolError("expected an authentication request, got a shorter message")
    return int(struct.unpack("!i", body[:4])[0])


def _row(body: bytes) -> Row:
    try:
        (count,), position = struct.unpack_from("!h", body), 2
        row: Row = []
        for _ in range(count):
            (length,) = struct.unpack_from("!i", body, position)
            position += 4
            if length < 0:
                row.append(None)
                continue
            if position + length > len(body):
                raise ProtocolError("expected a row, got a shorter message")
            row.append(body[position : position + length].decode("utf-8", "replace"))
            position += length
        return row
    except struct.error:
        raise ProtocolError("expected a row, got a shorter message") from None


def _error(body: bytes) -> ServerError:
    fields = {part[:1]: part[1:].decode("utf-8", "replace") for part in body.split(b"\0") if part}
    return ServerError(fields.get(b"C", "?????"), fields.get(b"M", ""))


def _unexpected(kind: bytes) -> ProtocolError:
    return ProtocolError(f"expected another message of PostgreSQL's protocol, got one that begins with {kind!r}")

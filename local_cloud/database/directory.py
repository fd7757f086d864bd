"""An LDAP server by which PostgreSQL verifies tokens; it implements only the bind request.

RDS uses PAM, which passes at most 511 characters of a password to a module. LDAP has no such limit. PostgreSQL sends
the name of the user and the token in the bind request, after it has received them from the client over TLS.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Final

from local_cloud.reachable import Address

PREFIX: Final = "uid="
_SECONDS: Final = 20.0
_LONGEST: Final = 64 * 1024
# Tags of BER, and the operations of LDAP (RFC 4511, section 4.2).
_SEQUENCE: Final = 0x30
_INTEGER: Final = 0x02
_OCTETS: Final = 0x04
_BIND_REQUEST: Final = 0x60
_SIMPLE: Final = 0x80
_SUCCESS: Final = 0
_PROTOCOL_ERROR: Final = 2
_INVALID_CREDENTIALS: Final = 49


class Directory:
    """Serves on a loopback address until it is stopped.

    :param address: the IP address; the port is any free one.
    :param accepts: whether a token of a user is valid.
    """

    def __init__(self, address: str, accepts: Callable[[str, str], bool]) -> None:
        self._accepts = accepts
        self._listener = socket.socket()
        self._listener.bind((address, 0))
        self._listener.listen(16)
        self.address: Address = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Stop serving."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_SECONDS)
        with connection, contextlib.suppress(OSError, ValueError):
            while True:
                number, name, password = request(_message(connection))
                if name is None or password is None:
                    result = _PROTOCOL_ERROR
                else:
                    result = _SUCCESS if self._accepts(name.removeprefix(PREFIX), password) else _INVALID_CREDENTIALS
                connection.sendall(answer(number, result))


def request(message: bytes) -> tuple[bytes, str | None, str | None]:
    """The id of a message, and the name and the password in it; None for both when it is not supported.

    :raises ValueError: when it is not a simple bind request.
    """
    body, _ = _element(message, 0, _SEQUENCE)
    number, at = _element(body, 0, _INTEGER)
    bind, _ = _element(body, at, _BIND_REQUEST)
    version, at = _element(bind, 0, _INTEGER)
    name, at = _element(bind, at, _OCTETS)
    password, _ = _element(bind, at, _SIMPLE)
    if version != b"\x03" or not password:
        return number, None, None
    return number, name.decode(errors="replace"), password.decode(errors="replace")


def answer(number: bytes, result: int) -> bytes:
    """The bind response to the message with this id."""
    empty = bytes((_OCTETS, 0))
    response = bytes((0x0A, 1, result)) + empty + empty
    body = bytes((_INTEGER, len(number))) + number + bytes((0x61, len(response))) + response
    return bytes((_SEQUENCE, len(body))) + body


def _message(connection: socket.socket) -> bytes:
    head = _exactly(connection, 2)
    if head[1] & 0x80:
        head += _exactly(connection, head[1] & 0x7F)
    length = _length(head, 1)[0]
    if length > _LONGEST:
        raise ValueError(f"a message must have at most {_LONGEST} bytes, got {length}")
    return head + _exactly(connection, length)


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise ValueError("the connection ended within a message")
        data += part
    return data


def _element(data: bytes, at: int, tag: int) -> tuple[bytes, int]:
    """The content of the BER element with this tag, and the position of the next one."""
    if data[at : at + 1] != bytes((tag,)):
        raise ValueError(f"an element must have the tag {tag:#x}, got {data[at : at + 1].hex()}")
    length, start = _length(data, at + 1)
    if start + length > len(data):
        raise ValueError("an element must not be longer than its message")
    return data[start : start + length], start + length


def _length(data: bytes, at: int) -> tuple[int, int]:
    first = data[at] if at < len(data) else 0
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count

"""The directory that PostgreSQL asks whether a token is good: of LDAP, the bind request alone.

RDS asks PAM, which gives a module at most 511 characters of a password. LDAP has no such limit, and PostgreSQL sends
the user's name and the token in the same way, once the client has sent it within TLS.
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
# Tags of BER, and LDAP's operations (RFC 4511, section 4.2).
_SEQUENCE: Final = 0x30
_INTEGER: Final = 0x02
_OCTETS: Final = 0x04
_BIND_REQUEST: Final = 0x60
_SIMPLE: Final = 0x80
_SUCCESS: Final = 0
_PROTOCOL_ERROR: Final = 2
_INVALID_CREDENTIALS: Final = 49


class Directory:
    """Answers on an address of loopback until it is stopped.

    :param address: whose port is any free one.
    :param good: whether a user's token is good.
    """

    def __init__(self, address: str, good: Callable[[str, str], bool]) -> None:
        self._good = good
        self._listener = socket.socket()
        self._listener.bind((address, 0))
        self._listener.listen(16)
        self.place: Address = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Stop answering."""
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
                    result = _SUCCESS if self._good(name.removeprefix(PREFIX), password) else _INVALID_CREDENTIALS
                connection.sendall(answer(number, result))


def request(message: bytes) -> tuple[bytes, str | None, str | None]:
    """The number of a message, and the name and the password in it.

    :raises ValueError: when it is no simple bind request, as after it the unbind request is none.
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
    """The bind response to a message."""
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
            raise ValueError("the connection must not end within a message")
        data += part
    return data


def _element(data: bytes, at: int, tag: int) -> tuple[bytes, int]:
    """The content of an element of BER with this tag, and where the next one begins."""
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

"""Memcached's text protocol over a socket, with the auto discovery that ElastiCache adds."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import Optional

from connection_test.resp import ProtocolError, ReplyError

_MOST = 16 * 1024 * 1024
_ERRORS = ("ERROR", "CLIENT_ERROR", "SERVER_ERROR")


@dataclass(frozen=True)
class CacheNode:
    """A node from auto discovery."""

    host: str
    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Connection:
    """One connection; commands one at a time.

    :param timeout: in seconds, for the whole reply: a server that sends it in small parts has no more time.
    """

    def __init__(self, sock: socket.socket, timeout: float = 2.0) -> None:
        self._socket, self._timeout = sock, timeout
        self._until = 0.0
        self._buffer = b""

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def version(self) -> str:
        """The server's version."""
        return self._line(b"version\r\n").replace("VERSION ", "", 1)

    def set(self, key: str, value: str, seconds: int) -> None:
        """Store a value.

        :raises ReplyError: when the server refuses it.
        """
        data = value.encode()
        answer = self._line(b"set %s 0 %d %d\r\n%s\r\n" % (key.encode(), seconds, len(data), data))
        if answer != "STORED":
            raise ReplyError(answer)

    def get(self, key: str) -> Optional[str]:
        """A value; None when there is none."""
        line = self._line(b"get %s\r\n" % key.encode())
        if line == "END":
            return None
        size = _size(line)
        value = self._exactly(size)
        self._expect("END")
        return value

    def delete(self, key: str) -> None:
        """Remove a value if it exists."""
        self._line(b"delete %s\r\n" % key.encode())

    def nodes(self) -> tuple[int, list[CacheNode]]:
        """The configuration's version and the cluster's nodes, by auto discovery.

        :raises ReplyError: when the server has no auto discovery.
        """
        line = self._line(b"config get cluster\r\n")
        if not line.startswith("CONFIG cluster "):
            raise ProtocolError(f"expected the cluster's configuration, got {line[:40]!r}")
        payload = self._exactly(_size(line))
        self._expect("END")
        number, _, listed = payload.strip().partition("\n")
        try:
            return int(number), [_node(part) for part in listed.split()]
        except ValueError:
            raise ProtocolError(f"expected nodes as host|address|port, got {listed[:80]!r}") from None

    def _expect(self, word: str) -> None:
        line = self._read_line()
        if line != word:
            raise ProtocolError(f"expected {word}, got {line[:40]!r}")

    def _line(self, request: bytes) -> str:
        self._socket.settimeout(self._timeout)
        self._until = time.monotonic() + self._timeout
        self._socket.sendall(request)
        line = self._read_line()
        if line.startswith(_ERRORS):
            raise ReplyError(line)
        return line

    def _read_line(self) -> str:
        while b"\r\n" not in self._buffer:
            self._fill()
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        return line.decode("utf-8", "replace")

    def _exactly(self, count: int) -> str:
        while len(self._buffer) < count + 2:
            self._fill()
        data, self._buffer = self._buffer[:count], self._buffer[count + 2 :]
        return data.decode("utf-8", "replace")

    def _fill(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        self._socket.settimeout(left)
        more = self._socket.recv(65536)
        if not more:
            raise ConnectionResetError("the server closed the connection")
        self._buffer += more
        if len(self._buffer) > 2 * _MOST:
            raise ProtocolError("the reply is too long")


def _size(line: str) -> int:
    last = line.rsplit(" ", 1)[-1]
    if not last.isdigit() or int(last) > _MOST:
        raise ProtocolError(f"expected a size, got {line[:40]!r}")
    return int(last)


def _node(text: str) -> CacheNode:
    host, address, port = text.split("|")
    return CacheNode(host, address, int(port))

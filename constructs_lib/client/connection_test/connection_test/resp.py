"""A subset of the RESP 2 protocol over a socket."""

from __future__ import annotations

import socket
import threading
import time
from typing import Union

from connection_test import redaction

Value = Union[str, int, None, list["Value"], "ReplyError"]
_MOST = 16 * 1024 * 1024
# Of lists within lists; the answer to CLUSTER SLOTS has four levels.
_DEEPEST = 32
# In bytes, without the contents of texts. What was read ahead can be longer.
_LONGEST_LINE = 128 * 1024
# Of an error's text; the engines' own are shorter.
_LONGEST_ERROR = 2000


class ReplyError(Exception):
    """An error that the server replied with. Its text has no secrets.

    :param raw: as the server wrote it: decides what the error means, and is never shown. A password can be a part of
        an error's name or of a node's address.
    """

    def __init__(self, raw: str) -> None:
        self.raw = raw[:_LONGEST_ERROR]
        super().__init__(redaction.hide(self.raw))

    @property
    def kind(self) -> str:
        """Its first word, such as WRONGPASS, NOPERM or MOVED."""
        return self.raw.split(" ", 1)[0]


class ProtocolError(Exception):
    """The answer is not RESP."""


def shown(line: bytes) -> str:
    """The beginning of an unexpected line."""
    return redaction.hide(repr(line[:200]))[:60]


class Connection:
    """One connection. Threads may share it: each command waits for the reply to the one before.

    :param timeout: in seconds, for the whole reply: a server that sends it in small parts has no more time.
    """

    def __init__(self, sock: socket.socket, timeout: float = 2.0) -> None:
        self._socket, self._timeout = sock, timeout
        self._until = 0.0
        self._buffer = b""
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def call(self, *words: Union[str, int]) -> Value:
        """Send a command and return its reply.

        :raises ReplyError: when the server refuses it.
        :raises ProtocolError: when the answer is not RESP.
        :raises OSError: when the connection breaks or times out.
        """
        encoded = [str(word).encode() for word in words]
        request = b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in encoded)
        with self._lock:
            self._socket.settimeout(self._timeout)
            self._until = time.monotonic() + self._timeout
            self._socket.sendall(request)
            reply = self._read()
        if isinstance(reply, ReplyError):
            raise reply
        return reply

    def text(self, *words: Union[str, int]) -> str:
        """The reply of a command that answers with text; empty for none."""
        reply = self.call(*words)
        return "" if reply is None else str(reply)

    def info(self, section: str) -> dict[str, str]:
        """INFO, as a mapping."""
        lines = self.text("INFO", section).splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))

    def _read(self, depth: int = 0) -> Value:
        line = self._line()
        kind, rest = line[:1], line[1:].decode("utf-8", "replace")
        if kind == b"+":
            return rest
        if kind == b"-":
            return ReplyError(rest)
        try:
            number = int(rest)
        except ValueError:
            raise ProtocolError(f"expected a RESP reply, got {shown(line)}") from None
        if kind == b":":
            return number
        if kind == b"$":
            return None if number < 0 else self._exactly(number).decode("utf-8", "replace")
        if kind == b"*":
            if depth == _DEEPEST:
                raise ProtocolError(f"expected at most {_DEEPEST} lists within each other")
            return None if number < 0 else [self._read(depth + 1) for _ in range(number)]
        raise ProtocolError(f"expected a RESP reply, got {shown(line)}")

    def _line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            if len(self._buffer) > _LONGEST_LINE:
                raise ProtocolError(f"expected lines of at most {_LONGEST_LINE} bytes, got {shown(self._buffer)}")
            self._fill()
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        if not line:
            raise ProtocolError("expected a RESP reply, got an empty line")
        return line

    def _exactly(self, count: int) -> bytes:
        if count > _MOST:
            raise ProtocolError(f"expected at most {_MOST} bytes, got {count}")
        while len(self._buffer) < count + 2:
            self._fill()
        data, self._buffer = self._buffer[:count], self._buffer[count + 2 :]
        return data

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

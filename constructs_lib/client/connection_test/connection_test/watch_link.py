"""A connection of the watch: it tries every address, and another thread can interrupt it."""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import socket
import ssl
import threading
import time
from typing import Callable, Optional

from connection_test import redaction, stage_engine, transport
from connection_test.config import Config, first_line
from connection_test.context import Context
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.slots import Node
from connection_test.transport import Address

FAILURES = (StageFailure, ReplyError, ProtocolError, OSError)
# In seconds: a further attempt begins while the earlier ones wait, so that a lost packet delays no measurement.
_STAGGER = 0.1
# In seconds. An IAM token is valid for 900 s.
_PASSWORD_AGE = 300.0


class Credentials:
    """The password or IAM token and the TLS authorities, which all connections share."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._context = Context(config)
        self._password: Optional[str] = None
        self._since = 0.0
        self._lock = threading.Lock()
        self.tls = transport.tls_context(config) if config.tls else None

    def clean(self, text: str) -> str:
        """A text of another program, such as a server's reply, without every password that was sent."""
        return redaction.hide(text)

    def password(self) -> str:
        """The password; reads the secret or signs a token when the last one is older than 300 s."""
        with self._lock:
            if self._password is None or time.monotonic() - self._since > _PASSWORD_AGE:
                self._password, self._since = stage_engine.password_of(self._context), time.monotonic()
            return self._password

    def forget(self) -> None:
        """Read or sign again for the next connection, because the cache refused the last one."""
        with self._lock:
            self._password = None


class Link:
    """One connection to a node, which `interrupt` ends from another thread at any time."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.address: Optional[Address] = None
        self.connection: Optional[Connection] = None
        self._handle: Optional[socket.socket] = None
        self._interrupted = threading.Event()

    @property
    def interrupted(self) -> bool:
        """Whether another thread ended it."""
        return self._interrupted.is_set()

    def open(self, credentials: Credentials, addresses: list[Address], *, readonly: bool) -> Connection:
        """Connect, authenticate, and with `readonly` allow reads from a replica of a cluster.

        :raises OSError: when it is interrupted, as for any connection that breaks.
        """
        sock, self.address = connect_any(addresses, lambda: self.interrupted)
        self._handle = sock.dup()
        try:
            sock.settimeout(transport.COMMAND_SECONDS)
            if self.interrupted:
                raise OSError(errno.ECONNABORTED, os.strerror(errno.ECONNABORTED))
            if credentials.tls:
                sock = credentials.tls.wrap_socket(sock, server_hostname=self.node.host)
            self.connection = Connection(sock, transport.COMMAND_SECONDS)
            _authenticate(self.connection, credentials)
            if readonly:
                self.connection.call("READONLY")
        except FAILURES:
            sock.close()
            self.close()
            raise
        return self.connection

    def interrupt(self) -> None:
        """End it: a command that waits for its answer fails at once."""
        self._interrupted.set()
        if self._handle is not None:
            with contextlib.suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the sockets."""
        if self.connection is not None:
            self.connection.close()
        if self._handle is not None:
            self._handle.close()


def _authenticate(connection: Connection, credentials: Credentials) -> None:
    password, config = credentials.password(), credentials.config
    if not password:
        return
    try:
        connection.call("AUTH", *([config.user] if config.user else []), password)
    except ReplyError as reply:
        credentials.forget()
        # A server can repeat its input in the reply: keep the error's first word alone.
        raise ReplyError(f"{reply.kind} the cache refused the credentials") from None


def connect_any(
    addresses: list[Address],
    interrupted: Callable[[], bool],
    seconds: float = transport.COMMAND_SECONDS,
) -> tuple[socket.socket, Address]:
    """The first TCP connection to any of the addresses; attempts overlap, one every 100 ms.

    :raises OSError: when all attempts fail, when the time is over, or when it is interrupted.
    """
    until, begin, number = time.monotonic() + seconds, 0.0, 0
    last: OSError = OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    failed: set[Address] = set()
    pending: dict[socket.socket, Address] = {}
    selector = selectors.DefaultSelector()
    try:
        while time.monotonic() < until and not interrupted() and not failed.issuperset(addresses):
            if time.monotonic() >= begin or not pending:
                address = addresses[number % len(addresses)]
                begin, number = time.monotonic() + _STAGGER, number + 1
                if address not in failed:
                    sock = _begin(address)
                    pending[sock] = address
                    selector.register(sock, selectors.EVENT_WRITE, sock)
            for key, _ in selector.select(0.02):
                sock = key.data
                selector.unregister(sock)
                address = pending.pop(sock)
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if not code:
                    sock.setblocking(True)
                    return sock, address
                sock.close()
                failed.add(address)
                last = OSError(code, os.strerror(code))
    finally:
        selector.close()
        for sock in pending:
            sock.close()
    raise last


def _begin(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with contextlib.suppress(OSError):  # the selector reports the failure
        sock.connect(address)
    return sock


def cause_of(problem: BaseException) -> str:
    """One line for a failure."""
    if isinstance(problem, StageFailure):
        return problem.cause
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"the certificate is not valid ({problem.verify_message})"
    if isinstance(problem, (TimeoutError, socket.timeout)):
        return f"no answer within {transport.COMMAND_SECONDS:g} s"
    if isinstance(problem, OSError) and problem.strerror and not isinstance(problem, ssl.SSLError):
        return problem.strerror
    return first_line(str(problem)) or type(problem).__name__

"""Connections to PostgreSQL over TLS, and what its errors mean."""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any, Callable

import pg8000.native
from connection_test import authorities, sigv4
from pg8000.exceptions import DatabaseError, InterfaceError

from caching_demo import tokens
from caching_demo.config import DatabaseTarget
from caching_demo.failures import CannotRunError, DatabaseLostError, first_line

# Aurora Serverless may have to resume first.
CONNECT_SECONDS = 20.0
_STATEMENT_MS = 15_000
_ACTIONS = {
    "28000": ("refused to sign in", "give the role rds-db:connect for this database user, and the user rds_iam"),
    "28P01": ("refused the password or token", "give the role rds-db:connect for this database user"),
    "3D000": ("has no such database", "correct database.name in the configuration"),
    "42501": ("denied a permission", "let database.user create roles and schemas, and grant rds_iam"),
    "53300": ("has no connection left", "end other clients, or raise max_connections"),
    "57P03": ("is starting or shutting down", "wait until it is available, and run this again"),
}
# The server ends, starts or has lost the connection.
_PASSING = ("57P01", "57P02", "57P03", "08006", "08003")


class Connection:
    """One connection, with its prepared statements.

    :param statements: SQL by name, for `one`; prepared when it is used first.
    """

    def __init__(self, native: pg8000.native.Connection, statements: dict[str, str]) -> None:
        self.native, self._statements = native, statements
        self._prepared: dict[str, Any] = {}

    def run(self, sql: str, **values: object) -> list[list[Any]]:
        """The rows of a statement.

        :raises DatabaseLostError: when it fails.
        """
        with explained():
            return self.native.run(sql, **values) or []

    def one(self, name: str, **values: object) -> Any:
        """The only value of a prepared statement; None without a row.

        :raises DatabaseLostError: when it fails.
        """
        with explained():
            statement = self._prepared.get(name)
            if statement is None:
                statement = self._prepared[name] = self.native.prepare(self._statements[name])
            rows = statement.run(**values)
        return rows[0][0] if rows else None

    def close(self) -> None:
        """Close it, whatever state it is in."""
        with contextlib.suppress(Exception):
            self.native.close()


class Server:
    """How to connect to one database.

    :param target: where it is.
    """

    def __init__(self, target: DatabaseTarget) -> None:
        self.target = target
        self._context = ssl.create_default_context()
        if roots := authorities.of_region(target.region):
            self._context.load_verify_locations(cadata=roots)
        self._tokens: dict[str, tokens.Token] = {}

    def connect(self, user: str, statements: dict[str, str] | None = None) -> Connection:
        """A new connection of a user.

        :raises DatabaseLostError: when there is none to be had.
        """
        target, secret = self.target, self._secret(user)
        with explained():
            native = pg8000.native.Connection(
                user,
                host=target.host,
                sock=_without_delay(target.host, target.port),
                port=target.port,
                database=target.name,
                password=secret,
                ssl_context=self._context,
                timeout=CONNECT_SECONDS,
                application_name="caching-demo",
            )
        connection = Connection(native, statements or {})
        connection.run(f"SET statement_timeout = {_STATEMENT_MS}")
        return connection

    def _secret(self, user: str) -> str:
        target = self.target
        if target.password:
            return target.password

        def sign() -> str:
            return sigv4.database_token(
                tokens.credentials(),
                host=target.host,
                port=target.port,
                user=user,
                region=target.region,
                at=sigv4.now(),
            )

        return self._tokens.setdefault(user, tokens.Token(sign))()


def _without_delay(host: str, port: int) -> socket.socket:
    """A TCP connection that sends each message at once.

    pg8000 sends several small messages for a query and waits for one answer. With Nagle's algorithm, the last of them
    waits for the server's delayed acknowledgement, 40 ms, which would count as the database's latency.
    """
    connection = socket.create_connection((host, port), CONNECT_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Pool:
    """Connections of one user, that threads borrow; opened when they are needed.

    :param connect: opens one.
    :param size: the most that are open at once, 1 or more.
    """

    def __init__(self, connect: Callable[[], Connection], size: int) -> None:
        self._connect, self._free = connect, threading.BoundedSemaphore(size)
        self._idle: queue.LifoQueue[Connection] = queue.LifoQueue()
        self.size = size

    @contextlib.contextmanager
    def borrow(self) -> Iterator[Connection]:
        """A connection; one that fails is closed and not used again.

        :raises DatabaseLostError: when none can be opened.
        """
        with self._free:
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                connection = self._connect()
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
            self._idle.put(connection)

    def one(self, name: str, **values: object) -> Any:
        """The only value of a prepared statement; None without a row.

        :raises DatabaseLostError: when it fails.
        """
        with self.borrow() as connection:
            return connection.one(name, **values)

    def fill(self) -> None:
        """Open all connections, so that no measurement pays for it.

        :raises DatabaseLostError: when one cannot be opened.
        """
        with contextlib.ExitStack() as stack:
            for _ in range(self.size):
                stack.enter_context(self.borrow())

    def forget(self) -> None:
        """Close what is idle: the server has restarted."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()

    close = forget


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn the driver's errors into causes and actions.

    :raises DatabaseLostError: in place of them.
    """
    try:
        yield
    except DatabaseError as error:
        raise _refused(error) from None
    except (InterfaceError, OSError, ssl.SSLError) as error:
        raise _unreachable(error) from None


def _refused(error: DatabaseError) -> CannotRunError:
    fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    code, message = str(fields.get("C", "")), str(fields.get("M", "")) or first_line(error)
    cause, action = _ACTIONS.get(code, ("refused a statement", "read the server's log"))
    return DatabaseLostError(f"the server {cause} ({code} {message})", action, passing=code in _PASSING)


def _unreachable(error: BaseException) -> CannotRunError:
    reason = error.__cause__ if isinstance(error, InterfaceError) and error.__cause__ else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        wrong = f"its certificate was refused ({reason.verify_message or first_line(reason)})"
        return DatabaseLostError(wrong, "check the host in the configuration, and the authorities of this machine")
    if isinstance(reason, socket.gaierror):
        return DatabaseLostError(
            "its name is not known", "check the host in the configuration, and that it exists", passing=True
        )
    if isinstance(reason, ConnectionRefusedError):
        return DatabaseLostError("it refused the connection", "check that it is available, and the port", passing=True)
    if isinstance(reason, (socket.timeout, TimeoutError)):
        wrong = f"it did not answer within {CONNECT_SECONDS:g} s"
        return DatabaseLostError(
            wrong, "let the client's security group reach its port, and check that it is available", passing=True
        )
    return DatabaseLostError(
        f"the connection failed ({first_line(reason)})", "check that it is available", passing=True
    )

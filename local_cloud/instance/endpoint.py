"""An HTTP server for the connections that the relay of one instance passes on; it listens on no host address."""

import contextlib
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final

from local_cloud.certificates import server_context

_SECONDS: Final = 60.0
_LIMIT: Final = 4 * 1024 * 1024
# Headers of one connection, or of the transfer of the body.
_HOP: Final = ("connection", "content-length", "transfer-encoding")


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its whole body.

    :param target: the path and the query as they were sent.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Endpoint:
    """Serves the requests of a connection.

    :param answer: answers a request.
    :param certificate: the certificate and its key, with TLS.
    """

    def __init__(self, answer: Callable[[Request], Answer], certificate: tuple[Path, Path] | None = None) -> None:
        self.answer = answer
        self._context = None if certificate is None else server_context(certificate)

    def __call__(self, connection: socket.socket) -> None:
        """Serve a connection until it is closed."""
        connection.settimeout(_SECONDS)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            if self._context is not None:
                connection = stack.enter_context(self._context.wrap_socket(connection, server_side=True))
            _Handler(connection, ("instance", 0), self)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: Any
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isascii() or not length.isdigit() or int(length) > _LIMIT:
            self.close_connection = True
            self._send(Answer(413, f"a request has at most {_LIMIT} bytes".encode()))
            return
        body = self.rfile.read(int(length))
        self._send(self.server.answer(Request(self.command, self.path, dict(self.headers.items()), body)))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        length = str(len(answer.body))
        for name, value in answer.headers.items():
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            elif name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    # The method names that http.server calls.
    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Write no access log."""

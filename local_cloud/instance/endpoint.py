"""HTTP for one instance: answers on the connections that its relay hands over. No address of the host listens."""

import contextlib
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final

_SECONDS: Final = 60.0
_LIMIT: Final = 4 * 1024 * 1024
# Of one connection, or of the body's transfer.
_HOP: Final = ("connection", "content-length", "transfer-encoding")


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its whole body.

    :param target: path and query, as they were sent.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Endpoint:
    """Answers every request of a connection.

    :param answer: what answers one.
    :param certificate: and its key, where it speaks TLS.
    """

    def __init__(self, answer: Callable[[Request], Answer], certificate: tuple[Path, Path] | None = None) -> None:
        self.answer = answer
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*certificate)

    def __call__(self, connection: socket.socket) -> None:
        """Serve a connection until it ends."""
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

    # The names that http.server looks for.
    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Write no access log."""

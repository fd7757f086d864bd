"""A PostgreSQL by script, for what a real one does not do on request."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import trustme

HOST = "fake.abc123.us-east-1.rds.amazonaws.com"
READY = b"Z\0\0\0\x05I"
CLEARTEXT = b"R" + struct.pack("!ii", 8, 3)
AUTHENTICATED = b"R" + struct.pack("!ii", 8, 0)


def message(kind: str, body: bytes) -> bytes:
    return kind.encode() + struct.pack("!i", len(body) + 4) + body


def error(sqlstate: str, text: str) -> bytes:
    return message("E", b"SFATAL\0" + f"C{sqlstate}\0M{text}\0\0".encode())


def row(*values: str | None) -> bytes:
    body = struct.pack("!h", len(values))
    for value in values:
        body += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value.encode()
    return message("D", body) + message("C", b"SELECT 1\0") + READY


def received(sock: socket.socket, *, first: bool = False) -> bytes:
    """A whole message of the client; the first one has no type."""
    kind = b"" if first else sock.recv(1)
    (length,) = struct.unpack("!i", sock.recv(4))
    body = b""
    while len(body) < length - 4 and (more := sock.recv(length - 4 - len(body))):
        body += more
    return kind + body


Script = Callable[[ssl.SSLSocket], None]


@contextmanager
def fake(
    folder: Path, script: Script, *, answer: bytes = b"S", authority: trustme.CA | None = None, **certificate: object
) -> Iterator[tuple[int, Path]]:
    """A server that answers the request for TLS, and then runs the script; its port, and its authority's file."""
    authority = authority or trustme.CA()
    ca_file = folder / "fake-ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, **certificate).configure_cert(context)  # type: ignore[arg-type]
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            with suppress(OSError, struct.error):
                sock, _ = listener.accept()
                with sock:
                    sock.settimeout(5)
                    if not (head := sock.recv(8)):
                        continue
                    assert struct.unpack("!ii", head) == (8, 80877103)
                    sock.sendall(answer)
                    if answer != b"S":
                        ended.wait(0.2)
                        continue
                    with context.wrap_socket(sock, server_side=True) as secured:
                        script(secured)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], ca_file
    finally:
        ended.set()
        thread.join()
        listener.close()


def session(*answers: bytes) -> Script:
    """Take any token; then one answer for each statement, and `1` for each after the last."""

    def script(sock: ssl.SSLSocket) -> None:
        received(sock, first=True)
        sock.sendall(CLEARTEXT)
        received(sock)
        sock.sendall(AUTHENTICATED + READY)
        waiting = list(answers)
        while received(sock)[:1] == b"Q":
            sock.sendall(waiting.pop(0) if waiting else row("1"))

    return script

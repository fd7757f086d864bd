"""Relays connections out of a sandbox: the inner side listens in the sandbox, the outer side connects on the host.

The inner side listens on the addresses of the servers that the instance can reach, and passes their connections through
one Unix socket. A blocked address has a listener with a full queue, so that the kernel drops packets to it. An address
without a server has no listener.
"""

import contextlib
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Union

Address = tuple[str, int]
# The address of a server on loopback, or a function that serves the connection.
Target = Union[Address, Callable[[socket.socket], None]]  # noqa: UP007 - an older Python may run this in the sandbox
SOCKET = "relay.sock"
_MAX_ADDRESS_LENGTH = 64


def serve(path: Path, known: Mapping[Address, Target]) -> socket.socket:
    """Start the outer side, which connects only to known targets.

    :param path: the path of the Unix socket.
    :param known: the targets by the address inside the sandbox.
    """
    listener = socket.socket(socket.AF_UNIX)
    # Through the folder's descriptor, because the address of a Unix socket has at most 107 bytes.
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        listener.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)
    listener.listen(64)
    threading.Thread(target=_accept, args=(listener, known), daemon=True).start()
    return listener


def _accept(listener: socket.socket, known: Mapping[Address, Target]) -> None:
    while True:
        try:
            inner, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_connect, args=(inner, known), daemon=True).start()


def _connect(inner: socket.socket, known: Mapping[Address, Target]) -> None:
    with inner, contextlib.suppress(OSError, ValueError):
        target = known.get(_read_address(inner))
        if callable(target):
            target(inner)
        elif target is not None:
            with socket.create_connection(target, timeout=10) as outer:
                join(inner, outer)


def _read_address(inner: socket.socket) -> Address:
    """Read the address that the inner side sends as the first line.

    :raises ValueError: when the line is missing or too long.
    """
    inner.settimeout(10)
    line = b""
    while not line.endswith(b"\n"):
        part = inner.recv(1)
        if not part or len(line) > _MAX_ADDRESS_LENGTH:
            raise ValueError(f"the address must end with a newline, got {line!r}")
        line += part
    host, port = line.decode().split()
    return host, int(port)


def join(first: socket.socket, second: socket.socket) -> None:
    """Copy data in both directions until both are closed."""
    for connection in (first, second):
        connection.settimeout(None)
        if connection.family != socket.AF_UNIX:
            # Nagle's algorithm would delay the end of an answer by 40 ms.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    back = threading.Thread(target=_copy, args=(second, first), daemon=True)
    back.start()
    _copy(first, second)
    back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Inside:
    """The inner side, whose listeners follow the plan file.

    :param path: the path of the Unix socket.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._open: dict[Address, tuple[bool, list[socket.socket]]] = {}

    def follow(self, reached: Iterable[Address], dropped: Iterable[Address]) -> None:
        """Open listeners for new addresses, and close those of addresses that are removed or changed."""
        wanted = {**dict.fromkeys(dropped, False), **dict.fromkeys(reached, True)}
        for address, (passes, sockets) in list(self._open.items()):
            if wanted.get(address) is not passes:
                del self._open[address]
                for listener in sockets:
                    # Without a shutdown, the thread that waits in accept() would not end.
                    with contextlib.suppress(OSError):
                        listener.shutdown(socket.SHUT_RDWR)
                    listener.close()
        for address, passes in wanted.items():
            if address not in self._open:
                sockets = [self._listener(address)] if passes else _black_hole(address)
                self._open[address] = (passes, sockets)

    def _listener(self, address: Address) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(64)
        threading.Thread(target=_inside, args=(listener, self._path, address), daemon=True).start()
        return listener


def _inside(listener: socket.socket, path: str, address: Address) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_through, args=(client, path, address), daemon=True).start()


def _through(client: socket.socket, path: str, address: Address) -> None:
    with client, socket.socket(socket.AF_UNIX) as outer:
        try:
            outer.connect(path)
            outer.sendall(f"{address[0]} {address[1]}\n".encode())
        except OSError:
            return
        join(client, outer)


def _black_hole(address: Address) -> list[socket.socket]:
    """A listener with a full queue: the kernel drops further packets, so that clients time out."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    listener.listen(0)
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(address)
        fillers.append(filler)
    return [listener, *fillers]


def main(path: Path) -> None:
    """Apply the plan file whenever it changes, until the process is killed."""
    inside, known = Inside(str(path.with_name(SOCKET))), ""
    while True:
        text = path.read_text()
        if text != known:
            plan = json.loads(text)
            inside.follow(*([(host, port) for host, port in plan[kind]] for kind in ("reached", "dropped")))
            if not known:
                print("ready", flush=True)
            known = text
        time.sleep(0.05)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""What stands on both sides of a sandbox's wall: inside, the addresses that it may reach; outside, who connects them.

Inside, it listens on the same addresses as what it stands for, and passes each connection through one socket file. A
blocked address listens with a full queue, so that packets to it are dropped. One where nothing listens has no listener.
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
# A server on loopback, or what answers on the connection itself.
Target = Union[Address, Callable[[socket.socket], None]]  # noqa: UP007 - an older Python may run this in the sandbox
_LONGEST_NAME = 64


def serve(path: Path, known: Mapping[Address, Target]) -> socket.socket:
    """The outer side: connect to what is known, and to nothing else.

    :param path: of the socket file.
    :param known: what is behind each address inside.
    """
    listener = socket.socket(socket.AF_UNIX)
    # By way of the folder's descriptor: the name of a socket has at most 107 bytes, a path has more.
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
        target = known.get(_wanted(inner))
        if callable(target):
            target(inner)
        elif target is not None:
            with socket.create_connection(target, timeout=10) as outer:
                join(inner, outer)


def _wanted(inner: socket.socket) -> Address:
    """The address that the inner side names in the first line.

    :raises ValueError: when there is no such line.
    """
    inner.settimeout(10)
    line = b""
    while not line.endswith(b"\n"):
        part = inner.recv(1)
        if not part or len(line) > _LONGEST_NAME:
            raise ValueError(f"an address must end with a new line, got {line!r}")
        line += part
    host, port = line.decode().split()
    return host, int(port)


def join(first: socket.socket, second: socket.socket) -> None:
    """Pass everything on in both directions, until both have ended."""
    for each in (first, second):
        each.settimeout(None)
        if each.family != socket.AF_UNIX:
            # Both ends send what they mean to send; Nagle's algorithm would hold the rest of an answer for 40 ms.
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
    """The inner side: listens as the plan has it, and follows when the plan changes.

    :param wall: the path of the socket file.
    """

    def __init__(self, wall: str) -> None:
        self._wall = wall
        self._open: dict[Address, tuple[bool, list[socket.socket]]] = {}

    def follow(self, reached: Iterable[Address], dropped: Iterable[Address]) -> None:
        """Open what is new, and close what is gone or has become the other kind."""
        wanted = {**dict.fromkeys(dropped, False), **dict.fromkeys(reached, True)}
        for address, (passes, sockets) in list(self._open.items()):
            if wanted.get(address) is not passes:
                del self._open[address]
                for each in sockets:
                    # Whoever waits for a connection there is told.
                    with contextlib.suppress(OSError):
                        each.shutdown(socket.SHUT_RDWR)
                    each.close()
        for address, passes in wanted.items():
            if address not in self._open:
                sockets = [self._listener(address)] if passes else _black_hole(address)
                self._open[address] = (passes, sockets)

    def _listener(self, address: Address) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(64)
        threading.Thread(target=_inside, args=(listener, self._wall, address), daemon=True).start()
        return listener


def _inside(listener: socket.socket, path: str, address: Address) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_through, args=(client, path, address), daemon=True).start()


def _through(client: socket.socket, path: str, address: Address) -> None:
    with client, socket.socket(socket.AF_UNIX) as wall:
        try:
            wall.connect(path)
            wall.sendall(f"{address[0]} {address[1]}\n".encode())
        except OSError:
            return
        join(client, wall)


def _black_hole(address: Address) -> list[socket.socket]:
    """A listener whose queue is full: the kernel drops what comes, and the client's time runs out."""
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
    """Follow the plan in a file, for ever."""
    inside, known = Inside(str(path.with_name("wall"))), ""
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

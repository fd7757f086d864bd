"""What stands on both sides of a sandbox's wall: inside, the addresses that it may reach; outside, who connects them.

Inside, it listens on the same addresses as what it stands for, and passes each connection through one socket file. A
blocked address listens with a full queue, so that packets to it are dropped. One where nothing listens has no listener.
"""

import json
import os
import socket
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

Address = tuple[str, int]


def serve(path: Path, allowed: Iterable[Address]) -> socket.socket:
    """The outer side: connect to what is allowed, and to nothing else.

    :param path: of the socket file.
    """
    known = {(host, int(port)) for host, port in allowed}
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


def _accept(listener: socket.socket, known: set[Address]) -> None:
    while True:
        try:
            inner, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_connect, args=(inner, known), daemon=True).start()


def _connect(inner: socket.socket, known: set[Address]) -> None:
    with inner:
        line = b""
        while not line.endswith(b"\n"):
            part = inner.recv(1)
            if not part:
                return
            line += part
        host, port = line.decode().split()
        if (host, int(port)) not in known:
            return
        try:
            outer = socket.create_connection((host, int(port)), timeout=10)
        except OSError:
            return
        with outer:
            join(inner, outer)


def join(first: socket.socket, second: socket.socket) -> None:
    """Pass everything on in both directions, until both have ended."""
    for each in (first, second):
        each.settimeout(None)
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


def listen_inside(path: str, reached: Iterable[Address], dropped: Iterable[Address]) -> None:
    """The inner side."""
    for host, port in reached:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(64)
        threading.Thread(target=_inside, args=(listener, path, (host, port)), daemon=True).start()
    kept = [_black_hole(each) for each in dropped]
    print("ready", flush=True)
    threading.Event().wait()
    del kept


def _inside(listener: socket.socket, path: str, address: Address) -> None:
    while True:
        client, _ = listener.accept()
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
    listener.bind(address)
    listener.listen(0)
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(address)
        fillers.append(filler)
    return [listener, *fillers]


if __name__ == "__main__":
    plan = json.loads(Path(sys.argv[1]).read_text())
    listen_inside(
        plan["wall"],
        [(host, port) for host, port in plan["reached"]],
        [(host, port) for host, port in plan["dropped"]],
    )

"""Connections to the nodes of a cache, and random keys of it; runs on the client, with Python 3.9 alone."""

from __future__ import annotations

import binascii
import socket
import ssl
from collections.abc import Iterator
from typing import Any, Union

MOST_DATABASES = 16
SLOTS = 16384
Reply = Union[bytes, int, None, "list[Any]", "Refused"]


class Refused(Exception):  # noqa: N818 - an answer of the server
    """An error that the server answered with."""


class Link:
    """A connection to one node, in one database."""

    def __init__(self, host: str, port: int, login: Login, database: int = 0) -> None:
        self.host, self.port = host, port
        self._socket = socket.create_connection((host, port), timeout=10)
        try:
            if login.context:
                self._socket = login.context.wrap_socket(self._socket, server_hostname=host)
            self._file = self._socket.makefile("rb")
            if login.password:
                self.call("AUTH", *([login.user] if login.user else []), login.password)
            if database:
                self.call("SELECT", str(database))
        except BaseException:
            self.close()
            raise

    def call(self, *words: bytes | str) -> Any:
        """The reply of a command.

        :raises Refused: when the server refuses it.
        """
        encoded = [word.encode() if isinstance(word, str) else word for word in words]
        self._socket.sendall(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in encoded))
        reply = self._read()
        if isinstance(reply, Refused):
            raise reply
        return reply

    def attempt(self, *words: bytes | str) -> Any:
        """The reply of a command; None when the server refuses it."""
        try:
            return self.call(*words)
        except Refused:
            return None

    def close(self) -> None:
        """Close the connection."""
        if hasattr(self, "_file"):
            self._file.close()
        self._socket.close()

    def _read(self) -> Reply:
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionResetError(f"{self.host}:{self.port} closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            return Refused(rest.decode("utf-8", "replace"))
        if kind == b"+":
            return rest
        number = int(rest)
        if kind == b":":
            return number
        if number < 0:
            return None
        if kind == b"$":
            return self._file.read(number + 2)[:-2]
        return [self._read() for _ in range(number)]


class Login:
    """How to log in to a cache.

    :param ca_file: authorities besides those of the system; only with TLS.
    """

    def __init__(self, *, tls: bool, user: str = "", password: str = "", ca_file: str | None = None) -> None:
        self.user, self.password = user, password
        self.context = ssl.create_default_context(cafile=ca_file or None) if tls else None


class Store:
    """One cache: a connection to the primary of each shard, and with cluster mode disabled to each database in use."""

    def __init__(self, host: str, port: int, login: Login, *, clustered: bool) -> None:
        self.clustered = clustered
        self._by_slot: dict[int, Link] = {}
        self.links: list[Link] = []
        first = Link(host, port, login)
        if clustered:
            self._connect_cluster(first, login)
        else:
            self.links = [first, *self._databases(first, login)]
        for link in self.links:
            # The comparison must not change which keys were used lately; engines before 7.2 refuse this command.
            link.attempt("CLIENT", "NO-TOUCH", "ON")
        self.sizes = [link.attempt("DBSIZE") for link in self.links]

    @property
    def size(self) -> int | None:
        """The number of keys; None when it is refused."""
        return None if None in self.sizes else sum(self.sizes)

    def sample(self, count: int) -> Iterator[tuple[int, bytes]]:
        """Random keys of all shards, with the number of the connection that they were read from."""
        total = self.size or 0
        for index, link in enumerate(self.links):
            share = -(-count * (self.sizes[index] or 0) // total) if total else 0
            listed = self._all(link) if self.sizes[index] and share >= self.sizes[index] else _random(link, share)
            for key in listed:
                yield index, key

    def link_of(self, index: int, key: bytes) -> Link | None:
        """The connection to the shard of a key, or to the database with the same number."""
        if self.clustered:
            return self._by_slot.get(slot_of(key))
        return self.links[index] if index < len(self.links) else None

    def close(self) -> None:
        """Close the connections."""
        for link in self.links:
            link.close()

    def _connect_cluster(self, first: Link, login: Login) -> None:
        for start, end, primary, *_ in first.call("CLUSTER", "SLOTS"):
            name = (primary[0] or b"").decode()
            # An unknown name stands for the node that has answered.
            host = first.host if name in ("", "?") else name
            port = int(primary[1])
            known = [link for link in self.links if (link.host, link.port) == (host, port)]
            link = known[0] if known else Link(host, port, login)
            if not known:
                self.links.append(link)
            for slot in range(int(start), int(end) + 1):
                self._by_slot[slot] = link
        first.close()

    @staticmethod
    def _databases(first: Link, login: Login) -> Iterator[Link]:
        for number in range(1, MOST_DATABASES):
            try:
                link = Link(first.host, first.port, login, number)
            except Refused:
                return
            yield link

    @staticmethod
    def _all(link: Link) -> Iterator[bytes]:
        cursor, seen = b"0", set()
        while True:
            cursor, keys = link.call("SCAN", cursor, "COUNT", "1000")
            for key in keys:
                if key not in seen:
                    seen.add(key)
                    yield key
            if cursor == b"0":
                return


def _random(link: Link, count: int) -> Iterator[bytes]:
    seen: set[bytes] = set()
    for _ in range(3 * count):
        if len(seen) == count:
            return
        key = link.call("RANDOMKEY")
        if key is None:
            return
        if key not in seen:
            seen.add(key)
            yield key


def slot_of(key: bytes) -> int:
    """The slot of a key; only the bytes between the first braces are hashed, if there are any."""
    start = key.find(b"{")
    end = key.find(b"}", start + 1)
    hashed = key[start + 1 : end] if start >= 0 and end > start + 1 else key
    return binascii.crc_hqx(hashed, 0) % SLOTS

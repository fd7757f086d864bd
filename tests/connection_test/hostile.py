"""A server in the tests' process that answers as a small cache does, except where a test says otherwise."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Self

Answer = Callable[[list[bytes]], bytes | None]
SILENCE, END = b"silence", b"end"
_INFO = "# Server\r\nredis_version:7.1.0\r\nredis_mode:{mode}\r\nrole:master\r\nconnected_slaves:0\r\n"
# The node of a range of slots in an answer to CLUSTER SLOTS, and the words for a cluster that has such an answer.
ONE = b"*3\r\n:0\r\n:%d\r\n*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n"
TO_CLUSTER = ["--cluster-mode=enabled", "--shards=0"]


def bulk(text: bytes) -> bytes:
    """A text as the protocol writes it."""
    return b"$%d\r\n%s\r\n" % (len(text), text)


def instead(name: bytes, answer: bytes) -> Answer:
    """Another answer to one command."""
    return lambda words: answer if words[0].upper() == name else None


class Hostile:
    """A server without TLS.

    :param answer: the answer to a command; None for the usual one, `SILENCE` for none, `END` closes the connection.
    :param slots: the answer to CLUSTER SLOTS; with it, the server is in cluster mode.
    :param drip: in seconds, between two bytes of an answer.
    """

    def __init__(
        self, answer: Answer = lambda words: None, *, slots: bytes = b"", drip: float = 0.0, host: str = "127.0.0.1"
    ) -> None:
        self._answer, self._slots, self._drip = answer, slots, drip
        self._values: dict[bytes, bytes] = {}
        self._stopped = threading.Event()
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def words(self) -> list[str]:
        """The arguments of the connection test."""
        return ["--host=127.0.0.1", f"--port={self.port}", "--no-tls", "--engine=redis", "--engine-version=7.1"]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            try:
                while header := stream.readline():
                    words = [stream.read(int(stream.readline()[1:]) + 2)[:-2] for _ in range(int(header[1:]))]
                    answer = self._answer(words) or self._usual(words)
                    if answer == END:
                        return
                    if answer == SILENCE:
                        self._stopped.wait()
                        return
                    self._send(connection, answer)
            except (OSError, ValueError):
                return

    def _send(self, connection: socket.socket, answer: bytes) -> None:
        if not self._drip:
            connection.sendall(answer)
            return
        for number in range(len(answer)):
            connection.sendall(answer[number : number + 1])
            time.sleep(self._drip)

    def _usual(self, words: list[bytes]) -> bytes:
        name = words[0].upper()
        if name == b"INFO":
            return bulk(_INFO.format(mode="cluster" if self._slots else "standalone").encode())
        if name == b"SET":
            self._values[words[1]] = words[2]
        if name == b"GET":
            value = self._values.get(words[1])
            return b"$-1\r\n" if value is None else bulk(value)
        if name == b"CLUSTER":
            return self._slots
        return {b"PING": b"+PONG\r\n", b"DEL": b":1\r\n"}.get(name, b"+OK\r\n")

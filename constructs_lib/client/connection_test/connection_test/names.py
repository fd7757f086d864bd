"""Looks up names, caches their addresses, and connects to an address that accepts a connection."""

from __future__ import annotations

import socket
import threading
import time

from connection_test import transport
from connection_test.config import Config
from connection_test.report import StageFailure

SLOW_SECONDS = 1.0


class Names:
    """Looks each name up once, and remembers which of its addresses accepted a connection. Thread-safe.

    :param config: the configuration, whose `connect_to` replaces addresses.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, int], list[transport.Address]] = {}
        self.slowest: tuple[float, str] = (0.0, "")
        """The seconds of the slowest look-up, and its name."""

    def addresses(self, host: str, port: int) -> list[transport.Address]:
        """The addresses of a name; the address of the last successful connection comes first.

        :raises StageFailure: when there are none.
        """
        with self._lock:
            known = self._answers.get((host, port))
        if known is not None:
            return list(known)
        started = time.monotonic()
        found = transport.resolve(self._config, host, port)
        with self._lock:
            self.slowest = max(self.slowest, (time.monotonic() - started, host))
            return list(self._answers.setdefault((host, port), found))

    def connect(self, host: str, port: int) -> socket.socket:
        """A TCP connection to one of the addresses.

        :raises StageFailure: of the first address, when none accepts a connection.
        """
        failures = []
        for address in self.addresses(host, port):
            try:
                sock = transport.connect(host, port, address)
            except StageFailure as failure:
                failures.append(failure)
                continue
            self.prefer(host, port, address)
            return sock
        self.forget(host, port)  # It may lead elsewhere the next time.
        raise failures[0]

    def prefer(self, host: str, port: int, address: transport.Address) -> None:
        """Try this address first from now on."""
        with self._lock:
            known = self._answers.get((host, port), [])
            self._answers[host, port] = [address, *(other for other in known if other != address)]

    def forget(self, host: str, port: int) -> None:
        """Look the name up again the next time."""
        with self._lock:
            self._answers.pop((host, port), None)

"""Looks up names, caches their addresses, and connects to an address that accepts a connection."""

from __future__ import annotations

import socket
import threading
import time
from typing import Callable, Optional, TypeVar

from connection_test import transport, tunnels
from connection_test.config import Config
from connection_test.report import StageFailure
from connection_test.together import together

SLOW_SECONDS = 1.0
S = TypeVar("S")
# Failures that another address of the same name has as well.
_OF_ALL_ADDRESSES = (
    *("time-limit", "no-credentials", "wrong-credentials", "missing-permission", "refused-command"),
    *("server-wants-tls", "ca-file"),
)


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
        try:
            found = transport.resolve(self._config, host, port)
        except StageFailure as failure:
            raise tunnels.advised(self._config, host, port, failure) from None
        with self._lock:
            self.slowest = max(self.slowest, (time.monotonic() - started, host))
            return list(self._answers.setdefault((host, port), found))

    def reach(self, host: str, port: int) -> tuple[int, list[StageFailure]]:
        """Try all addresses at the same time; returns how many accept a connection, and the failures of the others.

        :raises StageFailure: of the first address, when none accepts a connection.
        """
        addresses = self.addresses(host, port)
        results = together(lambda address: _attempt(host, port, address), addresses)
        alive = [address for address, failure in zip(addresses, results) if failure is None]  # noqa: B905 - Python 3.9
        failures = [failure for failure in results if failure is not None]
        if not alive:
            self.forget(host, port)
            raise tunnels.advised(self._config, host, port, failures[0])
        self.prefer(host, port, alive[0])
        return len(alive), failures

    def connect(self, host: str, port: int, then: Callable[[socket.socket], S]) -> S:
        """A connection to the first address that accepts it.

        :param then: what makes a socket ready, such as TLS and AUTH. If it fails, the next address is tried, unless the
            failure is one that all addresses have, such as a wrong password.
        :raises StageFailure: of the first address, when all fail.
        """
        failures = []
        for address in self.addresses(host, port):
            try:
                ready = then(transport.connect(host, port, address))
            except StageFailure as failure:
                if failure.code in _OF_ALL_ADDRESSES:
                    raise
                failures.append(failure)
                continue
            self.prefer(host, port, address)
            return ready
        self.forget(host, port)  # It may lead elsewhere the next time.
        raise tunnels.advised(self._config, host, port, failures[0])

    def prefer(self, host: str, port: int, address: transport.Address) -> None:
        """Try this address first from now on."""
        with self._lock:
            known = self._answers.get((host, port), [])
            self._answers[host, port] = [address, *(other for other in known if other != address)]

    def forget_all(self) -> None:
        """Look all names up again, because a failover may have changed what they lead to."""
        with self._lock:
            self._answers.clear()

    def forget(self, host: str, port: int) -> None:
        """Look the name up again the next time."""
        with self._lock:
            self._answers.pop((host, port), None)


def _attempt(host: str, port: int, address: transport.Address) -> Optional[StageFailure]:
    try:
        transport.connect(host, port, address).close()
    except StageFailure as failure:
        return failure
    return None

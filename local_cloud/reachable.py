"""What an instance can reach beside AWS itself: caches and databases, with names, addresses and security groups."""

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

Address = tuple[str, int]
# A server on loopback, or what answers on a connection itself.
Target = Address | Callable[[socket.socket], None]


class Reachable(Protocol):
    """A cache or a database that runs here."""

    @property
    def addresses(self) -> Mapping[str, str]:
        """The address behind each of its names."""

    @property
    def security_groups(self) -> Sequence[str]:
        """The ids of its security groups."""

    @property
    def socket_addresses(self) -> list[Address]:
        """Every address and port that belongs to it, whether or not a server listens there."""

    def target(self, address: Address) -> Target | None:
        """What answers at one of its places now; None where nothing does."""

"""The interface of caches and databases to the instances: names, addresses and security groups."""

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

Address = tuple[str, int]
# The address of a server on loopback, or a function that serves the connection.
Target = Address | Callable[[socket.socket], None]


class Reachable(Protocol):
    """A cache or a database of the run."""

    @property
    def addresses(self) -> Mapping[str, str]:
        """The addresses by host name."""

    @property
    def security_groups(self) -> Sequence[str]:
        """The ids of its security groups."""

    @property
    def socket_addresses(self) -> list[Address]:
        """Every address and port of it, whether or not a server listens there."""

    def target(self, address: Address) -> Target | None:
        """The server or function behind one of its addresses; None where no server listens."""

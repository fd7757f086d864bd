"""Small options that several constructs take."""

from dataclasses import dataclass
from enum import StrEnum

from elasticache_rules import facts, windows

from .._core.checking import is_token


class TransitEncryption(StrEnum):
    """Whether clients use TLS.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html
    """

    REQUIRED = "required"
    """Every client uses TLS; the default everywhere in this library."""
    PREFERRED = "preferred"
    """Clients with and without TLS, while a fleet moves from one to the other."""
    DISABLED = "disabled"
    """No TLS, and so neither users nor a token."""


class NetworkType(StrEnum):
    """Which internet protocol the nodes speak; IPv6 needs redis 6.2, valkey or memcached 1.6.6, and Nitro nodes.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/network-type.html
    """

    IPV4 = "ipv4"
    IPV6 = "ipv6"
    DUAL_STACK = "dual_stack"


class IpDiscovery(StrEnum):
    """Which kind of address a cluster tells its clients.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/network-type.html
    """

    IPV4 = "ipv4"
    IPV6 = "ipv6"


class Durability(StrEnum):
    """Whether a write is on durable storage, and when the client hears of it.

    Needs valkey 9.0, cluster mode enabled, Multi-AZ with a replica, TLS and encryption at rest, and no data tiering.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Durability.html
    """

    DEFAULT = "default"
    ASYNC = "async"
    """The client hears at once; a failure can lose the last writes."""
    SYNC = "sync"
    """The client hears when the write is durable."""
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """Automatic snapshots.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-automatic.html

    :param retention_days: days that a snapshot is kept, 0 to 35; 0 turns automatic snapshots off.
        Default: 15, the least that common compliance packs accept.
    :param window: when they are taken, daily, `hh24:mi-hh24:mi` in UTC, at least 60 minutes.
        Default: the service chooses.
    :raises ValueError: for another number or form, or a window of snapshots that are off.
    """

    retention_days: int = 15
    window: str | None = None

    def __post_init__(self) -> None:
        most = facts.limit("snapshot_retention_days", "max")
        if not is_token(self.retention_days) and not 0 <= self.retention_days <= most:
            raise ValueError(
                f"Backup: retention_days must be 0 to {most}, got {self.retention_days!r}; "
                "choose a number in that range"
            )
        if self.window is None or is_token(self.window):
            return
        if self.retention_days == 0:
            raise ValueError(
                f"Backup: window must be absent with retention_days=0, got {self.window!r}; "
                "keep snapshots for a day or more, or leave the window out"
            )
        parsed = windows.parse_daily(self.window)
        least = facts.limit("snapshot_window_minutes", "min")
        if parsed is None or parsed.length < least:
            raise ValueError(
                f"Backup: window must be hh24:mi-hh24:mi of at least {least} minutes, got {self.window!r}; "
                "write it like 03:00-04:00, in UTC"
            )

    @classmethod
    def disabled(cls) -> "Backup":
        """No automatic snapshots."""
        return cls(retention_days=0)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address and a port that clients connect to.

    :param address: the DNS name; a token until it is deployed.
    :param port: the port, a literal.
    """

    address: str
    port: int

    @property
    def socket_address(self) -> str:
        """`address:port`."""
        return f"{self.address}:{self.port}"

"""Small options that several constructs take."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import aws_cdk as cdk

from elasticache_rules import facts, windows

from .._core.checking import is_token
from .._core.renamed import renamed

_DEFAULT_DAYS: Final = 15


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

    def render(self, *, with_mode: bool) -> dict[str, Any]:
        """Encryption in transit, by the CloudFormation names of a replication group.

        :param with_mode: whether the engine version has the property `TransitEncryptionMode`. Preferred is said in any
            case, so that the rules refuse it.
        """
        on = self is not TransitEncryption.DISABLED
        return {
            "TransitEncryptionEnabled": on,
            "TransitEncryptionMode": self.value if self is TransitEncryption.PREFERRED or (on and with_mode) else None,
        }


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
    """Whether a write is on durable storage, and when it is acknowledged to the client.

    Needs valkey 9.0, cluster mode enabled, Multi-AZ with a replica, TLS and encryption at rest, and no data tiering.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Durability.html
    """

    DEFAULT = "default"
    ASYNC = "async"
    """The client hears at once; a failure can lose the last writes."""
    SYNC = "sync"
    """The client hears when the write is durable."""
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, init=False)
class Backup:
    """Automatic snapshots, of a replication group and of a serverless cache alike.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-automatic.html

    Example: `Backup(retention=cdk.Duration.days(7), window="03:00-04:00")`.

    :param retention: how long a snapshot is kept, 0 to 35 whole days; 0 turns automatic snapshots off.
        Default: 15 days, the least that common compliance packs accept.
    :param window: when they are taken, daily, `hh24:mi-hh24:mi` in UTC, at least 60 minutes. A serverless cache, which
        has a time and no window, takes its start. Default: the service chooses.
    :raises ValueError: for another retention or form, or a window of snapshots that are off.
    """

    retention_days: int
    window: str | None

    @renamed(retention_days="retention=cdk.Duration.days(...)")
    def __init__(self, *, retention: cdk.Duration | None = None, window: str | None = None) -> None:
        object.__setattr__(self, "retention_days", _DEFAULT_DAYS if retention is None else _days(retention))
        object.__setattr__(self, "window", window)
        if window is None or is_token(window):
            return
        if self.retention_days == 0:
            raise ValueError(
                f"Backup: window must be absent with a retention of 0 days, got {window!r}; "
                "keep snapshots for a day or more, or leave the window out"
            )
        parsed = windows.parse_daily(window)
        least = facts.limit("snapshot_window_minutes", "min")
        if parsed is None or parsed.length < least:
            raise ValueError(
                f"Backup: window must be hh24:mi-hh24:mi of at least {least} minutes, got {window!r}; "
                "write it like 03:00-04:00, in UTC"
            )

    @classmethod
    def disabled(cls) -> "Backup":
        """No automatic snapshots."""
        return cls(retention=cdk.Duration.days(0))

    @property
    def start(self) -> str | None:
        """The start of the window, `hh24:mi` in UTC."""
        if self.window is None:
            return None
        if is_token(self.window):
            return cdk.Fn.select(0, cdk.Fn.split("-", self.window))
        return self.window.partition("-")[0]

    def render(self) -> dict[str, Any]:
        """Retention and window, by the CloudFormation names of a replication group."""
        return {"SnapshotRetentionLimit": self.retention_days, "SnapshotWindow": self.window}

    def render_serverless(self) -> dict[str, Any]:
        """Retention and time, by the CloudFormation names of a serverless cache."""
        return {"SnapshotRetentionLimit": self.retention_days, "DailySnapshotTime": self.start}


def _days(retention: cdk.Duration) -> int:
    days = retention.to_days(integral=False)
    if is_token(days):
        return days  # type: ignore[return-value]  # a token of CDK, which its L1 takes as a number
    most = facts.limit("snapshot_retention_days", "max")
    if days != int(days) or not 0 <= days <= most:
        raise ValueError(
            f"Backup: retention must be 0 to {most} whole days, got {days:g}; choose a number in that range"
        )
    return int(days)


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

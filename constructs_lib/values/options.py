"""Options that several constructs share: encryption, IP addresses, durability, backup, endpoint."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import aws_cdk as cdk

from elasticache_rules import facts, windows

from .._core.checking import error, is_token
from .._core.renamed import renamed

_DEFAULT_DAYS: Final = 15


class TransitEncryption(StrEnum):
    """Whether clients use TLS.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html

    ```python
    ReplicationGroup(self, "Cache", vpc=vpc, transit_encryption=TransitEncryption.PREFERRED, access=Access.none())
    ```
    """

    REQUIRED = "required"
    """All clients must use TLS; the default of all constructs."""
    PREFERRED = "preferred"
    """Clients may connect with or without TLS, for a migration between the two."""
    DISABLED = "disabled"
    """No TLS. Users and AUTH tokens are not available."""

    def render(self, *, with_mode: bool) -> dict[str, Any]:
        """Encryption in transit, by the CloudFormation names of a replication group.

        :param with_mode: whether the engine version supports the property `TransitEncryptionMode`. The mode preferred
            is always rendered, so that the rules refuse it.
        """
        on = self is not TransitEncryption.DISABLED
        return {
            "TransitEncryptionEnabled": on,
            "TransitEncryptionMode": self.value if self is TransitEncryption.PREFERRED or (on and with_mode) else None,
        }


class NetworkType(StrEnum):
    """The IP version of the nodes. IPv6 needs redis 6.2, valkey or memcached 1.6.6, and nodes of the Nitro System.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/network-type.html

    ```python
    ReplicationGroup(self, "Cache", vpc=vpc, network_type=NetworkType.DUAL_STACK)
    ```
    """

    IPV4 = "ipv4"
    IPV6 = "ipv6"
    DUAL_STACK = "dual_stack"


class IpDiscovery(StrEnum):
    """The IP version of the addresses that cluster discovery returns to clients.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/network-type.html

    ```python
    ReplicationGroup(
        self, "Cache", vpc=vpc, network_type=NetworkType.DUAL_STACK, ip_discovery=IpDiscovery.IPV6
    )
    ```
    """

    IPV4 = "ipv4"
    IPV6 = "ipv6"


class Durability(StrEnum):
    """Whether writes go to durable storage, and when they are acknowledged.

    Needs valkey 9.0, cluster mode enabled, Multi-AZ with a replica, TLS and encryption at rest, and no data tiering.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Durability.html

    ```python
    ReplicationGroup(
        self,
        "Orders",
        vpc=vpc,
        engine=EngineVersion.VALKEY_9_0,
        node_type=NodeType.R7G_LARGE,
        cluster_mode=ClusterMode.enabled(shards=2, replicas_per_shard=1),
        durability=Durability.SYNC,
    )
    ```
    """

    DEFAULT = "default"
    ASYNC = "async"
    """A write is acknowledged immediately. A failure can lose the most recent writes."""
    SYNC = "sync"
    """A write is acknowledged when it is durable."""
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, init=False)
class Backup:
    """Automatic daily snapshots of a replication group, a serverless cache or a Global Datastore member.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-automatic.html

    ```python
    backup = Backup(retention=cdk.Duration.days(7), window="03:00-04:00")
    ReplicationGroup(self, "Cache", vpc=vpc, backup=backup)
    ```

    :param retention: how long snapshots are kept, 0 to 35 whole days; 0 turns automatic snapshots off.
        Default: 15 days, the minimum of common compliance packs.
    :param window: the daily window, `hh24:mi-hh24:mi` in UTC, at least 60 minutes. A serverless cache uses the start of
        the window as its snapshot time. Default: ElastiCache chooses.
    :raises ValueError: for a value out of range, or a window together with a retention of 0 days.
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
            raise error(
                "Backup",
                "window",
                "be absent with a retention of 0 days",
                repr(window),
                "use a retention of at least one day, or leave window out",
            )
        parsed = windows.parse_daily(window)
        least = facts.limit("snapshot_window_minutes", "min")
        if parsed is None or parsed.length < least:
            raise error(
                "Backup",
                "window",
                f"be hh24:mi-hh24:mi of at least {least} minutes",
                repr(window),
                "write it like 03:00-04:00, in UTC",
            )

    @classmethod
    def disabled(cls) -> "Backup":
        """No automatic snapshots: a retention of 0 days."""
        return cls(retention=cdk.Duration.days(0))

    @property
    def start(self) -> str | None:
        """The start of the window, `hh24:mi` in UTC; a token if the window is one, None without a window."""
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
        raise error("Backup", "retention", f"be 0 to {most} whole days", f"{days:g}", "choose a number in that range")
    return int(days)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address and the port of an endpoint.

    ```python
    endpoint = cache.primary_endpoint
    cdk.CfnOutput(self, "Address", value=endpoint.socket_address)
    ```

    :param address: the DNS name; a token for a cache of this app.
    :param port: the port; a number that is known at synth, unless the caller passed a token.
    """

    address: str
    port: int

    @property
    def socket_address(self) -> str:
        """The endpoint as `address:port`; contains a token if the address is one."""
        return f"{self.address}:{self.port}"

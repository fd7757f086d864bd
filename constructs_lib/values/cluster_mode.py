"""Cluster mode: the shards and replicas of a replication group."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Self, final

from elasticache_rules import facts

from .._core.checking import error, length_must_be_known, must_be_known
from .._core.factories import CreatedByFactory


class ClusterModeName(StrEnum):
    """The names of the three modes in the ElastiCache API.

    ```python
    if cache.cluster_mode is not None and cache.cluster_mode.name is ClusterModeName.ENABLED:
        cdk.CfnOutput(self, "Endpoint", value=cache.configuration_endpoint.socket_address)
    ```
    """

    DISABLED = "disabled"
    ENABLED = "enabled"
    COMPATIBLE = "compatible"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One shard of `ClusterMode.per_shard`.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_NodeGroupConfiguration.html

    ```python
    shards = [Shard(slots="0-8191", replicas=2), Shard(slots="8192-16383", replicas=1)]
    ReplicationGroup(self, "Cache", vpc=vpc, cluster_mode=ClusterMode.per_shard(shards))
    ```

    :param replicas: the number of replicas, 0 to 5. Default: the number of `replica_zones`, or 1.
    :param slots: comma-separated ranges of hash slots, `start-end` from 0 to 16383. Set them for every shard or for
        none. Default: ElastiCache divides the slots evenly.
    :param primary_zone: the Availability Zone of the first primary. Default: ElastiCache chooses.
    :param replica_zones: the Availability Zones of the replicas, one per replica. Default: ElastiCache chooses.
    :param shard_id: 1 to 4 digits, such as `0001`; it identifies the shard when other shards are added or removed.
        Default: ElastiCache numbers the shards.
    :raises ValueError: for a number of replicas out of range, or a different number of zones than replicas.
    """

    replicas: int = -1
    slots: str | None = None
    primary_zone: str | None = None
    replica_zones: tuple[str, ...] | None = None
    shard_id: str | None = None

    def __post_init__(self) -> None:
        zones = tuple(self.replica_zones or ())
        object.__setattr__(self, "replica_zones", zones or None)
        length_must_be_known("Shard", "replica_zones", zones)
        if self.replicas == -1:
            object.__setattr__(self, "replicas", len(zones) or 1)
        _within("replicas", self.replicas, "replicas_per_shard", "Shard")
        if zones and len(zones) != self.replicas:
            raise error(
                "Shard",
                "replica_zones",
                f"name one zone for each of {self.replicas} replicas",
                len(zones),
                "list one zone per replica, or leave replica_zones out",
            )

    def render(self) -> dict[str, Any]:
        """The node group configuration, by its CloudFormation names."""
        return {
            "NodeGroupId": self.shard_id,
            "ReplicaCount": self.replicas,
            "Slots": self.slots,
            "PrimaryAvailabilityZone": self.primary_zone,
            "ReplicaAvailabilityZones": list(self.replica_zones) if self.replica_zones else None,
        }


@final
@dataclass(frozen=True, slots=True, kw_only=True, init=False)
class ClusterMode(CreatedByFactory):
    """The shards and replicas of a replication group; created by `disabled`, `enabled`, `per_shard` or `compatible`.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Redis-RedisCluster.html

    ```python
    mode = ClusterMode.enabled(shards=3, replicas_per_shard=1)
    ReplicationGroup(self, "Cache", vpc=vpc, cluster_mode=mode)
    ```
    """

    _factories: ClassVar = ("disabled(...)", "enabled(...)", "per_shard(...)", "compatible(...)")

    name: ClusterModeName
    shards: int
    replicas_per_shard: int
    """The number of replicas in each shard; the lowest number if the shards differ."""
    zones: tuple[str, ...] = ()
    """The Availability Zones of the nodes, the primary first; only with cluster mode disabled."""
    layout: tuple[Shard, ...] = ()
    """The shards; only with `per_shard`."""

    @classmethod
    def disabled(cls, *, replicas: int = 1, zones: Sequence[str] | None = None) -> Self:
        """One shard, a primary and its replicas, for clients without support for the cluster protocol.

        :param replicas: the number of replicas, 0 to 5. Default: 1, so that a replica can take over for the primary.
        :param zones: the Availability Zones of the nodes, the primary first. A change replaces the replication group.
            Default: ElastiCache spreads the nodes.
        :raises ValueError: for a number of replicas out of range, or a different number of zones than nodes.
        """
        _within("replicas", replicas, "replicas_per_shard")
        length_must_be_known("ClusterMode", "zones", zones or ())
        if zones and len(zones) != replicas + 1:
            raise error(
                "ClusterMode",
                "zones",
                f"name one zone for each of {replicas + 1} nodes",
                len(zones),
                "list the zone of the primary and then one zone per replica, or leave zones out",
            )
        return cls._of(name=ClusterModeName.DISABLED, shards=1, replicas_per_shard=replicas, zones=tuple(zones or ()))

    @classmethod
    def enabled(cls, *, shards: int, replicas_per_shard: int = 1) -> Self:
        """One or more shards of the same size, for clients that support the cluster protocol.

        :param shards: the number of shards, 1 to 500. A cluster has at most 500 nodes, and the default quota is 90.
        :param replicas_per_shard: the number of replicas in each shard, 0 to 5. Default: 1.
        :raises ValueError: for a number out of range, or more than 500 nodes.
        """
        _within("shards", shards, "shards")
        _within("replicas_per_shard", replicas_per_shard, "replicas_per_shard")
        total, most = shards * (replicas_per_shard + 1), facts.limit("nodes_per_cluster", "max")
        if total > most:
            raise error(
                "ClusterMode",
                "shards",
                f"keep the cluster within {most} nodes",
                f"{shards} shards of {replicas_per_shard + 1} nodes, {total} in total",
                "use fewer shards, or fewer replicas per shard",
            )
        return cls._of(name=ClusterModeName.ENABLED, shards=shards, replicas_per_shard=replicas_per_shard)

    @classmethod
    def per_shard(cls, shards: Sequence[Shard]) -> Self:
        """Shards that differ in slots, replicas or zones.

        :param shards: 1 to 500 shards. A cluster has at most 500 nodes.
        :raises ValueError: for a number out of range, more than 500 nodes, or slots on some of the shards only.
        """
        _within("shards", len(shards), "shards")
        total, most = sum(shard.replicas + 1 for shard in shards), facts.limit("nodes_per_cluster", "max")
        if total > most:
            raise error(
                "ClusterMode",
                "shards",
                f"keep the cluster within {most} nodes",
                f"{total} in {len(shards)} shards",
                "use fewer shards, or fewer replicas per shard",
            )
        if len({shard.slots is None for shard in shards}) > 1:
            raise error(
                "ClusterMode",
                "slots",
                "be set for every shard or for none",
                f"slots for {sum(shard.slots is not None for shard in shards)} of {len(shards)} shards",
                "set slots for the other shards too",
            )
        return cls._of(
            name=ClusterModeName.ENABLED,
            shards=len(shards),
            replicas_per_shard=min(shard.replicas for shard in shards),
            layout=tuple(shards),
        )

    @classmethod
    def compatible(cls, *, replicas: int = 1) -> Self:
        """The migration step from disabled to enabled: one shard, for clients with and without cluster support.

        :param replicas: the number of replicas, 0 to 5. Default: 1.
        :raises ValueError: for a number out of range.
        """
        return cls._of(
            name=ClusterModeName.COMPATIBLE,
            shards=1,
            replicas_per_shard=_within("replicas", replicas, "replicas_per_shard"),
        )

    @property
    def nodes_by_shard(self) -> tuple[int, ...]:
        """The number of nodes in each shard, including the primary."""
        if self.layout:
            return tuple(shard.replicas + 1 for shard in self.layout)
        return (self.replicas_per_shard + 1,) * self.shards

    @property
    def is_clustered(self) -> bool:
        """Whether the nodes use the cluster protocol: True for enabled and compatible."""
        return self.name is not ClusterModeName.DISABLED

    @property
    def has_replicas(self) -> bool:
        """Whether every shard has at least one replica."""
        return self.replicas_per_shard > 0

    def render(self, *, with_mode: bool) -> dict[str, Any]:
        """Mode, shards, replicas and zones, by the CloudFormation names of a replication group.

        :param with_mode: whether the engine version supports the property `ClusterMode`. The mode compatible is always
            rendered, so that the rules refuse it.
        """
        counts: dict[str, Any] = {"NumCacheClusters": self.replicas_per_shard + 1}
        if self.is_clustered:
            counts = {
                "NumNodeGroups": self.shards,
                "ReplicasPerNodeGroup": None if self.layout else self.replicas_per_shard,
            }
        return {
            "ClusterMode": self.name.value if with_mode or self.name is ClusterModeName.COMPATIBLE else None,
            **counts,
            "NodeGroupConfiguration": [shard.render() for shard in self.layout] or None,
            "PreferredCacheClusterAZs": list(self.zones) or None,
        }

    @property
    def has_primary_endpoint(self) -> bool:
        """Whether the replication group has a primary and a reader endpoint: True for disabled and compatible."""
        return self.name is not ClusterModeName.ENABLED


def _within(prop: str, value: object, limit: str, owner: str = "ClusterMode") -> int:
    must_be_known(owner, prop, value)
    least, most = facts.limit(limit, "min"), facts.limit(limit, "max")
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise error(owner, prop, f"be an integer from {least} to {most}", repr(value), "choose a number in that range")
    return value

"""Cluster mode: how a replication group is laid out in shards and replicas."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Self, final

from elasticache_rules import facts

from .._core.checking import length_must_be_known, must_be_known
from .._core.factories import CreatedByFactory


class ClusterModeName(StrEnum):
    """The service's own names of the three modes."""

    DISABLED = "disabled"
    ENABLED = "enabled"
    COMPATIBLE = "compatible"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One shard of a layout that states each of them.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_NodeGroupConfiguration.html

    :param replicas: 0 to 5. Default: as many as `replica_zones` has, or else 1.
    :param slots: its hash slots, `start-end` from 0 to 16383, several ranges with commas. Default: the service divides
        them; either every shard states its slots, or none.
    :param primary_zone: the Availability Zone of its first primary. Default: the service chooses.
    :param replica_zones: the zones of its replicas, one for each. Default: the service chooses.
    :param shard_id: 1 to 4 digits, such as `0001`; it keeps a shard's identity when others come and go.
        Default: the service numbers them.
    :raises ValueError: for another number of replicas, or of their zones.
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
            raise ValueError(
                f"Shard: replica_zones must name a zone for each of {self.replicas} replicas, got "
                f"{len(zones)}; list one for each, or leave them out"
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
    """The layout of a replication group; made by `disabled`, `enabled`, `per_shard` or `compatible`.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Redis-RedisCluster.html
    """

    _factories: ClassVar = ("disabled(...)", "enabled(...)", "per_shard(...)", "compatible(...)")

    name: ClusterModeName
    shards: int
    replicas_per_shard: int
    """The replicas of every shard; the fewest, where shards differ."""
    zones: tuple[str, ...] = ()
    """The zone of each node, the primary's first; with cluster mode disabled."""
    layout: tuple[Shard, ...] = ()
    """Every shard, with `per_shard`."""

    @classmethod
    def disabled(cls, *, replicas: int = 1, zones: Sequence[str] | None = None) -> Self:
        """One shard that any client can use: a primary and its replicas.

        :param replicas: 0 to 5. Default: 1, so that a failed primary is replaced at once.
        :param zones: the Availability Zone of each node, the primary's first. They count when the group is made, and
            another list replaces it. Default: the service spreads the nodes.
        :raises ValueError: for another number of replicas or zones.
        """
        _within("replicas", replicas, "replicas_per_shard")
        length_must_be_known("ClusterMode", "zones", zones or ())
        if zones and len(zones) != replicas + 1:
            raise ValueError(
                f"ClusterMode: zones must name a zone for each of {replicas + 1} nodes, got {len(zones)}; "
                "list the primary's first and then one for each replica, or leave them out"
            )
        return cls._of(name=ClusterModeName.DISABLED, shards=1, replicas_per_shard=replicas, zones=tuple(zones or ()))

    @classmethod
    def enabled(cls, *, shards: int, replicas_per_shard: int = 1) -> Self:
        """Several shards, for clients that know the cluster protocol.

        :param shards: 1 to 500; a cluster holds 500 nodes at most, and 90 until a quota is raised.
        :param replicas_per_shard: 0 to 5. Default: 1.
        :raises ValueError: for other numbers.
        """
        _within("shards", shards, "shards")
        _within("replicas_per_shard", replicas_per_shard, "replicas_per_shard")
        total, most = shards * (replicas_per_shard + 1), facts.limit("nodes_per_cluster", "max")
        if total > most:
            raise ValueError(
                f"ClusterMode: shards must keep the cluster within {most} nodes, got {shards} shards of "
                f"{replicas_per_shard + 1} nodes, {total} in all; use fewer shards, or fewer replicas in each"
            )
        return cls._of(name=ClusterModeName.ENABLED, shards=shards, replicas_per_shard=replicas_per_shard)

    @classmethod
    def per_shard(cls, shards: Sequence[Shard]) -> Self:
        """Several shards that differ in slots, replicas or zones.

        :param shards: 1 to 500; a cluster holds 500 nodes at most.
        :raises ValueError: for other numbers, or when only some of them state their slots.
        """
        _within("shards", len(shards), "shards")
        total, most = sum(each.replicas + 1 for each in shards), facts.limit("nodes_per_cluster", "max")
        if total > most:
            raise ValueError(
                f"ClusterMode: shards must keep the cluster within {most} nodes, got {total} in {len(shards)} shards; "
                "use fewer shards, or fewer replicas in each"
            )
        if len({each.slots is None for each in shards}) > 1:
            raise ValueError(
                "ClusterMode: slots must be stated for every shard or for none, got "
                f"{sum(each.slots is not None for each in shards)} of {len(shards)}; state the others' too"
            )
        return cls._of(
            name=ClusterModeName.ENABLED,
            shards=len(shards),
            replicas_per_shard=min(each.replicas for each in shards),
            layout=tuple(shards),
        )

    @classmethod
    def compatible(cls, *, replicas: int = 1) -> Self:
        """The step between disabled and enabled: one shard, and clients of both kinds.

        :param replicas: 0 to 5. Default: 1.
        :raises ValueError: for another number.
        """
        return cls._of(
            name=ClusterModeName.COMPATIBLE,
            shards=1,
            replicas_per_shard=_within("replicas", replicas, "replicas_per_shard"),
        )

    @property
    def nodes_by_shard(self) -> tuple[int, ...]:
        """How many nodes each shard has, its primary among them."""
        if self.layout:
            return tuple(each.replicas + 1 for each in self.layout)
        return (self.replicas_per_shard + 1,) * self.shards

    @property
    def is_clustered(self) -> bool:
        """Whether the nodes speak the cluster protocol: enabled and compatible."""
        return self.name is not ClusterModeName.DISABLED

    @property
    def has_replicas(self) -> bool:
        """Whether every shard has a replica."""
        return self.replicas_per_shard > 0

    def render(self, *, with_mode: bool) -> dict[str, Any]:
        """Mode, shards, replicas and zones, by the CloudFormation names of a replication group.

        :param with_mode: whether the engine version has the property `ClusterMode`. Compatible is said in any case, so
            that the rules refuse it.
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
            "NodeGroupConfiguration": [each.render() for each in self.layout] or None,
            "PreferredCacheClusterAZs": list(self.zones) or None,
        }

    @property
    def has_primary_endpoint(self) -> bool:
        """Whether there are a primary and a reader endpoint: disabled and compatible."""
        return self.name is not ClusterModeName.ENABLED


def _within(prop: str, value: object, limit: str, owner: str = "ClusterMode") -> int:
    must_be_known(owner, prop, value)
    least, most = facts.limit(limit, "min"), facts.limit(limit, "max")
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(
            f"{owner}: {prop} must be an integer from {least} to {most}, got {value!r}; choose a number in that range"
        )
    return value

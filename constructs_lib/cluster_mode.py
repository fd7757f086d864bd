"""Cluster mode: how a replication group is laid out in shards and replicas."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self, final

from elasticache_rules import facts


class ClusterModeName(StrEnum):
    """The service's own names of the three modes."""

    DISABLED = "disabled"
    ENABLED = "enabled"
    COMPATIBLE = "compatible"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterMode:
    """The layout of a replication group; made by `disabled`, `enabled` or `compatible`.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Redis-RedisCluster.html
    """

    name: ClusterModeName
    shards: int
    replicas_per_shard: int

    @classmethod
    def disabled(cls, *, replicas: int = 1) -> Self:
        """One shard that any client can use: a primary and its replicas.

        :param replicas: 0 to 5. Default: 1, so that a failed primary is replaced at once.
        :raises ValueError: for another number.
        """
        return cls(
            name=ClusterModeName.DISABLED,
            shards=1,
            replicas_per_shard=_within("replicas", replicas, "replicas_per_shard"),
        )

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
        return cls(name=ClusterModeName.ENABLED, shards=shards, replicas_per_shard=replicas_per_shard)

    @classmethod
    def compatible(cls, *, replicas: int = 1) -> Self:
        """The step between disabled and enabled: one shard, and clients of both kinds.

        :param replicas: 0 to 5. Default: 1.
        :raises ValueError: for another number.
        """
        return cls(
            name=ClusterModeName.COMPATIBLE,
            shards=1,
            replicas_per_shard=_within("replicas", replicas, "replicas_per_shard"),
        )

    @property
    def is_clustered(self) -> bool:
        """Whether the nodes speak the cluster protocol: enabled and compatible."""
        return self.name is not ClusterModeName.DISABLED

    @property
    def has_primary_endpoint(self) -> bool:
        """Whether there are a primary and a reader endpoint: disabled and compatible."""
        return self.name is not ClusterModeName.ENABLED


def _within(prop: str, value: object, limit: str) -> int:
    least, most = facts.limit(limit, "min"), facts.limit(limit, "max")
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(
            f"ClusterMode: {prop} must be an integer from {least} to {most}, got {value!r}; "
            "choose a number in that range"
        )
    return value

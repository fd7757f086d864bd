"""Shards and nodes of a cache, from the numbers and the layout in its template."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from elasticache_operations.picture.model import NODE, PRIMARY, READS_ONLY, REPLICA, SLOTS, Node, Shard
from elasticache_rules.rules.common import (
    CACHE_CLUSTER,
    REPLICATION_GROUP,
    cluster_enabled,
    replicas_per_shard,
    shard_count,
)
from elasticache_rules.template import Resource, as_integer

MOST_SHARDS: Final = 500
"""The number of shards of a cluster with a raised quota; a template with more is refused at deployment."""
MOST_REPLICAS: Final = 5
_MOST_NODES: Final = 300
_RANGE: Final = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


def shards_of(cache: Resource, primary: Resource | None) -> tuple[Shard, ...] | None:
    """The shards of a cache; None where their number is only known at deployment.

    :param primary: the primary of a Global Datastore, which decides the number of shards of its secondaries.
    """
    if cache.type == CACHE_CLUSTER:
        return _nodes(cache)
    if cache.type != REPLICATION_GROUP:
        return ()
    own = shard_count(cache)
    count = own if own is not None or primary is None else shard_count(primary)
    if count is None or not 1 <= count <= MOST_SHARDS:
        return None
    layout = _layout(cache, count) or (_layout(primary, count) if primary is not None else None)
    replicas = replicas_per_shard(cache)
    if replicas is None and primary is not None:
        replicas = replicas_per_shard(primary)
    cluster = bool(cluster_enabled(primary or cache)) or count > 1
    first = READS_ONLY if primary is not None or cache.has("GlobalReplicationGroupId") else PRIMARY
    zones = cache.items("PreferredCacheClusterAZs") or []
    result = []
    for number in range(count):
        entry = layout[number] if layout else {}
        wanted = as_integer(entry.get("ReplicaCount"))
        result.append(
            Shard(
                number=number + 1,
                nodes=_shard_nodes(entry, first, replicas if wanted is None else wanted, zones),
                slots=_slots(entry.get("Slots"), number, count) if cluster else (),
            )
        )
    return tuple(result)


def _layout(cache: Resource, count: int) -> list[Mapping[str, Any]] | None:
    entries = cache.items("NodeGroupConfiguration")
    if not entries or len(entries) != count or not all(isinstance(entry, Mapping) for entry in entries):
        return None
    return entries


def _shard_nodes(entry: Mapping[str, Any], first: str, replicas: int | None, zones: Sequence[Any]) -> tuple[Node, ...]:
    """The nodes of a shard; without a known number of replicas, the primary alone."""
    count = min(max(replicas or 0, 0), MOST_REPLICAS)
    listed = entry.get("ReplicaAvailabilityZones")
    places = [entry.get("PrimaryAvailabilityZone"), *(listed if isinstance(listed, list) else [])]
    if not any(isinstance(place, str) for place in places):
        places = list(zones)
    named = [place if isinstance(place, str) else None for place in places]
    named += [None] * (count + 1 - len(named))
    return tuple(Node(REPLICA if index else first, named[index]) for index in range(count + 1))


def _slots(given: Any, number: int, count: int) -> tuple[tuple[int, int], ...]:
    """The slots of a shard: those of the template, otherwise equal parts in order."""
    if isinstance(given, str):
        ranges = []
        for part in given.split(","):
            match = _RANGE.fullmatch(part.strip())
            if match is None:
                return ()
            ranges.append((int(match[1]), int(match[2] or match[1])))
        return tuple(ranges)
    return ((SLOTS * number // count, SLOTS * (number + 1) // count - 1),)


def _nodes(cluster: Resource) -> tuple[Shard, ...] | None:
    """All nodes of a cache cluster as one row."""
    count = cluster.integer("NumCacheNodes")
    if count is None or not 1 <= count <= _MOST_NODES:
        return None
    listed = cluster.items("PreferredAvailabilityZones") or [cluster.text("PreferredAvailabilityZone")]
    zones = [zone if isinstance(zone, str) else None for zone in listed] + [None] * count
    role = NODE if (cluster.text("Engine") or "").lower() == "memcached" else PRIMARY
    return (Shard(1, tuple(Node(role, zones[index]) for index in range(count))),)

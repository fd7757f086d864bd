"""Caches of an account, from the answers of the ElastiCache API."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class CacheKind(StrEnum):
    """The kinds of caches."""

    GROUP = "replication group"
    CLUSTER = "cluster"
    SERVERLESS = "serverless"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A node.

    :param node: the id of a node of a Memcached cluster, a dimension of its metrics.
    :param primary: None where the API does not tell, as with cluster mode enabled.
    """

    cluster: str
    node: str = "0001"
    shard: str = "0001"
    zone: str = ""
    status: str = "available"
    primary: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """A replication group, a cluster of Memcached or a single node, or a serverless cache.

    :param version: as `7.1.0`.
    :param retention: days for which automatic snapshots are kept.
    :param storage: the limit of a serverless cache in bytes.
    :param units: the limit of a serverless cache in ECPU a second.
    :param pending: changes that wait for the maintenance window.
    """

    id: str
    kind: CacheKind
    engine: str
    version: str
    status: str
    node_type: str = ""
    members: tuple[Member, ...] = ()
    cluster_mode: bool = False
    automatic_failover: bool = False
    multi_az: bool = False
    in_transit: bool = False
    at_rest: bool = False
    authenticated: bool = False
    retention: int = 0
    storage: int | None = None
    units: int | None = None
    parameter_group: str = ""
    reboot_needed: bool = False
    pending: tuple[str, ...] = ()
    created: datetime | None = None
    global_datastore: str = ""
    arn: str = field(default="", compare=False)

    @property
    def shards(self) -> int:
        """The number of shards; 1 for a cluster of Memcached."""
        return len({member.shard for member in self.members}) or 1

    @property
    def one_of_each_shard(self) -> list[Member]:
        """The primary of each shard where the API tells it, otherwise its first node; every node of Memcached."""
        if self.engine == "memcached":
            return list(self.members)
        first: dict[str, Member] = {}
        for member in self.members:
            if member.shard not in first or (member.primary and not first[member.shard].primary):
                first[member.shard] = member
        return list(first.values())

    @property
    def major(self) -> int:
        """The major version."""
        return int(self.version.partition(".")[0] or 0)

    @property
    def zones(self) -> tuple[str, ...]:
        """The Availability Zones of the nodes."""
        return tuple(sorted({member.zone for member in self.members if member.zone}))


def read(
    groups: Iterable[Mapping[str, Any]],
    clusters: Iterable[Mapping[str, Any]],
    serverless: Iterable[Mapping[str, Any]],
) -> list[Cache]:
    """All caches, sorted by their ids.

    :param clusters: with their nodes, as DescribeCacheClusters returns them with ShowCacheNodeInfo.
    """
    by_group: dict[str, list[Mapping[str, Any]]] = {}
    alone = []
    for cluster in clusters:
        if cluster.get("ReplicationGroupId"):
            by_group.setdefault(cluster["ReplicationGroupId"], []).append(cluster)
        else:
            alone.append(_cluster(cluster))
    found = [_group(group, by_group.get(group["ReplicationGroupId"], [])) for group in groups]
    return sorted([*found, *alone, *(_serverless(each) for each in serverless)], key=lambda cache: cache.id)


def _group(group: Mapping[str, Any], clusters: list[Mapping[str, Any]]) -> Cache:
    described = {cluster["CacheClusterId"]: cluster for cluster in clusters}
    first: Mapping[str, Any] = clusters[0] if clusters else {}
    members = [
        _member(part, str(shard.get("NodeGroupId", "0001")), described)
        for shard in group.get("NodeGroups") or ()
        for part in shard.get("NodeGroupMembers") or ()
    ]
    named = group.get("MemberClusters") or ()
    known = {member.cluster for member in members}
    members += [_member({"CacheClusterId": name}, "0001", described) for name in named if name not in known]
    parameters = first.get("CacheParameterGroup") or {}
    pending = set(_pending(group)) | {name for cluster in clusters for name in _pending(cluster)}
    return Cache(
        id=group["ReplicationGroupId"],
        kind=CacheKind.GROUP,
        engine=str(group.get("Engine") or first.get("Engine") or "redis"),
        version=str(first.get("EngineVersion") or group.get("EngineVersion") or ""),
        status=str(group.get("Status", "")),
        node_type=str(group.get("CacheNodeType") or first.get("CacheNodeType") or ""),
        members=tuple(members),
        cluster_mode=bool(group.get("ClusterEnabled")),
        automatic_failover=str(group.get("AutomaticFailover", "")).startswith("enabl"),
        multi_az=str(group.get("MultiAZ", "")) == "enabled",
        in_transit=bool(group.get("TransitEncryptionEnabled")),
        at_rest=bool(group.get("AtRestEncryptionEnabled")),
        authenticated=bool(group.get("AuthTokenEnabled") or group.get("UserGroupIds")),
        retention=int(group.get("SnapshotRetentionLimit") or 0),
        parameter_group=str(parameters.get("CacheParameterGroupName", "")),
        reboot_needed=any(_reboot(cluster) for cluster in clusters),
        pending=tuple(sorted(pending)),
        created=group.get("ReplicationGroupCreateTime"),
        global_datastore=str((group.get("GlobalReplicationGroupInfo") or {}).get("GlobalReplicationGroupId") or ""),
        arn=str(group.get("ARN", "")),
    )


def _member(part: Mapping[str, Any], shard: str, described: Mapping[str, Mapping[str, Any]]) -> Member:
    name = str(part["CacheClusterId"])
    cluster = described.get(name, {})
    role = part.get("CurrentRole")
    return Member(
        cluster=name,
        node=str(part.get("CacheNodeId", "0001")),
        shard=shard,
        zone=str(part.get("PreferredAvailabilityZone") or cluster.get("PreferredAvailabilityZone") or ""),
        status=str(cluster.get("CacheClusterStatus", "available")),
        primary=None if role is None else role == "primary",
    )


def _cluster(cluster: Mapping[str, Any]) -> Cache:
    parameters = cluster.get("CacheParameterGroup") or {}
    members = tuple(
        Member(
            cluster=str(cluster["CacheClusterId"]),
            node=str(node.get("CacheNodeId", "0001")),
            zone=str(node.get("CustomerAvailabilityZone") or cluster.get("PreferredAvailabilityZone") or ""),
            status=str(node.get("CacheNodeStatus", "available")),
        )
        for node in cluster.get("CacheNodes") or ({"CacheNodeId": "0001"},)
    )
    return Cache(
        id=str(cluster["CacheClusterId"]),
        kind=CacheKind.CLUSTER,
        engine=str(cluster.get("Engine", "")),
        version=str(cluster.get("EngineVersion", "")),
        status=str(cluster.get("CacheClusterStatus", "")),
        node_type=str(cluster.get("CacheNodeType", "")),
        members=members,
        in_transit=bool(cluster.get("TransitEncryptionEnabled")),
        at_rest=bool(cluster.get("AtRestEncryptionEnabled")),
        authenticated=bool(cluster.get("AuthTokenEnabled")),
        retention=int(cluster.get("SnapshotRetentionLimit") or 0),
        parameter_group=str(parameters.get("CacheParameterGroupName", "")),
        reboot_needed=_reboot(cluster),
        pending=tuple(_pending(cluster)),
        created=cluster.get("CacheClusterCreateTime"),
        arn=str(cluster.get("ARN", "")),
    )


def _serverless(cache: Mapping[str, Any]) -> Cache:
    limits = cache.get("CacheUsageLimits") or {}
    storage = (limits.get("DataStorage") or {}).get("Maximum")
    units = (limits.get("ECPUPerSecond") or {}).get("Maximum")
    return Cache(
        id=str(cache["ServerlessCacheName"]),
        kind=CacheKind.SERVERLESS,
        engine=str(cache.get("Engine", "")),
        version=str(cache.get("FullEngineVersion") or cache.get("MajorEngineVersion") or ""),
        status=str(cache.get("Status", "")),
        in_transit=True,
        at_rest=True,
        authenticated=bool(cache.get("UserGroupId")),
        retention=int(cache.get("SnapshotRetentionLimit") or 0),
        storage=None if storage is None else int(storage) * 2**30,
        units=None if units is None else int(units),
        created=cache.get("CreateTime"),
        arn=str(cache.get("ARN", "")),
    )


def _pending(described: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, value in (described.get("PendingModifiedValues") or {}).items() if value)


def _reboot(cluster: Mapping[str, Any]) -> bool:
    return (cluster.get("CacheParameterGroup") or {}).get("ParameterApplyStatus") == "pending-reboot"

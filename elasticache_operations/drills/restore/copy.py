"""The request that restores a snapshot: one node for each shard, in the network and with the settings of the cache."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from elasticache_operations.drills.restore.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Original:
    """The cache whose snapshot is restored.

    :param group: its description by DescribeReplicationGroups.
    :param node: the description of one of its nodes by DescribeCacheClusters.
    """

    group: Mapping[str, Any]
    node: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.group["ReplicationGroupId"])

    @property
    def clustered(self) -> bool:
        """Whether its clients speak the cluster protocol."""
        return bool(self.group.get("ClusterEnabled"))

    @property
    def tls(self) -> bool:
        """Whether connections to it are encrypted."""
        return bool(self.group.get("TransitEncryptionEnabled"))

    @property
    def snapshot_source(self) -> Mapping[str, str]:
        """The parameter of CreateSnapshot that names it: with cluster mode disabled a node, if possible a replica."""
        if self.clustered:
            return {"ReplicationGroupId": self.id}
        members = [member for shard in self.group.get("NodeGroups") or () for member in shard["NodeGroupMembers"]]
        replicas = [member for member in members if member.get("CurrentRole") == "replica"]
        named = (replicas or members or [{"CacheClusterId": self.group["MemberClusters"][0]}])[0]
        return {"CacheClusterId": named["CacheClusterId"]}


@dataclass(frozen=True, slots=True)
class Copy:
    """The temporary cache.

    Its users are not those of the cache: with encryption in transit it has an AUTH token of this drill alone, so that
    the client needs no further permission and nobody else can log in.

    :param tags: in the form of the API.
    """

    original: Original
    snapshot: Snapshot
    id: str
    tags: list[dict[str, str]]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    @property
    def password(self) -> str:
        """The AUTH token; empty without encryption in transit, which AUTH needs."""
        return self.token if self.original.tls else ""

    @property
    def request(self) -> dict[str, Any]:
        """The arguments of CreateReplicationGroup."""
        group, node, snapshot = self.original.group, self.original.node, self.snapshot
        encrypted = bool(group.get("AtRestEncryptionEnabled"))
        optional = {
            "CacheSubnetGroupName": node.get("CacheSubnetGroupName"),
            "SecurityGroupIds": [each["SecurityGroupId"] for each in node.get("SecurityGroups") or ()],
            "CacheParameterGroupName": (node.get("CacheParameterGroup") or {}).get("CacheParameterGroupName"),
            "KmsKeyId": group.get("KmsKeyId") if encrypted else None,
            "NetworkType": group.get("NetworkType"),
            "IpDiscovery": group.get("IpDiscovery"),
            "ClusterMode": group.get("ClusterMode"),
            "DataTieringEnabled": snapshot.data_tiering or None,
            "AuthToken": self.password,
        }
        return {
            "ReplicationGroupId": self.id,
            "ReplicationGroupDescription": f"temporary, of elasticache drill restore {self.original.id}",
            "SnapshotName": snapshot.name,
            "Engine": snapshot.engine,
            "EngineVersion": _version(snapshot.version),
            "CacheNodeType": snapshot.node_type,
            "MultiAZEnabled": False,
            "AutoMinorVersionUpgrade": False,
            "SnapshotRetentionLimit": 0,
            "TransitEncryptionEnabled": self.original.tls,
            "AtRestEncryptionEnabled": encrypted,
            "Tags": self.tags,
            **self._layout(),
            **{name: value for name, value in optional.items() if value},
        }

    def _layout(self) -> dict[str, Any]:
        if not self.original.clustered:
            return {"NumCacheClusters": 1, "AutomaticFailoverEnabled": False}
        # ElastiCache requires automatic failover with cluster mode enabled, also without replicas.
        return {"NumNodeGroups": self.snapshot.shards, "ReplicasPerNodeGroup": 0, "AutomaticFailoverEnabled": True}


def endpoint(group: Mapping[str, Any]) -> tuple[str, int]:
    """The host and the port that clients of a replication group connect to first."""
    found = group.get("ConfigurationEndpoint") or group["NodeGroups"][0]["PrimaryEndpoint"]
    return str(found["Address"]), int(found["Port"])


def _version(version: str) -> str:
    """A version as CreateReplicationGroup takes it: without the patch version from major version 6 on."""
    major, *rest = version.split(".")
    return ".".join([major, *rest[:1]]) if major.isdigit() and int(major) >= 6 else version

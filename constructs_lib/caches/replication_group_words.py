"""The prop names and messages of replication groups."""

from typing import Final

from elasticache_rules import facts

from .._core.words import Prop, Words
from ..values.options import Durability, IpDiscovery, NetworkType, TransitEncryption

_TLS: Final = Prop(
    "transit_encryption",
    {
        "True": "TransitEncryption.REQUIRED",
        "False": "TransitEncryption.DISABLED",
        **{repr(member.value): f"TransitEncryption.{member.name}" for member in TransitEncryption},
    },
)
_PROPS: Final[dict[str, str | Prop]] = {
    "ReplicationGroupDescription": "description",
    "ReplicationGroupId": "replication_group_id",
    "Engine": "engine",
    "EngineVersion": "engine",
    "CacheNodeType": "node_type",
    "CacheParameterGroupName": "parameter_group",
    "NumCacheClusters": "cluster_mode",
    "NumNodeGroups": "cluster_mode",
    "ReplicasPerNodeGroup": "cluster_mode.replicas_per_shard",
    "NodeGroupConfiguration": "cluster_mode",
    "NodeGroupConfiguration.NodeGroupId": "Shard.shard_id",
    "NodeGroupConfiguration.ReplicaCount": "Shard.replicas",
    "NodeGroupConfiguration.Slots": "Shard.slots",
    "NodeGroupConfiguration.PrimaryAvailabilityZone": "Shard.primary_zone",
    "NodeGroupConfiguration.ReplicaAvailabilityZones": "Shard.replica_zones",
    "PreferredCacheClusterAZs": "cluster_mode",
    "ClusterMode": "cluster_mode",
    "AutomaticFailoverEnabled": "automatic_failover",
    "MultiAZEnabled": "multi_az",
    "TransitEncryptionEnabled": _TLS,
    "TransitEncryptionMode": _TLS,
    "AtRestEncryptionEnabled": "at_rest_encryption",
    "KmsKeyId": "kms_key",
    "AuthToken": "access",
    "UserGroupIds": "access",
    "SnapshotRetentionLimit": "backup.retention",
    "SnapshotWindow": "backup.window",
    "SnapshottingClusterId": "snapshotting_cluster_id",
    "SnapshotName": "restore_from",
    "SnapshotArns": "restore_from",
    "PreferredMaintenanceWindow": "maintenance_window",
    "DataTieringEnabled": "data_tiering",
    "Durability": Prop("durability", {repr(member.value): f"Durability.{member.name}" for member in Durability}),
    "NetworkType": Prop("network_type", {repr(member.value): f"NetworkType.{member.name}" for member in NetworkType}),
    **{f"NetworkType {member.value}": f"NetworkType.{member.name}" for member in NetworkType},
    "IpDiscovery": Prop("ip_discovery", {repr(member.value): f"IpDiscovery.{member.name}" for member in IpDiscovery}),
    "LogDeliveryConfigurations": "logs",
    "NotificationTopicArn": "notification_topic",
    "GlobalReplicationGroupId": "global_datastore",
    "Port": "port",
}
_SENTENCES: Final = {
    "access/users-need-tls": (
        "transit_encryption must be TransitEncryption.REQUIRED with users (access, by default Access.iam()), got "
        "{value}; set it to TransitEncryption.REQUIRED, or pass access=Access.none()"
    ),
    "access/token-needs-tls": (
        "transit_encryption must be TransitEncryption.REQUIRED with an AUTH token, got {value}; set it to "
        "TransitEncryption.REQUIRED, or pass access=Access.none()"
    ),
    "access/not-with-preferred": (
        "transit_encryption must be TransitEncryption.REQUIRED with users or an AUTH token, got {value}; set it "
        "to TransitEncryption.REQUIRED once all clients use TLS, or pass access=Access.none()"
    ),
    "access/group-engine": (
        "access must be a user group of engine redis on a redis replication group, got {value}; create the user "
        "group with engine=Engine.REDIS, or use a valkey version as engine"
    ),
    "access/users-version": "engine must {must}, got {value}; use a later version, or pass access=Access.auth_token()",
    "backup/snapshot-arns": (
        "restore_from must be files in S3 or a snapshot of a replication group, got {value}; use "
        "RestoreFrom.s3(...) or RestoreFrom.snapshot(...)"
    ),
    "durability/data-tiering": (
        "durability is not available with data tiering, which r6gd nodes always have; use another node_type, such "
        "as cache.r7g.large, or leave durability out"
    ),
    "durability/encryption TransitEncryptionEnabled": (
        "transit_encryption must be TransitEncryption.REQUIRED with durability, got {value}; set it to "
        "TransitEncryption.REQUIRED, or leave durability out"
    ),
    "durability/encryption AtRestEncryptionEnabled": (
        "at_rest_encryption must be True with durability, got {value}; set it to True, or leave durability out"
    ),
    "durability/topology CacheParameterGroupName": (
        "parameter_group must have cluster-enabled=yes with durability, got {value}; set cluster-enabled to yes "
        "in it, or leave parameter_group out"
    ),
    "durability/topology Durability": (
        "durability must {must}, got {value}; add a replica to each shard, or leave it out"
    ),
    "durability/topology MultiAZEnabled": (
        "multi_az must be True with durability, got {value}; leave it out, or leave durability out"
    ),
    "encryption/mode-version": (
        "transit_encryption must be TransitEncryption.REQUIRED before redis "
        f"{facts.minimum_version('transit_encryption_mode', 'redis')}, got {{value}}; use a later version, or set it "
        "to TransitEncryption.REQUIRED"
    ),
    "network/ip-discovery": (
        "ip_discovery must be IpDiscovery.IPV4 with NetworkType.IPV4, the default, got {value}; set network_type "
        "to NetworkType.IPV6 or NetworkType.DUAL_STACK, or leave ip_discovery out"
    ),
    "network/ipv6-version EngineVersion": "engine must {must}, got {value}; use a later version, or NetworkType.IPV4",
    "network/ipv6-version CacheNodeType": (
        "node_type must {must}, got {value}; use another node type, such as cache.r7g.large, or NetworkType.IPV4"
    ),
    "shards/snapshotting-cluster": (
        "snapshotting_cluster_id must {must}, got {value}; leave it out, because the snapshot contains all shards"
    ),
    "topology/cluster-mode-needs-failover": "automatic_failover must {must}, got {value}; leave it out",
    "topology/cluster-mode-version": (
        "cluster_mode must be ClusterMode.disabled(...) or ClusterMode.enabled(...) before redis "
        f"{facts.minimum_version('cluster_mode_property', 'redis')}, got ClusterMode.compatible(); use a later "
        "version, or another mode"
    ),
    "topology/failover-needs-replica": (
        "automatic_failover must be False on a single node, got {value}; leave it out, or add a replica with "
        "cluster_mode=ClusterMode.disabled(replicas=1)"
    ),
    "topology/multi-az-needs-failover": (
        "multi_az must be False with automatic_failover=False, got True; leave multi_az out, or set "
        "automatic_failover to True with a replica in each shard"
    ),
    "topology/multi-az-needs-replica": (
        "multi_az must {must}, got {value}; leave it out, or add a replica to each shard"
    ),
    "topology/nodes-per-cluster": "cluster_mode must {must}, got {value} shards; {fix}",
    "topology/shards-before-5.0.6": (
        "cluster_mode must {must}, got {value} shards; use a later version, or fewer shards"
    ),
    "topology/shards-need-cluster-mode": (
        "parameter_group must {must}, got {value}; set cluster-enabled to yes in it, or leave parameter_group out"
    ),
}
# If the caller does not pass `automatic_failover`, it is derived from the replicas.
_DERIVED_FAILOVER: Final = {
    "topology/multi-az-needs-failover": (
        "multi_az must be False on a single node, got True; leave it out, or add a replica with "
        "cluster_mode=ClusterMode.disabled(replicas=1)"
    ),
    "topology/cluster-mode-needs-failover": (
        "parameter_group has cluster-enabled=yes, and cluster_mode is disabled; use a parameter group without it, "
        "or cluster_mode=ClusterMode.enabled(...)"
    ),
}

WORDS: Final = Words(_PROPS, _SENTENCES)
DERIVED_FAILOVER: Final = Words(_PROPS, {**_SENTENCES, **_DERIVED_FAILOVER})
SECONDARY_WORDS: Final = Words(
    {**_PROPS, "NumCacheClusters": "replicas_per_shard", "ReplicasPerNodeGroup": "replicas_per_shard"}, _SENTENCES
)

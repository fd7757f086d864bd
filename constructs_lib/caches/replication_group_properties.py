"""What a replication group's props become, by CloudFormation's names."""

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms

from elasticache_rules import facts

from ..access.access import BoundAccess
from ..values.cluster_mode import ClusterMode, Shard
from ..values.engine import EngineVersion
from ..values.node_type import NodeType
from ..values.options import Backup, TransitEncryption
from .restore import RestoreFrom


def with_cluster_mode(path: str, layout: ClusterMode, parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a new group; cluster mode sets one of them.

    :raises ValueError: when they contradict the layout.
    """
    given = dict(parameters)
    wanted = "yes" if layout.is_clustered else "no"
    if given.get("cluster-enabled", wanted) != wanted:
        raise ValueError(
            f"{path}: parameters must agree with cluster mode {layout.name}, got "
            f"cluster-enabled={given['cluster-enabled']}; leave cluster-enabled out, cluster_mode sets it"
        )
    return {"cluster-enabled": "yes", **given} if layout.is_clustered else given


def layout_properties(
    layout: ClusterMode,
    engine: EngineVersion,
    failover: bool | cdk.IResolvable | None,
    multi_az: bool | cdk.IResolvable | None,
) -> dict[str, Any]:
    """Shards, replicas, zones, failover."""
    has_replica = layout.replicas_per_shard > 0
    stated = bool(layout.layout)
    return {
        "ClusterMode": layout.name.value if engine.has("cluster_mode_property") else None,
        "NumCacheClusters": None if layout.is_clustered else layout.replicas_per_shard + 1,
        "NumNodeGroups": layout.shards if layout.is_clustered else None,
        "ReplicasPerNodeGroup": layout.replicas_per_shard if layout.is_clustered and not stated else None,
        "NodeGroupConfiguration": [_shard(each) for each in layout.layout] or None,
        "PreferredCacheClusterAZs": list(layout.zones) or None,
        "AutomaticFailoverEnabled": has_replica or layout.is_clustered if failover is None else failover,
        "MultiAZEnabled": has_replica and failover is not False if multi_az is None else multi_az,
    }


def _shard(shard: Shard) -> dict[str, Any]:
    stated = {
        "NodeGroupId": shard.shard_id,
        "ReplicaCount": shard.replicas,
        "Slots": shard.slots,
        "PrimaryAvailabilityZone": shard.primary_zone,
        "ReplicaAvailabilityZones": list(shard.replica_zones) or None,
    }
    return {key: value for key, value in stated.items() if value is not None}


def encryption_properties(
    engine: EngineVersion, transit: TransitEncryption, at_rest: bool | cdk.IResolvable, kms_key: kms.IKey | None
) -> dict[str, Any]:
    """TLS, and the disks."""
    tls = transit is not TransitEncryption.DISABLED
    return {
        "TransitEncryptionEnabled": tls,
        "TransitEncryptionMode": transit.value if tls and engine.has("transit_encryption_mode") else None,
        "AtRestEncryptionEnabled": at_rest,
        "KmsKeyId": kms_key.key_arn if kms_key else None,
    }


def access_properties(bound: BoundAccess) -> dict[str, Any]:
    """Who may connect."""
    return {
        "AuthToken": bound.secret.secret_value.unsafe_unwrap() if bound.secret else None,
        "UserGroupIds": [bound.user_group.user_group_id] if bound.user_group else None,
    }


def backup_properties(
    backup: Backup, restore_from: RestoreFrom | None, snapshotting_cluster_id: str | None
) -> dict[str, Any]:
    """Snapshots, both ways."""
    return {
        "SnapshotRetentionLimit": backup.retention_days,
        "SnapshotWindow": backup.window,
        "SnapshottingClusterId": snapshotting_cluster_id,
        "SnapshotName": restore_from.snapshot_name if restore_from else None,
        "SnapshotArns": list(restore_from.snapshot_arns) or None if restore_from else None,
    }


def data_tiering_property(node_type: NodeType, stated: bool | cdk.IResolvable | None) -> bool | cdk.IResolvable | None:
    """Whether data spills to disk: always on r6gd nodes, which have no other way, and nowhere else."""
    if stated is not None:
        return stated
    return True if node_type.family in facts.load("features")["families"]["data_tiering"] else None

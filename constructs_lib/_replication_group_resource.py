"""The L1 of a replication group, and what its properties are called in the construct's props."""

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

PROPS: Final = {
    "ReplicationGroupDescription": "description",
    "ReplicationGroupId": "replication_group_id",
    "Engine": "engine",
    "EngineVersion": "engine",
    "CacheNodeType": "node_type",
    "CacheParameterGroupName": "parameter_group",
    "NumCacheClusters": "cluster_mode",
    "NumNodeGroups": "cluster_mode",
    "ReplicasPerNodeGroup": "cluster_mode",
    "ClusterMode": "cluster_mode",
    "AutomaticFailoverEnabled": "automatic_failover",
    "MultiAZEnabled": "multi_az",
    "TransitEncryptionEnabled": "transit_encryption",
    "TransitEncryptionMode": "transit_encryption",
    "AtRestEncryptionEnabled": "at_rest_encryption",
    "KmsKeyId": "kms_key",
    "AuthToken": "access",
    "UserGroupIds": "access",
    "SnapshotRetentionLimit": "backup.retention_days",
    "SnapshotWindow": "backup.window",
    "PreferredMaintenanceWindow": "maintenance_window",
    "Port": "port",
}


def make_resource(scope: Construct, properties: Mapping[str, Any]) -> elasticache.CfnReplicationGroup:
    """The L1, from properties as CloudFormation names them."""
    return elasticache.CfnReplicationGroup(
        scope,
        "Resource",
        replication_group_description=properties["ReplicationGroupDescription"],
        replication_group_id=properties["ReplicationGroupId"],
        engine=properties["Engine"],
        engine_version=properties["EngineVersion"],
        cache_node_type=properties["CacheNodeType"],
        cache_parameter_group_name=properties["CacheParameterGroupName"],
        cache_subnet_group_name=properties["CacheSubnetGroupName"],
        security_group_ids=properties["SecurityGroupIds"],
        cluster_mode=properties["ClusterMode"],
        num_cache_clusters=properties["NumCacheClusters"],
        num_node_groups=properties["NumNodeGroups"],
        replicas_per_node_group=properties["ReplicasPerNodeGroup"],
        automatic_failover_enabled=properties["AutomaticFailoverEnabled"],
        multi_az_enabled=properties["MultiAZEnabled"],
        transit_encryption_enabled=properties["TransitEncryptionEnabled"],
        transit_encryption_mode=properties["TransitEncryptionMode"],
        at_rest_encryption_enabled=properties["AtRestEncryptionEnabled"],
        kms_key_id=properties["KmsKeyId"],
        auth_token=properties["AuthToken"],
        user_group_ids=properties["UserGroupIds"],
        snapshot_retention_limit=properties["SnapshotRetentionLimit"],
        snapshot_window=properties["SnapshotWindow"],
        preferred_maintenance_window=properties["PreferredMaintenanceWindow"],
        auto_minor_version_upgrade=properties["AutoMinorVersionUpgrade"],
        port=properties["Port"],
    )

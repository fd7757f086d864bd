"""The L1 of a replication group, and what its properties are called in the construct's props."""

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from .._core.installed import accepted

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
    "NodeGroupConfiguration": "cluster_mode",
    "PreferredCacheClusterAZs": "cluster_mode",
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
    "SnapshottingClusterId": "snapshotting_cluster_id",
    "SnapshotName": "restore_from",
    "SnapshotArns": "restore_from",
    "PreferredMaintenanceWindow": "maintenance_window",
    "DataTieringEnabled": "data_tiering",
    "Durability": "durability",
    "NetworkType": "network_type",
    "IpDiscovery": "ip_discovery",
    "LogDeliveryConfigurations": "logs",
    "NotificationTopicArn": "notification_topic",
    "GlobalReplicationGroupId": "global_datastore",
    "Port": "port",
}

# The rest of an L1 argument follows from CloudFormation's name.
_ARGUMENTS: Final = {"PreferredCacheClusterAZs": "preferred_cache_cluster_a_zs", "MultiAZEnabled": "multi_az_enabled"}


def argument_of(name: str) -> str:
    """What a CloudFormation property is called as an argument of its L1 in Python."""
    if name in _ARGUMENTS:
        return _ARGUMENTS[name]
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name).lstrip("_")


def make_resource(scope: Construct, properties: Mapping[str, Any]) -> elasticache.CfnReplicationGroup:
    """The L1, from properties as CloudFormation names them."""
    stated = {argument_of(name): value for name, value in properties.items() if value is not None}
    stated = accepted(scope, elasticache.CfnReplicationGroup, stated, {})
    shards = stated.get("node_group_configuration")
    if shards is not None:
        stated["node_group_configuration"] = [
            elasticache.CfnReplicationGroup.NodeGroupConfigurationProperty(
                **{argument_of(name): value for name, value in each.items()}
            )
            for each in shards
        ]
    return elasticache.CfnReplicationGroup(
        scope,
        "Resource",
        replication_group_description=stated.pop("replication_group_description"),
        log_delivery_configurations=_logs(stated.pop("log_delivery_configurations", None)),
        **stated,
    )


def _logs(
    stated: list[dict[str, Any]] | None,
) -> list[elasticache.CfnReplicationGroup.LogDeliveryConfigurationRequestProperty] | None:
    if stated is None:
        return None
    group = elasticache.CfnReplicationGroup
    return [
        group.LogDeliveryConfigurationRequestProperty(
            destination_details=group.DestinationDetailsProperty(
                cloud_watch_logs_details=group.CloudWatchLogsDestinationDetailsProperty(
                    log_group=each["DestinationDetails"]["CloudWatchLogsDetails"]["LogGroup"]
                )
                if "CloudWatchLogsDetails" in each["DestinationDetails"]
                else None,
                kinesis_firehose_details=group.KinesisFirehoseDestinationDetailsProperty(
                    delivery_stream=each["DestinationDetails"]["KinesisFirehoseDetails"]["DeliveryStream"]
                )
                if "KinesisFirehoseDetails" in each["DestinationDetails"]
                else None,
            ),
            destination_type=each["DestinationType"],
            log_format=each["LogFormat"],
            log_type=each["LogType"],
        )
        for each in stated
    ]

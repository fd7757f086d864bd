"""The example of each rule that the documentation shows: the schema, databases, serverless caches, shards and users."""

from typing import Any

from tests.elasticache_rules.examples_access import ABSENT

# The rule, the base it is shown on, and the change that breaks it: one property, or more where one alone is none.
FIRST: dict[str, tuple[str, dict[str, Any]]] = {
    "schema/choice": ("group", {"TransitEncryptionMode": "optional"}),
    "schema/known": ("group", {"Durable": True}),
    "schema/pattern": ("shards", {"NodeGroupConfiguration": [{"NodeGroupId": "one"}]}),
    "schema/required": ("serverless", {"Engine": ABSENT}),
    "schema/unique": ("users", {"UserIds": ["one", "one"]}),
    "schema/type": ("group", {"SnapshotRetentionLimit": "a week"}),
    "rds/authentication-type": ("database", {"MasterUserAuthenticationType": "iam"}),
    "rds/backup-retention": ("database", {"BackupRetentionPeriod": 36}),
    "rds/backup-window": ("database", {"PreferredBackupWindow": "03:00-03:29"}),
    "rds/capacity": ("aurora", {"ServerlessV2ScalingConfiguration": {"MinCapacity": 0, "MaxCapacity": 1.25}}),
    "rds/database-name": ("database", {"DBName": "my-shop"}),
    "rds/encryption-key": ("database", {"KmsKeyId": "alias/shop", "StorageEncrypted": False}),
    "rds/engine-version": ("database", {"EngineVersion": "latest"}),
    "rds/iam-engine": (
        "database",
        {
            "Engine": "oracle-se2",
            "EngineVersion": "19",
            "MasterUserAuthenticationType": ABSENT,
            "EnableCloudwatchLogsExports": ABSENT,
        },
    ),
    "rds/iam-master": ("database", {"ManageMasterUserPassword": True}),
    "rds/identifier": ("database", {"DBInstanceIdentifier": "shop--1"}),
    "rds/instance-class": ("database", {"DBInstanceClass": "t4g.micro"}),
    "rds/log-exports": ("database", {"EnableCloudwatchLogsExports": ["slowquery"]}),
    "rds/maintenance-window": ("database", {"PreferredMaintenanceWindow": "sunday"}),
    "rds/master-password-twice": (
        "database",
        {
            "MasterUserAuthenticationType": ABSENT,
            "ManageMasterUserPassword": True,
            "MasterUserPassword": "a-password-of-20-letters",
        },
    ),
    "rds/master-username": ("database", {"MasterUsername": "admin"}),
    "rds/monitoring": ("database", {"MonitoringInterval": 20}),
    "rds/parameter-group-family": (
        "database",
        {
            "DBParameterGroupName": {"Ref": "Parameters"},
            "+Parameters": {"of": "database-parameters", "Family": "postgres16"},
        },
    ),
    "rds/parameter-values": ("database-parameters", {"Parameters": {"rds.force_ssl": "on"}}),
    "rds/pause": (
        "aurora",
        {
            "ServerlessV2ScalingConfiguration": {
                "MinCapacity": 0.5,
                "MaxCapacity": 1,
                "SecondsUntilAutoPause": 300,
            }
        },
    ),
    "rds/port": ("database", {"Port": "1149"}),
    "rds/promotion-tier": ("member", {"PromotionTier": 16}),
    "rds/serverless-member": (
        "member",
        {"+Aurora": {"type": "AWS::RDS::DBCluster", "Engine": "aurora-postgresql", "StorageEncrypted": True}},
    ),
    "rds/settings-of-the-cluster": ("member", {"DeletionProtection": True}),
    "rds/storage-growth": ("database", {"MaxAllocatedStorage": 21}),
    "rds/storage-iops": ("database", {"Iops": 3000}),
    "rds/storage-size": ("database", {"AllocatedStorage": "19"}),
    "rds/storage-type": ("database", {"StorageType": "ssd"}),
    "rds/subnet-group-zones": ("database-subnets", {"SubnetIds": ["subnet-0a1b2c3d4e5f60711"]}),
    "rds/windows-overlap": ("database", {"PreferredBackupWindow": "05:00-06:00"}),
    "rds/zone-of-multi-az": ("database", {"MultiAZ": True, "AvailabilityZone": "us-east-1a"}),
    "serverless/description": ("serverless", {"Description": "d" * 256}),
    "serverless/engine": ("serverless", {"Engine": "keydb"}),
    "serverless/final-snapshot-name": ("serverless", {"FinalSnapshotName": "last--one"}),
    "serverless/limits": ("serverless", {"CacheUsageLimits": {"ECPUPerSecond": {"Maximum": 500}}}),
    "serverless/name": ("serverless", {"ServerlessCacheName": "my sessions"}),
    "serverless/public": ("serverless", {"MajorEngineVersion": "8", "ConnectionType": "public"}),
    "serverless/retention": ("serverless", {"SnapshotRetentionLimit": 36}),
    "serverless/snapshot-time": ("serverless", {"DailySnapshotTime": "24:00", "SnapshotRetentionLimit": 7}),
    "serverless/users": ("serverless", {"Engine": "memcached", "MajorEngineVersion": "1.6", "UserGroupId": "team"}),
    "serverless/version": ("serverless", {"Engine": "redis", "MajorEngineVersion": "6"}),
    "shards/count": ("shards", {"NumNodeGroups": 3}),
    "shards/one-way-to-count-replicas": ("shards", {"ReplicasPerNodeGroup": 1}),
    "shards/replica-count": ("shards", {"NodeGroupConfiguration": [{"NodeGroupId": "1", "ReplicaCount": 6}]}),
    "shards/slots": ("shards", {"NodeGroupConfiguration": [{"NodeGroupId": "1", "Slots": "0-16384"}]}),
    "shards/snapshotting-cluster": ("cluster", {"SnapshottingClusterId": "sessions-002"}),
    "shards/unique-ids": (
        "shards",
        {"NodeGroupConfiguration": [{"NodeGroupId": "1", "ReplicaCount": 1}, {"NodeGroupId": "1", "ReplicaCount": 1}]},
    ),
    "topology/cluster-mode-needs-failover": (
        "cluster",
        {"AutomaticFailoverEnabled": False, "MultiAZEnabled": False},
    ),
    "topology/cluster-mode-shards": ("cluster", {"ClusterMode": "compatible"}),
    "topology/cluster-mode-version": (
        "redis",
        {"EngineVersion": "6.2", "ClusterMode": "compatible"},
    ),
    "topology/counts": ("group", {"NumCacheClusters": 7}),
    "topology/failover-needs-replica": ("group", {"NumCacheClusters": 1, "MultiAZEnabled": False}),
    "topology/multi-az-needs-failover": ("group", {"AutomaticFailoverEnabled": False}),
    "topology/multi-az-needs-replica": ("cluster", {"ReplicasPerNodeGroup": 0}),
    "topology/nodes-per-cluster": ("cluster", {"NumNodeGroups": 84, "ReplicasPerNodeGroup": 5}),
    "topology/one-count-of-nodes": (
        "group",
        {"NumNodeGroups": 2, "CacheParameterGroupName": "default.valkey8.cluster.on"},
    ),
    "topology/shards-before-5.0.6": (
        "cluster",
        {
            "Engine": "redis",
            "EngineVersion": "4.0.10",
            "CacheParameterGroupName": "default.redis4.0.cluster.on",
            "CacheNodeType": "cache.r5.large",
            "NumNodeGroups": 251,
            "ReplicasPerNodeGroup": ABSENT,
            "MultiAZEnabled": False,
        },
    ),
    "topology/shards-need-cluster-mode": (
        "cluster",
        {"CacheParameterGroupName": "default.valkey9"},
    ),
    "users/access-string": ("user", {"AccessString": "on reset ~* +@all"}),
    "users/authentication-type": ("user", {"AuthenticationMode": {"type": "iam"}}),
    "users/both-modes": (
        "user",
        {
            "AuthenticationMode": {"Type": "password", "Passwords": ["a-password-of-20-letters"]},
            "NoPasswordRequired": True,
            "Passwords": ["a-password-of-20-letters"],
        },
    ),
    "users/name": (
        "user",
        {"UserName": "u" * 121, "AuthenticationMode": {"Type": "password", "Passwords": ["a-password-of-20-letters"]}},
    ),
    "users/passwords": ("user", {"AuthenticationMode": {"Type": "password", "Passwords": ["short"]}}),
}

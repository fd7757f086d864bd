"""One broken template for each rule, a single fault away from a valid one; the documentation shows them."""

from typing import Any

from tests.elasticache_rules.examples_more import ABSENT, ACCEPTED, MORE

__all__ = ["ABSENT", "ACCEPTED", "BASE", "EXAMPLES", "OTHERS", "REGIONS", "document", "region_of", "resources"]

BASE: dict[str, dict[str, Any]] = {
    "database": {
        "Type": "AWS::RDS::DBInstance",
        "Properties": {
            "Engine": "postgres",
            "EngineVersion": "17",
            "DBInstanceClass": "db.t4g.micro",
            "AllocatedStorage": "20",
            "StorageType": "gp3",
            "StorageEncrypted": True,
            "Port": "5433",
            "DBName": "shop",
            "MasterUsername": "shop_admin",
            "MasterUserAuthenticationType": "iam-db-auth",
            "EnableIAMDatabaseAuthentication": True,
            "PubliclyAccessible": False,
            "BackupRetentionPeriod": 7,
            "PreferredBackupWindow": "03:00-03:30",
            "PreferredMaintenanceWindow": "sun:05:00-sun:05:30",
            "EnableCloudwatchLogsExports": ["postgresql", "upgrade"],
        },
    },
    "aurora": {
        "Type": "AWS::RDS::DBCluster",
        "Properties": {
            "Engine": "aurora-postgresql",
            "EngineVersion": "17.5",
            "StorageEncrypted": True,
            "Port": 5433,
            "MasterUsername": "shop_admin",
            "MasterUserAuthenticationType": "iam-db-auth",
            "EnableIAMDatabaseAuthentication": True,
            "ServerlessV2ScalingConfiguration": {"MinCapacity": 0, "MaxCapacity": 1, "SecondsUntilAutoPause": 300},
        },
    },
    "member": {
        "Type": "AWS::RDS::DBInstance",
        "Properties": {
            "Engine": "aurora-postgresql",
            "DBInstanceClass": "db.serverless",
            "DBClusterIdentifier": {"Ref": "Aurora"},
        },
    },
    "database-subnets": {
        "Type": "AWS::RDS::DBSubnetGroup",
        "Properties": {
            "DBSubnetGroupDescription": "two zones",
            "SubnetIds": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60722"],
        },
    },
    "database-parameters": {
        "Type": "AWS::RDS::DBParameterGroup",
        "Properties": {"Description": "shop", "Family": "postgres17", "Parameters": {"rds.force_ssl": "1"}},
    },
    "group": {
        "Type": "AWS::ElastiCache::ReplicationGroup",
        "Properties": {
            "ReplicationGroupDescription": "sessions",
            "Engine": "valkey",
            "EngineVersion": "8.2",
            "CacheNodeType": "cache.r7g.large",
            "NumCacheClusters": 2,
            "AutomaticFailoverEnabled": True,
            "MultiAZEnabled": True,
            "TransitEncryptionEnabled": True,
            "AtRestEncryptionEnabled": True,
        },
    },
    "redis": {
        "Type": "AWS::ElastiCache::ReplicationGroup",
        "Properties": {
            "ReplicationGroupDescription": "sessions",
            "Engine": "redis",
            "EngineVersion": "7.1",
            "CacheNodeType": "cache.r6g.large",
            "NumCacheClusters": 2,
            "AutomaticFailoverEnabled": True,
            "TransitEncryptionEnabled": True,
            "AtRestEncryptionEnabled": True,
        },
    },
    "cluster": {
        "Type": "AWS::ElastiCache::ReplicationGroup",
        "Properties": {
            "ReplicationGroupDescription": "sessions",
            "Engine": "valkey",
            "EngineVersion": "9.0",
            "CacheNodeType": "cache.r7g.large",
            "CacheParameterGroupName": "default.valkey9.cluster.on",
            "NumNodeGroups": 3,
            "ReplicasPerNodeGroup": 1,
            "AutomaticFailoverEnabled": True,
            "MultiAZEnabled": True,
            "TransitEncryptionEnabled": True,
            "AtRestEncryptionEnabled": True,
        },
    },
    "outpost": {
        "Type": "Custom::ElastiCacheOutpostCluster",
        "Properties": {
            "Engine": "redis",
            "EngineVersion": "7.1",
            "CacheNodeType": "cache.m5.large",
            "NumCacheNodes": 1,
            "OutpostMode": "single-outpost",
            "PreferredOutpostArn": "arn:aws:outposts:us-east-1:111111111111:outpost/op-0123456789abcdef0",
        },
    },
    "shards": {
        "Type": "AWS::ElastiCache::ReplicationGroup",
        "Properties": {
            "ReplicationGroupDescription": "sessions",
            "Engine": "valkey",
            "EngineVersion": "8.2",
            "CacheNodeType": "cache.r7g.large",
            "CacheParameterGroupName": "default.valkey8.cluster.on",
            "NodeGroupConfiguration": [
                {"NodeGroupId": "1", "Slots": "0-8191", "ReplicaCount": 1},
                {"NodeGroupId": "2", "Slots": "8192-16383", "ReplicaCount": 1},
            ],
            "AutomaticFailoverEnabled": True,
            "TransitEncryptionEnabled": True,
        },
    },
    "secondary": {
        "Type": "AWS::ElastiCache::ReplicationGroup",
        "Properties": {
            "ReplicationGroupDescription": "sessions",
            "GlobalReplicationGroupId": "ldgnf-sessions",
            "NumCacheClusters": 2,
        },
    },
    "memcached": {
        "Type": "AWS::ElastiCache::CacheCluster",
        "Properties": {
            "Engine": "memcached",
            "EngineVersion": "1.6.22",
            "CacheNodeType": "cache.t4g.small",
            "NumCacheNodes": 2,
        },
    },
    "node": {
        "Type": "AWS::ElastiCache::CacheCluster",
        "Properties": {
            "Engine": "redis",
            "EngineVersion": "7.1",
            "CacheNodeType": "cache.t4g.small",
            "NumCacheNodes": 1,
        },
    },
    "serverless": {
        "Type": "AWS::ElastiCache::ServerlessCache",
        "Properties": {"ServerlessCacheName": "sessions", "Engine": "valkey", "MajorEngineVersion": "9"},
    },
    "global": {
        "Type": "AWS::ElastiCache::GlobalReplicationGroup",
        "Properties": {
            "GlobalReplicationGroupIdSuffix": "sessions",
            "Members": [
                {"ReplicationGroupId": {"Ref": "Primary"}, "ReplicationGroupRegion": "us-east-1", "Role": "PRIMARY"}
            ],
        },
    },
    "parameters": {
        "Type": "AWS::ElastiCache::ParameterGroup",
        "Properties": {
            "Description": "sessions",
            "CacheParameterGroupFamily": "redis7",
            "Properties": {"maxmemory-policy": "noeviction"},
        },
    },
    "subnets": {
        "Type": "AWS::ElastiCache::SubnetGroup",
        "Properties": {"Description": "sessions", "SubnetIds": ["subnet-0a1b2c3d4e5f60711"]},
    },
    "user": {
        "Type": "AWS::ElastiCache::User",
        "Properties": {
            "UserId": "app",
            "UserName": "app",
            "Engine": "valkey",
            "AccessString": "on ~app:* +@read",
            "AuthenticationMode": {"Type": "iam"},
        },
    },
    "users": {
        "Type": "AWS::ElastiCache::UserGroup",
        "Properties": {"UserGroupId": "team", "Engine": "valkey", "UserIds": [{"Ref": "User"}]},
    },
    "snapshot": {
        "Type": "AWS::ElastiCache::Snapshot",
        "Properties": {"SnapshotName": "nightly", "ReplicationGroupId": "sessions"},
    },
    "serverless-snapshot": {
        "Type": "AWS::ElastiCache::ServerlessCacheSnapshot",
        "Properties": {"ServerlessCacheSnapshotName": "nightly", "ServerlessCacheName": "sessions"},
    },
    "target": {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {
            "MinCapacity": 1,
            "MaxCapacity": 5,
            "ResourceId": "replication-group/sessions",
            "ScalableDimension": "elasticache:replication-group:NodeGroups",
            "ServiceNamespace": "elasticache",
        },
    },
    "policy": {
        "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
        "Properties": {
            "PolicyName": "cpu",
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": {"Ref": "Target"},
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 60,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ElastiCachePrimaryEngineCPUUtilization"},
            },
        },
    },
    "instance": {
        "Type": "AWS::EC2::Instance",
        "Properties": {
            "ImageId": "{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64}}",
            "InstanceType": "t4g.nano",
        },
    },
    "security-group": {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"GroupDescription": "cache", "VpcId": "vpc-0123456789abcdef0"},
    },
    "taken-over": {
        "Type": "AWS::ElastiCache::ReplicationGroup",
        "Properties": {"ReplicationGroupDescription": "sessions", "PrimaryClusterId": "sessions-001"},
    },
    "subnet": {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": "vpc-0123456789abcdef0", "CidrBlock": "10.0.0.0/24"},
    },
    "egress": {
        "Type": "AWS::EC2::SecurityGroupEgress",
        "Properties": {
            "GroupId": "sg-0123456789abcdef0",
            "IpProtocol": "tcp",
            "FromPort": 6379,
            "ToPort": 6379,
            "DestinationPrefixListId": "pl-0123456789abcdef0",
        },
    },
    "ingress": {
        "Type": "AWS::EC2::SecurityGroupIngress",
        "Properties": {
            "GroupId": "sg-0123456789abcdef0",
            "IpProtocol": "tcp",
            "FromPort": 6379,
            "ToPort": 6379,
            "CidrIp": "10.0.0.0/16",
        },
    },
}
# Resources that other ones refer to.
OTHERS: dict[str, dict[str, dict[str, Any]]] = {
    "member": {"Aurora": BASE["aurora"]},
    "users": {"User": BASE["user"]},
    "global": {"Primary": BASE["group"]},
    "policy": {"Target": BASE["target"]},
}
# Where a rule needs another region than us-east-1.
REGIONS = {"encryption/key-in-govcloud": "us-gov-west-1"}

# The rule, the base it is shown on, and the change that breaks it: one property, or more where one alone is none.
_FIRST: dict[str, tuple[str, dict[str, Any]]] = {
    "access/authentication": ("user", {"AuthenticationMode": ABSENT}),
    "access/default-user": ("users", {"Engine": "redis", "+User": {"Engine": "redis"}}),
    "access/group-engine": ("redis", {"UserGroupIds": [{"Ref": "Group"}], "+Group": "users", "+User": {}}),
    "access/iam-name": ("user", {"UserName": "other"}),
    "access/no-password-valkey": ("user", {"AuthenticationMode": {"Type": "no-password-required"}}),
    "access/not-with-preferred": (
        "redis",
        {"TransitEncryptionMode": "preferred", "AuthToken": "a-token-of-20-letters"},
    ),
    "access/token-needs-tls": ("redis", {"AuthToken": "a-token-of-20-letters", "TransitEncryptionEnabled": False}),
    "access/token-or-users": ("redis", {"AuthToken": "a-token-of-20-letters", "UserGroupIds": ["team"]}),
    "access/token-shape": ("redis", {"AuthToken": "short"}),
    "access/unique-names": (
        "users",
        {
            "UserIds": [{"Ref": "User"}, {"Ref": "Second"}],
            "+Second": {
                "UserId": "app2",
                "AuthenticationMode": {"Type": "password", "Passwords": ["a-password-of-20-letters"]},
            },
        },
    ),
    "access/users-need-tls": ("redis", {"UserGroupIds": ["team"], "TransitEncryptionEnabled": False}),
    "access/users-version": ("redis", {"UserGroupIds": ["team"], "EngineVersion": "5.0.6"}),
    "auto-scaling/capacity": ("target", {"MinCapacity": 0}),
    "auto-scaling/cluster-mode": (
        "target",
        {"ResourceId": {"Fn::Sub": "replication-group/${Cache}"}, "+Cache": "group"},
    ),
    "auto-scaling/global-datastore": (
        "target",
        {"ResourceId": {"Fn::Sub": "replication-group/${Primary}"}, "+Primary": "cluster", "+Global": "global"},
    ),
    "auto-scaling/namespace": ("target", {"ServiceNamespace": "ecs"}),
    "auto-scaling/policy": ("policy", {"PolicyType": "StepScaling"}),
    "auto-scaling/resource-id": ("target", {"ResourceId": "sessions"}),
    "backup/maintenance-window": ("group", {"PreferredMaintenanceWindow": "sun:05:00-sun:05:30"}),
    "backup/retention": ("group", {"SnapshotRetentionLimit": 36}),
    "backup/snapshot-arns": ("group", {"SnapshotArns": ["s3://bucket/dump.rdb"]}),
    "backup/snapshot-of": ("snapshot", {"ReplicationGroupId": ABSENT}),
    "backup/snapshot-window": ("group", {"SnapshotWindow": "03:00-03:59", "SnapshotRetentionLimit": 7}),
    "backup/windows-overlap": (
        "group",
        {
            "SnapshotRetentionLimit": 7,
            "SnapshotWindow": "23:30-00:30",
            "PreferredMaintenanceWindow": "mon:00:00-mon:01:00",
        },
    ),
    "cache-cluster/cluster-mode": ("node", {"CacheParameterGroupName": "default.redis7.cluster.on"}),
    "cache-cluster/data-tiering": ("node", {"CacheNodeType": "cache.r6gd.xlarge"}),
    "cache-cluster/engine": ("node", {"Engine": "valkey", "EngineVersion": "8.2"}),
    "cache-cluster/memcached-logs": (
        "memcached",
        {
            "LogDeliveryConfigurations": [
                {
                    "LogType": "slow-log",
                    "LogFormat": "json",
                    "DestinationType": "cloudwatch-logs",
                    "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "slow"}},
                }
            ]
        },
    ),
    "cache-cluster/memcached-snapshots": ("memcached", {"SnapshotRetentionLimit": 1}),
    "cache-cluster/nodes": ("node", {"NumCacheNodes": 2}),
    "cache-cluster/snapshot-arns": ("node", {"SnapshotArns": ["arn:aws:s3:::bucket/1", "arn:aws:s3:::bucket/2"]}),
    "cache-cluster/tls": ("memcached", {"EngineVersion": "1.6.6", "TransitEncryptionEnabled": True}),
    "cache-cluster/zones": ("memcached", {"PreferredAvailabilityZones": ["us-east-1a"]}),
    "client/architecture": ("instance", {"InstanceType": "t3.nano"}),
    "client/credits": ("instance", {"InstanceType": "m7g.medium", "CreditSpecification": {"CPUCredits": "standard"}}),
    "client/instance-type": ("instance", {"InstanceType": "t9g.nano"}),
    "client/network-interfaces": (
        "instance",
        {"SubnetId": "subnet-0a1b2c3d4e5f60711", "NetworkInterfaces": [{"DeviceIndex": "0"}]},
    ),
    "client/security-group": ("security-group", {"GroupName": "sg-cache"}),
    "client/security-group-rule": ("ingress", {"FromPort": 7000}),
    "client/user-data": ("instance", {"UserData": {"Fn::Sub": "#" * 16385 + "${AWS::Region}"}}),
    "data-tiering/eviction": (
        "group",
        {
            "CacheNodeType": "cache.r6gd.xlarge",
            "DataTieringEnabled": True,
            "CacheParameterGroupName": {"Ref": "P"},
            "+P": {
                "of": "parameters",
                "CacheParameterGroupFamily": "valkey8",
                "Properties": {"maxmemory-policy": "allkeys-lfu"},
            },
        },
    ),
    "data-tiering/family": ("group", {"DataTieringEnabled": True}),
    "data-tiering/version": (
        "redis",
        {"EngineVersion": "6.0", "CacheNodeType": "cache.r6gd.xlarge", "DataTieringEnabled": True},
    ),
    "durability/data-tiering": (
        "cluster",
        {"Durability": "sync", "DataTieringEnabled": True, "CacheNodeType": "cache.r6gd.xlarge"},
    ),
    "durability/encryption": ("cluster", {"Durability": "sync", "TransitEncryptionEnabled": False}),
    "durability/global-datastore": ("secondary", {"Durability": "sync"}),
    "durability/node-type": ("cluster", {"Durability": "sync", "CacheNodeType": "cache.r5.large"}),
    "durability/topology": ("cluster", {"Durability": "sync", "MultiAZEnabled": False}),
    "durability/version": (
        "cluster",
        {"Durability": "sync", "EngineVersion": "8.2", "CacheParameterGroupName": "default.valkey8.cluster.on"},
    ),
    "encryption/key-needs-at-rest": (
        "group",
        {"AtRestEncryptionEnabled": False, "KmsKeyId": "arn:aws:kms:us-east-1:111111111111:key/1"},
    ),
    "encryption/mode-needs-tls": ("group", {"TransitEncryptionEnabled": False, "TransitEncryptionMode": "required"}),
    "encryption/mode-version": ("redis", {"EngineVersion": "6.2", "TransitEncryptionMode": "preferred"}),
    "encryption/valkey-states-tls": ("group", {"TransitEncryptionEnabled": ABSENT}),
    "engine/family-known": ("parameters", {"CacheParameterGroupFamily": "redis6", "Properties": {}}),
    "engine/family-matches": ("group", {"CacheParameterGroupName": "default.valkey7"}),
    "engine/replication": ("group", {"Engine": "memcached", "EngineVersion": "1.6.22"}),
    "engine/version": ("redis", {"EngineVersion": "6.1"}),
    "global-datastore/excluded": ("global", {"+Primary": {"of": "group", "NetworkType": "dual_stack"}}),
    "encryption/key-in-govcloud": ("group", {"KmsKeyId": "arn:aws-us-gov:kms:us-gov-west-1:111111111111:key/1"}),
    "global-datastore/cluster-mode": ("global", {"GlobalNodeGroupCount": 2}),
    "global-datastore/secondary-replicas": ("secondary", {"NumCacheClusters": 1}),
    "serverless/subnets": (
        "serverless",
        {
            "SubnetIds": [{"Ref": "A"}, {"Ref": "B"}],
            "+A": {"type": "AWS::EC2::Subnet", "VpcId": "vpc-1"},
            "+B": {"type": "AWS::EC2::Subnet", "VpcId": "vpc-2"},
        },
    ),
    "topology/size-stated": (
        "group",
        {"NumCacheClusters": ABSENT, "AutomaticFailoverEnabled": False, "MultiAZEnabled": False},
    ),
    "global-datastore/inherited": ("secondary", {"CacheNodeType": "cache.r7g.large"}),
    "global-datastore/members": ("global", {"Members": []}),
    "global-datastore/mixed-members": (
        "global",
        {
            "Members": [
                {"ReplicationGroupId": {"Ref": "Primary"}, "ReplicationGroupRegion": "us-east-1", "Role": "PRIMARY"},
                {"ReplicationGroupId": {"Ref": "Other"}, "ReplicationGroupRegion": "eu-west-1", "Role": "SECONDARY"},
            ],
            "+Other": "redis",
        },
    ),
    "global-datastore/node-type": ("global", {"+Primary": {"of": "group", "CacheNodeType": "cache.t4g.medium"}}),
    "global-datastore/region": (
        "global",
        {"Members": [{"ReplicationGroupId": "a", "ReplicationGroupRegion": "ap-east-2", "Role": "PRIMARY"}]},
    ),
    "global-datastore/replicas": (
        "global",
        {
            "+Primary": {
                "of": "group",
                "NumCacheClusters": 1,
                "AutomaticFailoverEnabled": False,
                "MultiAZEnabled": False,
            }
        },
    ),
    "global-datastore/suffix": ("global", {"GlobalReplicationGroupIdSuffix": "my_sessions"}),
    "global-datastore/version": (
        "global",
        {"+Primary": {"of": "redis", "EngineVersion": "4.0.10", "CacheNodeType": "cache.r5.large"}},
    ),
    "log-delivery/count": (
        "group",
        {
            "LogDeliveryConfigurations": [
                {
                    "LogType": "slow-log",
                    "LogFormat": "json",
                    "DestinationType": "cloudwatch-logs",
                    "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": name}},
                }
                for name in ("a", "b")
            ]
        },
    ),
    "log-delivery/details": (
        "group",
        {
            "LogDeliveryConfigurations": [
                {
                    "LogType": "slow-log",
                    "LogFormat": "json",
                    "DestinationType": "kinesis-firehose",
                    "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "a"}},
                }
            ]
        },
    ),
    "log-delivery/version": (
        "redis",
        {
            "EngineVersion": "6.0",
            "LogDeliveryConfigurations": [
                {
                    "LogType": "engine-log",
                    "LogFormat": "json",
                    "DestinationType": "cloudwatch-logs",
                    "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "a"}},
                }
            ],
        },
    ),
    "names/default-user-id": (
        "user",
        {"UserId": "default", "AuthenticationMode": {"Type": "password", "Passwords": ["a-password-of-20-letters"]}},
    ),
    "names/description": ("group", {"ReplicationGroupDescription": " "}),
    "names/identifier": ("group", {"ReplicationGroupId": "my_sessions"}),
    "names/unique": (
        "group",
        {"ReplicationGroupId": "Sessions", "+Aaa": {"of": "group", "ReplicationGroupId": "sessions"}},
    ),
    "network/cache-security-groups": ("group", {"CacheSecurityGroupNames": ["default"]}),
    "network/ip-discovery": ("group", {"NetworkType": "ipv4", "IpDiscovery": "ipv6"}),
    "network/ipv6-version": ("redis", {"EngineVersion": "6.0", "NetworkType": "dual_stack"}),
    "network/key-region": ("group", {"KmsKeyId": "arn:aws:kms:eu-west-1:111111111111:key/1"}),
    "network/notification-topic": ("group", {"NotificationTopicArn": "cache-events"}),
    "network/one-vpc": (
        "subnets",
        {
            "SubnetIds": [{"Ref": "A"}, {"Ref": "B"}],
            "+A": {"type": "AWS::EC2::Subnet", "VpcId": "vpc-1"},
            "+B": {"type": "AWS::EC2::Subnet", "VpcId": "vpc-2"},
        },
    ),
    "outposts/arn": ("outpost", {"PreferredOutpostArn": "op-0123456789abcdef0"}),
    "outposts/mode": ("outpost", {"OutpostMode": "cross-outpost"}),
    "outposts/node-type": ("outpost", {"CacheNodeType": "cache.r7g.large"}),
    "outposts/engine": ("outpost", {"NumCacheNodes": 2}),
    "outposts/not-there": ("outpost", {"SnapshotRetentionLimit": 7}),
    "network/port": ("group", {"Port": 8005}),
    "network/subnets": ("subnets", {"SubnetIds": []}),
    "network/tags": ("group", {"Tags": [{"Key": "aws:team", "Value": "cache"}]}),
    "node-type/exists": ("group", {"CacheNodeType": "cache.r7g.medium"}),
    "node-type/graviton-version": ("redis", {"EngineVersion": "4.0.10"}),
    "node-type/stated": ("group", {"CacheNodeType": ABSENT}),
    "parameters/modifiable": ("parameters", {"Properties": {"maxmemory": "1000000000"}}),
    "parameters/name": ("parameters", {"Properties": {"maxmemory-polici": "noeviction"}}),
    "parameters/value": ("parameters", {"Properties": {"maxmemory-policy": "lru"}}),
    "placement/multi-az-subnets": (
        "group",
        {
            "CacheSubnetGroupName": {"Ref": "Subnets"},
            "+Subnets": {"of": "subnets", "SubnetIds": [{"Ref": "A"}]},
            "+A": {"type": "AWS::EC2::Subnet", "VpcId": "vpc-1", "AvailabilityZone": "us-east-1a"},
        },
    ),
    "placement/preferred-zones": ("group", {"PreferredCacheClusterAZs": ["us-east-1a"]}),
    "placement/zones-have-subnets": (
        "memcached",
        {
            "PreferredAvailabilityZone": "us-east-1f",
            "CacheSubnetGroupName": {"Ref": "Subnets"},
            "+Subnets": {"of": "subnets", "SubnetIds": [{"Ref": "A"}]},
            "+A": {"type": "AWS::EC2::Subnet", "VpcId": "vpc-1", "AvailabilityZone": "us-east-1a"},
        },
    ),
    "schema/choice": ("group", {"TransitEncryptionMode": "optional"}),
    "schema/known": ("group", {"Durable": True}),
    "schema/pattern": ("shards", {"NodeGroupConfiguration": [{"NodeGroupId": "one"}]}),
    "schema/required": ("serverless", {"Engine": ABSENT}),
    "schema/type": ("group", {"SnapshotRetentionLimit": "a week"}),
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
    "rds/serverless-member": (
        "member",
        {"+Aurora": {"type": "AWS::RDS::DBCluster", "Engine": "aurora-postgresql", "StorageEncrypted": True}},
    ),
    "rds/settings-of-the-cluster": ("member", {"DeletionProtection": True}),
    "rds/storage-growth": ("database", {"MaxAllocatedStorage": 21}),
    "rds/storage-iops": ("database", {"Iops": 3000}),
    "rds/storage-size": ("database", {"AllocatedStorage": "19"}),
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


def _with_more() -> dict[str, list[tuple[str, dict[str, Any]]]]:
    result = {id: [example] for id, example in _FIRST.items()}
    for id, examples in MORE.items():
        result.setdefault(id, []).extend(examples)
    return result


# For each rule, a configuration for everything that it reports; the first one is shown in docs/rules.md.
EXAMPLES: dict[str, list[tuple[str, dict[str, Any]]]] = _with_more()


def document(base: str, change: dict[str, Any] | None = None) -> dict[str, Any]:
    """The template of a base with a change; `!Name` is an output, and `/Name` another section."""
    outputs = {name[1:]: {"Value": value} for name, value in (change or {}).items() if name.startswith("!")}
    sections = {name[1:]: value for name, value in (change or {}).items() if name.startswith("/")}
    return {"Resources": resources(base, change), **({"Outputs": outputs} if outputs else {}), **sections}


def region_of(id: str, change: dict[str, Any]) -> str:
    """The region in which the example of a rule is deployed."""
    return str(change.get("%region", REGIONS.get(id, "us-east-1")))


def resources(base: str, change: dict[str, Any] | None = None) -> dict[str, Any]:
    """The resources of a base with a change.

    `It` is the one in question, `+Name` adds or changes another one, and `@Name` is an attribute beside `Properties`.
    """
    result: dict[str, Any] = dict(OTHERS.get(base, {}))
    own = {name: value for name, value in (change or {}).items() if name[:1] not in "+!%/"}
    for name, value in (change or {}).items():
        if name.startswith("+"):
            result[name[1:]] = _other(name[1:], value, result)
    entry = {"Type": BASE[base]["Type"], **{name[1:]: value for name, value in own.items() if name.startswith("@")}}
    properties = {**BASE[base]["Properties"], **{name: value for name, value in own.items() if name[:1] != "@"}}
    properties = {name: value for name, value in properties.items() if value is not ABSENT}
    return {**result, "It": {**entry, "Properties": properties}}


def _other(name: str, value: str | dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """Another resource: a base by name, a changed base (`of`), or one of any type (`type`)."""
    if isinstance(value, str):
        return BASE[value]
    change = {key: item for key, item in value.items() if key not in ("of", "type") and key[:1] != "@"}
    beside = {key[1:]: item for key, item in value.items() if key[:1] == "@"}
    if "type" in value:
        return {"Type": value["type"], "Properties": change, **beside}
    origin = BASE[value["of"]] if "of" in value else known.get(name, BASE["user"])
    properties = {key: item for key, item in {**origin["Properties"], **change}.items() if item is not ABSENT}
    return {"Type": origin["Type"], "Properties": properties, **beside}

"""The valid resources that the examples of the rules change."""

from typing import Any

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

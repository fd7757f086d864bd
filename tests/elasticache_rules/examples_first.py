"""The example of each rule that the documentation shows: access, caches, clients and networks."""

from typing import Any

from tests.elasticache_rules.examples_access import ABSENT

# The rule, the base it is shown on, and the change that breaks it: one property, or more where one alone is none.
FIRST: dict[str, tuple[str, dict[str, Any]]] = {
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
    "client/security-group-names": (
        "instance",
        {"SubnetId": "subnet-0a1b2c3d4e5f60711", "SecurityGroupIds": ABSENT, "SecurityGroups": ["clients"]},
    ),
    "client/network-interfaces": (
        "instance",
        {"SubnetId": "subnet-0a1b2c3d4e5f60711", "NetworkInterfaces": [{"DeviceIndex": "0"}]},
    ),
    "client/security-group": ("security-group", {"GroupName": "sg-cache"}),
    "client/security-group-rule": ("ingress", {"FromPort": 7000}),
    "client/user-data": ("instance", {"UserData": {"Fn::Base64": {"Fn::Sub": "#" * 16385 + "${AWS::StackName}"}}}),
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
}

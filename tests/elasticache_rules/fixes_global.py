"""Changes that the fixes of rules ask for: Global Datastores, serverless caches and auto scaling."""

from tests.elasticache_rules.examples import ABSENT
from tests.elasticache_rules.fixes_parts import ACTION, GROUP_OF_SHARDS, METRIC, OFF, TARGETS, Fixes

FIXES: Fixes = {
    ("auto-scaling/capacity", 0): [{"It.MinCapacity": 1}],
    ("auto-scaling/capacity", 1): [{"It.MinCapacity": 1}],
    ("auto-scaling/capacity", 2): [{"It.MinCapacity": 5}, {"It.MaxCapacity": 6}],
    ("auto-scaling/capacity", 3): [{"It.MaxCapacity": 5}],
    ("auto-scaling/capacity", 4): [{"It.MaxCapacity": 500}],
    ("auto-scaling/cluster-mode", 0): [{"Cache.CacheParameterGroupName": "default.valkey8.cluster.on"}],
    ("auto-scaling/cluster-mode", 1): [{"Cache.CacheParameterGroupName": "default.valkey9.cluster.on"}],
    ("auto-scaling/cluster-mode", 2): [
        {"Cache.EngineVersion": "6.0", "Cache.CacheParameterGroupName": "default.redis6.x.cluster.on"}
    ],
    ("auto-scaling/cluster-mode", 3): [{"Cache.CacheNodeType": "cache.r7g.large"}],
    ("auto-scaling/cluster-mode", 5): [{"Cache": GROUP_OF_SHARDS}],
    ("auto-scaling/global-datastore", 0): [{"It": ABSENT}],
    ("auto-scaling/namespace", 0): [{"It.ServiceNamespace": "elasticache"}],
    ("auto-scaling/namespace", 2): [
        {"It.ScalableDimension": f"elasticache:replication-group:{name}"} for name in ("NodeGroups", "Replicas")
    ],
    ("auto-scaling/policy", 0): [
        {"It.PolicyType": "TargetTrackingScaling"},
        {
            "It": ABSENT,
            "Target.ScheduledActions": [
                {
                    "ScheduledActionName": "night",
                    "Schedule": "cron(0 22 * * ? *)",
                    "ScalableTargetAction": {"MinCapacity": 2},
                }
            ],
        },
    ],
    ("auto-scaling/policy", 1): [{f"{TARGETS}.PredefinedMetricSpecification": METRIC}],
    ("auto-scaling/policy", 2): [{f"{TARGETS}.TargetValue": 60}],
    ("auto-scaling/policy", 3): [{f"{TARGETS}.CustomizedMetricSpecification": ABSENT}],
    ("auto-scaling/policy", 5): [{f"{TARGETS}.PredefinedMetricSpecification.ResourceLabel": ABSENT}],
    ("auto-scaling/policy", 6): [{TARGETS: {"TargetValue": 60, "PredefinedMetricSpecification": METRIC}}],
    ("auto-scaling/policy", 8): [{f"{TARGETS}.TargetValue": 35}],
    ("auto-scaling/policy", 9): [{f"{TARGETS}.TargetValue": 70}],
    ("auto-scaling/policy", 7): [
        {
            f"{TARGETS}.PredefinedMetricSpecification.PredefinedMetricType": (
                "ElastiCacheDatabaseCapacityUsageCountedForEvictPercentage"
            )
        }
    ],
    ("auto-scaling/resource-id", 0): [{"It.ResourceId": "replication-group/sessions"}],
    ("auto-scaling/resource-id", 1): [{"It.ResourceId": {"Fn::Sub": "replication-group/${Cache}"}}],
    ("auto-scaling/schedule", 0): [
        {f"{ACTION}.ScalableTargetAction.MinCapacity": 2},
        {f"{ACTION}.ScalableTargetAction.MaxCapacity": 3},
    ],
    ("auto-scaling/schedule", 1): [{f"{ACTION}.ScalableTargetAction.MinCapacity": 1}],
    ("auto-scaling/schedule", 2): [{f"{ACTION}.ScalableTargetAction.MaxCapacity": 5}],
    ("auto-scaling/schedule", 3): [{f"{ACTION}.ScalableTargetAction.MaxCapacity": 1}],
    ("auto-scaling/schedule", 4): [{f"{ACTION}.Schedule": "cron(0 22 * * ? *)"}],
    ("auto-scaling/schedule", 5): [{f"{ACTION}.Schedule": "cron(0 22 * * ? *)"}],
    ("auto-scaling/schedule", 6): [{f"{ACTION}.ScheduledActionName": "night"}],
    ("auto-scaling/schedule", 7): [
        {f"{ACTION}.ScalableTargetAction": {"MinCapacity": 1}},
        {f"{ACTION}.ScalableTargetAction": {"MaxCapacity": 1}},
        {f"{ACTION}.ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 1}},
    ],
    ("global-datastore/cluster-mode", 0): [{"It.GlobalNodeGroupCount": ABSENT}],
    ("global-datastore/excluded", 0): [{"Primary.NetworkType": "ipv4"}],
    ("global-datastore/excluded", 1): [{"Primary.Durability": ABSENT}],
    ("global-datastore/inherited", 0): [{"It.CacheNodeType": ABSENT}],
    ("global-datastore/inherited", 1): [{"It.AutomaticFailoverEnabled": ABSENT}],
    ("global-datastore/members", 0): [
        {"It.Members": [{"ReplicationGroupId": "a", "ReplicationGroupRegion": "us-east-1", "Role": "PRIMARY"}]}
    ],
    ("global-datastore/members", 1): [
        {"It.Members": [{"ReplicationGroupId": "a", "ReplicationGroupRegion": "us-east-1", "Role": "PRIMARY"}]}
    ],
    ("global-datastore/members", 2): [
        {"It.Members": [{"ReplicationGroupId": "a", "ReplicationGroupRegion": "us-east-1", "Role": "PRIMARY"}]}
    ],
    ("global-datastore/members", 3): [{"It.Members.1.ReplicationGroupRegion": "eu-west-1"}],
    ("global-datastore/mixed-members", 0): [
        {
            "Other": {
                "Type": "AWS::ElastiCache::ReplicationGroup",
                "Properties": {
                    "ReplicationGroupDescription": "sessions",
                    "NumCacheClusters": 2,
                    "GlobalReplicationGroupId": {"Fn::GetAtt": ["It", "GlobalReplicationGroupId"]},
                },
            },
            "It.Members": [
                {"ReplicationGroupId": {"Ref": "Primary"}, "ReplicationGroupRegion": "us-east-1", "Role": "PRIMARY"}
            ],
        }
    ],
    ("global-datastore/mixed-members", 1): [
        {
            "It.Members": [
                {"ReplicationGroupId": {"Ref": "Primary"}, "ReplicationGroupRegion": "us-east-1", "Role": "PRIMARY"}
            ]
        }
    ],
    ("global-datastore/node-type", 0): [{"Primary.CacheNodeType": "cache.r7g.large"}],
    ("global-datastore/node-type", 1): [{"It.CacheNodeType": "cache.r7g.large"}],
    ("global-datastore/region", 1): [{"It.Members.0.ReplicationGroupRegion": "us-east-1"}],
    ("global-datastore/region", 0): [{"It.Members.0.ReplicationGroupRegion": "us-east-1"}],
    ("global-datastore/replicas", 0): [{"Primary.NumCacheClusters": 2}],
    ("global-datastore/secondary-replicas", 0): [{"It.NumCacheClusters": 2}],
    ("global-datastore/secondary-replicas", 1): [{"It.ReplicasPerNodeGroup": 1}],
    ("global-datastore/suffix", 0): [{"It.GlobalReplicationGroupIdSuffix": "my-sessions"}],
    ("global-datastore/version", 0): [{"Primary.EngineVersion": "5.0.6"}],
    ("serverless/description", 0): [{"It.Description": "d" * 255}],
    ("serverless/description", 1): [{"It.Description": "a is less than b"}],
    ("serverless/engine", 0): [{"It.Engine": "valkey"}],
    ("serverless/final-snapshot-name", 0): [{"It.FinalSnapshotName": "last-one"}],
    ("serverless/limits", 0): [{"It.CacheUsageLimits.ECPUPerSecond.Maximum": 1000}],
    ("serverless/limits", 3): [
        {"It.CacheUsageLimits.ECPUPerSecond.Minimum": 2000},
        {"It.CacheUsageLimits.ECPUPerSecond.Maximum": 3000},
    ],
    ("serverless/limits", 7): [{"It.CacheUsageLimits.DataStorage.Unit": "GB"}],
    ("serverless/name", 0): [{"It.ServerlessCacheName": "my-sessions"}],
    ("serverless/public", 0): [{"It.MajorEngineVersion": "9"}, {"It.ConnectionType": "vpc"}],
    ("serverless/public", 1): [{"It.Engine": "valkey", "It.MajorEngineVersion": "9"}, {"It.ConnectionType": "vpc"}],
    ("serverless/retention", 0): [{"It.SnapshotRetentionLimit": 35}],
    ("serverless/retention", 1): [{"It.SnapshotRetentionLimit": 0}],
    ("serverless/snapshot-time", 0): [{"It.DailySnapshotTime": "04:00"}],
    ("serverless/subnets", 0): [{"B.VpcId": "vpc-1"}],
    ("serverless/subnets", 1): [{"It.SubnetIds": ["subnet-1", "subnet-2"]}],
    ("serverless/subnets", 2): [{"B.AvailabilityZone": "us-east-1b"}],
    ("serverless/time-without-retention", 0): [{"It.SnapshotRetentionLimit": 1}],
    ("serverless/users", 0): [{"It.UserGroupId": ABSENT}],
    ("serverless/users", 1): [
        {
            "Group.Engine": "redis",
            "User.Engine": "redis",
            "Group.UserIds": [{"Ref": "User"}, {"Ref": "Off"}],
            "Off": OFF,
        },
        {"It.Engine": "valkey", "It.MajorEngineVersion": "8"},
    ],
    ("serverless/version", 0): [{"It.MajorEngineVersion": "7"}],
    ("serverless/version", 1): [{"It.MajorEngineVersion": version} for version in ("7", "8", "9")],
}

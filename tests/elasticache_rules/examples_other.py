"""Examples of the rules about the client, auto scaling, parameters, serverless caches and schemas."""

import base64
from typing import Any

from tests.elasticache_rules.examples_access import ABSENT, Table

REPLICAS = {"ScalableDimension": "elasticache:replication-group:Replicas"}
CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"
CPU = {"PredefinedMetricType": "ElastiCachePrimaryEngineCPUUtilization"}
CUSTOM = {"CustomizedMetricSpecification": {"MetricName": "x"}}
ACTION = {"ScheduledActionName": "night", "Schedule": "cron(0 22 * * ? *)"}
DATA = "#" * 16384


def tracking(**properties: object) -> dict[str, Any]:
    return {CONFIGURATION: properties}


def scheduled(
    *, dimension: dict[str, Any] | None = None, action: object = ABSENT, **change: object
) -> tuple[str, dict[str, Any]]:
    whole: dict[str, Any] = {**ACTION, "ScalableTargetAction": action, **change}
    return "target", {**(dimension or {}), "ScheduledActions": [{k: v for k, v in whole.items() if v is not ABSENT}]}


def scaled(**group: object) -> dict[str, Any]:
    return {"ResourceId": {"Fn::Sub": "replication-group/${Cache}"}, "+Cache": {"of": "cluster", **group}}


def rule(**properties: object) -> tuple[str, dict[str, Any]]:
    whole = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "CidrIp": "10.0.0.0/16", **properties}
    return "security-group", {"SecurityGroupIngress": [{k: v for k, v in whole.items() if v is not ABSENT}]}


def limits(**properties: object) -> tuple[str, dict[str, Any]]:
    return "serverless", {"CacheUsageLimits": properties}


def ecpu(**properties: object) -> tuple[str, dict[str, Any]]:
    return limits(ECPUPerSecond=properties)


def storage(**properties: object) -> tuple[str, dict[str, Any]]:
    return limits(DataStorage={"Unit": "GB", **properties})


def setting(family: str = "redis7", **properties: object) -> tuple[str, dict[str, Any]]:
    return "parameters", {
        "CacheParameterGroupFamily": family,
        "Properties": {k.replace("_", "-"): v for k, v in properties.items()},
    }


MORE: Table = {
    "auto-scaling/capacity": [
        ("target", {"MinCapacity": "one"}),
        ("target", {"MinCapacity": 6}),
        ("target", {**REPLICAS, "MaxCapacity": 6}),
        ("target", {"MaxCapacity": 501}),
    ],
    "auto-scaling/cluster-mode": [
        (
            "target",
            scaled(
                CacheParameterGroupName="default.valkey9",
                NumNodeGroups=ABSENT,
                ReplicasPerNodeGroup=ABSENT,
                NumCacheClusters=2,
            ),
        ),
        (
            "target",
            scaled(Engine="redis", EngineVersion="5.0.6", CacheParameterGroupName="default.redis5.0.cluster.on"),
        ),
        ("target", scaled(CacheNodeType="cache.r7g.4xlarge")),
        ("target", scaled(CacheNodeType="cache.t4g.medium")),
        ("target", {"ResourceId": {"Fn::Sub": "replication-group/${Cache}"}, "+Cache": "serverless"}),
        (
            "target",
            {"ResourceId": {"Fn::Sub": "replication-group/${Table}"}, "+Table": {"type": "AWS::DynamoDB::Table"}},
        ),
    ],
    "auto-scaling/namespace": [
        ("target", {"ServiceNamespace": "dynamodb"}),
        ("target", {"ScalableDimension": "elasticache:replication-group:Shards"}),
    ],
    "auto-scaling/policy": [
        (
            "policy",
            tracking(
                TargetValue=60,
                PredefinedMetricSpecification={"PredefinedMetricType": "ElastiCacheReplicaEngineCPUUtilization"},
            ),
        ),
        ("policy", tracking(PredefinedMetricSpecification=CPU)),
        ("policy", tracking(TargetValue=60, PredefinedMetricSpecification=CPU, **CUSTOM)),
        ("policy", tracking(TargetValue=60)),
        ("policy", tracking(TargetValue=60, PredefinedMetricSpecification={**CPU, "ResourceLabel": "cache"})),
        ("policy", {CONFIGURATION: ABSENT}),
        (
            "policy",
            {
                **tracking(
                    TargetValue=60,
                    PredefinedMetricSpecification={
                        "PredefinedMetricType": "ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage"
                    },
                ),
                "+Target": {"of": "target", "ResourceId": {"Fn::Sub": "replication-group/${Cache}"}},
                "+Cache": {"of": "cluster", "CacheNodeType": "cache.r6gd.xlarge", "DataTieringEnabled": True},
            },
        ),
    ],
    "auto-scaling/resource-id": [("target", {"ResourceId": {"Ref": "Cache"}, "+Cache": "cluster"})],
    "auto-scaling/schedule": [
        scheduled(action={"MinCapacity": 3, "MaxCapacity": 2}),
        scheduled(action={"MinCapacity": 0}),
        scheduled(action={"MaxCapacity": 6}, dimension=REPLICAS),
        scheduled(action={"MaxCapacity": "many"}),
        scheduled(action={"MaxCapacity": 6}, Schedule="0 22 * * *"),
        scheduled(action={"MaxCapacity": 6}, Schedule="rate(0 days)"),
        scheduled(action={"MaxCapacity": 6}, ScheduledActionName=ABSENT),
        scheduled(),
        scheduled(action={"MaxCapacity": 6}, Schedule=ABSENT),
        scheduled(action={"MaxCapacity": 6}, Schedule="cron(0 22 * * * *)"),
    ],
    "client/architecture": [
        ("instance", {"InstanceType": "t4g.nano", "ImageId": "{{resolve:ssm:/aws/service/al2023-ami-x86_64}}"}),
        ("instance", {"InstanceType": "a1.large", "ImageId": "{{resolve:ssm:/aws/service/al2023-ami-x86_64}}"}),
    ],
    "client/instance-type": [
        ("instance", {"InstanceType": "m19g.large"}),
        ("instance", {"InstanceType": "m7g.huge"}),
    ],
    "client/network-interfaces": [
        ("instance", {"SecurityGroupIds": ["sg-0123456789abcdef0"], "NetworkInterfaces": [{"DeviceIndex": "0"}]}),
        ("instance", {"SecurityGroups": ["clients"], "NetworkInterfaces": [{"DeviceIndex": "0"}]}),
    ],
    "client/required": [("target", {"MaxCapacity": ABSENT}), ("security-group", {"GroupDescription": ABSENT})],
    "client/security-group": [
        ("security-group", {"GroupDescription": "d" * 256}),
        ("security-group", {"GroupDescription": "\u00e4"}),
        rule(FromPort=3),
        rule(ToPort=65536),
        rule(FromPort=-2),
        rule(FromPort=ABSENT, ToPort=ABSENT),
        rule(Description="d" * 256),
        rule(Description="it's"),
        rule(CidrIp="10.0.0.0"),
        rule(CidrIp="300.0.0.0/8"),
        rule(CidrIp="::/0"),
    ],
    "client/security-group-rule": [("ingress", {"FromPort": "many"})],
    "client/user-data": [
        ("instance", {"UserData": {"Fn::Base64": f"{DATA}#"}}),
        ("instance", {"UserData": f"#{DATA}"}),
        ("instance", {"UserData": base64.b64encode(f"#{DATA}".encode()).decode()}),
    ],
    "node-type/exists": [
        ("group", {"CacheNodeType": "db.r7g.large"}),
        ("group", {"CacheNodeType": "cache.large"}),
        ("group", {"CacheNodeType": "cache.m3.medium"}),
        ("group", {"CacheNodeType": "cache.r9g.large"}),
        ("group", {"CacheNodeType": "cache.r8g.48xlarge"}),
        ("cluster", {"CacheNodeType": "cache.r6gd.xlarge", "DataTieringEnabled": True, "%region": "eu-west-2"}),
        ("group", {"CacheNodeType": "cache.m5.24xlarge", "%region": "cn-north-1"}),
        ("group", {"CacheNodeType": "cache.m4.10xlarge", "%region": "af-south-1"}),
        ("cluster", {"CacheNodeType": "cache.r6gd.8xlarge", "DataTieringEnabled": True, "%region": "eu-west-2"}),
        ("group", {"CacheNodeType": "cache.t4g.small", "%region": "me-south-1"}),
    ],
    "outposts/arn": [("outpost", {"PreferredOutpostArn": ABSENT})],
    "outposts/engine": [
        ("outpost", {"NumCacheNodes": "one"}),
        ("outpost", {"Engine": "valkey"}),
    ],
    "outposts/not-there": [("outpost", {"AZMode": "cross-az"}), ("outpost", {"SnapshotWindow": "03:00-04:00"})],
    "parameters/modifiable": [setting(activerehashing="yes")],
    "parameters/name": [
        ("parameters", {"Properties": {"cas_disabled": "1"}}),
        ("parameters", {"CacheParameterGroupFamily": "valkey8", "Properties": {"hash_algorithm": "murmur3"}}),
        setting(family="valkey8", something_new="1"),
    ],
    "parameters/value": [
        setting(timeout="19"),
        setting(timeout="-1"),
        setting(databases="0"),
        setting(databases="many"),
        setting(family="valkey8", maxmemory_policy="lru"),
        setting(family="valkey9", databases="0"),
    ],
    "schema/choice": [("memcached", {"AZMode": "both"})],
    "schema/known": [
        ("serverless", {"Durability": "sync"}),
        ("group", {"cacheNodeType": "cache.r7g.large"}),
        limits(Other=1),
        ("serverless", {"Status": "available"}),
    ],
    "schema/pattern": [
        ("shards", {"NodeGroupConfiguration": [{"NodeGroupId": "12345", "ReplicaCount": 1}]}),
        ("serverless-snapshot", {"ServerlessCacheSnapshotName": "Nightly"}),
        (
            "user",
            {"UserName": "", "AuthenticationMode": {"Type": "password", "Passwords": ["a-password-of-20-letters"]}},
        ),
    ],
    "schema/required": [
        ("group", {"LogDeliveryConfigurations": [{"LogType": "slow-log"}]}),
        ("group", {"Tags": [{"Key": "team"}]}),
        ("user", {"UserId": ABSENT}),
        ("users", {"UserIds": ABSENT}),
        ("subnets", {"SubnetIds": ABSENT}),
    ],
    "schema/type": [
        ("group", {"Tags": {"team": "web"}}),
        ("group", {"SecurityGroupIds": "sg-0123456789abcdef0"}),
        ("group", {"MultiAZEnabled": "maybe"}),
        ("group", {"ReplicationGroupDescription": ["x"], "MultiAZEnabled": True}),
        ("user", {"AuthenticationMode": ABSENT, "Passwords": "a-password-of-20-letters"}),
        ("serverless", {"CacheUsageLimits": 5}),
        ("subnets", {"SubnetIds": {"Ref": "A"}, "+A": {"type": "AWS::EC2::Subnet", "VpcId": "vpc-1"}}),
        ("users", {"UserIds": {"Fn::Sub": "${AWS::StackName}-app"}}),
    ],
    "serverless/description": [("serverless", {"Description": "a < b"}), ("serverless", {"Description": "a > b"})],
    "serverless/limits": [
        ecpu(Maximum=999),
        ecpu(Minimum=15000001),
        ecpu(Minimum=3000, Maximum=2000),
        storage(Maximum=0),
        storage(Maximum=5001),
        storage(Minimum=3, Maximum=2),
        limits(DataStorage={"Unit": "MB", "Maximum": 5}),
        limits(DataStorage={"Maximum": 5}),
    ],
    "serverless/name": [
        ("serverless", {"ServerlessCacheName": "s" * 41}),
        ("serverless", {"ServerlessCacheName": "1s"}),
    ],
    "serverless/public": [("serverless", {"Engine": "redis", "MajorEngineVersion": "7", "ConnectionType": "public"})],
    "serverless/retention": [("serverless", {"SnapshotRetentionLimit": -1})],
    "serverless/snapshot-time": [("serverless", {"DailySnapshotTime": "4:00", "SnapshotRetentionLimit": 1})],
    "serverless/subnets": [
        ("serverless", {"SubnetIds": ["subnet-1", "subnet-1"]}),
        (
            "serverless",
            {
                "SubnetIds": [{"Ref": "A"}, {"Ref": "B"}],
                "+A": {"type": "AWS::EC2::Subnet", "VpcId": "vpc-1", "AvailabilityZone": "us-east-1a"},
                "+B": {"type": "AWS::EC2::Subnet", "VpcId": "vpc-1", "AvailabilityZone": "us-east-1a"},
            },
        ),
    ],
    "serverless/time-without-retention": [("serverless", {"DailySnapshotTime": "04:00"})],
    "serverless/users": [
        (
            "serverless",
            {
                "Engine": "redis",
                "MajorEngineVersion": "7",
                "UserGroupId": {"Ref": "Group"},
                "+Group": "users",
                "+User": {},
            },
        ),
    ],
    "serverless/version": [
        ("serverless", {"MajorEngineVersion": "10"}),
        ("serverless", {"MajorEngineVersion": "latest"}),
        ("serverless", {"MajorEngineVersion": True}),
    ],
}

DYNAMO = {"ScalableDimension": "dynamodb:table:ReadCapacityUnits", "ServiceNamespace": "dynamodb"}

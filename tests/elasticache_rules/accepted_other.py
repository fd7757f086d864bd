"""Valid neighbours of the examples about scaling, parameters, schemas and serverless caches."""

import base64

from tests.elasticache_rules.examples_access import ABSENT, Table
from tests.elasticache_rules.examples_other import (
    CONFIGURATION,
    CUSTOM,
    DATA,
    DYNAMO,
    REPLICAS,
    ecpu,
    rule,
    scaled,
    scheduled,
    setting,
    storage,
    tracking,
)

ACCEPTED: Table = {
    "auto-scaling/capacity": [
        ("target", {**REPLICAS, "MaxCapacity": 5}),
        ("target", {"MinCapacity": 5}),
        ("target", {"MaxCapacity": 500}),
        ("target", {**DYNAMO, "MinCapacity": 0}),
    ],
    "auto-scaling/cluster-mode": [
        ("target", scaled()),
        ("target", scaled(CacheNodeType="cache.r7g.2xlarge")),
        ("target", scaled(CacheNodeType={"Fn::ImportValue": "type"})),
    ],
    "auto-scaling/global-datastore": [
        ("target", {**scaled(), "+Global": {"of": "global", "Members": ["x", {"ReplicationGroupId": "a"}]}}),
    ],
    "auto-scaling/namespace": [
        ("target", {"ScalableDimension": {"Fn::ImportValue": "d"}}),
        ("target", {"ServiceNamespace": {"Fn::ImportValue": "n"}}),
    ],
    "auto-scaling/policy": [
        ("policy", tracking(TargetValue=60, **CUSTOM)),
        (
            "policy",
            tracking(TargetValue=60, PredefinedMetricSpecification={"PredefinedMetricType": {"Fn::ImportValue": "m"}}),
        ),
        ("policy", {CONFIGURATION: {"Fn::ImportValue": "c"}}),
        ("policy", {"+Target": {"of": "target", **DYNAMO}}),
        ("policy", {"ScalingTargetId": ABSENT, "ScalableDimension": "elasticache:replication-group:NodeGroups"}),
    ],
    "auto-scaling/resource-id": [
        ("target", scaled()),
        ("target", {**DYNAMO, "ResourceId": "table/a"}),
        ("target", {"ResourceId": {"Fn::ImportValue": "id"}}),
    ],
    "auto-scaling/schedule": [
        scheduled(action={"MinCapacity": 2, "MaxCapacity": 2}),
        scheduled(action={"MaxCapacity": 5}, dimension=REPLICAS),
        scheduled(action={"Fn::ImportValue": "action"}),
        scheduled(action={"MaxCapacity": 5}, Schedule="rate(1 day)"),
        scheduled(action={"MaxCapacity": 5}, Schedule="cron(0 22 ? * MON-FRI *)"),
        scheduled(action={"MaxCapacity": 5}, Schedule="at(2026-12-24T18:00:00)"),
        ("target", {"ScheduledActions": [{"Fn::ImportValue": "action"}]}),
        ("target", {**DYNAMO, "ScheduledActions": [{}]}),
    ],
    "client/architecture": [
        ("instance", {"InstanceType": "t4g.nano", "ImageId": "{{resolve:ssm:/own/image}}"}),
        ("instance", {"InstanceType": "t3.nano", "ImageId": "ami-0123456789abcdef0"}),
        ("instance", {"InstanceType": "t3.nano", "ImageId": {"Fn::ImportValue": "arm64"}}),
        ("instance", {"InstanceType": "t3.nano", "ImageId": "{{resolve:ssm:/aws/service/al2023-ami-x86_64}}"}),
    ],
    "client/credits": [("instance", {"CreditSpecification": {"CPUCredits": "standard"}})],
    "client/instance-type": [("instance", {"InstanceType": "m7g.large", "ImageId": "ami-0123456789abcdef0"})],
    "client/security-group": [
        ("security-group", {"GroupDescription": "d" * 255}),
        rule(Description="d" * 255),
        rule(FromPort=0, ToPort=65535),
        rule(FromPort=8, ToPort=0, IpProtocol="icmp"),
        rule(FromPort=2, ToPort=2),
        rule(CidrIp=ABSENT, CidrIpv6="::/0"),
        ("security-group", {"SecurityGroupIngress": [{"Fn::ImportValue": "rule"}]}),
    ],
    "client/user-data": [
        ("instance", {"UserData": {"Fn::Base64": DATA}}),
        ("instance", {"UserData": base64.b64encode(DATA.encode()).decode()}),
        ("instance", {"UserData": {"Fn::Base64": {"Fn::Sub": DATA + "${AWS::StackName}"}}}),
    ],
    "node-type/exists": [("group", {"CacheNodeType": "cache.t4g.micro"})],
    "node-type/graviton-version": [
        ("redis", {"EngineVersion": "5.0.6"}),
        ("redis", {"EngineVersion": "4.0.10", "CacheNodeType": "cache.r5.large"}),
        ("redis", {"EngineVersion": "3.2.6"}),
    ],
    "outposts/engine": [("outpost", {"Engine": "memcached", "NumCacheNodes": 2})],
    "outposts/not-there": [("outpost", {"SnapshotRetentionLimit": 0})],
    "parameters/name": [("parameters", {"CacheParameterGroupFamily": "keydb6"})],
    "parameters/value": [
        setting(timeout="20"),
        setting(timeout="0"),
        setting(databases="1"),
        setting(databases=1200000),
        setting(databases={"Fn::ImportValue": "n"}),
        setting(appendonly="yes"),
    ],
    "schema/required": [("group", {"@Fn::Transform": {"Name": "AWS::Include"}, "ReplicationGroupDescription": ABSENT})],
    "schema/type": [("group", {"Port": "6379", "MultiAZEnabled": "true", "EngineVersion": 8.2})],
    "serverless/description": [("serverless", {"Description": "d" * 255})],
    "serverless/final-snapshot-name": [("serverless", {"FinalSnapshotName": "last-one"})],
    "serverless/limits": [
        ecpu(Maximum=1000, Minimum=1000),
        ecpu(Minimum=0, Maximum=15000000),
        ecpu(Maximum=0, Minimum=1000),
        storage(Minimum=1, Maximum=5000),
        storage(Minimum=2, Maximum=2),
    ],
    "serverless/name": [("serverless", {"ServerlessCacheName": "s" * 40})],
    "serverless/public": [
        ("serverless", {"ConnectionType": "public"}),
        ("serverless", {"ConnectionType": "public", "MajorEngineVersion": "10"}),
    ],
    "serverless/retention": [
        ("serverless", {"SnapshotRetentionLimit": 35}),
        ("serverless", {"SnapshotRetentionLimit": 0}),
    ],
    "serverless/snapshot-time": [("serverless", {"DailySnapshotTime": "23:59", "SnapshotRetentionLimit": 1})],
    "serverless/subnets": [
        ("serverless", {"SubnetIds": [{"Fn::ImportValue": "a"}, {"Fn::ImportValue": "a"}]}),
        (
            "serverless",
            {
                "SubnetIds": [{"Ref": "A"}, {"Ref": "B"}],
                "+A": {"type": "AWS::EC2::Subnet", "VpcId": {"Fn::ImportValue": "v"}, "AvailabilityZone": "us-east-1a"},
                "+B": {"type": "AWS::EC2::Subnet", "VpcId": "vpc-1", "AvailabilityZone": "us-east-1b"},
            },
        ),
    ],
    "serverless/users": [("serverless", {"UserGroupId": {"Ref": "Group"}, "+Group": "users", "+User": {}})],
}

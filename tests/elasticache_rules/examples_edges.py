"""Further neighbours of the rules' examples: each shows that one condition of a rule is needed."""

from typing import Any

from tests.elasticache_rules.examples_access import (
    ABSENT,
    NO_PASSWORD_AUTH,
    REDIS_USERS,
    Table,
    log,
    logs,
)
from tests.elasticache_rules.examples_groups import OLD, PRIMARY, SECONDARY, SINGLE
from tests.elasticache_rules.examples_network import VPC, subnet, within
from tests.elasticache_rules.examples_other import DYNAMO, rule, scheduled

UNKNOWN: dict[str, Any] = {"Fn::ImportValue": "anything"}
ZONES = ["us-east-1a", "us-east-1b"]
TABLE = {"type": "AWS::DynamoDB::Table"}
TIERED = {"CacheNodeType": "cache.r6gd.xlarge"}
THERE = {**PRIMARY, "ReplicationGroupId": "other", "ReplicationGroupRegion": "eu-west-2"}
TWO_SECONDARIES = [PRIMARY, SECONDARY, {**SECONDARY, "ReplicationGroupRegion": "ap-southeast-1"}]

MORE: Table = {
    "data-tiering/version": [("redis", {**TIERED, "DataTieringEnabled": UNKNOWN, "EngineVersion": "6.0"})],
    "global-datastore/members": [("global", {"Members": [PRIMARY, THERE, SECONDARY]})],
    "global-datastore/mixed-members": [("global", {"Members": TWO_SECONDARIES})],
    "references/by-name": [
        (
            "group",
            {
                "CacheSubnetGroupName": "net",
                "+Subnets": {"of": "subnets", "CacheSubnetGroupName": "net"},
                "NotificationTopicArn": {"Ref": "Topic"},
                "+Topic": {"type": "AWS::SNS::Topic"},
            },
        )
    ],
    "topology/cluster-mode-needs-failover": [
        (
            "cluster",
            {
                "CacheParameterGroupName": UNKNOWN,
                "NumNodeGroups": 2,
                "AutomaticFailoverEnabled": False,
                "MultiAZEnabled": False,
            },
        )
    ],
    "serverless/name": [("serverless", {"ServerlessCacheName": "1" + "s" * 39})],
    "topology/nodes-per-cluster": [("cluster", {"NumNodeGroups": 250}), ("cluster", {"NumNodeGroups": 500})],
    "topology/shards-before-5.0.6": [("cluster", {**OLD, "NumNodeGroups": 500})],
}

ACCEPTED: Table = {
    "access/default-user": [
        ("users", {"Engine": "redis", "UserIds": UNKNOWN}),
        ("users", {**REDIS_USERS, "+User": {"Engine": "redis", "UserName": UNKNOWN, **NO_PASSWORD_AUTH}}),
    ],
    "access/users-version": [("redis", {"Engine": UNKNOWN, "EngineVersion": "5.0.6", "UserGroupIds": ["team"]})],
    "auto-scaling/cluster-mode": [
        ("target", {**DYNAMO, "ResourceId": {"Fn::Sub": "table/${Table}"}, "+Table": TABLE}),
    ],
    "auto-scaling/policy": [("policy", {"ScalingTargetId": ABSENT})],
    "auto-scaling/schedule": [scheduled(action={"MaxCapacity": 5}, Schedule=UNKNOWN)],
    "backup/snapshot-of": [("snapshot", {"ReplicationGroupId": ABSENT, "CacheClusterId": "node"})],
    "cache-cluster/zones": [("memcached", {"NumCacheNodes": UNKNOWN, "PreferredAvailabilityZones": ZONES})],
    "client/architecture": [("instance", {"InstanceType": UNKNOWN})],
    "client/security-group": [
        rule(FromPort=-1, ToPort=-1, IpProtocol="icmp"),
        rule(FromPort=ABSENT, ToPort=ABSENT, IpProtocol="-1"),
    ],
    "data-tiering/family": [("secondary", TIERED), ("group", {"CacheNodeType": UNKNOWN, "DataTieringEnabled": True})],
    "encryption/mode-version": [
        ("redis", {"EngineVersion": ABSENT, "TransitEncryptionMode": "preferred"}),
        ("redis", {"EngineVersion": "6.2", "TransitEncryptionMode": "required"}),
    ],
    "engine/family-matches": [("secondary", {"CacheParameterGroupName": "default.redis5.0", "Engine": "redis"})],
    "global-datastore/members": [("global", {"Members": TWO_SECONDARIES})],
    "global-datastore/version": [
        ("global", {"+Primary": {"of": "redis", "EngineVersion": ABSENT}}),
        ("global", {"+Primary": {"of": "redis", "Engine": UNKNOWN, "EngineVersion": "4.0.10"}}),
    ],
    "log-delivery/details": [("group", logs(log("slow-log", DestinationType=UNKNOWN)))],
    "log-delivery/version": [("redis", {"EngineVersion": "5.0.6", **logs(log("audit-log"))})],
    "network/reachable": [("group", {"+Vpc": VPC})],
    "placement/preferred-zones": [("group", {"NumNodeGroups": 1, "PreferredCacheClusterAZs": ZONES})],
    "placement/zones-have-subnets": [
        (
            "memcached",
            {
                **within("vpc-1"),
                "+A": subnet(AvailabilityZone="us-east-1a"),
                "PreferredAvailabilityZones": ["us-east-1a", UNKNOWN],
            },
        )
    ],
    "schema/pattern": [("shards", {"NodeGroupConfiguration": [{"NodeGroupId": 1, "ReplicaCount": 1}]})],
    "serverless/users": [
        (
            "serverless",
            {
                "Engine": "redis",
                "MajorEngineVersion": "7",
                "UserGroupId": {"Ref": "Group"},
                "+Group": {"of": "users", "Engine": "redis", "UserIds": ["default"]},
            },
        ),
    ],
    "topology/failover-needs-replica": [
        ("redis", {"NumCacheClusters": 1, "PrimaryClusterId": "node"}),
        ("group", {**SINGLE, "NumCacheClusters": 2}),
    ],
    "topology/shards-before-5.0.6": [
        ("cluster", {**OLD, "NumNodeGroups": 251, "EngineVersion": ABSENT}),
        ("cluster", {"NumNodeGroups": 251}),
        ("cluster", {**OLD, "NumNodeGroups": UNKNOWN}),
    ],
}

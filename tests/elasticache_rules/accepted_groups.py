"""Valid neighbours of the examples about caches, shards and Global Datastores."""

from tests.elasticache_rules.examples_access import ABSENT, Table
from tests.elasticache_rules.examples_groups import (
    ARN,
    DURABLE,
    NO_GROUP,
    OLD,
    PARAMETERS,
    PRIMARY,
    SECONDARY,
    SINGLE,
    parameters,
    shard,
    shards,
)

ACCEPTED: Table = {
    "backup/maintenance-window": [
        ("group", {"PreferredMaintenanceWindow": "sun:05:00-sun:06:00"}),
        ("group", {"PreferredMaintenanceWindow": "sun:05:00-mon:05:00"}),
    ],
    "backup/retention": [("group", {"SnapshotRetentionLimit": 35}), ("group", {"SnapshotRetentionLimit": 0})],
    "backup/snapshot-arns": [("group", {"SnapshotArns": [ARN, {"Fn::ImportValue": "dump"}]})],
    "backup/snapshot-window": [("group", {"SnapshotWindow": "03:00-04:00", "SnapshotRetentionLimit": 1})],
    "backup/window-without-retention": [
        ("group", {"SnapshotWindow": "03:00-04:00", "SnapshotRetentionLimit": 1}),
        ("group", {"SnapshotWindow": "03:00-04:00", "SnapshotRetentionLimit": {"Fn::ImportValue": "days"}}),
    ],
    "backup/windows-overlap": [
        (
            "group",
            {
                "SnapshotRetentionLimit": 7,
                "SnapshotWindow": "23:00-00:00",
                "PreferredMaintenanceWindow": "mon:00:00-mon:01:00",
            },
        )
    ],
    "cache-cluster/cluster-mode": [("node", {"CacheParameterGroupName": "default.redis7"})],
    "cache-cluster/memcached-snapshots": [("memcached", {"SnapshotRetentionLimit": 0})],
    "cache-cluster/nodes": [
        ("memcached", {"NumCacheNodes": {"Fn::ImportValue": "n"}}),
        ("memcached", {"NumCacheNodes": 60}),
        ("memcached", {"NumCacheNodes": 1}),
    ],
    "cache-cluster/snapshot-arns": [("node", {"SnapshotArns": [ARN]})],
    "cache-cluster/tls": [("memcached", {"TransitEncryptionEnabled": True, "EngineVersion": "1.6.12"})],
    "cache-cluster/zones": [
        ("memcached", {"AZMode": "cross-az", "PreferredAvailabilityZones": ["us-east-1a", "us-east-1b"]}),
        ("memcached", {"AZMode": "single-az", "PreferredAvailabilityZones": ["us-east-1a", "us-east-1a"]}),
        ("memcached", {"AZMode": "single-az", "PreferredAvailabilityZones": ["us-east-1a", {"Fn::ImportValue": "z"}]}),
    ],
    "data-tiering/eviction": [
        (
            "group",
            {
                "CacheNodeType": "cache.r6gd.xlarge",
                "DataTieringEnabled": True,
                **PARAMETERS,
                "+Parameters": parameters("valkey8", **{"maxmemory-policy": "noeviction"}),
            },
        ),
        (
            "group",
            {
                "CacheNodeType": "cache.r6gd.xlarge",
                "DataTieringEnabled": True,
                **PARAMETERS,
                "+Parameters": {"of": "parameters", "CacheParameterGroupFamily": "valkey8", "Properties": ABSENT},
            },
        ),
    ],
    "data-tiering/version": [
        ("redis", {"CacheNodeType": "cache.r6gd.xlarge", "DataTieringEnabled": True, "EngineVersion": "6.2"}),
        ("redis", {"EngineVersion": "6.0"}),
    ],
    "durability/node-type": [("cluster", DURABLE)],
    "durability/version": [("cluster", DURABLE), ("group", {"Durability": "disabled"})],
    "encryption/key-needs-at-rest": [("redis", {"KmsKeyId": "alias/app"})],
    "encryption/mode-version": [("redis", {"EngineVersion": "7.0", "TransitEncryptionMode": "preferred"})],
    "engine/family-matches": [
        ("redis", {"EngineVersion": ABSENT, "CacheParameterGroupName": "default.redis7"}),
        ("group", {"EngineVersion": ABSENT, "CacheParameterGroupName": "default.valkey8"}),
        ("redis", {"EngineVersion": {"Fn::ImportValue": "v"}, "CacheParameterGroupName": "default.redis6.x"}),
        ("redis", {"EngineVersion": "6.0", "CacheParameterGroupName": "default.redis6.x"}),
        ("redis", {"EngineVersion": ABSENT, "CacheParameterGroupName": "default.keydb1"}),
    ],
    "engine/version": [
        ("group", {"EngineVersion": "9.1", "Engine": {"Fn::ImportValue": "engine"}}),
        ("group", {"Engine": {"Fn::ImportValue": "engine"}}),
        ("redis", {"Engine": ABSENT}),
        ("redis", {"EngineVersion": "6.x"}),
        ("redis", {"EngineVersion": 7.1}),
    ],
    "global-datastore/cluster-mode": [
        ("global", {"GlobalNodeGroupCount": 2, "+Primary": "cluster"}),
    ],
    "global-datastore/members": [
        ("global", {"Members": [PRIMARY, {**SECONDARY, "ReplicationGroupRegion": {"Fn::ImportValue": "r"}}]}),
        (
            "global",
            {"Members": [PRIMARY, {**SECONDARY, "Role": {"Fn::ImportValue": "role"}}, {"Fn::ImportValue": "m"}]},
        ),
        ("global", {"Members": {"Fn::ImportValue": "members"}}),
    ],
    "global-datastore/mixed-members": [
        (
            "global",
            {"Members": [PRIMARY, {**SECONDARY, "ReplicationGroupId": {"Ref": "Second"}}], "+Second": "secondary"},
        ),
    ],
    "global-datastore/node-type": [("global", {"+Primary": {"of": "group", "CacheNodeType": "large"}})],
    "global-datastore/version": [("global", {"+Primary": {"of": "redis", "EngineVersion": "5.0.6"}})],
    "shards/replica-count": [
        shards({"ReplicaCount": 5}, {"ReplicaCount": 0}),
        shards({"ReplicaCount": 1, "ReplicaAvailabilityZones": ["us-east-1a"]}),
        shards({"ReplicaAvailabilityZones": ["us-east-1a"]}, ReplicasPerNodeGroup=1),
        shards({"Fn::ImportValue": "shard"}, {"ReplicaCount": 1}),
    ],
    "shards/slots": [shards(shard("0-100,200-16383"), shard(" 101 - 199 ")), shards(shard("0-16383"))],
    "shards/slots-to-restore": [
        shards(shard("0-8191"), shard("8192-16383"), SnapshotArns=[ARN]),
        ("group", {"SnapshotArns": [ARN]}),
    ],
    "shards/unique-ids": [
        shards({"NodeGroupId": "1", "ReplicaCount": 1}, {"NodeGroupId": {"Fn::ImportValue": "id"}, "ReplicaCount": 1})
    ],
    "topology/cluster-mode-group": [
        ("cluster", {"ClusterMode": "enabled"}),
        ("group", {"CacheParameterGroupName": "default.valkey8", "ClusterMode": "disabled"}),
        (
            "group",
            {**PARAMETERS, "ClusterMode": "disabled", "+Parameters": {**parameters("valkey8"), "@Fn::Transform": {}}},
        ),
        (
            "group",
            {
                **PARAMETERS,
                "ClusterMode": "disabled",
                "+Parameters": parameters("valkey8", **{"cluster-enabled": {"Fn::ImportValue": "mode"}}),
            },
        ),
    ],
    "topology/cluster-mode-version": [("redis", {"EngineVersion": "7.0", "ClusterMode": "compatible"})],
    "topology/counts": [
        ("group", {"NumCacheClusters": 6}),
        ("cluster", {"ReplicasPerNodeGroup": 5}),
        ("cluster", {"NumNodeGroups": 500, "ReplicasPerNodeGroup": ABSENT}),
        ("cluster", {"NumNodeGroups": 1}),
    ],
    "topology/failover-needs-replica": [
        ("group", {**SINGLE, "AutomaticFailoverEnabled": False}),
        ("group", {**SINGLE, "AutomaticFailoverEnabled": {"Fn::ImportValue": "failover"}}),
        ("group", {**SINGLE, "NumNodeGroups": 1, "NumCacheClusters": ABSENT, "ReplicasPerNodeGroup": 0}),
    ],
    "topology/nodes-per-cluster": [
        ("cluster", {"NumNodeGroups": 45}),
        ("cluster", {**OLD, "NumNodeGroups": 251, "ReplicasPerNodeGroup": 1}),
        shards({"ReplicaCount": 1}, {"Fn::ImportValue": "shard"}),
    ],
    "topology/shards-before-5.0.6": [
        ("cluster", {**OLD, "NumNodeGroups": 250}),
        (
            "cluster",
            {
                **OLD,
                "NumNodeGroups": 251,
                "EngineVersion": "5.0.6",
                "CacheParameterGroupName": "default.redis5.0.cluster.on",
            },
        ),
    ],
    "topology/shards-need-cluster-mode": [
        ("cluster", NO_GROUP),
        ("cluster", {**NO_GROUP, "ClusterMode": "enabled"}),
        ("cluster", {**PARAMETERS, "+Parameters": parameters("valkey9", **{"cluster-enabled": "yes"})}),
        ("cluster", {"CacheParameterGroupName": {"Fn::ImportValue": "group"}}),
    ],
    "topology/updates-need-replica": [("cluster", {"NumNodeGroups": 1}), ("cluster", {"ReplicasPerNodeGroup": 1})],
}

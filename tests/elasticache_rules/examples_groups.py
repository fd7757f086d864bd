"""Examples of the rules about shards, nodes, engines, snapshots and Global Datastores."""

from typing import Any

from tests.elasticache_rules.examples_access import ABSENT, Table

ARN = "arn:aws:s3:::bucket/dump.rdb"
SECONDARY = {"ReplicationGroupId": "there", "ReplicationGroupRegion": "eu-west-1", "Role": "SECONDARY"}
PRIMARY = {"ReplicationGroupId": {"Ref": "Primary"}, "ReplicationGroupRegion": "us-east-1", "Role": "PRIMARY"}
SECOND = {**SECONDARY, "ReplicationGroupId": {"Ref": "Second"}}
SINGLE = {"NumCacheClusters": 1, "MultiAZEnabled": False}
DURABLE = {"Durability": "sync"}
NO_GROUP = {"CacheParameterGroupName": ABSENT}
PARAMETERS = {"CacheParameterGroupName": {"Ref": "Parameters"}}


def shards(*properties: object, **change: object) -> tuple[str, dict[str, Any]]:
    return "shards", {"NodeGroupConfiguration": list(properties), **change}


def parameters(family: str, **properties: object) -> dict[str, Any]:
    return {"of": "parameters", "CacheParameterGroupFamily": family, "Properties": properties}


def shard(slots: str) -> dict[str, Any]:
    return {"Slots": slots, "ReplicaCount": 1}


OLD = {
    "Engine": "redis",
    "EngineVersion": "4.0.10",
    "CacheParameterGroupName": "default.redis4.0.cluster.on",
    "CacheNodeType": "cache.r5.large",
    "ReplicasPerNodeGroup": ABSENT,
    "MultiAZEnabled": False,
}

MORE: Table = {
    "backup/maintenance-window": [
        ("group", {"PreferredMaintenanceWindow": "sunday:05:00-sunday:06:00"}),
        ("group", {"PreferredMaintenanceWindow": "sun:05:00-sun:05:59"}),
        ("group", {"PreferredMaintenanceWindow": "sun:05:00-mon:05:01"}),
    ],
    "backup/retention": [("group", {"SnapshotRetentionLimit": 36}), ("node", {"SnapshotRetentionLimit": -1})],
    "backup/snapshot-arns": [
        ("group", {"SnapshotArns": ["arn:aws:s3:::bucket/a,b"]}),
        ("group", {"SnapshotArns": [ARN], "SnapshotName": "nightly"}),
    ],
    "backup/snapshot-of": [("snapshot", {"CacheClusterId": "sessions-001"})],
    "backup/snapshot-window": [("group", {"SnapshotWindow": "3 am", "SnapshotRetentionLimit": 7})],
    "backup/window-without-retention": [
        ("group", {"SnapshotWindow": "03:00-04:00"}),
        ("group", {"SnapshotWindow": "03:00-04:00", "SnapshotRetentionLimit": "0"}),
    ],
    "cache-cluster/engine": [("node", {"Engine": "mysql", "EngineVersion": ABSENT})],
    "cache-cluster/nodes": [
        ("memcached", {"NumCacheNodes": 0}),
        ("memcached", {"NumCacheNodes": 61}),
        ("node", {"NumCacheNodes": 2}),
    ],
    "cache-cluster/tls": [
        ("node", {"TransitEncryptionEnabled": True}),
        ("memcached", {"TransitEncryptionEnabled": True, "EngineVersion": "1.6.6"}),
    ],
    "cache-cluster/zones": [
        ("node", {"AZMode": "cross-az"}),
        ("memcached", {"AZMode": "cross-az", "NumCacheNodes": 1}),
        ("memcached", {"PreferredAvailabilityZones": ["us-east-1a"]}),
        ("memcached", {"AZMode": "single-az", "PreferredAvailabilityZones": ["us-east-1a", "us-east-1b"]}),
    ],
    "cache-cluster/memcached-snapshots": [
        ("memcached", {"SnapshotWindow": "03:00-04:00"}),
        ("memcached", {"SnapshotRetentionLimit": 1}),
        ("memcached", {"SnapshotName": "nightly"}),
        ("memcached", {"SnapshotArns": [ARN]}),
    ],
    "data-tiering/family": [("group", {"CacheNodeType": "cache.r6gd.xlarge"}), ("group", {"DataTieringEnabled": True})],
    "data-tiering/version": [
        ("redis", {"CacheNodeType": "cache.r6gd.xlarge", "DataTieringEnabled": True, "EngineVersion": "6.0"}),
    ],
    "durability/encryption": [
        ("cluster", {**DURABLE, "AtRestEncryptionEnabled": False}),
        ("cluster", {**DURABLE, "TransitEncryptionEnabled": False}),
    ],
    "durability/node-type": [("cluster", {**DURABLE, "CacheNodeType": "cache.r5.large"})],
    "durability/topology": [
        ("group", {**DURABLE, "EngineVersion": "9.0", "CacheParameterGroupName": "default.valkey9"}),
        ("cluster", {**DURABLE, "ReplicasPerNodeGroup": 0, "MultiAZEnabled": ABSENT}),
        ("cluster", {**DURABLE, "MultiAZEnabled": ABSENT}),
        ("cluster", {"Durability": "async", "MultiAZEnabled": False}),
    ],
    "durability/version": [
        ("cluster", {**DURABLE, "EngineVersion": "8.2", "CacheParameterGroupName": "default.valkey8.cluster.on"}),
        (
            "cluster",
            {
                **DURABLE,
                "Engine": "redis",
                "EngineVersion": "7.1",
                "CacheParameterGroupName": "default.redis7.cluster.on",
            },
        ),
    ],
    "encryption/key-needs-at-rest": [
        ("redis", {"KmsKeyId": "alias/app", "AtRestEncryptionEnabled": ABSENT}),
        ("group", {"KmsKeyId": "alias/app", "AtRestEncryptionEnabled": ABSENT}),
        ("group", {"KmsKeyId": "alias/app", "AtRestEncryptionEnabled": "false"}),
    ],
    "encryption/mode-needs-tls": [("redis", {"TransitEncryptionMode": "required", "TransitEncryptionEnabled": ABSENT})],
    "engine/family-known": [
        ("parameters", {"CacheParameterGroupFamily": "valkey10"}),
        ("parameters", {"CacheParameterGroupFamily": "valkey7.2"}),
        ("parameters", {"CacheParameterGroupFamily": "memcached1.7", "Properties": {}}),
        ("parameters", {"CacheParameterGroupFamily": "keydb6"}),
    ],
    "engine/family-matches": [
        ("redis", {**PARAMETERS, "+Parameters": parameters("redis6.x")}),
        ("redis", {"EngineVersion": ABSENT, "CacheParameterGroupName": "default.valkey8"}),
        ("redis", {"EngineVersion": {"Fn::ImportValue": "v"}, "CacheParameterGroupName": "default.valkey8"}),
        ("redis", {"EngineVersion": ABSENT, "CacheParameterGroupName": "default.redis6.x"}),
        ("group", {"EngineVersion": ABSENT, "CacheParameterGroupName": "default.valkey7"}),
        ("memcached", {"EngineVersion": ABSENT, "CacheParameterGroupName": "default.memcached1.5"}),
    ],
    "engine/version": [
        ("redis", {"Engine": ABSENT, "EngineVersion": "2.8.24"}),
        ("group", {"EngineVersion": "9.2"}),
        ("group", {"EngineVersion": "latest"}),
        ("group", {"EngineVersion": True}),
        ("group", {"EngineVersion": "1" * 61}),
        ("group", {"EngineVersion": 10**60}),
        ("global", {"EngineVersion": "latest"}),
        ("redis", {"EngineVersion": "7.2"}),
        ("memcached", {"EngineVersion": "1.6.99"}),
    ],
    "global-datastore/excluded": [
        (
            "global",
            {
                "+Primary": {
                    "of": "cluster",
                    "Durability": "async",
                }
            },
        ),
    ],
    "global-datastore/inherited": [("secondary", {"AutomaticFailoverEnabled": True})],
    "global-datastore/members": [
        ("global", {"Members": [SECONDARY, {**SECONDARY, "ReplicationGroupRegion": "eu-west-2"}]}),
        (
            "global",
            {"Members": [PRIMARY, *({**SECONDARY, "ReplicationGroupRegion": f"eu-west-{n}"} for n in (1, 2, 3))]},
        ),
        ("global", {"Members": [PRIMARY, {**SECOND, "ReplicationGroupRegion": "us-east-1"}], "+Second": "secondary"}),
    ],
    "global-datastore/mixed-members": [("global", {"Members": [PRIMARY, SECONDARY]})],
    "global-datastore/node-type": [("global", {"CacheNodeType": "cache.r9g.large"})],
    "global-datastore/secondary-replicas": [("secondary", {"NumCacheClusters": ABSENT, "ReplicasPerNodeGroup": 0})],
    "shards/replica-count": [
        shards({"NodeGroupId": "1", "ReplicaCount": -1}),
        shards({"NodeGroupId": "1", "ReplicaCount": 2, "ReplicaAvailabilityZones": ["us-east-1a"]}),
    ],
    "shards/slots": [
        shards(shard("0-8191"), shard("8193-16383")),
        shards(shard("0-8191"), shard("8191-16383")),
        shards(shard("0-8191"), shard("8192-16382")),
        shards(shard("8191-0"), shard("8192-16383")),
        shards(shard("1-16383")),
    ],
    "shards/slots-to-restore": [
        ("cluster", {"SnapshotArns": [ARN]}),
        shards({"NodeGroupId": "1", "ReplicaCount": 1}, SnapshotArns=[ARN]),
    ],
    "shards/snapshotting-cluster": [
        ("shards", {"SnapshottingClusterId": "sessions-002", "NumNodeGroups": 2, **NO_GROUP}),
    ],
    "topology/cluster-mode-group": [
        ("cluster", {"NumNodeGroups": 1, "ClusterMode": "disabled"}),
        ("group", {"CacheParameterGroupName": "default.valkey8", "ClusterMode": "enabled"}),
    ],
    "topology/cluster-mode-needs-failover": [
        ("cluster", {**NO_GROUP, "AutomaticFailoverEnabled": "false", "MultiAZEnabled": False}),
        (
            "cluster",
            {
                **NO_GROUP,
                "NumNodeGroups": 1,
                "ClusterMode": "enabled",
                "AutomaticFailoverEnabled": False,
                "MultiAZEnabled": False,
            },
        ),
    ],
    "topology/cluster-mode-shards": [("cluster", {**NO_GROUP, "ClusterMode": "disabled"})],
    "topology/counts": [
        ("group", {"NumCacheClusters": 0, "AutomaticFailoverEnabled": False, "MultiAZEnabled": False}),
        ("cluster", {"ReplicasPerNodeGroup": 6}),
        ("cluster", {"ReplicasPerNodeGroup": -1}),
        ("cluster", {"NumNodeGroups": 0}),
        ("cluster", {"NumNodeGroups": 501, "ReplicasPerNodeGroup": ABSENT}),
    ],
    "topology/failover-needs-replica": [
        ("redis", {"NumCacheClusters": 1, "AutomaticFailoverEnabled": ABSENT}),
        ("group", {**SINGLE, "AutomaticFailoverEnabled": ABSENT}),
    ],
    "topology/nodes-per-cluster": [
        ("cluster", {"NumNodeGroups": 46}),
        ("cluster", {"NumNodeGroups": 251}),
        shards(*({"ReplicaCount": 1} for _ in range(46))),
    ],
    "topology/one-count-of-nodes": [
        ("group", {"NumNodeGroups": 1, "CacheParameterGroupName": "default.valkey8"}),
        ("group", {"ReplicasPerNodeGroup": 1}),
    ],
    "topology/shards-need-cluster-mode": [
        ("cluster", {**PARAMETERS, "+Parameters": parameters("valkey9", **{"cluster-enabled": "no"})}),
        ("cluster", {**PARAMETERS, "+Parameters": parameters("valkey9")}),
    ],
    "topology/updates-need-replica": [
        ("cluster", {"ReplicasPerNodeGroup": 0, "MultiAZEnabled": False}),
        shards({"ReplicaCount": 0}, {"ReplicaCount": 0}),
    ],
}

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

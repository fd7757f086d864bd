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

"""Changes that the fixes of rules ask for: backups, engines, node types and parameters."""

from tests.elasticache_rules.examples import ABSENT
from tests.elasticache_rules.fixes_parts import CLUSTERED, GROUP, GROUP_OF_SHARDS, MEMCACHED, NODE, TIERED, Fixes

FIXES: Fixes = {
    ("backup/maintenance-window", 0): [{"It.PreferredMaintenanceWindow": "sun:05:00-sun:06:00"}],
    ("backup/maintenance-window", 1): [{"It.PreferredMaintenanceWindow": "sun:05:00-sun:06:00"}],
    ("backup/maintenance-window", 3): [{"It.PreferredMaintenanceWindow": "sun:05:00-mon:05:00"}],
    ("backup/retention", 0): [{"It.SnapshotRetentionLimit": 35}],
    ("backup/retention", 2): [{"It.SnapshotRetentionLimit": 0}],
    ("backup/snapshot-arns", 0): [{"It.SnapshotArns": ["arn:aws:s3:::bucket/key.rdb"]}],
    ("backup/snapshot-arns", 1): [{"It.SnapshotArns": ["arn:aws:s3:::bucket/key.rdb"]}],
    ("backup/snapshot-arns", 2): [{"It.SnapshotName": ABSENT}, {"It.SnapshotArns": ABSENT}],
    ("backup/snapshot-of", 0): [{"It.ReplicationGroupId": "sessions"}, {"It.CacheClusterId": "sessions-001"}],
    ("backup/snapshot-of", 1): [{"It.ReplicationGroupId": ABSENT}, {"It.CacheClusterId": ABSENT}],
    ("backup/snapshot-window", 0): [{"It.SnapshotWindow": "03:00-04:00"}],
    ("backup/snapshot-window", 1): [{"It.SnapshotWindow": "03:00-04:00"}],
    ("backup/window-without-retention", 0): [{"It.SnapshotRetentionLimit": 1}],
    ("backup/window-without-retention", 1): [{"It.SnapshotRetentionLimit": 7}],
    ("backup/windows-overlap", 0): [
        {"It.SnapshotWindow": "22:30-23:30"},
        {"It.PreferredMaintenanceWindow": "mon:01:00-mon:02:00"},
    ],
    ("cache-cluster/cluster-mode", 0): [{"It": GROUP_OF_SHARDS}],
    ("cache-cluster/data-tiering", 0): [{"It": TIERED}, {"It.CacheNodeType": "cache.t4g.small"}],
    ("cache-cluster/engine", 0): [{"It": GROUP}],
    ("cache-cluster/engine", 1): [{"It.Engine": "redis"}, {"It.Engine": "memcached"}],
    ("cache-cluster/memcached-logs", 0): [{"It.LogDeliveryConfigurations": ABSENT}],
    ("cache-cluster/memcached-snapshots", 0): [
        {"It.SnapshotRetentionLimit": ABSENT},
        {"It": {**NODE, "Properties": {**NODE["Properties"], "SnapshotRetentionLimit": 1}}},
    ],
    ("cache-cluster/nodes", 0): [{"It": GROUP}],
    ("cache-cluster/nodes", 1): [{"It.NumCacheNodes": 1}],
    ("cache-cluster/snapshot-arns", 0): [{"It.SnapshotArns": ["arn:aws:s3:::bucket/1"]}],
    ("cache-cluster/tls", 0): [{"It.EngineVersion": "1.6.12", "It.CacheSubnetGroupName": "shop"}],
    ("cache-cluster/tls", 1): [{"It": GROUP}],
    ("cache-cluster/zones", 0): [{"It.PreferredAvailabilityZones": ["us-east-1a", "us-east-1b"]}],
    ("cache-cluster/zones", 1): [{"It.AZMode": ABSENT}],
    ("cache-cluster/zones", 2): [{"It.NumCacheNodes": 2}],
    ("cache-cluster/zones", 4): [{"It.AZMode": "cross-az"}],
    ("data-tiering/eviction", 0): [
        {"P.Properties": {"maxmemory-policy": policy}} for policy in ("volatile-lru", "allkeys-lru", "noeviction")
    ],
    ("data-tiering/family", 0): [{"It.CacheNodeType": "cache.r6gd.xlarge"}, {"It.DataTieringEnabled": ABSENT}],
    ("data-tiering/family", 1): [{"It.DataTieringEnabled": True}, {"It.CacheNodeType": "cache.r7g.xlarge"}],
    ("data-tiering/version", 0): [
        {"It.EngineVersion": "6.2"},
        {"It.CacheNodeType": "cache.r6g.xlarge", "It.DataTieringEnabled": ABSENT},
    ],
    ("durability/data-tiering", 0): [
        {"It.DataTieringEnabled": ABSENT, "It.CacheNodeType": "cache.r7g.xlarge"},
        {"It.Durability": ABSENT},
    ],
    ("durability/encryption", 0): [{"It.TransitEncryptionEnabled": True}],
    ("durability/encryption", 1): [{"It.AtRestEncryptionEnabled": True}],
    ("durability/global-datastore", 0): [{"It.Durability": ABSENT}],
    ("durability/node-type", 0): [{"It.CacheNodeType": "cache.r7g.large"}],
    ("durability/topology", 0): [{"It.MultiAZEnabled": True}],
    ("durability/topology", 1): [
        {
            "It.CacheParameterGroupName": "default.valkey9.cluster.on",
            "It.NumCacheClusters": ABSENT,
            "It.NumNodeGroups": 1,
            "It.ReplicasPerNodeGroup": 1,
        },
        {
            "It.CacheParameterGroupName": {"Ref": "Clustered"},
            "Clustered": CLUSTERED,
            "It.NumCacheClusters": ABSENT,
            "It.NumNodeGroups": 1,
            "It.ReplicasPerNodeGroup": 1,
        },
    ],
    ("durability/topology", 2): [{"It.ReplicasPerNodeGroup": 1, "It.MultiAZEnabled": True}],
    ("durability/version", 0): [
        {"It.EngineVersion": "9.0", "It.CacheParameterGroupName": "default.valkey9.cluster.on"}
    ],
    ("durability/version", 2): [
        {
            "It.Engine": "valkey",
            "It.EngineVersion": "9.0",
            "It.CacheParameterGroupName": "default.valkey9.cluster.on",
        }
    ],
    ("engine/family-known", 0): [{"It.CacheParameterGroupFamily": "redis6.x"}],
    ("engine/family-known", 1): [
        {"It.CacheParameterGroupFamily": family} for family in ("valkey7", "valkey8", "valkey9")
    ],
    ("engine/family-known", 3): [{"It.CacheParameterGroupFamily": "memcached1.6"}],
    ("engine/family-matches", 0): [{"It.CacheParameterGroupName": "default.valkey8"}],
    ("engine/family-matches", 1): [{"Parameters.CacheParameterGroupFamily": "redis7"}],
    ("engine/family-matches", 2): [{"It.CacheParameterGroupName": "default.redis7", "It.EngineVersion": "7.1"}],
    ("engine/family-matches", 4): [{"It.EngineVersion": "6.2"}],
    ("engine/family-matches", 6): [{"It.EngineVersion": "1.5.16"}],
    ("engine/replication", 0): [{"It": MEMCACHED}],
    ("engine/version", 0): [{"It.EngineVersion": "7.1"}],
    ("engine/version", 1): [{"It.EngineVersion": "9.1", "It.Engine": "valkey"}],
    ("engine/version", 3): [{"It.EngineVersion": version} for version in ("8.0", "8.1", "8.2", "9.0", "9.1")],
    ("engine/version", 7): [{"It.EngineVersion": "8.2"}],
    ("engine/version", 9): [{"It.EngineVersion": "1.6.22"}],
    ("node-type/exists", 0): [{"It.CacheNodeType": "cache.r7g.large"}],
    ("node-type/exists", 1): [{"It.CacheNodeType": "cache.t4g.micro"}],
    ("node-type/exists", 3): [{"It.CacheNodeType": "cache.t4g.micro"}],
    ("node-type/exists", 6): [{"It.CacheNodeType": "cache.r7g.xlarge", "It.DataTieringEnabled": ABSENT}],
    ("node-type/exists", 7): [{"It.CacheNodeType": "cache.r5.24xlarge"}],
    ("node-type/exists", 8): [{"It.CacheNodeType": "cache.c8gn.12xlarge"}],
    ("node-type/exists", 9): [{"It.CacheNodeType": "cache.r7g.8xlarge", "It.DataTieringEnabled": ABSENT}],
    ("node-type/exists", 10): [{"It.CacheNodeType": "cache.t3.small"}],
    ("node-type/graviton-version", 0): [{"It.EngineVersion": "5.0.6"}, {"It.CacheNodeType": "cache.t3.micro"}],
    ("node-type/stated", 0): [{"It.CacheNodeType": "cache.t4g.micro"}],
    ("parameters/modifiable", 0): [{"It.Properties.maxmemory": ABSENT}],
    ("parameters/modifiable", 1): [{"It.Properties": {}}],
    ("parameters/name", 0): [
        {"It.Properties": {"maxmemory-policy": "noeviction"}},
        {"It.Properties.maxmemory-polici": ABSENT},
    ],
    ("parameters/name", 1): [{"It.Properties": {"timeout": "20"}}, {"It.Properties": {}}],
    ("parameters/name", 3): [{"It.Properties": {"timeout": "20"}}, {"It.Properties": {}}],
    ("parameters/value", 0): [{"It.Properties.maxmemory-policy": "allkeys-lru"}],
    ("parameters/value", 1): [{"It.Properties.timeout": value} for value in ("0", "20")],
    ("parameters/value", 3): [{"It.Properties.databases": value} for value in ("1", "1200000")],
}

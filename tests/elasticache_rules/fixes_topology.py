"""Changes that the fixes of rules ask for: shards, replicas and zones."""

from tests.elasticache_rules.examples import ABSENT
from tests.elasticache_rules.fixes_parts import SHARDED, SLOTS, Fixes, zone_of

FIXES: Fixes = {
    ("placement/multi-az-subnets", 0): [
        {"Subnets.SubnetIds": [{"Ref": "A"}, {"Ref": "B"}], "B": zone_of("us-east-1b")}
    ],
    ("placement/preferred-zones", 0): [{"It.PreferredCacheClusterAZs": ["us-east-1a", "us-east-1b"]}],
    ("placement/preferred-zones", 1): [
        {
            "It.PreferredCacheClusterAZs": ABSENT,
            "It.NodeGroupConfiguration": [
                {"PrimaryAvailabilityZone": "us-east-1a", "ReplicaAvailabilityZones": ["us-east-1b"]}
            ]
            * 3,
        }
    ],
    ("placement/preferred-zones", 2): [
        {
            "It.PreferredCacheClusterAZs": ABSENT,
            "It.NodeGroupConfiguration.0.PrimaryAvailabilityZone": "us-east-1a",
        }
    ],
    ("placement/preferred-zones", 3): [
        {
            "It.NumCacheClusters": 1,
            "It.NumNodeGroups": ABSENT,
            "It.ReplicasPerNodeGroup": ABSENT,
            "It.AutomaticFailoverEnabled": False,
            "It.MultiAZEnabled": False,
        }
    ],
    ("placement/zones-have-subnets", 0): [
        {"Subnets.SubnetIds": [{"Ref": "A"}, {"Ref": "B"}], "B": zone_of("us-east-1f")},
        {"It.PreferredAvailabilityZone": "us-east-1a"},
    ],
    ("shards/count", 0): [{"It.NumNodeGroups": 2}],
    ("shards/one-way-to-count-replicas", 0): [
        {"It.ReplicasPerNodeGroup": ABSENT},
        {
            "It.NodeGroupConfiguration.0.ReplicaCount": ABSENT,
            "It.NodeGroupConfiguration.1.ReplicaCount": ABSENT,
        },
    ],
    ("shards/replica-count", 0): [{"It.NodeGroupConfiguration.0.ReplicaCount": 5}],
    ("shards/replica-count", 1): [{"It.NodeGroupConfiguration.0.ReplicaCount": 1}],
    ("shards/replica-count", 2): [
        {"It.NodeGroupConfiguration.0.ReplicaAvailabilityZones": ["us-east-1a", "us-east-1b"]}
    ],
    ("shards/slots", 0): [{"It.NodeGroupConfiguration.0.Slots": "0-16383"}],
    ("shards/slots", 1): [{"It.NodeGroupConfiguration.1.Slots": "8192-16383"}],
    ("shards/slots", 2): [{"It.NodeGroupConfiguration.1.Slots": "8192-16383"}],
    ("shards/slots", 3): [{"It.NodeGroupConfiguration.1.Slots": "8192-16383"}],
    ("shards/slots-to-restore", 0): [{"It.NodeGroupConfiguration": SLOTS, "It.NumNodeGroups": 2}],
    ("shards/snapshotting-cluster", 0): [{"It.SnapshottingClusterId": ABSENT}],
    ("shards/unique-ids", 0): [{"It.NodeGroupConfiguration.1.NodeGroupId": "2"}],
    ("topology/cluster-mode-group", 0): [
        {"It.ClusterMode": "enabled"},
        {"It.CacheParameterGroupName": "default.valkey9"},
    ],
    ("topology/cluster-mode-group", 1): [
        {"It.ClusterMode": "disabled"},
        {
            "It.CacheParameterGroupName": "default.valkey8.cluster.on",
            "It.NumCacheClusters": ABSENT,
            "It.NumNodeGroups": 1,
            "It.ReplicasPerNodeGroup": 1,
        },
    ],
    ("topology/cluster-mode-needs-failover", 0): [{"It.AutomaticFailoverEnabled": True}],
    ("topology/cluster-mode-shards", 0): [{"It.ClusterMode": "enabled"}, {"It.NumNodeGroups": 1}],
    ("topology/cluster-mode-shards", 1): [{"It.ClusterMode": "enabled"}, {"It.NumNodeGroups": 1}],
    ("topology/cluster-mode-version", 0): [{"It.EngineVersion": "7.0"}],
    ("topology/counts", 0): [{"It.NumCacheClusters": 6}, SHARDED],
    ("topology/counts", 1): [{"It.NumCacheClusters": 1}],
    ("topology/counts", 2): [{"It.ReplicasPerNodeGroup": 5}, {"It.ReplicasPerNodeGroup": 5, "It.NumNodeGroups": 6}],
    ("topology/counts", 3): [{"It.ReplicasPerNodeGroup": 1}],
    ("topology/counts", 4): [{"It.NumNodeGroups": 1}],
    ("topology/counts", 5): [{"It.NumNodeGroups": 3, "It.CacheNodeType": "cache.r7g.4xlarge"}],
    ("topology/failover-needs-replica", 0): [{"It.AutomaticFailoverEnabled": False}, {"It.NumCacheClusters": 2}],
    ("topology/failover-needs-replica", 1): [{"It.AutomaticFailoverEnabled": False}, {"It.NumCacheClusters": 2}],
    ("topology/multi-az-needs-failover", 0): [{"It.AutomaticFailoverEnabled": True}, {"It.MultiAZEnabled": False}],
    ("topology/multi-az-needs-replica", 0): [{"It.ReplicasPerNodeGroup": 1}],
    ("topology/nodes-per-cluster", 0): [
        {"It.NumNodeGroups": 15},
        {"It.NumNodeGroups": 45, "It.ReplicasPerNodeGroup": 1},
    ],
    ("topology/one-count-of-nodes", 0): [{"It.NumCacheClusters": ABSENT, "It.ReplicasPerNodeGroup": 1}],
    ("topology/one-count-of-nodes", 1): [
        {"It.NumNodeGroups": ABSENT},
        {"It.NumCacheClusters": ABSENT, "It.ReplicasPerNodeGroup": 1},
    ],
    ("topology/shards-before-5.0.6", 0): [
        {"It.EngineVersion": "5.0.6", "It.CacheParameterGroupName": "default.redis5.0.cluster.on"},
        {"It.NumNodeGroups": 45, "It.ReplicasPerNodeGroup": 1},
    ],
    ("topology/shards-need-cluster-mode", 0): [{"It.CacheParameterGroupName": "default.valkey9.cluster.on"}],
    ("topology/shards-need-cluster-mode", 1): [
        {"Parameters.Properties.cluster-enabled": "yes"},
        {"It.CacheParameterGroupName": "default.valkey9.cluster.on"},
    ],
    ("topology/size-stated", 0): [
        {"It.NumCacheClusters": 1},
        {"It.NumNodeGroups": 1, "It.ReplicasPerNodeGroup": 0, "It.CacheParameterGroupName": "default.valkey8"},
    ],
    ("topology/updates-need-replica", 0): [{"It.ReplicasPerNodeGroup": 1}],
}

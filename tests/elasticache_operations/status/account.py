"""An account with caches, as ElastiCache and CloudWatch describe it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from elasticache_operations.status.metrics import Key
from elasticache_operations.status.trend import Series

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def group(id: str = "orders", *, nodes: int = 2, **changes: Any) -> dict[str, Any]:
    """A replication group with cluster mode disabled."""
    members = [
        {
            "CacheClusterId": f"{id}-{number + 1:03d}",
            "CacheNodeId": "0001",
            "PreferredAvailabilityZone": f"us-east-1{'abc'[number % 3]}",
            "CurrentRole": "replica" if number else "primary",
        }
        for number in range(nodes)
    ]
    return {
        "ReplicationGroupId": id,
        "Status": "available",
        "Engine": "valkey",
        "CacheNodeType": "cache.r7g.xlarge",
        "MemberClusters": [member["CacheClusterId"] for member in members],
        "NodeGroups": [{"NodeGroupId": "0001", "NodeGroupMembers": members}],
        "ClusterEnabled": False,
        "AutomaticFailover": "enabled",
        "MultiAZ": "enabled",
        "TransitEncryptionEnabled": True,
        "AtRestEncryptionEnabled": True,
        "UserGroupIds": ["app"],
        "SnapshotRetentionLimit": 7,
        "ReplicationGroupCreateTime": NOW - timedelta(days=400),
        **changes,
    }


def clusters(group: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    """The clusters of a replication group."""
    return [
        {
            "CacheClusterId": name,
            "ReplicationGroupId": group["ReplicationGroupId"],
            "Engine": group["Engine"],
            "EngineVersion": "8.1.0",
            "CacheClusterStatus": "available",
            "CacheNodeType": group["CacheNodeType"],
            "CacheParameterGroup": {
                "CacheParameterGroupName": "default.valkey8",
                "ParameterApplyStatus": "in-sync",
            },
            **changes,
        }
        for name in group["MemberClusters"]
    ]


def memcached(id: str = "pages", *, nodes: int = 2, **changes: Any) -> dict[str, Any]:
    """A cluster of Memcached."""
    return {
        "CacheClusterId": id,
        "Engine": "memcached",
        "EngineVersion": "1.6.22",
        "CacheClusterStatus": "available",
        "CacheNodeType": "cache.t4g.small",
        "NumCacheNodes": nodes,
        "TransitEncryptionEnabled": True,
        "CacheNodes": [
            {
                "CacheNodeId": f"{number + 1:04d}",
                "CacheNodeStatus": "available",
                "CustomerAvailabilityZone": "us-east-1a",
            }
            for number in range(nodes)
        ],
        **changes,
    }


def serverless(name: str = "sessions", **changes: Any) -> dict[str, Any]:
    """A serverless cache with limits."""
    return {
        "ServerlessCacheName": name,
        "Status": "available",
        "Engine": "valkey",
        "MajorEngineVersion": "8",
        "FullEngineVersion": "8.1",
        "CacheUsageLimits": {
            "DataStorage": {"Maximum": 10, "Unit": "GB"},
            "ECPUPerSecond": {"Maximum": 1000},
        },
        "UserGroupId": "app",
        "SnapshotRetentionLimit": 1,
        **changes,
    }


def inventory(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """The answers that list a replication group, its clusters, a cluster of Memcached and a serverless cache."""
    return {
        ("elasticache", "DescribeReplicationGroups"): {"ReplicationGroups": [described]},
        ("elasticache", "DescribeCacheClusters"): {"CacheClusters": [*clusters(described), memcached()]},
        ("elasticache", "DescribeServerlessCaches"): {"ServerlessCaches": [serverless()]},
    }


def constant(value: float, days: int = 14) -> Series:
    """Hourly values that are all the same."""
    return rising(value, 0, days)


def rising(first: float, daily: float, days: int = 14) -> Series:
    """Hourly values that rise by an amount each day."""
    hours = range(days * 24)
    times = tuple(NOW - timedelta(hours=len(hours) - hour) for hour in hours)
    return Series(times, tuple(first + daily * (hour // 24) for hour in hours))


HEALTHY = {
    "DatabaseMemoryUsagePercentage": 40.0,
    "EngineCPUUtilization": 20.0,
    "CPUUtilization": 10.0,
    "CPUCreditBalance": 100.0,
    "FreeableMemory": 4e9,
    "SwapUsage": 0.0,
    "Evictions": 0.0,
    "CacheHitRate": 95.0,
    "CurrConnections": 100.0,
    "NewConnections": 60.0,
    "RejectedConnections": 0.0,
    "ReplicationLag": 0.01,
    "SuccessfulReadRequestLatency": 300.0,
    "SuccessfulWriteRequestLatency": 300.0,
    "NetworkBandwidthInAllowanceExceeded": 0.0,
    "NetworkBandwidthOutAllowanceExceeded": 0.0,
    "NetworkConntrackAllowanceExceeded": 0.0,
    "NetworkPacketsPerSecondAllowanceExceeded": 0.0,
    "TrafficManagementActive": 0.0,
    "MemoryFragmentationRatio": 1.1,
    "ThrottledCmds": 0.0,
    "ElastiCacheProcessingUnits": 3600.0,
    "BytesUsedForCache": 1e9,
    "NetworkBytesOut": 3.6e9,
    "NetworkBytesIn": 3.6e8,
    "CurrItems": 1e6,
    "GetTypeCmds": 3.6e6,
    "SetTypeCmds": 3.6e5,
}
"""Values of a cache without findings."""


def healthy(keys: list[Key]) -> dict[Key, Series]:
    """The metrics of a cache without findings."""
    return {key: constant(HEALTHY[key.metric]) for key in keys}


HOURS = [timedelta(hours=hour) for hour in range(14 * 24)]
"""The distances of hourly values from the end, the newest first."""

"""AWS CDK constructs for Amazon ElastiCache; everything public is here."""

from . import parameters
from .access.access import Access, BoundAccess
from .access.access_string import AccessRules, AccessString, Category, KeyAccess
from .access.grants import CacheGrants
from .access.user import DATA_ACCESS, NO_ACCESS, IamUser, NoPasswordUser, PasswordUser
from .access.user_base import UserBase
from .access.user_group import UserGroup, UserGroupBase
from .caches import presets
from .caches.cache_base import CacheBase
from .caches.global_datastore import GlobalDatastore, GlobalDatastoreBase, RegionalZones
from .caches.global_datastore_secondary import GlobalDatastoreSecondary
from .caches.global_datastore_set import GlobalDatastoreSet, GlobalRegion
from .caches.hardening import HardenedReplicationGroup
from .caches.memcached_cluster import MemcachedCluster
from .caches.memcached_cluster_base import MemcachedClusterBase
from .caches.metrics.memcached import MemcachedMetrics
from .caches.metrics.options import MemcachedMetricOptions, MetricOptions, NodeMetricOptions
from .caches.metrics.replication_group import ReplicationGroupMetrics
from .caches.metrics.serverless import ServerlessCacheMetrics
from .caches.outpost_cluster import OutpostCluster
from .caches.parameter_group import ParameterGroup, ParameterGroupBase
from .caches.replication_group import ReplicationGroup
from .caches.replication_group_base import ReplicationGroupBase
from .caches.restore import RestoreFrom
from .caches.serverless_cache import ServerlessCache
from .caches.serverless_cache_base import ServerlessCacheBase
from .caches.snapshot import ServerlessCacheSnapshot, ServerlessCacheSnapshotBase, Snapshot, SnapshotBase
from .checks import ElastiCacheChecks
from .client.client import CacheClient, newest_amazon_linux_2023
from .client.client_program import ClientProgram
from .client.database_target import DatabaseTarget
from .management.alarms import AlarmThresholds, CacheAlarms
from .management.dashboard import CacheDashboard
from .management.events import CACHE_FAILURES, CacheEvent, CacheEventRule
from .management.rotation import CredentialRotation
from .management.scaling import ReplicaScaling, ShardScaling
from .network.network import InstanceConnectEndpoint, Network
from .network.subnet_group import SubnetGroup, SubnetGroupBase
from .values.authentication import Authentication
from .values.cluster_mode import ClusterMode, ClusterModeName, Shard
from .values.engine import Engine, EngineVersion, MemcachedVersion, ServerlessEngine, ServerlessEngineName
from .values.log_delivery import LogDelivery, LogDestination, LogFormat, LogType
from .values.node_type import NodeType
from .values.options import Backup, Durability, Endpoint, IpDiscovery, NetworkType, TransitEncryption
from .values.usage_limits import UsageLimits

__all__ = [
    "CACHE_FAILURES",
    "DATA_ACCESS",
    "NO_ACCESS",
    "Access",
    "AccessRules",
    "AccessString",
    "AlarmThresholds",
    "Authentication",
    "Backup",
    "BoundAccess",
    "CacheAlarms",
    "CacheBase",
    "CacheClient",
    "CacheDashboard",
    "CacheEvent",
    "CacheEventRule",
    "CacheGrants",
    "Category",
    "ClientProgram",
    "ClusterMode",
    "ClusterModeName",
    "CredentialRotation",
    "DatabaseTarget",
    "Durability",
    "ElastiCacheChecks",
    "Endpoint",
    "Engine",
    "EngineVersion",
    "GlobalDatastore",
    "GlobalDatastoreBase",
    "GlobalDatastoreSecondary",
    "GlobalDatastoreSet",
    "GlobalRegion",
    "HardenedReplicationGroup",
    "IamUser",
    "InstanceConnectEndpoint",
    "IpDiscovery",
    "KeyAccess",
    "LogDelivery",
    "LogDestination",
    "LogFormat",
    "LogType",
    "MemcachedCluster",
    "MemcachedClusterBase",
    "MemcachedMetricOptions",
    "MemcachedMetrics",
    "MemcachedVersion",
    "MetricOptions",
    "Network",
    "NetworkType",
    "NoPasswordUser",
    "NodeMetricOptions",
    "NodeType",
    "OutpostCluster",
    "ParameterGroup",
    "ParameterGroupBase",
    "PasswordUser",
    "RegionalZones",
    "ReplicaScaling",
    "ReplicationGroup",
    "ReplicationGroupBase",
    "ReplicationGroupMetrics",
    "RestoreFrom",
    "ServerlessCache",
    "ServerlessCacheBase",
    "ServerlessCacheMetrics",
    "ServerlessCacheSnapshot",
    "ServerlessCacheSnapshotBase",
    "ServerlessEngine",
    "ServerlessEngineName",
    "Shard",
    "ShardScaling",
    "Snapshot",
    "SnapshotBase",
    "SubnetGroup",
    "SubnetGroupBase",
    "TransitEncryption",
    "UsageLimits",
    "UserBase",
    "UserGroup",
    "UserGroupBase",
    "newest_amazon_linux_2023",
    "parameters",
    "presets",
]

"""AWS CDK constructs for Amazon ElastiCache; everything public is here."""

from constructs_lib import parameters, presets
from constructs_lib.access import Access, BoundAccess
from constructs_lib.access_string import AccessRules, AccessString, Category, KeyAccess
from constructs_lib.alarms import AlarmThresholds, CacheAlarms
from constructs_lib.authentication import Authentication
from constructs_lib.cache_base import CacheBase
from constructs_lib.checks import ElastiCacheChecks
from constructs_lib.client import CacheClient, newest_amazon_linux_2023
from constructs_lib.cluster_mode import ClusterMode, ClusterModeName, Shard
from constructs_lib.dashboard import CacheDashboard
from constructs_lib.engine import Engine, EngineVersion, MemcachedVersion, ServerlessEngine, ServerlessEngineName
from constructs_lib.events import CACHE_FAILURES, CacheEvent, CacheEventRule
from constructs_lib.global_datastore import GlobalDatastore, GlobalDatastoreBase, RegionalZones
from constructs_lib.global_datastore_secondary import GlobalDatastoreSecondary
from constructs_lib.global_datastore_set import GlobalDatastoreSet, GlobalRegion
from constructs_lib.grants import CacheGrants
from constructs_lib.hardening import HardenedReplicationGroup
from constructs_lib.log_delivery import LogDelivery, LogDestination, LogFormat, LogType
from constructs_lib.memcached_cluster import MemcachedCluster
from constructs_lib.memcached_cluster_base import MemcachedClusterBase
from constructs_lib.metrics import MemcachedMetrics, ReplicationGroupMetrics, ServerlessCacheMetrics
from constructs_lib.network import InstanceConnectEndpoint, Network
from constructs_lib.node_type import NodeType
from constructs_lib.options import Backup, Durability, Endpoint, IpDiscovery, NetworkType, TransitEncryption
from constructs_lib.outpost_cluster import OutpostCluster
from constructs_lib.parameter_group import ParameterGroup, ParameterGroupBase
from constructs_lib.replication_group import ReplicationGroup
from constructs_lib.replication_group_base import ReplicationGroupBase
from constructs_lib.restore import RestoreFrom
from constructs_lib.rotation import CredentialRotation
from constructs_lib.scaling import ReplicaScaling, ShardScaling
from constructs_lib.serverless_cache import ServerlessCache
from constructs_lib.serverless_cache_base import ServerlessCacheBase
from constructs_lib.snapshot import ServerlessCacheSnapshot, ServerlessCacheSnapshotBase, Snapshot, SnapshotBase
from constructs_lib.subnet_group import SubnetGroup, SubnetGroupBase
from constructs_lib.usage_limits import UsageLimits
from constructs_lib.user import DATA_ACCESS, NO_ACCESS, IamUser, NoPasswordUser, PasswordUser, UserBase
from constructs_lib.user_group import UserGroup, UserGroupBase

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
    "ClusterMode",
    "ClusterModeName",
    "CredentialRotation",
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
    "MemcachedMetrics",
    "MemcachedVersion",
    "Network",
    "NetworkType",
    "NoPasswordUser",
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

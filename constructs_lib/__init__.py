"""AWS CDK constructs for Amazon ElastiCache; everything public is here."""

import importlib
from typing import TYPE_CHECKING

from . import parameters
from ._core.checking import PropTypeError, ReleaseImportError
from ._core.types import check_types
from .access.access import Access
from .access.access_string import DATA_ACCESS, NO_ACCESS, AccessRules, AccessString, Category, KeyAccess
from .access.bound_access import BoundAccess
from .access.grants import CacheGrants
from .access.user import IamUser, NoPasswordUser, PasswordUser
from .access.user_base import UserBase
from .access.user_group import UserGroup, UserGroupBase
from .caches import presets
from .caches.cache_base import CacheBase
from .caches.global_datastore import GlobalDatastore, GlobalDatastoreBase, RegionalZones
from .caches.global_datastore_secondary import GlobalDatastoreSecondary
from .caches.global_datastore_set import GlobalDatastoreSet, GlobalRegion
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
from .client.client import CacheClient
from .client.client_program import ClientProgram
from .client.database_target import DatabaseTarget
from .client.image import newest_amazon_linux_2023
from .management.alarms import AlarmThresholds, CacheAlarms
from .management.dashboard import CacheDashboard
from .management.database_cache import DatabaseCache
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

if TYPE_CHECKING:
    from .caches.hardening import HardenedReplicationGroup
    from .checks import ElastiCacheChecks

# These need a later release of aws-cdk-lib than the constructs, and are imported when they are asked for: the module,
# and a release that has what they extend.
_LATER = {
    "ElastiCacheChecks": (".checks", "2.251.0"),
    "HardenedReplicationGroup": (".caches.hardening", "2.241.0"),
}

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
    "DatabaseCache",
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
    "PropTypeError",
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

check_types({name: vars(parameters)[name] for name in parameters.__all__}, empty=True)
check_types({name: member for name, member in vars(presets).items() if not name.startswith("_")})
check_types(
    {name: globals()[name] for name in __all__ if name in globals()}, token_enums=(Durability, IpDiscovery, NetworkType)
)


def __getattr__(name: str) -> object:
    """Import a class that needs a later release of aws-cdk-lib than the lower bound."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, release = _LATER[name]
    try:
        member: object = getattr(importlib.import_module(module, __name__), name)
    except AttributeError as missing:
        message = f"{name} needs aws-cdk-lib {release} or later: {missing}; upgrade aws-cdk-lib"
        raise ReleaseImportError(message, release) from missing
    globals()[name] = member
    check_types({name: member})
    return member


def __dir__() -> list[str]:
    """The public names, with those that are imported on first use."""
    return sorted({*globals(), *_LATER})

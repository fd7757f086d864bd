"""AWS CDK constructs for Amazon ElastiCache; everything public is here."""

from constructs_lib.access import Access, BoundAccess
from constructs_lib.checks import ElastiCacheChecks
from constructs_lib.client import CacheClient, newest_amazon_linux_2023
from constructs_lib.cluster_mode import ClusterMode, ClusterModeName
from constructs_lib.engine import Engine, EngineVersion
from constructs_lib.grants import CacheGrants
from constructs_lib.metrics import ReplicationGroupMetrics
from constructs_lib.network import InstanceConnectEndpoint, Network
from constructs_lib.node_type import NodeType
from constructs_lib.options import Backup, Endpoint, TransitEncryption
from constructs_lib.parameter_group import ParameterGroup, ParameterGroupBase
from constructs_lib.replication_group import ReplicationGroup
from constructs_lib.replication_group_base import ReplicationGroupBase
from constructs_lib.subnet_group import SubnetGroup, SubnetGroupBase
from constructs_lib.user import DATA_ACCESS, NO_ACCESS, Authentication, IamUser, NoPasswordUser, UserBase
from constructs_lib.user_group import UserGroup, UserGroupBase

__all__ = [
    "DATA_ACCESS",
    "NO_ACCESS",
    "Access",
    "Authentication",
    "Backup",
    "BoundAccess",
    "CacheClient",
    "CacheGrants",
    "ClusterMode",
    "ClusterModeName",
    "ElastiCacheChecks",
    "Endpoint",
    "Engine",
    "EngineVersion",
    "IamUser",
    "InstanceConnectEndpoint",
    "Network",
    "NoPasswordUser",
    "NodeType",
    "ParameterGroup",
    "ParameterGroupBase",
    "ReplicationGroup",
    "ReplicationGroupBase",
    "ReplicationGroupMetrics",
    "SubnetGroup",
    "SubnetGroupBase",
    "TransitEncryption",
    "UserBase",
    "UserGroup",
    "UserGroupBase",
    "newest_amazon_linux_2023",
]

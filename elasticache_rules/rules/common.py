"""What several rules ask of a resource."""

from collections import Counter
from collections.abc import Iterable

from elasticache_rules import facts
from elasticache_rules.template import Composite, Reference, Resource, Unknown, as_integer

REPLICATION_GROUP = "AWS::ElastiCache::ReplicationGroup"
CACHE_CLUSTER = "AWS::ElastiCache::CacheCluster"
PARAMETER_GROUP = "AWS::ElastiCache::ParameterGroup"
SUBNET_GROUP = "AWS::ElastiCache::SubnetGroup"
USER = "AWS::ElastiCache::User"
USER_GROUP = "AWS::ElastiCache::UserGroup"
GLOBAL_REPLICATION_GROUP = "AWS::ElastiCache::GlobalReplicationGroup"
SERVERLESS_CACHE = "AWS::ElastiCache::ServerlessCache"

API = "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/"
GUIDE = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/"


def is_secondary(group: Resource) -> bool:
    """Whether a replication group joins a Global Datastore, from which it takes its engine and size."""
    return not group.lacks("GlobalReplicationGroupId")


def engine_of(resource: Resource) -> str | None:
    """The engine, lower-cased; "redis" for a replication group that states none (the API's default)."""
    if resource.lacks("Engine"):
        if resource.type == REPLICATION_GROUP and not is_secondary(resource):
            return "redis"
        return None
    stated = resource.text("Engine")
    return stated.lower() if stated else None


def version_of(resource: Resource) -> str | None:
    """The engine version as text; None when it is absent, unknown or has another form than a version."""
    value = resource.get("EngineVersion")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    stated = as_text(value)
    return stated if facts.is_version(stated) else None


def as_text(value: object) -> str:
    """A value as a message shows it, cut after 60 characters.

    Python refuses to write an integer of more than 4,300 digits in decimal.
    """
    stated = hex(value) if isinstance(value, int) and abs(value) >= 10**60 else str(value)
    return stated if len(stated) <= 60 else f"{stated[:60]}..."


def is_no_integer(value: object) -> bool:
    """Whether a value is certainly no integer: neither 3 nor "3", and known."""
    return not (value is None or isinstance(value, Unknown | Reference | Composite) or as_integer(value) is not None)


def duplicates(values: Iterable[str]) -> list[str]:
    """The values that occur more than once, sorted."""
    return sorted(value for value, count in Counter(values).items() if count > 1)


def parameters_of(parameter_group: Resource) -> dict[str, object]:
    """The parameters that a parameter group sets."""
    stated = parameter_group.get("Properties")
    return dict(stated) if isinstance(stated, dict) else {}


def cluster_enabled(group: Resource) -> bool | None:
    """Whether the parameter group of a replication group turns cluster mode on; None where unknown."""
    name = group.get("CacheParameterGroupName")
    target = group.target("CacheParameterGroupName")
    if target is not None and target.type == PARAMETER_GROUP:
        stated = parameters_of(target).get("cluster-enabled", "no")
        return str(stated).lower() == "yes" if isinstance(stated, str) else None
    if isinstance(name, str) and name.startswith("default."):
        return name.endswith(".cluster.on")
    return None if name is not None else False


def shard_count(group: Resource) -> int | None:
    """The number of shards that a replication group states, 1 where it states none; None where unknown."""
    configurations = group.items("NodeGroupConfiguration")
    if not group.lacks("NumNodeGroups"):
        return group.integer("NumNodeGroups")
    if configurations is not None:
        return len(configurations)
    return 1 if group.lacks("NodeGroupConfiguration") else None


def replicas_per_shard(group: Resource) -> int | None:
    """The smallest number of replicas that any shard has; None where unknown or not stated."""
    nodes = group.integer("NumCacheClusters")
    if nodes is not None:
        return nodes - 1
    if not group.lacks("ReplicasPerNodeGroup"):
        return group.integer("ReplicasPerNodeGroup")
    configurations = group.items("NodeGroupConfiguration")
    if configurations:
        counts = [as_integer(shard.get("ReplicaCount")) for shard in configurations if isinstance(shard, dict)]
        known = [count for count in counts if count is not None]
        return min(known) if len(known) == len(configurations) else None
    silent = all(group.lacks(name) for name in ("NumCacheClusters", "PrimaryClusterId", "NodeGroupConfiguration"))
    return 0 if silent else None


def has_user_groups(group: Resource) -> bool:
    """Whether a replication group certainly has user groups."""
    return bool(group.items("UserGroupIds"))

"""Properties of resources that several rules use."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from elasticache_rules import facts
from elasticache_rules.template import OUTPUT, Composite, Reference, Resource, Unknown, as_integer

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

ABSENT_CLUSTER_MODE = (
    "ReplicationGroup.CacheParameterGroupName",
    "ReplicationGroup.ClusterMode",
    "ReplicationGroup.GlobalReplicationGroupId",
    "ReplicationGroup.NodeGroupConfiguration",
    "ReplicationGroup.NumNodeGroups",
)
"""The properties whose absence `cluster_enabled` and `shard_count` take for a value."""


def is_secondary(group: Resource) -> bool:
    """Whether a replication group joins a Global Datastore, from which it inherits its engine and size."""
    return not group.lacks("GlobalReplicationGroupId")


def engine_of(resource: Resource) -> str | None:
    """The engine, lower-cased; None where it is absent or unknown.

    The service names no default for a replication group without one.
    """
    engine = resource.text("Engine")
    return engine.lower() if engine else None


def version_of(resource: Resource) -> str | None:
    """The engine version as text; None when it is absent, unknown or not in the form of a version."""
    value = resource.get("EngineVersion")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    version = as_text(value)
    return version if facts.is_version(version) else None


def as_text(value: object) -> str:
    """A value as shown in a message, truncated to 60 characters.

    Python refuses to write an integer of more than 4,300 digits in decimal.
    """
    text = hex(value) if isinstance(value, int) and abs(value) >= 10**60 else str(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def is_no_integer(value: object) -> bool:
    """Whether a value is known and not an integer such as 3 or "3"."""
    return not (value is None or isinstance(value, Unknown | Reference | Composite) or as_integer(value) is not None)


def duplicates(values: Iterable[str]) -> list[str]:
    """The values that occur more than once, sorted."""
    return sorted(value for value, count in Counter(values).items() if count > 1)


def parameters_of(parameter_group: Resource) -> dict[str, object]:
    """The parameters that a parameter group sets."""
    properties = parameter_group.get("Properties")
    return dict(properties) if isinstance(properties, dict) else {}


def cluster_enabled(group: Resource) -> bool | None:
    """Whether cluster mode is on; None where unknown.

    A parameter group of the template decides, or the name of a default one. Without a parameter group, the service
    takes the default one that the shards and ClusterMode need.
    Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
    """
    name = group.get("CacheParameterGroupName")
    target = group.target("CacheParameterGroupName")
    if target is not None and target.type == PARAMETER_GROUP:
        if target.open:
            return None
        setting = parameters_of(target).get("cluster-enabled", "no")
        return str(setting).lower() == "yes" if isinstance(setting, str) else None
    if isinstance(name, str) and name.startswith("default."):
        return name.endswith(".cluster.on")
    return _without_parameter_group(group) if group.lacks("CacheParameterGroupName") else None


def _without_parameter_group(group: Resource) -> bool | None:
    shards = shard_count(group)
    if group.text("ClusterMode") == "enabled" or (shards is not None and shards > 1):
        return True
    silent = all(group.lacks(name) for name in ("ClusterMode", "NumNodeGroups", "NodeGroupConfiguration"))
    return False if group.text("ClusterMode") == "disabled" or (silent and not is_secondary(group)) else None


def shard_count(group: Resource) -> int | None:
    """The number of shards of a replication group; None when unknown.

    1 if it is omitted: NumNodeGroups is 1 or omitted with cluster mode disabled.
    Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
    """
    configurations = group.items("NodeGroupConfiguration")
    if not group.lacks("NumNodeGroups"):
        return group.integer("NumNodeGroups")
    if configurations is not None:
        return len(configurations)
    unknown = is_secondary(group) or not group.lacks("NodeGroupConfiguration") or group.text("ClusterMode") == "enabled"
    return None if unknown else 1


def replicas_per_shard(group: Resource) -> int | None:
    """The smallest number of replicas of any shard; None when unknown or omitted.

    0 if no property sets the number of nodes or shards: NumCacheClusters is 1 by default.
    Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
    """
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
    names = ("NumCacheClusters", "PrimaryClusterId", "NodeGroupConfiguration", "NumNodeGroups")
    return 0 if all(group.lacks(name) for name in names) else None


def has_user_groups(group: Resource) -> bool:
    """Whether a replication group certainly has user groups."""
    return bool(group.items("UserGroupIds"))


def node_family(resource: Resource) -> tuple[str, str] | None:
    """The family and the size of a node type; None when it is absent, unknown or in another form."""
    name = resource.text("CacheNodeType") or ""
    return (name.split(".")[1], name.split(".")[2]) if name.count(".") == 2 else None


def values_at(properties: Any, dotted: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a value of any property
    """The values of a nested property with their paths; lists in between are replaced by their members.

    :param dotted: the property names, such as `Members.ReplicationGroupId`.
    """
    name, _, rest = dotted.partition(".")
    if not isinstance(properties, Mapping) or name not in properties:
        return
    for path, value in _members(name, properties[name]):
        if not rest:
            yield path, value
        else:
            for inner, inner_value in values_at(value, rest):
                yield f"{path}.{inner}", inner_value


def _members(path: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield f"{path}.{number}", item
    else:
        yield path, value


def place_of(resource: Resource, name: str, attribute: str = "") -> str:
    """The dotted path of the property in which a resource names another one.

    :param attribute: of `Fn::GetAtt`; any by default.
    """
    return next(_mentions(raw_properties(resource), name, attribute, ""), "") or "Properties"


def place_of_function(resource: Resource, name: str, argument: Any) -> str:  # noqa: ANN401 - of any function
    """The dotted path of the property whose value has a function with this argument in it."""
    return next(_calls(raw_properties(resource), {name: argument}, "", inside=False), "") or "Properties"


def raw_properties(resource: Resource) -> Any:  # noqa: ANN401 - as the template writes them
    """The properties of a resource, or the whole output, with their functions."""
    section = "Outputs" if resource.type == OUTPUT else "Resources"
    entry = resource.template.document[section].get(resource.logical_id, {})
    return entry if resource.type == OUTPUT else entry.get("Properties")


def _calls(value: Any, wanted: Mapping[str, Any], path: str, *, inside: bool) -> Iterator[str]:  # noqa: ANN401
    """The paths of the properties that hold a function; functions and their arguments are not part of a path."""
    if value == wanted:
        yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            function = inside or str(key).startswith("Fn::")
            longer = path if function else f"{path}.{key}" if path else str(key)
            yield from _calls(item, wanted, longer, inside=function)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _calls(item, wanted, path if inside else f"{path}.{number}", inside=inside)


def _mentions(value: Any, name: str, attribute: str, path: str, *, inside: bool = False) -> Iterator[str]:  # noqa: ANN401
    """The paths of the properties in which a resource is named; functions and their arguments are not part of a path.

    :param inside: whether the value is the argument of a function.
    """
    if isinstance(value, str):
        whole = f"{name}.{attribute}" if attribute else name
        if (inside and value == whole) or f"${{{whole}}}" in value or (not attribute and f"${{{name}." in value):
            yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            function = key == "Ref" or str(key).startswith("Fn::")
            longer = path if function or inside else f"{path}.{key}" if path else str(key)
            yield from _mentions(item, name, attribute, longer, inside=function or inside)
    elif isinstance(value, list):
        if inside and value[:2] == [name, attribute]:
            yield path
        for number, item in enumerate(value):
            yield from _mentions(item, name, attribute, path if inside else f"{path}.{number}", inside=inside)

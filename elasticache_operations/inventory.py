"""What templates deploy, as typed values: caches on nodes, serverless caches, instances, volumes and databases."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from elasticache_operations.templates import Stack
from elasticache_rules.rules import common
from elasticache_rules.template import Resource, as_integer

_INSTANCE: Final = "AWS::EC2::Instance"
_DB_INSTANCE: Final = "AWS::RDS::DBInstance"
_DB_CLUSTER: Final = "AWS::RDS::DBCluster"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource is."""

    stack: str
    region: str
    logical_id: str


@dataclass(frozen=True, slots=True)
class NodeCache:
    """A replication group or a cluster. None: not known before the deploy.

    :param nodes: of all shards.
    :param largest_shard: the nodes of the largest shard.
    :param retention: days that automatic snapshots are kept.
    :param group: whether it is a replication group.
    :param durable: whether writes are durable with `Durability: sync`.
    :param parameter_group: its name, or its logical id in the template; empty for the default one or an unknown one.
    """

    place: Place
    engine: str | None
    version: str | None
    node_type: str | None
    nodes: int | None
    shards: int | None
    largest_shard: int | None
    retention: int | None
    group: bool
    durable: bool | None = False
    in_global_datastore: bool = False
    parameter_group: str = ""

    @property
    def name(self) -> str:
        """Engine, version and node type."""
        parts = (self.engine or "unknown engine", self.version or "", self.node_type or "unknown node type")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Serverless:
    """A serverless cache; None: no limit is set, or it is not known before the deploy."""

    place: Place
    engine: str | None
    minimum_gb: int | None
    minimum_ecpu: int | None
    retention: int | None


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance and its volumes, as pairs of type and size in GiB; None: not known before the deploy."""

    place: Place
    instance_type: str | None
    volumes: Sequence[tuple[str | None, int | None]]


@dataclass(frozen=True, slots=True)
class Database:
    """A DB instance, or an Aurora cluster of serverless capacity.

    :param instance_class: `db.serverless` for an instance of Aurora Serverless v2.
    :param minimum_acu: the lowest capacity of an Aurora cluster, of each instance.
    """

    place: Place
    engine: str | None
    instance_class: str | None
    multi_az: bool
    storage_type: str | None
    storage_gb: int | None
    in_cluster: bool = False
    minimum_acu: float | None = None


Item = NodeCache | Serverless | Instance | Database


def items(stacks: Sequence[Stack]) -> list[Item]:
    """The resources that are priced and counted, in the templates' order."""
    return list(_items(stacks))


def _items(stacks: Sequence[Stack]) -> Iterator[Item]:
    for stack in stacks:
        for resource in stack.template.resources.values():
            place = Place(stack.name, stack.region, resource.logical_id)
            if resource.type == common.REPLICATION_GROUP:
                yield _group(place, resource, stacks)
            elif resource.type == common.CACHE_CLUSTER:
                yield _cluster(place, resource)
            elif resource.type == common.SERVERLESS_CACHE:
                yield _serverless(place, resource)
            elif resource.type == _INSTANCE:
                yield _instance(place, resource)
            elif resource.type == _DB_INSTANCE:
                yield _database(place, resource)


def _group(place: Place, group: Resource, stacks: Sequence[Stack]) -> NodeCache:
    secondary = common.is_secondary(group)
    source = _primary(group, stacks) if secondary else group
    inherited = source if source is not None else group
    shards = common.shard_count(group)
    if shards is None and secondary and source is not None:
        shards = common.shard_count(source)
    return NodeCache(
        place,
        common.engine_of(inherited),
        common.version_of(inherited),
        inherited.text("CacheNodeType"),
        _nodes(group, shards),
        1 if group.integer("NumCacheClusters") is not None else shards,
        _largest_shard(group),
        _retention(group),
        group=True,
        durable=None if not _is_known(inherited, "Durability") else inherited.text("Durability") == "sync",
        in_global_datastore=secondary,
        parameter_group=_parameter_group(inherited),
    )


def _primary(secondary: Resource, stacks: Sequence[Stack]) -> Resource | None:
    """The primary of a secondary's Global Datastore: by reference, or the only primary in the templates."""
    target = secondary.target("GlobalReplicationGroupId")
    every = [each for stack in stacks for each in stack.template.of_type(common.GLOBAL_REPLICATION_GROUP)]
    found = [target] if target is not None and target.type == common.GLOBAL_REPLICATION_GROUP else every
    if len(found) != 1:
        return None
    for member in found[0].items("Members") or []:
        if isinstance(member, dict) and member.get("Role") == "PRIMARY":
            return found[0].template.follow(member.get("ReplicationGroupId"), "ReplicationGroupId")
    return None


def _nodes(group: Resource, shards: int | None) -> int | None:
    clusters = group.integer("NumCacheClusters")
    if clusters is not None:
        return clusters
    if group.items("NodeGroupConfiguration"):
        sizes = _sizes(group)
        return None if sizes is None else sum(sizes)
    replicas = common.replicas_per_shard(group)
    return shards * (1 + replicas) if shards is not None and replicas is not None else None


def _sizes(group: Resource) -> list[int] | None:
    """The nodes of each shard in NodeGroupConfiguration."""
    configurations = group.items("NodeGroupConfiguration") or []
    default = group.get("ReplicasPerNodeGroup")
    counts = [as_integer(each.get("ReplicaCount", default)) for each in configurations if isinstance(each, dict)]
    known = [1 + count for count in counts if count is not None]
    return known if len(known) == len(configurations) else None


def _largest_shard(group: Resource) -> int | None:
    if group.integer("NumCacheClusters") is None and group.items("NodeGroupConfiguration"):
        return max(_sizes(group) or [0]) or None
    replicas = common.replicas_per_shard(group)
    return None if replicas is None else 1 + replicas


def _cluster(place: Place, cluster: Resource) -> NodeCache:
    nodes = 1 if cluster.lacks("NumCacheNodes") else cluster.integer("NumCacheNodes")
    return NodeCache(
        place,
        common.engine_of(cluster),
        common.version_of(cluster),
        cluster.text("CacheNodeType"),
        nodes,
        1,
        nodes,
        _retention(cluster),
        group=False,
        parameter_group=_parameter_group(cluster),
    )


def _serverless(place: Place, cache: Resource) -> Serverless:
    limits = cache.get("CacheUsageLimits")
    storage, ecpu = _member(limits, "DataStorage", "Minimum"), _member(limits, "ECPUPerSecond", "Minimum")
    return Serverless(place, common.engine_of(cache), as_integer(storage), as_integer(ecpu), _retention(cache))


def _instance(place: Place, instance: Resource) -> Instance:
    mappings = instance.items("BlockDeviceMappings") or []
    volumes = [
        (_text(_member(mapping, "Ebs", "VolumeType")), as_integer(_member(mapping, "Ebs", "VolumeSize")))
        for mapping in mappings
        if _member(mapping, "Ebs") is not None
    ]
    return Instance(place, instance.text("InstanceType"), volumes or [(None, None)])


def _database(place: Place, instance: Resource) -> Database:
    cluster = instance.template.follow(instance.get("DBClusterIdentifier"))
    scaling = cluster.get("ServerlessV2ScalingConfiguration") if cluster is not None else None
    minimum = _member(scaling, "MinCapacity")
    return Database(
        place,
        instance.text("Engine"),
        instance.text("DBInstanceClass"),
        multi_az=instance.boolean("MultiAZ") is True,
        storage_type=instance.text("StorageType"),
        storage_gb=instance.integer("AllocatedStorage"),
        in_cluster=instance.has("DBClusterIdentifier"),
        minimum_acu=float(minimum) if isinstance(minimum, int | float) else None,
    )


def _retention(resource: Resource) -> int | None:
    return 0 if resource.lacks("SnapshotRetentionLimit") else resource.integer("SnapshotRetentionLimit")


def _parameter_group(resource: Resource) -> str:
    target = resource.target("CacheParameterGroupName")
    return target.logical_id if target is not None else resource.text("CacheParameterGroupName") or ""


def _is_known(resource: Resource, name: str) -> bool:
    return resource.lacks(name) or resource.text(name) is not None


def _member(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None

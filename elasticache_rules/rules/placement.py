"""Availability Zones: their number, and whether the subnet group has a subnet in each."""

from collections.abc import Iterator

from elasticache_rules.finding import Severity
from elasticache_rules.output import counted
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import (
    API,
    CACHE_CLUSTER,
    GUIDE,
    REPLICATION_GROUP,
    SUBNET_GROUP,
    is_secondary,
    values_at,
)
from elasticache_rules.template import Resource

_CREATE = f"{API}API_CreateReplicationGroup.html"


_ZONES = (
    "PreferredCacheClusterAZs",
    "PreferredAvailabilityZones",
    "PreferredAvailabilityZone",
    "NodeGroupConfiguration.PrimaryAvailabilityZone",
    "NodeGroupConfiguration.ReplicaAvailabilityZones",
)


def _zones_of(resource: Resource) -> list[str] | None:
    """The zones of the subnet group's subnets, if all of them are in this template and set their zone."""
    group = resource.target("CacheSubnetGroupName")
    if group is None or group.type != SUBNET_GROUP:
        return None
    zones = []
    for value in group.items("SubnetIds") or []:
        subnet = group.template.follow(value)
        zone = subnet.text("AvailabilityZone") if subnet is not None else None
        if zone is None:
            return None
        zones.append(zone)
    return zones or None


@rule(
    "placement/preferred-zones",
    REPLICATION_GROUP,
    source=_CREATE,
    absent=(
        "ReplicationGroup.GlobalReplicationGroupId",
        "ReplicationGroup.NodeGroupConfiguration",
        "ReplicationGroup.NumCacheClusters",
    ),
)
def preferred_zones(group: Resource) -> Iterator[Violation]:
    """PreferredCacheClusterAZs is for one shard and lists one zone per node."""
    zones = group.items("PreferredCacheClusterAZs")
    if zones is None or is_secondary(group):
        return
    name, shards, nodes = "PreferredCacheClusterAZs", group.integer("NumNodeGroups"), group.integer("NumCacheClusters")
    if shards is not None and shards > 1:
        yield Violation(
            property=name,
            value=zones,
            must=f"be absent with {shards} shards; {name} is for one",
            fix="use NodeGroupConfiguration",
        )
    elif group.has("NodeGroupConfiguration"):
        yield Violation(
            property=name,
            value=zones,
            must="be absent with NodeGroupConfiguration, which has zones of its own",
            fix="state the zones in NodeGroupConfiguration",
            severity=Severity.WARNING,
        )
    elif group.lacks("NumCacheClusters"):
        yield Violation(
            property=name,
            value=zones,
            must="come with NumCacheClusters",
            fix=f"set NumCacheClusters to {len(zones)}",
        )
    elif nodes is not None and nodes != len(zones):
        yield Violation(
            property=name,
            value=zones,
            must=f"list a zone for each of the {counted(nodes, 'node')} of NumCacheClusters",
            fix=f"list {counted(nodes, 'zone')}",
        )


@rule("placement/zones-have-subnets", REPLICATION_GROUP, CACHE_CLUSTER, source=_CREATE)
def zones_have_subnets(resource: Resource) -> Iterator[Violation]:
    """Each preferred zone has a subnet in the subnet group."""
    there = _zones_of(resource)
    if there is None:
        return
    for name in _ZONES:
        wanted = [value for _, value in values_at(resource.properties, name)]
        missing = sorted({zone for zone in wanted if isinstance(zone, str) and zone not in there})
        if missing:
            yield Violation(
                property=name,
                value=missing,
                must=f"name zones that the subnet group has a subnet in ({', '.join(sorted(set(there)))})",
                fix="add a subnet there, or choose another Availability Zone",
            )


@rule("placement/multi-az-subnets", REPLICATION_GROUP, source=f"{GUIDE}AutoFailover.html", severity=Severity.WARNING)
def multi_az_subnets(group: Resource) -> Iterator[Violation]:
    """Multi-AZ needs subnets in two zones."""
    there = _zones_of(group)
    if group.boolean("MultiAZEnabled") and there is not None and len(set(there)) == 1:
        yield Violation(
            property="MultiAZEnabled",
            value=True,
            must=f"be false with subnets in one Availability Zone ({there[0]})",
            fix="add a subnet in another zone to the subnet group",
        )

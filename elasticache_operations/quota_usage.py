"""What counts against quotas: in templates, and in an account."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from elasticache_operations.aws import Call
from elasticache_operations.context import Context
from elasticache_operations.instance_vcpus import is_standard, running, vcpus
from elasticache_operations.inventory import Instance, NodeCache, Serverless, items
from elasticache_operations.templates import Stack
from elasticache_rules.rules import common
from elasticache_rules.template import Resource

_COUNTED: Final = {
    common.PARAMETER_GROUP: "parameter_groups",
    common.SUBNET_GROUP: "subnet_groups",
    common.USER: "users",
    common.USER_GROUP: "user_groups",
    "AWS::EC2::VPC": "vpcs",
    "AWS::EC2::EIP": "addresses",
}
_MEMBERS: Final = {
    common.SUBNET_GROUP: ("SubnetIds", "subnets"),
    common.USER_GROUP: ("UserIds", "group_users"),
    common.REPLICATION_GROUP: ("UserGroupIds", "group_user_groups"),
}
_DESCRIBED: Final = {
    "parameter_groups": Call("elasticache", "DescribeCacheParameterGroups"),
    "subnet_groups": Call("elasticache", "DescribeCacheSubnetGroups"),
    "users": Call("elasticache", "DescribeUsers"),
    "user_groups": Call("elasticache", "DescribeUserGroups"),
    "serverless_caches": Call("elasticache", "DescribeServerlessCaches"),
    "vpcs": Call("ec2", "DescribeVpcs", when="a template with a VPC"),
    "addresses": Call("ec2", "DescribeAddresses", when="a template with an Elastic IP address"),
    "nodes": Call("elasticache", "DescribeCacheClusters"),
    "vcpus": Call("ec2", "DescribeInstances", when="a template with an EC2 instance"),
}
_LISTS: Final = {
    "parameter_groups": "CacheParameterGroups",
    "subnet_groups": "CacheSubnetGroups",
    "users": "Users",
    "user_groups": "UserGroups",
    "serverless_caches": "ServerlessCaches",
    "vpcs": "Vpcs",
    "addresses": "Addresses",
    "nodes": "CacheClusters",
    "vcpus": "Reservations",
}
_SELECTED: Final[Mapping[str, Any]] = {
    "vcpus": {"Filters": [{"Name": "instance-state-name", "Values": ["pending", "running"]}]},
}
"""What is described of each list; default: all of it."""
_SNAPSHOT: Final = "AWS::ElastiCache::ServerlessCacheSnapshot"
CALLS: Final[Sequence[Call]] = tuple(_DESCRIBED.values())


@dataclass(slots=True)
class Demand:
    """What the templates of one region need.

    :param counts: resources, by the key of the quota per Region.
    :param largest: the most members of one resource, by the key of its quota, with the resource's name.
    :param unknown: the resources whose number is only known at the deploy, by the key of the quota.
    """

    counts: dict[str, int] = field(default_factory=dict)
    largest: dict[str, tuple[int, str]] = field(default_factory=dict)
    unknown: dict[str, list[str]] = field(default_factory=dict)

    def add(self, key: str, number: int | None, name: str) -> None:
        """Add resources to a count."""
        if number is None:
            self.unknown.setdefault(key, []).append(name)
        else:
            self.counts[key] = self.counts.get(key, 0) + number

    def take(self, key: str, number: int | None, name: str) -> None:
        """Keep the largest number of members."""
        if number is None:
            self.unknown.setdefault(key, []).append(name)
        elif number > self.largest.get(key, (0, ""))[0]:
            self.largest[key] = (number, name)


def demand_of(stacks: Sequence[Stack]) -> Mapping[str, Demand]:
    """What templates need, by region."""
    result = {stack.region: Demand() for stack in stacks}
    for stack in stacks:
        for resource in stack.template.resources.values():
            _count(result[stack.region], resource, f"{stack.name}/{resource.logical_id}")
    for item in items(stacks):
        demand, name = result[item.place.region], f"{item.place.stack}/{item.place.logical_id}"
        if isinstance(item, Serverless):
            demand.add("serverless_caches", 1, name)
        elif isinstance(item, NodeCache):
            _nodes(demand, item, name)
        elif isinstance(item, Instance) and (item.instance_type is None or is_standard(item.instance_type)):
            demand.add("vcpus", vcpus(item.instance_type) if item.instance_type else None, name)
    for (region, cache), number in Counter(_snapshots(stacks)).items():
        result[region].take("serverless_snapshots", number, cache)
    return result


def _snapshots(stacks: Sequence[Stack]) -> Iterator[tuple[str, str]]:
    """The region and the cache of each snapshot of a serverless cache."""
    for stack in stacks:
        for snapshot in stack.template.of_type(_SNAPSHOT):
            cache = snapshot.target("ServerlessCacheName")
            named = snapshot.text("ServerlessCacheName")
            yield stack.region, named or f"{stack.name}/{cache.logical_id if cache else snapshot.logical_id}"


def _count(demand: Demand, resource: Resource, name: str) -> None:
    if resource.type in _COUNTED:
        demand.add(_COUNTED[resource.type], 1, name)
    if resource.type in _MEMBERS:
        listed, key = _MEMBERS[resource.type]
        members = resource.items(listed)
        number = len(members) if members is not None else 0 if resource.lacks(listed) else None
        demand.take(key, number, name)


def _nodes(demand: Demand, cache: NodeCache, name: str) -> None:
    demand.add("nodes", cache.nodes, name)
    if not cache.group:
        if cache.engine == "memcached":
            demand.take("memcached_nodes", cache.nodes, name)
        return
    if cache.shards != 1:
        demand.take("cluster_nodes", cache.nodes, name)
    demand.take("shard_nodes", cache.largest_shard, name)


def used(key: str, region: str, context: Context) -> int:
    """How much of a quota per Region the account uses."""
    call = _DESCRIBED[key]
    with context.progress.step(f"reading {_LISTS[key]} in {region}"):
        selected = _SELECTED.get(key, {})
        found = list(context.aws.pages(call.service, call.operation, _LISTS[key], region=region, **selected))
    if key == "nodes":
        # The members of replication groups are listed as clusters of one node.
        return sum(cluster.get("NumCacheNodes", 0) for cluster in found)
    if key == "vcpus":
        return sum(running(instance) for reservation in found for instance in reservation.get("Instances", ()))
    if key == "parameter_groups":
        return sum(not group["CacheParameterGroupName"].startswith("default.") for group in found)
    return len(found)

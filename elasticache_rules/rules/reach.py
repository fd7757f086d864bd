"""Network access to a cache: one VPC, zones of the region, and a security group that opens the port."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import (
    API,
    CACHE_CLUSTER,
    GUIDE,
    REPLICATION_GROUP,
    SERVERLESS_CACHE,
    SUBNET_GROUP,
    engine_of,
    values_at,
)
from elasticache_rules.template import Reference, Resource, Template, as_integer

_INSTANCE: Final = "AWS::EC2::Instance"
_SECURITY_GROUP: Final = "AWS::EC2::SecurityGroup"
_INGRESS: Final = "AWS::EC2::SecurityGroupIngress"
_VPC: Final = "AWS::EC2::VPC"
_ZONE: Final = re.compile(r"([a-z]{2}(?:-[a-z]+)+-[0-9]+)[a-z]\Z")
_GROUPS: Final = {
    REPLICATION_GROUP: "SecurityGroupIds",
    CACHE_CLUSTER: "VpcSecurityGroupIds",
    SERVERLESS_CACHE: "SecurityGroupIds",
    _INSTANCE: "SecurityGroupIds",
    "AWS::EC2::InstanceConnectEndpoint": "SecurityGroupIds",
}
_IPV6: Final = ("Ipv6CidrBlock", "Ipv6Native", "Ipv6IpamPoolId", "Ipv6NetmaskLength")
_SERVERLESS_PORTS: Final = {"memcached": (11211, 11212)}


@rule("network/same-vpc", *_GROUPS, source=f"{GUIDE}VPCs.html", absent=("ReplicationGroup.CacheSubnetGroupName",))
def same_vpc(resource: Resource) -> Iterator[Violation]:
    """The security groups belong to the VPC of the subnets."""
    name = _GROUPS[resource.type]
    of_groups = [_vpc_of_group(resource.template, security_group) for security_group in resource.items(name) or []]
    known = [vpc for vpc in of_groups if vpc is not None]
    there = _vpcs_of_subnets(resource)
    if there is None and _in_default_vpc(resource):
        resources = [vpc for vpc in known if not isinstance(vpc, str)]
        if resources:
            yield Violation(
                property=name,
                value=resource.get(name),
                must="be security groups of the default VPC, in which a cache is without a subnet group",
                fix="state CacheSubnetGroupName, a subnet group of the same VPC",
            )
    elif known and len({*known, *(there or [])}) > max(1, len(set(there or []))):
        yield Violation(
            property=name,
            value=resource.get(name),
            must="be security groups of the same VPC as the subnets",
            fix="use security groups and subnets of one VPC",
        )


def _in_default_vpc(resource: Resource) -> bool:
    return resource.type in (REPLICATION_GROUP, CACHE_CLUSTER) and resource.lacks("CacheSubnetGroupName")


def _vpcs_of_subnets(resource: Resource) -> list[Any] | None:
    """The VPCs of a cache's or an instance's subnets, as far as they are known; None without subnets."""
    if resource.type in (REPLICATION_GROUP, CACHE_CLUSTER):
        group = resource.target("CacheSubnetGroupName")
        if group is None or group.type != SUBNET_GROUP:
            return None
        subnets = [group.template.follow(subnet_id) for subnet_id in group.items("SubnetIds") or []]
    elif resource.type == SERVERLESS_CACHE:
        subnets = [resource.template.follow(subnet_id) for subnet_id in resource.items("SubnetIds") or []]
    else:
        subnets = [resource.target("SubnetId")]
    return [vpc for subnet in subnets if subnet is not None and (vpc := _vpc(subnet)) is not None]


def _vpc_of_group(template: Template, value: object) -> Any:  # noqa: ANN401 - a VPC's id, or what stands for it
    target = template.follow(value)
    if target is None:
        return None
    if target.type == _VPC:
        return _identity(target)
    return _vpc(target) if target.type == _SECURITY_GROUP else None


def _vpc(resource: Resource) -> Any:  # noqa: ANN401 - as above
    """The VPC of a subnet or a security group; None when unknown."""
    value = resource.get("VpcId")
    target = resource.template.follow(value)
    if target is not None and target.type == _VPC:
        return _identity(target)
    return value if isinstance(value, str) else None


def _identity(resource: Resource) -> tuple[int, str]:
    return (id(resource.template.document), resource.logical_id)


@rule(
    "network/zones-of-region",
    REPLICATION_GROUP,
    CACHE_CLUSTER,
    _INSTANCE,
    "AWS::EC2::Subnet",
    source=f"{API}API_CreateReplicationGroup.html",
)
def zones_of_region(resource: Resource) -> Iterator[Violation]:
    """Availability Zones belong to the deployment's region, and so to one region."""
    region = resource.template.region
    for dotted, kind in facts.load("references")["properties"][resource.type].items():
        if kind != "zone":
            continue
        for path, value in values_at(resource.properties, dotted):
            match = _ZONE.match(value) if isinstance(value, str) else None
            if match is None:
                continue
            region = region or match[1]
            if match[1] != region:
                yield Violation(
                    property=path,
                    value=value,
                    must=f"be an Availability Zone of the same region, {region}",
                    fix=f"choose a zone such as {region}a",
                )


@rule(
    "network/ipv6-subnets",
    REPLICATION_GROUP,
    CACHE_CLUSTER,
    SERVERLESS_CACHE,
    source=f"{GUIDE}network-type.html",
    absent=(
        "EC2::Subnet.Ipv6CidrBlock",
        "EC2::Subnet.Ipv6IpamPoolId",
        "EC2::Subnet.Ipv6Native",
        "EC2::Subnet.Ipv6NetmaskLength",
    ),
)
def ipv6_subnets(resource: Resource) -> Iterator[Violation]:
    """IPv6 and dual stack need subnets with a range of IPv6 addresses."""
    network = resource.text("NetworkType")
    group = resource if resource.type == SERVERLESS_CACHE else resource.target("CacheSubnetGroupName")
    if network not in ("ipv6", "dual_stack") or group is None or group.type not in (SUBNET_GROUP, SERVERLESS_CACHE):
        return
    for value in group.items("SubnetIds") or []:
        subnet = group.template.follow(value)
        if subnet is None or subnet.type != "AWS::EC2::Subnet":
            continue
        if all(subnet.lacks(name) for name in _IPV6) and not _has_range_of_its_own(subnet):
            yield Violation(
                property="NetworkType",
                value=network,
                must=f"be ipv4 with subnets without IPv6, and {subnet.logical_id} states no Ipv6CidrBlock",
                fix="give each subnet an Ipv6CidrBlock, or use ipv4",
            )
            return


def _has_range_of_its_own(subnet: Resource) -> bool:
    """Whether a separate resource adds an IPv6 CIDR block to the subnet."""
    blocks = subnet.template.of_type("AWS::EC2::SubnetCidrBlock")
    return any(block.target("SubnetId") in (None, subnet) for block in blocks)


@rule(
    "network/reachable",
    REPLICATION_GROUP,
    CACHE_CLUSTER,
    SERVERLESS_CACHE,
    source=f"{GUIDE}accessing-elasticache.html",
    severity=Severity.WARNING,
    absent=("ReplicationGroup.Port",),
)
def reachable(cache: Resource) -> Iterator[Violation]:
    """A security group of the cache allows access to its ports, as far as the template shows."""
    name = _GROUPS[cache.type]
    if cache.lacks(name):
        if any(_fits(group) for group in cache.template.of_type(_SECURITY_GROUP)):
            yield Violation(
                property=name,
                value=None,
                must="be stated; otherwise the VPC's default group lets in only its own members",
                fix="name a security group that opens the port",
            )
        return
    listed = cache.items(name) or []
    targets = [cache.template.follow(entry) for entry in listed if _is_group(entry)]
    groups = [group for group in targets if group is not None and _fits(group)]
    if not groups or len(groups) != len(listed):
        return
    rules = [ingress for group in groups for ingress in _ingress(group)]
    closed = [str(port) for port in _ports(cache) if not any(_opens(ingress, port) for ingress in rules)]
    if closed:
        yield Violation(
            property=name,
            value=cache.get(name),
            must=f"open port {' and '.join(closed)} to somebody, and no ingress rule of theirs does",
            fix=f"add an ingress rule for port {' and '.join(closed)}",
        )


def _is_group(value: object) -> bool:
    return isinstance(value, Reference) and value.attribute in ("Ref", "GroupId", "Id")


def _fits(group: Resource) -> bool:
    """Whether all ingress rules of a security group are in this template: nothing outside can refer to it."""
    if group.type != _SECURITY_GROUP or group.open or "Condition" in group.attributes:
        return False
    named = (to for output in group.template.outputs.values() for to in output.references)
    stacks = (to for stack in group.template.of_type("AWS::CloudFormation::Stack") for to in stack.references)
    return not any(to.logical_id == group.logical_id for resources in (named, stacks) for to in resources)


def _ingress(group: Resource) -> Iterator[Mapping[str, Any] | None]:
    """The ingress rules of a security group; None for an unknown rule."""
    inline = group.get("SecurityGroupIngress")
    if inline is not None:
        for entry in inline if isinstance(inline, list) else [inline]:
            yield entry if isinstance(entry, Mapping) else None
    for entry in group.template.of_type(_INGRESS):
        target = entry.target("GroupId")
        if target is group:
            yield entry.properties
        elif target is None and not isinstance(entry.get("GroupId"), str):
            yield None


def _opens(entry: Mapping[str, Any] | None, port: int) -> bool:
    """Whether a rule may allow access to a port."""
    if entry is None:
        return True
    protocol = entry.get("IpProtocol")
    if protocol in ("-1", -1) or not isinstance(protocol, str | int):
        return True
    if str(protocol).lower() not in ("tcp", "6"):
        return False
    first, last = entry.get("FromPort"), entry.get("ToPort")
    least, most = as_integer(first), as_integer(last)
    if least is None or most is None:
        return True
    return least <= port <= most or least == -1


def _ports(cache: Resource) -> tuple[int, ...]:
    engine = engine_of(cache) or ""
    if cache.type == SERVERLESS_CACHE:
        return _SERVERLESS_PORTS.get(engine, (6379, 6380))
    default = facts.load("limits")["default_port"].get(engine)
    port = default if cache.lacks("Port") else cache.integer("Port")
    return () if port is None else (port,)


@rule(
    "network/unused-subnet-group",
    SUBNET_GROUP,
    source=f"{GUIDE}SubnetGroups.html",
    severity=Severity.WARNING,
    absent=("ReplicationGroup.CacheSubnetGroupName",),
)
def unused(group: Resource) -> Iterator[Violation]:
    """A subnet group is used if a cache of the template has none."""
    template = group.template
    everything = (*template.resources.values(), *template.outputs.values())
    if any(to.logical_id == group.logical_id for resource in everything for to in resource.references):
        return
    caches = list(template.of_type(REPLICATION_GROUP, CACHE_CLUSTER))
    without = [cache.logical_id for cache in caches if cache.lacks("CacheSubnetGroupName")]
    if without and not any(cache.target("CacheSubnetGroupName") is group for cache in caches):
        yield Violation(
            property="SubnetIds",
            value=group.get("SubnetIds"),
            must=f"be used by a cache, and {', '.join(without)} has no CacheSubnetGroupName",
            fix="set CacheSubnetGroupName to the Ref of this group",
        )

"""Clients of a picture: compute resources and address ranges that the security groups let connect."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from elasticache_operations.picture.model import Route, Store
from elasticache_operations.picture.network import Key, Subnet, key_of, own_key, subnets, vpc_of
from elasticache_operations.picture.security_groups import SECURITY_GROUP, End, SecurityGroups
from elasticache_operations.picture.sources import Identity, Source
from elasticache_rules.template import Resource, Template

INSTANCE: Final = "AWS::EC2::Instance"
FUNCTION: Final = "AWS::Lambda::Function"
SERVICE: Final = "AWS::ECS::Service"
SCALING_GROUP: Final = "AWS::AutoScaling::AutoScalingGroup"
TYPES: Final = (INSTANCE, FUNCTION, SERVICE, SCALING_GROUP)


@dataclass(frozen=True, slots=True)
class Found:
    """A client before it has a place in a VPC.

    :param vpc: where it is; None where the templates do not show it.
    """

    identity: Identity
    title: str
    name: str
    end: End
    subnets: tuple[Subnet, ...]
    vpc: Key | None
    source: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A cache or a database as clients see it."""

    store: Store
    end: End
    vpc: Key | None


def compute(source: Source) -> Iterator[Found]:
    """The compute resources that have security groups."""
    groups = {own_key(item): item for item in source.of_type(SECURITY_GROUP)}
    for resource in source.of_type(*TYPES):
        owner, values, listed = _placement(resource)
        keys = tuple(key for value in values if (key := key_of(owner, value)) is not None)
        if not keys:
            continue
        where = tuple(subnets(resource.template, listed))
        vpc = next((vpc for item in where if (vpc := vpc_of(item.resource)) is not None), None)
        vpc = vpc or next((vpc for key in keys if (vpc := vpc_of(groups.get(key))) is not None), None)
        yield Found(
            identity=source.identity(resource),
            title=_title(resource),
            name=source.title(resource),
            end=End(keys, addresses_of(where)),
            subnets=where,
            vpc=vpc,
        )


def addresses_of(where: Sequence[Subnet]) -> tuple[str, ...]:
    """The addresses of subnets, as far as the templates have them."""
    return tuple(block for item in where if item.resource is not None and (block := item.resource.text("CidrBlock")))


def routes(found: Found, targets: Sequence[Target], groups: SecurityGroups) -> Iterator[Route]:
    """The paths of a client to caches and databases."""
    for target in targets:
        if None not in (found.vpc, target.vpc) and found.vpc != target.vpc:
            continue  # another VPC, which nothing in the picture connects
        ports = groups.ports(found.end, target.end, target.store.ports)
        if ports:
            unseen = groups.unseen(found.end.groups)
            note = f"the outbound rules of {', '.join(unseen)} are not in the templates" if unseen else ""
            yield Route(target.store.key, label_of(target.store, ports), note)


def foreign(targets: Sequence[Target], groups: SecurityGroups, known: Sequence[Found]) -> Iterator[tuple[Found, Route]]:
    """Address ranges, prefix lists and security groups without a client that may connect."""
    used = {key for found in known for key in found.end.groups}
    for target in targets:
        for rule in groups.ingress(target.end.groups):
            ports = [port for port in target.store.ports if rule.covers(port)]
            inside = set(target.end.groups)
            if not ports or rule.peer in used | inside:
                continue
            if rule.peer is not None:
                title, name = "Members of a security group", groups.name(rule.peer)
            elif rule.prefix_list:
                title, name = "Addresses of a prefix list", rule.prefix_list
            elif rule.block:
                title, name = "Addresses", rule.block
            else:
                continue
            found = Found(("", f"{title} {name}"), title, name, End(()), (), target.vpc, source=True)
            yield (
                found,
                Route(target.store.key, label_of(target.store, ports), "outbound rules are not in the templates"),
            )


def label_of(store: Store, ports: Sequence[int]) -> str:
    """What a path says: the port, the encryption, and how the client authenticates.

    A database without TLS in its parameter group accepts both, so nothing is said then.
    """
    without = "no TLS" if store.kind == "cache" else ""
    parts = (
        f"TCP {' and '.join(map(str, ports))}",
        "TLS" if store.tls else without,
        store.proof or "no authentication",
    )
    return ", ".join(part for part in parts if part)


def _placement(resource: Resource) -> tuple[Template, list[Any], Any]:
    """The template of the security groups, the security groups and the subnets of a compute resource."""
    if resource.type == INSTANCE:
        return _instance(resource)
    if resource.type == SCALING_GROUP:
        return _scaling_group(resource)
    config = resource.get("VpcConfig" if resource.type == FUNCTION else "NetworkConfiguration")
    if isinstance(config, Mapping) and resource.type == SERVICE:
        config = config.get("AwsvpcConfiguration")
    if not isinstance(config, Mapping):
        return resource.template, [], []
    groups = config.get("SecurityGroupIds" if resource.type == FUNCTION else "SecurityGroups")
    listed = config.get("SubnetIds" if resource.type == FUNCTION else "Subnets")
    return resource.template, groups if isinstance(groups, list) else [], listed


def _instance(resource: Resource) -> tuple[Template, list[Any], Any]:
    groups, subnet = list(resource.items("SecurityGroupIds") or []), resource.get("SubnetId")
    for interface in resource.items("NetworkInterfaces") or []:
        if isinstance(interface, Mapping):
            members = interface.get("GroupSet")
            groups += members if isinstance(members, list) else []
            subnet = subnet or interface.get("SubnetId")
    if not groups:
        owner, groups = _of_launch_template(resource)
        return owner, groups, [subnet]
    return resource.template, groups, [subnet]


def _scaling_group(resource: Resource) -> tuple[Template, list[Any], Any]:
    owner, groups = _of_launch_template(resource)
    configuration = resource.template.follow(resource.get("LaunchConfigurationName"))
    if not groups and configuration is not None:
        owner, groups = configuration.template, configuration.items("SecurityGroups") or []
    return owner, groups, resource.get("VPCZoneIdentifier")


def _of_launch_template(resource: Resource) -> tuple[Template, list[Any]]:
    named = resource.get("LaunchTemplate")
    mixed = resource.get("MixedInstancesPolicy")
    if named is None and isinstance(mixed, Mapping) and isinstance(mixed.get("LaunchTemplate"), Mapping):
        named = mixed["LaunchTemplate"].get("LaunchTemplateSpecification")
    value = named.get("LaunchTemplateId") if isinstance(named, Mapping) else None
    target = resource.template.follow(value)
    data = target.get("LaunchTemplateData") if target is not None else None
    if target is None or not isinstance(data, Mapping):
        return resource.template, []
    groups = data.get("SecurityGroupIds")
    return target.template, groups if isinstance(groups, list) else []


def _title(resource: Resource) -> str:
    if resource.type == INSTANCE:
        return f"EC2 instance {resource.text('InstanceType') or ''}".strip()
    if resource.type == FUNCTION:
        return f"Lambda function, {resource.text('Runtime')}" if resource.text("Runtime") else "Lambda function"
    if resource.type == SERVICE:
        count = resource.integer("DesiredCount")
        kind = {"FARGATE": "Fargate service", "EC2": "ECS service"}.get(
            resource.text("LaunchType") or "", "ECS service"
        )
        return kind if count is None else f"{kind}, {count} task{'' if count == 1 else 's'}"
    return "Auto Scaling group"

"""VPCs, subnets and zones of a picture, as far as the templates show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from elasticache_operations.picture.model import Column
from elasticache_operations.picture.sources import Source
from elasticache_rules.rules.common import CACHE_CLUSTER, REPLICATION_GROUP, SERVERLESS_CACHE, SUBNET_GROUP
from elasticache_rules.template import Composite, Reference, Resource, Template, Unknown, as_integer

VPC: Final = "AWS::EC2::VPC"
SUBNET: Final = "AWS::EC2::Subnet"
_ROUTE: Final = "AWS::EC2::Route"
_ASSOCIATION: Final = "AWS::EC2::SubnetRouteTableAssociation"
_WAYS: Final = {
    "AWS::EC2::VPCGatewayAttachment": "gateway",
    "AWS::EC2::NatGateway": "NAT gateway",
    "AWS::EC2::EgressOnlyInternetGateway": "egress-only internet gateway",
    "AWS::EC2::TransitGatewayAttachment": "transit gateway",
    "AWS::EC2::TransitGatewayVpcAttachment": "transit gateway",
    "AWS::EC2::VPCPeeringConnection": "peering connection",
}
_SERVICES: Final = {"s3": "S3", "dynamodb": "DynamoDB"}
DEFAULT_VPC: Final = ("", "default VPC")

Key = tuple[int | str, str]


def own_key(resource: Resource) -> Key:
    """What identifies a resource of the templates."""
    return id(resource.template), resource.logical_id


def key_of(template: Template, value: Any) -> Key | None:
    """What identifies the resource that a value stands for; None when nothing does.

    :param value: a reference, the text of an id, or an unknown value, which equals itself in one template.
    """
    target = template.follow(value)
    if target is not None:
        return own_key(target)
    if isinstance(value, str) and value:
        return "", value
    if isinstance(value, Unknown | Composite | Reference):
        return id(template), repr(value)
    return None


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet that a cache or a client is in.

    :param text: its id or its logical id, where the templates have nothing better.
    :param resource: None where the templates do not have it.
    """

    key: Key
    text: str
    resource: Resource | None = None


def subnets_of(resource: Resource) -> list[Subnet]:
    """The subnets of a cache; empty where they are only known at deployment."""
    if resource.type in (REPLICATION_GROUP, CACHE_CLUSTER):
        group = resource.target("CacheSubnetGroupName")
        if group is None or group.type != SUBNET_GROUP:
            return []
        return subnets(group.template, group.get("SubnetIds"))
    return subnets(resource.template, resource.get("SubnetIds")) if resource.type == SERVERLESS_CACHE else []


def subnets(template: Template, values: Any) -> list[Subnet]:
    """The subnets that a property lists."""
    result: list[Subnet] = []
    for value in values if isinstance(values, list) else []:
        key, target = key_of(template, value), template.follow(value)
        if key is None:
            continue
        known = target if target is not None and target.type == SUBNET else None
        text = value if isinstance(value, str) else known.logical_id if known else "subnet known at deployment"
        result.append(Subnet(key, text, known))
    return result


def vpc_of(resource: Resource | None) -> Key | None:
    """The VPC of a subnet or a security group; None when unknown."""
    return None if resource is None else key_of(resource.template, resource.get("VpcId"))


class Network:
    """The VPCs of the templates, with the columns in which their zones are drawn."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._vpcs = {own_key(vpc): vpc for vpc in source.of_type(VPC)}
        self._associations = {
            own_key(subnet): table
            for item in source.of_type(_ASSOCIATION)
            if (subnet := item.target("SubnetId")) is not None
            and (table := key_of(item.template, item.get("RouteTableId"))) is not None
        }
        self._routes: dict[Key, set[str]] = {}
        for route in source.of_type(_ROUTE):
            if (table := key_of(route.template, route.get("RouteTableId"))) is not None:
                self._routes.setdefault(table, set()).add(self._way_of(route))

    def title(self, key: Key) -> str:
        """The heading of a VPC."""
        vpc = self._vpcs.get(key)
        if vpc is not None:
            return f"VPC {vpc.text('CidrBlock') or vpc.logical_id}"
        if key == DEFAULT_VPC:
            return "Default VPC of the account"
        return f"VPC {key[1]}" if key[0] == "" else "VPC known at deployment"

    def ways(self, key: Key) -> str:
        """The ways out of a VPC; empty where the templates do not have it."""
        if key not in self._vpcs:
            return ""
        ways = dict.fromkeys(
            self._attached(item) or words
            for kind, words in _WAYS.items()
            for item in self._source.of_type(kind)
            if self._vpc_of(item) in (key, None)
        )
        return f"ways out: {', '.join(ways)}" if ways else "no way to the internet"

    def notes(self, key: Key) -> tuple[str, ...]:
        """The endpoints and the flow logs of a VPC."""
        notes = [
            self._endpoint(item)
            for item in self._source.of_type("AWS::EC2::VPCEndpoint")
            if key_of(item.template, item.get("VpcId")) == key
        ]
        for item in self._source.of_type("AWS::EC2::FlowLog"):
            if key_of(item.template, item.get("ResourceId")) == key:
                refused = item.text("TrafficType") == "REJECT"
                notes.append(f"flow log of {'rejected' if refused else 'accepted and rejected'} packets")
        return tuple(dict.fromkeys(notes))

    def columns(self, listed: Iterable[Subnet]) -> tuple[tuple[Column, ...], dict[Key, int]]:
        """The columns of subnets, one for each zone, and the column of each subnet."""
        groups: dict[tuple[int, str], list[Subnet]] = {}
        for number, subnet in enumerate({item.key: item for item in listed}.values()):
            groups.setdefault(_zone(subnet, number), []).append(subnet)
        ordered = sorted(groups.items(), key=lambda group: group[0])
        columns = tuple(self._column(zone, members) for zone, members in ordered)
        return columns, {item.key: place for place, (_, members) in enumerate(ordered) for item in members}

    def _column(self, zone: tuple[int, str], members: list[Subnet]) -> Column:
        position, name = zone
        lines = tuple(self._line(subnet) for subnet in members)
        if position == _NAMED:
            return Column(name, (f"Zone {name}", name, name.rpartition("-")[2]), lines)
        if position == _UNKNOWN:
            return Column(None, (f"Subnet {members[0].text}", members[0].text), ("zone not in the templates",))
        return Column(None, (f"Zone {position + 1} of the region", f"Zone {position + 1}", str(position + 1)), lines)

    def _line(self, subnet: Subnet) -> str:
        resource = subnet.resource
        kind = self._kind(subnet)
        block = resource.text("CidrBlock") if resource is not None else None
        return f"{kind} subnet {block or ''}".strip() if kind else f"subnet {block or subnet.text}"

    def _kind(self, subnet: Subnet) -> str:
        """Whether a subnet is public, private or isolated, by its routes; empty when the templates do not show them."""
        if subnet.resource is None or subnet.key not in self._associations:
            return ""
        ways = self._routes.get(self._associations[subnet.key], set())
        return "public" if "public" in ways else "private" if ways else "isolated"

    @staticmethod
    def _way_of(route: Resource) -> str:
        return "public" if route.has("GatewayId") else "private"

    @staticmethod
    def _attached(item: Resource) -> str:
        if item.type != "AWS::EC2::VPCGatewayAttachment":
            return ""
        return "internet gateway" if item.has("InternetGatewayId") else "virtual private gateway"

    @staticmethod
    def _vpc_of(item: Resource) -> Key | None:
        if item.has("VpcId"):
            return key_of(item.template, item.get("VpcId"))
        return vpc_of(item.target("SubnetId"))

    @staticmethod
    def _endpoint(item: Resource) -> str:
        name = item.get("ServiceName")
        last = str(name.parts[-1] if isinstance(name, Composite) else name).rpartition(".")[2].strip("}'\"")
        known = isinstance(name, str | Composite) and last.replace("-", "").isalnum()
        kind = "interface" if item.text("VpcEndpointType") == "Interface" else "gateway"
        return f"{_SERVICES.get(last, last) if known else 'VPC'} {kind} endpoint"


_UNKNOWN: Final = 1_000_000
_NAMED: Final = -1


def _zone(subnet: Subnet, number: int) -> tuple[int, str]:
    """The zone of a subnet: a name, or the position in the list of the region, or a zone of its own.

    :param number: of the subnet among those that are drawn.
    """
    alone = _UNKNOWN, f"{number:04}"
    if subnet.resource is None:
        return alone
    value = subnet.resource.get("AvailabilityZone")
    if isinstance(value, str):
        return _NAMED, value
    raw = _raw(subnet.resource).get("AvailabilityZone")
    selected = raw.get("Fn::Select") if isinstance(raw, Mapping) else None
    if isinstance(selected, list) and len(selected) == 2 and isinstance(selected[1], Mapping):
        position = as_integer(selected[0])
        if "Fn::GetAZs" in selected[1] and position is not None and 0 <= position < _UNKNOWN:
            return position, ""
    return alone


def _raw(resource: Resource) -> Mapping[str, Any]:
    """The properties of a resource as the template has them."""
    entry = resource.template.document["Resources"].get(resource.logical_id)
    properties = entry.get("Properties") if isinstance(entry, Mapping) else None
    return properties if isinstance(properties, Mapping) else {}

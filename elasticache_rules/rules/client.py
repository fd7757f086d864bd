"""The client instance: its image, its network, its user data, its security group."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.newer import may_be_newer_type
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import is_no_integer
from elasticache_rules.template import MAYBE_ABSENT, Composite, Resource, Unknown, as_integer

_INSTANCE = "AWS::EC2::Instance"
_SECURITY_GROUP = "AWS::EC2::SecurityGroup"
_RULES = ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress")
_SOURCES = ("CidrIp", "CidrIpv6", "SourcePrefixListId", "SourceSecurityGroupId", "SourceSecurityGroupName")
_DESTINATIONS = ("CidrIp", "CidrIpv6", "DestinationPrefixListId", "DestinationSecurityGroupId")
_API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"
_ARM = re.compile(r"(a1|t4g|[a-z]+[0-9]+g[a-z]*)\.")
_LAST_PORT = 65535
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z")
_CIDR = re.compile(r"[0-9a-fA-F.:]{1,45}/[0-9]{1,3}\Z")
_DESCRIPTION = re.compile(r"[a-zA-Z0-9. _:/()#,@\[\]+=&;{}!$*-]*\Z")


@rule("client/instance-type", _INSTANCE, source=f"{_API}API_RunInstances.html")
def instance_type(instance: Resource) -> Iterator[Violation]:
    """The instance type exists; a type of an unknown family may be new."""
    value, known = instance.text("InstanceType"), facts.load("instance_types")["types"]
    if value is None or value in known:
        return
    new = may_be_newer_type(value, known, any_size=True)
    yield Violation(
        property="InstanceType",
        value=value,
        must="be an instance type that is known here" if new else "be an instance type that exists",
        fix="check that EC2 offers it" if new else "use one such as t4g.nano",
        severity=Severity.WARNING if new else None,
    )


@rule("client/architecture", _INSTANCE, source=f"{_API}API_RunInstances.html")
def architecture(instance: Resource) -> Iterator[Violation]:
    """The image matches the processor architecture of the instance type."""
    value, image = instance.text("InstanceType"), instance.get("ImageId")
    dynamic = image.text if isinstance(image, Unknown) and "resolve:ssm" in image.text else ""
    text = image if isinstance(image, str) else dynamic
    if value is None or not text:
        return
    wanted = "arm64" if _ARM.match(value) else "x86_64"
    processor = "arm64" if "arm64" in text else "x86_64" if "x86_64" in text else None
    if processor is not None and processor != wanted:
        yield Violation(
            property="ImageId",
            value=text,
            must=f"be an image for {wanted}, which {value} is, and not for {processor}",
            fix=f"use the {wanted} image, or another instance type",
        )


@rule("client/network-interfaces", _INSTANCE, source=f"{_API}API_RunInstances.html")
def network_interfaces(instance: Resource) -> Iterator[Violation]:
    """With network interfaces, the subnet and the security groups are set on the interfaces."""
    for name in ("SubnetId", "SecurityGroupIds", "SecurityGroups"):
        if instance.states("NetworkInterfaces") and instance.has(name):
            yield Violation(
                property=name,
                value=instance.get(name),
                must="be absent with NetworkInterfaces",
                fix="move it into the network interface",
            )


@rule("client/security-group-names", _INSTANCE, source=f"{_API}API_RunInstances.html")
def security_group_names(instance: Resource) -> Iterator[Violation]:
    """An instance in a subnet has its security groups by id, not by name."""
    if instance.has("SubnetId") and instance.states("SecurityGroups"):
        yield Violation(
            property="SecurityGroups",
            value=instance.get("SecurityGroups"),
            must="be absent with SubnetId",
            fix="use SecurityGroupIds with the ids of the groups",
        )


@rule("client/credits", _INSTANCE, source=f"{_API}API_CreditSpecificationRequest.html")
def credit_specification(instance: Resource) -> Iterator[Violation]:
    """Credit specifications are for the T families."""
    value = instance.text("InstanceType")
    if value is not None and instance.has("CreditSpecification") and not value.startswith("t"):
        yield Violation(
            property="CreditSpecification",
            value=value,
            must="be absent outside the T families",
            fix="remove it",
        )


@rule("client/user-data", _INSTANCE, source="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html")
def user_data(instance: Resource) -> Iterator[Violation]:
    """User data is encoded in Base64, and has at most 16,384 bytes before that."""
    most, text = facts.load("features")["user_data_bytes"]["max"], instance.get("UserData")
    if isinstance(text, Composite):
        size = sum(len(part.encode()) for part in text.parts if isinstance(part, str))
    elif isinstance(text, str):
        plain = "".join(text.split())
        if not _BASE64.match(plain):
            shown = f"a text of {len(text)} characters"
            yield Violation(property="UserData", value=shown, must="be in Base64", fix="write it with Fn::Base64")
            return
        size = len(plain.rstrip("=")) * 3 // 4
    else:
        return
    if size > most:
        yield Violation(
            property="UserData",
            value=f"{size} bytes",
            must=f"have at most {most} bytes",
            fix="fetch what is long from S3",
        )


@rule("client/security-group", _SECURITY_GROUP, source=f"{_API}API_CreateSecurityGroup.html")
def security_group(group: Resource) -> Iterator[Violation]:
    """A security group's name does not begin with sg-, and its description has only allowed characters."""
    name, description = group.text("GroupName"), group.text("GroupDescription")
    if name is not None and name.lower().startswith("sg-"):
        yield Violation(property="GroupName", value=name, must="not begin with sg-", fix="rename it")
    if description is not None and (len(description) > 255 or not _DESCRIPTION.match(description)):
        yield Violation(
            property="GroupDescription",
            value=description,
            must="have at most 255 plain characters (description)",
            fix=_description_fix(description),
        )
    for side in ("SecurityGroupIngress", "SecurityGroupEgress"):
        for number, entry in enumerate(group.items(side) or []):
            if isinstance(entry, dict):
                if "IpProtocol" not in entry:
                    path = f"{side}.{number}.IpProtocol"
                    yield Violation(property=path, value=None, must="be stated", fix="state it, such as tcp")
                yield from _rule(entry, f"{side}.{number}.")
                yield from _source(entry, f"{side}.{number}", egress=side == "SecurityGroupEgress")


@rule("client/security-group-rule", *_RULES, source=f"{_API}API_AuthorizeSecurityGroupIngress.html")
def security_group_rule(resource: Resource) -> Iterator[Violation]:
    """A rule has a valid port range, a valid CIDR range and a description of allowed characters."""
    yield from _rule(dict(resource.properties), "")
    if not resource.open:
        egress = resource.type == "AWS::EC2::SecurityGroupEgress"
        yield from _source(resource.properties, "", egress=egress)


def _source(entry: Mapping[str, Any], path: str, *, egress: bool) -> Iterator[Violation]:
    """A rule names one range, prefix list or security group."""
    names = _DESTINATIONS if egress else _SOURCES
    stated = [name for name in names if name in entry]
    if len(stated) == 1 or any(entry[name] is MAYBE_ABSENT for name in stated):
        return
    yield Violation(
        property=path or (stated[1] if stated else names[0]),
        value=stated or None,
        must=f"name one of {', '.join(names)}",
        fix=f"write a rule for each, or remove {stated[1]}" if stated else "add CidrIp, or a security group",
    )


def _description_fix(description: str) -> str:
    return "shorten it" if len(description) > 255 else "write it in letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"


def _rule(entry: dict[str, Any], prefix: str) -> Iterator[Violation]:
    first, last = as_integer(entry.get("FromPort")), as_integer(entry.get("ToPort"))
    for name in ("FromPort", "ToPort"):
        if is_no_integer(entry.get(name)):
            yield Violation(
                property=f"{prefix}{name}", value=entry[name], must="be an integer", fix="write it in digits, like 6379"
            )
    protocol = str(entry.get("IpProtocol", "")).lower()
    for name, port in (("FromPort", first), ("ToPort", last)):
        if port is not None and not -1 <= port <= _LAST_PORT:
            yield Violation(
                property=f"{prefix}{name}", value=port, must=f"be a port, 0 to {_LAST_PORT}", fix="correct the port"
            )
    if protocol in ("tcp", "udp", "6", "17") and "FromPort" not in entry and "ToPort" not in entry:
        yield Violation(
            property=f"{prefix}FromPort",
            value=None,
            must=f"be stated for {protocol}, and ToPort as well",
            fix="state both ports, or use IpProtocol -1 for all of them",
        )
    if first is not None and last is not None and first > last and protocol not in ("icmp", "icmpv6", "1", "58"):
        yield Violation(
            property=f"{prefix}FromPort", value=first, must=f"not exceed ToPort ({last})", fix="swap the two"
        )
    description = entry.get("Description")
    if isinstance(description, str) and (len(description) > 255 or not _DESCRIPTION.match(description)):
        yield Violation(
            property=f"{prefix}Description",
            value=description,
            must="be a description of at most 255 plain characters",
            fix=_description_fix(description),
        )
    for name, version in (("CidrIp", 4), ("CidrIpv6", 6)):
        text = entry.get(name)
        if isinstance(text, str) and not _is_network(text, version):
            yield Violation(
                property=f"{prefix}{name}",
                value=text,
                must="be a CIDR range of addresses",
                fix=f"write it like {'10.0.0.0/16' if version == 4 else '2001:db8::/64'}",
            )


def _is_network(text: str, version: int) -> bool:
    if not _CIDR.match(text):
        return False  # ip_network() also takes a mask or a zone
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return network.version == version


_REQUIRED = tuple(
    name
    for name, schema in facts.load("attributes")["types"].items()
    if schema["required"] and "ElastiCache" not in name
)


@rule(
    "client/required",
    *_REQUIRED,
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",
)
def required(resource: Resource) -> Iterator[Violation]:
    """The required properties of the client's resources and of auto scaling are present."""
    for name in facts.load("attributes")["types"][resource.type]["required"]:
        if resource.lacks(name) or resource.properties.get(name, "") is None:
            yield Violation(property=name, value=None, must="be stated", fix="add it")

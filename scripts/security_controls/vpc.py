"""EC2: the VPC with its default security group, flow logs and endpoints, and the security groups."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from scripts.security_controls.model import (
    ByDefault,
    ByProp,
    Check,
    Claim,
    Control,
    Deployed,
    Finding,
    NotApplicable,
    NotMet,
    Prop,
    each_of,
)

_GROUP: Final = "AWS::EC2::SecurityGroup"
_RULES: Final = ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress")
_ACCOUNT: Final = "a setting of the account and region, which a stack of one application should not change"
_VPN: Final = NotApplicable("no VPN", ("AWS::EC2::VPNConnection", "AWS::EC2::ClientVpnEndpoint"))
_TRANSIT: Final = NotApplicable("no transit gateway", ("AWS::EC2::TransitGateway",))
_NO_INGRESS: Final = "no rule allows an address range; the port of a cache is open only to security groups"
# Ports of EC2.13, EC2.14, EC2.53 and EC2.54; of EC2.18; and of EC2.19.
_SSH: Final = (22,)
_RDP: Final = (3389,)
_AUTHORIZED: Final = (80, 443)
_HIGH_RISK: Final = (
    *(20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601),
    *(8080, 8088, 8888, 9200, 9300),
)


def _open_to_everybody(rule: Mapping[str, Any]) -> bool:
    return rule.get("CidrIp") == "0.0.0.0/0" or rule.get("CidrIpv6") == "::/0"


def _covers(rule: Mapping[str, Any], port: int) -> bool:
    if str(rule.get("IpProtocol")) == "-1":
        return True
    return int(rule.get("FromPort", 0)) <= port <= int(rule.get("ToPort", 65535))


def _closed_to_everybody(*ports: int) -> Check:
    """Whether no rule opens one of these ports to every address."""
    return _ingress(lambda rule: not (_open_to_everybody(rule) and any(_covers(rule, port) for port in ports)))


def _ingress(passes: Callable[[Mapping[str, Any]], bool]) -> Check:
    """A check of the rules of security groups, and of rules that are separate resources."""

    def check(deployed: Deployed) -> Iterator[Finding]:
        for group in deployed.of(_GROUP):
            yield group.name, all(passes(rule) for rule in group.properties.get("SecurityGroupIngress", []))
        for rule in deployed.of("AWS::EC2::SecurityGroupIngress"):
            yield rule.name, passes(rule.properties)

    return check


def _only_authorized(rule: Mapping[str, Any]) -> bool:
    if not _open_to_everybody(rule):
        return True
    return str(rule.get("IpProtocol")) != "-1" and rule.get("FromPort") == rule.get("ToPort") in _AUTHORIZED


def _default_group_restricted(deployed: Deployed) -> Iterator[Finding]:
    restricted = {resource.stack for resource in deployed.of("Custom::VpcRestrictDefaultSG")}
    for vpc in deployed.of("AWS::EC2::VPC"):
        yield vpc.name, vpc.stack in restricted


def _flow_logs(deployed: Deployed) -> Iterator[Finding]:
    logged = {
        (flow_log.stack, str(flow_log.properties.get("ResourceId"))) for flow_log in deployed.of("AWS::EC2::FlowLog")
    }
    for vpc in deployed.of("AWS::EC2::VPC"):
        yield vpc.name, (vpc.stack, str({"Ref": vpc.logical_id})) in logged


def _endpoint(*services: str) -> Check:
    """A check that every VPC has interface endpoints of these services."""

    def check(deployed: Deployed) -> Iterator[Finding]:
        for vpc in deployed.of("AWS::EC2::VPC"):
            there = {
                str(endpoint.properties["ServiceName"]).rstrip("'}]").partition("com.amazonaws.")[2].partition(".")[2]
                for endpoint in deployed.of("AWS::EC2::VPCEndpoint")
                if endpoint.stack == vpc.stack and endpoint.properties.get("VpcEndpointType") == "Interface"
            }
            yield vpc.name, set(services) <= there

    return check


def _used_groups(deployed: Deployed) -> Iterator[Finding]:
    """Whether another resource than a rule refers to a security group."""
    users = [resource for resource in deployed.of() if resource.kind not in (_GROUP, *_RULES)]
    for group in deployed.of(_GROUP):
        mark = f"'{group.logical_id}'"
        yield group.name, any(mark in str(resource.properties) for resource in users if resource.stack == group.stack)


def _control(number: int, title: str, claim: Claim, check: Check | None = None) -> Control:
    return Control(f"EC2.{number}", title, claim, check)


def _endpoint_not_met(number: int, service: str, title: str, reason: str) -> Control:
    return _control(
        number,
        title,
        NotMet(f"{reason}, and an interface endpoint costs about 7 USD a month in each zone"),
        _endpoint(service),
    )


CONTROLS: Final = (
    _control(
        2,
        "VPC default security groups should not allow inbound or outbound traffic",
        ByProp(
            "no resource uses that group. CloudFormation cannot remove its rules, so the option adds a Lambda function "
            "that may change it",
            (Prop("Network", "restrict_default_security_group"),),
            ("restrict_default_security_group", "true"),
            without="default",
            having="every-switch",
        ),
        _default_group_restricted,
    ),
    _control(
        6,
        "VPC flow logging should be enabled in all VPCs",
        ByDefault("`Network(flow_logs=)`: refused packets, as the control asks"),
        _flow_logs,
    ),
    _endpoint_not_met(
        10,
        "ec2",
        "Amazon EC2 should be configured to use VPC endpoints that are created for the Amazon EC2 service",
        "no resource in the VPC calls the EC2 API",
    ),
    _control(
        13,
        "Security groups should not allow ingress from 0.0.0.0/0 or ::/0 to port 22",
        ByDefault("SSH is open only to an EC2 Instance Connect Endpoint, with `instance_connect_endpoint=True`"),
        _closed_to_everybody(*_SSH),
    ),
    _control(
        14,
        "Security groups should not allow ingress from 0.0.0.0/0 or ::/0 to port 3389",
        ByDefault(_NO_INGRESS),
        _closed_to_everybody(*_RDP),
    ),
    _control(
        15,
        "Amazon EC2 subnets should not automatically assign public IP addresses",
        ByDefault("`Network`"),
        each_of("AWS::EC2::Subnet", passes=lambda p: not p.get("MapPublicIpOnLaunch")),
    ),
    _control(
        16,
        "Unused Network Access Control Lists should be removed",
        NotApplicable("no network ACL besides the VPC's default one", ("AWS::EC2::NetworkAcl",)),
    ),
    _control(
        18,
        "Security groups should only allow unrestricted incoming traffic for authorized ports",
        ByDefault(_NO_INGRESS),
        _ingress(_only_authorized),
    ),
    _control(
        19,
        "Security groups should not allow unrestricted access to ports with high risk",
        ByDefault(_NO_INGRESS),
        _closed_to_everybody(*_HIGH_RISK),
    ),
    _control(20, "Both VPN tunnels for an AWS Site-to-Site VPN connection should be up", _VPN),
    _control(
        21,
        "Network ACLs should not allow ingress from 0.0.0.0/0 to port 22 or port 3389",
        NotApplicable(
            "no network ACL besides the VPC's default one, which the control does not evaluate",
            ("AWS::EC2::NetworkAcl",),
        ),
    ),
    _control(
        22,
        "Unused Amazon EC2 security groups should be removed",
        ByDefault("every group belongs to a cache, an instance, a function or an endpoint"),
        _used_groups,
    ),
    _control(23, "Amazon EC2 Transit Gateways should not automatically accept VPC attachment requests", _TRANSIT),
    _control(51, "EC2 Client VPN endpoints should have client connection logging enabled", _VPN),
    _control(
        53,
        "EC2 security groups should not allow ingress from 0.0.0.0/0 to remote server administration ports",
        ByDefault(_NO_INGRESS),
        _closed_to_everybody(*_SSH, *_RDP),
    ),
    _control(
        54,
        "EC2 security groups should not allow ingress from ::/0 to remote server administration ports",
        ByDefault(_NO_INGRESS),
        _closed_to_everybody(*_SSH, *_RDP),
    ),
    _endpoint_not_met(
        55,
        "ecr.api",
        "VPCs should be configured with an interface endpoint for ECR API",
        "the stacks use no container images",
    ),
    _endpoint_not_met(
        56,
        "ecr.dkr",
        "VPCs should be configured with an interface endpoint for Docker Registry",
        "the stacks use no container images",
    ),
    _control(
        57,
        "VPCs should be configured with an interface endpoint for Systems Manager",
        ByProp(
            "two endpoints, about 7 USD per month each in each zone; with a policy that allows only this account",
            (Prop("Network", "ssm_endpoints"),),
            ("ssm_endpoints", "true"),
            without="default",
            having="every-switch",
        ),
        _endpoint("ssm"),
    ),
    _endpoint_not_met(
        58,
        "ssm-contacts",
        "VPCs should be configured with an interface endpoint for Systems Manager Incident Manager Contacts",
        "the stacks do not use Incident Manager",
    ),
    _endpoint_not_met(
        60,
        "ssm-incidents",
        "VPCs should be configured with an interface endpoint for Systems Manager Incident Manager",
        "the stacks do not use Incident Manager",
    ),
    _control(171, "EC2 VPN connections should have logging enabled", _VPN),
    _control(
        172, "EC2 VPC Block Public Access settings should block internet gateway traffic", NotApplicable(_ACCOUNT)
    ),
    _control(183, "EC2 VPN connections should use IKEv2 protocol", _VPN),
)

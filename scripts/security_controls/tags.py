"""The EC2 controls for tags. Without parameters, a control requires any tag; the app tags all taggable resources."""

from collections.abc import Mapping
from typing import Any, Final

from scripts.security_controls.model import ByDefault, Check, Claim, Control, NotApplicable, NotMet, each_of

_TAGS: Final = "tags of the app, by `cdk.Tags`"


def tagged(properties: Mapping[str, Any]) -> bool:
    """Whether a resource has a tag."""
    return bool(properties.get("Tags"))


def _present(number: int, title: str, kind: str) -> Control:
    return Control(f"EC2.{number}", title, ByDefault(_TAGS), each_of(kind, passes=tagged))


def _absent(number: int, title: str, kind: str) -> Control:
    return Control(f"EC2.{number}", title, NotApplicable(f"no `{kind}` in a template", (kind,)))


def _other(number: int, title: str, claim: Claim, check: Check) -> Control:
    return Control(f"EC2.{number}", title, claim, check)


CONTROLS: Final = (
    _absent(33, "EC2 transit gateway attachments should be tagged", "AWS::EC2::TransitGatewayAttachment"),
    _absent(34, "EC2 transit gateway route tables should be tagged", "AWS::EC2::TransitGatewayRouteTable"),
    _other(
        35,
        "EC2 network interfaces should be tagged",
        NotMet(
            "EC2, ElastiCache and the endpoints create the interfaces. CloudFormation can tag that of an instance only "
            "through the launch template, where a changed tag would replace the instance"
        ),
        each_of(
            "AWS::EC2::LaunchTemplate",
            passes=lambda p: (
                "network-interface" in [e["ResourceType"] for e in p["LaunchTemplateData"].get("TagSpecifications", [])]
            ),
        ),
    ),
    _absent(36, "EC2 customer gateways should be tagged", "AWS::EC2::CustomerGateway"),
    _absent(37, "EC2 Elastic IP addresses should be tagged", "AWS::EC2::EIP"),
    _present(38, "EC2 instances should be tagged", "AWS::EC2::Instance"),
    _absent(39, "EC2 internet gateways should be tagged", "AWS::EC2::InternetGateway"),
    _absent(40, "EC2 NAT gateways should be tagged", "AWS::EC2::NatGateway"),
    _absent(41, "EC2 network ACLs should be tagged", "AWS::EC2::NetworkAcl"),
    _present(42, "EC2 route tables should be tagged", "AWS::EC2::RouteTable"),
    _present(43, "EC2 security groups should be tagged", "AWS::EC2::SecurityGroup"),
    _present(44, "EC2 subnets should be tagged", "AWS::EC2::Subnet"),
    _other(
        45,
        "EC2 volumes should be tagged",
        ByDefault("the tags of the instance are applied to its volume"),
        each_of(
            "AWS::EC2::Instance",
            passes=lambda p: tagged(p) and p.get("PropagateTagsToVolumeOnCreation") is True,
        ),
    ),
    _present(46, "Amazon VPCs should be tagged", "AWS::EC2::VPC"),
    _absent(47, "Amazon VPC endpoint services should be tagged", "AWS::EC2::VPCEndpointService"),
    _present(48, "Amazon VPC flow logs should be tagged", "AWS::EC2::FlowLog"),
    _absent(49, "Amazon VPC peering connections should be tagged", "AWS::EC2::VPCPeeringConnection"),
    _absent(50, "EC2 VPN gateways should be tagged", "AWS::EC2::VPNGateway"),
    _absent(52, "EC2 transit gateways should be tagged", "AWS::EC2::TransitGateway"),
    _absent(174, "EC2 DHCP option sets should be tagged", "AWS::EC2::DHCPOptions"),
    _other(
        175,
        "EC2 launch templates should be tagged",
        ByDefault("with its name; another tag would be a new version, which replaces the instance"),
        each_of(
            "AWS::EC2::LaunchTemplate",
            passes=lambda p: any(
                e["ResourceType"] == "launch-template" and tagged(e) for e in p.get("TagSpecifications", [])
            ),
        ),
    ),
    _absent(176, "EC2 prefix lists should be tagged", "AWS::EC2::PrefixList"),
    _absent(177, "EC2 traffic mirror sessions should be tagged", "AWS::EC2::TrafficMirrorSession"),
    _absent(178, "EC2 traffic mirror filters should be tagged", "AWS::EC2::TrafficMirrorFilter"),
    _absent(179, "EC2 traffic mirror targets should be tagged", "AWS::EC2::TrafficMirrorTarget"),
)

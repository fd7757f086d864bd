"""What a picture reads of networks: zones, subnets, ways out, endpoints and flow logs."""

import pytest

from tests.picture.templates import Resources, changed, network, picture, resource, standard


def columns(resources: Resources) -> list[tuple[str, tuple[str, ...]]]:
    (region,) = picture(resources).regions
    (vpc,) = region.vpcs
    return [(column.titles[0], column.subnets) for column in vpc.columns]


def test_zones_are_positions_or_names() -> None:
    assert columns(standard()) == [
        ("Zone 1 of the region", ("isolated subnet 10.0.0.0/24",)),
        ("Zone 2 of the region", ("isolated subnet 10.0.1.0/24",)),
    ]
    named = {**standard(), **network(2, named=True)}
    assert [title for title, _ in columns(named)] == ["Zone eu-west-1a", "Zone eu-west-1b"]


def test_subnets_of_others_are_their_ids() -> None:
    theirs = changed(standard(), "Subnets", SubnetIds=["subnet-1", {"Ref": "Parameter"}])
    theirs = changed(theirs, "Client", SubnetId="subnet-1")
    theirs["CacheGroup"]["Properties"]["VpcId"] = "vpc-1"
    theirs["ClientGroup"]["Properties"]["VpcId"] = "vpc-1"
    (region,) = picture(theirs).regions
    (vpc,) = region.vpcs
    assert vpc.title == "VPC vpc-1"
    assert vpc.ways == "", "nothing is known of the ways out of a VPC that is not in the templates"
    assert [column.titles[0] for column in vpc.columns] == ["Subnet subnet-1", "Subnet subnet known at deployment"]
    assert all(column.subnets == ("zone not in the templates",) for column in vpc.columns)


def test_a_cache_without_subnets_is_in_the_default_vpc() -> None:
    (region,) = picture(changed(standard(), "Cache", CacheSubnetGroupName=None, SecurityGroupIds=None)).regions
    assert [vpc.title for vpc in region.vpcs] == ["Default VPC of the account"]


ROUTE = {"RouteTableId": {"Ref": "Table0"}, "DestinationCidrBlock": "0.0.0.0/0"}


@pytest.mark.parametrize(
    ("more", "ways", "kind"),
    [
        ({}, "no way to the internet", "isolated"),
        (
            {
                "Attachment": resource("EC2::VPCGatewayAttachment", VpcId={"Ref": "Vpc"}, InternetGatewayId="igw-1"),
                "Route": resource("EC2::Route", GatewayId="igw-1", **ROUTE),
            },
            "ways out: internet gateway",
            "public",
        ),
        (
            {
                "Nat": resource("EC2::NatGateway", SubnetId={"Ref": "Subnet1"}),
                "Route": resource("EC2::Route", NatGatewayId={"Ref": "Nat"}, **ROUTE),
            },
            "ways out: NAT gateway",
            "private",
        ),
        (
            {"Attachment": resource("EC2::VPCGatewayAttachment", VpcId={"Ref": "Vpc"}, VpnGatewayId="vgw-1")},
            "ways out: virtual private gateway",
            "isolated",
        ),
        (
            {"Attachment": resource("EC2::VPCGatewayAttachment", VpcId="vpc-other", InternetGatewayId="igw-1")},
            "no way to the internet",
            "isolated",
        ),
    ],
    ids=["none", "internet", "nat", "vpn", "another VPC"],
)
def test_ways_out_follow_gateways_and_routes(more: Resources, ways: str, kind: str) -> None:
    (region,) = picture(standard(**more)).regions
    assert region.vpcs[0].ways == ways
    assert region.vpcs[0].columns[0].subnets == (f"{kind} subnet 10.0.0.0/24",)


def test_endpoints_and_flow_logs_are_notes() -> None:
    name = {"Fn::Join": ["", ["com.amazonaws.", {"Ref": "AWS::Region"}, ".s3"]]}
    more = {
        "S3": resource("EC2::VPCEndpoint", VpcId={"Ref": "Vpc"}, ServiceName=name),
        "Secrets": resource(
            "EC2::VPCEndpoint",
            VpcId={"Ref": "Vpc"},
            VpcEndpointType="Interface",
            ServiceName="com.amazonaws.eu-west-1.secretsmanager",
        ),
        "Elsewhere": resource("EC2::VPCEndpoint", VpcId="vpc-2", ServiceName=name),
        "Log": resource("EC2::FlowLog", ResourceId={"Ref": "Vpc"}, ResourceType="VPC", TrafficType="REJECT"),
    }
    (region,) = picture(standard(**more)).regions
    assert region.vpcs[0].notes == (
        "S3 gateway endpoint",
        "secretsmanager interface endpoint",
        "flow log of rejected packets",
    )

"""Clients, and the paths that the security groups allow."""

from typing import Any

import pytest

from elasticache_operations.picture.model import Client
from tests.picture.templates import Resources, changed, function, group, instance, network, picture, resource, standard

CACHE_GROUP = {"Fn::GetAtt": ["CacheGroup", "GroupId"]}
CLIENT_GROUP = {"Fn::GetAtt": ["ClientGroup", "GroupId"]}
PORT = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379}


def clients(*stacks: Resources) -> list[Client]:
    return [client for _, client in picture(*stacks).clients]


def compute(*stacks: Resources) -> list[Client]:
    return [client for client in clients(*stacks) if not client.source]


INGRESS = [
    ("the port", {}, True),
    ("a range that begins at the port", {"FromPort": 6379, "ToPort": 6400}, True),
    ("a range that ends at the port", {"FromPort": 6000, "ToPort": 6379}, True),
    ("a range below", {"FromPort": 6000, "ToPort": 6378}, False),
    ("a range above", {"FromPort": 6380, "ToPort": 6400}, False),
    ("every protocol", {"IpProtocol": "-1", "FromPort": None, "ToPort": None}, True),
    ("every port", {"FromPort": -1, "ToPort": -1}, True),
    ("the number of TCP", {"IpProtocol": "6"}, True),
    ("UDP", {"IpProtocol": "udp"}, False),
    ("a port known at deployment", {"FromPort": {"Ref": "Port"}}, False),
    ("another group", {"SourceSecurityGroupId": "sg-other"}, False),
    ("the addresses of the subnet", {"SourceSecurityGroupId": None, "CidrIp": "10.0.0.0/16"}, True),
    ("the addresses of another subnet", {"SourceSecurityGroupId": None, "CidrIp": "10.0.1.0/24"}, False),
    ("half of the subnet", {"SourceSecurityGroupId": None, "CidrIp": "10.0.0.0/25"}, False),
    ("every address", {"SourceSecurityGroupId": None, "CidrIp": "0.0.0.0/0"}, True),
    ("addresses of IPv6", {"SourceSecurityGroupId": None, "CidrIp": None, "CidrIpv6": "fd00::/8"}, False),
    ("no address at all", {"SourceSecurityGroupId": None, "CidrIp": "nonsense"}, False),
    ("the group of another cache", {"GroupId": "sg-other"}, False),
]


@pytest.mark.parametrize(("properties", "reaches"), [case[1:] for case in INGRESS], ids=[case[0] for case in INGRESS])
def test_a_rule_lets_in(properties: dict[str, Any], reaches: bool) -> None:
    assert bool(compute(changed(standard(), "In", **properties))) == reaches


def test_inline_rules_let_in_as_well() -> None:
    resources = standard()
    del resources["In"]
    assert not compute(resources)
    for entry in ([{**PORT, "SourceSecurityGroupId": CLIENT_GROUP}], {**PORT, "SourceSecurityGroupId": CLIENT_GROUP}):
        assert len(compute(changed(resources, "CacheGroup", SecurityGroupIngress=entry))) == 1


EGRESS = [
    ("to the group", {**PORT, "DestinationSecurityGroupId": CACHE_GROUP}, True),
    ("to another port", {**PORT, "ToPort": 443, "FromPort": 443, "DestinationSecurityGroupId": CACHE_GROUP}, False),
    ("to another group", {**PORT, "DestinationSecurityGroupId": "sg-other"}, False),
    ("to every address", {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}, True),
    ("to the addresses of the cache", {**PORT, "CidrIp": "10.0.0.0/16"}, True),
    ("to a part of the addresses of the cache", {**PORT, "CidrIp": "10.0.0.0/24"}, False),
    ("nowhere", {"IpProtocol": "icmp", "CidrIp": "255.255.255.255/32", "FromPort": 252, "ToPort": 86}, False),
]


@pytest.mark.parametrize(("entry", "reaches"), [case[1:] for case in EGRESS], ids=[case[0] for case in EGRESS])
@pytest.mark.parametrize("inline", [True, False])
def test_a_rule_lets_out(entry: dict[str, Any], reaches: bool, inline: bool) -> None:
    if inline:
        resources = changed(standard(), "ClientGroup", SecurityGroupEgress=[entry])
    else:
        resources = standard(Out=resource("EC2::SecurityGroupEgress", GroupId=CLIENT_GROUP, **entry))
    assert bool(compute(resources)) == reaches


def test_a_group_without_outbound_rules_lets_everything_out() -> None:
    assert len(compute(standard())) == 1
    elsewhere = resource("EC2::SecurityGroupEgress", GroupId=CACHE_GROUP, DestinationSecurityGroupId="sg-1", **PORT)
    assert len(compute(standard(Out=elsewhere))) == 1


def test_a_foreign_group_is_judged_by_what_lets_it_in_and_the_rest_is_said() -> None:
    resources = changed(
        changed(standard(), "Client", SecurityGroupIds=["sg-theirs"]), "In", SourceSecurityGroupId="sg-theirs"
    )
    (client,) = clients(resources)
    assert client.routes[0].note == "the outbound rules of sg-theirs are not in the templates"
    assert compute(standard())[0].routes[0].note == ""


KINDS = [
    ("instance", instance(), "EC2 instance t4g.nano", (0,)),
    (
        "instance with interfaces",
        resource(
            "EC2::Instance",
            NetworkInterfaces=[{"DeviceIndex": "0", "GroupSet": [CLIENT_GROUP], "SubnetId": {"Ref": "Subnet1"}}],
        ),
        "EC2 instance",
        (1,),
    ),
    (
        "instance with a launch template",
        instance(SecurityGroupIds=None, LaunchTemplate={"LaunchTemplateId": {"Ref": "Launch"}}),
        "EC2 instance t4g.nano",
        (0,),
    ),
    ("function", function(0, 1), "Lambda function, python3.13", (0, 1)),
    ("image function", function(1, Runtime=None), "Lambda function", (1,)),
    (
        "service",
        resource(
            "ECS::Service",
            LaunchType="FARGATE",
            DesiredCount=2,
            NetworkConfiguration={
                "AwsvpcConfiguration": {
                    "SecurityGroups": [CLIENT_GROUP],
                    "Subnets": [{"Ref": "Subnet0"}, {"Ref": "Subnet1"}],
                }
            },
        ),
        "Fargate service, 2 tasks",
        (0, 1),
    ),
    (
        "Auto Scaling group",
        resource(
            "AutoScaling::AutoScalingGroup",
            LaunchTemplate={"LaunchTemplateId": {"Ref": "Launch"}},
            VPCZoneIdentifier=[{"Ref": "Subnet0"}, {"Ref": "Subnet1"}],
        ),
        "Auto Scaling group",
        (0, 1),
    ),
    (
        "Auto Scaling group of mixed instances",
        resource(
            "AutoScaling::AutoScalingGroup",
            MixedInstancesPolicy={
                "LaunchTemplate": {"LaunchTemplateSpecification": {"LaunchTemplateId": {"Ref": "Launch"}}}
            },
            VPCZoneIdentifier=[{"Ref": "Subnet1"}],
        ),
        "Auto Scaling group",
        (1,),
    ),
    (
        "Auto Scaling group with a launch configuration",
        resource(
            "AutoScaling::AutoScalingGroup",
            LaunchConfigurationName={"Ref": "Configuration"},
            VPCZoneIdentifier=[{"Ref": "Subnet1"}],
        ),
        "Auto Scaling group",
        (1,),
    ),
]


@pytest.mark.parametrize(("entry", "title", "where"), [case[1:] for case in KINDS], ids=[case[0] for case in KINDS])
def test_every_kind_of_client_is_found(entry: dict[str, Any], title: str, where: tuple[int, ...]) -> None:
    entry = {**entry, "Properties": {name: value for name, value in entry["Properties"].items() if value is not None}}
    launch = resource("EC2::LaunchTemplate", LaunchTemplateData={"SecurityGroupIds": [CLIENT_GROUP]})
    configuration = resource("AutoScaling::LaunchConfiguration", SecurityGroups=[CLIENT_GROUP])
    (client,) = clients(
        {**network(), "Cache": group(), "Client": entry, "Launch": launch, "Configuration": configuration}
    )
    assert client.title == title
    assert client.columns == where


@pytest.mark.parametrize(
    ("entry", "title", "name"),
    [
        ({"CidrIp": "192.168.0.0/16"}, "Addresses", "192.168.0.0/16"),
        ({"CidrIpv6": "fd00::/8"}, "Addresses", "fd00::/8"),
        ({"SourcePrefixListId": "pl-1"}, "Addresses of a prefix list", "pl-1"),
        ({"SourceSecurityGroupId": "sg-1"}, "Members of a security group", "sg-1"),
    ],
)
def test_whoever_else_may_connect_is_shown(entry: dict[str, Any], title: str, name: str) -> None:
    resources = {
        **network(),
        "Cache": group(),
        "More": resource("EC2::SecurityGroupIngress", GroupId=CACHE_GROUP, **PORT, **entry),
    }
    del resources["In"]
    (client,) = clients(resources)
    assert (client.title, client.name, client.source) == (title, name, True)
    assert client.routes[0].note == "outbound rules are not in the templates"
    assert clients(changed(resources, "More", FromPort=1, ToPort=2)) == []


def test_a_rule_among_the_nodes_is_no_client() -> None:
    assert [client.source for client in clients(changed(standard(), "In", SourceSecurityGroupId=CACHE_GROUP))] == []


def test_references_are_followed_across_stacks() -> None:
    everything = standard()
    client = {name: everything.pop(name) for name in ("Client", "ClientGroup", "In")}
    outputs = {"Group": CACHE_GROUP, "Vpc": {"Ref": "Vpc"}, "Subnet": {"Ref": "Subnet0"}}

    def weak(name: str) -> dict[str, Any]:
        return {"Fn::GetStackOutput": {"StackName": "Stack0", "Region": {"Ref": "AWS::Region"}, "OutputName": name}}

    def strong(name: str) -> dict[str, Any]:
        return {"Fn::ImportValue": f"Stack0:{name}"}

    exports = {name: {"Value": value, "Export": {"Name": f"Stack0:{name}"}} for name, value in outputs.items()}
    for reference in (weak, strong):
        theirs = changed(client, "ClientGroup", VpcId=reference("Vpc"))
        theirs = changed(theirs, "Client", SubnetId=reference("Subnet"))
        theirs = changed(theirs, "In", GroupId=reference("Group"))
        for region in ("eu-west-1", None):
            model = picture({"Resources": everything, "Outputs": exports}, theirs, region=region)
            ((_, found),) = model.clients
            assert found.identity == ("Stack1", "Client")
            assert found.columns == (0,)


def test_an_output_that_no_stack_has_stays_unknown() -> None:
    missing = {"Fn::GetStackOutput": {"StackName": "Elsewhere", "OutputName": "Group"}}
    assert compute(changed(standard(), "In", GroupId=missing)) == []


def test_a_client_whose_addresses_are_not_known_matches_no_range() -> None:
    resources = changed(standard(), "In", SourceSecurityGroupId=None, CidrIp="10.0.0.0/16")
    assert len(compute(resources)) == 1
    assert compute(changed(resources, "Client", SubnetId={"Ref": "Subnet"})) == []


def test_a_client_in_another_vpc_is_not_connected() -> None:
    resources = standard(Elsewhere=resource("EC2::VPC", CidrBlock="10.9.0.0/16"))
    resources = changed(resources, "In", SourceSecurityGroupId=None, CidrIp="0.0.0.0/0")
    assert len(compute(resources)) == 1
    resources = changed(resources, "ClientGroup", VpcId={"Ref": "Elsewhere"})
    assert compute(changed(resources, "Client", SubnetId=None)) == []

"""Network: isolated, with a narrow S3 endpoint, and switches."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2

from constructs_lib import Network


def template_of(stack: cdk.Stack) -> assertions.Template:
    return assertions.Template.from_stack(stack)


class TestDefaults:
    def test_isolated_without_a_way_out(self, stack: cdk.Stack) -> None:
        network = Network(stack, "Network")
        template = template_of(stack)
        for kind in ("InternetGateway", "NatGateway", "EIP", "Route", "InstanceConnectEndpoint"):
            template.resource_count_is(f"AWS::EC2::{kind}", 0)
        template.resource_count_is("AWS::EC2::Subnet", 2)
        template.all_resources_properties("AWS::EC2::Subnet", {"MapPublicIpOnLaunch": False})
        template.resource_count_is("AWS::EC2::VPCEndpoint", 1)
        template.resource_count_is("AWS::Lambda::Function", 0)
        assert network.instance_connect_endpoint is None
        assert len(network.vpc.isolated_subnets) == 2
        assert network.vpc.public_subnets == []

    def test_names_need_dns(self, stack: cdk.Stack) -> None:
        Network(stack, "Network")
        template_of(stack).has_resource_properties(
            "AWS::EC2::VPC",
            {"EnableDnsSupport": True, "EnableDnsHostnames": True, "CidrBlock": "10.0.0.0/16"},
        )

    def test_refused_packets_are_logged_for_a_month(self, stack: cdk.Stack) -> None:
        Network(stack, "Network")
        template = template_of(stack)
        template.has_resource_properties("AWS::EC2::FlowLog", {"TrafficType": "REJECT"})
        template.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 30})

    def test_the_s3_endpoint_admits_three_buckets_and_asks_for_no_principal(self, stack: cdk.Stack) -> None:
        Network(stack, "Network")
        assert self._policy(stack) == [
            {
                "Sid": "Packages",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/*",
            },
            {
                "Sid": "Signals",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::cloudformation-waitcondition-eu-west-1/*",
            },
            {
                "Sid": "Assets",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::cdk-hnb659fds-assets-111111111111-eu-west-1/*",
                "Condition": {"StringEquals": {"aws:ResourceAccount": "111111111111"}},
            },
        ]

    def _policy(self, stack: cdk.Stack) -> list[dict[str, Any]]:
        (endpoint,) = template_of(stack).find_resources("AWS::EC2::VPCEndpoint").values()
        assert endpoint["Properties"]["VpcEndpointType"] == "Gateway"
        assert len(endpoint["Properties"]["RouteTableIds"]) == 2
        statements: list[dict[str, Any]] = endpoint["Properties"]["PolicyDocument"]["Statement"]
        return statements

    @pytest.mark.parametrize("by", ["prop", "context"])
    def test_another_bootstrap_qualifier(self, app: cdk.App, stack: cdk.Stack, by: str) -> None:
        if by == "context":
            stack.node.set_context("@aws-cdk/core:bootstrapQualifier", "mine")
        Network(stack, "Network", bootstrap_qualifier="mine" if by == "prop" else None)
        assert self._policy(stack)[2]["Resource"] == "arn:aws:s3:::cdk-mine-assets-111111111111-eu-west-1/*"


class TestSwitches:
    def test_zones(self, stack: cdk.Stack) -> None:
        Network(stack, "Three", availability_zone_count=3)
        Network(stack, "Named", availability_zones=["eu-west-1a", "eu-west-1c"], ip_range="10.1.0.0/16")
        subnets = template_of(stack).find_resources("AWS::EC2::Subnet").values()
        zones = [subnet["Properties"]["AvailabilityZone"] for subnet in subnets]
        assert zones == [{"Fn::Select": [i, {"Fn::GetAZs": ""}]} for i in range(3)] + [
            "eu-west-1a",
            "eu-west-1c",
        ]

    def test_instance_connect_endpoint(self, stack: cdk.Stack) -> None:
        network = Network(stack, "Network", instance_connect_endpoint=True)
        instance = ec2.SecurityGroup(stack, "Instance", vpc=network.vpc, allow_all_outbound=False)
        assert network.instance_connect_endpoint is not None
        instance.connections.allow_from(network.instance_connect_endpoint, ec2.Port.SSH)
        template = template_of(stack)
        template.has_resource_properties("AWS::EC2::InstanceConnectEndpoint", {"PreserveClientIp": False})
        template.has_resource_properties("AWS::EC2::SecurityGroupIngress", {"FromPort": 22})
        template.has_resource_properties("AWS::EC2::SecurityGroupEgress", {"FromPort": 22})

    @pytest.mark.parametrize(
        ("options", "services"),
        [
            ({"ssm_endpoints": True}, {"ssm", "ssmmessages"}),
            ({"secrets_manager_endpoint": True}, {"secretsmanager"}),
        ],
    )
    def test_interface_endpoints(self, stack: cdk.Stack, options: dict[str, bool], services: set[str]) -> None:
        Network(stack, "Network", **options)  # type: ignore[arg-type]
        template = template_of(stack)
        found = template.find_resources("AWS::EC2::VPCEndpoint", {"Properties": {"VpcEndpointType": "Interface"}})
        assert {e["Properties"]["ServiceName"].rpartition(".")[2] for e in found.values()} == services
        template.has_resource_properties(
            "AWS::EC2::SecurityGroup",
            {"SecurityGroupIngress": [assertions.Match.object_like({"CidrIp": "10.0.0.0/16", "FromPort": 443})]},
        )

    def test_flow_logs_off(self, stack: cdk.Stack) -> None:
        Network(stack, "Network", flow_logs=False)
        template_of(stack).resource_count_is("AWS::EC2::FlowLog", 0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda s: Network(s, "N", availability_zone_count=4),
            "Stack/N: availability_zone_count must be 2 or 3 zones, got 4; two are enough for Multi-AZ",
        ),
        (
            lambda s: Network(s, "N", availability_zones=["eu-west-1a"]),
            "Stack/N: availability_zones must be 2 or 3 zones, got ['eu-west-1a']; two are enough for Multi-AZ",
        ),
        (
            lambda s: Network(s, "N", availability_zone_count=2, availability_zones=["a", "b"]),
            "Stack/N: availability_zone_count must be absent with availability_zones, got 2; leave one of them out",
        ),
    ],
)
def test_errors(stack: cdk.Stack, make: Callable[[cdk.Stack], Network], message: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        make(stack)
    assert str(caught.value) == message

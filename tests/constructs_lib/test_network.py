"""Network: isolation, the policy of the S3 endpoint, and options."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs

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

    def test_refused_packets_are_logged_for_a_year(self, stack: cdk.Stack) -> None:
        Network(stack, "Network")
        template = template_of(stack)
        template.has_resource_properties("AWS::EC2::FlowLog", {"TrafficType": "REJECT"})
        template.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 365})

    def test_the_s3_endpoint_allows_three_buckets_for_any_principal(self, stack: cdk.Stack) -> None:
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
            ({"elasticache_endpoint": True}, {"elasticache"}),
            (
                {"ssm_endpoints": True, "secrets_manager_endpoint": True, "elasticache_endpoint": True},
                {"ssm", "ssmmessages", "secretsmanager", "elasticache"},
            ),
        ],
    )
    def test_interface_endpoints(self, stack: cdk.Stack, options: dict[str, bool], services: set[str]) -> None:
        Network(stack, "Network", **options)  # type: ignore[arg-type]
        template = template_of(stack)
        resources = template.find_resources("AWS::EC2::VPCEndpoint", {"Properties": {"VpcEndpointType": "Interface"}})
        assert {e["Properties"]["ServiceName"].rpartition(".")[2] for e in resources.values()} == services
        template.has_resource_properties(
            "AWS::EC2::SecurityGroup",
            {"SecurityGroupIngress": [assertions.Match.object_like({"CidrIp": "10.0.0.0/16", "FromPort": 443})]},
        )

    def test_flow_logs_off(self, stack: cdk.Stack) -> None:
        Network(stack, "Network", flow_logs=False)
        template_of(stack).resource_count_is("AWS::EC2::FlowLog", 0)

    def test_another_retention_of_refused_packets(self, stack: cdk.Stack) -> None:
        Network(stack, "Network", flow_log_retention=logs.RetentionDays.ONE_WEEK)
        template_of(stack).has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 7})

    def test_the_default_security_group_is_restricted_by_a_function_on_request_alone(self, stack: cdk.Stack) -> None:
        Network(stack, "Network", restrict_default_security_group=True)
        template = template_of(stack)
        template.resource_count_is("Custom::VpcRestrictDefaultSG", 1)
        template.resource_count_is("AWS::Lambda::Function", 1)


_THIS = {"aws:PrincipalAccount": "111111111111"}
_BOTH = {"aws:PrincipalAccount": "111111111111", "aws:ResourceAccount": "111111111111"}
_ACCOUNT = ("ThisAccount", "*", "*", _BOTH)


class TestInterfaceEndpointPolicies:
    """The Sid, actions, resources and condition values of a statement."""

    @pytest.mark.parametrize(
        ("service", "expected"),
        [
            (
                "ssm",
                [
                    _ACCOUNT,
                    (
                        "OwnedByAws",
                        ["ssm:Describe*", "ssm:Get*", "ssm:List*"],
                        ["arn:aws:ssm:eu-west-1::document/*", "arn:aws:ssm:eu-west-1::parameter/aws/*"],
                        _THIS,
                    ),
                ],
            ),
            ("ssmmessages", [("Channels", "ssmmessages:*", "*", _THIS)]),
            ("secretsmanager", [_ACCOUNT, ("Passwords", "secretsmanager:GetRandomPassword", "*", _THIS)]),
            ("elasticache", [_ACCOUNT]),
        ],
    )
    def test_statements(self, stack: cdk.Stack, service: str, expected: list[tuple[str, Any, Any, Any]]) -> None:
        Network(stack, "Network", ssm_endpoints=True, secrets_manager_endpoint=True, elasticache_endpoint=True)
        statements = self._endpoints(stack)[service]
        assert [
            (statement["Sid"], statement["Action"], statement["Resource"], statement["Condition"]["StringEquals"])
            for statement in statements
        ] == expected
        assert {(statement["Effect"], statement["Principal"]["AWS"]) for statement in statements} == {("Allow", "*")}

    def test_every_endpoint_requires_the_account_of_the_caller(self, stack: cdk.Stack) -> None:
        Network(stack, "Network", ssm_endpoints=True, secrets_manager_endpoint=True, elasticache_endpoint=True)
        endpoints = self._endpoints(stack)
        assert len(endpoints) == 4
        for statements in endpoints.values():
            for statement in statements:
                assert set(statement["Condition"]) == {"StringEquals"}
                assert statement["Condition"]["StringEquals"]["aws:PrincipalAccount"] == "111111111111"

    def test_without_a_known_account_the_policy_requires_the_account_of_the_stack(self, app: cdk.App) -> None:
        stack = cdk.Stack(app, "Anywhere")
        Network(stack, "Network", secrets_manager_endpoint=True)
        for statement in self._endpoints(stack)["secretsmanager"]:
            assert set(map(str, statement["Condition"]["StringEquals"].values())) == {"{'Ref': 'AWS::AccountId'}"}

    def _endpoints(self, stack: cdk.Stack) -> dict[str, list[dict[str, Any]]]:
        resources = template_of(stack).find_resources("AWS::EC2::VPCEndpoint")
        return {
            str(endpoint["Properties"]["ServiceName"]).rpartition(".")[2].rstrip("'}]"): endpoint["Properties"][
                "PolicyDocument"
            ]["Statement"]
            for endpoint in resources.values()
            if endpoint["Properties"]["VpcEndpointType"] == "Interface"
        }


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

"""Creation of constructs without repeated work: overrides, type checks, and the number of jsii calls."""

from collections import Counter
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_iam as iam
from constructs import Construct
from jsii._kernel import _get_overides
from jsii._kernel.providers.process import _NodeProcess
from jsii.errors import JSIIError

import constructs_lib
from constructs_lib import Backup, ReplicationGroup, SubnetGroup
from constructs_lib._core import creation
from constructs_lib._core.aws_resource import AwsResource
from constructs_lib._core.creation import new, set_removal_policy
from constructs_lib._core.installed import takes_subnets
from constructs_lib._core.types import _takes_arguments
from constructs_lib.network import subnet_group


class Named(ReplicationGroup):
    """A cache of a user of the library, with an override of a method of `Construct`."""

    def to_string(self) -> str:
        return "named"

    def other(self) -> str:
        return "other"


@jsii.implements(iam.IGrantable)
class Granting(AwsResource):
    """A construct that implements another interface, and reads itself from Node in its constructor."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.found = scope.node.find_child(id)

    @property
    def grant_principal(self) -> iam.IPrincipal:
        return iam.ServicePrincipal("ec2.amazonaws.com")


def classes() -> list[type[AwsResource]]:
    return [kind for kind in vars(constructs_lib).values() if isinstance(kind, type) and issubclass(kind, AwsResource)]


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The jsii calls of a test, such as `get ref`."""
    sent: list[str] = []
    original = _NodeProcess.send

    def send(self: _NodeProcess, request: Any, *rest: Any) -> Any:
        kind = type(request).__name__.removesuffix("Request").lower()
        names = (getattr(request, name, None) for name in ("property", "method", "fqn"))
        sent.append(f"{kind} {next(name for name in names if name)}")
        return original(self, request, *rest)

    monkeypatch.setattr(_NodeProcess, "send", send)
    return sent


@pytest.mark.parametrize("kind", [*classes(), Named, Granting], ids=lambda kind: kind.__name__)
def test_the_overrides_of_a_class_are_those_that_jsii_finds(kind: Any) -> None:
    reduced: Any = creation._overriding(kind)
    expected = _get_overides(kind, kind.__new__(kind))
    found = _get_overides(kind, reduced.__new__(reduced))
    assert {"stack", "env", "apply_removal_policy"} <= {override.cookie for override in expected}
    assert sorted(map(str, found)) == sorted(map(str, expected))
    assert "metrics" not in vars(reduced)


def test_node_calls_the_overrides_of_a_construct(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    cache = Named(stack, "Cache", vpc=vpc)
    client = ec2.SecurityGroup(stack, "Client", vpc=vpc)
    client.connections.allow_to_default_port(cache)
    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::EC2::SecurityGroupIngress", {"FromPort": 6379, "ToPort": 6379}
    )
    assert [child for child in stack.node.children if child.node.id == "Cache"] == [cache]


def test_node_returns_the_construct_in_its_constructor(stack: cdk.Stack) -> None:
    granting = Granting(stack, "It")
    assert granting.found is granting


def test_jsii_refuses_a_wrong_id(stack: cdk.Stack) -> None:
    number: Any = 1
    with pytest.raises(RuntimeError, match="id"):
        AwsResource(stack, number)


def test_the_removal_policy_is_that_of_the_method(stack: cdk.Stack) -> None:
    for name, policy in (("A", cdk.RemovalPolicy.SNAPSHOT), ("B", cdk.RemovalPolicy.RETAIN)):
        first, second = (
            elasticache.CfnReplicationGroup(stack, f"{name}{number}", replication_group_description="It")
            for number in range(2)
        )
        set_removal_policy(first, policy)
        second.apply_removal_policy(policy)
    found = assertions.Template.from_stack(stack).find_resources("AWS::ElastiCache::ReplicationGroup")
    assert found["A0"] == found["A1"]
    assert found["B0"] == found["B1"]
    assert (found["A0"]["DeletionPolicy"], found["B0"]["UpdateReplacePolicy"]) == ("Snapshot", "Retain")


def stack_with_vpc() -> tuple[cdk.Stack, ec2.Vpc]:
    """A stack that creates a VPC with two isolated subnets."""
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "Stack")
    isolated = ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    return stack, ec2.Vpc(
        stack, "Vpc", nat_gateways=0, restrict_default_security_group=False, subnet_configuration=[isolated], max_azs=2
    )


def test_a_replication_group_takes_20_jsii_calls_and_the_first_of_a_stack_3_more(requests: list[str]) -> None:
    other, other_vpc = stack_with_vpc()
    ReplicationGroup(other, "Earlier", vpc=other_vpc)  # reads what is kept for the process
    stack, vpc = stack_with_vpc()
    calls = {}
    for name in ("First", "Second"):
        requests.clear()
        ReplicationGroup(stack, name, vpc=vpc)
        calls[name] = Counter(requests)
    assert calls["Second"].total() == 20, calls["Second"]
    ids = Counter() if takes_subnets() else Counter({"get subnetId": 2})
    assert calls["First"] - calls["Second"] == Counter(["get stackName", "get region", "get isolatedSubnets"]) + ids


def test_takes_subnets_tells_what_the_installed_l1_takes() -> None:
    stack, vpc = stack_with_vpc()
    try:
        new(elasticache.CfnSubnetGroup, stack, {"description": "It", "subnet_ids": [vpc.isolated_subnets[0]]})
    except (RuntimeError, JSIIError):
        assert not takes_subnets()
    else:
        assert takes_subnets()


# The test before this one compares `takes_subnets` with the installed L1.
@pytest.mark.parametrize("takes", sorted({False, takes_subnets()}))
def test_the_subnets_are_the_same_with_and_without_their_ids(
    requests: list[str], monkeypatch: pytest.MonkeyPatch, takes: bool
) -> None:
    monkeypatch.setattr(subnet_group, "takes_subnets", lambda: takes)
    stack, vpc = stack_with_vpc()
    SubnetGroup(stack, "Own", vpc=vpc)
    assert ("get subnetId" in requests) is not takes
    imported = ec2.Subnet.from_subnet_id(stack, "Imported", "subnet-0a1b2c3d4e5f60711")
    selection = ec2.SubnetSelection(subnets=[vpc.isolated_subnets[0], imported])
    SubnetGroup(stack, "Mixed", vpc_subnets=selection)
    own, mixed = assertions.Template.from_stack(stack).find_resources("AWS::ElastiCache::SubnetGroup").values()
    ids = [stack.resolve(subnet.subnet_id) for subnet in vpc.isolated_subnets]
    assert own["Properties"]["SubnetIds"] == ids
    assert mixed["Properties"]["SubnetIds"] == [ids[0], "subnet-0a1b2c3d4e5f60711"]


def test_only_methods_with_arguments_check_them() -> None:
    assert not hasattr(Backup.render, "__wrapped__")
    assert hasattr(ReplicationGroup.grant, "__wrapped__")

    def any_number(self: object, *names: str) -> None:
        """Take any number of arguments."""

    def options(self: object, **names: str) -> None:
        """Take any options."""

    def keyword(self: object, *, name: str) -> None:
        """Take one option."""

    def nothing(self: object) -> None:
        """Take nothing."""

    assert [_takes_arguments(method) for method in (any_number, options, keyword, nothing)] == [True, True, True, False]

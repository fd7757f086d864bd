"""Networks of other teams: every selection of subnets that CDK's own L2s accept, compared with them in one app."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_rds as rds

import constructs_lib
from constructs_lib import (
    CacheClient,
    CredentialRotation,
    Engine,
    GlobalDatastore,
    GlobalDatastoreSecondary,
    MemcachedCluster,
    NodeType,
    OutpostCluster,
    PasswordUser,
    ReplicationGroup,
    ServerlessCache,
    SubnetGroup,
)

Select = Callable[[cdk.Stack], ec2.SubnetSelection]
SUBNETS = ("subnet-0123456789abcdef0", "subnet-0123456789abcdef1")
GROUPS = "AWS::ElastiCache::SubnetGroup"
SERVERLESS = "AWS::ElastiCache::ServerlessCache"


def by_id(stack: cdk.Stack) -> list[ec2.ISubnet]:
    return [ec2.Subnet.from_subnet_id(stack, f"Subnet{i}", subnet_id) for i, subnet_id in enumerate(SUBNETS)]


def own_vpc(stack: cdk.Stack) -> ec2.Vpc:
    """Two groups of isolated subnets and one of private ones, in three zones."""
    return ec2.Vpc(
        stack,
        "Vpc",
        availability_zones=["eu-west-1a", "eu-west-1b", "eu-west-1c"],
        nat_gateways=1,
        restrict_default_security_group=False,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC),
            ec2.SubnetConfiguration(name="App", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            ec2.SubnetConfiguration(name="Data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            ec2.SubnetConfiguration(name="Cache", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        ],
    )


def looked_up(stack: cdk.Stack) -> ec2.IVpc:
    return ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-0123456789abcdef0")


def properties(stack: cdk.Stack, kind: str) -> Mapping[str, Any]:
    (found,) = assertions.Template.from_stack(stack).find_resources(kind).values()
    return dict(found["Properties"])


SELECTIONS: dict[str, Select] = {
    "by id": lambda s: ec2.SubnetSelection(subnets=by_id(s)),
    "by attributes": lambda s: ec2.SubnetSelection(
        subnets=[ec2.Subnet.from_subnet_attributes(s, "A", subnet_id=SUBNETS[0], availability_zone="eu-west-1a")]
    ),
    "by group name": lambda s: ec2.SubnetSelection(subnet_group_name="Cache"),
    "by type": lambda s: ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
    "by zone": lambda s: ec2.SubnetSelection(
        subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, availability_zones=["eu-west-1a", "eu-west-1c"]
    ),
    "by zone alone": lambda s: ec2.SubnetSelection(availability_zones=["eu-west-1b"]),
    "one in each zone": lambda s: ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, one_per_az=True),
    "by filter": lambda s: ec2.SubnetSelection(
        subnet_group_name="Data", subnet_filters=[ec2.SubnetFilter.availability_zones(["eu-west-1c"])]
    ),
}


class TestSelections:
    @pytest.mark.parametrize("select", SELECTIONS.values(), ids=SELECTIONS)
    def test_a_selection_gives_the_subnets_that_the_l2s_of_cdk_take(self, stack: cdk.Stack, select: Select) -> None:
        vpc, selection = own_vpc(stack), select(stack)
        SubnetGroup(stack, "Group", vpc=vpc, vpc_subnets=selection)
        ServerlessCache(stack, "Serverless", vpc=vpc, vpc_subnets=selection)
        rds.SubnetGroup(stack, "Database", vpc=vpc, vpc_subnets=selection, description="the same subnets")
        lambda_.Function(
            stack,
            "Function",
            vpc=vpc,
            vpc_subnets=selection,
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context): return None"),
        )
        wanted = properties(stack, "AWS::RDS::DBSubnetGroup")["SubnetIds"]
        assert wanted
        assert properties(stack, GROUPS)["SubnetIds"] == wanted
        assert properties(stack, SERVERLESS)["SubnetIds"] == wanted
        assert properties(stack, "AWS::Lambda::Function")["VpcConfig"]["SubnetIds"] == wanted

    @pytest.mark.parametrize("construct", [ReplicationGroup, MemcachedCluster, ServerlessCache])
    def test_every_cache_accepts_subnets_by_id(self, stack: cdk.Stack, construct: type) -> None:
        construct(stack, "Cache", vpc=own_vpc(stack), vpc_subnets=SELECTIONS["by id"](stack))
        kind = SERVERLESS if construct is ServerlessCache else GROUPS
        assert properties(stack, kind)["SubnetIds"] == list(SUBNETS)

    def test_an_outpost_cluster_accepts_subnets_by_id(self, stack: cdk.Stack) -> None:
        OutpostCluster(
            stack,
            "Cache",
            vpc=own_vpc(stack),
            vpc_subnets=SELECTIONS["by id"](stack),
            outpost_arn="arn:aws:outposts:eu-west-1:111111111111:outpost/op-0123456789abcdef0",
        )
        assert properties(stack, GROUPS)["SubnetIds"] == list(SUBNETS)

    def test_a_rotation_accepts_subnets_by_id(self, stack: cdk.Stack) -> None:
        vpc = own_vpc(stack)
        CredentialRotation(
            stack,
            "Rotation",
            vpc=vpc,
            vpc_subnets=SELECTIONS["by id"](stack),
            cache=ReplicationGroup(stack, "Cache", vpc=vpc),
            user=PasswordUser(stack, "User", engine=Engine.REDIS),
        )
        assert properties(stack, "AWS::Lambda::Function")["VpcConfig"]["SubnetIds"] == list(SUBNETS)


PENDING: dict[str, ec2.SubnetSelection | None] = {
    "by default": None,
    "by group name": ec2.SubnetSelection(subnet_group_name="Data"),
    "by zone": ec2.SubnetSelection(availability_zones=["eu-west-1a"]),
    "by type": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
}


class TestPendingLookup:
    @pytest.mark.parametrize("selection", PENDING.values(), ids=PENDING)
    @pytest.mark.needs_cdk("2.252.0")
    def test_the_first_pass_reports_the_look_up_and_no_finding(
        self, app: cdk.App, stack: cdk.Stack, selection: ec2.SubnetSelection | None
    ) -> None:
        vpc = looked_up(stack)
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, vpc_subnets=selection)
        MemcachedCluster(stack, "Memcached", vpc=vpc, vpc_subnets=selection)
        ServerlessCache(stack, "Serverless", vpc=vpc, vpc_subnets=selection)
        CacheClient(stack, "Client", vpc=vpc, vpc_subnets=selection, cache=cache)
        cdk.Validations.of(app).add_plugins(constructs_lib.ElastiCacheChecks())
        # The ids of CDK's own dummy VPC, which CDK's own check does not accept.
        for rule in ("E1151", "E1154"):
            cdk.Validations.of(stack).acknowledge(
                cdk.Acknowledgment(id=f"CloudFormation-Validate::{rule}", reason="the first pass")
            )
        manifest = json.loads((Path(app.synth().directory) / "manifest.json").read_text())
        assert [item["provider"] for item in manifest["missing"]] == ["vpc-provider"]
        assert assertions.Annotations.from_stack(stack).find_error("*", assertions.Match.any_value()) == []

    def test_two_selections_of_one_construct_share_the_placeholders(self, stack: cdk.Stack) -> None:
        vpc = looked_up(stack)
        for id in ("A", "B"):
            SubnetGroup(stack, id, vpc=vpc, vpc_subnets=PENDING["by group name"])
        groups = assertions.Template.from_stack(stack).find_resources(GROUPS).values()
        assert len({tuple(group["Properties"]["SubnetIds"]) for group in groups}) == 1


class TestWithoutVpc:
    @pytest.mark.parametrize("construct", [ReplicationGroup, MemcachedCluster])
    def test_a_subnet_group_and_security_groups_are_enough(self, stack: cdk.Stack, construct: type) -> None:
        cache = construct(
            stack,
            "Cache",
            subnet_group=SubnetGroup.from_subnet_group_name(stack, "Shared", "shared"),
            security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
        )
        assert cache.port
        template = assertions.Template.from_stack(stack)
        template.resource_count_is(GROUPS, 0)
        template.resource_count_is("AWS::EC2::SecurityGroup", 0)

    def test_a_secondary_needs_no_vpc_with_both(self, app: cdk.App, stack: cdk.Stack) -> None:
        primary = ReplicationGroup(stack, "Primary", vpc=own_vpc(stack), node_type=NodeType.R7G_LARGE)
        datastore = GlobalDatastore(stack, "Global", primary=primary, id_suffix="orders")
        there = cdk.Stack(app, "There", env=cdk.Environment(account="111111111111", region="eu-central-1"))
        GlobalDatastoreSecondary(
            there,
            "Secondary",
            global_datastore=datastore,
            subnet_group=SubnetGroup.from_subnet_group_name(there, "Shared", "shared"),
            security_groups=[ec2.SecurityGroup.from_security_group_id(there, "Group", "sg-0123456789abcdef0")],
        )
        assertions.Template.from_stack(there).resource_count_is("AWS::EC2::SecurityGroup", 0)

    def test_listed_subnets_and_security_groups_are_enough_for_a_serverless_cache(self, stack: cdk.Stack) -> None:
        ServerlessCache(
            stack,
            "Cache",
            vpc_subnets=ec2.SubnetSelection(subnets=by_id(stack)),
            security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
        )
        assert properties(stack, SERVERLESS)["SubnetIds"] == list(SUBNETS)


class TestServerlessDefault:
    @pytest.mark.parametrize(("zones", "taken"), [(1, 1), (2, 2), (3, 3), (4, 3), (6, 3)])
    def test_one_subnet_in_each_zone_at_most_three(self, stack: cdk.Stack, zones: int, taken: int) -> None:
        vpc = ec2.Vpc(
            stack,
            "Vpc",
            availability_zones=[f"eu-west-1{letter}" for letter in "abcdef"[:zones]],
            subnet_configuration=[
                ec2.SubnetConfiguration(name=name, subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24)
                for name in ("App", "Data")
            ],
        )
        ServerlessCache(stack, "Cache", vpc=vpc)
        chosen = [reference["Ref"] for reference in properties(stack, SERVERLESS)["SubnetIds"]]
        subnets = assertions.Template.from_stack(stack).find_resources("AWS::EC2::Subnet")
        used = [subnets[id]["Properties"]["AvailabilityZone"] for id in chosen]
        assert used == [f"eu-west-1{letter}" for letter in "abcdef"[:taken]]

    def test_zones_that_are_tokens(self, app: cdk.App) -> None:
        stack = cdk.Stack(app, "Anywhere")
        vpc = ec2.Vpc(
            stack,
            "Vpc",
            max_azs=2,
            subnet_configuration=[
                ec2.SubnetConfiguration(name=name, subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24)
                for name in ("App", "Data")
            ],
        )
        ServerlessCache(stack, "Cache", vpc=vpc)
        assert len(properties(stack, SERVERLESS)["SubnetIds"]) == 2


def _selected(**options: Any) -> Callable[[cdk.Stack], object]:
    return lambda s: SubnetGroup(s, "It", vpc=own_vpc(s), vpc_subnets=ec2.SubnetSelection(**options))


def _groups(stack: cdk.Stack) -> list[ec2.ISecurityGroup]:
    return [ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")]


ERRORS: dict[str, tuple[Callable[[cdk.Stack], object], str]] = {
    "wrong-group": (
        _selected(subnet_group_name="Dta"),
        "Stack/It: vpc_subnets must name a subnet group of the VPC, got subnet_group_name='Dta'; use one of App, "
        "Cache, Data, Public",
    ),
    "wrong-zone": (
        _selected(availability_zones=["nope"]),
        "Stack/It: vpc_subnets must name zones in which the VPC has subnets, got availability_zones=['nope']; use "
        "eu-west-1a or eu-west-1b or eu-west-1c",
    ),
    "wrong-type": (
        lambda s: SubnetGroup(
            s,
            "It",
            vpc=ec2.Vpc(
                s,
                "Vpc",
                subnet_configuration=[
                    ec2.SubnetConfiguration(name="A", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24)
                ],
            ),
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
        ),
        "Stack/It: vpc_subnets must name a type of subnet that the VPC has, got subnet_type=PUBLIC; use "
        "PRIVATE_ISOLATED",
    ),
    "filter": (
        _selected(subnet_group_name="Data", subnet_filters=[ec2.SubnetFilter.by_ids(["subnet-0"])]),
        "Stack/It: vpc_subnets must name at least one subnet, got a selection that no subnet of the VPC meets; remove "
        "a filter, or list the subnets",
    ),
    "type-and-group": (
        _selected(subnet_group_name="Data", subnet_type=ec2.SubnetType.PUBLIC),
        "Stack/It: vpc_subnets must have either subnet_type or subnet_group_name, got both; leave one of them out",
    ),
    "empty": (
        _selected(subnets=[]),
        "Stack/It: vpc_subnets must name at least one subnet, got subnets=[]; list the subnets",
    ),
    "public-vpc": (
        lambda s: SubnetGroup(
            s, "It", vpc=ec2.Vpc.from_vpc_attributes(s, "Vpc", vpc_id="vpc-0", availability_zones=["eu-west-1a"])
        ),
        "Stack/It: vpc_subnets must name at least one subnet, got a VPC with neither isolated nor private subnets; "
        "pass vpc_subnets, or a VPC that has them",
    ),
    "no-vpc": (
        lambda s: ReplicationGroup(s, "It"),
        "Stack/It: vpc must be given for new resources, got None; pass vpc, or both subnet_group and security_groups",
    ),
    "no-vpc-with-security-groups": (
        lambda s: MemcachedCluster(s, "It", security_groups=_groups(s)),
        "Stack/It: vpc must be given for new resources, got None; pass vpc, or both subnet_group and security_groups",
    ),
    "no-vpc-with-subnet-group": (
        lambda s: ReplicationGroup(s, "It", subnet_group=SubnetGroup.from_subnet_group_name(s, "Shared", "shared")),
        "Stack/It: vpc must be given for a new security group, got None; pass vpc, or security_groups",
    ),
    "no-vpc-serverless": (
        lambda s: ServerlessCache(s, "It", security_groups=_groups(s)),
        "Stack/It: vpc must be given for new resources, got None; pass vpc, or both "
        "vpc_subnets=ec2.SubnetSelection(subnets=[...]) and security_groups",
    ),
    "no-vpc-subnet-group": (
        lambda s: SubnetGroup(s, "It"),
        "Stack/It: vpc must be given, got None; pass vpc, or vpc_subnets=ec2.SubnetSelection(subnets=[...])",
    ),
    "no-security-group": (
        lambda s: ReplicationGroup(s, "It", vpc=own_vpc(s), security_groups=[]),
        "Stack/It: security_groups must not be empty, got []; leave it out for the default",
    ),
}


@pytest.mark.parametrize(("make", "message"), ERRORS.values(), ids=ERRORS)
def test_errors(stack: cdk.Stack, make: Callable[[cdk.Stack], object], message: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        make(stack)
    assert str(caught.value) == message


def test_an_explicit_public_subnet_group_is_accepted_as_cdk_does(stack: cdk.Stack) -> None:
    SubnetGroup(stack, "It", vpc=own_vpc(stack), vpc_subnets=ec2.SubnetSelection(subnet_group_name="Public"))
    assert len(properties(stack, GROUPS)["SubnetIds"]) == 3

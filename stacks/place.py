"""Where a deployment's cache and client live: in the network made for it, or in a VPC that exists."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from constructs_lib import Network
from elasticache_rules import facts
from stacks.deployment import Deployment

UNKNOWN_REGION: Final = "elasticache-stack:unknown-region"
"""The warning's id, for `acknowledge_warning`."""


def warn_of_unknown_region(stack: cdk.Stack) -> None:
    """Warn of a region that has the form of one and is not known here: a new one, or a slip."""
    if cdk.Token.is_unresolved(stack.region) or facts.knows_region(stack.region):
        return
    cdk.Annotations.of(stack).add_warning_v2(
        UNKNOWN_REGION,
        f"{stack.node.path}: region must be one that is known here, got {stack.region}; check its name, and that "
        "ElastiCache and the node type are offered there",
    )


def place_in(stack: cdk.Stack, deployment: Deployment, network: Network | None) -> tuple[ec2.IVpc, ec2.SubnetSelection]:
    """The VPC and the subnets, as a stack sees them.

    :param network: the network made for the deployment; None where it names a VPC that exists.
    """
    if network is not None:
        return network.vpc, network.vpc_subnets
    assert deployment.vpc_id is not None  # noqa: S101 - either there is a network, or the deployment names a VPC
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id=deployment.vpc_id,
        availability_zones=list(deployment.availability_zones),
        isolated_subnet_ids=list(deployment.subnet_ids),
    )
    cdk.Annotations.of(vpc).acknowledge_warning(
        "@aws-cdk/aws-ec2:noSubnetRouteTableId", "Nothing here adds a route or a gateway endpoint."
    )
    return vpc, ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)

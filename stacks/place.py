"""Where a deployment's cache and client live: in the network made for it, or in a VPC that exists."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from constructs_lib import Network
from stacks.deployment import Deployment


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

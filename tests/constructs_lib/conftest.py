"""A VPC for constructs."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2


@pytest.fixture
def vpc(stack: cdk.Stack) -> ec2.IVpc:
    """An existing VPC with two isolated subnets."""
    return existing_vpc(stack)


def existing_vpc(stack: cdk.Stack, id: str = "Vpc") -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        stack,
        id,
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        isolated_subnet_ids=["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60722"],
        isolated_subnet_route_table_ids=["rtb-0a1b2c3d4e5f60711", "rtb-0a1b2c3d4e5f60722"],
    )

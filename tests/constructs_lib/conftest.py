"""A VPC and a network for constructs, and what differs on the lowest release of aws-cdk-lib."""

from collections.abc import Generator

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from packaging.version import Version

from constructs_lib import Network
from tests.constructs_lib.releases import INSTALLED, missing_release

# These are about the validation plugins and the mixins of CDK alone, which are newer than the lower bound.
collect_ignore = [] if Version("2.252.0") <= INSTALLED else ["test_checks.py", "test_hardening.py"]


FRANKFURT = cdk.Environment(account="111111111111", region="eu-central-1")


@pytest.fixture
def other(app: cdk.App) -> cdk.Stack:
    """A stack in another region."""
    return cdk.Stack(app, "Other", env=FRANKFURT)


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


@pytest.fixture
def network(stack: cdk.Stack) -> Network:
    return Network(stack, "Network")


@pytest.fixture
def group(stack: cdk.Stack, network: Network) -> ec2.SecurityGroup:
    """The security group of a database."""
    return ec2.SecurityGroup(stack, "DatabaseGroup", vpc=network.vpc)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Skip a test that needs a later release of aws-cdk-lib than the installed one, with the release as the reason.

    Such a test has the marker `needs_cdk`, or the library refuses what it does with the release that has it. On the
    newest release, which `make test` runs, nothing is skipped.
    """
    marker = item.get_closest_marker("needs_cdk")
    if marker is not None and Version(marker.args[0]) > INSTALLED:
        pytest.skip(f"needs aws-cdk-lib {marker.args[0]}")
    try:
        return (yield)
    except (AssertionError, ImportError, RuntimeError, ValueError) as problem:
        release = missing_release(problem)
        if release is None:
            raise
        pytest.skip(f"needs aws-cdk-lib {release}")

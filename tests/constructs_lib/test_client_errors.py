"""Every error of CacheClient."""

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2

from constructs_lib import Access, CacheClient, Engine, Network, NoPasswordUser, ReplicationGroup, UserGroup
from tests.constructs_lib.clients import client_of


def _passwords(s: cdk.Stack, n: Network) -> CacheClient:
    user = NoPasswordUser(s, "U", user_name="default", access_string="on ~* +@all")
    access = Access.user_group(UserGroup(s, "G", engine=Engine.REDIS, users=[user]))
    return client_of(s, n, {"access": access})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda s, n: client_of(s, n, on_failure="ignore"),
            "Stack/Client: on_failure must be 'fail' or 'report', got 'ignore'; choose one of them",
        ),
        (
            lambda s, n: client_of(s, n, cache_optional=True),
            "Stack/Client: cache_optional must be False without a database, got True; pass database, or leave "
            "cache_optional out",
        ),
        (
            lambda s, n: client_of(s, n, timeout=cdk.Duration.seconds(30)),
            "Stack/Client: timeout must be 1487 s, which the client may take, to 43200 s, got 30 s; pass "
            "cdk.Duration.seconds(1487) or leave it out",
        ),
        (
            lambda s, n: client_of(s, n, timeout=cdk.Duration.seconds(43201)),
            "Stack/Client: timeout must be 1487 s, which the client may take, to 43200 s, got 43201 s; pass "
            "cdk.Duration.seconds(1487) or leave it out",
        ),
        (
            _passwords,
            "Stack/Client: cache must let this client in by IAM, a password, an AUTH token or without authentication, "
            "got the access of Stack/Cache, whose first user authenticates in another way; put an IamUser into its "
            "user group, or pass user",
        ),
        (
            lambda s, n: CacheClient(
                s,
                "Client",
                vpc=ec2.Vpc(s, "Public", nat_gateways=0),
                cache=ReplicationGroup(s, "Cache", vpc=n.vpc),
                vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
            ),
            "Stack/Client: vpc_subnets must be isolated or private, got public subnets; choose others, because the "
            "instance must have no public address",
        ),
        (
            lambda s, n: client_of(
                s,
                n,
                vpc_subnets=ec2.SubnetSelection(
                    subnets=[ec2.Subnet.from_subnet_id(s, "One", "subnet-0123456789abcdef0")]
                ),
            ),
            "Stack/Client: vpc_subnets must name subnets whose Availability Zone is known, got Stack/One without it; "
            "import the subnet with ec2.Subnet.from_subnet_attributes(..., availability_zone=...)",
        ),
    ],
    ids=["on_failure", "optional", "short timeout", "long timeout", "passwords", "public", "zone"],
)
def test_errors(
    stack: cdk.Stack,
    network: Network,
    make: Callable[[cdk.Stack, Network], CacheClient],
    message: str,
) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        make(stack, network)
    assert str(caught.value) == message

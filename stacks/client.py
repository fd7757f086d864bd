"""The stack of the client."""

from collections.abc import Callable

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from constructs_lib import CacheBase, CacheClient, ClientProgram, DatabaseTarget, Network
from stacks.acknowledgements import acknowledge_client
from stacks.deployment import Deployment

Place = Callable[[cdk.Stack], tuple[ec2.IVpc, ec2.SubnetSelection]]
"""Returns the VPC and the subnets for a stack."""


class ClientStack(cdk.Stack):
    """An EC2 instance that tests the connection to the cache; the result completes or fails this stack.

    :param deployment: the deployment with the settings of the client.
    :param place: returns the VPC and the subnets of the client.
    :param cache: the cache to test.
    :param network: the network of the cache; None for an existing VPC.
    :param database: the database behind the cache. Default: none.
    :param cache_optional: whether a cache that cannot be used is a warning. Default: False.
    :param program: the program that the client runs after the connection test. Default: none.
    :param env: the account and the region.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        deployment: Deployment,
        place: Place,
        cache: CacheBase,
        network: Network | None,
        database: DatabaseTarget | None = None,
        program: ClientProgram | None = None,
        cache_optional: bool = False,
        env: cdk.Environment | None = None,
    ) -> None:
        super().__init__(scope, id, env=env, description="EC2 client that tests an ElastiCache cache")
        vpc, vpc_subnets = place(self)
        client = CacheClient(
            self,
            "Client",
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            cache=cache,
            instance_type=ec2.InstanceType(deployment.instance_type),
            on_failure=deployment.on_failure,
            session_manager=deployment.ssm_endpoints,
            database=database,
            program=program,
            cache_optional=cache_optional,
        )
        if network is not None and network.instance_connect_endpoint is not None:
            client.connections.allow_from(network.instance_connect_endpoint, ec2.Port.SSH, "people")
        acknowledge_client(client, session_manager=deployment.ssm_endpoints)


def in_network(network: Network) -> Place:
    """The VPC and the subnets of a network of this app."""
    return lambda _: (network.vpc, network.vpc_subnets)

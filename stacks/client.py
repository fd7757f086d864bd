"""The stack of the client."""

from collections.abc import Callable

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from constructs_lib import CacheBase, CacheClient, ClientProgram, DatabaseTarget, Network
from stacks.acknowledgements import acknowledge_client
from stacks.deployment import Deployment

Place = Callable[[cdk.Stack], tuple[ec2.IVpc, ec2.SubnetSelection]]
"""The VPC and the subnets, as a stack sees them."""


class ClientStack(cdk.Stack):
    """An EC2 instance that proves the connection; its verdict completes or fails this stack.

    :param deployment: with the client's fields.
    :param place: where the client lives.
    :param cache: the cache.
    :param network: the cache's; None where the deployment names a VPC that exists.
    :param database: the database behind the cache. Default: none.
    :param program: what the client runs after its connection test. Default: nothing.
    :param env: where.
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
        )
        if network is not None and network.instance_connect_endpoint is not None:
            client.connections.allow_from(network.instance_connect_endpoint, ec2.Port.SSH, "people")
        acknowledge_client(client, session_manager=deployment.ssm_endpoints)


def in_network(network: Network) -> Place:
    """In the network that was created for the deployment."""
    return lambda _: (network.vpc, network.vpc_subnets)

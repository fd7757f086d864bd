"""The stack of the client."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from constructs_lib import CacheBase, CacheClient, Network
from stacks.acknowledgements import acknowledge_client
from stacks.deployment import Deployment
from stacks.place import place_in


class ClientStack(cdk.Stack):
    """An EC2 instance that proves the connection; its verdict completes or fails this stack.

    :param deployment: what to make.
    :param network: the cache's; None where the deployment names a VPC that exists.
    :param cache: the cache.
    :param env: where.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        deployment: Deployment,
        network: Network | None,
        cache: CacheBase,
        env: cdk.Environment | None = None,
    ) -> None:
        super().__init__(scope, id, env=env, description="EC2 client that tests an ElastiCache cache")
        vpc, vpc_subnets = place_in(self, deployment, network)
        self._client = CacheClient(
            self,
            "Client",
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            cache=cache,
            instance_type=ec2.InstanceType(deployment.instance_type),
            on_failure=deployment.on_failure,
            session_manager=deployment.ssm_endpoints,
        )
        if network is not None and network.instance_connect_endpoint is not None:
            self._client.connections.allow_from(network.instance_connect_endpoint, ec2.Port.SSH, "people")
        acknowledge_client(self._client, deployment)

    @property
    def client(self) -> CacheClient:
        """The client."""
        return self._client

"""The stack of the network."""

import aws_cdk as cdk
from constructs import Construct

from constructs_lib import Network
from stacks.acknowledgements import acknowledge_network
from stacks.deployment import Deployment


class NetworkStack(cdk.Stack):
    """A VPC with isolated subnets, and the endpoints that its clients need.

    :param deployment: the deployment with the settings of the network.
    :param exports_strongly: whether all references to the VPC and the subnets prevent their removal, from stacks in
        any region.
    :param env: the account and the region.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        deployment: Deployment,
        exports_strongly: bool = False,
        env: cdk.Environment | None = None,
    ) -> None:
        super().__init__(scope, id, env=env, description="Network of an ElastiCache cache and its client")
        self._network = Network(
            self,
            "Network",
            availability_zone_count=deployment.availability_zone_count,
            instance_connect_endpoint=deployment.instance_connect_endpoint,
            ssm_endpoints=deployment.ssm_endpoints,
            secrets_manager_endpoint=deployment.reads_secret,
            elasticache_endpoint=deployment.rotates_secret,
            restrict_default_security_group=deployment.restrict_default_security_group,
        )
        acknowledge_network(self._network, default_security_group=not deployment.restrict_default_security_group)
        if exports_strongly:
            self._export_strongly()

    def _export_strongly(self) -> None:
        """Prevent the removal of subnets that a cache uses.

        The stack of a member cannot do this, because its references to other regions must stay weak.
        """
        vpc = self._network.vpc
        for construct in (vpc, *vpc.isolated_subnets):
            cdk.CrossStackReferences.of(construct).produce(cdk.ReferenceStrength.STRONG)

    @property
    def network(self) -> Network:
        """The network, for the stacks of the cache and the client."""
        return self._network

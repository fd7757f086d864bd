"""The stack of the network."""

import aws_cdk as cdk
from constructs import Construct

from constructs_lib import Network
from stacks.acknowledgements import acknowledge_network
from stacks.deployment import Deployment


class NetworkStack(cdk.Stack):
    """A VPC with isolated subnets, and the endpoints that its clients need.

    :param deployment: what to make.
    :param env: where.
    """

    def __init__(
        self, scope: Construct, id: str, *, deployment: Deployment, env: cdk.Environment | None = None
    ) -> None:
        super().__init__(scope, id, env=env, description="Network of an ElastiCache cache and its client")
        self._network = Network(
            self,
            "Network",
            availability_zone_count=deployment.availability_zone_count,
            instance_connect_endpoint=deployment.instance_connect_endpoint,
            ssm_endpoints=deployment.ssm_endpoints,
            secrets_manager_endpoint=deployment.needs_secrets_manager,
            elasticache_endpoint=deployment.rotation,
            restrict_default_security_group=deployment.restrict_default_security_group,
        )
        acknowledge_network(self._network, deployment)
        if deployment.kind == "global-datastore":
            self._hold_on()

    def _hold_on(self) -> None:
        """Refuse to remove a subnet under a cache.

        Said here, because a member's stack cannot say it of all that it refers to: another region it names weakly.
        """
        vpc = self._network.vpc
        for each in (vpc, *vpc.isolated_subnets):
            cdk.CrossStackReferences.of(each).produce(cdk.ReferenceStrength.STRONG)

    @property
    def network(self) -> Network:
        """The network."""
        return self._network

"""Builds a deployment's stacks."""

from dataclasses import dataclass

import aws_cdk as cdk
from constructs import Construct

from stacks.cache import CacheStack
from stacks.client import ClientStack
from stacks.deployment import Deployment
from stacks.network import NetworkStack


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedStacks:
    """The stacks of one deployment.

    :param network: None where an existing VPC is used.
    """

    network: NetworkStack | None
    cache: CacheStack
    client: ClientStack


def build_stacks(scope: Construct, deployment: Deployment, *, env: cdk.Environment | None = None) -> DeployedStacks:
    """Network, then cache, then client; each depends on the one before and on no later one.

    :param scope: the app, or a stage.
    :param env: account and region, where they are known.
    """
    prefix = deployment.stack_prefix
    where = cdk.Environment(
        account=deployment.account or (env.account if env else None),
        region=deployment.region or (env.region if env else None),
    )
    network = (
        NetworkStack(scope, f"{prefix}-Network", deployment=deployment, env=where)
        if deployment.vpc_id is None
        else None
    )
    made = network.network if network else None
    cache = CacheStack(scope, f"{prefix}-Cache", deployment=deployment, network=made, env=where)
    client = ClientStack(scope, f"{prefix}-Client", deployment=deployment, network=made, cache=cache.cache, env=where)
    return DeployedStacks(network=network, cache=cache, client=client)

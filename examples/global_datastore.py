"""Global Datastore: one cache in two regions, each with a client that proves its role."""

import aws_cdk as cdk
from constructs import Construct

from constructs_lib import CacheClient, GlobalDatastoreSet, GlobalRegion, Network, NodeType


class Region(cdk.Stack):
    """A network in one region; the cache's member and its client are put into it."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, id, env=env)
        self.network = Network(self, "Network")


def build(app: cdk.App, *regions: str) -> GlobalDatastoreSet:
    """The primary in the first region, and a secondary in each of the others."""
    stacks = [Region(app, f"Orders-{region}", env=cdk.Environment(region=region)) for region in regions]
    orders = GlobalDatastoreSet(
        "Orders",
        regions=[GlobalRegion(scope=each, vpc=each.network.vpc) for each in stacks],
        node_type=NodeType.M7G_LARGE,
    )
    for stack, member in zip(stacks, orders.members, strict=True):
        CacheClient(stack, "Client", vpc=stack.network.vpc, cache=member)
    return orders


if __name__ == "__main__":
    app = cdk.App()
    build(app, "us-east-1", "eu-west-1")
    app.synth()

"""Global Datastore: one cache in two regions, with a client in each region that tests the role of its member."""

import aws_cdk as cdk
from constructs import Construct

from constructs_lib import CacheClient, GlobalDatastoreSet, GlobalRegion, Network, NodeType


class Region(cdk.Stack):
    """A network in one region, for the member of the cache and its client."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, id, env=env)
        self.network = Network(self, "Network")


def build(app: cdk.App, *regions: str) -> GlobalDatastoreSet:
    """Create the primary in the first region, and a secondary in each of the other regions."""
    stacks = [Region(app, f"Orders-{region}", env=cdk.Environment(region=region)) for region in regions]
    orders = GlobalDatastoreSet(
        "Orders",
        regions=[GlobalRegion(scope=stack, vpc=stack.network.vpc) for stack in stacks],
        node_type=NodeType.M7G_LARGE,
    )
    for stack, member in zip(stacks, orders.members, strict=True):
        CacheClient(stack, "Client", vpc=stack.network.vpc, cache=member)
    return orders


if __name__ == "__main__":
    app = cdk.App()
    build(app, "us-east-1", "eu-west-1")
    app.synth()

"""A single node: the cheapest cache with TLS, users and a tested connection."""

import aws_cdk as cdk
from constructs import Construct

from constructs_lib import CacheClient, EngineVersion, Network, presets


class SingleNode(cdk.Stack):
    """A network without NAT, one cache.t4g.micro node without a final snapshot, and a client that tests it."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)
        network = Network(self, "Network")
        cache = presets.demo(EngineVersion.VALKEY_8_2).create(self, "Cache", vpc=network.vpc)
        CacheClient(self, "Client", vpc=network.vpc, cache=cache)


if __name__ == "__main__":
    app = cdk.App()
    SingleNode(app, "SingleNode")
    app.synth()

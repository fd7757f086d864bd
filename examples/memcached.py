"""Memcached: three nodes in three zones, with auto discovery."""

import aws_cdk as cdk
from constructs import Construct

from constructs_lib import CacheClient, MemcachedCluster, Network, NodeType, parameters


class Memcached(cdk.Stack):
    """A client tests the version, the configuration endpoint and every node."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)
        network = Network(self, "Network", availability_zone_count=3)
        cache = MemcachedCluster(
            self,
            "Cache",
            vpc=network.vpc,
            node_type=NodeType.T4G_SMALL,
            nodes=3,
            parameters=parameters.Memcached16Parameters(max_item_size=2 * 1024 * 1024),
        )
        CacheClient(self, "Client", vpc=network.vpc, cache=cache)
        cdk.CfnOutput(self, "Configuration", value=cache.configuration_endpoint.socket_address)


if __name__ == "__main__":
    app = cdk.App()
    Memcached(app, "Memcached")
    app.synth()

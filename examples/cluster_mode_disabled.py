"""Cluster mode disabled: a primary and two replicas, for clients without cluster support."""

import aws_cdk as cdk
from constructs import Construct

from constructs_lib import CacheClient, ClusterMode, Network, NodeType, ReplicationGroup


class ClusterModeDisabled(cdk.Stack):
    """Clients write to the primary endpoint and read from the reader endpoint."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)
        network = Network(self, "Network")
        cache = ReplicationGroup(
            self,
            "Cache",
            vpc=network.vpc,
            node_type=NodeType.M7G_LARGE,
            cluster_mode=ClusterMode.disabled(replicas=2),
        )
        CacheClient(self, "Client", vpc=network.vpc, cache=cache)
        cdk.CfnOutput(self, "Primary", value=cache.primary_endpoint.socket_address)
        cdk.CfnOutput(self, "Reader", value=cache.reader_endpoint.socket_address)


if __name__ == "__main__":
    app = cdk.App()
    ClusterModeDisabled(app, "ClusterModeDisabled")
    app.synth()

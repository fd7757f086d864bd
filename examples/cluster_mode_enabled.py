"""Cluster mode enabled: the keys are distributed over three shards with one replica each."""

import aws_cdk as cdk
from constructs import Construct

from constructs_lib import CacheClient, ClusterMode, EngineVersion, Network, NodeType, ReplicationGroup


class ClusterModeEnabled(cdk.Stack):
    """Clients discover the shards through the configuration endpoint; resharding keeps the data."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)
        network = Network(self, "Network")
        cache = ReplicationGroup(
            self,
            "Cache",
            vpc=network.vpc,
            engine=EngineVersion.VALKEY_8_2,
            node_type=NodeType.R7G_LARGE,
            cluster_mode=ClusterMode.enabled(shards=3, replicas_per_shard=1),
        )
        CacheClient(self, "Client", vpc=network.vpc, cache=cache)
        cdk.CfnOutput(self, "Configuration", value=cache.configuration_endpoint.socket_address)


if __name__ == "__main__":
    app = cdk.App()
    ClusterModeEnabled(app, "ClusterModeEnabled")
    app.synth()

"""Valkey 9 with durability: an acknowledged write is not lost."""

import aws_cdk as cdk
from constructs import Construct

from constructs_lib import (
    CacheClient,
    ClusterMode,
    Durability,
    EngineVersion,
    Network,
    NodeType,
    ReplicationGroup,
)


class DurableValkey(cdk.Stack):
    """Two shards whose writes are on durable storage before they are acknowledged."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)
        network = Network(self, "Network")
        cache = ReplicationGroup(
            self,
            "Cache",
            vpc=network.vpc,
            engine=EngineVersion.VALKEY_9_0,
            node_type=NodeType.R7G_LARGE,
            cluster_mode=ClusterMode.enabled(shards=2, replicas_per_shard=1),
            durability=Durability.SYNC,
        )
        CacheClient(self, "Client", vpc=network.vpc, cache=cache)


if __name__ == "__main__":
    app = cdk.App()
    DurableValkey(app, "DurableValkey")
    app.synth()

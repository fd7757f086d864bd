"""Different shards: one shard has more slots and more replicas than the others."""

import aws_cdk as cdk
from constructs import Construct

from constructs_lib import CacheClient, ClusterMode, EngineVersion, Network, NodeType, ReplicationGroup, Shard


class PerShardLayout(cdk.Stack):
    """The first shard has a quarter of the slots, and two replicas because it is read most."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)
        network = Network(self, "Network")
        cache = ReplicationGroup(
            self,
            "Cache",
            vpc=network.vpc,
            engine=EngineVersion.VALKEY_8_2,
            node_type=NodeType.R7G_LARGE,
            cluster_mode=ClusterMode.per_shard(
                [
                    Shard(shard_id="0001", slots="0-4095", replicas=2),
                    Shard(shard_id="0002", slots="4096-10239", replicas=1),
                    Shard(shard_id="0003", slots="10240-16383", replicas=1),
                ]
            ),
        )
        CacheClient(self, "Client", vpc=network.vpc, cache=cache)


if __name__ == "__main__":
    app = cdk.App()
    PerShardLayout(app, "PerShardLayout")
    app.synth()

"""Auto scaling: shards follow the CPU of the primaries, replicas that of the replicas, with a schedule for mornings."""

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling
from constructs import Construct

from constructs_lib import (
    CacheClient,
    ClusterMode,
    EngineVersion,
    Network,
    NodeType,
    ReplicaScaling,
    ReplicationGroup,
    ShardScaling,
)


class AutoScaling(cdk.Stack):
    """A cluster with three to twelve shards, and one to three replicas per shard."""

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
        shards = ShardScaling(self, "Shards", replication_group=cache, min_capacity=3, max_capacity=12)
        shards.track_primary_engine_cpu(60)
        shards.on_schedule("Morning", schedule=autoscaling.Schedule.cron(hour="7", minute="30"), min_capacity=6)
        shards.on_schedule("Night", schedule=autoscaling.Schedule.cron(hour="20", minute="0"), min_capacity=3)
        replicas = ReplicaScaling(self, "Replicas", replication_group=cache, min_capacity=1, max_capacity=3)
        replicas.track_replica_engine_cpu(60)
        CacheClient(self, "Client", vpc=network.vpc, cache=cache)


if __name__ == "__main__":
    app = cdk.App()
    AutoScaling(app, "AutoScaling")
    app.synth()

"""Data tiering: r6gd nodes keep the least used data on disk, at about a third of the price of memory."""

import aws_cdk as cdk
from constructs import Construct

from constructs_lib import (
    CacheAlarms,
    CacheClient,
    ClusterMode,
    EngineVersion,
    Network,
    NodeType,
    ReplicationGroup,
    parameters,
)


class DataTiering(cdk.Stack):
    """A cache that is larger than its memory, with an alarm on memory and disk."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)
        network = Network(self, "Network")
        cache = ReplicationGroup(
            self,
            "Cache",
            vpc=network.vpc,
            engine=EngineVersion.VALKEY_8_2,
            node_type=NodeType.of("cache.r6gd.xlarge"),
            cluster_mode=ClusterMode.disabled(replicas=1),
            parameters=parameters.Valkey8Parameters(maxmemory_policy="allkeys-lru"),
        )
        CacheAlarms(self, "Alarms", cache=cache)
        CacheClient(self, "Client", vpc=network.vpc, cache=cache)


if __name__ == "__main__":
    app = cdk.App()
    DataTiering(app, "DataTiering")
    app.synth()

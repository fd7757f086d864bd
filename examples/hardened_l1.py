"""Hardening of an existing L1: a mixin sets missing properties, and refuses insecure values."""

import aws_cdk as cdk
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from constructs_lib import ElastiCacheChecks, HardenedReplicationGroup


class HardenedL1(cdk.Stack):
    """A replication group without encryption, failover and snapshots, which the mixin adds."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)
        elasticache.CfnReplicationGroup(
            self,
            "Theirs",
            replication_group_description="a replication group of another team",
            engine="redis",
            engine_version="7.1",
            cache_node_type="cache.t4g.micro",
            num_cache_clusters=2,
        )
        cdk.Mixins.of(self).apply(HardenedReplicationGroup())
        cdk.Validations.of(self).add_plugins(ElastiCacheChecks())


if __name__ == "__main__":
    app = cdk.App()
    HardenedL1(app, "HardenedL1")
    app.synth()

"""Serverless: a cache without nodes, with limits for its cost."""

import aws_cdk as cdk
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib import (
    CacheAlarms,
    CacheClient,
    CacheEventRule,
    Network,
    ServerlessCache,
    ServerlessEngine,
    UsageLimits,
)


class Serverless(cdk.Stack):
    """At most 5 GB and 5,000 ECPU per second, with alarms before these limits and a rule for failure events."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)
        network = Network(self, "Network")
        cache = ServerlessCache(
            self,
            "Cache",
            vpc=network.vpc,
            engine=ServerlessEngine.VALKEY_8,
            usage_limits=UsageLimits(maximum_storage=cdk.Size.gibibytes(5), maximum_ecpu_per_second=5000),
        )
        topic = sns.Topic(self, "Topic", enforce_ssl=True)
        CacheAlarms(self, "Alarms", cache=cache, topic=topic)
        CacheEventRule(self, "Failures", cache=cache, targets=[targets.SnsTopic(topic)])
        CacheClient(self, "Client", vpc=network.vpc, cache=cache)


if __name__ == "__main__":
    app = cdk.App()
    Serverless(app, "Serverless")
    app.synth()

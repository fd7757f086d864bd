"""Monitoring: alarms whose thresholds fit the nodes, a dashboard, both logs, and a topic for all of it."""

import aws_cdk as cdk
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib import (
    AlarmThresholds,
    CacheAlarms,
    CacheClient,
    CacheDashboard,
    LogDelivery,
    Network,
    NodeType,
    ReplicationGroup,
)


class Monitoring(cdk.Stack):
    """What wakes somebody, what they look at first, and what they read next."""

    def __init__(self, scope: Construct, id: str, *, env: cdk.Environment | None = None) -> None:
        super().__init__(scope, id, env=env)
        network = Network(self, "Network")
        topic = sns.Topic(self, "Topic", enforce_ssl=True)
        cache = ReplicationGroup(
            self,
            "Cache",
            vpc=network.vpc,
            node_type=NodeType.M7G_LARGE,
            logs=[LogDelivery.slow_log(), LogDelivery.engine_log()],
            notification_topic=topic,
        )
        alarms = CacheAlarms(
            self, "Alarms", cache=cache, topic=topic, thresholds=AlarmThresholds(replication_lag_seconds=3)
        )
        CacheDashboard(self, "Dashboard", cache=cache, alarms=alarms)
        CacheClient(self, "Client", vpc=network.vpc, cache=cache)


if __name__ == "__main__":
    app = cdk.App()
    Monitoring(app, "Monitoring")
    app.synth()

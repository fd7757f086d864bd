"""Monitoring: alarms with thresholds for the node type, a dashboard, both logs, and an SNS topic."""

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
    """Alarms and events go to the topic; the dashboard and the logs help to find the cause."""

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

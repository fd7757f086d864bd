"""ReplicationGroup: per-shard layouts, zones, tiering, durability, networks, logs, notifications and restoring."""

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from constructs_lib import (
    Access,
    ClusterMode,
    Durability,
    EngineVersion,
    IpDiscovery,
    LogDelivery,
    LogDestination,
    LogFormat,
    NetworkType,
    NodeType,
    ReplicationGroup,
    RestoreFrom,
    Shard,
    Snapshot,
)
from tests.constructs_lib.replication_groups import GROUP
from tests.constructs_lib.templates import properties_of

M6G = NodeType.of("cache.m6g.large")


class TestLayout:
    def test_a_layout_per_shard(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        layout = ClusterMode.per_shard(
            [
                Shard(slots="0-5460", primary_zone="eu-west-1a", replica_zones=("eu-west-1b",), shard_id="0001"),
                Shard(slots="5461-16383", replicas=2, shard_id="0002"),
            ]
        )
        ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=layout)
        properties = properties_of(stack, GROUP)
        assert properties["NodeGroupConfiguration"] == [
            {
                "NodeGroupId": "0001",
                "PrimaryAvailabilityZone": "eu-west-1a",
                "ReplicaAvailabilityZones": ["eu-west-1b"],
                "ReplicaCount": 1,
                "Slots": "0-5460",
            },
            {"NodeGroupId": "0002", "ReplicaCount": 2, "Slots": "5461-16383"},
        ]
        assert properties["NumNodeGroups"] == 2
        assert "ReplicasPerNodeGroup" not in properties
        assert properties["MultiAZEnabled"] is True

    def test_a_shard_without_replica_turns_multi_az_off(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        layout = ClusterMode.per_shard([Shard(replicas=2), Shard(replicas=0)])
        ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=layout)
        properties = properties_of(stack, GROUP)
        assert (properties["MultiAZEnabled"], properties["AutomaticFailoverEnabled"]) == (False, True)

    def test_preferred_zones(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        layout = ClusterMode.disabled(replicas=1, zones=["eu-west-1b", "eu-west-1a"])
        ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=layout)
        assert properties_of(stack, GROUP)["PreferredCacheClusterAZs"] == ["eu-west-1b", "eu-west-1a"]

    def test_five_hundred_shards(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        layout = ClusterMode.enabled(shards=83, replicas_per_shard=5)
        ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=layout)
        assert properties_of(stack, GROUP)["NumNodeGroups"] == 83
        assert ClusterMode.enabled(shards=500, replicas_per_shard=0).shards == 500


class TestOptions:
    def test_data_tiering_comes_with_its_nodes(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, node_type=NodeType.of("cache.r6gd.xlarge"))
        assert properties_of(stack, GROUP)["DataTieringEnabled"] is True

    def test_durability(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(
            stack,
            "Cache",
            vpc=vpc,
            engine=EngineVersion.VALKEY_9_0,
            node_type=NodeType.R7G_LARGE,
            cluster_mode=ClusterMode.enabled(shards=2),
            durability=Durability.SYNC,
        )
        assert properties_of(stack, GROUP)["Durability"] == "sync"

    def test_network_type_and_ip_discovery(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, network_type=NetworkType.DUAL_STACK, ip_discovery=IpDiscovery.IPV6)
        properties = properties_of(stack, GROUP)
        assert (properties["NetworkType"], properties["IpDiscovery"]) == ("dual_stack", "ipv6")

    def test_discovery_of_another_network_is_a_warning(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, network_type=NetworkType.IPV4, ip_discovery=IpDiscovery.IPV6)
        warnings = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
        assert any("ip_discovery must " in str(warning.entry.data) for warning in warnings)

    def test_notification_topic(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        topic = sns.Topic(stack, "Topic")
        ReplicationGroup(stack, "Cache", vpc=vpc, notification_topic=topic)
        assert properties_of(stack, GROUP)["NotificationTopicArn"] == stack.resolve(topic.topic_arn)

    def test_snapshotting_cluster(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, replication_group_id="orders", snapshotting_cluster_id="orders-002")
        assert properties_of(stack, GROUP)["SnapshottingClusterId"] == "orders-002"

    def test_a_tag_reaches_every_type(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc)
        cdk.Tags.of(cache).add("team", "orders")
        template = assertions.Template.from_stack(stack).to_json()["Resources"].values()
        tagged = {
            resource["Type"]
            for resource in template
            if {"Key": "team", "Value": "orders"} in resource["Properties"]["Tags"]
        }
        assert {resource["Type"] for resource in template} == tagged


class TestRestoring:
    def test_from_a_snapshot_by_name(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, restore_from=RestoreFrom.snapshot("orders-2026-11-22"))
        properties = properties_of(stack, GROUP)
        assert properties["SnapshotName"] == "orders-2026-11-22"
        assert "SnapshotArns" not in properties

    def test_from_a_snapshot_of_the_stack(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        old = ReplicationGroup.from_replication_group_attributes(
            stack,
            "Old",
            replication_group_id="old",
            security_groups=[],
            engine=EngineVersion.REDIS_7_1,
            cluster_mode=ClusterMode.disabled(),
        )
        snapshot = Snapshot(stack, "Snapshot", replication_group=old)
        ReplicationGroup(stack, "Cache", vpc=vpc, restore_from=RestoreFrom.snapshot(snapshot))
        assert properties_of(stack, GROUP)["SnapshotName"] == stack.resolve(snapshot.snapshot_name)

    def test_from_rdb_files(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "seeds")
        ReplicationGroup(
            stack,
            "Cache",
            vpc=vpc,
            cluster_mode=ClusterMode.enabled(shards=2),
            restore_from=RestoreFrom.s3(bucket, "one.rdb", "two.rdb"),
        )
        assert properties_of(stack, GROUP)["SnapshotArns"] == [
            "arn:aws:s3:::seeds/one.rdb",
            "arn:aws:s3:::seeds/two.rdb",
        ]


class TestLogs:
    def test_each_log_has_a_new_log_group(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(
            stack,
            "Cache",
            vpc=vpc,
            logs=[LogDelivery.slow_log(), LogDelivery.engine_log(log_format=LogFormat.TEXT)],
        )
        properties = properties_of(stack, GROUP)["LogDeliveryConfigurations"]
        assert [(log["LogType"], log["LogFormat"], log["DestinationType"]) for log in properties] == [
            ("slow-log", "json", "cloudwatch-logs"),
            ("engine-log", "text", "cloudwatch-logs"),
        ]
        groups = {log["DestinationDetails"]["CloudWatchLogsDetails"]["LogGroup"]["Ref"] for log in properties}
        assert len(groups) == 2
        template = assertions.Template.from_stack(stack)
        template.resource_count_is("AWS::Logs::LogGroup", 2)
        template.has_resource("AWS::Logs::LogGroup", {"DeletionPolicy": "Delete"})

    def test_given_log_group(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        group = logs.LogGroup.from_log_group_name(stack, "Group", "/caches/slow")
        ReplicationGroup(stack, "Cache", vpc=vpc, logs=[LogDelivery.slow_log(LogDestination.log_group(group))])
        (found,) = properties_of(stack, GROUP)["LogDeliveryConfigurations"]
        assert found["DestinationDetails"] == {"CloudWatchLogsDetails": {"LogGroup": "/caches/slow"}}
        assertions.Template.from_stack(stack).resource_count_is("AWS::Logs::LogGroup", 0)

    def test_firehose_new_and_existing(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        given = firehose.DeliveryStream.from_delivery_stream_attributes(stack, "Given", delivery_stream_name="caches")
        ReplicationGroup(
            stack,
            "Cache",
            vpc=vpc,
            logs=[
                LogDelivery.slow_log(LogDestination.firehose()),
                LogDelivery.engine_log(LogDestination.firehose(given)),
            ],
        )
        slow, engine = properties_of(stack, GROUP)["LogDeliveryConfigurations"]
        assert slow["DestinationType"] == "kinesis-firehose"
        assert "Ref" in slow["DestinationDetails"]["KinesisFirehoseDetails"]["DeliveryStream"]
        assert engine["DestinationDetails"] == {"KinesisFirehoseDetails": {"DeliveryStream": "caches"}}
        assertions.Template.from_stack(stack).resource_count_is("AWS::KinesisFirehose::DeliveryStream", 1)


def _same_group(stack: cdk.Stack, vpc: ec2.IVpc) -> object:
    destination = LogDestination.log_group(logs.LogGroup.from_log_group_name(stack, "Group", "/caches"))
    deliveries = [LogDelivery.slow_log(destination), LogDelivery.engine_log(destination)]
    return ReplicationGroup(stack, "Cache", vpc=vpc, logs=deliveries)


Make = Callable[[cdk.Stack, ec2.IVpc], object]
ERRORS: dict[str, tuple[Make, str]] = {
    "one-destination": (
        _same_group,
        "Stack/Cache: logs must have different destinations, got the same one for slow-log and engine-log; use a "
        "separate destination for each log",
    ),
    "one-log-twice": (
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, logs=[LogDelivery.slow_log(), LogDelivery.slow_log()]),
        "Stack/Cache: logs must contain each log once, got slow-log twice; keep one of them, and copy it to the other "
        "destination with a subscription filter",
    ),
    "log-before-its-version": (
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            engine=EngineVersion.of("redis", "5.0.6"),
            access=Access.auth_token(),
            logs=[LogDelivery.slow_log()],
        ),
        "Stack/Cache: engine must be 6.0 or later for the slow-log, got '5.0.6'; raise the version, or leave the log "
        "out",
    ),
    "tiering-on-other-nodes": (
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, node_type=M6G, data_tiering=True),
        "Stack/Cache: data_tiering must be False on the node type cache.m6g.large, got True; use the r6gd family, or "
        "leave it out",
    ),
    "durability-without-cluster-mode": (
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            engine=EngineVersion.VALKEY_9_0,
            node_type=NodeType.R7G_LARGE,
            durability=Durability.SYNC,
        ),
        "Stack/Cache: durability must be default or disabled without cluster mode, got Durability.SYNC; use "
        "cluster_mode=ClusterMode.enabled(...)",
    ),
    "zone-without-a-shard": (
        lambda s, v: ClusterMode.disabled(replicas=2, zones=["eu-west-1a"]),
        "ClusterMode: zones must name one zone for each of 3 nodes, got 1; list the zone of the primary and then "
        "one zone per replica, or leave zones out",
    ),
    "replica-zones": (
        lambda s, v: Shard(replicas=2, replica_zones=("eu-west-1a",)),
        "Shard: replica_zones must name one zone for each of 2 replicas, got 1; list one zone per "
        "replica, or leave replica_zones out",
    ),
    "shard-replicas": (
        lambda s, v: Shard(replicas=6),
        "Shard: replicas must be an integer from 0 to 5, got 6; choose a number in that range",
    ),
    "some-slots": (
        lambda s, v: ClusterMode.per_shard([Shard(slots="0-16383"), Shard()]),
        "ClusterMode: slots must be set for every shard or for none, got slots for 1 of 2 shards; set slots "
        "for the other shards too",
    ),
    "no-shards": (
        lambda s, v: ClusterMode.per_shard([]),
        "ClusterMode: shards must be an integer from 1 to 500, got 0; choose a number in that range",
    ),
    "too-many-nodes": (
        lambda s, v: ClusterMode.per_shard([Shard(replicas=5)] * 84),
        "ClusterMode: shards must keep the cluster within 500 nodes, got 504 in 84 shards; use fewer shards, or fewer "
        "replicas per shard",
    ),
    "slots-out-of-range": (
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            cluster_mode=ClusterMode.per_shard([Shard(slots="0-9000"), Shard(slots="9001-16384")]),
        ),
        "Stack/Cache: Shard.slots must be ranges of slots like 0-5460, within 0 to 16383, got '9001-16384'; write "
        "them as start-end, separated by commas",
    ),
    "snapshotting-a-cluster": (
        lambda s, v: ReplicationGroup(
            s, "Cache", vpc=v, cluster_mode=ClusterMode.enabled(shards=2), snapshotting_cluster_id="it-0001-002"
        ),
        "Stack/Cache: snapshotting_cluster_id must be absent with cluster mode enabled, got 'it-0001-002'; leave it "
        "out, because the snapshot contains all shards",
    ),
    "restoring-nothing": (
        lambda s, v: RestoreFrom.s3(s3.Bucket.from_bucket_name(s, "Bucket", "seeds")),
        "RestoreFrom: there is nothing to restore; pass at least one snapshot or key",
    ),
    "restoring-a-comma": (
        lambda s, v: RestoreFrom.s3(s3.Bucket.from_bucket_name(s, "Bucket", "seeds"), "a,b.rdb"),
        "RestoreFrom: keys must contain no comma, got 'a,b.rdb'; copy the file to another key",
    ),
    "restoring-no-arn": (
        lambda s, v: RestoreFrom.serverless_snapshot("nightly"),
        "RestoreFrom: snapshots must be ARNs, got 'nightly'; copy the ARN of the snapshot",
    ),
}


@pytest.mark.parametrize(("make", "message"), ERRORS.values(), ids=ERRORS)
def test_errors(stack: cdk.Stack, vpc: ec2.IVpc, make: Make, message: str) -> None:
    with pytest.raises(ValueError, match=";") as caught:
        make(stack, vpc)
    assert str(caught.value) == message

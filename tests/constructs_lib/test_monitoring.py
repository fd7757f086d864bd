"""Alarms, dashboards and events: names, dimensions, thresholds, and errors."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib import (
    CACHE_FAILURES,
    AlarmThresholds,
    CacheAlarms,
    CacheDashboard,
    CacheEvent,
    CacheEventRule,
    ClusterMode,
    MemcachedCluster,
    NodeType,
    ReplicationGroup,
    ServerlessCache,
    Shard,
    UsageLimits,
)
from elasticache_rules import facts
from tests.constructs_lib.templates import properties_of, resource_of

ALARM = "AWS::CloudWatch::Alarm"


def alarms_of(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    """By the beginning of the logical id: properties."""
    resources = assertions.Template.from_stack(stack).find_resources(ALARM)
    return {name.removeprefix("Alarms")[:-8]: resource["Properties"] for name, resource in resources.items()}


def dimensions_in(alarm: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Name, cluster and node of each metric in an expression."""
    return [
        (
            stat["Metric"]["MetricName"],
            "".join(part for part in joined["Fn::Join"][1] if isinstance(part, str)),
            node["Value"],
        )
        for stat in (metric.get("MetricStat") for metric in alarm["Metrics"])
        if stat
        for (joined, node) in [[stat["Metric"]["Dimensions"][0]["Value"], stat["Metric"]["Dimensions"][1]]]
    ]


class TestReplicationGroupAlarms:
    def test_small_nodes_are_watched_by_the_hosts_processor(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        CacheAlarms(stack, "Alarms", cache=ReplicationGroup(stack, "Cache", vpc=vpc))
        alarms = alarms_of(stack)
        assert set(alarms) == {
            "AuthenticationFailures",
            "BandwidthIn",
            "BandwidthOut",
            "Connections",
            "Cpu",
            "Memory",
            "ReplicationLag",
        }
        assert {name: alarm["Threshold"] for name, alarm in alarms.items()} == {
            "AuthenticationFailures": 10,
            "BandwidthIn": 1,
            "BandwidthOut": 1,
            "Connections": 16000,  # 80 percent of the 20,000 that this node takes
            "Cpu": 45,
            "Memory": 80,
            "ReplicationLag": 10,
        }
        assert dimensions_in(alarms["Cpu"]) == [("CPUUtilization", "-001", "0001"), ("CPUUtilization", "-002", "0001")]
        expression = next(metric for metric in alarms["Cpu"]["Metrics"] if "Expression" in metric)
        assert expression["Expression"] == "MAX([n1, n2])"

    @pytest.mark.parametrize(
        ("node_type", "metric", "threshold"),
        [
            ("cache.t4g.micro", "CPUUtilization", 45),
            ("cache.t2.micro", "CPUUtilization", 90),
            ("cache.r7g.large", "CPUUtilization", 45),
            ("cache.r7g.xlarge", "EngineCPUUtilization", 90),
            ("cache.r7g.16xlarge", "EngineCPUUtilization", 90),
            ("cache.z9z.metal", "EngineCPUUtilization", 90),
        ],
    )
    def test_the_threshold_follows_from_the_node_type(
        self, stack: cdk.Stack, vpc: ec2.IVpc, node_type: str, metric: str, threshold: float
    ) -> None:
        if node_type.endswith("metal"):
            assert NodeType.of(node_type).vcpus is None
            return
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, node_type=NodeType.of(node_type))
        CacheAlarms(stack, "Alarms", cache=cache)
        cpu = alarms_of(stack)["Cpu"]
        assert cpu["Threshold"] == threshold
        assert {name for name, _, _ in dimensions_in(cpu)} == {metric}

    @pytest.mark.parametrize(
        ("node_type", "threshold"),
        [
            ("cache.t4g.micro", 10_000),
            ("cache.t3.micro", 10_000),
            ("cache.t3.small", 23_000),
            ("cache.t4g.small", 32_500),
            ("cache.r7g.large", 32_500),
        ],
    )
    def test_the_connections_alarm_can_go_off_on_every_node(
        self, stack: cdk.Stack, vpc: ec2.IVpc, node_type: str, threshold: float
    ) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, node_type=NodeType.of(node_type))
        CacheAlarms(stack, "Alarms", cache=cache, thresholds=AlarmThresholds(connections_percent=50))
        assert alarms_of(stack)["Connections"]["Threshold"] == threshold
        assert threshold < NodeType.of(node_type).maximum_connections

    def test_each_shard_has_its_own_with_its_own_nodes(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        layout = ClusterMode.per_shard([Shard(replicas=2), Shard(replicas=0)])
        CacheAlarms(stack, "Alarms", cache=ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=layout))
        alarms = alarms_of(stack)
        assert [node for _, node, _ in dimensions_in(alarms["Memory0001"])] == ["-0001-001", "-0001-002", "-0001-003"]
        assert [node for _, node, _ in dimensions_in(alarms["Memory0002"])] == ["-0002-001"]
        assert "ReplicationLag0001" in alarms
        assert "ReplicationLag0002" not in alarms

    def test_data_tiering_counts_the_disk(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, node_type=NodeType.of("cache.r6gd.xlarge"))
        CacheAlarms(stack, "Alarms", cache=cache)
        assert dimensions_in(alarms_of(stack)["Memory"])[0][0] == "DatabaseCapacityUsagePercentage"

    def test_a_topic_is_notified_of_the_alarm_and_its_end(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        topic = sns.Topic(stack, "Topic")
        CacheAlarms(stack, "Alarms", cache=ReplicationGroup(stack, "Cache", vpc=vpc), topic=topic)
        for alarm in alarms_of(stack).values():
            assert alarm["AlarmActions"] == alarm["OKActions"] == [stack.resolve(topic.topic_arn)]
            assert alarm["TreatMissingData"] == "notBreaching"
            assert "Stack/Cache" in alarm["AlarmDescription"]

    def test_none_leaves_an_alarm_out(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        thresholds = AlarmThresholds(
            cpu_percent=None,
            memory_percent=60,
            connections_percent=None,
            replication_lag_seconds=None,
            authentication_failures=None,
        )
        CacheAlarms(stack, "Alarms", cache=ReplicationGroup(stack, "Cache", vpc=vpc), thresholds=thresholds)
        alarms = alarms_of(stack)
        assert set(alarms) == {"BandwidthIn", "BandwidthOut", "Memory"}
        assert alarms["Memory"]["Threshold"] == 60

    def test_more_alarms_than_a_stack_can_have(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        layout = ClusterMode.enabled(shards=80, replicas_per_shard=1)
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=layout)
        with pytest.raises(ValueError, match="alarms") as caught:
            CacheAlarms(stack, "Alarms", cache=cache)
        assert str(caught.value) == (
            "Stack/Alarms: Stack/Cache needs 560 alarms, and a stack can have at most 400; set thresholds to None to "
            "omit alarms, and create the other alarms in a separate stack"
        )


@given(percent=st.floats(-10, 200))
def test_percentages_are_accepted_exactly_from_1_to_100(percent: float) -> None:
    if 1 <= percent <= 100:
        assert AlarmThresholds(memory_percent=percent).memory_percent == percent
    else:
        with pytest.raises(ValueError, match=r"AlarmThresholds: memory_percent must be 1 to 100, got "):
            AlarmThresholds(memory_percent=percent)


def test_every_known_node_type_has_a_number_of_processors() -> None:
    unknown = [name for name in facts.load("node_types")["types"] if NodeType.of(name).vcpus is None]
    assert unknown == []


class TestOtherAlarms:
    def test_memcached_by_node(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = MemcachedCluster(stack, "Cache", vpc=vpc)
        CacheAlarms(stack, "Alarms", cache=cache)
        alarms = alarms_of(stack)
        assert {name: alarm["Threshold"] for name, alarm in alarms.items()} == {
            f"{kind}{node}": threshold
            for node in ("0001", "0002")
            for kind, threshold in (("Cpu", 90), ("Swap", 50 * 1024 * 1024), ("Connections", 52000))
        }
        assert alarms["Cpu0002"]["Dimensions"] == [
            {"Name": "CacheClusterId", "Value": stack.resolve(cache.cluster_name)},
            {"Name": "CacheNodeId", "Value": "0002"},
        ]

    def test_serverless_at_its_limits(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        limits = UsageLimits(maximum_storage=cdk.Size.gibibytes(10), maximum_ecpu_per_second=5000)
        cache = ServerlessCache(stack, "Cache", vpc=vpc, usage_limits=limits)
        CacheAlarms(stack, "Alarms", cache=cache)
        alarms = alarms_of(stack)
        assert {name: alarm["Threshold"] for name, alarm in alarms.items()} == {
            "Ecpu": 5000 * 300 * 0.8,
            "Storage": 8 * 1024**3,
            "Throttled": 1,
        }
        assert alarms["Storage"]["Dimensions"] == [
            {"Name": "clusterId", "Value": stack.resolve(cache.serverless_cache_name)}
        ]

    def test_serverless_without_limits(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        CacheAlarms(stack, "Alarms", cache=ServerlessCache(stack, "Cache", vpc=vpc))
        assert set(alarms_of(stack)) == {"Throttled"}


def dashboard_of(stack: cdk.Stack) -> dict[str, Any]:
    body = properties_of(stack, "AWS::CloudWatch::Dashboard")["DashboardBody"]
    text = "".join(part if isinstance(part, str) else "ID" for part in body["Fn::Join"][1])
    document: dict[str, Any] = json.loads(text)
    return document


def titles(stack: cdk.Stack) -> list[str]:
    return [widget["properties"]["title"] for widget in dashboard_of(stack)["widgets"]]


class TestDashboards:
    def test_of_a_replication_group(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        CacheDashboard(stack, "Dashboard", cache=ReplicationGroup(stack, "Cache", vpc=vpc))
        assert titles(stack) == [
            "Hit rate",
            "Evictions",
            "Memory for data",
            "Engine's processor",
            "Connections",
            "Latency of reading",
            "Latency of writing",
            "Replication lag",
            "Network in",
            "Network out",
            "Keys",
            "Host's processor",
        ]
        rate, evictions = dashboard_of(stack)["widgets"][:2]
        assert rate["properties"]["metrics"][0][0]["expression"] == ("100*SUM([h0,h1])/(SUM([h0,h1])+SUM([m0,m1]))")
        assert [line[:6] for line in evictions["properties"]["metrics"]] == [
            ["AWS/ElastiCache", "Evictions", "CacheClusterId", f"ID-00{node}", "CacheNodeId", "0001"] for node in (1, 2)
        ]

    def test_a_large_cluster_is_searched(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        layout = ClusterMode.enabled(shards=40, replicas_per_shard=1)
        CacheDashboard(stack, "Dashboard", cache=ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=layout))
        rate, evictions = dashboard_of(stack)["widgets"][:2]
        search = "SEARCH('{AWS/ElastiCache,CacheClusterId,CacheNodeId} MetricName=\"Evictions\" CacheClusterId=ID', "
        assert evictions["properties"]["metrics"][0][0]["expression"] == search + "'Sum', 300)"
        assert "SUM(SEARCH(" in rate["properties"]["metrics"][0][0]["expression"]

    def test_without_replicas_there_is_no_lag(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=ClusterMode.disabled(replicas=0))
        CacheDashboard(stack, "Dashboard", cache=cache)
        assert "Replication lag" not in titles(stack)

    def test_alarms_come_first(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = MemcachedCluster(stack, "Cache", vpc=vpc)
        alarms = CacheAlarms(stack, "Alarms", cache=cache)
        cache_dashboard = CacheDashboard(stack, "Dashboard", cache=cache, alarms=alarms, dashboard_name="pages")
        first = dashboard_of(stack)["widgets"][0]
        assert first["properties"]["title"] == "Alarms"
        assert len(first["properties"]["alarms"]) == 6
        assert properties_of(stack, "AWS::CloudWatch::Dashboard")["DashboardName"] == "pages"
        assert cache_dashboard.dashboard is not None

    def test_of_memcached_and_serverless(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        CacheDashboard(stack, "A", cache=MemcachedCluster(stack, "Memcached", vpc=vpc))
        CacheDashboard(stack, "B", cache=ServerlessCache(stack, "Serverless", vpc=vpc))
        bodies = [
            json.dumps(resource["Properties"])
            for resource in assertions.Template.from_stack(stack).find_resources("AWS::CloudWatch::Dashboard").values()
        ]
        assert any("GetHits" in body and "SwapUsage" in body for body in bodies)
        assert any("clusterId" in body and "ThrottledCmds" in body for body in bodies)


class TestEvents:
    def test_failures_of_one_cache(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ServerlessCache(stack, "Cache", vpc=vpc)
        topic = sns.Topic(stack, "Topic")
        CacheEventRule(stack, "Events", cache=cache, targets=[targets.SnsTopic(topic)])
        properties = properties_of(stack, "AWS::Events::Rule")
        assert properties["EventPattern"] == {
            "source": ["aws.elasticache"],
            "detail-type": [event.value for event in CACHE_FAILURES],
            "detail": {"SourceArn": [stack.resolve(cache.serverless_cache_arn)]},
        }
        assert len(properties["Targets"]) == 1

    def test_chosen_events_of_every_cache(self, stack: cdk.Stack) -> None:
        cache_event_rule = CacheEventRule(stack, "Events", event_types=[CacheEvent.CACHE_DELETED])
        assert properties_of(stack, "AWS::Events::Rule")["EventPattern"] == {
            "source": ["aws.elasticache"],
            "detail-type": ["Cache Deleted"],
        }
        assert cache_event_rule.rule is not None

    def test_no_event(self, stack: cdk.Stack) -> None:
        with pytest.raises(ValueError, match="must") as caught:
            CacheEventRule(stack, "Events", event_types=[])
        assert str(caught.value) == (
            "Stack/Events: event_types must name at least one event, got none; leave it out for all failures"
        )


def test_metrics_of_a_layout(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    cache = ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=ClusterMode.enabled(shards=2, replicas_per_shard=1))
    metrics = cache.metrics.nodes("CurrItems", shards=2, nodes=2)
    assert [metric.dimensions["CacheClusterId"][-9:] for metric in metrics if metric.dimensions] == [
        "-0001-001",
        "-0001-002",
        "-0002-001",
        "-0002-002",
    ]
    assert "SEARCH(" in cache.metrics.search("CurrItems").expression
    assert cache.metrics.shard("CurrItems", shard=2, nodes=2, aggregate="SUM").expression == "SUM([n1, n2])"
    assert cache.metrics.get_type_cmds_latency().metric_name == "GetTypeCmdsLatency"
    assert cache.metrics.set_type_cmds_latency().metric_name == "SetTypeCmdsLatency"
    assert resource_of(stack, "AWS::ElastiCache::ReplicationGroup")

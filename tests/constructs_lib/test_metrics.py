"""Metrics: the documented names, the options of CDK's MetricOptions, and the region and account of the cache."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2

from constructs_lib import (
    CacheDashboard,
    ClusterMode,
    MemcachedCluster,
    MemcachedMetrics,
    ReplicationGroup,
    ReplicationGroupMetrics,
    ServerlessCache,
    ServerlessCacheMetrics,
)
from tests.conftest import ENV
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.templates import properties_of

DOCUMENTED = json.loads((Path(__file__).parent / "documented_metrics.json").read_text())


def documented(*pages: str) -> set[str]:
    return {name for page in pages for name in DOCUMENTED[page]["names"]}


OF_NODES = ReplicationGroupMetrics("orders", numbered_shards=False)
OF_MEMCACHED = MemcachedMetrics("pages")
OF_SERVERLESS = ServerlessCacheMetrics("sessions")
KINDS = [
    pytest.param(OF_NODES, documented("host", "engine"), id="nodes"),
    pytest.param(OF_MEMCACHED, documented("host", "memcached"), id="memcached"),
    pytest.param(OF_SERVERLESS, documented("serverless", "serverless_memcached"), id="serverless"),
]
OTHERS = {"metric", "node_id", "nodes", "search", "search_text", "shard"}


def named(metrics: Any) -> dict[str, Any]:
    """Every method for a documented metric."""
    return {
        name: method
        for name, method in inspect.getmembers(metrics, inspect.ismethod)
        if not name.startswith("_") and name not in OTHERS
    }


def snake_case(name: str) -> str:
    words = name.replace("ElastiCache", "Elasticache").replace("ECPUs", "Ecpus")
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", words)).lower()


@pytest.mark.parametrize(("metrics", "names"), KINDS)
def test_every_documented_metric_has_a_method_of_its_name(metrics: Any, names: set[str]) -> None:
    result = {name: method().metric_name for name, method in named(metrics).items()}
    assert set(result.values()) == names
    assert result == {snake_case(name): name for name in names}


@pytest.mark.parametrize(("metrics", "names"), KINDS)
def test_every_method_takes_the_options_of_cdk(metrics: Any, names: set[str]) -> None:
    options: dict[str, Any] = {
        "statistic": "p99",
        "label": "label",
        "color": "#2ca02c",
        "unit": cloudwatch.Unit.COUNT,
        "region": "us-east-1",
        "account": "222222222222",
    }
    methods = {**named(metrics), "metric": lambda **given: metrics.metric("CurrItems", **given)}
    assert len(methods) == len(names) + 1
    for name, method in methods.items():
        made = method(period=cdk.Duration.minutes(1), **options)
        assert made.period.to_seconds() == 60, name
        assert {key: getattr(made, key) for key in options} == options, name


@pytest.mark.parametrize(("metrics", "names"), KINDS)
def test_statistics_follow_the_kind_of_metric(metrics: Any, names: set[str]) -> None:
    result = {name: method().statistic for name, method in named(metrics).items()}
    assert set(result.values()) <= {"Average", "Maximum", "Sum"}
    for name, statistic in result.items():
        if name.endswith(("_hits", "_misses", "_exceeded", "_cmds", "_ecpus", "evictions", "new_connections")):
            assert statistic == "Sum", name
        if name.endswith(("latency", "percentage", "rate", "utilization", "curr_connections")):
            assert statistic == "Average", name


def test_a_misspelt_option_is_named() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'perod'"):
        OF_NODES.evictions(perod=cdk.Duration.minutes(1))  # type: ignore[call-arg]  # the mistake itself


def test_nodes_and_their_defaults() -> None:
    assert OF_NODES.evictions().dimensions == {"CacheClusterId": "orders-001", "CacheNodeId": "0001"}
    assert OF_NODES.replication_lag().dimensions == {"CacheClusterId": "orders-002", "CacheNodeId": "0001"}
    assert OF_NODES.replication_lag(node=3).dimensions == {"CacheClusterId": "orders-003", "CacheNodeId": "0001"}
    sharded = ReplicationGroupMetrics("orders", numbered_shards=True)
    assert sharded.cache_hits(shard=2, node=3).dimensions == {
        "CacheClusterId": "orders-0002-003",
        "CacheNodeId": "0001",
    }
    assert OF_MEMCACHED.get_hits(node=2).dimensions == {"CacheClusterId": "pages", "CacheNodeId": "0002"}
    assert OF_MEMCACHED.get_hits().dimensions == {"CacheClusterId": "pages"}
    with pytest.raises(ValueError, match="metric: shard must be 1 unless cluster mode is enabled, got 2; leave it out"):
        OF_NODES.evictions(shard=2)


def test_options_of_expressions() -> None:
    minute = cdk.Duration.minutes(1)
    shard = OF_NODES.shard("CurrItems", nodes=2, label="keys", color="#ff0000", region="us-east-1", period=minute)
    assert (shard.label, shard.color, shard.period.to_seconds()) == ("keys", "#ff0000", 60)
    assert OF_NODES.shard("CurrItems", nodes=2).label == "CurrItems, shard 1"
    assert [metric.region for metric in OF_NODES.nodes("CurrItems", nodes=2, region="us-east-1")] == ["us-east-1"] * 2
    search = OF_NODES.search("CurrItems", statistic="Sum", region="us-east-1", account="222222222222", label="keys")
    assert (search.search_region, search.search_account, search.label) == ("us-east-1", "222222222222", "keys")
    assert search.expression.endswith("'Sum', 300)")


def test_metrics_carry_the_region_and_account_of_their_cache(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    caches: list[ReplicationGroup | MemcachedCluster | ServerlessCache] = [
        ReplicationGroup(stack, "Nodes", vpc=vpc),
        MemcachedCluster(stack, "Memcached", vpc=vpc),
        ServerlessCache(stack, "Serverless", vpc=vpc),
    ]
    for cache in caches:
        assert (cache.metrics.region, cache.metrics.account) == (ENV.region, ENV.account)
        assert cache.metrics.curr_connections(region="us-east-1").region == "us-east-1"


def test_metrics_of_a_stack_without_an_environment_have_none(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Agnostic")
    cache = ReplicationGroup(stack, "Cache", vpc=existing_vpc(stack))
    assert (cache.metrics.region, cache.metrics.account) == (None, None)


@pytest.mark.parametrize("kind", ["metric", "shard"])
def test_an_alarm_in_another_region_fails(app: cdk.App, stack: cdk.Stack, vpc: ec2.IVpc, kind: str) -> None:
    cache = ReplicationGroup(stack, "Cache", vpc=vpc)
    metric: Any = cache.metrics.evictions() if kind == "metric" else cache.metrics.shard("Evictions", nodes=2)
    elsewhere = cdk.Stack(app, "Elsewhere", env=cdk.Environment(account=ENV.account, region="us-east-1"))
    with pytest.raises(RuntimeError, match="Cannot create an Alarm in region 'us-east-1' based on metric"):
        metric.create_alarm(elsewhere, "Alarm", threshold=1, evaluation_periods=1)


def test_an_alarm_in_the_own_stack_names_no_region(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    cache = ReplicationGroup(stack, "Cache", vpc=vpc)
    cache.metrics.evictions().create_alarm(stack, "Alarm", threshold=1, evaluation_periods=1)
    properties = properties_of(stack, "AWS::CloudWatch::Alarm")
    assert properties["MetricName"] == "Evictions"
    assert "Metrics" not in properties


def test_a_dashboard_in_another_region_names_the_region(app: cdk.App, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    small = ReplicationGroup(stack, "Small", vpc=vpc, replication_group_id="small")
    large = ReplicationGroup(
        stack,
        "Large",
        vpc=vpc,
        cluster_mode=ClusterMode.enabled(shards=40, replicas_per_shard=1),
        replication_group_id="large",
    )
    elsewhere = cdk.Stack(
        app,
        "Elsewhere",
        env=cdk.Environment(account=ENV.account, region="us-east-1"),
        cross_region_references=True,
    )
    CacheDashboard(elsewhere, "SmallDashboard", cache=small)
    CacheDashboard(elsewhere, "LargeDashboard", cache=large)
    dashboards = assertions.Template.from_stack(elsewhere).find_resources("AWS::CloudWatch::Dashboard")
    assert len(dashboards) == 2
    for dashboard in dashboards.values():
        text = str(dashboard["Properties"]["DashboardBody"])
        assert text.count('"region":"eu-west-1"') >= 12


def test_a_dashboard_in_the_own_stack_names_no_region(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    CacheDashboard(stack, "Here", cache=ReplicationGroup(stack, "Small", vpc=vpc))
    assert '"region":"eu-west-1"}' not in str(properties_of(stack, "AWS::CloudWatch::Dashboard")["DashboardBody"])

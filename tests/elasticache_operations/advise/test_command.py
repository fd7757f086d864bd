"""`elasticache advise` on an account with recorded answers, and on templates."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from elasticache_operations.advise import command
from elasticache_rules import facts
from tests.elasticache_operations.closed_schemas import check_schema
from tests.elasticache_operations.recorded import Recorded, refusal
from tests.elasticache_operations.run import AS_OF, Elasticache, Result
from tests.elasticache_operations.status import account

REGION = ("--region", "us-east-1")


def error(result: Result) -> str:
    """The error, below the progress that a slow machine shows."""
    assert result.out == ""
    return result.err.splitlines()[-1].removeprefix("elasticache advise: ")


def metrics(params: Mapping[str, Any]) -> dict[str, Any]:
    results = [
        {
            "Id": query["Id"],
            "Timestamps": [params["EndTime"] - timedelta(hours=1)],
            "Values": [account.HEALTHY[query["MetricStat"]["Metric"]["MetricName"]]],
        }
        for query in params["MetricDataQueries"]
    ]
    return {"MetricDataResults": results}


def offerings(params: Mapping[str, Any]) -> dict[str, Any]:
    assert params == {"CacheNodeType": "cache.r6g.xlarge", "ProductDescription": "redis"}
    offering = {
        "ReservedCacheNodesOfferingId": "o",
        "CacheNodeType": "cache.r6g.xlarge",
        "Duration": 31_536_000,
        "FixedPrice": 0.0,
        "UsagePrice": 0.0,
        "ProductDescription": "redis",
        "OfferingType": "No Upfront",
        "RecurringCharges": [{"RecurringChargeAmount": 0.281, "RecurringChargeFrequency": "Hourly"}],
    }
    return {"ReservedCacheNodesOfferings": [offering]}


RESERVATION = {
    "ReservedCacheNodeId": "r1",
    "CacheNodeType": "cache.r6g.large",
    "CacheNodeCount": 2,
    "ProductDescription": "redis",
    "State": "active",
    "StartTime": account.NOW - timedelta(days=300),
    "Duration": 31_536_000,
}


def recorded(changes: Mapping[tuple[str, str], Any] | None = None) -> Recorded:
    described = account.group(Engine="redis", CacheNodeType="cache.r6g.xlarge")
    return Recorded(
        {
            ("elasticache", "DescribeReplicationGroups"): {"ReplicationGroups": [described]},
            ("elasticache", "DescribeCacheClusters"): {
                "CacheClusters": [*account.clusters(described, EngineVersion="7.1.0"), account.memcached()]
            },
            ("elasticache", "DescribeServerlessCaches"): {"ServerlessCaches": [account.serverless()]},
            ("cloudwatch", "GetMetricData"): metrics,
            ("elasticache", "ListAllowedNodeTypeModifications"): {
                "ScaleUpModifications": ["cache.r6g.2xlarge"],
                "ScaleDownModifications": ["cache.r6g.large", "cache.t4g.small"],
            },
            ("elasticache", "DescribeReservedCacheNodesOfferings"): offerings,
            ("elasticache", "DescribeReservedCacheNodes"): {"ReservedCacheNodes": [RESERVATION]},
            **(changes or {}),
        }
    )


@pytest.mark.parametrize("format", ["text", "json", "markdown"])
def test_the_advice_in_each_format(elasticache: Elasticache, format: str, snapshot: SnapshotAssertion) -> None:
    result = elasticache("advise", "orders", *REGION, *AS_OF, "--format", format, aws=recorded())
    assert result.status == 0
    assert result.out == snapshot
    if format == "json":
        check_schema("advise", result.data)


def test_the_policy_is_exactly_what_is_called(elasticache: Elasticache) -> None:
    body = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    aws = recorded({("cloudformation", "GetTemplate"): {"TemplateBody": body}})
    elasticache("advise", "orders", *REGION, *AS_OF, aws=aws)
    assert ("cloudformation", "GetTemplate") not in aws.operations
    elasticache("advise", "stack:Orders", *REGION, *AS_OF, aws=aws)
    assert {(call.service, call.operation) for call in command.CALLS if call.when != "--live"} == aws.operations


OPTIONAL = [
    ("cloudwatch", "GetMetricData", "size"),
    ("elasticache", "ListAllowedNodeTypeModifications", "size"),
    ("elasticache", "DescribeReservedCacheNodesOfferings", "reserved"),
    ("elasticache", "DescribeReservedCacheNodes", "reserved"),
]


@pytest.mark.parametrize(("service", "operation", "topic"), OPTIONAL)
def test_what_a_permission_is_missing_for_is_not_collected(
    elasticache: Elasticache, service: str, operation: str, topic: str
) -> None:
    aws = recorded({(service, operation): refusal("AccessDeniedException")})
    result = elasticache("advise", "orders", *REGION, *AS_OF, "--format", "json", aws=aws)
    assert result.status == 0
    why = f"no permission {service}:{operation}"
    assert result.data["not_collected"] == [{"what": operation, "why": why}]
    found = {each["topic"]: each for each in result.data["caches"][0]["advice"]}
    assert found[topic]["verdict"] == "unknown"
    assert why in found[topic]["text"]
    assert found["valkey"]["verdict"] == "change"


def test_other_kinds_of_caches_get_advice_too(elasticache: Elasticache) -> None:
    nothing: dict[str, Any] = {"ReservedCacheNodesOfferings": []}
    answers = {("elasticache", "DescribeReservedCacheNodesOfferings"): nothing}
    result = elasticache("advise", "sessions", "pages", *REGION, *AS_OF, "--format", "json", aws=recorded(answers))
    assert [cache["id"] for cache in result.data["caches"]] == ["sessions", "pages"]
    assert [each["topic"] for each in result.data["caches"][0]["advice"]] == ["serverless"]
    assert [each["topic"] for each in result.data["caches"][1]["advice"]] == [
        "size",
        "valkey",
        "reserved",
        "serverless",
    ]
    check_schema("advise", result.data)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("order",), "ID must be one of the valid values, got 'order'; use orders, pages, sessions"),
        ((), "the following arguments are required: ID|PATH; see elasticache advise --help"),
        (("orders", "--offline"), "--offline must not be set"),
        (("orders", "./no-such"), "ID|PATH must be ids or paths, got both"),
        (("./no-such.json",), "no-such.json: "),
    ],
)
def test_wrong_input_is_one_line(elasticache: Elasticache, words: tuple[str, ...], message: str) -> None:
    result = elasticache("advise", *words, *REGION, *AS_OF, aws=recorded())
    assert result.status == 2
    assert error(result).startswith(message)


def template(path: Path, **resources: Any) -> str:
    file = path / "template.json"
    file.write_text(json.dumps({"Parameters": {"Type": {"Type": "String"}}, "Resources": resources}))
    return str(file)


def cache(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": properties}


def test_a_template_gets_advice_by_prices_without_an_account(elasticache: Elasticache, tmp_path: Path) -> None:
    path = template(
        tmp_path,
        Orders=cache(
            Engine="redis",
            EngineVersion="6.2",
            CacheNodeType="cache.r6g.large",
            NumNodeGroups=2,
            ReplicasPerNodeGroup=1,
        ),
        Pages={
            "Type": "AWS::ElastiCache::CacheCluster",
            "Properties": {"Engine": "memcached", "CacheNodeType": "cache.t4g.small", "NumCacheNodes": "3"},
        },
        Sessions=cache(Engine="valkey", CacheNodeType={"Ref": "Type"}),
    )
    result = elasticache("advise", path, *REGION, *AS_OF, "--offline", "--format", "json", aws=Recorded({}))
    assert result.status == 0
    check_schema("advise", result.data)
    orders, pages = result.data["caches"]
    assert (orders["id"], orders["nodes"]) == ("Orders", 4)
    assert (pages["id"], pages["nodes"]) == ("Pages", 3)
    valkey = orders["advice"][1]
    assert valkey["usd_saved_per_month"] == pytest.approx(0.206 * 0.2 * 4 * 730, rel=0.01)
    assert result.data["notes"][:-1] == ["Sessions is left out: the node type is only known at the deploy"]


def test_the_steps_for_a_template_change_its_properties(elasticache: Elasticache, tmp_path: Path) -> None:
    """The logical id of a template is no id of ElastiCache, so no step is a command with it."""
    small = {"Engine": "redis", "EngineVersion": "7.1", "CacheNodeType": "cache.t4g.small"}
    path = template(
        tmp_path,
        Settings={
            "Type": "AWS::ElastiCache::ParameterGroup",
            "Properties": {"CacheParameterGroupFamily": "redis7", "Description": "Settings"},
        },
        Orders=cache(**small, NumCacheClusters=2, CacheParameterGroupName={"Ref": "Settings"}),
        Plain=cache(**small, NumCacheClusters=2, CacheParameterGroupName="default.redis7"),
        Single={"Type": "AWS::ElastiCache::CacheCluster", "Properties": {**small, "NumCacheNodes": 1}},
    )
    result = elasticache("advise", path, *REGION, *AS_OF, "--format", "json", aws=Recorded({}))
    newest = facts.engine_versions("valkey")[-1]
    change = f"set Engine to valkey and EngineVersion to '{newest}' in the properties of"
    assert {each["id"]: each["advice"][1]["steps"] for each in result.data["caches"]} == {
        "Orders": ["create a parameter group of a Valkey family in place of Settings", f"{change} Orders"],
        "Plain": [f"{change} Plain"],
        "Single": [
            "replace the AWS::ElastiCache::CacheCluster Single by an AWS::ElastiCache::ReplicationGroup",
            f"{change} the replication group",
        ],
    }


def test_a_number_of_nodes_that_is_not_known_is_told(elasticache: Elasticache, tmp_path: Path) -> None:
    shards = {"Ref": "Type"}
    path = template(
        tmp_path,
        Orders=cache(CacheNodeType="cache.r6g.large", NumNodeGroups=shards, ReplicasPerNodeGroup=0, Engine="redis"),
    )
    data = elasticache("advise", path, *REGION, *AS_OF, "--format", "json").data
    assert data["caches"] == []
    assert data["notes"] == ["Orders is left out: the number of nodes is only known at the deploy"]
    found = elasticache("advise", path, *REGION, *AS_OF, "--format", "json", "--set", "Type=3").data
    assert found["caches"][0]["nodes"] == 3


def test_a_template_without_a_cache_is_fine(elasticache: Elasticache, tmp_path: Path) -> None:
    path = template(tmp_path, Topic={"Type": "AWS::SNS::Topic", "Properties": {}})
    result = elasticache("advise", path, *REGION, *AS_OF)
    assert result.status == 0
    assert result.out.startswith("nothing of ElastiCache with nodes here")

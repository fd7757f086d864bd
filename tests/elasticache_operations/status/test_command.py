"""`elasticache status` on an account with recorded answers."""

from collections.abc import Mapping
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from elasticache_operations.status import command
from tests.elasticache_operations.closed_schemas import check_schema
from tests.elasticache_operations.recorded import Answer, Recorded, refusal
from tests.elasticache_operations.run import AS_OF, Elasticache, Result
from tests.elasticache_operations.status import account

REGION = ("--region", "us-east-1")


def values(params: Mapping[str, Any], changes: Mapping[str, float]) -> dict[str, Any]:
    """The answer of GetMetricData: constant values, with changes by the metric's name."""
    end = params["EndTime"]
    times = [end - hours for hours in account.HOURS]
    results = []
    for query in params["MetricDataQueries"]:
        name = query["MetricStat"]["Metric"]["MetricName"]
        value = changes.get(name, account.HEALTHY[name])
        results.append({"Id": query["Id"], "Timestamps": times, "Values": [value] * len(times)})
    return {"MetricDataResults": results}


def fleet(**changes: Any) -> Recorded:
    """An account with a replication group, a cluster of Memcached and a serverless cache."""
    metrics = changes.pop("metrics", {})
    described = account.group(**changes.pop("group", {}))
    answers: dict[tuple[str, str], Answer] = {
        ("elasticache", "DescribeReplicationGroups"): {"ReplicationGroups": [described]},
        ("elasticache", "DescribeCacheClusters"): {
            "CacheClusters": [
                *account.clusters(described, **changes.pop("clusters", {})),
                account.memcached(),
            ]
        },
        ("elasticache", "DescribeServerlessCaches"): {"ServerlessCaches": [account.serverless()]},
        ("elasticache", "DescribeUpdateActions"): {"UpdateActions": changes.pop("updates", [])},
        ("cloudwatch", "GetMetricData"): lambda params: values(params, metrics),
    }
    return Recorded({**answers, **changes.pop("answers", {})})


OLD = {"Engine": "redis", "CacheNodeType": "cache.r6g.large"}
ILL = {
    "group": OLD,
    "clusters": {"EngineVersion": "6.2.6", "CacheNodeType": "cache.r6g.large"},
    "metrics": {"DatabaseMemoryUsagePercentage": 83.0},
    "updates": [
        {
            "ReplicationGroupId": "orders",
            "ServiceUpdateName": "elasticache-20261101",
            "ServiceUpdateSeverity": "important",
            "ServiceUpdateType": "security-update",
            "UpdateActionStatus": "not-applied",
            "ServiceUpdateRecommendedApplyByDate": account.NOW.replace(month=12, day=15),
        }
    ],
}


def error(result: Result) -> str:
    """The error, below the progress that a slow machine shows."""
    assert result.out == ""
    return result.err.splitlines()[-1]


def test_a_healthy_fleet_has_status_0(elasticache: Elasticache) -> None:
    result = elasticache("status", *REGION, *AS_OF, aws=fleet())
    assert result.status == 0
    assert "3 caches, findings: none" in result.out
    assert "orders  valkey 8.1.0  cluster mode disabled  1 shard, 2 x cache.r7g.xlarge  us-east-1a, us-east-1b  " in (
        result.out
    )


@pytest.mark.parametrize("format", ["text", "json", "markdown"])
def test_findings_are_shown_in_each_format(elasticache: Elasticache, format: str, snapshot: SnapshotAssertion) -> None:
    result = elasticache("status", "orders", *REGION, *AS_OF, "--format", format, aws=fleet(**ILL))
    assert result.status == 1
    assert result.out == snapshot
    if format == "json":
        check_schema("status", result.data)


@pytest.mark.parametrize(("fail_on", "status"), [("critical", 0), ("high", 1), ("medium", 1), ("low", 1), ("never", 0)])
def test_fail_on_decides_the_exit_status(elasticache: Elasticache, fail_on: str, status: int) -> None:
    result = elasticache("status", "orders", *REGION, *AS_OF, "--fail-on", fail_on, aws=fleet(**ILL))
    assert result.status == status


def test_the_worst_cache_comes_first(elasticache: Elasticache) -> None:
    aws = fleet(metrics={"ThrottledCmds": 5.0})
    data = elasticache("status", *REGION, *AS_OF, "--format", "json", aws=aws).data
    assert [cache["id"] for cache in data["caches"]] == ["sessions", "orders", "pages"]
    assert data["findings"] == {"critical": 1, "high": 0, "medium": 0, "low": 0}
    check_schema("status", data)


def test_a_price_contains_the_premium_of_extended_support(elasticache: Elasticache) -> None:
    old = {"group": OLD, "clusters": {"EngineVersion": "5.0.6", "CacheNodeType": "cache.r6g.large"}}
    data = elasticache("status", "orders", *REGION, *AS_OF, "--format", "json", aws=fleet(**old)).data
    (cache,) = data["caches"]
    # 2 nodes of 0.206 USD, and 80 %.
    assert cache["usd_per_month"] == pytest.approx(2 * 0.206 * 730 * 1.8, abs=0.01)


@pytest.mark.parametrize(
    ("operation", "what"),
    [(("cloudwatch", "GetMetricData"), "metrics"), (("elasticache", "DescribeUpdateActions"), "updates")],
)
def test_what_a_permission_is_missing_for_is_not_collected(
    elasticache: Elasticache, operation: tuple[str, str], what: str
) -> None:
    aws = fleet(answers={operation: refusal("AccessDeniedException")})
    result = elasticache("status", "orders", *REGION, *AS_OF, "--format", "json", aws=aws)
    why = f"no permission {operation[0]}:{operation[1]}"
    assert result.status == 0
    assert result.data["not_collected"] == [{"what": what, "why": why}]
    assert {"check": what, "why": why} in result.data["caches"][0]["skipped"]
    check_schema("status", result.data)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDenied", "allow elasticache:DescribeReplicationGroups in the policy"),
        ("ExpiredToken", "set valid credentials"),
        ("Throttling", "wait, and run the command again"),
    ],
)
def test_without_the_inventory_the_status_is_3(elasticache: Elasticache, code: str, message: str) -> None:
    aws = fleet(answers={("elasticache", "DescribeReplicationGroups"): refusal(code)})
    result = elasticache("status", *REGION, *AS_OF, aws=aws)
    assert result.status == 3
    assert message in error(result)


def test_a_failure_that_is_no_permission_is_not_hidden(elasticache: Elasticache) -> None:
    aws = fleet(answers={("cloudwatch", "GetMetricData"): refusal("ThrottlingException")})
    assert elasticache("status", *REGION, *AS_OF, aws=aws).status == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("order",), "ID must be one of the valid values, got 'order'; use orders, pages, sessions"),
        (("--fail-on", "severe"), "--fail-on must be one of low, medium, high, critical, got 'severe'; or use never"),
        (("--offline",), "--offline must not be set, because the caches of an account are read; leave --offline out"),
    ],
)
def test_wrong_input_is_one_line(elasticache: Elasticache, words: tuple[str, ...], message: str) -> None:
    result = elasticache("status", *words, *REGION, *AS_OF, aws=fleet())
    assert result.status == 2
    assert error(result) == f"elasticache status: {message}"


def test_a_region_is_needed(elasticache: Elasticache) -> None:
    aws = fleet()
    aws.region = None
    result = elasticache("status", *AS_OF, aws=aws)
    assert result.status == 2
    assert "--region must be set" in error(result)


def test_an_empty_region_is_told(elasticache: Elasticache) -> None:
    nothing: dict[tuple[str, str], Answer] = {
        ("elasticache", "DescribeReplicationGroups"): {},
        ("elasticache", "DescribeCacheClusters"): {},
        ("elasticache", "DescribeServerlessCaches"): {},
    }
    result = elasticache("status", *REGION, *AS_OF, aws=Recorded(nothing))
    assert (result.status, result.out) == (0, "no cache in this region\n")
    missing = elasticache("status", "orders", *REGION, *AS_OF, aws=Recorded(nothing))
    assert missing.status == 2
    assert "the region has no cache" in error(missing)


def test_the_policy_is_exactly_what_is_called(elasticache: Elasticache) -> None:
    aws = fleet()
    elasticache("status", *REGION, *AS_OF, aws=aws)
    assert {(call.service, call.operation) for call in command.CALLS if call.when != "--live"} == aws.operations

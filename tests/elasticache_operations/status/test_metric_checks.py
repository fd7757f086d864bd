"""Findings from metrics, on each side of each limit."""

from datetime import timedelta
from typing import Any

import pytest

from elasticache_operations.status import caches, metrics
from elasticache_operations.status.caches import Cache
from elasticache_operations.status.findings import Finding, Outcome, Passed, Severity, Skipped
from elasticache_operations.status.metric_checks import NAMES, metric_checks
from elasticache_operations.status.metrics import Key
from elasticache_operations.status.trend import Series, trend
from elasticache_rules import facts
from tests.elasticache_operations.status import account


def group(**changes: Any) -> Cache:
    described = account.group(**changes)
    (cache,) = caches.read([described], account.clusters(described), [])
    return cache


def serverless(**changes: Any) -> Cache:
    (cache,) = caches.read([], [], [account.serverless(**changes)])
    return cache


def outcome(cache: Cache, metric: str, series: Series | float, check: str) -> Outcome:
    """The outcome of a check, where every other metric is without a finding."""
    keys = list(metrics.keys(cache))
    found = account.healthy(keys)
    shown = account.constant(series) if isinstance(series, float) else series
    changed = [key for key in keys if key.metric == metric]
    assert changed, metric
    # The finding is about the worst node.
    found[changed[-1]] = shown
    (result,) = [each for each in metric_checks(cache, found, keys) if each.check == check]
    return result


def test_a_healthy_cache_has_no_finding() -> None:
    cache = group()
    keys = list(metrics.keys(cache))
    found = list(metric_checks(cache, account.healthy(keys), keys))
    assert [each for each in found if isinstance(each, Finding)] == []
    assert {each.check for each in found if isinstance(each, Skipped)} == {"cpu"}
    passed = {each.check: each.text for each in found if isinstance(each, Passed)}
    assert passed["memory"] == "40 % of maxmemory"
    assert passed["connections"] == "0.154 % of maxclients"
    assert set(passed) >= {"evictions", "hit-rate", "replication-lag", "swap", "network-out"}


BORDERS = [
    ("DatabaseMemoryUsagePercentage", "memory", 80.0, 80.1, Severity.HIGH),
    ("DatabaseMemoryUsagePercentage", "memory", 90.0, 90.1, Severity.CRITICAL),
    ("EngineCPUUtilization", "engine-cpu", 50.0, 50.1, Severity.MEDIUM),
    ("EngineCPUUtilization", "engine-cpu", 70.0, 70.1, Severity.HIGH),
    ("EngineCPUUtilization", "engine-cpu", 90.0, 90.1, Severity.CRITICAL),
    ("FreeableMemory", "freeable-memory", 104857600.0, 104857599.0, Severity.HIGH),
    ("SwapUsage", "swap", 52428800.0, 52428801.0, Severity.HIGH),
    ("Evictions", "evictions", 20.0 * 60, 20.1 * 60, Severity.MEDIUM),
    ("Evictions", "evictions", 200.0 * 60, 200.1 * 60, Severity.HIGH),
    ("CacheHitRate", "hit-rate", 80.0, 79.9, Severity.MEDIUM),
    ("CacheHitRate", "hit-rate", 60.0, 59.9, Severity.HIGH),
    ("CacheHitRate", "hit-rate", 40.0, 39.9, Severity.CRITICAL),
    ("CurrConnections", "connections", 52000.0, 52001.0, Severity.HIGH),
    ("NewConnections", "new-connections", 1000.0 * 60, 1001.0 * 60, Severity.MEDIUM),
    ("NewConnections", "new-connections", 5000.0 * 60, 5001.0 * 60, Severity.HIGH),
    ("RejectedConnections", "rejected-connections", 0.0, 1.0, Severity.HIGH),
    ("ReplicationLag", "replication-lag", 0.1, 0.11, Severity.MEDIUM),
    ("ReplicationLag", "replication-lag", 1.0, 1.1, Severity.HIGH),
    ("ReplicationLag", "replication-lag", 5.0, 5.1, Severity.CRITICAL),
    ("SuccessfulReadRequestLatency", "read-latency", 5000.0, 5001.0, Severity.MEDIUM),
    ("SuccessfulWriteRequestLatency", "write-latency", 10000.0, 10001.0, Severity.HIGH),
    ("NetworkBandwidthInAllowanceExceeded", "network-in", 0.0, 1.0, Severity.HIGH),
    ("NetworkBandwidthOutAllowanceExceeded", "network-out", 0.0, 1.0, Severity.HIGH),
    ("NetworkConntrackAllowanceExceeded", "network-connections", 0.0, 1.0, Severity.HIGH),
    ("NetworkPacketsPerSecondAllowanceExceeded", "network-packets", 0.0, 1.0, Severity.HIGH),
    ("TrafficManagementActive", "traffic-management", 0.0, 1.0, Severity.CRITICAL),
    ("MemoryFragmentationRatio", "fragmentation", 1.5, 1.6, Severity.MEDIUM),
]
SERVERLESS = [
    ("ThrottledCmds", "throttled", 0.0, 1.0, Severity.CRITICAL),
    ("ElastiCacheProcessingUnits", "ecpu", 500.0 * 3600, 501.0 * 3600, Severity.MEDIUM),
    ("ElastiCacheProcessingUnits", "ecpu", 800.0 * 3600, 801.0 * 3600, Severity.HIGH),
    ("BytesUsedForCache", "storage", 7.0 * 2**30, 7.01 * 2**30, Severity.HIGH),
    ("BytesUsedForCache", "storage", 9.0 * 2**30, 9.01 * 2**30, Severity.CRITICAL),
]


def severity(found: Outcome) -> Severity | None:
    return found.severity if isinstance(found, Finding) else None


@pytest.mark.parametrize(("metric", "check", "within", "beyond", "level"), BORDERS)
def test_a_node_has_a_finding_beyond_each_limit(
    metric: str, check: str, within: float, beyond: float, level: Severity
) -> None:
    found = outcome(group(), metric, beyond, check)
    assert severity(found) is level
    assert isinstance(found, Finding)
    assert "in 14 days (limit " in found.text
    assert found.advice
    assert "on orders-002" in found.text
    assert severity(outcome(group(), metric, within, check)) is not level


@pytest.mark.parametrize(("metric", "check", "within", "beyond", "level"), SERVERLESS)
def test_a_serverless_cache_has_a_finding_beyond_each_limit(
    metric: str, check: str, within: float, beyond: float, level: Severity
) -> None:
    assert severity(outcome(serverless(), metric, beyond, check)) is level
    assert severity(outcome(serverless(), metric, within, check)) is not level


def test_each_limit_of_the_facts_has_its_border_here() -> None:
    tested = {(metric, level.word) for metric, _, _, _, level in BORDERS + SERVERLESS}
    known = {(row["metric"], word) for row in facts.load("metric_thresholds")["metrics"] for word in row["limits"]}
    elsewhere = {
        ("CPUUtilization", "critical"),
        ("CPUCreditBalance", "high"),
        ("SuccessfulReadRequestLatency", "high"),
        ("SuccessfulWriteRequestLatency", "medium"),
    }
    assert known == tested | elsewhere


@pytest.mark.parametrize(
    ("node_type", "value", "level"),
    [("cache.r7g.large", 45.1, Severity.CRITICAL), ("cache.r7g.large", 45.0, None)],
)
def test_the_cpu_of_a_small_node_is_compared_by_its_vcpus(node_type: str, value: float, level: Severity | None) -> None:
    found = outcome(group(CacheNodeType=node_type), "CPUUtilization", value, "cpu")
    assert severity(found) is level


@pytest.mark.parametrize(("value", "level"), [(0.0, Severity.HIGH), (0.5, None)])
def test_a_burstable_node_without_credits_is_a_finding(value: float, level: Severity | None) -> None:
    cache = group(CacheNodeType="cache.t4g.small")
    assert severity(outcome(cache, "CPUCreditBalance", value, "cpu-credits")) is level
    assert not any(key.metric == "CPUCreditBalance" for key in metrics.keys(group()))


@pytest.mark.parametrize(("value", "level"), [(90.1, Severity.CRITICAL), (90.0, None)])
def test_the_cpu_of_memcached_is_compared_as_a_whole(value: float, level: Severity | None) -> None:
    (cache,) = caches.read([], [account.memcached()], [])
    assert severity(outcome(cache, "CPUUtilization", value, "cpu")) is level


def test_what_cloudwatch_has_no_values_of_is_skipped_and_not_passed() -> None:
    cache = group()
    found = list(metric_checks(cache, {}, list(metrics.keys(cache))))
    assert found
    assert all(isinstance(each, Skipped) for each in found)
    assert {each.why for each in found if isinstance(each, Skipped) and each.check == "memory"} == {
        "CloudWatch has no value of DatabaseMemoryUsagePercentage in 14 days"
    }


def test_limits_that_a_serverless_cache_does_not_have_are_skipped() -> None:
    cache = serverless(CacheUsageLimits={})
    keys = list(metrics.keys(cache))
    found = {each.check: each for each in metric_checks(cache, account.healthy(keys), keys)}
    assert found["storage"] == Skipped("storage", "the cache has no limit of its own")
    assert found["ecpu"] == Skipped("ecpu", "the cache has no limit of its own")


@pytest.mark.parametrize(("used", "skipped"), [(100 * 2**20 - 1.0, True), (100 * 2**20 + 0.0, False)])
def test_fragmentation_of_little_data_is_skipped(used: float, skipped: bool) -> None:
    cache = group()
    keys = list(metrics.keys(cache))
    values = {"BytesUsedForCache": used, "MemoryFragmentationRatio": 9.0}
    series = {key: account.constant(values.get(key.metric, account.HEALTHY[key.metric])) for key in keys}
    (found,) = [each for each in metric_checks(cache, series, keys) if each.check == "fragmentation"]
    assert isinstance(found, Skipped if skipped else Finding)


def test_an_unknown_node_type_is_skipped() -> None:
    cache = group(CacheNodeType="cache.z9.large")
    keys = list(metrics.keys(cache))
    found = {each.check: each for each in metric_checks(cache, account.healthy(keys), keys)}
    for check in ("connections", "cpu", "engine-cpu"):
        assert found[check] == Skipped(check, "the capacity of cache.z9.large is not known")


@pytest.mark.parametrize(("daily", "days"), [(0.55, 96), (0.6, 87), (1.0, 47)])
def test_memory_that_is_full_within_90_days_is_a_finding_below_the_limit(daily: float, days: float) -> None:
    found = outcome(group(), "DatabaseMemoryUsagePercentage", account.rising(40, daily), "memory")
    if days > 90:
        assert isinstance(found, Passed)
        assert f"full in {days} days" in found.text
    else:
        assert isinstance(found, Finding)
        assert found.severity is Severity.MEDIUM
        assert found.value == pytest.approx(days, abs=0.5)
        assert found.unit == "days"
        assert "(R² 1.00)" in found.text


def test_a_trend_is_a_line_through_the_daily_maxima() -> None:
    line = trend(account.rising(40, 0.5))
    assert line is not None
    assert (line.level, line.weekly, line.fit) == pytest.approx((46.5, 3.5, 1))
    assert line.days_until(100) == pytest.approx(107)
    assert line.days_until(46) is None
    assert trend(account.rising(40, 0.5, days=6)) is None
    flat = trend(account.constant(40.0))
    assert flat is not None
    assert flat.days_until(100) is None


def test_values_without_a_line_have_a_low_fit() -> None:
    series = account.rising(40, 0)
    values = tuple(80.0 if (index // 24) % 2 else 20.0 for index in range(len(series.values)))
    line = trend(Series(series.times, values))
    assert line is not None
    assert line.fit < 0.1


def test_requests_stay_within_the_limits_of_get_metric_data() -> None:
    keys = [Key("CPUUtilization", "Average", f"node-{number}", "0001") for number in range(700)]
    made = list(metrics.requests(keys, account.NOW))
    assert [len(arguments["MetricDataQueries"]) for arguments, _ in made] == [300, 300, 100]
    for arguments, names in made:
        assert (arguments["EndTime"] - arguments["StartTime"]) == timedelta(days=14)
        points = 14 * 24 * len(arguments["MetricDataQueries"])
        assert points <= 100_800
        assert {query["Id"] for query in arguments["MetricDataQueries"]} == set(names)
    longer = list(metrics.requests(keys, account.NOW, days=1))
    assert max(len(arguments["MetricDataQueries"]) for arguments, _ in longer) == 500


def test_a_serverless_metric_has_the_dimension_cluster_id() -> None:
    ((arguments, _),) = metrics.requests([Key("ThrottledCmds", "Sum", "sessions")], account.NOW)
    metric = arguments["MetricDataQueries"][0]["MetricStat"]["Metric"]
    assert metric["Dimensions"] == [{"Name": "clusterId", "Value": "sessions"}]


def test_values_of_several_pages_are_one_series() -> None:
    key = Key("CPUUtilization", "Average", "a", "0001")
    first, second = account.NOW - timedelta(hours=1), account.NOW
    pages: list[dict[str, Any]] = [
        {"Id": "m0", "Timestamps": [second], "Values": [2]},
        {"Id": "m0", "Timestamps": [first], "Values": [1]},
        {"Id": "m0", "Timestamps": [], "Values": []},
    ]
    assert metrics.series(pages, {"m0": key}) == {key: Series((first, second), (1.0, 2.0))}
    assert metrics.series(pages[2:], {"m0": key}) == {}


def test_the_lag_of_a_primary_is_not_asked_for() -> None:
    lag = [key.cluster for key in metrics.keys(group(nodes=3)) if key.metric == "ReplicationLag"]
    assert lag == ["orders-002", "orders-003"]
    assert not [key for key in metrics.keys(group(nodes=1)) if key.metric == "ReplicationLag"]


def test_check_names_are_unique() -> None:
    assert len(set(NAMES)) == len(NAMES) == len(facts.load("metric_thresholds")["metrics"])


def test_a_percentile_is_a_value_of_the_series() -> None:
    series = Series((), tuple(float(value) for value in range(1, 101)))
    assert (series.percentile(95), series.percentile(100), series.percentile(1)) == (95, 100, 1)
    assert (series.maximum, series.minimum, series.average) == (100, 1, 50.5)

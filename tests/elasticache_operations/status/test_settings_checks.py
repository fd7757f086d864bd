"""Findings from the state and the settings of a cache, from the end of support and from service updates."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from elasticache_operations.status import caches
from elasticache_operations.status.caches import Cache, CacheKind
from elasticache_operations.status.findings import Finding, Outcome, Passed, Severity, Skipped
from elasticache_operations.status.settings_checks import settings_checks, support, update_checks
from tests.elasticache_operations.status import account

TODAY = date(2026, 11, 25)


def group(version: str = "8.1.0", parameters: str = "in-sync", nodes: int = 2, **changes: Any) -> Cache:
    described = account.group(nodes=nodes, **changes)
    group = {"CacheParameterGroupName": "orders", "ParameterApplyStatus": parameters}
    clusters = account.clusters(described, EngineVersion=version, CacheParameterGroup=group)
    (cache,) = caches.read([described], clusters, [])
    return cache


def outcomes(cache: Cache, month: float | None = None, today: date = TODAY) -> dict[str, Outcome]:
    return {each.check: each for each in settings_checks(cache, today, month)}


def levels(found: dict[str, Outcome]) -> dict[str, str]:
    return {check: each.severity.word for check, each in found.items() if isinstance(each, Finding)}


def test_a_cache_with_good_settings_has_no_finding() -> None:
    found = outcomes(group())
    assert levels(found) == {}
    assert found["failover"] == Passed("failover", "automatic, Multi-AZ in us-east-1a, us-east-1b")
    assert found["replicas"] == Passed("replicas", "1 a shard")
    assert found["backups"] == Passed("backups", "kept 7 days")
    assert outcomes(group(SnapshotRetentionLimit=1))["backups"] == Passed("backups", "kept 1 day")


@pytest.mark.parametrize(
    ("changes", "check", "level"),
    [
        ({"Status": "create-failed"}, "health", "critical"),
        ({"Status": "modifying"}, "health", "low"),
        ({"AutomaticFailover": "disabled"}, "failover", "medium"),
        ({"MultiAZ": "disabled"}, "failover", "medium"),
        ({"nodes": 1, "AutomaticFailover": "disabled"}, "replicas", "low"),
        ({"SnapshotRetentionLimit": 0}, "backups", "low"),
        ({"TransitEncryptionEnabled": False}, "encryption", "medium"),
        ({"UserGroupIds": []}, "authentication", "medium"),
        ({"parameters": "pending-reboot"}, "parameters", "medium"),
        ({"PendingModifiedValues": {"AutomaticFailoverStatus": "enabled"}}, "pending", "low"),
    ],
)
def test_each_setting_is_a_finding_of_its_severity(changes: dict[str, Any], check: str, level: str) -> None:
    assert levels(outcomes(group(**changes))) == {check: level}


def test_a_node_that_is_not_available_is_named() -> None:
    described = account.group()
    clusters = account.clusters(described)
    clusters[1]["CacheClusterStatus"] = "rebooting cluster nodes"
    (cache,) = caches.read([described], clusters, [])
    found = outcomes(cache)["health"]
    assert isinstance(found, Finding)
    assert found.severity is Severity.MEDIUM
    assert "nodes not available: orders-002" in found.text
    assert found.advice.endswith("--source-identifier orders-002")


SUPPORT = [
    ("redis", 6, date(2026, 8, 3), None, None),
    ("redis", 6, date(2026, 8, 4), Severity.MEDIUM, "in 180 days; then +80 % (80.00 USD a month)"),
    ("redis", 6, date(2027, 1, 30), Severity.MEDIUM, "in 1 day; then +80 %"),
    ("redis", 6, date(2027, 1, 31), Severity.MEDIUM, "in 0 days; then +80 %"),
    ("redis", 6, date(2027, 2, 1), Severity.HIGH, "ended 2027-01-31, +80 % (80.00 USD a month); AWS upgrades it from"),
    ("redis", 5, date(2026, 11, 25), Severity.HIGH, "ended 2026-01-31, +80 %"),
    ("redis", 5, date(2028, 2, 1), Severity.HIGH, "+160 % (160.00 USD a month)"),
    ("redis", 3, date(2026, 11, 25), Severity.HIGH, "ended 2023-07-31; AWS upgrades it from 2023-07-31"),
    ("redis", 7, date(2030, 1, 1), None, None),
    ("valkey", 8, date(2030, 1, 1), None, None),
    ("memcached", 1, date(2030, 1, 1), None, None),
]


@pytest.mark.parametrize(("engine", "major", "today", "level", "text"), SUPPORT)
def test_the_end_of_support_is_a_finding_from_180_days_before(
    engine: str, major: int, today: date, level: Severity | None, text: str | None
) -> None:
    cache = Cache(id="a", kind=CacheKind.GROUP, engine=engine, version=f"{major}.0", status="available")
    found = outcomes(cache, 100.0, today)["engine"]
    if level is None:
        assert isinstance(found, Passed)
    else:
        assert isinstance(found, Finding)
        assert found.severity is level
        assert str(text) in found.text


def test_the_premium_changes_on_its_days() -> None:
    days = [date(2026, 1, 31), date(2026, 2, 1), date(2027, 2, 1), date(2028, 1, 31), date(2028, 2, 1)]
    assert [support("redis", 5, day).premium for day in days] == [0, 80, 80, 80, 160]


def action(**changes: Any) -> dict[str, Any]:
    return {
        "ReplicationGroupId": "orders",
        "ServiceUpdateName": "elasticache-20261101",
        "ServiceUpdateSeverity": "important",
        "ServiceUpdateType": "security-update",
        "UpdateActionStatus": "not-applied",
        "ServiceUpdateRecommendedApplyByDate": datetime(2026, 12, 15, tzinfo=UTC),
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({}, "medium"),
        ({"ServiceUpdateSeverity": "critical"}, "high"),
        ({"ServiceUpdateSeverity": "low"}, "low"),
        ({"ServiceUpdateRecommendedApplyByDate": datetime(2026, 11, 24, tzinfo=UTC)}, "high"),
        ({"ServiceUpdateRecommendedApplyByDate": datetime(2026, 11, 25, tzinfo=UTC)}, "medium"),
        ({"ServiceUpdateRecommendedApplyByDate": None}, "medium"),
        ({"UpdateActionStatus": "complete"}, None),
        ({"UpdateActionStatus": "not-applicable"}, None),
        ({"UpdateActionStatus": "scheduled"}, "medium"),
        ({"ReplicationGroupId": "others"}, None),
        ({"ReplicationGroupId": None, "CacheClusterId": "orders-002"}, "medium"),
    ],
)
def test_an_update_is_a_finding_by_its_severity_and_date(changes: dict[str, Any], level: str | None) -> None:
    (found,) = update_checks(group(), [action(**changes)], TODAY)
    assert (found.severity.word if isinstance(found, Finding) else None) == level
    if isinstance(found, Finding):
        assert found.advice == (
            "aws elasticache batch-apply-update-action --service-update-name elasticache-20261101 "
            "--replication-group-ids orders"
        )


def test_updates_that_were_not_read_are_skipped_with_the_reason() -> None:
    assert list(update_checks(group(), "no permission x", TODAY)) == [Skipped("updates", "no permission x")]
    (cache,) = caches.read([], [], [account.serverless()])
    assert list(update_checks(cache, [], TODAY)) == [Skipped("updates", "AWS updates serverless caches by itself")]


def test_a_fleet_is_read_in_the_order_of_the_ids() -> None:
    first, second = account.group("orders"), account.group("baskets", nodes=3)
    found = caches.read(
        [first, second],
        [*account.clusters(first), *account.clusters(second), account.memcached()],
        [account.serverless()],
    )
    assert [(cache.id, cache.kind, len(cache.members)) for cache in found] == [
        ("baskets", CacheKind.GROUP, 3),
        ("orders", CacheKind.GROUP, 2),
        ("pages", CacheKind.CLUSTER, 2),
        ("sessions", CacheKind.SERVERLESS, 0),
    ]
    assert found[3].storage == 10 * 2**30
    assert found[3].units == 1000


def test_members_that_no_shard_lists_are_counted() -> None:
    described = account.group()
    described["NodeGroups"][0]["NodeGroupMembers"].pop()
    (cache,) = caches.read([described], account.clusters(described), [])
    assert [member.cluster for member in cache.members] == ["orders-001", "orders-002"]


def test_shards_are_counted_and_one_node_of_each_is_chosen() -> None:
    described = account.group(nodes=4)
    members = described["NodeGroups"][0]["NodeGroupMembers"]
    for member in members:
        del member["CurrentRole"]
    described["NodeGroups"] = [
        {"NodeGroupId": "0001", "NodeGroupMembers": members[:2]},
        {"NodeGroupId": "0002", "NodeGroupMembers": members[2:]},
    ]
    (cache,) = caches.read([described], account.clusters(described), [])
    assert cache.shards == 2
    assert [member.cluster for member in cache.one_of_each_shard] == ["orders-001", "orders-003"]
    (plain,) = caches.read([account.group()], [], [])
    assert [member.cluster for member in plain.one_of_each_shard] == ["orders-001"]


@pytest.mark.parametrize("text", ["severe", "", "HIGH"])
def test_a_severity_that_is_none_is_refused_with_the_valid_ones(text: str) -> None:
    with pytest.raises(ValueError, match="must be one of low, medium, high, critical, got"):
        Severity.parse(text)

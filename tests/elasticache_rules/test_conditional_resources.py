"""Resources that a condition creates: values of parameters for which they do not exist say nothing about them."""

from collections.abc import Iterator
from typing import Any

import pytest

from elasticache_rules import Template, registry
from elasticache_rules.alternatives import Alternative, Choice
from elasticache_rules.registry import check_template

DAYS = {"Ref": "Days"}
SEVEN = {"Fn::Equals": [DAYS, 7]}
NOT_SEVEN = {"Fn::Not": [SEVEN]}
GROUP = {
    "ReplicationGroupDescription": "cache",
    "Engine": "redis",
    "CacheNodeType": "cache.t4g.micro",
    "NumCacheClusters": 1,
    "AutomaticFailoverEnabled": False,
}


def found(condition: Any, **days: Any) -> list[tuple[str, str]]:
    """The findings about a retention that a parameter states; a limit of 35 days is the highest."""
    document = {
        "Parameters": {"Days": {"Type": "Number", **days}},
        "Conditions": {"Made": condition},
        "Resources": {
            "Cache": {
                "Type": "AWS::ElastiCache::ReplicationGroup",
                "Condition": "Made",
                "Properties": {**GROUP, "SnapshotRetentionLimit": DAYS},
            }
        },
    }
    return [(finding.severity.value, finding.value) for finding in check_template(Template.of(document))]


@pytest.mark.parametrize(
    ("condition", "days", "expected"),
    [
        (SEVEN, {"AllowedValues": [7, 40]}, []),
        (NOT_SEVEN, {"AllowedValues": [7, 40]}, [("error", "40 with parameter Days '40'")]),
        (NOT_SEVEN, {"AllowedValues": [7, 8, 40]}, [("warning", "40 with parameter Days '40'")]),
        (SEVEN, {"Default": 40}, []),
        (NOT_SEVEN, {"Default": 40}, [("warning", "40 with the default of parameter Days")]),
        (
            {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]},
            {"AllowedValues": [40]},
            [("error", "40 with parameter Days '40'")],
        ),
        ({"Fn::Equals": [{"Ref": "Stage"}, "x"]}, {"AllowedValues": [40]}, [("error", "40 with parameter Days '40'")]),
    ],
)
def test_a_value_for_which_the_resource_does_not_exist(
    condition: Any, days: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(condition, **days) == expected


def test_a_template_for_any_engine() -> None:
    """One parameter chooses between a replication group and a cache cluster."""
    engine, memcached = {"Ref": "Engine"}, {"Fn::Equals": [{"Ref": "Engine"}, "memcached"]}
    document = {
        "Parameters": {
            "Engine": {"Type": "String", "AllowedValues": ["redis", "valkey", "memcached"], "Default": "redis"}
        },
        "Conditions": {"Memcached": memcached, "Replicated": {"Fn::Not": [{"Condition": "Memcached"}]}},
        "Resources": {
            "Group": {
                "Type": "AWS::ElastiCache::ReplicationGroup",
                "Condition": "Replicated",
                "Properties": {**GROUP, "Engine": engine, "TransitEncryptionEnabled": True},
            },
            "Cluster": {
                "Type": "AWS::ElastiCache::CacheCluster",
                "Condition": "Memcached",
                "Properties": {"Engine": engine, "CacheNodeType": "cache.t4g.micro", "NumCacheNodes": 2},
            },
        },
    }
    assert check_template(Template.of(document)) == []


@pytest.mark.parametrize(("days", "tried"), [(99, 1), (7, 3)])
def test_a_range_is_tried_only_for_new_findings(monkeypatch: pytest.MonkeyPatch, days: int, tried: int) -> None:
    """A finding that the template has by itself is in every alternative, and needs none of them."""

    def template(limit: int) -> Template:
        properties = {**GROUP, "SnapshotRetentionLimit": limit}
        return Template.of(
            {"Resources": {"Cache": {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": properties}}}
        )

    taken: list[int] = []

    def alternatives() -> Iterator[Alternative]:
        for limit in (40, 41, 42):
            taken.append(limit)
            yield Alternative(f"with {limit}", template(limit))

    def choices(*_: object) -> Iterator[Choice]:
        yield Choice(alternatives(), complete=True, affected=("Cache",), together=True)

    monkeypatch.setattr(registry, "choices", choices)
    findings = [(finding.severity.value, finding.value) for finding in check_template(template(days))]
    assert findings == [("error", "99" if days == 99 else "40 with 40")]
    assert len(taken) == tried

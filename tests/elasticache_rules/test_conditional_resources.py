"""Resources that a condition creates: values of parameters for which they do not exist say nothing about them."""

from typing import Any

import pytest

from elasticache_rules import Template
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

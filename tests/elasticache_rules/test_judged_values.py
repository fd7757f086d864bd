"""Conditions and parameters: which of their values are judged, and which are only listed."""

from typing import Any

import pytest

from elasticache_rules import Finding, Severity, Template, check_template, unjudged
from tests.elasticache_rules.examples import document


def both(first: object, second: object, *, name: str = "C") -> list[Finding]:
    return check_template(Template.of(document("group", {"Port": {"Fn::If": [name, first, second]}})))


def test_a_condition_with_two_refused_sides_is_an_error() -> None:
    (finding,) = both(80, 443)
    assert (finding.rule, finding.severity) == ("network/port", Severity.ERROR)
    assert finding.value == "80 when condition C is true"


def test_a_condition_with_one_refused_side_is_a_warning() -> None:
    (finding,) = both(6379, 443)
    assert (finding.severity, finding.value) == (Severity.WARNING, "443 when condition C is false")
    assert both(6379, 6380) == []


def parameter(entry: dict[str, Any], name: str = "Port", base: str = "group", **sections: Any) -> list[Finding]:
    whole = {**document(base, {name: {"Ref": "It2"}}), "Parameters": {"It2": entry}, **sections}
    return check_template(Template.of(whole))


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"Type": "Number", "Default": 80}, [("warning", "80 with the default of parameter It2")]),
        ({"Type": "Number", "AllowedValues": [80, 443]}, [("error", "80 with parameter It2 '80'")]),
        ({"Type": "Number", "AllowedValues": [80]}, [("error", "80 with parameter It2 '80'")]),
        ({"Type": "Number", "AllowedValues": [6379, 443]}, [("warning", "443 with parameter It2 '443'")]),
        (
            {"Type": "Number", "Default": 80, "AllowedValues": [6379, 80]},
            [("warning", "80 with the default of parameter It2")],
        ),
        ({"Type": "Number", "Default": 6379}, []),
        ({"Type": "Number"}, []),
        ({"Type": "AWS::SSM::Parameter::Value<String>", "Default": "80"}, []),
        ({"Type": "Number", "AllowedValues": list(range(201))}, []),
        ("text", []),
    ],
)
def test_a_parameter_is_judged_by_its_default_and_allowed_values(entry: Any, expected: list[tuple[str, str]]) -> None:
    assert [(item.severity.value, item.value) for item in parameter(entry)] == expected


def test_a_parameter_that_is_a_list() -> None:
    entry = {"Type": "CommaDelimitedList", "Default": "us-east-1a, eu-west-1a"}
    (finding,) = parameter(entry, "PreferredCacheClusterAZs")
    assert finding.rule == "network/zones-of-region"
    assert finding.property_path == "PreferredCacheClusterAZs.1"


def test_the_defaults_together() -> None:
    change = {"SnapshotWindow": {"Ref": "A"}, "PreferredMaintenanceWindow": {"Ref": "B"}, "SnapshotRetentionLimit": 1}
    parameters = {
        "A": {"Type": "String", "Default": "05:00-06:00"},
        "B": {"Type": "String", "Default": "mon:05:00-mon:06:00"},
    }
    (finding,) = check_template(Template.of({**document("group", change), "Parameters": parameters}))
    assert (finding.rule, finding.severity) == ("backup/windows-overlap", Severity.WARNING)
    assert finding.value == "'05:00-06:00' with the defaults of the parameters"


CONDITIONS = {
    "Prod": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
    "NotProd": {"Fn::Not": [{"Condition": "Prod"}]},
    "Loop": {"Fn::And": [{"Condition": "Loop"}]},
}


@pytest.mark.parametrize(
    ("entry", "sides", "expected"),
    [
        ({"Type": "String"}, ("Prod", 80, 443), ["error"]),
        ({"Type": "String"}, ("Prod", 80, 6379), ["warning"]),
        ({"Type": "String"}, ("NotProd", 80, 6379), ["warning"]),
        ({"Type": "String"}, ("Loop", 80, 443), ["error"]),
        ({"Type": "String", "AllowedValues": ["prod"]}, ("Prod", 6379, 80), []),
        ({"Type": "String", "AllowedValues": ["prod"]}, ("Prod", 80, 6379), ["error"]),
        ({"Type": "String", "AllowedValues": ["dev", "prod"], "Default": "dev"}, ("Prod", 80, 6379), ["warning"]),
    ],
)
def test_a_condition_on_a_parameter(entry: dict[str, Any], sides: tuple[str, int, int], expected: list[str]) -> None:
    whole = {
        **document("group", {"Port": {"Fn::If": list(sides)}}),
        "Parameters": {"Env": entry},
        "Conditions": CONDITIONS,
    }
    assert [finding.severity.value for finding in check_template(Template.of(whole))] == expected


def test_what_refers_to_a_resource_with_a_parameter_is_judged_as_well() -> None:
    change = {
        "CacheParameterGroupName": {"Ref": "Own"},
        "+Own": {"of": "parameters", "CacheParameterGroupFamily": {"Ref": "F"}},
    }
    whole = {
        **document("redis", change),
        "Parameters": {"F": {"Type": "String", "AllowedValues": ["redis6.x", "redis5.0"]}},
    }
    assert [(finding.rule, finding.severity) for finding in check_template(Template.of(whole))] == [
        ("engine/family-matches", Severity.ERROR)
    ]
    assert check_template(Template.of(whole), only=["Own"]) == []


def test_values_that_are_not_judged_are_listed() -> None:
    change = {
        "Port": {"Fn::ImportValue": "port"},
        "NumCacheClusters": {"Ref": "Nodes"},
        "CacheNodeType": {"Ref": "Type"},
        "EngineVersion": {"Ref": "Version"},
        "MultiAZEnabled": {"Fn::If": ["C", True, False]},
        "SecurityGroupIds": ["sg-1", {"Fn::ImportValue": "group"}],
        "ReplicationGroupDescription": {"Fn::Sub": "of ${AWS::StackName}"},
        "CacheSubnetGroupName": {"Ref": "Subnets"},
        "+Subnets": "subnets",
        "+Topic": {"type": "AWS::SNS::Topic", "TopicName": {"Fn::ImportValue": "name"}},
    }
    parameters = {
        "Nodes": {"Type": "Number"},
        "Type": {"Type": "String", "Default": "cache.r7g.large"},
        "Version": {"Type": "String", "AllowedValues": ["8.1", "8.2"]},
    }
    template = Template.of({**document("group", change), "Parameters": parameters})
    assert [str(value) for value in unjudged(template)] == [
        "It: ReplicationGroupDescription is of ${AWS::StackName}",
        'It: NumCacheClusters is {"Ref":"Nodes"}',
        'It: Port is {"Fn::ImportValue":"port"}',
        'It: SecurityGroupIds.1 is {"Fn::ImportValue":"group"}',
    ]
    assert unjudged(Template.of(document("group"))) == []

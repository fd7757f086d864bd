"""Values of which several are possible: conditions within others, and mappings with an unknown key."""

from typing import Any

import pytest

from elasticache_rules import Template, check_template
from tests.elasticache_rules.examples import resources
from tests.elasticache_rules.examples_values import ACCOUNT, CONDITIONS, looked_up, nested


def ports(port: object, *, region: str = "us-east-1", **sections: Any) -> list[tuple[str, str]]:
    """The severity and the value of each finding about the port of a group."""
    template = Template.of({"Resources": resources("group", {"Port": port}), **sections}, region=region)
    return [
        (finding.severity.value, finding.value)
        for finding in check_template(template)
        if finding.rule == "network/port"
    ]


@pytest.mark.parametrize(
    ("values", "severities"),
    [
        ((80, 443, 22), ["error"]),
        ((80, 443, 6380), []),
        ((80, 6380, 22), ["warning"]),
        ((6380, 443, 22), ["warning"]),
        ((6380, 6381, 6382), []),
    ],
)
def test_a_condition_within_another_is_an_error_when_every_outcome_is_refused(
    values: tuple[int, int, int], severities: list[str]
) -> None:
    _, change = nested(*values)
    found = ports(change["Port"], Conditions=CONDITIONS)
    assert [severity for severity, _ in found] == severities


def test_the_conditions_are_named() -> None:
    _, change = nested(80, 443, 22)
    change["Port"]["Fn::If"][2] = {"Fn::If": ["Second", 22, 23]}
    (found,) = ports(change["Port"], Conditions=CONDITIONS)
    assert found == ("error", "80 whatever the conditions First and Second are")


@pytest.mark.parametrize(("number", "severity"), [(4, "error"), (5, "warning")])
def test_at_most_four_conditions_are_varied_together(number: int, severity: str) -> None:
    conditions = {f"C{index}": {"Fn::Equals": [ACCOUNT, str(index)]} for index in range(number)}
    port: object = 80
    for index, name in enumerate(conditions):
        port = {"Fn::If": [name, 22 + index, port]}
    assert [found for found, _ in ports(port, Conditions=conditions)] == [severity]


@pytest.mark.parametrize(("region", "expected"), [("us-east-1", []), ("eu-west-1", [("error", "80")])])
def test_a_condition_with_a_known_outcome_is_not_varied(region: str, expected: list[tuple[str, str]]) -> None:
    conditions = {"Home": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}
    assert ports({"Fn::If": ["Home", 6380, 80]}, region=region, Conditions=conditions) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((80, 443), [("error", "80 with a mapping that has no valid value")]),
        ((80, 6380), []),
        ((6380, 80), []),
        ((80, 443, 6380), []),
        (tuple(range(200)), [("error", "0 with a mapping that has no valid value")]),
        (tuple(range(201)), []),
    ],
)
def test_a_mapping_without_a_valid_value_is_an_error(values: tuple[int, ...], expected: list[tuple[str, str]]) -> None:
    _, change = looked_up("Port", ACCOUNT, *values)
    assert ports(change["Port"], Mappings=change["/Mappings"]) == expected


def test_a_default_value_may_be_valid() -> None:
    _, change = looked_up("Port", ACCOUNT, 80, 443)
    change["Port"]["Fn::FindInMap"].append({"DefaultValue": 6380})
    assert ports(change["Port"], Mappings=change["/Mappings"]) == []


def test_what_refers_to_a_group_with_a_mapping_is_checked_as_well() -> None:
    mapping = {"Values": {"a": {"Type": "cache.t3.micro"}, "b": {"Type": "cache.t4g.micro"}}}
    group = resources("group", {"CacheNodeType": {"Fn::FindInMap": ["Values", ACCOUNT, "Type"]}})["It"]
    member = {"ReplicationGroupId": {"Ref": "Cache"}, "ReplicationGroupRegion": "us-east-1", "Role": "PRIMARY"}
    store = resources("global", {"Members": [member]})["It"]
    template = Template.of({"Resources": {"Cache": group, "Store": store}, "Mappings": mapping})
    found = [finding for finding in check_template(template) if finding.rule == "global-datastore/node-type"]
    assert [finding.severity.value for finding in found] == ["error"]


def test_a_lookup_in_a_condition_is_not_one_of_the_resource() -> None:
    _, change = looked_up("Port", ACCOUNT, 80, 443)
    conditions = {"Low": {"Fn::Equals": [change["Port"], 80]}}
    group = resources("group", {"Port": {"Fn::If": ["Low", 6380, 6381]}})
    template = Template.of({"Resources": group, "Conditions": conditions, "Mappings": change["/Mappings"]})
    assert template.resources["It"].lookups == {}

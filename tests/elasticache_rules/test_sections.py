"""The sections Mappings and Parameters: keys that do not exist, ranges without a valid number, and defaults."""

from typing import Any

import pytest

from elasticache_rules import Finding, Template, check_template
from elasticache_rules.declared import breaches, differs
from elasticache_rules.ranges import has_range, number_of, probes
from tests.elasticache_rules.examples import document

REGION = {"Ref": "AWS::Region"}
MAPPINGS = {
    "Kept": {"us-east-1": {"Days": 7, "Old": 99}, "eu-west-1": {"Days": 8, "Old": 99}},
    "Of": {"dev": {"Days": 1}, "prod": {"Days": 7}},
}
ENV = {"Type": "String", "AllowedValues": ["dev", "prod"]}


def found(days: Any, region: str | None = None, **sections: Any) -> list[Finding]:
    whole = {**document("group", {"SnapshotRetentionLimit": days}), "Mappings": MAPPINGS, **sections}
    return check_template(Template.of(whole, region=region))


def told(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(finding.severity.value, finding.rule, finding.value) for finding in findings]


def kept(*keys: Any) -> dict[str, Any]:
    return {"Fn::FindInMap": list(keys)}


MISSING = "references/mapping"


@pytest.mark.parametrize(
    ("keys", "parameter", "expected"),
    [
        (("Kept", REGION, "Weeks"), ENV, [("error", MISSING, "'Weeks'")]),
        (("Kept", REGION, "Old"), ENV, [("error", "backup/retention", "99")]),
        (("Kept", REGION, "Days"), ENV, []),
        (("Of", {"Ref": "Env"}, "Days"), ENV, []),
        (("Of", {"Ref": "Env"}, "Weeks"), ENV, [("error", MISSING, "'Weeks'")]),
        (("Of", {"Ref": "Env"}, "Days"), {"Type": "String"}, []),
        (
            ("Of", {"Ref": "Env"}, "Days"),
            {"Type": "String", "AllowedValues": ["dev", "test"]},
            [("warning", MISSING, "'test' with parameter Env 'test'")],
        ),
        (
            ("Of", {"Ref": "Env"}, "Days"),
            {"Type": "String", "AllowedValues": ["test", "live"]},
            [("error", MISSING, "'test' with parameter Env 'test'")],
        ),
        (
            ("Of", {"Ref": "Env"}, "Days"),
            {"Type": "String", "Default": "test"},
            [("warning", MISSING, "'test' with the default of parameter Env")],
        ),
        (("Of", {"Ref": "Env"}, "Weeks", {"DefaultValue": 7}), ENV, []),
        (("Of", {"Ref": "Env"}, "Weeks", {"DefaultValue": 99}), ENV, [("error", "backup/retention", "99")]),
    ],
)
def test_a_key_that_a_mapping_does_not_have(
    keys: tuple[Any, ...], parameter: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    assert told(found(kept(*keys), Parameters={"Env": parameter})) == expected


def test_the_region_is_a_key() -> None:
    assert told(found(kept("Kept", REGION, "Days"), "us-east-1")) == []
    assert told(found(kept("Kept", REGION, "Days"), "us-west-2")) == [("error", MISSING, "'us-west-2'")]


CONDITIONS = {"Prod": {"Fn::Equals": [{"Ref": "AWS::AccountId"}, "1"]}}


def test_a_side_of_a_condition_is_certain_where_its_keys_are_literal() -> None:
    literal = {"Fn::If": ["Prod", kept("Of", "test", "Days"), 7]}
    by_region = {"Fn::If": ["Prod", kept("Kept", REGION, "Days"), 7]}
    assert told(found(literal, Conditions=CONDITIONS)) == [("error", MISSING, "'test'")]
    assert told(found(by_region, "us-west-2", Conditions=CONDITIONS)) == [
        ("warning", MISSING, "'us-west-2' when condition Prod is true")
    ]


def test_a_condition_is_no_part_of_the_resource_that_uses_it() -> None:
    conditions = {"Long": {"Fn::Equals": [kept("Of", "test", "Days"), 7]}}
    assert told(found({"Fn::If": ["Long", 7, 8]}, Conditions=conditions)) == []


@pytest.mark.parametrize(
    "sections",
    [
        {"Mappings": {"Fn::Transform": {"Name": "AWS::Include"}}},
        {"Mappings": {"Of": {"Fn::Transform": {"Name": "AWS::Include"}}}},
        {"Mappings": {"Of": {1.5: {"Days": 7}}}},
        {"Mappings": {"Of": "text"}},
        {"Transform": "Org::Macro"},
    ],
)
def test_what_a_mapping_may_get_later_is_not_missing(sections: dict[str, Any]) -> None:
    assert told(found(kept("Of", "test", "Days"), **sections)) == []


def test_a_key_that_is_a_number_may_be_written_in_another_way() -> None:
    mappings = {"Of": {"1.10": {"Days": 7}}}
    assert told(found(kept("Of", 1.1, "Days"), Mappings=mappings)) == []
    assert told(found(kept("Of", "1.1", "Days"), Mappings=mappings)) == [("error", MISSING, "'1.1'")]


def test_resources_alone_may_be_a_part_of_a_template() -> None:
    part = document("group", {"SnapshotRetentionLimit": kept("Of", "test", "Days")})
    assert check_template(Template.of(part)) == []
    assert [finding.rule for finding in check_template(Template.of({**part, "Parameters": {}}))] == [MISSING]


def test_what_an_include_adds_to_the_resources_is_not_missing() -> None:
    part = document("group", {"NotificationTopicArn": {"Ref": "Topic"}})
    included = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://bucket/topic.json"}}}
    for whole in ({**part, **included}, {"Resources": {**part["Resources"], **included}}):
        assert [finding.rule for finding in check_template(Template.of(whole))] == []
    assert [finding.rule for finding in check_template(Template.of(part))] == ["references/resolved"]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"MinValue": 36, "MaxValue": 90}, ["error 36"]),
        ({"MinValue": 36}, ["error 36"]),
        ({"MaxValue": -1}, ["error -1"]),
        ({"MinValue": "36", "MaxValue": "90"}, ["error 36"]),
        ({"MinValue": 35, "MaxValue": 90}, []),
        ({"MinValue": -9, "MaxValue": 0}, []),
        ({"MinValue": -90}, []),
        ({"MinValue": 0, "MaxValue": 90, "Default": 40}, ["warning 40"]),
        ({"MinValue": 40, "MaxValue": 90, "Default": 41}, ["error 41"]),
        ({"MinValue": 36, "AllowedValues": [7]}, []),
        ({"Type": "String", "MinValue": 36}, []),
        ({}, []),
        ({"MinValue": 36.2, "MaxValue": 36.8}, []),
    ],
)
def test_a_range_of_a_parameter_without_a_valid_number(entry: dict[str, Any], expected: list[str]) -> None:
    findings = found({"Ref": "Days"}, Parameters={"Days": {"Type": "Number", **entry}})
    assert [f"{finding.severity.value} {finding.value.split()[0]}" for finding in findings] == expected


def test_a_range_is_shown() -> None:
    def value(**entry: int) -> str:
        (finding,) = found({"Ref": "Days"}, Parameters={"Days": {"Type": "Number", **entry}})
        return finding.value

    assert value(MinValue=36, MaxValue=90) == "36 with parameter Days, which takes no valid number from 36 up to 90"
    assert value(MaxValue=-1) == "-1 with parameter Days, which takes no valid number up to -1"


def test_a_bound_that_the_template_gives_is_tried() -> None:
    """The maximum of a scalable target is at least its minimum, which only the template holds."""
    change = {"MinCapacity": 217, "MaxCapacity": {"Ref": "Most"}}
    for least, errors in ((2, 0), (1, 0)):
        parameters = {"Most": {"Type": "Number", "MinValue": least, "MaxValue": 400}}
        findings = check_template(Template.of({**document("target", change), "Parameters": parameters}))
        assert len(findings) == errors
    parameters = {"Most": {"Type": "Number", "MinValue": 2, "MaxValue": 216}}
    findings = check_template(Template.of({**document("target", change), "Parameters": parameters}))
    assert [finding.severity.value for finding in findings] == ["error"]


def test_too_many_numbers_are_not_certain() -> None:
    numbers = list(range(1000, 9000, 7))
    assert list(probes({"MinValue": 100}, numbers))[-1] is None
    assert None not in list(probes({"MinValue": 100}, []))
    tags = [{"Key": f"k{number}", "Value": str(number)} for number in numbers]
    group = document("group", {"SnapshotRetentionLimit": {"Ref": "Days"}, "Tags": tags[:40]})
    many = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Tags": tags}}}
    parameters = {"Days": {"Type": "Number", "MinValue": 36}}
    whole = {"Resources": {**group["Resources"], **many}, "Parameters": parameters}
    assert check_template(Template.of(whole)) == []


@pytest.mark.parametrize(
    ("value", "number"),
    [(1, 1.0), ("1.5", 1.5), ("x", None), (True, None), (None, None), ("inf", None), ("1" * 31, None), ([1], None)],
)
def test_numbers(value: object, number: float | None) -> None:
    assert number_of(value) == number


def test_a_range_is_of_a_number() -> None:
    assert has_range({"Type": "Number", "MinValue": 1})
    assert has_range({"Type": "Number", "MaxValue": "1"})
    assert not has_range({"Type": "Number", "MaxValue": "x"})
    assert not has_range({"MaxValue": 1})


def test_a_list_may_hold_any_of_its_allowed_values() -> None:
    entry: dict[str, Any] = {"Type": "CommaDelimitedList", "AllowedValues": ["us-east-1a", "us-east-1b"]}
    change = {"PreferredAvailabilityZones": {"Ref": "Zones"}, "NumCacheNodes": 2, "AZMode": "cross-az"}
    whole = {**document("memcached", change), "Parameters": {"Zones": entry}}
    assert check_template(Template.of(whole)) == []
    entry["Default"] = "us-east-1a,us-east-1b"
    assert check_template(Template.of(whole)) == []


BOTH = ["a", "b"]


@pytest.mark.parametrize(
    ("entry", "constraints"),
    [
        ({"Type": "Number", "Default": 3, "MinValue": 3, "MaxValue": 3}, []),
        ({"Type": "Number", "Default": 3, "MinValue": 4}, ["MinValue"]),
        ({"Type": "Number", "Default": "3", "MaxValue": "2"}, ["MaxValue"]),
        ({"Type": "Number", "Default": "three"}, ["Type"]),
        ({"Type": "List<Number>", "Default": "1, 2"}, []),
        ({"Type": "List<Number>", "Default": "1,b"}, ["Type"]),
        ({"Type": "List<Number>", "Default": "9", "MaxValue": 2}, []),
        ({"Type": "String", "Default": "c", "AllowedValues": BOTH}, ["AllowedValues"]),
        ({"Default": "a", "AllowedValues": BOTH}, []),
        ({"Type": "String", "Default": True, "AllowedValues": ["true", "false"]}, []),
        ({"Type": "String", "Default": "true", "AllowedValues": [True, False]}, []),
        ({"Type": "Number", "Default": "1.0", "AllowedValues": [1]}, []),
        ({"Type": "String", "Default": "c", "AllowedValues": [{"Ref": "x"}]}, []),
        ({"Type": "CommaDelimitedList", "Default": "a, b", "AllowedValues": BOTH}, []),
        ({"Type": "CommaDelimitedList", "Default": "a,c", "AllowedValues": BOTH}, ["AllowedValues"]),
        ({"Type": "CommaDelimitedList", "Default": "a,b", "MaxLength": 2}, []),
        ({"Type": "String", "Default": "abc", "MinLength": 3, "MaxLength": "3"}, []),
        ({"Type": "String", "Default": "abc", "MinLength": 4}, ["MinLength"]),
        ({"Type": "String", "Default": "abc", "MaxLength": "2"}, ["MaxLength"]),
        ({"Type": "String", "Default": "abc", "AllowedPattern": "[a-c]+"}, []),
        ({"Type": "String", "Default": "abcd", "AllowedPattern": "[a-c]+"}, ["AllowedPattern"]),
        ({"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a/b", "AllowedPattern": "x"}, []),
        ({"Type": "String", "MinLength": 1}, []),
        ({"Type": "String", "Default": ["a"], "MinLength": 9}, []),
    ],
)
def test_a_default_and_the_constraints_of_its_parameter(entry: dict[str, Any], constraints: list[str]) -> None:
    assert [name for name, _ in breaches(entry)] == constraints


def test_long_lists_of_allowed_values_are_cut() -> None:
    def asked(count: int) -> str:
        ((_, text),) = breaches({"Default": "x", "AllowedValues": list(range(count))})
        return text

    assert asked(10) == "is one of its AllowedValues (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)"
    assert asked(11) == "is one of its AllowedValues (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...)"


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        (r"(\d{1,3}\.){3}\d{1,3}/\d{1,2}", "10.0.0.0/16", False),
        (r"(\d{1,3}\.){3}\d{1,3}/\d{1,2}", "10.0.0.0", True),
        (r"(?:[0-9]|[1-9][0-9]|1[0-9]{2})", "256", True),
        (r"[^x]y|a.c", "b", True),
        (r"\d", "\u0663", True),
        (r"(a+)+b", "a" * 60, False),
        (r"(a?){40}b", "a" * 40, False),
        (r"a*a*a*b", "a" * 8, True),
        (r"a*a*a*a*a*a*a*b", "a" * 200, False),
        (r"a", "b" * 256, True),
        (r"a", "b" * 257, False),
        (r"[a", "b", False),
        (r"\p{Alpha}+", "1", False),
        (r"(?=a)b", "c", False),
        (r"a++", "b", False),
    ],
)
def test_a_text_certainly_differs_from_a_pattern(pattern: str, value: str, expected: bool) -> None:
    assert differs(pattern, value) is expected

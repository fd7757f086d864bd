"""Functions of templates: what they give where the template says enough, and what stays unknown."""

from typing import Any

import pytest

from elasticache_rules import Reference, Template, Unknown, check_template, unjudged
from elasticache_rules.template import MAYBE_ABSENT, Composite

SECTIONS: dict[str, Any] = {
    "Parameters": {"Given": {"Type": "String"}, "Region": {"Type": "String", "Default": "x"}},
    "Mappings": {
        "Sizes": {"us-east-1": {"Nodes": 9}, "7": {"Nodes": 2}},
        "Equal": {"a": {"Nodes": 4}, "b": {"Nodes": 4, "More": 1}},
        "Read": {7.5: {True: "yes"}},
    },
    "Conditions": {
        "Yes": {"Fn::Equals": ["a", "a"]},
        "No": {"Fn::Not": [{"Condition": "Yes"}]},
        "Both": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]},
        "Either": {"Fn::Or": [{"Condition": "Open"}, {"Condition": "Yes"}]},
        "AllOpen": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "Open"}]},
        "NoneOpen": {"Fn::Or": [{"Condition": "No"}, {"Condition": "Open"}]},
        "NoOpen": {"Fn::And": [{"Condition": "Open"}, {"Condition": "No"}]},
        "NotTwo": {"Fn::Not": [{"Condition": "Yes"}, {"Condition": "Yes"}]},
        "Open": {"Fn::Equals": [{"Ref": "Given"}, "a"]},
        "Numbers": {"Fn::Equals": [1, "1"]},
        "Truth": {"Fn::Equals": [True, "true"]},
        "Itself": {"Fn::Not": [{"Condition": "Itself"}]},
        "Broken": {"Fn::Equals": ["a"]},
        "Unlike": {"Fn::Contains": [["a"], "a"]},
        "Text": "Yes",
    },
}


def fold(value: Any, **sections: Any) -> Any:
    whole = {
        **SECTIONS,
        **sections,
        "Resources": {"It": {"Type": "T", "Properties": {"P": value}}, "Other": {"Type": "T"}},
    }
    return Template.of(whole, region="us-east-1").resources["It"].get("P")


@pytest.mark.parametrize(
    ("value", "folded"),
    [
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Fn::Sub": "a-${AWS::Region}"}, "a-us-east-1"),
        ({"Fn::Sub": ["${A}-${B}", {"A": "a", "B": 1}]}, "a-1"),
        ({"Fn::Sub": ["${A}", {"A": {"Ref": "Other"}}]}, Composite((Reference("Other"),))),
        ({"Fn::Sub": "${!Literal} ${ Other }"}, Composite(("${Literal} ", Reference("Other")))),
        ({"Fn::Sub": ""}, ""),
        ({"Fn::Join": [",", ["a", {"Ref": "Other"}, True]]}, Composite(("a,", Reference("Other"), ",true"))),
        ({"Fn::Join": ["", [{"Fn::Sub": "${Other}-b"}, "c"]]}, Composite((Reference("Other"), "-bc"))),
        ({"Fn::Join": ["", []]}, ""),
        ({"Fn::Join": [",", {"Fn::Split": ["-", "a-b"]}]}, "a,b"),
        ({"Fn::Select": [0, [9, 2]]}, 9),
        ({"Fn::Select": ["1", {"Fn::Split": [",", "a,b"]}]}, "b"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "Nodes"]}, 9),
        ({"Fn::FindInMap": ["Sizes", 7, "Nodes"]}, 2),
        ({"Fn::FindInMap": ["Sizes", "x", "Nodes", {"DefaultValue": 3}]}, 3),
        ({"Fn::FindInMap": ["Sizes", "7", "Nodes", {"DefaultValue": 3}]}, 2),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Given"}, "Nodez", {"DefaultValue": 3}]}, 3),
        ({"Fn::FindInMap": ["Sizes", "7", {"Ref": "Given"}]}, 2),
        ({"Fn::FindInMap": ["Equal", {"Ref": "Given"}, "Nodes"]}, 4),
        ({"Fn::FindInMap": ["Read", "7.5", True]}, "yes"),
        ({"Fn::Base64": "abc"}, "YWJj"),
        ({"Fn::Base64": {"Fn::Sub": "${Other}!"}}, Composite((Reference("Other"), "!"))),
        ({"Fn::Length": [1, 2]}, 2),
        ({"Fn::GetAtt": ["Other", {"Fn::Sub": "Endpoint.Port"}]}, Reference("Other", "Endpoint.Port")),
        ({"Fn::If": ["Yes", 1, 2]}, 1),
        ({"Fn::If": ["No", 1, 2]}, 2),
        ({"Fn::If": ["Both", 1, 2]}, 2),
        ({"Fn::If": ["Either", 1, 2]}, 1),
        ({"Fn::If": ["NoOpen", 1, 2]}, 2),
        ({"Fn::If": ["Numbers", 1, 2]}, 1),
        ({"Fn::If": ["Truth", 1, 2]}, 1),
        ({"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}, None),
        ({"Fn::If": ["Open", {"Ref": "AWS::NoValue"}, {"Ref": "AWS::NoValue"}]}, None),
        ({"Fn::If": ["Open", 3, 3]}, 3),
        ({"Fn::If": ["Open", {"Ref": "AWS::NoValue"}, 1]}, MAYBE_ABSENT),
        ("{{resolve:ssm:/name}}", Unknown("{{resolve:ssm:/name}}")),
        ("{{resolve:ssm:/a}} and {{resolve:ssm:/b}}", Unknown("{{resolve:ssm:/a}} and {{resolve:ssm:/b}}")),
        ("{{resolve:secretsmanager:", "{{resolve:secretsmanager:"),
        ("}} {{resolve:secretsmanager:", "}} {{resolve:secretsmanager:"),
        (
            {"Fn::Join": ["", ["{{resolve:secretsmanager:", "app", ":SecretString}}"]]},
            Unknown("{{resolve:secretsmanager:app:SecretString}}"),
        ),
        ("${self:custom.name}", Unknown("${self:custom.name}")),
    ],
)
def test_a_function_with_a_known_result(value: Any, folded: Any) -> None:
    assert fold(value) == folded
    assert type(fold(value)) is type(folded)


@pytest.mark.parametrize(
    "value",
    [
        *(
            {"Fn::If": [name, 1, 2]}
            for name in ("Open", "AllOpen", "NoneOpen", "NotTwo", "Itself", "Broken", "Unlike", "Text", "Nowhere")
        ),
        {"Fn::If": [["Yes"], 1, 2]},
        {"Fn::If": ["Yes", 1]},
        {"Fn::If": ["Open", 1, True]},
        {"Fn::Select": [2, [9, 2]]},
        {"Fn::Select": [-1, [9, 2]]},
        {"Fn::Select": ["x", [9, 2]]},
        {"Fn::Select": [0, {"Ref": "Given"}]},
        {"Fn::Select": [0, [{"Fn::If": ["Open", {"Ref": "AWS::NoValue"}, 1]}]]},
        {"Fn::Select": 5},
        {"Fn::FindInMap": ["Sizes", {"Ref": "Given"}, "Nodes"]},
        {"Fn::FindInMap": ["Sizes", "x", "Nodes"]},
        {"Fn::FindInMap": ["Sizes"]},
        {"Fn::FindInMap": ["Equal", {"Ref": "Given"}, "Nodes", {"DefaultValue": 3}]},
        {"Fn::FindInMap": [{"Ref": "Given"}, "a", "Nodez"]},
        {"Fn::Split": ["", "ab"]},
        {"Fn::Split": [",", {"Ref": "Given"}]},
        {"Fn::Join": [",", {"Ref": "Given"}]},
        {"Fn::Join": ["", [["nested"]]]},
        {"Fn::Join": ["", [{"Fn::If": ["Open", {"Ref": "AWS::NoValue"}, "a"]}]]},
        {"Fn::Join": "x"},
        {"Fn::Base64": {"Ref": "Given"}},
        {"Fn::Length": {"Ref": "Given"}},
        {"Fn::ImportValue": "x"},
        {"Fn::Transform": {"Name": "AWS::Include"}, "Other": 1},
        {"Fn::Cidr": ["10.0.0.0/16", 1, 1]},
        {"Ref": ["Given"]},
        {"Ref": "AWS::StackName"},
        {"Fn::GetAtt": ["Other"]},
        {"Fn::GetAtt": ["Other", {"Ref": "Given"}]},
        {"Fn::Sub": ["${A}", {"A": {"Ref": "AWS::NoValue"}}, 1]},
    ],
)
def test_a_function_whose_result_only_the_deployment_knows(value: Any) -> None:
    folded = fold(value)
    assert isinstance(folded, Unknown)
    assert folded.text
    assert folded is not MAYBE_ABSENT


def test_two_unknown_values_differ_by_what_the_template_says() -> None:
    assert fold({"Fn::ImportValue": "one"}) != fold({"Fn::ImportValue": "two"})
    assert fold({"Ref": "Given"}) == fold({"Ref": "Given"})


def test_texts_that_functions_multiply_are_unknown_beyond_a_limit() -> None:
    half = "x" * 50_000
    assert fold({"Fn::Sub": ["${A}${A}", {"A": half}]}) == half * 2
    assert isinstance(fold({"Fn::Sub": ["${A}${A}.", {"A": half}]}), Unknown)


def test_conditions_that_refer_to_each_other_many_times_end() -> None:
    conditions = {f"C{n}": {"Fn::And": [{"Condition": f"C{n + 1}"}] * 9} for n in range(200)}
    assert isinstance(fold({"Fn::If": ["C0", 1, 2]}, Conditions=conditions), Unknown)
    deep: Any = {"Condition": "Yes"}
    for _ in range(60):
        deep = {"Fn::Not": [deep]}
    assert isinstance(fold({"Fn::If": ["Deep", 1, 2]}, Conditions={**SECTIONS["Conditions"], "Deep": deep}), Unknown)


def test_a_list_whose_member_may_be_absent_has_no_known_length() -> None:
    maybe = {"Fn::If": ["Open", "b", {"Ref": "AWS::NoValue"}]}
    whole = {
        **SECTIONS,
        "Resources": {"It": {"Type": "T", "Properties": {"P": ["a", maybe], "Q": ["a", {"Ref": "Given"}]}}},
    }
    it = Template.of(whole).resources["It"]
    assert it.items("P") is None
    assert it.targets("P") is None
    assert len(it.items("Q") or []) == 2


# What Fn::Transform may add is not absent.
def test_nothing_is_certainly_absent_beside_a_macro() -> None:
    for properties in ({"Fn::Transform": {"Name": "AWS::Include"}}, {"Fn::Transform": [], "Port": 6379}):
        entry = {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": properties}
        template = Template.of({"Resources": {"It": entry}})
        it = template.resources["It"]
        assert not it.lacks("CacheNodeType")
        assert not it.has("CacheNodeType")
        assert it.get("CacheNodeType") is MAYBE_ABSENT
        assert check_template(template) == []
        assert [value.property_path for value in unjudged(template)] == ["Fn::Transform"]
    entry = {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {"Fn::Transform": {}, "Port": 80}}
    assert [finding.property_path for finding in check_template(Template.of({"Resources": {"It": entry}}))] == ["Port"]


@pytest.mark.parametrize(
    ("transform", "open"),
    [
        ("AWS::Serverless-2016-10-31", False),
        (["Own"], True),
        ({"Name": "Own"}, True),
        ("AWS::LanguageExtensions", False),
    ],
)
def test_a_macro_of_the_account_may_change_every_resource(transform: object, open: bool) -> None:
    group = {"Type": "AWS::ElastiCache::User", "Properties": {"UserName": {"Ref": "Elsewhere"}}}
    template = Template.of({"Transform": transform, "Resources": {"It": group}})
    assert template.resources["It"].open is open
    unresolved = [finding for finding in check_template(template) if finding.rule == "references/resolved"]
    assert len(unresolved) == (1 if transform == "AWS::LanguageExtensions" else 0)

"""Functions of templates: what they give where the template says enough, and what stays unknown."""

from typing import Any

import pytest

from elasticache_rules import Finding, Reference, Severity, Template, Unknown, check_template, unjudged
from elasticache_rules.foreach import _MOST
from elasticache_rules.template import MAYBE_ABSENT, Composite
from tests.elasticache_rules.examples import document, resources

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


LOOP = {
    "Fn::ForEach::Caches": [
        "Name",
        ["One", "Two"],
        {"Cache${Name}": resources("group", {"Port": 80, "ReplicationGroupId": "app-${Name}"})["It"]},
    ]
}


def ids(whole: dict[str, Any]) -> list[str]:
    return [finding.logical_id for finding in check_template(Template.of(whole)) if finding.rule == "network/port"]


def test_a_loop_is_expanded() -> None:
    assert ids({"Transform": "AWS::LanguageExtensions", "Resources": LOOP}) == ["CacheOne", "CacheTwo"]
    template = Template.of({"Resources": LOOP})
    assert [resource.text("ReplicationGroupId") for resource in template.resources.values()] == ["app-One", "app-Two"]


@pytest.mark.parametrize(
    ("collection", "expected"),
    [
        ({"Ref": "Names"}, ["CacheA", "CacheB"]),
        ({"Fn::FindInMap": ["M", "all", "names"]}, ["CacheX"]),
        ({"Ref": "Nothing"}, []),
        ({"Fn::FindInMap": ["M"]}, []),
        ({"Fn::Split": [",", "a"]}, []),
        ("text", []),
    ],
)
def test_the_collection_of_a_loop(collection: object, expected: list[str]) -> None:
    body = {"Cache${Name}": resources("group", {"Port": 80})["It"]}
    whole = {
        "Parameters": {"Names": {"Type": "CommaDelimitedList", "Default": "A, B"}},
        "Mappings": {"M": {"all": {"names": ["X"]}}},
        "Resources": {"Fn::ForEach::Caches": ["Name", collection, body]},
    }
    assert ids(whole) == expected
    unread = [value.logical_id for value in unjudged(Template.of(whole))]
    assert unread == ([] if expected else ["Fn::ForEach::Caches"])


def test_loops_within_loops_and_in_properties() -> None:
    inner = {
        "Fn::ForEach::In": ["B", ["x", "y"], {"C&{A}${B}": {"Type": "T", "Properties": {"P": [{"Ref": "A"}, "${B}"]}}}]
    }
    whole = {"Resources": {"Fn::ForEach::Out": ["A", ["1", 2], inner]}}
    resources_ = Template.of(whole).resources
    assert {id: finding.get("P") for id, finding in resources_.items()} == {
        "C1x": ["1", "x"],
        "C1y": ["1", "y"],
        "C2x": ["2", "x"],
        "C2y": ["2", "y"],
    }
    properties = {"Fn::ForEach::P": ["A", ["x"], {"${A}": 1}], "Fn::ForEach::Q": "broken"}
    loops = {"Transform": ["AWS::LanguageExtensions"], "Resources": {"It": {"Type": "T", "Properties": properties}}}
    assert Template.of(loops).resources["It"].properties == {"x": 1}


def test_the_copies_of_a_loop_are_limited() -> None:
    names = [str(number) for number in range(100)]
    whole = {
        "Resources": {"Fn::ForEach::A": ["A", names, {"Fn::ForEach::B": ["B", names, {"C${A}x${B}": {"Type": "T"}}]}]}
    }
    assert len(Template.of(whole).resources) < _MOST


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

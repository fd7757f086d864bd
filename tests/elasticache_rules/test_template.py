"""A template as a graph: references followed, NoValue dropped, what is unknown kept unknown."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_rules import UNKNOWN, Reference, Template, Unknown, all_rules, check_template, facts
from elasticache_rules.template import MAYBE_ABSENT, Composite, as_boolean, as_integer

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [
        "Engine",
        "EngineVersion",
        "NumNodeGroups",
        "NumCacheClusters",
        "ReplicasPerNodeGroup",
        "NodeGroupConfiguration",
        "CacheNodeType",
        "CacheParameterGroupName",
        "UserGroupIds",
        "UserIds",
        "AuthToken",
        "Port",
        "SnapshotWindow",
        "PreferredMaintenanceWindow",
        "AuthenticationMode",
        "Properties",
        "CacheParameterGroupFamily",
        "SubnetIds",
        "KmsKeyId",
        "MultiAZEnabled",
    ]
)
TYPES = st.sampled_from(
    [f"AWS::ElastiCache::{kind}" for kind in ("ReplicationGroup", "ParameterGroup", "SubnetGroup", "User", "UserGroup")]
)


def fold(value: Any, **others: Any) -> Any:
    resources = {"It": {"Type": "T", "Properties": {"P": value}}, **others}
    return Template.of({"Resources": resources}).resources["It"].get("P")


@pytest.mark.parametrize(
    ("value", "folded"),
    [
        ({"Ref": "Other"}, Reference("Other")),
        ({"Ref": "Parameter"}, Unknown('{"Ref":"Parameter"}')),
        ({"Fn::GetAtt": ["Other", "Arn"]}, Reference("Other", "Arn")),
        ({"Fn::GetAtt": "Other.Endpoint.Port"}, Reference("Other", "Endpoint.Port")),
        ({"Fn::GetAtt": ["Missing", "Arn"]}, Unknown('{"Fn::GetAtt":["Missing","Arn"]}')),
        ({"Ref": "AWS::NoValue"}, None),
        ({"Fn::If": ["C", 1, 2]}, Unknown('{"Fn::If":["C",1,2]}')),
        ({"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}, MAYBE_ABSENT),
        ({"Fn::If": ["C", {"Fn::If": ["D", {"Ref": "AWS::NoValue"}, 1]}, 2]}, MAYBE_ABSENT),
        ({"Fn::Join": ["-", ["a", "b"]]}, "a-b"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Parameter"}]]}, Composite(("a-", Unknown('{"Ref":"Parameter"}')))),
        ({"Fn::Sub": "plain"}, "plain"),
        ({"Fn::Sub": "a/${Other.Arn}/${P}"}, Composite(("a/", Reference("Other", "Arn"), "/", Unknown("P")))),
        ({"Fn::Sub": ["${A}", {"A": 1}]}, "1"),
        (UNKNOWN, UNKNOWN),
        ({"Fn::Join": ["", ["a/", {"Ref": "Other"}]]}, Composite(("a/", Reference("Other")))),
        ("{{resolve:ssm:name}}", Unknown("{{resolve:ssm:name}}")),
        ([1, {"Ref": "AWS::NoValue"}, {"Ref": "Other"}], [1, Reference("Other")]),
        ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
    ],
)
def test_intrinsic_functions(value: Any, folded: Any) -> None:
    assert fold(value, Other={"Type": "T"}) == folded


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), ("3", 3), ("-1", -1), (True, None), ("x", None), (3.5, None), ("", None), (None, None)],
)
def test_integers(value: Any, number: int | None) -> None:
    assert as_integer(value) == number


@pytest.mark.parametrize(("value", "truth"), [(True, True), ("true", True), ("FALSE", False), ("yes", None), (1, None)])
def test_booleans(value: Any, truth: bool | None) -> None:
    assert as_boolean(value) is truth


def test_paths_and_references() -> None:
    template = Template.of(
        {
            "Resources": {
                "A": {"Type": "T", "Properties": {"B": {"Ref": "B"}}, "Metadata": {"aws:cdk:path": "S/A"}},
                "B": {"Type": "U"},
                "NotAResource": "x",
            }
        }
    )
    assert template.resources["A"].path == "S/A"
    assert template.resources["A"].target("B") is template.resources["B"]
    assert template.resources["A"].target("C") is None
    assert [resource.logical_id for resource in template.of_type("U")] == ["B"]
    assert set(template.resources) == {"A", "B"}


@given(JSON)
def test_an_arbitrary_document_never_crashes(document: Any) -> None:
    Template.of(document if isinstance(document, dict) else {"Resources": document})


@given(st.dictionaries(st.sampled_from("ABC"), st.tuples(TYPES, st.dictionaries(NAMES, JSON, max_size=6)), max_size=3))
def test_arbitrary_properties_never_crash_a_rule(resources: dict[str, tuple[str, dict[str, Any]]]) -> None:
    document = {"Resources": {name: {"Type": kind, "Properties": props} for name, (kind, props) in resources.items()}}
    for finding in check_template(Template.of(document)):
        assert str(finding)


MAYBE = {"Fn::If": ["C", {"Ref": "Parameter"}, {"Ref": "AWS::NoValue"}]}


@given(NAMES, st.sampled_from([{"Ref": "Parameter"}, MAYBE]), TYPES)
def test_what_is_unknown_is_never_guessed_at(name: str, value: Any, kind: str) -> None:
    """A value from a parameter of the property's own type never causes a finding about itself."""
    properties = {name: value}
    known = facts.load("schema")["types"].get(kind, {"properties": {}})["properties"]
    # No type of a parameter is that of an object, so that its own is unknown there.
    types = {"array": {"Type": "CommaDelimitedList"}, "object": {}}
    declared = {"Parameter": types.get(known.get(name, {}).get("type"), {"Type": "String"})}
    template = Template.of({"Parameters": declared, "Resources": {"It": {"Type": kind, "Properties": properties}}})
    findings = [
        item
        for item in check_template(template)
        if item.rule != "schema/known" and not item.value.startswith("nothing")
    ]
    named = {finding.property_path for finding in findings}
    assert not named & set(properties)


def test_rules_have_unique_ids_sources_and_summaries() -> None:
    rules = all_rules()
    assert len({rule.id for rule in rules}) == len(rules) > 40
    for rule in rules:
        assert rule.source.startswith("https://docs.aws.amazon.com/")
        assert rule.summary.endswith(".")
        assert rule.types

"""Loops of templates, which are expanded up to a limit."""

from typing import Any

import pytest

from elasticache_rules import Template, check_template, unjudged
from elasticache_rules.foreach import _MOST
from tests.elasticache_rules.examples import resources

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

"""Which absent properties a rule takes for a value, found by making them unknown."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any, cast
from unittest import mock

from elasticache_rules import Rule, all_rules, facts
from elasticache_rules.template import UNKNOWN, Resource, Template
from tests.elasticache_rules.examples import EXAMPLES, document, region_of

RULES = {rule.id: rule for rule in all_rules()}


@cache
def _names(type: str) -> frozenset[str]:
    """The properties that rules ask for in resources of a type."""
    schema = facts.load("schema")["types"].get(type)
    return frozenset(schema["properties"]) if schema else frozenset(_asked().get(type, ()))


@cache
def _asked() -> dict[str, set[str]]:
    """The names that rules pass to `lacks`, for types without a schema here."""
    asked: dict[str, set[str]] = defaultdict(set)
    original = Resource.lacks

    def lacks(self: Resource, name: str) -> bool:
        asked[self.type].add(name)
        return original(self, name)

    with mock.patch.object(Resource, "lacks", lacks):
        for id, examples in EXAMPLES.items():
            for base, change in examples:
                _said(RULES[id], Template.of(document(base, change), region=region_of(id, change)))
    return asked


def _said(rule: Rule, template: Template) -> set[tuple[str, str]]:
    """The properties and rules of the findings for the resource It."""
    resource = template.resources["It"]
    findings = [rule.finding(resource, violation) for violation in rule.check(resource)]
    return {(finding.property_path, finding.must) for finding in findings}


def _variants(rule: Rule) -> Iterator[tuple[dict[str, Any], str | None]]:
    """The documents of the rule's examples, and each of them without one property."""
    for base, change in EXAMPLES[rule.id]:
        whole = document(base, change)
        region = region_of(rule.id, change)
        yield whole, region
        for id, entry in whole["Resources"].items():
            for name in entry.get("Properties", {}):
                properties = {key: value for key, value in entry["Properties"].items() if key != name}
                yield (
                    {**whole, "Resources": {**whole["Resources"], id: {**entry, "Properties": properties}}},
                    region,
                )


def taken_for_a_value(rule: Rule) -> set[str]:
    """The properties, as Type.Property, whose absence leads to a finding other than that they must be stated."""
    found: set[str] = set()
    for whole, region in _variants(rule):
        before = _said(rule, Template.of(whole, region=region))
        for id, entry in whole["Resources"].items():
            if not before:
                break
            for name in _names(entry["Type"]) - set(entry.get("Properties", {})):
                short = f"{entry['Type'].removeprefix('AWS::').removeprefix('ElastiCache::')}.{name}"
                if short in found:
                    continue
                template = Template.of(whole, region=region)
                cast("dict[str, Any]", template.resources[id].properties)[name] = UNKNOWN
                if any(
                    path != name or not must.startswith("be stated") for path, must in before - _said(rule, template)
                ):
                    found.add(short)
    return found

"""References: types of resources, attributes, names and keys of mappings that exist, and circular dependencies."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import EVERY_TYPE, Violation, has_rules, rule
from elasticache_rules.rules.common import place_of, place_of_function, values_at
from elasticache_rules.rules.parameter_types import resource_type
from elasticache_rules.template import OUTPUT, Composite, Reference, Resource, Template

_CFN: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
_TYPES: Final = f"{_CFN}aws-template-resource-type-ref.html"
_OPAQUE: Final = ("AWS::CloudFormation::", "Custom::")
"""Types whose `Ref` may be anything."""


@rule("references/kind", EVERY_TYPE, source=_TYPES)
def kind(resource: Resource) -> Iterator[Violation]:
    """A property that refers to another resource refers to the right type and the right attribute."""
    table = facts.load("references")
    for dotted, kind_name in table["properties"].get(resource.type, {}).items():
        if dotted.partition(".")[0] not in resource.properties:
            continue
        wanted = table["kinds"][kind_name]
        for path, value in values_at(resource.properties, dotted):
            declared = resource_type(resource.template, value)
            if declared:
                yield from _of_parameter(path, value, wanted, declared)
                continue
            if path == dotted and _is_list(resource.type, dotted):
                continue  # the wrong type is reported by another rule
            if isinstance(value, Composite) and len(value.parts) == 1:
                value = value.parts[0]  # noqa: PLW2901 - Fn::Sub of a single reference
            if _is_wrong(resource.template, value, wanted):
                yield Violation(
                    property=path,
                    value=value,
                    must=f"be {wanted['words']}",
                    fix=_fix(value, wanted),
                    severity=Severity(wanted["severity"]) if "severity" in wanted else None,
                )


def _of_parameter(path: str, value: object, wanted: Mapping[str, Any], declared: str) -> Iterator[Violation]:
    """CloudFormation takes only values of its type for a parameter, such as the ids of subnets that exist."""
    types = wanted.get("types", ())
    if declared not in types:
        fix = f"use a parameter of type {types[0]}" if types else "use a parameter of type String"
        yield Violation(property=path, value=f"a parameter of type {declared}", must=f"be {wanted['words']}", fix=fix)


def _is_list(type_name: str, name: str) -> bool:
    schema = facts.load("schema")["types"].get(type_name, {"properties": {}})
    return bool(schema["properties"].get(name, {}).get("type") == "array")


def _is_wrong(template: Template, value: object, wanted: Mapping[str, Any]) -> bool:
    if isinstance(value, Composite):
        return "like" in wanted and _is_list_as_text(value)
    if isinstance(value, str):
        return "pattern" in wanted and not _compiled(wanted["pattern"]).search(value)
    target = template.follow(value)
    if target is None or not isinstance(value, Reference):
        return False  # such as a text with a reference in it
    taken: list[str] | None = wanted["from"].get(target.type)
    known = facts.load("attributes")["types"].get(target.type)
    of_aws = target.type.startswith("AWS::") and not target.type.startswith(_OPAQUE)
    if value.attribute != "Ref" and (known is None or value.attribute not in known["attributes"]):
        # Attributes of other types are unknown here, except for ARNs; missing attributes are reported by another rule.
        return known is None and value.attribute == "Arn" and of_aws and "Arn" not in (taken or ())
    return of_aws if taken is None else value.attribute not in taken


def _is_list_as_text(value: Composite) -> bool:
    """Whether a text joins several values, of which none holds a comma or a space itself."""
    return any(isinstance(part, str) and ("," in part or " " in part) for part in value.parts)


def _fix(value: object, wanted: Mapping[str, Any]) -> str:
    if isinstance(value, Composite):
        return "write each value as a member of the list, without Fn::Join"
    if isinstance(value, str):
        return f"write it like {wanted['like']}" if "like" in wanted else "use its name, not an ARN"
    for type_name, attributes in wanted["from"].items():
        return f"use {attributes[0] if attributes[0] == 'Ref' else f'Fn::GetAtt {attributes[0]}'} of an {type_name}"
    return "write the value itself"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@rule("references/attribute", EVERY_TYPE, source=_TYPES)
def attribute(resource: Resource) -> Iterator[Violation]:
    """`Fn::GetAtt` names an attribute that the other resource has."""
    known = facts.load("attributes")["types"]
    for reference in dict.fromkeys(resource.references):
        target = resource.template.follow(reference)
        if target is None or reference.attribute == "Ref" or target.type not in known:
            continue
        names, replace = known[target.type]["attributes"], reference.attribute.replace(".List", "List")
        if not any(name == replace or name.startswith(f"{replace}.") for name in names):
            endpoints = [name for name in names if name.endswith(".Address")]
            listed = ", ".join(endpoints or names)
            yield Violation(
                property=place_of(resource, reference.logical_id, reference.attribute),
                value=reference,
                must=f"name an attribute that {target.type} has",
                fix=f"use Ref, or an attribute that exists ({listed})" if listed else "use Ref",
            )


@rule("references/resolved", EVERY_TYPE, source=f"{_CFN}intrinsic-function-reference-ref.html")
def resolved(resource: Resource) -> Iterator[Violation]:
    """The names in `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::If`, `Condition` and `DependsOn` exist in the template."""
    template = resource.template
    scope = template.scope
    if template.generated or scope is None or scope.foreign:
        return
    if not (has_rules(resource.type) or resource.type == OUTPUT):
        return
    for name in resource.missing:
        yield Violation(
            property=place_of(resource, name),
            value=name,
            must="name a resource or a parameter of the template (Ref, Fn::GetAtt, Fn::Sub)",
            fix="correct the name, or declare it",
        )
    yield from _conditions(resource, scope.section("Conditions"))
    for name in _depends_on(resource):
        if name not in scope.declared:
            yield Violation(
                property="DependsOn",
                value=name,
                must="name a resource of the template",
                fix="correct the name, or remove it",
            )


def _conditions(resource: Resource, declared: Mapping[str, Any]) -> Iterator[Violation]:
    """Conditions that do not exist; a template without any is taken for a part of one."""
    condition = resource.attributes.get("Condition")
    names = {*resource.conditions, *([condition] if isinstance(condition, str) else [])}
    for name in sorted(names - set(declared)) if declared else ():
        yield Violation(
            property="Condition" if name == condition else place_of(resource, name),
            value=name,
            must="name a condition of the template",
            fix="correct the name, or declare it under Conditions",
        )


@rule("references/mapping", EVERY_TYPE, source=f"{_CFN}intrinsic-function-reference-findinmap.html")
def mapping(resource: Resource) -> Iterator[Violation]:
    """`Fn::FindInMap` names a mapping of the template and keys that it has."""
    template = resource.template
    if not resource.unmapped or template.rewritten or template.scope is None or template.scope.foreign:
        return
    if not (has_rules(resource.type) or resource.type == OUTPUT):
        return
    for lookup in resource.unmapped:
        found_in = (
            f"a key of the mapping {'.'.join(lookup.existing)}" if lookup.existing else "a mapping of the template"
        )
        yield Violation(
            property=place_of_function(resource, "Fn::FindInMap", lookup.argument),
            value=lookup.key,
            must=f"name {found_in} (Fn::FindInMap)",
            fix="correct the name, or add it under Mappings",
        )


@rule("references/circular", EVERY_TYPE, source=f"{_CFN}aws-attribute-dependson.html")
def circular(resource: Resource) -> Iterator[Violation]:
    """No resource depends on itself, alone or through others."""
    template = resource.template
    if resource.type == OUTPUT or not (resource.references or "DependsOn" in resource.attributes):
        return
    circles = template.once("references/circular", lambda: _circles(template))
    if resource.logical_id in circles:
        circle = circles[resource.logical_id]
        first = next((reference.logical_id for reference in resource.references if reference.logical_id in circle), "")
        yield Violation(
            property=place_of(resource, first) if first else "DependsOn",
            value=" -> ".join([*circle, circle[0]]),
            must="not close a circular dependency",
            fix="remove one of the references; a rule of a security group can be a resource of its own",
        )


def _depends_on(resource: Resource) -> list[str]:
    depends_on = resource.attributes.get("DependsOn")
    names = depends_on if isinstance(depends_on, list) else [depends_on]
    return [name for name in names if isinstance(name, str)]


def _circles(template: Template) -> dict[str, list[str]]:
    """The circular dependencies as lists of logical ids, by their last resource."""
    edges = {
        id: {*(reference.logical_id for reference in resource.references), *_depends_on(resource)}
        for id, resource in template.resources.items()
    }
    # Remove the resources without dependencies, which are in no circle; few are left.
    waiting = {id: {to for to in targets if to in edges} for id, targets in edges.items()}
    ends = [id for id, targets in waiting.items() if not targets]
    sources: dict[str, list[str]] = {}
    for id, targets in waiting.items():
        for to in targets:
            sources.setdefault(to, []).append(id)
    while ends:
        end = ends.pop()
        del waiting[end]
        for id in sources.get(end, ()):
            waiting[id].discard(end)
            if not waiting[id]:
                ends.append(id)
    return _first_circles(waiting)


def _first_circles(waiting: Mapping[str, set[str]]) -> dict[str, list[str]]:
    circles: dict[str, list[str]] = {}
    seen: set[str] = set()
    for start in waiting:
        path: list[str] = []
        at = start
        # Every remaining resource depends on another remaining one.
        while at not in seen:
            seen.add(at)
            path.append(at)
            at = next(id for id in waiting if id in waiting[at])
        if at in path:
            circle = path[path.index(at) :]
            last = max(circle, key=list(waiting).index)
            turn = circle.index(last)
            circles[last] = circle[turn:] + circle[:turn]
    return circles

"""Checks from the CloudFormation schemas of all ElastiCache types: required properties, names, choices, patterns."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from elasticache_rules import facts
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import PARAMETER_GROUP
from elasticache_rules.template import Composite, Reference, Resource, Unknown, as_boolean, as_integer

_SOURCE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ElastiCache.html"
_TYPES: Final = tuple(facts.load("schema")["types"])
# Reported by separate rules with more specific messages.
_TOLD_ELSEWHERE: Final = frozenset(
    {
        "Description",
        "ReplicationGroupDescription",
        "NumCacheClusters",
        "ReplicasPerNodeGroup",
        "ReplicaCount",
        "UserId",
        "UserGroupId",
        "AccessString",
        "AuthenticationMode",
        "CacheUsageLimits",
        "Tags",
        "Passwords",
        "SubnetIds",
    }
)
_REQUIRED_ELSEWHERE: Final = frozenset({"Description", "ReplicationGroupDescription", "AccessString", "Type", "Unit"})
_OPAQUE: Final = (Unknown, Reference, Composite)
_PLAIN: Final = (str, int, float, type(None))


@rule("schema/required", *_TYPES, source=_SOURCE)
def required(resource: Resource) -> Iterator[Violation]:
    """Required properties are present."""
    schema = facts.load("schema")["types"][resource.type]
    if not resource.open:
        yield from _required(resource.properties, schema["required"], "")
    for path, value, item in _nested(resource, but=frozenset({"AuthenticationMode"})):
        if isinstance(value, Mapping):
            yield from _required(value, item.get("required", ()), path)


@rule("schema/known", *_TYPES, source=_SOURCE)
def known(resource: Resource) -> Iterator[Violation]:
    """Only properties that exist and can be set are present."""
    schema = facts.load("schema")["types"][resource.type]
    yield from _known(resource.properties, schema["properties"], "")
    for name in schema["read_only"]:
        if name in resource.properties:
            yield Violation(
                property=name,
                value=resource.properties[name],
                must="be left out, because the service sets it",
                fix="remove it, and read it with Fn::GetAtt",
            )
    for path, value, item in _nested(resource, but=frozenset({"AuthenticationMode"})):
        if isinstance(value, Mapping) and item.get("additionalProperties") is False:
            yield from _known(value, item.get("properties", {}), path)


@rule("schema/choice", *_TYPES, source=_SOURCE)
def choice(resource: Resource) -> Iterator[Violation]:
    """A property with a list of choices has one of them as its value."""
    for path, value, schema in _nested(resource):
        choices = schema.get("enum") or schema.get("enumCaseInsensitive")
        if not choices or not isinstance(value, str):
            continue
        plain = value.lower() if "enumCaseInsensitive" in schema else value
        if plain not in choices:
            yield Violation(
                property=path, value=value, must=f"be one of {', '.join(map(str, choices))}", fix="choose one of them"
            )


@rule("schema/pattern", *_TYPES, source=_SOURCE)
def pattern(resource: Resource) -> Iterator[Violation]:
    """A property with a pattern, a length or a range conforms to it."""
    told = set()
    for path, value, schema in _nested(resource):
        text = _shape(value, schema)
        if text and (path, text) not in told:
            told.add((path, text))
            yield Violation(property=path, value=value, must=text, fix="correct the value")


@rule("schema/type", *_TYPES, source=_SOURCE)
def type_of(resource: Resource) -> Iterator[Violation]:
    """Numbers, booleans, lists and objects have their type, and no property is null."""
    for path, value, schema in _nested(resource, but=frozenset()):
        wanted = str(schema.get("type"))
        readable = _READABLE.get(wanted)
        if readable is not None and not readable(value):
            yield Violation(property=path, value=value, must=f"be {_ARTICLES[wanted]}", fix="correct the value")
    yield from _text_for_more(resource)


_READABLE: Final[Mapping[str, Callable[[Any], bool]]] = {
    "integer": lambda value: as_integer(value) is not None,
    "boolean": lambda value: as_boolean(value) is not None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, Mapping),
    "string": lambda value: isinstance(value, (str, int, float)),
}
_ARTICLES: Final = {
    "integer": "an integer",
    "boolean": "a boolean",
    "array": "a list",
    "object": "an object",
    "string": "a string",
}


def _text_for_more(resource: Resource) -> Iterator[Violation]:
    """A `Ref` of a resource and a composed text are text, never a list or an object."""
    if not any(isinstance(value, (Composite, Reference)) for value in resource.properties.values()):
        return
    for name, schema in facts.load("schema")["types"][resource.type]["properties"].items():
        value, wanted = resource.properties.get(name), schema.get("type")
        is_text = isinstance(value, Composite) or (isinstance(value, Reference) and value.attribute == "Ref")
        if is_text and wanted in ("array", "object"):
            yield Violation(property=name, value=value, must=f"be {_ARTICLES[wanted]}", fix="put it into a list")


def _required(properties: Mapping[str, Any], names: list[str], path: str) -> Iterator[Violation]:
    for name in names:
        if name not in properties and name not in _REQUIRED_ELSEWHERE:
            yield Violation(property=f"{path}{'.' if path else ''}{name}", value=None, must="be stated", fix="add it")


def _known(properties: Mapping[str, Any], names: Mapping[str, Any], path: str) -> Iterator[Violation]:
    for name in properties:
        if name not in names:
            near = [candidate for candidate in names if candidate.lower() == name.lower()]
            yield Violation(
                property=f"{path}{'.' if path else ''}{name}",
                value=properties[name],
                must="be a property that exists",
                fix=f"write {near[0]}" if near else "remove it, or correct its name",
            )


def _shape(value: Any, schema: Mapping[str, Any]) -> str:
    wanted = schema.get("pattern")
    if wanted and isinstance(value, str) and not _compiled(wanted).search(value):
        digits = " and hold digits only" if wanted == "^\\d+$" else ""
        return f"match the pattern {wanted}{digits}"
    if isinstance(value, str) and "maxLength" in schema and len(value) > schema["maxLength"]:
        return f"have at most {schema['maxLength']} characters"
    if isinstance(value, str) and len(value) < schema.get("minLength", 0):
        return f"have at least {schema['minLength']} character"
    return ""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    r"""A pattern of a schema with its meaning in ECMAScript: \\d is ASCII, and $ is the very end."""
    return re.compile(re.sub(r"\$\Z", r"\\Z", pattern), re.ASCII)


def _nested(
    resource: Resource, *, but: frozenset[str] = _TOLD_ELSEWHERE
) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """Every known value below the properties with its path and schema, in this order.

    :param but: property names to skip, including their nested values.
    """
    # The rules of this module share one walk, which takes longer than any of them.
    walked = resource.template.once(f"schema {resource.logical_id}", lambda: _walked(resource))
    for path, (value, schema, names) in walked.items():
        if but.isdisjoint(names):
            yield path, value, schema


def _walked(resource: Resource) -> dict[str, Any]:
    """The known values by path, each with its schema and the property names in its path."""
    whole = facts.load("schema")["types"][resource.type]
    walked: dict[str, Any] = {}
    for name, schema in whole["properties"].items():
        if resource.type == PARAMETER_GROUP and name == "Properties":
            schema = {"type": "object"}  # noqa: PLW2901 - the engine's parameters have separate rules
        if name in resource.properties and name not in whole["read_only"]:
            for path, value, names, inner in _walk((name, resource.properties[name], (name,), schema), whole):
                walked[path] = (value, inner, names)
    return walked


_Place = tuple[str, Any, tuple[str, ...], Mapping[str, Any]]
"""The path of a value, the value, the property names in the path, and the schema of the value."""


def _walk(place: _Place, whole: Mapping[str, Any]) -> Iterator[_Place]:
    path, value, names, schema = place
    if isinstance(value, _OPAQUE):
        return
    if "$ref" in schema:
        schema = whole["definitions"].get(schema["$ref"].rpartition("/")[2], {})
    yield path, value, names, schema
    if isinstance(value, _PLAIN):
        return
    if isinstance(value, Mapping):
        for name, member in schema.get("properties", {}).items():
            if name in value:
                yield from _walk((f"{path}.{name}", value[name], (*names, name), member), whole)
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for number, member in enumerate(value):
            yield from _walk((f"{path}.{number}", member, names, schema["items"]), whole)

"""Checks from the CloudFormation schemas of all ElastiCache types: required properties, names, choices, patterns."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from elasticache_rules import facts
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import PARAMETER_GROUP
from elasticache_rules.rules.parameter_types import is_list
from elasticache_rules.template import Composite, Reference, Resource, Template, Unknown, as_boolean, as_integer

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
    for path, value, item in _walk(resource).objects:
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
    for path, value, item in _walk(resource).objects:
        if item.get("additionalProperties") is False:
            yield from _known(value, item.get("properties", {}), path)


@rule("schema/choice", *_TYPES, source=_SOURCE)
def choice(resource: Resource) -> Iterator[Violation]:
    """A property with a list of choices has one of them as its value."""
    for path, value, schema in _walk(resource).texts:
        choices = schema.get("enum") or schema.get("enumCaseInsensitive")
        if not choices:
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
    for path, value, schema in _walk(resource).texts:
        text = _shape(value, schema)
        if text and (path, text) not in told:
            told.add((path, text))
            yield Violation(property=path, value=value, must=text, fix="correct the value")


@rule("schema/unique", *_TYPES, source=_SOURCE)
def unique(resource: Resource) -> Iterator[Violation]:
    """A list that CloudFormation takes for a set holds each value once."""
    for path, value, schema in _walk(resource).lists:
        if schema.get("uniqueItems"):
            plain = [item for item in value if isinstance(item, str | Reference)]
            twice = list(dict.fromkeys(item for item in plain if plain.count(item) > 1))
            if twice:
                yield Violation(
                    property=path, value=twice, must="hold each value once", fix="remove the repeated value"
                )


@rule("schema/type", *_TYPES, source=_SOURCE)
def type_of(resource: Resource) -> Iterator[Violation]:
    """Numbers, booleans, lists and objects have their type, and no property is null."""
    for path, value, schema in _walk(resource).places:
        wanted = str(schema.get("type"))
        readable = _READABLE.get(wanted)
        if readable is not None and not readable(value):
            yield Violation(property=path, value=value, must=f"be {_ARTICLES[wanted]}", fix="correct the value")
    yield from _text_for_more(resource)
    yield from _unknown_of_other_type(resource)
    if resource.type == PARAMETER_GROUP:
        yield from _parameters_as_text(resource)


_READABLE: Final[Mapping[str, Callable[[Any], bool]]] = {
    "integer": lambda value: as_integer(value) is not None,
    "boolean": lambda value: as_boolean(value) is not None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, Mapping),
    "string": lambda value: isinstance(value, (str, int, float)),
}
_OF_ONE: Final = ("integer", "boolean", "object", "string")
_ARTICLES: Final = {
    "integer": "an integer",
    "boolean": "a boolean",
    "array": "a list",
    "object": "an object",
    "string": "a string",
}


def _text_for_more(resource: Resource) -> Iterator[Violation]:
    """A `Ref` of a resource, its id and a composed text are text, never a list or an object."""
    texts = {name: value for name, value in resource.properties.items() if _is_text(resource.template, value)}
    if not texts:
        return
    for name, schema in facts.load("schema")["types"][resource.type]["properties"].items():
        wanted = schema.get("type") if name in texts else None
        if wanted in ("array", "object"):
            yield Violation(property=name, value=texts[name], must=f"be {_ARTICLES[wanted]}", fix="put it into a list")


def _unknown_of_other_type(resource: Resource) -> Iterator[Violation]:
    """A value that is only known at deployment may be known to be a list, or to be text."""
    for path, value, schema in _walk(resource).unknown:
        wanted, listed = str(schema.get("type")), is_list(resource.template, value)
        if listed is None or wanted not in (_OF_ONE if listed else ("array", "object")):
            continue
        member = path.rpartition(".")[2].isdigit()
        fix = "put it into a list, or split it with Fn::Split" if wanted == "array" else "write the object itself"
        if listed:
            fix = "use it in place of the list" if member else "take one value of it, with Fn::Select"
        yield Violation(property=path, value=value, must=f"be {_ARTICLES[wanted]}", fix=fix)


def _parameters_as_text(group: Resource) -> Iterator[Violation]:
    parameters = group.get("Properties")
    for name, value in parameters.items() if isinstance(parameters, Mapping) else ():
        if isinstance(value, Mapping | list | None):
            yield Violation(property=f"Properties.{name}", value=value, must="be a string", fix="correct the value")


def _is_text(template: Template, value: Any) -> bool:
    if not isinstance(value, Reference) or value.attribute == "Ref":
        return isinstance(value, Composite | Reference)
    target = template.follow(value)
    kinds = facts.load("references")["kinds"].values()
    return target is not None and any(value.attribute in kind["from"].get(target.type, ()) for kind in kinds)


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


def _shape(value: str, schema: Mapping[str, Any]) -> str:
    wanted = schema.get("pattern")
    if wanted and not _compiled(wanted).search(value):
        digits = " and hold digits only" if wanted == "^\\d+$" else ""
        return f"match the pattern {wanted}{digits}"
    if "maxLength" in schema and len(value) > schema["maxLength"]:
        return f"have at most {schema['maxLength']} characters"
    if len(value) < schema.get("minLength", 0):
        return f"have at least {schema['minLength']} character"
    return ""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    r"""A pattern of a schema with its meaning in ECMAScript: \\d is ASCII, and $ is the very end."""
    return re.compile(re.sub(r"\$\Z", r"\\Z", pattern), re.ASCII)


_Place = tuple[str, Any, Mapping[str, Any]]
"""The path of a value, the value, and its schema."""


class _Walk:
    """The values below the properties of a resource, in the order of the schema.

    `places` are all known values, and `unknown` those that are only known at deployment; `objects`, `texts` and `lists`
    are known values whose properties, text and members this module checks.

    :param whole: the schema of the resource type.
    """

    __slots__ = ("_whole", "lists", "objects", "places", "texts", "unknown")

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._whole = whole
        self.places: list[_Place] = []
        self.objects: list[_Place] = []
        self.texts: list[_Place] = []
        self.lists: list[_Place] = []
        self.unknown: list[_Place] = []

    def add(self, place: _Place, names: tuple[str, ...]) -> None:
        """Add a value and those in it.

        :param names: the property names in its path.
        """
        path, value, schema = place
        if "$ref" in schema:
            schema = self._whole["definitions"].get(schema["$ref"].rpartition("/")[2], {})
            place = (path, value, schema)
        if isinstance(value, Unknown):
            self.unknown.append(place)
        elif isinstance(value, _PLAIN):
            self.places.append(place)
            if isinstance(value, str) and _TOLD_ELSEWHERE.isdisjoint(names):
                self.texts.append(place)
        elif not isinstance(value, _OPAQUE):
            self.places.append(place)
            if isinstance(value, list) and _TOLD_ELSEWHERE.isdisjoint(names):
                self.lists.append(place)
            if isinstance(value, Mapping):
                self._add_properties(place, names)
            elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
                for number, member in enumerate(value):
                    self.add((f"{path}.{number}", member, schema["items"]), names)

    def _add_properties(self, place: _Place, names: tuple[str, ...]) -> None:
        path, value, schema = place
        if "AuthenticationMode" not in names:
            self.objects.append(place)
        for name, member in schema.get("properties", {}).items():
            if name in value:
                self.add((f"{path}.{name}", value[name], member), (*names, name))


def _walk(resource: Resource) -> _Walk:
    # The rules of this module share one walk, which takes longer than any of them.
    walk: _Walk = resource.template.once(f"schema {resource.logical_id}", lambda: {"walk": _walked(resource)})["walk"]
    return walk


def _walked(resource: Resource) -> _Walk:
    whole = facts.load("schema")["types"][resource.type]
    walk = _Walk(whole)
    for name, schema in whole["properties"].items():
        if resource.type == PARAMETER_GROUP and name == "Properties":
            schema = {"type": "object"}  # noqa: PLW2901 - the engine's parameters have separate rules
        if name in resource.properties and name not in whole["read_only"]:
            walk.add((name, resource.properties[name], schema), (name,))
    return walk

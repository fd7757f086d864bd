"""Converts values of properties to a form that is equal for all spellings of a value.

The template model represents everything unknown by one value. A comparison needs more detail: two different unknown
values may replace a resource, two equal ones do not.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from elasticache_rules import facts
from elasticache_rules.compare.relations import ABSENT, IF, LIST, MAP, PARTS, REF, TEXT, UNKNOWN, Form
from elasticache_rules.template import Template

_MOST_DIGITS: Final = 9
"""Of a position in a list."""
# `$` and `{` are excluded, so that many unclosed openings do not take quadratic time.
_VARIABLE: Final = re.compile(r"\$\{([^!${}][^${}]*)\}")
_WHOLE: Final = re.compile(r"\d+\.0+")
"""A whole number with decimals, as YAML may write an integer."""
_SETS: Final = ("SecurityGroupIds", "VpcSecurityGroupIds", "UserGroupIds", "Tags", "LogDeliveryConfigurations")
"""Lists whose order has no meaning, also where the schema does not say so."""
_NAME_OF: Final = {
    "AWS::ElastiCache::ReplicationGroup": "ReplicationGroupId",
    "AWS::ElastiCache::CacheCluster": "ClusterName",
    "AWS::ElastiCache::ServerlessCache": "ServerlessCacheName",
    "AWS::ElastiCache::User": "UserId",
    "AWS::ElastiCache::UserGroup": "UserGroupId",
    "AWS::ElastiCache::SubnetGroup": "CacheSubnetGroupName",
    "AWS::ElastiCache::ParameterGroup": "CacheParameterGroupName",
}
"""The property that names a resource, and that `Ref` returns."""


@dataclass(frozen=True, slots=True)
class Speller:
    """Converts the values of one template to a canonical form."""

    template: Template

    def property(self, logical_id: str, name: str) -> Form:
        """The canonical form of a resource's property."""
        resource = self.template.resources[logical_id]
        raw = self.raw(logical_id, name)
        schema = facts.load("schema")["types"].get(resource.type, {})
        kinds = schema.get("properties", {}).get(name, {}).get("type", ())
        form = self._form(raw, boolean="boolean" in kinds)
        if name == "Engine" and form[0] == TEXT:
            return (TEXT, form[1].lower())
        if "integer" in kinds and form[0] == TEXT and _WHOLE.fullmatch(form[1]):
            return (TEXT, form[1].partition(".")[0])
        if (name in schema.get("unordered", ()) or name in _SETS) and form[0] == LIST:
            return (LIST, tuple(sorted(form[1], key=repr)))
        return form

    def condition(self, logical_id: str) -> Form:
        """The canonical form of the condition that creates a resource: its definition, and those that it refers to."""
        name = self.template.resources[logical_id].attributes.get("Condition")
        return tuple(form if other == name else (other, form) for other, form in self._condition(name)[2])

    def raw(self, logical_id: str, name: str) -> Any:
        """The value in the template; None when absent."""
        properties = stated_properties(self.template, logical_id)
        return properties.get(name) if properties else self.template.resources[logical_id].get(name)

    def references(self, logical_id: str, name: str) -> Iterator[str]:
        """The logical ids of the resources that a property refers to."""
        yield from _references(self.property(logical_id, name))

    def _form(self, raw: Any, *, boolean: bool = False) -> Form:
        if isinstance(raw, Mapping):
            return self._mapping_form(raw, boolean=boolean)
        if isinstance(raw, list | tuple):
            items = (self._form(item) for item in raw)
            return (LIST, tuple(item for item in items if item != ABSENT))
        return ABSENT if raw is None else _scalar(raw, boolean=boolean)

    def _mapping_form(self, raw: Mapping[Any, Any], *, boolean: bool) -> Form:
        if len(raw) == 1:
            ((name, argument),) = raw.items()
            if name == "Ref" or (isinstance(name, str) and name.startswith("Fn::")):
                return self._function(name, argument, boolean=boolean) or (UNKNOWN, name, self._form(argument))
        pairs = ((str(key), self._form(item)) for key, item in raw.items())
        return (MAP, tuple(sorted((pair for pair in pairs if pair[1] != ABSENT), key=lambda pair: pair[0])))

    def _function(self, name: str, argument: Any, *, boolean: bool) -> Form | None:
        """A function's result; None for a function that is not resolved here."""
        if name == "Ref" and isinstance(argument, str):
            return self._ref(argument)
        if name == "Fn::Sub":
            return self._sub(argument)
        if name == "Fn::FindInMap":
            return self._find(argument)
        if name == "Fn::GetAtt":
            parts = argument.split(".", 1) if isinstance(argument, str) else argument
            if isinstance(parts, list) and len(parts) == 2 and all(isinstance(part, str) for part in parts):
                return (REF, parts[0], parts[1], None)
        if name == "Fn::GetAZs":
            # The empty region is that of the stack.
            return (UNKNOWN, name, self._form({"Ref": "AWS::Region"} if argument == "" else argument))
        return self._of_list(name, argument, boolean=boolean) if isinstance(argument, list) else None

    def _of_list(self, name: str, argument: list[Any], *, boolean: bool) -> Form | None:
        if name == "Fn::If":
            return self._if(argument, boolean=boolean)
        resolvers = {"Fn::Join": self._join, "Fn::Select": self._select, "Fn::Split": self._split}
        return resolvers[name](argument) if name in resolvers and len(argument) == 2 else None

    def _if(self, argument: list[Any], *, boolean: bool) -> Form | None:
        if len(argument) != 3:
            return None
        first, second = (self._form(item, boolean=boolean) for item in argument[1:])
        return first if first == second else (IF, self._condition(argument[0]), first, second)

    def _join(self, argument: list[Any]) -> Form | None:
        delimiter, pieces = argument[0], self._form(argument[1])
        known = isinstance(delimiter, str) and pieces[0] == LIST
        return _joined(_between(delimiter, pieces[1])) if known else None

    def _select(self, argument: list[Any]) -> Form | None:
        index, items = (self._form(item) for item in argument)
        if index[0] == TEXT and items[0] == LIST and str(index[1]).isdecimal() and len(str(index[1])) <= _MOST_DIGITS:
            position = int(index[1])
            # A condition may leave an item out, so that the position of those after it is unknown.
            if position < len(items[1]) and not any(item[0] == IF for item in items[1]):
                return tuple(items[1][position])
        return None

    def _split(self, argument: list[Any]) -> Form | None:
        delimiter, text = argument[0], self._form(argument[1])
        known = isinstance(delimiter, str) and delimiter and text[0] == TEXT
        return (LIST, tuple((TEXT, piece) for piece in text[1].split(delimiter))) if known else None

    def _ref(self, name: str) -> Form:
        if name == "AWS::NoValue":
            return ABSENT
        if name in _mapping(self.template.document.get("Resources")):
            return (REF, name, "Ref", self._name_of(name))
        parameter = _mapping(self.template.document.get("Parameters")).get(name)
        default = _mapping(parameter).get("Default")
        # A different default is a different value, unless the deployment sets the parameter.
        return (UNKNOWN, f"Ref {name}", ABSENT if default is None else (TEXT, str(default)))

    def _name_of(self, logical_id: str) -> str | None:
        """The name set on a resource, which `Ref` returns."""
        resource = self.template.resources.get(logical_id)
        return resource.text(_NAME_OF[resource.type]) if resource and resource.type in _NAME_OF else None

    def _sub(self, argument: Any) -> Form:
        text, names = (argument, {}) if isinstance(argument, str) else (None, {})
        if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], Mapping):
            text, names = argument
        if not isinstance(text, str):
            return (UNKNOWN, "Fn::Sub", self._form(argument))
        parts: list[Form] = []
        for index, piece in enumerate(_VARIABLE.split(text)):
            if index % 2 == 0:
                parts.append((TEXT, piece.replace("${!", "${")))
            elif piece in names:
                parts.append(self._form(names[piece]))
            else:
                name, _, attribute = piece.partition(".")
                parts.append((REF, name, attribute, None) if attribute else self._ref(name))
        return _joined(parts)

    def _find(self, argument: Any) -> Form:
        keys = argument if isinstance(argument, list) else []
        mappings = _mapping(self.template.document.get("Mappings"))
        entry: Any = mappings
        for key in keys[:3]:
            entry = _mapping(entry).get(key) if isinstance(key, str) else None
        if len(keys) >= 3 and entry is not None:
            return self._form(entry)
        table = mappings.get(keys[0]) if keys and isinstance(keys[0], str) else None
        return (UNKNOWN, "Fn::FindInMap", (self._form(keys), self._form(table)))

    def _condition(self, name: Any) -> Form:
        """A condition with its definition, because the name may have another definition in the new template."""
        conditions = _mapping(self.template.document.get("Conditions"))
        known: dict[str, Form] = {}
        waiting = [name] if isinstance(name, str) else []
        while waiting:
            item = waiting.pop()
            if item not in known:
                known[item] = self._form(conditions.get(item))
                waiting += _conditions(conditions.get(item))
        return ("condition", self._form(name), tuple(sorted(known.items())))


def stated_properties(template: Template, logical_id: str) -> Mapping[Any, Any]:
    """The properties of a resource as written in the template."""
    declared = _mapping(template.document.get("Resources")).get(logical_id)
    return _mapping(_mapping(declared).get("Properties"))


def _scalar(raw: Any, *, boolean: bool) -> Form:
    if isinstance(raw, bool):
        return (TEXT, "true" if raw else "false")
    if isinstance(raw, str):
        dynamic = "{{resolve:" in raw
        return (UNKNOWN, raw, ()) if dynamic else (TEXT, raw.lower() if boolean else raw)
    if isinstance(raw, int | float):
        return (TEXT, hex(raw) if isinstance(raw, int) and abs(raw) >= 10**60 else str(raw))
    return (UNKNOWN, repr(raw), ())


def _joined(parts: Iterable[Form]) -> Form:
    """Join the known parts of a text."""
    merged: list[Form] = []
    for item in parts:
        inner = item[1] if item[0] == PARTS else (item,)
        for part in inner:
            if part[0] == TEXT and merged and merged[-1][0] == TEXT:
                merged[-1] = (TEXT, merged[-1][1] + part[1])
            elif part != (TEXT, ""):
                merged.append(part)
    if not merged:
        return (TEXT, "")
    return merged[0] if len(merged) == 1 else (PARTS, tuple(merged))


def _between(delimiter: str, pieces: tuple[Form, ...]) -> Iterator[Form]:
    for index, piece in enumerate(pieces):
        if index:
            yield (TEXT, delimiter)
        yield piece


def _references(form: Any) -> Iterator[str]:
    if isinstance(form, tuple):
        if len(form) == 4 and form[0] == REF:
            yield form[1]
        else:
            for item in form:
                yield from _references(item)


def _conditions(value: Any) -> set[str]:
    """The names of the conditions that a condition refers to."""
    if isinstance(value, Mapping):
        named = {value["Condition"]} if isinstance(value.get("Condition"), str) else set()
        return named.union(*(_conditions(nested) for nested in value.values()))
    return set().union(*(_conditions(nested) for nested in value)) if isinstance(value, list) else set()


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}

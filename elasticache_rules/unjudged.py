"""The values that no rule could check, because they are only known at deployment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from elasticache_rules.alternatives import decided
from elasticache_rules.registry import has_rules
from elasticache_rules.template import Resource, Template
from elasticache_rules.values import Composite, Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """A value that the rules could not check.

    :param logical_id: the resource's logical id.
    :param property_path: the property, dotted; a member of a list by its index.
    :param value: the expression in the template.
    """

    logical_id: str
    property_path: str
    value: str

    def __str__(self) -> str:
        return f"{self.logical_id}: {self.property_path} is {self.value}"


def unjudged(template: Template) -> list[Unjudged]:
    """The values of a template that no rule could check, in the template's order.

    Parameters with a default or with allowed values, and conditions, are checked through their alternatives.

    :param template: the template.
    """
    settled = decided(template)
    values: list[Unjudged] = []
    for resource in template.resources.values():
        if has_rules(resource.type):
            best = settled.resources.get(resource.logical_id, resource)
            for path, value in _unknown(best.properties, ""):
                values.append(Unjudged(logical_id=resource.logical_id, property_path=path, value=repr(value)))
            if best.open:
                values.append(_macro(resource))
    for loop in template.unresolved_loops:
        values.append(Unjudged(logical_id=loop, property_path="Fn::ForEach", value="a loop over an unknown collection"))
    return values


def _macro(resource: Resource) -> Unjudged:
    return Unjudged(logical_id=resource.logical_id, property_path="Fn::Transform", value="the result of a macro")


def _unknown(value: Any, path: str) -> Iterator[tuple[str, Unknown | Composite]]:
    if isinstance(value, Unknown):
        yield path, value
    elif isinstance(value, Composite):
        if any(isinstance(part, Unknown) for part in value.parts):
            yield path, value
    elif isinstance(value, Mapping | list):
        entries = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, inner in entries:
            yield from _unknown(inner, f"{path}.{key}" if path else str(key))

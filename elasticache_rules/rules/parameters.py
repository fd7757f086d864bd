"""Parameter groups: names per family, what can be set, and to which values."""

import difflib
from collections.abc import Iterator
from typing import Any

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import GUIDE, PARAMETER_GROUP, parameters_of
from elasticache_rules.template import Resource, as_integer

_SOURCE = f"{GUIDE}ParameterGroups.Engine.html"
# What the 2023 tables of a later family still list, while a second-hand source says otherwise.
_SECOND_HAND = frozenset({"activerehashing"})


def _settings(group: Resource) -> Iterator[tuple[str, str, Any, dict[str, Any] | None, bool]]:
    """Family, name, value, what is known of the parameter, and whether the family's own list is known."""
    family = group.text("CacheParameterGroupFamily")
    lists: dict[str, dict[str, Any]] = facts.load("parameters")["families"]
    exact = family in lists
    base = lists.get(family or "", lists["redis7"] if family and family.startswith("valkey") else {})
    if family is None or not base:
        return
    for name, value in parameters_of(group).items():
        yield family, name, value, base.get(name), exact


@rule("parameters/name", PARAMETER_GROUP, source=_SOURCE)
def parameter_name(group: Resource) -> Iterator[Violation]:
    """A parameter exists in the family."""
    for family, name, _, entry, exact in _settings(group):
        if entry is not None:
            continue
        others = [other for other, names in facts.load("parameters")["families"].items() if name in names]
        where = f"; it is one of {', '.join(others)}" if others else ""
        yield Violation(
            property=f"Properties.{name}",
            value=name,
            must=f"be a parameter of family {family}",
            fix=f"correct its name, or remove it{where}",
            severity=None if exact or _is_certain(name, others) else Severity.WARNING,
        )


def _is_certain(name: str, others: list[str]) -> bool:
    """Whether a name cannot be one of a family whose list is not known: memcached's, or a slip of the pen."""
    if others:
        return all(other.startswith("memcached") for other in others)
    return bool(difflib.get_close_matches(name, facts.load("parameters")["families"]["redis7"], cutoff=0.9))


@rule("parameters/modifiable", PARAMETER_GROUP, source=_SOURCE)
def modifiable(group: Resource) -> Iterator[Violation]:
    """A parameter that is set can be modified."""
    for family, name, value, entry, _ in _settings(group):
        if entry is not None and not entry["modifiable"]:
            yield Violation(
                property=f"Properties.{name}",
                value=value,
                must=f"be left out, because the service sets {name} in family {family}",
                fix="remove it",
                severity=Severity.WARNING if name in _SECOND_HAND else None,
            )


@rule("parameters/value", PARAMETER_GROUP, source=_SOURCE)
def allowed_value(group: Resource) -> Iterator[Violation]:
    """A parameter has a value that the engine takes."""
    for family, name, value, entry, exact in _settings(group):
        if entry is None or not entry["modifiable"] or not entry["allowed"]:
            continue
        if isinstance(value, str | int) and not _allowed(str(value), entry["allowed"]):
            choices = not any(character.isdigit() for character in entry["allowed"]) and entry["allowed"] != "-"
            yield Violation(
                property=f"Properties.{name}",
                value=value,
                must=f"be one of {entry['allowed'].replace(',', ', ')} for {name} in family {family}",
                fix="choose an allowed value",
                severity=None if exact or choices else Severity.WARNING,
            )


def _allowed(value: str, spec: str) -> bool:
    """Whether a value is one of `yes,no`, `1-75`, `0,20-` and the like; `-` is any integer."""
    number = as_integer(value)
    for part in spec.split(","):
        if value == part:
            return True
        first, dash, last = part.partition("-")
        if not dash or number is None or (not (first + last).isdigit() and part != "-"):
            continue
        if part == "-" or (int(first or 0) <= number and (not last or number <= int(last))):
            return True
    return False

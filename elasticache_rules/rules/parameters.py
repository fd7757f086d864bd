"""Parameter groups: the parameters of a family, which of them can be modified, and their values."""

from collections.abc import Iterator
from typing import Any

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import GUIDE, PARAMETER_GROUP, parameters_of
from elasticache_rules.template import Resource, as_integer

_SOURCE = f"{GUIDE}ParameterGroups.Engine.html"
# Listed in the 2023 tables of a later family, but contradicted by a second-hand source.
_SECOND_HAND = frozenset({"activerehashing"})


def _settings(group: Resource) -> Iterator[tuple[str, str, Any, dict[str, Any] | None]]:
    """Family, name, value and facts of each parameter; empty for a family without known parameters."""
    family = group.text("CacheParameterGroupFamily") or ""
    known: dict[str, Any] | None = facts.load("parameters")["families"].get(family)
    if known is not None:
        for name, value in parameters_of(group).items():
            yield family, name, value, known.get(name)


@rule("parameters/name", PARAMETER_GROUP, source=_SOURCE)
def parameter_name(group: Resource) -> Iterator[Violation]:
    """A parameter exists in the family."""
    for family, name, _, entry in _settings(group):
        if entry is not None:
            continue
        others = [other for other, names in facts.load("parameters")["families"].items() if name in names]
        where = f"; it is one of {', '.join(others)}" if others else ""
        yield Violation(
            property=f"Properties.{name}",
            value=name,
            must=f"be a parameter of family {family}",
            fix=f"correct its name, or remove it{where}",
        )


@rule("parameters/modifiable", PARAMETER_GROUP, source=_SOURCE)
def modifiable(group: Resource) -> Iterator[Violation]:
    """A parameter that is set can be modified."""
    for family, name, value, entry in _settings(group):
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
    """A parameter has a value that the engine accepts."""
    for family, name, value, entry in _settings(group):
        if entry is None or not entry["modifiable"] or not entry["allowed"]:
            continue
        if isinstance(value, str | int) and not _allowed(str(value), entry["allowed"]):
            yield Violation(
                property=f"Properties.{name}",
                value=value,
                must=f"be one of {entry['allowed'].replace(',', ', ')} for {name} in family {family}",
                fix="choose an allowed value",
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

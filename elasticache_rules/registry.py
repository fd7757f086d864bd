"""How a rule is written, found and run."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from elasticache_rules.finding import Finding, Severity
from elasticache_rules.template import Resource, Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """What a rule says of one resource; the rule's own id, severity and source are added to it.

    :param severity: another severity than the rule's own, for a case that rests on a weaker source.
    """

    property: str
    value: Any
    must: str
    fix: str
    severity: Severity | None = None


Check = Callable[[Resource], Iterator[Violation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One constraint of the service, with one home.

    :param id: stable, `<subject>/<constraint>`.
    :param types: the CloudFormation types that it reads.
    :param source: where the constraint is stated or was measured.
    """

    id: str
    types: tuple[str, ...]
    severity: Severity
    source: str
    summary: str
    check: Check

    def findings(self, resource: Resource) -> Iterator[Finding]:
        """What this rule finds in one resource."""
        for violation in self.check(resource):
            yield Finding(
                rule=self.id,
                severity=violation.severity or self.severity,
                logical_id=resource.logical_id,
                path=resource.path,
                property_path=violation.property,
                value=_as_text(violation.value),
                must=violation.must,
                fix=violation.fix,
                source=self.source,
            )


_LONGEST_VALUE: Final = 1000
"""How many characters of a value a finding shows."""
_RULES: dict[str, Rule] = {}
_BY_TYPE: dict[str, list[Rule]] = {}


def rule(id: str, *types: str, source: str, severity: Severity = Severity.ERROR) -> Callable[[Check], Check]:
    """Register a rule; the first line of the function's docstring is its summary."""

    def register(check: Check) -> Check:
        if id in _RULES:
            raise ValueError(f"rule id must be unique, got {id!r} twice; rename one of the two rules")
        summary = (check.__doc__ or "").strip().splitlines()[0]
        made = Rule(id=id, types=types, severity=severity, source=source, summary=summary, check=check)
        _RULES[id] = made
        for type_name in types:
            _BY_TYPE.setdefault(type_name, []).append(made)
        return check

    return register


def all_rules() -> tuple[Rule, ...]:
    """Every rule, sorted by id."""
    return tuple(_RULES[id] for id in sorted(_RULES))


def check_template(template: Template, *, only: Iterable[str] | None = None) -> list[Finding]:
    """Run the rules over a template.

    :param only: the logical ids to look at; all of them by default.
    """
    wanted = None if only is None else frozenset(only)
    return [
        finding
        for resource in template.resources.values()
        if wanted is None or resource.logical_id in wanted
        for each in _BY_TYPE.get(resource.type, ())
        for finding in each.findings(resource)
    ]


def _as_text(value: Any) -> str:
    try:
        text = "nothing" if value is None else repr(value)
    except ValueError:  # an integer with more digits than Python writes in decimal
        return "a value with an integer that is too long to show"
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."

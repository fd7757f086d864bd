"""Registers, looks up and runs the rules."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

from elasticache_rules.alternatives import Alternative, Choice, choices
from elasticache_rules.finding import Finding, Severity
from elasticache_rules.template import OUTPUT, Resource, Template

EVERY_TYPE: Final = "*"
"""The type of a rule that reads resources of every type, and the outputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A rule's result for one resource, without the rule's id, severity and source.

    :param severity: another severity than the rule's own, for a case with a weaker source.
    """

    property: str
    value: Any
    must: str
    fix: str
    severity: Severity | None = None


Check = Callable[[Resource], Iterator[Violation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One constraint of the service.

    :param id: stable, `<subject>/<constraint>`.
    :param types: the CloudFormation types that it reads.
    :param source: where the constraint is documented or was measured.
    :param absent: the properties, as `Type.Property`, whose absence it takes for a value; the file absent.json of the
        facts has the value and its source.
    """

    id: str
    types: tuple[str, ...]
    severity: Severity
    source: str
    summary: str
    check: Check
    absent: tuple[str, ...] = ()

    def finding(self, resource: Resource, violation: Violation) -> Finding:
        """The finding for a violation of this rule by a resource."""
        return Finding(
            rule=self.id,
            severity=violation.severity or self.severity,
            logical_id=resource.logical_id,
            path=resource.path,
            property_path=violation.property,
            value=_as_text(violation.value),
            must=violation.must,
            fix=violation.fix,
            source=self.source,
            section="Outputs" if resource.type == OUTPUT else "Resources",
        )


_LONGEST_VALUE: Final = 1000
"""How many characters of a value a finding shows."""
_RULES: dict[str, Rule] = {}
_BY_TYPE: dict[str, list[Rule]] = {}


def rule(
    id: str, *types: str, source: str, severity: Severity = Severity.ERROR, absent: tuple[str, ...] = ()
) -> Callable[[Check], Check]:
    """Register a rule; the first line of the function's docstring is its summary."""

    def register(check: Check) -> Check:
        if id in _RULES:
            raise ValueError(f"rule id must be unique, got {id!r} twice; rename one of the two rules")
        summary = (check.__doc__ or "").strip().splitlines()[0]
        new_rule = Rule(
            id=id, types=types, severity=severity, source=source, summary=summary, check=check, absent=absent
        )
        _RULES[id] = new_rule
        for type_name in types:
            _BY_TYPE.setdefault(type_name, []).append(new_rule)
        return check

    return register


def all_rules() -> tuple[Rule, ...]:
    """Every rule, sorted by id."""
    return tuple(_RULES[id] for id in sorted(_RULES))


def has_rules(type_name: str) -> bool:
    """Whether a rule is about this type of resource in particular."""
    return type_name in _BY_TYPE


def check_template(template: Template, *, only: Iterable[str] | None = None) -> list[Finding]:
    """Run the rules over a template.

    :param only: the logical ids to check. Default: all.
    """
    wanted = None if only is None else frozenset(only)
    results = [
        finding
        for resource in chain(template.resources.values(), template.outputs.values())
        if wanted is None or resource.logical_id in wanted
        for finding in _findings(resource)
    ]
    relevant = [resource for resource in template.resources.values() if resource.type in _BY_TYPE]
    told = {_key(finding) for finding in results}
    conditional: dict[tuple[str, str, str], Finding] = {}
    for choice in choices(template, relevant):
        for finding in _of_choice(choice, wanted, lambda finding: _is_new(finding, told, conditional)):
            if _is_new(finding, told, conditional):
                conditional[_key(finding)] = finding
    return [*results, *conditional.values()]


def _is_new(finding: Finding, told: Collection["_Key"], conditional: Mapping["_Key", Finding]) -> bool:
    """Whether a conditional finding adds to those that are known, by itself or as an error instead of a warning."""
    known = conditional.get(_key(finding))
    certain = known is not None and known.severity is Severity.WARNING and finding.severity is Severity.ERROR
    return _key(finding) not in told and (known is None or certain)


def _findings(resource: Resource) -> Iterator[Finding]:
    for candidate in (*_BY_TYPE.get(resource.type, ()), *_BY_TYPE.get(EVERY_TYPE, ())):
        for violation in candidate.check(resource):
            yield candidate.finding(resource, violation)


def _key(finding: Finding) -> tuple[str, str, str]:
    return (finding.rule, finding.logical_id, finding.property_path)


_Key = tuple[str, str, str]


def _of_choice(choice: Choice, wanted: frozenset[str] | None, is_new: Callable[[Finding], bool]) -> Iterator[Finding]:
    """The findings for one parameter or condition: certain if every alternative has it, otherwise a warning."""
    if choice.together:
        yield from _in_all(choice, wanted, is_new)
        return
    alternatives = [alternative for alternative in choice.alternatives if alternative is not None]
    results = [_of_alternative(choice, alternative, wanted) for alternative in alternatives]
    for here in results:
        for key, finding in here.items():
            certain = choice.complete and all(
                key in other or not _is_created(alternative, finding.logical_id)
                for other, alternative in zip(results, alternatives, strict=True)
            )
            yield finding if certain else replace(finding, severity=Severity.WARNING)


def _in_all(choice: Choice, wanted: frozenset[str] | None, is_new: Callable[[Finding], bool]) -> Iterator[Finding]:
    """The new findings that all alternatives have; alternatives are tried until they have none."""
    common: dict[_Key, Finding] | None = None
    for alternative in choice.alternatives:
        here = _of_alternative(choice, alternative, wanted)
        candidates = here if common is None else common
        common = {key: finding for key, finding in candidates.items() if key in here and is_new(finding)}
        if not common:
            return
    yield from (common or {}).values()


def _of_alternative(
    choice: Choice, alternative: Alternative | None, wanted: frozenset[str] | None
) -> dict[_Key, Finding]:
    here: dict[_Key, Finding] = {}
    if alternative is None:
        return here
    for id in choice.affected:
        if (wanted is None or id in wanted) and _is_created(alternative, id):
            for finding in _findings(alternative.template.resources[id]):
                here.setdefault(_key(finding), replace(finding, value=f"{finding.value} {alternative.words}"))
    return here


def _is_created(alternative: Alternative, id: str) -> bool:
    """Whether a resource may exist in an alternative: its condition holds there, or is only known at deployment."""
    return alternative.template.creates(alternative.template.resources[id]) is not False


def _as_text(value: Any) -> str:
    try:
        text = "nothing" if value is None else repr(value)
    except ValueError:  # an integer with more digits than Python writes in decimal
        return "a value with an integer that is too long to show"
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."

"""Variants of a template: one for each value of a parameter, and one for each outcome of a condition.

A finding in every alternative is as certain as one in the template itself; a finding in some is a warning. One
parameter or condition is varied at a time, while the others stay unknown, so that the work grows with their number.
Conditions within the value of one property are varied together as well, and so are the values of a mapping whose key
is unknown; of these, only a finding in all alternatives counts.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from elasticache_rules.ranges import has_range, number_of, probes
from elasticache_rules.template import Resource, Template

_MOST_VALUES: Final = 200
"""How many values of one parameter are tried; instance types and zones make the longest lists."""
_MOST_CONDITIONS: Final = 4
"""How many conditions are varied together, in twice as many alternatives for each."""
_LIST_TYPES: Final = ("CommaDelimitedList", "List<")


@dataclass(frozen=True, slots=True)
class Alternative:
    """One value of a parameter, or one outcome of a condition.

    :param words: when it applies, to follow a value: `with the default of parameter Nodes`.
    :param template: the template with this value or outcome.
    """

    words: str
    template: Template


@dataclass(frozen=True, slots=True)
class Choice:
    """The alternatives of one parameter or condition.

    :param alternatives: in the order in which to try them; None if there are too many.
    :param complete: whether the alternatives cover all cases, so that a finding in all of them is certain.
    :param affected: the logical ids of the resources that differ, in the template's order.
    :param together: whether only a finding in all of the alternatives counts.
    """

    alternatives: Iterable[Alternative | None]
    complete: bool
    affected: tuple[str, ...]
    together: bool = False


def choices(template: Template, relevant: Collection[Resource]) -> Iterator[Choice]:
    """The parameters and conditions that affect resources, with their alternatives.

    :param relevant: the resources that rules read.
    """
    parameters = {name for resource in relevant for name in resource.parameters}
    conditions = {name for resource in relevant for name in resource.conditions}
    lookups = {name: values for resource in relevant for name, values in resource.lookups.items()}
    if not parameters and not conditions and not lookups:
        return
    varied = _Varied(template)
    behind = {name: varied.parameters_behind(name) for name in sorted(conditions)}
    free = {name for name, names in behind.items() if not names}
    everything = sorted(parameters.union(*behind.values()))
    defaults = {name: value for name in everything if (value := varied.default(name)) is not None}
    if len(defaults) > 1:
        affected = _affected(relevant, defaults, _behind_any(behind, defaults))
        with_defaults = Alternative("with the defaults of the parameters", varied.template(given=defaults))
        yield Choice((with_defaults,), complete=False, affected=affected)
    for name in everything:
        result, complete = varied.of_parameter(name, behind)
        if result:
            affected = _affected(relevant, {name}, _behind_any(behind, {name}))
            yield Choice(tuple(result), complete, affected)
        if has_range(varied.entry(name)):
            affected = _affected(relevant, {name}, _behind_any(behind, {name}))
            yield Choice(varied.of_range(name), complete=True, affected=affected, together=True)
    for name in sorted(name for name in free if varied.is_open(name)):
        sides = [Alternative(_side(name, side), varied.template(truth={name: side})) for side in (True, False)]
        yield Choice(tuple(sides), complete=True, affected=_affected(relevant, (), {name}))
    for names in sorted({names for resource in relevant for names in varied.nested(resource)}):
        yield Choice(varied.of_conditions(names), True, _affected(relevant, (), names), together=True)
    for name, values in lookups.items():
        if len(values) <= _MOST_VALUES:
            yield Choice(varied.of_lookup(name, values), True, _affected(relevant, (), (), {name}), together=True)


def decided(template: Template) -> Template:
    """The template with one checked value for every parameter and one outcome for every condition."""
    varied = _Varied(template)
    given = {name: value for name in template_parameters(template) if (value := varied.any_value(name)) is not None}
    used = {name for resource in template.resources.values() for name in resource.conditions}
    if not given and not used:
        return template
    return varied.template(given=given, truth=dict.fromkeys(used, True))


def template_parameters(template: Template) -> Mapping[str, Any]:
    """The `Parameters` section; empty when it is absent or not an object."""
    parameters = template.document.get("Parameters")
    return parameters if isinstance(parameters, Mapping) else {}


class _Varied:
    """Creates the alternatives of one template."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._parameters = template_parameters(template)
        conditions = template.document.get("Conditions")
        self._conditions = conditions if isinstance(conditions, Mapping) else {}
        self._compared: dict[str, set[str]] = {}
        self._behind: dict[str, frozenset[str]] = {}

    def template(
        self,
        *,
        given: Mapping[str, Any] | None = None,
        other: frozenset[str] = frozenset(),
        truth: Mapping[str, bool] | None = None,
        looked_up: Mapping[str, Any] | None = None,
    ) -> Template:
        scope = self._template.scope
        assert scope is not None  # noqa: S101 - every template that is read has one
        return Template.of(
            self._template.document,
            region=self._template.region,
            given={**scope.given, **(given or {})},
            other=other,
            truth=truth,
            looked_up=looked_up,
            imported=scope.imported,
            output=scope.output,
        )

    def default(self, name: str) -> Any:
        """The default of a parameter that the rules can read; None when there is none."""
        entry = self.entry(name)
        kind = str(entry.get("Type", "String"))
        value = entry.get("Default")
        if value is None or kind.startswith("AWS::SSM::"):
            return None
        return _read(value, kind)

    def any_value(self, name: str) -> Any:
        """One of the parameter's values that are checked."""
        allowed = self._allowed(name)
        return self.default(name) if not allowed else allowed[0]

    def entry(self, name: str) -> Mapping[str, Any]:
        """The declaration of a parameter; empty when it is absent or not an object."""
        entry = self._parameters.get(name)
        return entry if isinstance(entry, Mapping) else {}

    def _allowed(self, name: str) -> list[Any]:
        entry = self.entry(name)
        allowed, kind = entry.get("AllowedValues"), str(entry.get("Type", "String"))
        # A list may hold any of the allowed values, any number of times.
        excluded = kind.startswith(("AWS::SSM::", *_LIST_TYPES))
        if not isinstance(allowed, list) or excluded or len(allowed) > _MOST_VALUES:
            return []
        return [_read(value, kind) for value in allowed]

    def of_parameter(self, name: str, behind: Mapping[str, frozenset[str]]) -> tuple[list[Alternative], bool]:
        """The alternatives of a parameter, its default first, and whether they cover all cases."""
        default, allowed = self.default(name), self._allowed(name)
        known = [] if default is None else [default]
        known += [value for value in allowed if value not in known]
        compared = sorted(self._compared.get(name, ())) if _behind_any(behind, {name}) else []
        if not allowed:
            known += [value for value in compared if value not in known]
        results = [Alternative(_value(name, value, default), self.template(given={name: value})) for value in known]
        if not allowed and compared:
            words = f"with another value of parameter {name}"
            results.append(Alternative(words, self.template(other=frozenset({name}))))
        return results, bool(allowed or compared)

    def of_range(self, name: str) -> Iterator[Alternative | None]:
        """The alternatives of a parameter with a range of numbers."""
        entry, document = self.entry(name), self._template.document
        least, most = number_of(entry.get("MinValue")), number_of(entry.get("MaxValue"))
        start = "" if least is None else f" from {least:g}"
        end = "" if most is None else f" up to {most:g}"
        words = f"with parameter {name}, which takes no valid number{start}{end}"
        for value in probes(entry, {key: document.get(key) for key in ("Resources", "Conditions", "Mappings")}):
            yield None if value is None else Alternative(words, self.template(given={name: value}))

    def of_conditions(self, names: tuple[str, ...]) -> Iterator[Alternative]:
        """The alternatives of several conditions, also of those that exclude each other."""
        words = f"whatever the conditions {' and '.join(names)} are"
        for sides in product((True, False), repeat=len(names)):
            yield Alternative(words, self.template(truth=dict(zip(names, sides, strict=True))))

    def is_open(self, condition: str) -> bool:
        """Whether the outcome of a condition is not known, such as from the region."""
        scope = self._template.scope
        return scope is not None and scope.condition(condition) is None

    def nested(self, resource: Resource) -> Iterator[tuple[str, ...]]:
        """The conditions of each property whose value depends on several, but not on too many to try."""
        if len(resource.conditions) < 2:
            return
        properties = self._template.document["Resources"][resource.logical_id].get("Properties")
        for value in properties.values() if isinstance(properties, Mapping) else ():
            names = tuple(sorted(name for name in set(_conditions(value)) if self.is_open(name)))
            if 2 <= len(names) <= _MOST_CONDITIONS:
                yield names

    def of_lookup(self, name: str, values: Iterable[Any]) -> Iterator[Alternative]:
        """The alternatives of a lookup in a mapping."""
        for value in values:
            yield Alternative("with a mapping that has no valid value", self.template(looked_up={name: value}))

    def parameters_behind(self, condition: str) -> frozenset[str]:
        """The parameters that determine a condition and can be varied."""
        if condition not in self._behind:
            self._behind[condition] = frozenset()  # stops at a condition that refers to itself
            self._behind[condition] = frozenset(self._in(self._conditions.get(condition)))
        return self._behind[condition]

    def _in(self, value: Any) -> Iterator[str]:
        if isinstance(value, list):
            for item in value:
                yield from self._in(item)
        if not isinstance(value, Mapping):
            return
        for key, argument in value.items():
            if key == "Condition" and isinstance(argument, str):
                yield from self.parameters_behind(argument)
            elif key == "Fn::Equals" and isinstance(argument, list) and len(argument) == 2:
                yield from self._equal(*argument)
            else:
                yield from self._in(argument)

    def _equal(self, first: Any, second: Any) -> Iterator[str]:
        for side, against in ((first, second), (second, first)):
            name = side.get("Ref") if isinstance(side, Mapping) else None
            if isinstance(name, str) and name in self._parameters and isinstance(against, str | int | float):
                self._compared.setdefault(name, set()).add(str(against))
                yield name


def _read(value: Any, kind: str) -> Any:
    """A parameter's value as `Ref` returns it."""
    if isinstance(value, str) and kind.startswith(_LIST_TYPES):
        return [part.strip() for part in value.split(",")]
    return value


def _value(name: str, value: Any, default: Any) -> str:
    shown = str(value) if len(str(value)) <= 60 else f"{str(value)[:60]}..."
    return f"with the default of parameter {name}" if value == default else f"with parameter {name} {shown!r}"


def _side(name: str, side: bool) -> str:
    return f"when condition {name} is {str(side).lower()}"


def _behind_any(behind: Mapping[str, frozenset[str]], names: Collection[str]) -> set[str]:
    return {condition for condition, parameters in behind.items() if parameters & set(names)}


def _conditions(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        argument = value.get("Fn::If")
        if isinstance(argument, list) and argument and isinstance(argument[0], str):
            yield argument[0]
        for item in value.values():
            yield from _conditions(item)
    elif isinstance(value, list):
        for item in value:
            yield from _conditions(item)


def _affected(
    relevant: Collection[Resource],
    parameters: Collection[str],
    conditions: Collection[str],
    lookups: Collection[str] = (),
) -> tuple[str, ...]:
    """The resources that use a parameter, a condition or a lookup, and the resources that refer to them."""
    by, on, of = frozenset(parameters), frozenset(conditions), frozenset(lookups)
    result = {
        resource.logical_id
        for resource in relevant
        if resource.parameters & by or resource.conditions & on or of & resource.lookups.keys()
    }
    for _ in range(3):
        result |= {other.logical_id for other in relevant if any(to.logical_id in result for to in other.references)}
    return tuple(other.logical_id for other in relevant if other.logical_id in result)

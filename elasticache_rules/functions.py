"""The intrinsic functions of CloudFormation: resolved if the template has the information, otherwise unknown.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from elasticache_rules.mappings import Lookup, find_in_map
from elasticache_rules.values import (
    LONGEST_TEXT,
    MAYBE_ABSENT,
    UNKNOWN,
    Composite,
    Reference,
    Unknown,
    as_integer,
    pieces_as_one,
    shown,
    text_of,
)

if TYPE_CHECKING:
    from elasticache_rules.template import Template

NO_VALUE: Final = object()
_DEEPEST: Final = 40
"""How many functions may be nested in a condition."""
# `$` and `{` are excluded, so that many unclosed openings do not take quadratic time.
_VARIABLE: Final = re.compile(r"\$\{([^!${}][^${}]*)\}")
_FOREIGN: Final = re.compile(
    r"\$\{(?:(?:self|opt|env|sls|ssm|cf|param|custom|s3|aws|git|strToBool)[:.(]|file\(|Token\[)"
)
"""Variables of the Serverless Framework and tokens of the CDK, which other tools resolve."""
_PLAIN: Final = (int, float, type(None))
_LOGICAL_ID: Final = re.compile(r"[A-Za-z0-9]{1,255}\Z")


@dataclass(slots=True)
class Scope:
    """The context in which the functions of one template are resolved, and what they used.

    :param given: values of parameters, from the parent stack or from an alternative.
    :param other: parameters whose value differs from all values that conditions compare them with.
    :param truth: the outcomes of conditions that an alternative sets.
    :param looked_up: the values of lookups in mappings that an alternative sets.
    :param imported: finds the value of an export by its name.
    :param foreign: whether another tool resolves some of the text, and may add resources.
    :param output: finds the value of a nested stack's output by the stack's logical id and the output's name.
    :param unmapped: the lookups in mappings that fail.
    :param lookups: the lookups in mappings whose key is unknown, with the values that they may have.
    :param undecided: how many `Fn::If` with an unknown condition are around the value that is resolved.
    """

    template: "Template"
    document: Mapping[str, Any]
    declared: Mapping[str, Any]
    region: str | None
    given: Mapping[str, Any] = field(default_factory=dict)
    other: frozenset[str] = frozenset()
    truth: Mapping[str, bool] = field(default_factory=dict)
    looked_up: Mapping[str, Any] = field(default_factory=dict)
    imported: Callable[[Any], Any] | None = None
    output: Callable[[str, str], Any] | None = None
    references: list[Reference] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unmapped: list[Lookup] = field(default_factory=list)
    lookups: dict[str, list[Any]] = field(default_factory=dict)
    parameters_used: set[str] = field(default_factory=set)
    conditions_used: set[str] = field(default_factory=set)
    foreign: bool = False
    undecided: int = 0
    _held: dict[str, bool | None] = field(default_factory=dict)

    def section(self, name: str) -> Mapping[str, Any]:
        """A section of the template; empty when it is absent or not an object."""
        content = self.document.get(name)
        return content if isinstance(content, Mapping) else {}

    def fold(self, value: Any) -> Any:
        """Replace functions by their results, or by an unknown value."""
        # The checks for text and numbers come first, because a check for `Mapping` takes several times as long.
        if isinstance(value, str):
            return self._plain(value) if "{" in value else value
        if isinstance(value, _PLAIN):
            return value
        if isinstance(value, Mapping):
            return self._object(value)
        if isinstance(value, list):
            return [v for v in (self.fold(item) for item in value) if v is not NO_VALUE]
        return value

    def _object(self, value: Mapping[Any, Any]) -> Any:
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name == "Ref" or (isinstance(name, str) and name.startswith("Fn::")):
                return self._function(name, argument)
        if "Fn::Transform" in value:
            return Unknown(shown(value))
        folded = {}
        for key, item in value.items():
            result = self.fold(item)
            if result is not NO_VALUE:
                folded[str(key)] = result
        return folded

    def _plain(self, value: str) -> str | Unknown:
        if "{{resolve:" in value and "}}" in value.rpartition("{{resolve:")[2]:
            return Unknown(value)  # without an end, it is a piece of a Fn::Join
        if _FOREIGN.search(value):
            self.foreign = True
            return Unknown(value)
        return value

    def chosen(self, argument: Any, values: list[Any]) -> Any:
        """The value of a lookup in a mapping that has one of several, where an alternative sets it."""
        name = shown(argument)
        if name not in self.looked_up:
            self.lookups[name] = values
        return self.looked_up.get(name, UNKNOWN)

    def condition(self, name: str) -> bool | None:
        """Whether a condition holds; None when it is only known at deployment."""
        if name in self.truth:
            return self.truth[name]
        if name not in self._held:
            self._held[name] = None  # stops at a condition that refers to itself
            self._held[name] = self._holds(self.section("Conditions").get(name))
        return self._held[name]

    def _holds(self, value: Any, depth: int = 0) -> bool | None:
        if not isinstance(value, Mapping) or len(value) != 1 or depth >= _DEEPEST:
            return None
        name, argument = next(iter(value.items()))
        if name == "Condition" and isinstance(argument, str):
            return self.condition(argument)
        if name == "Fn::Equals" and isinstance(argument, list) and len(argument) == 2:
            return self._equal(*argument)
        if name not in ("Fn::Not", "Fn::And", "Fn::Or") or not isinstance(argument, list):
            return None
        return _combined(name, [self._holds(side, depth + 1) for side in argument])

    def _equal(self, first: Any, second: Any) -> bool | None:
        failed, lookups = len(self.unmapped), dict(self.lookups)
        left, right = self.fold(first), self.fold(second)
        del self.unmapped[failed:]  # a condition is no part of the resource that uses it first
        self.lookups = lookups
        if isinstance(left, str | int | float) and isinstance(right, str | int | float):
            return text_of(left) == text_of(right)
        for raw, value in ((first, right), (second, left)):
            if isinstance(raw, Mapping) and raw.get("Ref") in self.other and isinstance(value, str | int | float):
                return False
        return None

    def _function(self, name: str, argument: Any) -> Any:
        handler = _HANDLERS.get(name)
        result = handler(self, argument) if handler else UNKNOWN
        return Unknown(shown({name: argument})) if result is UNKNOWN else result

    def named(self, name: str, attribute: str) -> Any:
        """The value of `Ref` or `Fn::GetAtt`."""
        if name in self.declared:
            if attribute.startswith("Outputs.") and self.output is not None:
                return self.output(name, attribute.removeprefix("Outputs."))
            reference = Reference(name, attribute, self.template)
            self.references.append(reference)
            return reference
        if attribute == "Ref":
            if name == "AWS::Region" and self.region is not None:
                return self.region
            if name in self.given:
                return self.given[name]
            if name in self.section("Parameters"):
                self.parameters_used.add(name)
                return UNKNOWN
        if _LOGICAL_ID.match(name) and not self._is_in_a_module(name):
            self.missing.append(name)
        return UNKNOWN

    def _is_in_a_module(self, name: str) -> bool:
        """Whether a name may be that of a resource in a module, which begins with the logical id of the module."""
        return any(
            name.startswith(str(id)) and str(entry.get("Type", "")).endswith("::MODULE")
            for id, entry in self.declared.items()
            if isinstance(entry, Mapping)
        )


def _combined(name: str, sides: list[bool | None]) -> bool | None:
    if name == "Fn::Not":
        return None if len(sides) != 1 or sides[0] is None else not sides[0]
    decisive = name == "Fn::Or"
    if decisive in sides:
        return decisive
    return None if None in sides else not decisive


def _ref(scope: Scope, argument: Any) -> Any:
    if argument == "AWS::NoValue":
        return NO_VALUE
    return scope.named(argument, "Ref") if isinstance(argument, str) else UNKNOWN


def _get_att(scope: Scope, argument: Any) -> Any:
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if isinstance(parts, list) and len(parts) == 2 and isinstance(parts[0], str):
        attribute = scope.fold(parts[1])
        return scope.named(parts[0], attribute) if isinstance(attribute, str) else UNKNOWN
    return UNKNOWN


def _join(scope: Scope, argument: Any) -> Any:
    if not (isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str)):
        return UNKNOWN
    delimiter, items = argument[0], scope.fold(argument[1])
    if not isinstance(items, list) or MAYBE_ABSENT in items:
        return UNKNOWN
    if len(delimiter) * (len(items) - 1) > LONGEST_TEXT:
        return UNKNOWN
    joined = [piece for item in items for piece in (delimiter, item)][1:]
    return _dynamic(pieces_as_one(joined))


def _dynamic(value: Any) -> Any:
    """The value, or an unknown value for a dynamic reference, which is resolved at deployment."""
    return Unknown(value) if isinstance(value, str) and "{{resolve:" in value else value


def _if(scope: Scope, argument: Any) -> Any:
    if not (isinstance(argument, list) and len(argument) == 3):
        return UNKNOWN
    holds = None
    if isinstance(argument[0], str):
        scope.conditions_used.add(argument[0])
        holds = scope.condition(argument[0])
    if holds is not None:
        return scope.fold(argument[1] if holds else argument[2])
    scope.undecided += 1
    sides = [scope.fold(side) for side in argument[1:]]
    scope.undecided -= 1
    if any(side is NO_VALUE or side is MAYBE_ABSENT for side in sides):
        return NO_VALUE if all(side is NO_VALUE for side in sides) else MAYBE_ABSENT
    return sides[0] if sides[0] == sides[1] and type(sides[0]) is type(sides[1]) else UNKNOWN


def _sub(scope: Scope, argument: Any) -> Any:
    given: Mapping[str, Any] = {}
    if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], Mapping):
        argument, given = argument
    if not isinstance(argument, str):
        return UNKNOWN
    pieces: list[Any] = _VARIABLE.split(argument)
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            pieces[index] = piece.replace("${!", "${")
            continue
        name, _, attribute = piece.strip().partition(".")
        if _FOREIGN.match(f"${{{piece}}}"):
            scope.foreign, value = True, UNKNOWN
        elif piece in given:
            value = scope.fold(given[piece])
        elif piece.startswith("AWS::"):
            value = scope.named(piece, "Ref")
        else:
            value = scope.named(name, attribute or "Ref")
        pieces[index] = Unknown(piece) if value is NO_VALUE or value is UNKNOWN else value
    return _dynamic(pieces_as_one(pieces))


def _select(scope: Scope, argument: Any) -> Any:
    if not (isinstance(argument, list) and len(argument) == 2):
        return UNKNOWN
    index, items = as_integer(scope.fold(argument[0])), scope.fold(argument[1])
    if index is None or not isinstance(items, list) or MAYBE_ABSENT in items or not 0 <= index < len(items):
        return UNKNOWN
    return items[index]


def _split(scope: Scope, argument: Any) -> Any:
    if not (isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str) and argument[0]):
        return UNKNOWN
    text = scope.fold(argument[1])
    return text.split(argument[0]) if isinstance(text, str) else UNKNOWN


def _base64(scope: Scope, argument: Any) -> Any:
    text = scope.fold(argument)
    if isinstance(text, str):
        return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
    return text if isinstance(text, Composite) else UNKNOWN


def _import(scope: Scope, argument: Any) -> Any:
    name = scope.fold(argument)
    return UNKNOWN if scope.imported is None else scope.imported(name)


def _length(scope: Scope, argument: Any) -> Any:
    items = scope.fold(argument)
    return len(items) if isinstance(items, list) and MAYBE_ABSENT not in items else UNKNOWN


_HANDLERS: Final[Mapping[str, Callable[[Scope, Any], Any]]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Join": _join,
    "Fn::If": _if,
    "Fn::Sub": _sub,
    "Fn::FindInMap": find_in_map,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Base64": _base64,
    "Fn::ImportValue": _import,
    "Fn::Length": _length,
}

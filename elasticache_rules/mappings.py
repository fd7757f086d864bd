"""`Fn::FindInMap`: values of the section Mappings, and lookups that fail.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from elasticache_rules.values import UNKNOWN, text_of

if TYPE_CHECKING:
    from elasticache_rules.functions import Scope

_KEY: Final = (str, int, float)
_ADDED_LATER: Final = "Fn::Transform"


@dataclass(frozen=True, slots=True)
class Lookup:
    """A `Fn::FindInMap` that fails whatever the deployment knows.

    :param argument: the arguments as the template writes them.
    :param existing: the name of the mapping and the keys that exist; empty if the mapping does not exist.
    :param key: the name that does not exist.
    """

    argument: Sequence[Any]
    existing: tuple[str, ...]
    key: str


def find_in_map(scope: "Scope", argument: Any) -> Any:
    """The value of `Fn::FindInMap`; unknown if a key is only known at deployment, or does not exist.

    A key that is only known at deployment may be any key of its level, so that a key below it that no entry has is a
    failed lookup, and a value that all entries share is known.
    """
    if not (isinstance(argument, list) and len(argument) in (3, 4)):
        return UNKNOWN
    options: Mapping[str, Any] = argument[3] if len(argument) == 4 and isinstance(argument[3], Mapping) else {}
    found: list[Any] = [scope.section("Mappings")]
    existing: list[str] = []
    for level, raw in enumerate(argument[:3]):
        key = scope.fold(raw)
        known = isinstance(key, _KEY)
        if not all(isinstance(entry, Mapping) and _ADDED_LATER not in entry for entry in found):
            return UNKNOWN
        below = [value for entry in found for value in (_at(entry, text_of(key)) if known else entry.values())]
        if not below:
            if "DefaultValue" in options:
                return scope.fold(options["DefaultValue"])
            literal = all(isinstance(item, _KEY) for item in argument[: level + 1])
            # PyYAML reads a key such as 1.10 as a number.
            if isinstance(key, str) and (literal or not scope.undecided):
                _record(scope, Lookup(argument, tuple(existing), key), found)
            return UNKNOWN
        existing += [text_of(key)] if known else []
        found = below
    if len(existing) < 3 and "DefaultValue" in options:
        return UNKNOWN
    return found[0] if _are_equal(found) else scope.chosen(argument, found)


def _at(entry: Mapping[Any, Any], key: str) -> Iterator[Any]:
    if key in entry:
        yield entry[key]
    else:
        yield from (value for name, value in entry.items() if isinstance(name, _KEY) and text_of(name) == key)


def _are_equal(values: Sequence[Any]) -> bool:
    return all(type(value) is type(values[0]) and value == values[0] for value in values)


def _record(scope: "Scope", lookup: Lookup, entries: Sequence[Mapping[Any, Any]]) -> None:
    # Resources alone may be a part of a template.
    exact = all(isinstance(name, str) for entry in entries for name in entry)
    part = set(scope.document) <= {"Resources", "Outputs"}
    if exact and not part:
        scope.unmapped.append(lookup)

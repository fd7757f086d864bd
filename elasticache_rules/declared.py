"""The constraints of a template's parameters, which CloudFormation checks before any resource.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from elasticache_rules.ranges import number_of
from elasticache_rules.values import as_integer, text_of

_LISTS: Final = ("CommaDelimitedList", "List<")
_LONGEST: Final = 256
"""In characters; longer defaults are not matched with a pattern."""
_MOST_BITS: Final = 18
"""The logarithm of the number of ways in which a pattern may match; Python tries all of them before it gives up."""
_OF_JAVA: Final = ("\\p{", "\\P{", "&&", "[[", "++", "*+", "?+", "(?<", "\\Q", "\\h", "\\R", "\\z", "\\Z", "\\G")
"""What a regular expression of CloudFormation can hold, and Python refuses or understands in another way."""


def breaches(parameter: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The constraints that a parameter's own default breaks: the constraint's name, and what it asks for.

    Values of the Parameter Store and patterns that Python cannot match in a short time are left out.
    """
    default, kind = parameter.get("Default"), str(parameter.get("Type", "String"))
    if not isinstance(default, str | int | float) or kind.startswith("AWS::SSM::"):
        return
    whole = text_of(default)
    listed = kind.startswith(_LISTS)
    values = [item.strip() for item in whole.split(",")] if listed else [whole]
    yield from _type(kind, values)
    yield from _allowed(parameter.get("AllowedValues"), values)
    if kind == "Number":
        yield from _range(parameter, whole)
    elif not listed:
        yield from _length(parameter, whole)
    pattern = parameter.get("AllowedPattern")
    if isinstance(pattern, str) and any(differs(pattern, value) for value in values):
        yield "AllowedPattern", f"matches its AllowedPattern {pattern}"


def _type(kind: str, values: Sequence[str]) -> Iterator[tuple[str, str]]:
    if kind in ("Number", "List<Number>") and any(number_of(value) is None for value in values):
        yield "Type", "is a number, as its Type says"


def _allowed(allowed: Any, values: Sequence[str]) -> Iterator[tuple[str, str]]:
    if isinstance(allowed, list) and all(isinstance(item, str | int | float) for item in allowed):
        texts = [text_of(item) for item in allowed]
        numbers = {number for item in allowed if (number := number_of(item)) is not None}
        if not all(value in texts or number_of(value) in numbers for value in values):
            yield "AllowedValues", f"is one of its AllowedValues ({', '.join(texts[:10])}{', ...' * (len(texts) > 10)})"


def _range(parameter: Mapping[str, Any], value: str) -> Iterator[tuple[str, str]]:
    number = number_of(value)
    least, most = number_of(parameter.get("MinValue")), number_of(parameter.get("MaxValue"))
    if number is not None and least is not None and number < least:
        yield "MinValue", f"is at least its MinValue {least:g}"
    if number is not None and most is not None and number > most:
        yield "MaxValue", f"is at most its MaxValue {most:g}"


def _length(parameter: Mapping[str, Any], value: str) -> Iterator[tuple[str, str]]:
    least, most = as_integer(parameter.get("MinLength")), as_integer(parameter.get("MaxLength"))
    if least is not None and len(value) < least:
        yield "MinLength", f"has at least its MinLength of {least} characters"
    if most is not None and len(value) > most:
        yield "MaxLength", f"has at most its MaxLength of {most} characters"


def differs(pattern: str, value: str) -> bool:
    """Whether a text certainly does not match a pattern as a whole."""
    if len(value) > _LONGEST or any(piece in pattern for piece in _OF_JAVA):
        return False
    try:
        compiled = re.compile(pattern, re.ASCII)
        if _bits(_parsed(pattern), len(value)) > _MOST_BITS:
            return False
    except (re.error, RecursionError, OverflowError):
        return False
    return compiled.fullmatch(value) is None


def _parsed(pattern: str) -> Any:
    from re import _parser  # type: ignore[attr-defined]  # noqa: PLC0415 - the standard library has no public parser

    return _parser.parse(pattern)


def _bits(pieces: Any, length: int) -> float:
    """The logarithm of the number of ways in which the pieces of a pattern may match a text."""
    total = 0.0
    for operation, argument in pieces:
        name = str(operation)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most = argument[0], min(int(argument[1]), length + 1)
            total += max(most, 1) * _bits(argument[2], length) + math.log2(max(most - least, 0) + 1)
        elif name == "BRANCH":
            total += math.log2(len(argument[1])) + max(_bits(branch, length) for branch in argument[1])
        elif name == "SUBPATTERN":
            total += _bits(argument[-1], length)
        elif name not in ("LITERAL", "NOT_LITERAL", "IN", "ANY", "AT"):
            return math.inf
    return total

"""Parameters of templates with a range of numbers, which may hold none that a property accepts."""

import math
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from elasticache_rules import facts

_EACH: Final = 64
"""How many numbers from one end of a range are tried; counts of nodes, shards and days are below it."""
_MOST: Final = 400
"""How many numbers of one parameter are tried."""
_SOURCES: Final = ("limits", "database", "schema")
"""The facts with the bounds of properties."""
_LONGEST: Final = 30
"""In characters; no bound of a property is longer."""


def number_of(value: Any) -> float | None:
    """A number as a parameter takes it, also as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > _LONGEST:
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def has_range(parameter: Mapping[str, Any]) -> bool:
    """Whether a parameter takes numbers from or up to a bound, and no list of values."""
    bounds = (number_of(parameter.get("MinValue")), number_of(parameter.get("MaxValue")))
    return parameter.get("Type") == "Number" and "AllowedValues" not in parameter and bounds != (None, None)


def probes(parameter: Mapping[str, Any], sections: Any) -> Iterator[int | None]:
    """Integers of a parameter's range, so that a rule refuses every integer of the range if it refuses all of these.

    A rule accepts the numbers between two bounds. If some of them are in the range, the lower end of the range or the
    lower bound is one of them. So these are tried: the ends of the range, and the numbers of the facts and of the
    template, which bounds come from. Too many of them end with None.

    :param sections: what the bounds of a property may depend on in the template.
    """
    least, most = number_of(parameter.get("MinValue")), number_of(parameter.get("MaxValue"))
    low = -math.inf if least is None else math.ceil(least)
    high = math.inf if most is None else math.floor(most)
    seen: set[int] = set()
    for value in _candidates(parameter.get("Default"), low, high, sections):
        if low <= value <= high and value not in seen:
            if len(seen) == _MOST:
                yield None
                return
            seen.add(value)
            yield value


def _candidates(default: Any, low: float, high: float, sections: Any) -> Iterator[int]:
    yield from _integers(default)
    if low != -math.inf:
        yield from range(int(low), int(low) + _EACH)
    if high != math.inf:
        yield from range(int(high), int(high) - _EACH, -1)
    yield from range(_EACH)
    yield from _bounds()
    for number in _integers(sections):
        yield from (number - 1, number, number + 1)


@cache
def _bounds() -> tuple[int, ...]:
    numbers = {number for name in _SOURCES for number in _integers(facts.load(name))}
    return tuple(sorted({near for number in numbers for near in (number, number + 1)}))


def _integers(value: Any) -> Iterator[int]:
    if isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _integers(item)
    elif (number := number_of(value)) is not None and number.is_integer():
        yield int(number)

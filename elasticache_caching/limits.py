"""Checks of arguments, whatever their type at run time."""

from __future__ import annotations

YEAR = 31_536_000


def is_number(value: object, low: float, high: float) -> bool:
    """Whether it is a number within the limits, which NaN is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high


def is_integer(value: object, low: int, high: int) -> bool:
    """Whether it is an integer within the limits."""
    return isinstance(value, int) and is_number(value, low, high)


def is_prefix(value: object, longest: int) -> bool:
    """Whether keys can start with it: braces would end the hash tag."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= longest
        and value.isascii()
        and value.isprintable()
        and not set(value) & set("{}")
    )

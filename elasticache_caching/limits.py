"""Checks of arguments, whatever their type at run time."""

from __future__ import annotations

from elasticache_caching.errors import ConfigurationError

YEAR = 31_536_000


def is_number(value: object, low: float, high: float) -> bool:
    """Whether it is a number within the limits, which NaN is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high


def is_integer(value: object, low: int, high: int) -> bool:
    """Whether it is an integer within the limits."""
    return isinstance(value, int) and is_number(value, low, high)


def check_prefix(owner: str, prefix: object) -> None:
    """Braces would end the hash tag.

    :raises ConfigurationError: when keys cannot start with it.
    """
    is_text = isinstance(prefix, str) and 0 < len(prefix) <= 128 and prefix.isascii() and prefix.isprintable()
    if not is_text or set(str(prefix)) & set("{}"):
        wanted = "be 1 to 128 printable ASCII characters without braces"
        raise ConfigurationError(f"{owner}: prefix must {wanted}, got {prefix!r}; use a word such as 'product'")

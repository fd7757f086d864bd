"""Range checks of arguments, which may have any type at run time."""

from __future__ import annotations

from elasticache_caching.errors import ConfigurationError

YEAR = 31_536_000


def is_number(value: object, low: float, high: float) -> bool:
    """Whether a value is a number in a range; False for NaN."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high


def is_integer(value: object, low: int, high: int) -> bool:
    """Whether a value is an integer in a range."""
    return isinstance(value, int) and is_number(value, low, high)


def check_prefix(owner: str, prefix: object) -> None:
    """Check the prefix of keys. Braces are refused, because they would end the hash tag.

    :raises ConfigurationError: for an invalid prefix.
    """
    is_text = isinstance(prefix, str) and 0 < len(prefix) <= 128 and prefix.isascii() and prefix.isprintable()
    if not is_text or set(str(prefix)) & set("{}"):
        wanted = "be 1 to 128 printable ASCII characters without braces"
        raise ConfigurationError(f"{owner}: prefix must {wanted}, got {prefix!r}; use a word such as 'product'")

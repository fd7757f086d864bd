"""Conversion of context values (text from `-c`, JSON from cdk.json) to the types of the deployment fields."""

import re
import types
import typing
from typing import Any, Final, Literal, get_args, get_origin

LONGEST: Final = 1000
"""The maximum length of a value or a key; the longest useful value is a list of sixteen subnets."""
_SHOWN: Final = 60
# No field has a value of more than 10 digits.
_INTEGER: Final = re.compile(r"-?[0-9]{1,10}")
_FROM_NUMBERS: Final = frozenset({"account", "engine_version"})
"""String fields whose values may be numbers in JSON."""


def shown(value: object) -> str:
    """A value for an error message: escaped and truncated."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def parse_bool(key: str, value: object) -> bool:
    """Parse a boolean from JSON or text.

    :raises ValueError: for anything else.
    """
    text = str(value).lower() if isinstance(value, bool | str) else ""
    if text not in ("true", "false"):
        raise ValueError(f"context: {key} must be true or false, got {shown(value)}; correct the -c option")
    return text == "true"


def parse_text(key: str, value: object) -> str:
    """Parse printable text without tokens, of at most `LONGEST` characters.

    :raises ValueError: for anything else.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool) and key in _FROM_NUMBERS
    if not isinstance(value, str) and not number:
        raise ValueError(f"context: {key} must be text, got {shown(value)}; write it as text in double quotes")
    text = str(value)
    if len(text) > LONGEST:
        raise ValueError(f"context: {key} must have at most {LONGEST:,} characters, got {len(text):,}; shorten it")
    if not text.isprintable():
        raise ValueError(
            f"context: {key} must contain only printable characters, got {shown(text)}; remove the other characters"
        )
    if "${Token[" in text:
        raise ValueError(f"context: {key} must be known at synth, got the token {shown(text)}; use a literal value")
    return text


def parse(key: str, value: object, kind: Any) -> object:
    """Convert a context value to the type of its field.

    :param kind: the type of the field.
    :raises ValueError: for a value that cannot be converted.
    """
    if get_origin(kind) in (typing.Union, types.UnionType):
        kind = next(member for member in get_args(kind) if member is not types.NoneType)
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise ValueError(
                f"context: {key} must be one of {', '.join(get_args(kind))}, got {shown(value)}; choose one of them"
            )
        return value
    if kind is bool:
        return parse_bool(key, value)
    if kind is int:
        text = str(value) if isinstance(value, str) or type(value) is int else ""
        if not _INTEGER.fullmatch(text):
            raise ValueError(f"context: {key} must be an integer, got {shown(value)}; correct the -c option")
        return int(text)
    if get_origin(kind) is tuple:
        return _parse_list(key, value)
    return parse_text(key, value)


def _parse_list(key: str, value: object) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else parse_text(key, value).split(",")
    texts = tuple(parse_text(key, part).strip() for part in parts)
    if not all(texts):
        raise ValueError(
            f"context: {key} must be a comma-separated list without empty entries, got {shown(value)}; "
            "remove the empty ones"
        )
    return texts

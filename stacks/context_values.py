"""A value of the context, from `-c` as text or from cdk.json as JSON, as the type of its field."""

import re
import types
import typing
from typing import Any, Final, Literal, get_args, get_origin

LONGEST: Final = 1000
"""Characters of a value or a key; the longest that is of use lists sixteen subnets."""
_SHOWN: Final = 60
# No field takes a number of more than 10 digits.
_INTEGER: Final = re.compile(r"-?[0-9]{1,10}")
_FROM_NUMBERS: Final = frozenset({"account", "engine_version"})
"""Fields of text whose values JSON may hold as numbers."""


def shown(value: object) -> str:
    """A value as a message shows it: escaped, and cut when it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def parse_bool(key: str, value: object) -> bool:
    """True and false, as JSON or as text.

    :raises ValueError: for anything else.
    """
    text = str(value).lower() if isinstance(value, bool | str) else ""
    if text not in ("true", "false"):
        raise ValueError(f"context: {key} must be true or false, got {shown(value)}; correct the -c option")
    return text == "true"


def parse_text(key: str, value: object) -> str:
    """Printable text that is known at synth, of at most `LONGEST` characters.

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
            f"context: {key} must hold printable characters alone, got {shown(text)}; remove the other characters"
        )
    if "${Token[" in text:
        raise ValueError(f"context: {key} must be known at synth, got the token {shown(text)}; write the value out")
    return text


def parse(key: str, value: object, kind: Any) -> object:
    """A value of the context as its field has it.

    :param kind: the field's type.
    :raises ValueError: naming the key, the value, the rule and the fix.
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

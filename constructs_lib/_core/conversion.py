"""Conversion of arguments to the types of their annotations; tokens are accepted."""

import functools
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Literal, cast, get_args, get_origin

import aws_cdk as cdk

from .checking import is_token
from .jsii_types import is_interface, is_resolvable, is_struct, satisfies
from .type_words import enum_values

# Converts a value to the type of an annotation, or raises `MismatchError`.
Convert = Callable[[object], object]


class MismatchError(Exception):
    """The type of a value does not match its annotation.

    :param where: the path within the prop, such as `[0]`.
    """

    def __init__(self, value: object, hint: object, where: str = "") -> None:
        super().__init__()
        self.value, self.hint, self.where = value, hint, where


# String enums whose members only reach the template, so that a token can replace them.
TOKEN_ENUMS: set[type[Enum]] = set()


def is_encoded_token(value: object) -> bool:
    """Whether a value is a token: encoded as a string, or an `IResolvable`."""
    return is_resolvable(value) or (isinstance(value, str) and is_token(value))


@functools.cache
def converter(hint: Any) -> Convert:
    """The function that converts values to the type of an annotation."""
    origin = get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _union(hint)
    if origin is Literal:
        return _accepting(
            hint, lambda value: any(value == literal and type(value) is type(literal) for literal in get_args(hint))
        )
    if origin in (Sequence, list, tuple):
        return _sequence(hint, origin)
    if origin in (Mapping, dict):
        return _mapping(hint)
    if origin is Callable:
        return _accepting(hint, callable)
    return _plain(hint)


def _plain(hint: Any) -> Convert:
    special: dict[Any, Convert] = {
        Any: lambda value: value,
        object: lambda value: value,
        bool: _accepting(bool, lambda value: isinstance(value, bool)),
        str: _text,
        int: _number(int, int),
        float: _number(float, (int, float)),
    }
    if hint in special:
        return special[hint]
    if not isinstance(hint, type):
        return lambda value: value
    if issubclass(hint, Enum) and issubclass(hint, str):
        return _string_enum(hint)
    if is_interface(hint):
        return _accepting(hint, lambda value: satisfies(value, hint))
    if is_struct(hint):
        return _struct(hint)
    return _accepting(hint, lambda value: isinstance(value, hint))


def _accepting(hint: Any, test: Callable[[object], bool]) -> Convert:
    def convert(value: object) -> object:
        if not test(value):
            raise MismatchError(value, hint)
        return value

    return convert


def _text(value: object) -> object:
    if isinstance(value, str):
        return value
    if is_resolvable(value):
        return cdk.Token.as_string(value)
    raise MismatchError(value, str)


def _number(hint: type, kinds: Any) -> Convert:
    def convert(value: object) -> object:
        if isinstance(value, kinds) and not isinstance(value, bool):
            return value
        # CDK encodes a number token as a large negative float.
        if isinstance(value, float) and cdk.Token.is_unresolved(value):
            return value
        if is_resolvable(value):
            return cdk.Token.as_number(value)
        raise MismatchError(value, hint)

    return convert


def _string_enum(hint: type[Enum]) -> Convert:
    values = enum_values(hint)

    def convert(value: object) -> object:
        if isinstance(value, hint):
            return value
        if isinstance(value, str) and value in values:
            return hint(value)
        if hint in TOKEN_ENUMS and is_encoded_token(value):
            return _member_for(hint, value if isinstance(value, str) else cdk.Token.as_string(value))
        raise MismatchError(value, hint)

    return convert


def _member_for(hint: type[Enum], token: str) -> Enum:
    """An enum member that is not listed in the enum, with a token as its value."""
    member: Any = str.__new__(hint, token)  # type: ignore[type-var]  # a string enum
    member._name_, member._value_ = "TOKEN", token
    return cast(Enum, member)


def _struct(hint: type) -> Convert:
    def convert(value: object) -> object:
        if isinstance(value, hint):
            return value
        # CDK takes a mapping for each of its structs.
        if isinstance(value, Mapping):
            return hint(**value)
        raise MismatchError(value, hint)

    return convert


def _union(hint: Any) -> Convert:
    # A text stays a text where it is allowed, even if it is the value of an enum: `set` is a command and a category.
    hints = sorted(get_args(hint), key=lambda option_hint: option_hint is not str)
    options = [converter(option_hint) for option_hint in hints if option_hint is not type(None)]
    optional = type(None) in hints

    def convert(value: object) -> object:
        if value is None and optional:
            return None
        mismatches: list[MismatchError] = []
        for option in options:
            try:
                return option(value)
            except MismatchError as mismatch:
                mismatches.append(mismatch)
        # The error of a list element is more specific than that of the whole annotation.
        deeper = next((mismatch for mismatch in mismatches if mismatch.where), None)
        raise deeper or MismatchError(value, hint)

    return convert


def _sequence(hint: Any, origin: type) -> Convert:
    element = converter(get_args(hint)[0])

    def convert(value: object) -> object:
        if get_args(hint)[0] is str and is_resolvable(value):
            return cdk.Token.as_list(value)
        if isinstance(value, str | bytes) or not isinstance(value, Sequence):
            raise MismatchError(value, hint)
        converted = []
        for index, item in enumerate(value):
            try:
                converted.append(element(item))
            except MismatchError as mismatch:
                mismatch.where = f"[{index}]{mismatch.where}"
                raise
        return tuple(converted) if origin is tuple or isinstance(value, tuple) else converted

    return convert


def _mapping(hint: Any) -> Convert:
    key_of, value_of = (converter(argument) for argument in get_args(hint))

    def convert(value: object) -> object:
        if not isinstance(value, Mapping):
            raise MismatchError(value, hint)
        converted = {}
        for key, item in value.items():
            try:
                converted[key_of(key)] = value_of(item)
            except MismatchError as mismatch:
                mismatch.where = f"[{key!r}]{mismatch.where}"
                raise
        return converted

    return convert

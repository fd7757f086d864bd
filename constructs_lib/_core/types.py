"""Checks of Python types: every prop of every public class, derived from its annotation.

`check_types` wraps the constructors, factories and methods of the public classes when the package is imported. The
annotations of a callable are read when it is called for the first time.
"""

import functools
import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Literal, Unpack, cast, get_args, get_origin

import aws_cdk as cdk
from constructs import Construct

from .checking import PropTypeError, error, is_token, type_error
from .jsii_types import is_interface, is_resolvable, is_struct, satisfies
from .lookups import child_path
from .type_words import enum_values, fix_for, is_of_library, is_secret, shown, type_of, wanted

# What a prop of a type takes, after conversion; it raises `_MismatchError` for anything else.
Convert = Callable[[object], object]
_Prepared = tuple[list[str], dict[str, Convert], str | None, dict[str, bool]]
_CHECKED = "__checks_types__"
_OPTIONAL = {True: "leave it out for the default", False: "pass what exists"}


class _MismatchError(Exception):
    def __init__(self, value: object, hint: object, where: str = "") -> None:
        super().__init__()
        self.value, self.hint, self.where = value, hint, where


# String enums whose members are written to the template and decide nothing else.
_TOKEN_ENUMS: set[type[Enum]] = set()


def check_types(members: Mapping[str, object], *, empty: bool = False, token_enums: Sequence[type[Enum]] = ()) -> None:
    """Let the constructors, factories and methods of public classes check their arguments.

    :param members: public names and what they stand for; each class of this library is changed in place.
    :param empty: whether an empty text is a value of optional props, as it is for parameters of an engine.
    :param token_enums: those for which a token is accepted.
    """
    _TOKEN_ENUMS.update(token_enums)
    for member in members.values():
        if isinstance(member, type) and is_of_library(member) and not issubclass(member, Enum):
            _check_class(member, members, empty)


def _check_class(owner: type, namespace: Mapping[str, object], empty: bool) -> None:
    for name, attribute in list(vars(owner).items()):
        if name.startswith("_") and name != "__init__":
            continue
        if isinstance(attribute, staticmethod | classmethod):
            kind = type(attribute)
            setattr(owner, name, kind(_checked(attribute.__func__, owner, namespace, empty)))
        elif inspect.isfunction(attribute):
            setattr(owner, name, _checked(attribute, owner, namespace, empty))


def _checked(
    function: Callable[..., Any], owner: type, namespace: Mapping[str, object], empty: bool
) -> Callable[..., Any]:
    if hasattr(function, _CHECKED):
        return function
    prepared: list[_Prepared] = []

    @functools.wraps(function)
    def checked(*arguments: Any, **props: Any) -> Any:
        if not prepared:
            prepared.append(_prepare(function, namespace))
        names, converts, rest, optional = prepared[0]
        given = {**dict(zip(names, arguments, strict=False)), **props}
        try:
            positional = [_convert(converts, name, value) for name, value in zip(names, arguments, strict=False)]
            positional += [_convert(converts, rest, value) for value in arguments[len(names) :]]
            keyword = {name: _convert(converts, name, value) for name, value in props.items()}
        except _MismatchError as found:
            raise _refusal(found, owner, given, function) from None
        for name, value in () if empty else given.items():
            if _is_empty(value) and name in optional:
                raise error(_place(owner, given), name, "not be empty", repr(value), _OPTIONAL[optional[name]])
        return function(*positional, **keyword)

    setattr(checked, _CHECKED, True)
    return checked


def _convert(converts: Mapping[str, Convert], name: str | None, value: object) -> object:
    convert = converts.get(name or "")
    if convert is None:
        return value
    try:
        return convert(value)
    except _MismatchError as found:
        found.where = f"{name}{found.where}"
        raise


def _prepare(function: Callable[..., Any], namespace: Mapping[str, object]) -> _Prepared:
    """The names of positional parameters, the conversion of each, the name of `*rest`, and what must not be empty."""
    hints = typing.get_type_hints(function, localns=dict(namespace))
    parameters = inspect.signature(function).parameters.values()
    names = [each.name for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    rest = next((each.name for each in parameters if each.kind is each.VAR_POSITIONAL), None)
    converts = {
        each.name: converter(hints[each.name])
        for each in parameters
        if each.name in hints and each.name not in ("self", "cls")
    }
    for each in parameters:
        if each.kind is each.VAR_KEYWORD and get_origin(hints.get(each.name)) is Unpack:
            (options,) = get_args(hints[each.name])
            converts |= {name: converter(hint) for name, hint in typing.get_type_hints(options).items()}
    return names, converts, rest, _not_empty(function, hints)


def _not_empty(function: Callable[..., Any], hints: Mapping[str, Any]) -> dict[str, bool]:
    """The parameters that must not be empty, and whether each may be left out.

    An imported resource has a name, and may have neither security groups nor users.
    """
    imports = function.__name__.startswith("from_")
    found = {}
    for each in inspect.signature(function).parameters.values():
        is_text = str in (hints.get(each.name), *get_args(hints.get(each.name)))
        if (each.default is None and not imports) or (imports and is_text and each.name != "id"):
            found[each.name] = each.default is not each.empty
    return found


def _refusal(
    found: _MismatchError, owner: type, given: Mapping[str, object], function: Callable[..., Any]
) -> PropTypeError:
    place = _place(owner, given)
    parameter = inspect.signature(function).parameters.get(found.where)
    optional = parameter is not None and parameter.default is not parameter.empty
    if is_value_of_deployment(found.value) and not is_secret(found.hint):
        return type_error(place, found.where, "be known at synth", "a token", "use a literal value")
    return type_error(
        place,
        found.where,
        f"be {wanted(found.hint)}",
        type_of(found.value) if is_secret(found.hint) else shown(found.value),
        fix_for(found.hint, found.value, optional=optional),
    )


def is_value_of_deployment(value: object) -> bool:
    """Whether a value is a token, as text or as an object."""
    return is_resolvable(value) or (isinstance(value, str) and is_token(value))


def _place(owner: type, given: Mapping[str, object]) -> Construct | str:
    itself, scope, id = given.get("self"), given.get("scope"), given.get("id")
    if isinstance(scope, Construct) and isinstance(id, str):
        return child_path(scope, id)
    # A construct has no path before its own constructor.
    return itself if isinstance(itself, Construct) and hasattr(itself, "__jsii_ref__") else owner.__name__


def _is_empty(value: object) -> bool:
    return isinstance(value, str | list | tuple) and not value


@functools.cache
def converter(hint: Any) -> Convert:
    """What turns a value into one of an annotation, or raises."""
    origin = get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _union(hint)
    if origin is Literal:
        return _accepting(
            hint, lambda value: any(value == each and type(value) is type(each) for each in get_args(hint))
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
            raise _MismatchError(value, hint)
        return value

    return convert


def _text(value: object) -> object:
    if isinstance(value, str):
        return value
    if is_resolvable(value):
        return cdk.Token.as_string(value)
    raise _MismatchError(value, str)


def _number(hint: type, kinds: Any) -> Convert:
    def convert(value: object) -> object:
        if isinstance(value, kinds) and not isinstance(value, bool):
            return value
        # CDK encodes a number that only the deployment knows as a large negative float.
        if isinstance(value, float) and cdk.Token.is_unresolved(value):
            return value
        if is_resolvable(value):
            return cdk.Token.as_number(value)
        raise _MismatchError(value, hint)

    return convert


def _string_enum(hint: type[Enum]) -> Convert:
    values = enum_values(hint)

    def convert(value: object) -> object:
        if isinstance(value, hint):
            return value
        if isinstance(value, str) and value in values:
            return hint(value)
        if hint in _TOKEN_ENUMS and is_value_of_deployment(value):
            return _member_for(hint, value if isinstance(value, str) else cdk.Token.as_string(value))
        raise _MismatchError(value, hint)

    return convert


def _member_for(hint: type[Enum], token: str) -> Enum:
    """A member that no name leads to, whose value only the deployment knows."""
    made: Any = str.__new__(hint, token)  # type: ignore[type-var]  # a string enum
    made._name_, made._value_ = "TOKEN", token
    return cast(Enum, made)


def _struct(hint: type) -> Convert:
    def convert(value: object) -> object:
        if isinstance(value, hint):
            return value
        # CDK takes a mapping for each of its structs.
        if isinstance(value, Mapping):
            return hint(**value)
        raise _MismatchError(value, hint)

    return convert


def _union(hint: Any) -> Convert:
    options = [converter(each) for each in get_args(hint) if each is not type(None)]
    optional = type(None) in get_args(hint)

    def convert(value: object) -> object:
        if value is None and optional:
            return None
        inner: list[_MismatchError] = []
        for option in options:
            try:
                return option(value)
            except _MismatchError as found:
                inner.append(found)
        # A list with a wrong element says more than the whole annotation.
        deeper = next((each for each in inner if each.where), None)
        raise deeper or _MismatchError(value, hint)

    return convert


def _sequence(hint: Any, origin: type) -> Convert:
    element = converter(get_args(hint)[0])

    def convert(value: object) -> object:
        if get_args(hint)[0] is str and is_resolvable(value):
            return cdk.Token.as_list(value)
        if isinstance(value, str | bytes) or not isinstance(value, Sequence):
            raise _MismatchError(value, hint)
        made = []
        for index, each in enumerate(value):
            try:
                made.append(element(each))
            except _MismatchError as found:
                found.where = f"[{index}]{found.where}"
                raise
        return tuple(made) if origin is tuple or isinstance(value, tuple) else made

    return convert


def _mapping(hint: Any) -> Convert:
    key_of, value_of = (converter(each) for each in get_args(hint))

    def convert(value: object) -> object:
        if not isinstance(value, Mapping):
            raise _MismatchError(value, hint)
        made = {}
        for key, each in value.items():
            try:
                made[key_of(key)] = value_of(each)
            except _MismatchError as found:
                found.where = f"[{key!r}]{found.where}"
                raise
        return made

    return convert

"""Type checks for the arguments of public classes, based on their annotations.

`check_types` wraps the constructors, factories and methods of the public classes when the package is imported. The
annotations of a callable are read on its first call.
"""

import functools
import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Unpack, get_args, get_origin

from constructs import Construct

from .checking import PropTypeError, error, type_error
from .conversion import TOKEN_ENUMS, Convert, MismatchError, converter, is_encoded_token
from .lookups import child_path
from .type_words import TokenText, fix_for, is_of_library, is_secret, shown, type_of, wanted, wants_object

_Prepared = tuple[list[str], dict[str, Convert], str | None, dict[str, bool]]
_CHECKED = "__checks_types__"
_ANY_ARGUMENTS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
_OPTIONAL = {True: "leave it out for the default", False: "pass what exists"}


def check_types(members: Mapping[str, object], *, empty: bool = False, token_enums: Sequence[type[Enum]] = ()) -> None:
    """Add type checks to the constructors, factories and methods of public classes.

    :param members: the public names with their objects; classes of this library are changed in place.
    :param empty: whether optional props accept an empty string, as engine parameters do.
    :param token_enums: the enums that accept a token.
    """
    TOKEN_ENUMS.update(token_enums)
    for member in members.values():
        if isinstance(member, type) and is_of_library(member) and not issubclass(member, Enum):
            _check_class(member, members, empty)


def _check_class(owner: type, namespace: Mapping[str, object], empty: bool) -> None:
    inherited = _from_private_bases(owner, set(filter(inspect.isclass, namespace.values())))
    for name, attribute in [*inherited.items(), *vars(owner).items()]:
        if name.startswith("_") and name != "__init__":
            continue
        if isinstance(attribute, staticmethod | classmethod):
            kind = type(attribute)
            setattr(owner, name, kind(_checked(attribute.__func__, owner, namespace, empty)))
        elif inspect.isfunction(attribute) and _takes_arguments(attribute):
            setattr(owner, name, _checked(attribute, owner, namespace, empty))


def _from_private_bases(owner: type, public: set[type]) -> dict[str, object]:
    """What a class inherits from classes of this library that are not public, and that no other check covers."""
    bases = [base for base in owner.__mro__[1:] if is_of_library(base)]
    members = {name: member for base in reversed(bases) if base not in public for name, member in vars(base).items()}
    covered = {name for base in (owner, *bases) if base is owner or base in public for name in vars(base)}
    return {name: member for name, member in members.items() if name not in covered}


def _takes_arguments(method: Callable[..., Any]) -> bool:
    """Whether a method has other parameters than `self`."""
    code = method.__code__
    return code.co_argcount + code.co_kwonlyargcount > 1 or bool(code.co_flags & _ANY_ARGUMENTS)


def _checked(
    function: Callable[..., Any], owner: type, namespace: Mapping[str, object], empty: bool
) -> Callable[..., Any]:
    if hasattr(function, _CHECKED):
        return function
    prepared: list[_Prepared] = []
    is_constructor = function.__name__ == "__init__"

    @functools.wraps(function)
    def checked(*arguments: Any, **props: Any) -> Any:
        if is_constructor and type(arguments[0]) is not owner and is_of_library(type(arguments[0])):
            # Called by the constructor of a subclass, which has already checked the arguments.
            return function(*arguments, **props)
        if not prepared:
            prepared.append(_prepare(function, namespace))
        names, _, _, optional = prepared[0]
        try:
            positional, keyword = _converted(prepared[0], arguments, props)
        except MismatchError as mismatch:
            raise _refusal(mismatch, owner, _given(names, arguments, props), function) from None
        if not empty:
            for name, value in (*zip(names, arguments, strict=False), *props.items()):
                if name in optional and not value and _is_empty(value):
                    place = _place(owner, _given(names, arguments, props))
                    raise error(place, name, "not be empty", repr(value), _OPTIONAL[optional[name]])
        return function(*positional, **keyword)

    setattr(checked, _CHECKED, True)
    return checked


def _converted(
    prepared: _Prepared, arguments: Sequence[Any], props: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The positional and the keyword arguments, converted to the types of their annotations."""
    names, converts, rest, _ = prepared
    positional, keyword = list(arguments), dict(props)
    name: str | None = None
    try:
        for index, value in enumerate(arguments):
            name = names[index] if index < len(names) else rest
            if name in converts:
                positional[index] = converts[name](value)
        for name, value in props.items():
            if name in converts:
                keyword[name] = converts[name](value)
    except MismatchError as mismatch:
        mismatch.where = f"{name}{mismatch.where}"
        raise
    return positional, keyword


def _given(names: Sequence[str], arguments: Sequence[Any], props: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by their names, without those of `*args`."""
    return {**dict(zip(names, arguments, strict=False)), **props}


def _prepare(function: Callable[..., Any], namespace: Mapping[str, object]) -> _Prepared:
    """Positional names, converters by name, the name of `*args`, and the parameters that must not be empty."""
    hints = typing.get_type_hints(function, localns=dict(namespace))
    parameters = inspect.signature(function).parameters.values()
    names = [
        parameter.name
        for parameter in parameters
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    rest = next((parameter.name for parameter in parameters if parameter.kind is parameter.VAR_POSITIONAL), None)
    converts = {
        parameter.name: converter(hints[parameter.name])
        for parameter in parameters
        if parameter.name in hints and parameter.name not in ("self", "cls")
    }
    for parameter in parameters:
        if parameter.kind is parameter.VAR_KEYWORD and get_origin(hints.get(parameter.name)) is Unpack:
            (options,) = get_args(hints[parameter.name])
            converts |= {name: converter(hint) for name, hint in typing.get_type_hints(options).items()}
    return names, converts, rest, _not_empty(function, hints)


def _not_empty(function: Callable[..., Any], hints: Mapping[str, Any]) -> dict[str, bool]:
    """The parameters that must not be empty, with whether they are optional.

    For an imported resource these are the strings only: lists of security groups or users may be empty.
    """
    imports = function.__name__.startswith("from_")
    not_empty = {}
    for parameter in inspect.signature(function).parameters.values():
        is_text = str in (hints.get(parameter.name), *get_args(hints.get(parameter.name)))
        if (parameter.default is None and not imports) or (imports and is_text and parameter.name != "id"):
            not_empty[parameter.name] = parameter.default is not parameter.empty
    return not_empty


def _refusal(
    mismatch: MismatchError, owner: type, given: Mapping[str, object], function: Callable[..., Any]
) -> PropTypeError:
    place = _place(owner, given)
    parameter = inspect.signature(function).parameters.get(mismatch.where)
    optional = parameter is not None and parameter.default is not parameter.empty
    if is_encoded_token(mismatch.value) and not is_secret(mismatch.hint):
        if not wants_object(mismatch.hint):
            return type_error(place, mismatch.where, "be known at synth", "a token", "use a literal value")
        fix = fix_for(mismatch.hint, TokenText(), optional=optional)
        return type_error(place, mismatch.where, f"be {wanted(mismatch.hint)}", "a token", fix)
    return type_error(
        place,
        mismatch.where,
        f"be {wanted(mismatch.hint)}",
        type_of(mismatch.value) if is_secret(mismatch.hint) else shown(mismatch.value),
        fix_for(mismatch.hint, mismatch.value, optional=optional),
    )


def _place(owner: type, given: Mapping[str, object]) -> Construct | str:
    itself, scope, id = given.get("self"), given.get("scope"), given.get("id")
    if isinstance(scope, Construct) and isinstance(id, str):
        return child_path(scope, id)
    # A construct has no path before its constructor has run.
    return itself if isinstance(itself, Construct) and hasattr(itself, "__jsii_ref__") else owner.__name__


def _is_empty(value: object) -> bool:
    return isinstance(value, str | list | tuple) and not value

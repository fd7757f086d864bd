"""Checks of Python types: every prop of every public class, derived from its annotation.

`check_types` wraps the constructors, factories and methods of the public classes when the package is imported. The
annotations of a callable are read when it is called for the first time.
"""

import functools
import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Unpack, get_args, get_origin

from constructs import Construct

from .checking import PropTypeError, error, type_error
from .conversion import TOKEN_ENUMS, Convert, MismatchError, converter, is_value_of_deployment
from .lookups import child_path
from .type_words import fix_for, is_of_library, is_secret, shown, type_of, wanted

_Prepared = tuple[list[str], dict[str, Convert], str | None, dict[str, bool]]
_CHECKED = "__checks_types__"
_OPTIONAL = {True: "leave it out for the default", False: "pass what exists"}


def check_types(members: Mapping[str, object], *, empty: bool = False, token_enums: Sequence[type[Enum]] = ()) -> None:
    """Let the constructors, factories and methods of public classes check their arguments.

    :param members: public names and what they stand for; each class of this library is changed in place.
    :param empty: whether an empty text is a value of optional props, as it is for parameters of an engine.
    :param token_enums: those for which a token is accepted.
    """
    TOKEN_ENUMS.update(token_enums)
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
    is_constructor = function.__name__ == "__init__"

    @functools.wraps(function)
    def checked(*arguments: Any, **props: Any) -> Any:
        if is_constructor and type(arguments[0]) is not owner and is_of_library(type(arguments[0])):
            # Called by the constructor of a subclass, which has checked what the caller gave.
            return function(*arguments, **props)
        if not prepared:
            prepared.append(_prepare(function, namespace))
        names, converts, rest, optional = prepared[0]
        given = {**dict(zip(names, arguments, strict=False)), **props}
        try:
            positional = [_convert(converts, name, value) for name, value in zip(names, arguments, strict=False)]
            positional += [_convert(converts, rest, value) for value in arguments[len(names) :]]
            keyword = {name: _convert(converts, name, value) for name, value in props.items()}
        except MismatchError as found:
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
    except MismatchError as found:
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
    found: MismatchError, owner: type, given: Mapping[str, object], function: Callable[..., Any]
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


def _place(owner: type, given: Mapping[str, object]) -> Construct | str:
    itself, scope, id = given.get("self"), given.get("scope"), given.get("id")
    if isinstance(scope, Construct) and isinstance(id, str):
        return child_path(scope, id)
    # A construct has no path before its own constructor.
    return itself if isinstance(itself, Construct) and hasattr(itself, "__jsii_ref__") else owner.__name__


def _is_empty(value: object) -> bool:
    return isinstance(value, str | list | tuple) and not value

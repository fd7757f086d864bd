"""Tokens, and the form of an error."""

from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from constructs import Construct

# CDK encodes a list that only the deployment knows as one item that begins like this.
_LIST_TOKEN: Final = "#{Token["  # noqa: S105 - a token of CDK


class PropTypeError(TypeError, ValueError):
    """A prop has another Python type than its annotation; a `ValueError` too, as for any other refused prop."""


def is_token(value: object) -> bool:
    """Whether only the deployment knows a value. Plain text and numbers are told apart without asking CDK."""
    if value is None or isinstance(value, bool):
        return False
    if isinstance(value, str):
        return "${Token[" in value or value.startswith(_LIST_TOKEN)
    if isinstance(value, int | float):
        return value < -1e280
    return bool(cdk.Token.is_unresolved(value))


def must_be_known(where: Construct | str, prop: str, value: object) -> None:
    """Refuse a value that only the deployment knows, where the template depends on it.

    :param where: the construct, or its path; for a value object, the name of its class.
    :raises ValueError: for a token, or a list that holds one.
    """
    values = value if isinstance(value, list | tuple) else (value,)
    if any(is_token(each) for each in values):
        raise error(where, prop, "be known at synth", "a token", "use a literal value")


def length_must_be_known(where: Construct | str, prop: str, values: Sequence[str]) -> None:
    """Refuse a list that only the deployment knows as a whole; single items may be tokens.

    :raises ValueError: for a list that is a token.
    """
    must_be_known(where, prop, [each for each in values if each.startswith(_LIST_TOKEN)])


def error(where: Construct | str, prop: str, must: str, value: object, fix: str) -> ValueError:
    """An error for a prop: `<path>: <prop> must <rule>, got <value>; <fix>`.

    :param where: the construct, or its path; for a value object, the name of its class.
    """
    return ValueError(_bound(where, prop, must, value, fix))


def type_error(where: Construct | str, prop: str, must: str, value: object, fix: str) -> "PropTypeError":
    """The same for a value of another Python type."""
    return PropTypeError(_bound(where, prop, must, value, fix))


def problem(where: Construct | str, what: str, fix: str) -> ValueError:
    """An error where no single prop is out of its bounds: `<path>: <what is wrong>; <fix>`."""
    return ValueError(f"{_path(where)}: {what}; {fix}")


def _bound(where: Construct | str, prop: str, must: str, value: object, fix: str) -> str:
    return f"{_path(where)}: {prop} must {must}, got {value}; {fix}"


def _path(where: Construct | str) -> str:
    return where if isinstance(where, str) else where.node.path

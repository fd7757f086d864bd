"""Detection of tokens, and the two forms of error messages."""

from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from constructs import Construct

from .lookups import ChildPath

Place = Construct | ChildPath | str
"""What an error is about: a construct, its path, or the name of the class of a value object."""

# CDK encodes a list token as one item with this prefix.
_LIST_TOKEN: Final = "#{Token["  # noqa: S105 - a token of CDK


class PropTypeError(TypeError, ValueError):
    """A prop has another Python type than its annotation; a `ValueError` too, as for any other refused prop.

    ```python
    try:
        ReplicationGroup(self, "Cache", vpc=vpc, port="6379")
    except PropTypeError as refused:
        print(refused)
    ```
    """


class ReleaseError(ValueError):
    """A prop or a construct needs a later release of aws-cdk-lib than the installed one.

    :param release: the first release that supports it.
    """

    def __init__(self, message: str, release: str) -> None:
        super().__init__(message)
        self.release = release


class ReleaseImportError(ImportError):
    """A public name needs a later release of aws-cdk-lib than the installed one; see `ReleaseError`."""

    def __init__(self, message: str, release: str) -> None:
        super().__init__(message)
        self.release = release


def is_token(value: object) -> bool:
    """Whether a value is a token. Strings and numbers are checked without a jsii call."""
    if value is None or isinstance(value, bool):
        return False
    if isinstance(value, str):
        return "${Token[" in value or value.startswith(_LIST_TOKEN)
    if isinstance(value, int | float):
        return value < -1e280
    return bool(cdk.Token.is_unresolved(value))


def must_be_known(where: Place, prop: str, value: object) -> None:
    """Refuse a token for a prop whose value determines the structure of the template.

    :param where: the construct, or its path; for a value object, the name of its class.
    :raises ValueError: for a token, or a list that contains one.
    """
    values = value if isinstance(value, list | tuple) else (value,)
    if any(is_token(value) for value in values):
        raise error(where, prop, "be known at synth", "a token", "use a literal value")


def length_must_be_known(where: Place, prop: str, values: Sequence[str]) -> None:
    """Refuse a list whose length is not known at synth; single items may be tokens.

    :raises ValueError: for a list that is a token.
    """
    must_be_known(where, prop, [value for value in values if value.startswith(_LIST_TOKEN)])


def error(where: Place, prop: str, must: str, value: object, fix: str) -> ValueError:
    """An error for a value outside its bounds: `<path>: <prop> must <rule>, got <value>; <fix>`.

    :param where: the construct, or its path; for a value object, the name of its class.
    """
    return ValueError(_bound(where, prop, must, value, fix))


def type_error(where: Place, prop: str, must: str, value: object, fix: str) -> "PropTypeError":
    """As `error`, for a value of the wrong Python type."""
    return PropTypeError(_bound(where, prop, must, value, fix))


def problem(where: Place, what: str, fix: str) -> ValueError:
    """An error that is not about the bounds of one prop: `<path>: <what is wrong>; <fix>`."""
    return ValueError(f"{_path(where)}: {what}; {fix}")


def release_error(where: Place, what: str, release: str, because: str, fix: str) -> ReleaseError:
    """As `problem`, for a missing feature of the installed aws-cdk-lib.

    :param what: the prop or the construct.
    :param release: the first release that supports it.
    :param because: what the installed release does not have.
    """
    text = f"{what} needs aws-cdk-lib {release} or later, because {because}"
    return ReleaseError(str(problem(where, text, fix)), release)


def _bound(where: Place, prop: str, must: str, value: object, fix: str) -> str:
    return f"{_path(where)}: {prop} must {must}, got {value}; {fix}"


def _path(where: Place) -> str:
    return where.node.path if isinstance(where, Construct) else str(where)

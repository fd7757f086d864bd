"""Tokens, and the form of an error."""

import aws_cdk as cdk
from constructs import Construct


def is_token(value: object) -> bool:
    """Whether only the deployment knows a value. Plain text and numbers are told apart without asking CDK."""
    if value is None or isinstance(value, bool):
        return False
    if isinstance(value, str):
        return "${Token[" in value
    if isinstance(value, int | float):
        return value < -1e280
    return bool(cdk.Token.is_unresolved(value))


def error(where: Construct | str, prop: str, must: str, value: object, fix: str) -> ValueError:
    """An error for a prop: `<path>: <prop> must <rule>, got <value>; <fix>`.

    :param where: the construct, or its path; for a value object, the name of its class.
    """
    return ValueError(f"{_path(where)}: {prop} must {must}, got {value}; {fix}")


def problem(where: Construct | str, what: str, fix: str) -> ValueError:
    """An error where no single prop is out of its bounds: `<path>: <what is wrong>; <fix>`."""
    return ValueError(f"{_path(where)}: {what}; {fix}")


def _path(where: Construct | str) -> str:
    return where if isinstance(where, str) else where.node.path

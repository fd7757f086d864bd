"""Passwords that the caller passes as `SecretValue`."""

from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from constructs import Construct

from .._core.checking import error

_MAX_PASSWORDS: Final = 2


def own_passwords(user: Construct, passwords: Sequence[cdk.SecretValue]) -> list[str]:
    """The passwords as they are written to the template: dynamic references, unless they are plain text.

    :raises ValueError: for more than two passwords.
    """
    if len(passwords) > _MAX_PASSWORDS:
        raise error(user, "passwords", f"contain 1 to {_MAX_PASSWORDS} passwords", len(passwords), "remove the oldest")
    return [password.unsafe_unwrap() for password in passwords]

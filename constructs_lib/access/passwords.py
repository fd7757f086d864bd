"""Passwords of the caller's own."""

from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from constructs import Construct

from .._core.checking import error

_MOST_PASSWORDS: Final = 2


def own_passwords(user: Construct, passwords: Sequence[cdk.SecretValue]) -> list[str]:
    """The passwords as the template takes them: references, unless they are plain text.

    :raises ValueError: for another type, or another number than one or two.
    """
    single = isinstance(passwords, cdk.SecretValue | str)
    if single or not all(isinstance(each, cdk.SecretValue) for each in passwords):
        # The value is left out of the message, because it may be a password.
        raise error(
            user,
            "passwords",
            "be a list of SecretValue",
            f"a {type(passwords).__name__}" if single else "other items",
            "use [cdk.SecretValue.secrets_manager(...)]",
        )
    if not 1 <= len(passwords) <= _MOST_PASSWORDS:
        raise error(
            user,
            "passwords",
            f"hold 1 to {_MOST_PASSWORDS} passwords",
            len(passwords),
            "leave it out for a generated one" if not passwords else "remove the oldest",
        )
    return [each.unsafe_unwrap() for each in passwords]

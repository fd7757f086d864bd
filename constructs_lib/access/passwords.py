"""Passwords of the caller's own."""

from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from constructs import Construct

from .._core.checking import error

_MOST_PASSWORDS: Final = 2


def own_passwords(user: Construct, passwords: Sequence[cdk.SecretValue]) -> list[str]:
    """The passwords as the template takes them: references, unless they are plain text.

    :raises ValueError: for more than two.
    """
    if len(passwords) > _MOST_PASSWORDS:
        raise error(user, "passwords", f"hold 1 to {_MOST_PASSWORDS} passwords", len(passwords), "remove the oldest")
    return [each.unsafe_unwrap() for each in passwords]

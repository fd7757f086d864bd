"""Authentication mechanisms."""

from enum import StrEnum


class Authentication(StrEnum):
    """The mechanism that clients authenticate with.

    ```python
    assert cache.access.authentication is Authentication.IAM
    ```
    """

    NONE = "none"
    IAM = "iam"
    PASSWORD = "password"  # noqa: S105 - the name of a mechanism
    """The name and a password of a user."""
    TOKEN = "token"  # noqa: S105 - the name of a mechanism
    """The AUTH token, which all clients share."""
    USERS = "users"
    """Users of a user group with different mechanisms, or with a mechanism that is not known."""

"""How a client proves who it is."""

from enum import StrEnum


class Authentication(StrEnum):
    """What a client sends after it has connected."""

    NONE = "none"
    IAM = "iam"
    PASSWORD = "password"  # noqa: S105 - the name of a mechanism
    """A user's name and one of its passwords."""
    TOKEN = "token"  # noqa: S105 - the name of a mechanism
    """The AUTH token, the same for everyone."""
    USERS = "users"
    """Users of a group who authenticate in several ways, or in one that is not known here."""

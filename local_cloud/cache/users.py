"""The users of a template, as lines of a server's ACL file."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from local_cloud.cache.servers import ADMIN
from local_cloud.keys import Keys

# The user that replicas connect with; its password is random for each run.
REPLICATION: Final = "local-replication"
# Commands that ElastiCache refuses to every user, and commands with which a client could write files or start programs.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/RestrictedCommands.html
RESTRICTED: Final = (
    *("-acl|deluser", "-acl|load", "-acl|log", "-acl|save", "-acl|setuser"),
    *("-bgrewriteaof", "-bgsave", "-config", "-debug", "-failover", "-migrate", "-module", "-psync", "-replicaof"),
    *("-save", "-shutdown", "-slaveof", "-sync"),
    *("-cluster|addslots", "-cluster|addslotsrange", "-cluster|bumpepoch", "-cluster|delslots"),
    *("-cluster|delslotsrange", "-cluster|failover", "-cluster|flushslots", "-cluster|forget", "-cluster|meet"),
    *("-cluster|replicate", "-cluster|reset", "-cluster|set-config-epoch", "-cluster|setslot"),
)


@dataclass(frozen=True, slots=True)
class User:
    """A user of a template.

    :param passwords: each of them is accepted.
    :param iam: whether the password is a token that the client's role signs.
    """

    id: str
    name: str
    access: str
    passwords: tuple[str, ...] = ()
    iam: bool = False

    @classmethod
    def of(cls, props: Mapping[str, Any]) -> Self:
        """Create it from the properties of an AWS::ElastiCache::User."""
        mode = props.get("AuthenticationMode") or {}
        passwords = [*(mode.get("Passwords") or ()), *(props.get("Passwords") or ())]
        return cls(
            id=str(props["UserId"]),
            name=str(props["UserName"]),
            access=str(props["AccessString"]),
            passwords=tuple(map(str, passwords)),
            iam=mode.get("Type") == "iam",
        )

    def rule(self, keys: Keys) -> list[str]:
        """The words after the name in an ACL file; IAM users have the password that the proxy inserts for a token."""
        passwords = (keys.iam_users,) if self.iam else self.passwords
        secrets = [f"#{hashed(password)}" for password in passwords]
        if not secrets:
            secrets = ["nopass"]
        return ["reset", *self.access.split(), *RESTRICTED, *secrets]


def hashed(password: str) -> str:
    """The hash of a password in the form that an ACL file contains."""
    return hashlib.sha256(password.encode()).hexdigest()


def acl(users: Sequence[User] | None, token: str | None, keys: Keys) -> list[str]:
    """The lines of an ACL file.

    :param users: the users that may connect; None without authentication.
    :param token: the AUTH token, which is the password of the user `default`.
    :param keys: the passwords of the users for administration and replication.
    """
    restricted = " ".join(RESTRICTED)
    lines = [
        f"user {ADMIN} on ~* &* +@all #{hashed(keys.administrator)}",
        f"user {REPLICATION} on +psync +replconf +ping #{hashed(keys.replication)}",
    ]
    if token is not None:
        return [*lines, f"user default on ~* &* +@all -@dangerous +info +cluster {restricted} #{hashed(token)}"]
    if users is None:
        return [*lines, f"user default on ~* &* +@all {restricted} nopass"]
    lines_of_users = [" ".join(["user", user.name, *user.rule(keys)]) for user in users]
    if not any(user.name == "default" for user in users):
        lines_of_users.append("user default off -@all")
    return lines + lines_of_users

"""The secrets of one run: the operator's AWS credentials, and the administrator of the cache servers."""

import json
import os
import secrets
import string
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Random secrets of one run, in a file that only the user can read.

    :param access_key: with `secret_key`, the credentials of the CDK CLI, the AWS CLI and boto3.
    :param administrator: the password of the user that configures the cache servers.
    :param replication: the password of the user that replicas connect with.
    :param iam_users: the password of IAM users on the cache servers, with which a proxy replaces valid tokens.
    """

    access_key: str
    secret_key: str = field(repr=False)
    administrator: str = field(repr=False)
    replication: str = field(repr=False)
    iam_users: str = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """Create random secrets."""
        return cls(
            access_key=access_key_id("AKIA"),
            secret_key=secrets.token_urlsafe(30),
            administrator=secrets.token_urlsafe(30),
            replication=secrets.token_urlsafe(30),
            iam_users=secrets.token_urlsafe(30),
        )

    def write(self, path: Path) -> None:
        """Write them to a new file with mode 0600."""
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(self), file)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read them from a file that `write` has written."""
        return cls(**json.loads(path.read_text()))


def access_key_id(prefix: str) -> str:
    """A random access key id: AKIA for long-term credentials, ASIA for those of a role's session."""
    return prefix + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16))

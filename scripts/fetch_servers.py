"""Find redis or valkey, memcached and bubblewrap, or unpack them from packages of the distribution without root.

Searches the PATH, then `.tools/`, and downloads missing packages to `.tools/`. Prints the paths.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

TOOLS: Final = Path(__file__).parents[1] / ".tools"
_ROOT: Final = TOOLS / "root"
_SERVERS: Final = ("valkey-server", "redis-server")
_MEMCACHED: Final = ("memcached",)
_SANDBOX: Final = ("bwrap",)
_PACKAGES: Final = ("redis-server", "memcached", "bubblewrap")
_HELP: Final = (
    "redis or valkey, memcached or bubblewrap is not installed, and cannot be unpacked from the distribution's "
    "packages; install them, with 'apt-get install redis-server memcached bubblewrap' or "
    "'dnf install valkey memcached bubblewrap'"
)


class ServerMissingError(RuntimeError):
    """A program is not available; the message says how to install it."""


def server_command() -> tuple[list[str], dict[str, str]]:
    """The command of a redis or valkey server, and its environment variables.

    :raises ServerMissingError: when it is not installed and cannot be downloaded.
    """
    return _command(_SERVERS)


def memcached_command() -> tuple[list[str], dict[str, str]]:
    """The command of a memcached server, and its environment variables.

    :raises ServerMissingError: when it is not installed and cannot be downloaded.
    """
    return _command(_MEMCACHED)


def sandbox_command() -> tuple[list[str], dict[str, str]]:
    """The command of bubblewrap, and its environment variables.

    :raises ServerMissingError: when it is not installed and cannot be downloaded.
    """
    return _command(_SANDBOX)


def _command(names: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    for name in names:
        if path := shutil.which(name):
            return [path], dict(os.environ)
    if _unpacked(names) is None:
        _fetch()
    program = _unpacked(names)
    if program is None:
        raise ServerMissingError(_HELP)
    libraries = ":".join(str(path) for path in sorted(_ROOT.glob("usr/lib/*-linux-gnu*")))
    return [str(program)], {**os.environ, "LD_LIBRARY_PATH": libraries}


def _unpacked(names: tuple[str, ...]) -> Path | None:
    return next((path for name in names if (path := _ROOT / "usr" / "bin" / name).exists()), None)


def _fetch() -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise ServerMissingError(_HELP)
    apt = TOOLS / "apt"
    for folder in ("lists/partial", "archives/partial"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    options = [
        f"-oDir::State::Lists={apt / 'lists'}",
        f"-oDir::Cache::Archives={apt / 'archives'}",
        f"-oDir::Cache::pkgcache={apt / 'pkgcache.bin'}",
        f"-oDir::Cache::srcpkgcache={apt / 'srcpkgcache.bin'}",
        "-oDir::State::status=/var/lib/dpkg/status",
        "-oDebug::NoLocking=1",
        "-oAPT::Sandbox::User=",
        "-qq",
    ]
    _run(["apt-get", *options, "update"])
    _run(
        [
            "apt-get",
            *options,
            "--yes",
            "--download-only",
            "--no-install-recommends",
            "install",
            *_PACKAGES,
        ]
    )
    _ROOT.mkdir(parents=True, exist_ok=True)
    for package in sorted((apt / "archives").glob("*.deb")):
        _run(["dpkg-deb", "--extract", str(package), str(_ROOT)])
    shutil.rmtree(apt)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServerMissingError(f"{_HELP} ({command[0]}: {done.stderr.strip().splitlines()[-1:]})")


if __name__ == "__main__":
    try:
        print(server_command()[0][0], memcached_command()[0][0], sandbox_command()[0][0])
    except ServerMissingError as problem:
        sys.exit(f"error: {problem}")

"""Find a redis or valkey server, or unpack one from the distribution's packages without root.

Looks on the PATH, then in `.tools/`, then fetches there. Prints where the server is.
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
_HELP: Final = (
    "no redis or valkey server here, and none could be unpacked from the distribution's packages; install one, "
    "with 'apt-get install redis-server', 'dnf install valkey' or 'brew install valkey'"
)


class ServerMissingError(RuntimeError):
    """No server can be had; the message says how to install one."""


def server_command() -> tuple[list[str], dict[str, str]]:
    """The server's program, and the environment it needs.

    :raises ServerMissingError: when there is none and none can be fetched.
    """
    for name in _SERVERS:
        if found := shutil.which(name):
            return [found], dict(os.environ)
    if _unpacked() is None:
        _fetch()
    program = _unpacked()
    if program is None:
        raise ServerMissingError(_HELP)
    libraries = ":".join(str(path) for path in sorted(_ROOT.glob("usr/lib/*-linux-gnu*")))
    return [str(program)], {**os.environ, "LD_LIBRARY_PATH": libraries}


def _unpacked() -> Path | None:
    return next((path for name in _SERVERS if (path := _ROOT / "usr" / "bin" / name).exists()), None)


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
            "redis-server",
        ]
    )
    _ROOT.mkdir(parents=True, exist_ok=True)
    for package in sorted((apt / "archives").glob("*.deb")):
        _run(["dpkg-deb", "--extract", str(package), str(_ROOT)])
    shutil.rmtree(apt)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServerMissingError(f"{_HELP} ({command[0]} said: {done.stderr.strip().splitlines()[-1:]})")


if __name__ == "__main__":
    try:
        print(server_command()[0][0])
    except ServerMissingError as problem:
        sys.exit(f"error: {problem}")

"""Find redis or valkey, memcached, PostgreSQL and bubblewrap, or unpack the distribution's packages without root.

Searches the PATH, then `.tools/`, and downloads missing packages to `.tools/`. Prints the paths.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

TOOLS: Final = Path(__file__).parents[1] / ".tools"
_ROOT: Final = TOOLS / "root"
_SYSTEM: Final = Path("/")
_SERVERS: Final = ("valkey-server", "redis-server")
_MEMCACHED: Final = ("memcached",)
_SANDBOX: Final = ("bwrap",)
_POSTGRES: Final = ("postgres",)
# Debian and Ubuntu keep the server's programs apart by version, and none of them on the PATH.
_VERSIONED: Final = "usr/lib/postgresql/*/bin"
_PACKAGES: Final = ("redis-server", "memcached", "bubblewrap", "postgresql")
# Dependencies of postgresql that the server runs without: the just-in-time compiler, which is turned off, and what
# sets up the distribution's own clusters.
_LEFT_OUT: Final = re.compile(r"libllvm|perl|libperl|lib\w+(-\w+)*-perl$|postgresql-common|ssl-cert|adduser|openssl$")
_HELP: Final = (
    "redis or valkey, memcached, PostgreSQL or bubblewrap is not installed, and cannot be unpacked from the "
    "distribution's packages; install them, with 'apt-get install redis-server memcached postgresql bubblewrap' or "
    "'dnf install valkey memcached postgresql-server bubblewrap'"
)


class ServerMissingError(RuntimeError):
    """A program is not available; the message says how to install it."""


class PackageError(RuntimeError):
    """A package of the distribution cannot be unpacked."""


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


def postgres_command() -> tuple[list[str], dict[str, str]]:
    """The program of a PostgreSQL server, and the environment it needs; `initdb` and `psql` are in its folder.

    :raises ServerMissingError: when there is none and none can be fetched.
    """
    command, environment = _command(_POSTGRES)
    # Of a link on the PATH, such as /usr/local/bin/postgres, the folder that has the other programs too.
    return [str(Path(command[0]).resolve())], environment


def _command(names: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    for name in names:
        if path := shutil.which(name) or _in_versioned_folder(_SYSTEM, name):
            return [str(path)], dict(os.environ)
    if _unpacked(names) is None:
        try:
            unpack(_PACKAGES, _ROOT, _LEFT_OUT)
        except PackageError as problem:
            raise ServerMissingError(f"{_HELP} ({problem})") from None
    program = _unpacked(names)
    if program is None:
        raise ServerMissingError(_HELP)
    libraries = ":".join(str(path) for path in sorted(_ROOT.glob("usr/lib/*-linux-gnu*")))
    return [str(program)], {**os.environ, "LD_LIBRARY_PATH": libraries}


def _unpacked(names: tuple[str, ...]) -> Path | None:
    for name in names:
        if (path := _ROOT / "usr" / "bin" / name).exists():
            return path
        if found := _in_versioned_folder(_ROOT, name):
            return found
    return None


def _in_versioned_folder(root: Path, name: str) -> Path | None:
    """A program of the newest PostgreSQL below a folder, as Debian lays it out."""
    found = [path for path in root.glob(f"{_VERSIONED}/{name}") if path.parts[-3].isdigit()]
    return max(found, key=lambda path: int(path.parts[-3]), default=None)


def unpack(packages: tuple[str, ...], root: Path, left_out: re.Pattern[str] | None = None) -> None:
    """Download packages of Debian or Ubuntu with their dependencies, and unpack them into a folder, without root.

    Dependencies that this machine has installed are not downloaded.

    :param left_out: matches the names of dependencies that the program runs without. Default: none.
    :raises PackageError: without apt-get and dpkg-deb, or when one of them fails.
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise PackageError("apt-get or dpkg-deb is not installed")
    apt = root.parent / f"apt-{root.name}"
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
    planned = _run(["apt-get", *options, "--print-uris", "--no-install-recommends", "--yes", "install", *packages])
    # Each line: 'URI' FILE SIZE HASH, where the file's name begins with the package's.
    files = [line.split()[1] for line in planned.splitlines() if line.startswith("'")]
    names = [file.partition("_")[0] for file in files]
    names = [name for name in names if left_out is None or not left_out.match(name)]
    if names:
        _run(["apt-get", *options, "download", *names], apt / "archives")
    root.mkdir(parents=True, exist_ok=True)
    for package in sorted((apt / "archives").glob("*.deb")):
        _run(["dpkg-deb", "--extract", str(package), str(root)])
    shutil.rmtree(apt)


def _run(command: list[str], folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PackageError(f"{command[0]}: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout


if __name__ == "__main__":
    try:
        commands = (server_command, memcached_command, sandbox_command, postgres_command)
        print(*(command()[0][0] for command in commands))
    except ServerMissingError as problem:
        sys.exit(f"error: {problem}")

"""The programs that the local cloud starts on this machine."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from local_cloud.isolation import isolation_error
from scripts.fetch_servers import (
    TOOLS,
    ServerMissingError,
    memcached_command,
    postgres_command,
    sandbox_command,
    server_command,
)

_NAMESPACES: Final = (
    "bubblewrap cannot create a namespace for the sandbox of an instance ({error}); install version 0.8 or later, and "
    "allow user namespaces, with 'sysctl kernel.unprivileged_userns_clone=1' on Debian, or 'sysctl "
    "kernel.apparmor_restrict_unprivileged_userns=0' on Ubuntu"
)
_NEEDED: Final = ("bash", "curl", "nsenter", "setpriv")
_MISSING: Final = (
    "{names}, which the instance's user data needs, cannot be found on this machine; install it with "
    "'apt-get install curl util-linux' or 'dnf install curl util-linux'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """The paths of the programs.

    :param server: the redis or valkey server.
    :param client: its command-line client.
    :param memcached: the memcached server.
    :param postgres: the PostgreSQL server; `initdb` and `psql` are in its folder.
    :param bwrap: bubblewrap.
    :param environment: the environment variables that they need.
    :param shown: folders that the instance must be able to read to run them.
    """

    server: str
    client: str
    memcached: str
    postgres: str
    bwrap: str
    environment: dict[str, str]
    shown: list[str]

    @classmethod
    def find(cls) -> Self:
        """Find the programs, and unpack those that are missing.

        :raises ServerMissingError: when a program is not available or does not work; the message says what to do.
        """
        missing = [name for name in _NEEDED if shutil.which(name) is None]
        if missing:
            raise ServerMissingError(_MISSING.format(names=", ".join(missing)))
        server, environment = server_command()
        program = Path(server[0])
        bwrap = sandbox_command()[0][0]
        if error := isolation_error(Path(bwrap)):
            raise ServerMissingError(_NAMESPACES.format(error=error))
        # The servers need no other variable of this environment.
        kept = {name: value for name, value in environment.items() if name in ("PATH", "LD_LIBRARY_PATH")}
        return cls(
            server=str(program),
            client=str(program.with_name(program.name.replace("-server", "-cli"))),
            memcached=memcached_command()[0][0],
            postgres=postgres_command()[0][0],
            bwrap=bwrap,
            environment=kept,
            shown=[str(TOOLS / "root")] if (TOOLS / "root").exists() else [],
        )

    def write(self, path: Path) -> None:
        """Write them to a file, for the emulator's process."""
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read them from a file that `write` has written."""
        return cls(**json.loads(path.read_text()))

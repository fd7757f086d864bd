"""The programs of this machine that the local cloud runs."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from local_cloud.isolation import obstacle
from scripts.fetch_servers import (
    TOOLS,
    ServerMissingError,
    memcached_command,
    postgres_command,
    sandbox_command,
    server_command,
)

_NAMESPACES: Final = (
    "bubblewrap cannot make a namespace for the sandbox of an instance ({said}); it must be version 0.8 or later, and "
    "user namespaces must be allowed, with 'sysctl kernel.unprivileged_userns_clone=1' on Debian, or 'sysctl "
    "kernel.apparmor_restrict_unprivileged_userns=0' on Ubuntu"
)
_NEEDED: Final = ("bash", "curl", "nsenter", "setpriv")
_MISSING: Final = (
    "the instance's user data needs {names} on this machine, and it is not here; install it, with "
    "'apt-get install curl util-linux' or 'dnf install curl util-linux'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Where they are.

    :param server: of redis or valkey, and `client` is its command-line client.
    :param memcached: the memcached server.
    :param postgres: the PostgreSQL server; `initdb` and `psql` are in its folder.
    :param bwrap: bubblewrap.
    :param environment: what they need to run.
    :param shown: folders that the instance must be able to read for them.
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
        """Look for them, and unpack what is missing.

        :raises ServerMissingError: when one cannot be had, or cannot work here; the message says what to do.
        """
        missing = [name for name in _NEEDED if shutil.which(name) is None]
        if missing:
            raise ServerMissingError(_MISSING.format(names=", ".join(missing)))
        server, environment = server_command()
        program = Path(server[0])
        bwrap = sandbox_command()[0][0]
        if said := obstacle(Path(bwrap)):
            raise ServerMissingError(_NAMESPACES.format(said=said))
        # Nothing else of this environment is the servers' business.
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
        """Keep them in a file, for the emulator's process."""
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Self:
        """From that file."""
        return cls(**json.loads(path.read_text()))

"""A PostgreSQL server of its own, and how much CPU time it spends on queries."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SERVER_USER = "nobody"  # PostgreSQL refuses to run as root


class Database:
    """One session of `psql`. The CPU time is that of its server process, and thus without the client's."""

    def __init__(self, folder: Path) -> None:
        self._psql = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(folder), "-U", "postgres"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = int(self.query("SELECT pg_backend_pid();")[0])

    def query(self, statement: str) -> list[str]:
        """The lines of the answer."""
        assert self._psql.stdin is not None  # noqa: S101 - it is a pipe
        assert self._psql.stdout is not None  # noqa: S101 - it is a pipe
        self._psql.stdin.write(f"{statement}\n\\echo end of answer\n")
        self._psql.stdin.flush()
        lines = []
        while (line := self._psql.stdout.readline()) != "end of answer\n":
            if not line:
                raise RuntimeError(f"psql has ended after {statement}")
            lines.append(line.rstrip("\n"))
        return lines

    def cpu_seconds(self) -> float:
        """What the server process has used so far."""
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e9

    def close(self) -> None:
        """End the session."""
        assert self._psql.stdin is not None  # noqa: S101 - it is a pipe
        self._psql.stdin.close()
        self._psql.wait(10)
        if self._psql.stdout is not None:
            self._psql.stdout.close()


def is_there() -> bool:
    """Whether PostgreSQL is installed."""
    return all(shutil.which(name) for name in ("initdb", "postgres", "psql"))


@contextmanager
def database(folder: Path) -> Iterator[Database]:
    """A server that listens on a socket in a folder alone."""
    home = folder / "postgres"
    home.mkdir(mode=0o700)
    user = _SERVER_USER if os.geteuid() == 0 else None
    if user is not None:
        folder.chmod(0o711)
        shutil.chown(home, user)
    initdb = ["initdb", "--no-sync", "--no-locale", "-E", "UTF8", "-U", "postgres", "-D", str(home / "data")]
    subprocess.run(initdb, user=user, cwd=home, check=True, capture_output=True)
    words = ["postgres", "-D", str(home / "data"), "-k", str(home), "-h", "", "-F", "-c", "jit=off"]
    with (folder / "postgres.log").open("w") as log:
        server = subprocess.Popen(words, user=user, cwd=home, stdout=log, stderr=log)
    try:
        ready = ["psql", "-X", "-q", "-h", str(home), "-U", "postgres", "-c", "SELECT 1"]
        until = time.monotonic() + 30
        while subprocess.run(ready, capture_output=True, check=False).returncode != 0:
            if time.monotonic() > until:
                raise RuntimeError((folder / "postgres.log").read_text())
            time.sleep(0.1)
        made = Database(home)
        try:
            yield made
        finally:
            made.close()
    finally:
        server.terminate()
        server.wait(30)

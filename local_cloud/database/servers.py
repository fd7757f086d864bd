"""One PostgreSQL server: its files, its start and its end, and the names it has for clients."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local_cloud.cache.servers import Reservation, accepts
from local_cloud.certificates import Authority
from local_cloud.database import confined, settings
from local_cloud.database.directory import Directory
from local_cloud.database.settings import Master
from local_cloud.programs import Programs
from local_cloud.reachable import Address, Target

_SECONDS: Final = 30.0
_READY: Final = "ready"
# Debian's own, Fedora's, and others'.
_LIBRARIES: Final = ("../lib", "../../lib64/pgsql", "../../lib/pgsql", "../lib/postgresql")


@dataclass(slots=True, kw_only=True)
class Server:
    """A server, which a DB instance or a DB cluster has.

    :param home: its folder.
    :param port: where clients connect.
    :param names: its endpoints.
    :param members: of a cluster: the name of each of its instances, by id; None where it is an instance by itself.
    :param resource: the id that `rds-db:connect` names.
    :param iam: whether IAM tokens are good at all.
    :param parameters: of its parameter group.
    :param good: whether a user's token is good.
    """

    id: str
    account: str
    region: str
    resource: str
    programs: Programs
    home: Path
    port: int
    names: tuple[str, ...]
    members: dict[str, str] | None = None
    security_groups: tuple[str, ...] = ()
    iam: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    good: Callable[["Server", str, str], bool]
    reservation: Reservation = field(init=False)
    directory: Directory = field(init=False)
    process: subprocess.Popen[bytes] | None = None
    pid: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.reservation = Reservation(self.port)
        network = self.reservation.network
        self.directory = Directory(f"127.0.{network}.2", lambda user, token: self.good(self, user, token))

    @property
    def place(self) -> Address:
        """Where it listens."""
        return f"127.0.{self.reservation.network}.1", self.port

    @property
    def socket_addresses(self) -> list[Address]:
        """The same, as what an instance may reach."""
        return [self.place]

    @property
    def addresses(self) -> Mapping[str, str]:
        """The address behind each of its names."""
        # A cluster without an instance has nothing that serves.
        return {} if self.members == {} else dict.fromkeys(self.endpoints, self.place[0])

    @property
    def endpoints(self) -> list[str]:
        """All of its names, those of its members among them."""
        return [*self.names, *(self.members or {}).values()]

    def target(self, address: Address) -> Target | None:
        """The server itself, where it listens."""
        return address if accepts(*address) else None

    def create(self, master: Master, authority: Authority) -> None:
        """Initialise it with the master user, and start it; one that fails on the way leaves nothing."""
        with contextlib.ExitStack() as undo:
            undo.callback(self.remove)
            confined.prepare(self.home)
            words = ["-D", str(self.home / "data"), "-U", settings.SUPERUSER, "-A", "trust", "--no-sync"]
            confined.run(self.programs, self.home, "initdb", *words, "--no-locale", "-E", "UTF8", "--wal-segsize=4")
            for database, statements in master.statements():
                self._single(database, statements)
            self._begin(authority)
            undo.pop_all()

    def restore(self, snapshot: Path, authority: Authority) -> None:
        """Start it with the data of a snapshot; one that fails on the way leaves nothing."""
        with contextlib.ExitStack() as undo:
            undo.callback(self.remove)
            confined.prepare(self.home)
            shutil.copytree(snapshot, self.home / "data", dirs_exist_ok=True)
            (self.home / "data").chmod(0o700)
            self._begin(authority)
            undo.pop_all()

    def _begin(self, authority: Authority) -> None:
        self.certify(authority)
        self.configure()
        self.start()

    def certify(self, authority: Authority) -> None:
        """Give it a certificate for its names."""
        for source, target in zip(
            authority.issue(self.home.name, *self.endpoints), ("server.pem", "server.key"), strict=True
        ):
            shutil.copyfile(source, self.home / target)
            (self.home / target).chmod(0o600)

    def configure(self) -> None:
        """Write its configuration; a server that runs reads it again with `reload` or a restart."""
        libraries = next(
            (path for path in (Path(self.programs.postgres).parent / each for each in _LIBRARIES) if path.is_dir()),
            Path(),
        )
        text = settings.configuration(self.place, self.home, self.parameters, libraries)
        (self.home / "data" / "postgresql.auto.conf").write_text("")
        (self.home / "data" / "postgresql.conf").write_text(text)
        access = settings.access(self.parameters, self.directory.place if self.iam else None)
        (self.home / "pg_hba.conf").write_text(access)

    def start(self) -> None:
        """Start it, and wait until it serves.

        :raises RuntimeError: when it ends instead, with what it said last.
        :raises TimeoutError: when it does not within 30 s.
        """
        with self._lock:
            if self.process is not None and self.process.poll() is None:
                return
            # What was killed has left it.
            status = self.home / "data" / "postmaster.pid"
            status.unlink(missing_ok=True)
            self.process, self.pid = confined.start(self.programs, self.home, "postgres", "-D", str(self.home / "data"))
            (self.home / "pid").write_text(str(self.pid))
            until = time.monotonic() + _SECONDS
            while not self._serves(status):
                if self.process.poll() is not None:
                    said = " ".join((self.home / "output").read_text(errors="replace").strip().splitlines()[-3:])
                    raise RuntimeError(f"PostgreSQL of {self.id} must start, and does not: {said}")
                if time.monotonic() > until:
                    raise TimeoutError(f"waited {_SECONDS:g} s for PostgreSQL of {self.id} to serve")
                time.sleep(0.02)

    def end(self) -> None:
        """End it, with the connections that it has; its data is kept."""
        with self._lock:
            if self.process is not None and self.process.poll() is None:
                # Fast shutdown. The signal goes to the server: bubblewrap passes none on.
                _signal(self.pid, signal.SIGINT)
                try:
                    self.process.wait(10)
                except subprocess.TimeoutExpired:
                    _signal(self.pid, signal.SIGKILL)
                    self.process.wait()
            self.process = None
            # With it, the process counts as one that should run.
            (self.home / "pid").unlink(missing_ok=True)

    def restart(self) -> None:
        """End it and start it."""
        with self._lock:
            self.end()
            self.start()

    def reload(self) -> None:
        """Let it read its configuration again, as far as it can without a restart."""
        if self.process is not None and self.process.poll() is None:
            _signal(self.pid, signal.SIGHUP)

    def move(self, port: int) -> None:
        """Listen on another port."""
        if port == self.port:
            return
        self.end()
        self.reservation.stop()
        self.directory.stop()
        self.port = port
        self.__post_init__()
        self.configure()
        self.start()

    def set_password(self, user: str, password: str) -> None:
        """Set the password of a user."""
        self.ask(f'ALTER ROLE "{user}" PASSWORD {settings.literal(password)}')

    def ask(self, sql: str) -> str:
        """What a statement answers to the superuser.

        :raises RuntimeError: when it fails.
        """
        words = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", confined.SOCKETS, "-p", str(self.port)]
        return confined.run(
            self.programs, self.home, "psql", *words, "-U", settings.SUPERUSER, "-d", "postgres", given=sql
        ).strip()

    def snapshot(self, folder: Path) -> None:
        """Copy its data; it serves again afterwards where it did before."""
        with self._lock:
            ran = self.process is not None and self.process.poll() is None
            self.end()
            folder.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self.home / "data", folder)
            if ran:
                self.start()

    def remove(self) -> None:
        """End it, and delete what it wrote."""
        self.end()
        self.directory.stop()
        self.reservation.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _single(self, database: str, statements: list[str]) -> None:
        """Run statements in a server that is not started, each in a line of its own."""
        confined.run(
            self.programs,
            self.home,
            *("postgres", "--single", "-D", str(self.home / "data"), "-F", "-O"),
            *("-c", "exit_on_error=on", database),
            given="\n".join([*statements, ""]),
        )

    def _serves(self, status: Path) -> bool:
        try:
            lines = status.read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == _READY and accepts(*self.place)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)

"""One PostgreSQL server: its files, start and stop, and endpoints."""

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
# The folders of the libraries on Debian, on Fedora, and on other distributions.
_LIBRARIES: Final = ("../lib", "../../lib64/pgsql", "../../lib/pgsql", "../lib/postgresql")


@dataclass(slots=True, kw_only=True)
class Server:
    """The server of a DB instance or a DB cluster.

    :param resource_id: the id in the ARN of `rds-db:connect`.
    :param home: its folder.
    :param port: the port of its endpoints.
    :param names: the host names of its endpoints.
    :param members: the host names of the DB instances of a cluster, by id; None for a DB instance without cluster.
    :param iam: whether IAM authentication is on.
    :param parameters: the parameters of its parameter group.
    :param accepts_token: whether a token of a user is valid.
    """

    id: str
    account: str
    region: str
    resource_id: str
    programs: Programs
    home: Path
    port: int
    names: tuple[str, ...]
    members: dict[str, str] | None = None
    security_groups: tuple[str, ...] = ()
    iam: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    accepts_token: Callable[["Server", str, str], bool]
    reservation: Reservation = field(init=False)
    directory: Directory = field(init=False)
    process: subprocess.Popen[bytes] | None = None
    pid: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.reservation = Reservation(self.port)
        network = self.reservation.network
        self.directory = Directory(f"127.0.{network}.2", lambda user, token: self.accepts_token(self, user, token))

    @property
    def socket_address(self) -> Address:
        """The address on which it listens."""
        return f"127.0.{self.reservation.network}.1", self.port

    @property
    def socket_addresses(self) -> list[Address]:
        """The address on which it listens, as a list."""
        return [self.socket_address]

    @property
    def addresses(self) -> Mapping[str, str]:
        """The addresses by host name; empty for a cluster without a DB instance."""
        return {} if self.members == {} else dict.fromkeys(self.endpoints, self.socket_address[0])

    @property
    def endpoints(self) -> list[str]:
        """The host names of all endpoints, including those of the members of a cluster."""
        return [*self.names, *(self.members or {}).values()]

    def target(self, address: Address) -> Target | None:
        """The address itself; None when the server does not listen there."""
        return address if accepts(*address) else None

    def create(self, master: Master, authority: Authority) -> None:
        """Initialise it with the master user, and start it; a failure removes all of its files."""
        with contextlib.ExitStack() as undo:
            undo.callback(self.remove)
            confined.prepare(self.home)
            words = ["-D", str(self.home / "data"), "-U", settings.SUPERUSER, "-A", "trust", "--no-sync"]
            confined.run(self.programs, self.home, "initdb", *words, "--no-locale", "-E", "UTF8", "--wal-segsize=4")
            for database, statements in master.statements():
                self._single(database, statements)
            self._first_start(authority)
            undo.pop_all()

    def restore(self, snapshot: Path, authority: Authority) -> None:
        """Start it with the data of a snapshot; a failure removes all of its files."""
        with contextlib.ExitStack() as undo:
            undo.callback(self.remove)
            confined.prepare(self.home)
            shutil.copytree(snapshot, self.home / "data", dirs_exist_ok=True)
            (self.home / "data").chmod(0o700)
            self._first_start(authority)
            undo.pop_all()

    def _first_start(self, authority: Authority) -> None:
        self.certify(authority)
        self.configure()
        self.start()

    def certify(self, authority: Authority) -> None:
        """Issue its certificate, which has the names of all endpoints."""
        for source, target in zip(
            authority.issue(self.home.name, *self.endpoints), ("server.pem", "server.key"), strict=True
        ):
            shutil.copyfile(source, self.home / target)
            (self.home / target).chmod(0o600)

    def configure(self) -> None:
        """Write its configuration files; a running server reads them at `reload` or at a restart."""
        libraries = next(
            (path for path in (Path(self.programs.postgres).parent / name for name in _LIBRARIES) if path.is_dir()),
            Path(),
        )
        text = settings.configuration(self.socket_address, self.home, self.parameters, libraries)
        (self.home / "data" / "postgresql.auto.conf").write_text("")
        (self.home / "data" / "postgresql.conf").write_text(text)
        access = settings.access(self.parameters, self.directory.address if self.iam else None)
        (self.home / "pg_hba.conf").write_text(access)

    def start(self) -> None:
        """Start it, and wait until it accepts connections.

        :raises RuntimeError: when it ends, with the end of its output.
        :raises TimeoutError: when it does not accept connections within 30 s.
        """
        with self._lock:
            if self.process is not None and self.process.poll() is None:
                return
            # A server that was killed does not delete this file.
            status = self.home / "data" / "postmaster.pid"
            status.unlink(missing_ok=True)
            self.process, self.pid = confined.start(self.programs, self.home, "postgres", "-D", str(self.home / "data"))
            (self.home / "pid").write_text(str(self.pid))
            until = time.monotonic() + _SECONDS
            while not self._serves(status):
                if self.process.poll() is not None:
                    lines = (self.home / "output").read_text(errors="replace").strip().splitlines()
                    raise RuntimeError(f"PostgreSQL of {self.id} does not start: {' '.join(lines[-3:])}")
                if time.monotonic() > until:
                    raise TimeoutError(f"PostgreSQL of {self.id} does not accept connections after {_SECONDS:g} s")
                time.sleep(0.02)

    def stop(self) -> None:
        """Stop it and close its connections; its data remains."""
        with self._lock:
            if self.process is not None and self.process.poll() is None:
                # Fast shutdown. The signal is sent to the server, because bubblewrap does not forward signals.
                _signal(self.pid, signal.SIGINT)
                try:
                    self.process.wait(10)
                except subprocess.TimeoutExpired:
                    _signal(self.pid, signal.SIGKILL)
                    self.process.wait()
            self.process = None
            # The file means that the server should run; see `Session.failed_servers`.
            (self.home / "pid").unlink(missing_ok=True)

    def restart(self) -> None:
        """Stop it and start it."""
        with self._lock:
            self.stop()
            self.start()

    def reload(self) -> None:
        """Make it read the configuration files; some settings need a restart instead."""
        if self.process is not None and self.process.poll() is None:
            _signal(self.pid, signal.SIGHUP)

    def change_port(self, port: int) -> None:
        """Stop it, and start it on another port."""
        if port == self.port:
            return
        self.stop()
        self.reservation.stop()
        self.directory.stop()
        self.port = port
        self.__post_init__()
        self.configure()
        self.start()

    def set_password(self, user: str, password: str) -> None:
        """Set the password of a user."""
        self.query(f'ALTER ROLE "{user}" PASSWORD {settings.literal(password)}')

    def query(self, sql: str) -> str:
        """Run a statement as the superuser; returns the rows.

        :raises RuntimeError: when it fails.
        """
        words = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", confined.SOCKETS, "-p", str(self.port)]
        return confined.run(
            self.programs, self.home, "psql", *words, "-U", settings.SUPERUSER, "-d", "postgres", stdin=sql
        ).strip()

    def snapshot(self, folder: Path) -> None:
        """Copy its data to a folder; a running server is stopped in the meantime."""
        with self._lock:
            running = self.process is not None and self.process.poll() is None
            self.stop()
            folder.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self.home / "data", folder)
            if running:
                self.start()

    def remove(self) -> None:
        """Stop it, and delete its files."""
        self.stop()
        self.directory.stop()
        self.reservation.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _single(self, database: str, statements: list[str]) -> None:
        """Run statements in the single-user mode of a server that is not started; each is one line."""
        confined.run(
            self.programs,
            self.home,
            *("postgres", "--single", "-D", str(self.home / "data"), "-F", "-O"),
            *("-c", "exit_on_error=on", database),
            stdin="\n".join([*statements, ""]),
        )

    def _serves(self, status: Path) -> bool:
        try:
            lines = status.read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == _READY and accepts(*self.socket_address)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)

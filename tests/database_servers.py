"""A real PostgreSQL on loopback, with TLS, an AWS-shaped name, and users with passwords."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme

from scripts.fetch_servers import postgres_command, sandbox_command
from tests.cache_servers import free_port, wait_for

HOST = "shop.abc123.us-east-1.rds.amazonaws.com"
DATABASE = "shop"
MASTER = "cache_admin"
PASSWORD = "a-token-of-the-master-user"
# What RDS has in every PostgreSQL, and PostgreSQL itself has not.
_ROLES = """
CREATE ROLE rds_iam;
CREATE ROLE rds_superuser CREATEDB CREATEROLE IN ROLE pg_monitor, pg_signal_backend;
"""


@dataclass
class Database:
    """One server.

    :param port: on 127.0.0.1; the same after a restart.
    :param ca_file: the authority of its certificate, which is for `HOST` and `127.0.0.1`.
    :param superuser: the role of the tests themselves, which signs in over the socket file alone.
    """

    home: Path
    port: int
    ca_file: Path
    host: str = HOST
    name: str = DATABASE
    user: str = MASTER
    password: str = field(default=PASSWORD, repr=False)
    superuser: str = "postgres"
    process: subprocess.Popen[bytes] | None = None
    pid: int = 0

    def start(self) -> None:
        """Start it, and wait until it answers; `pid` is that of the server itself, inside bubblewrap."""
        known, told = os.pipe()
        # The first process of its process namespace, so that nothing that it has started outlives it.
        namespace = ["--unshare-pid", "--as-pid-1", "--info-fd", str(told)]
        with (self.home / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [*_confined(self.home, *namespace), _program("postgres"), "-D", str(self.home / "data")],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[told],
            )
        os.close(told)
        with os.fdopen(known) as answer:
            self.pid = int(json.load(answer)["child-pid"])
        wait_for(self._answers, f"PostgreSQL to answer, see {self.home}/output")

    def stop(self) -> None:
        """End it, with the connections that it has."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it at once, as a crash would; it recovers at the next start."""
        self._end(signal.SIGKILL)

    def query(self, sql: str, *, database: str = "") -> str:
        """What a statement answers to the superuser, one row a line.

        :raises subprocess.CalledProcessError: when it fails, with what the server said in `stderr`.
        """
        done = self._psql(sql, database or self.name)
        done.check_returncode()
        return done.stdout.strip()

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.home / "output").read_text()
        return self._psql("SELECT 1", "postgres").returncode == 0

    def _psql(self, sql: str, database: str) -> subprocess.CompletedProcess[str]:
        words = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.home), "-p", str(self.port)]
        return subprocess.run(
            [*_confined(self.home), _program("psql"), *words, "-U", self.superuser, "-d", database, "-c", sql],
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            os.kill(self.pid, how)
            self.process.wait(20)
        self.process = None


@contextmanager
def database(
    folder: Path, *, users: Mapping[str, str] | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Database]:
    """A server with the database `DATABASE`, and `MASTER` as a member of `rds_superuser`; TCP takes TLS alone.

    :param users: more roles that may sign in, with their passwords.
    :param settings: more of `postgresql.conf`.
    """
    made = _created(folder, settings or {})
    made.start()
    try:
        roles = [f"CREATE ROLE {name} LOGIN PASSWORD '{secret}'" for name, secret in (users or {}).items()]
        master = f"CREATE ROLE {MASTER} LOGIN CREATEROLE CREATEDB IN ROLE rds_superuser PASSWORD '{PASSWORD}'"
        made.query(f"{_ROLES}{master}; {'; '.join(roles)}", database="postgres")
        made.query(f"GRANT rds_iam TO {MASTER} WITH ADMIN OPTION", database="postgres")
        made.query(f"CREATE DATABASE {DATABASE} OWNER {MASTER}", database="postgres")
        yield made
    finally:
        made.stop()


def _created(folder: Path, settings: Mapping[str, str]) -> Database:
    (home := folder / "postgres").mkdir(parents=True)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(home / "ca.pem"))
    issued = authority.issue_cert(HOST, "127.0.0.1", "localhost")
    issued.cert_chain_pems[0].write_to_path(str(home / "server.pem"))
    issued.private_key_pem.write_to_path(str(home / "server.key"))
    (home / "server.key").chmod(0o600)
    made = Database(home, free_port(), home / "ca.pem")
    words = ["-D", str(home / "data"), "-U", made.superuser, "-A", "peer", "--no-sync", "--no-locale", "-E", "UTF8"]
    subprocess.run([*_confined(home), _program("initdb"), *words], env=_environment(), check=True, capture_output=True)
    lines = {
        "listen_addresses": "127.0.0.1",
        "port": str(made.port),
        # A relative path: the name of a socket has at most 107 bytes, a path has more.
        "unix_socket_directories": "..",
        "ssl": "on",
        "ssl_cert_file": str(home / "server.pem"),
        "ssl_key_file": str(home / "server.key"),
        "ssl_min_protocol_version": "TLSv1.2",
        "shared_buffers": "16MB",
        "max_connections": "50",
        "fsync": "off",
        # The compiler's library is not unpacked with the server.
        "jit": "off",
        **settings,
    }
    with (home / "data" / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in lines.items())
    (home / "data" / "pg_hba.conf").write_text(
        f"local all {made.superuser} trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
    )
    return made


def _confined(home: Path, *more: str) -> list[str]:
    """In a user namespace of its own: PostgreSQL refuses to run as root."""
    (bwrap,), _ = sandbox_command()
    return [
        *(bwrap, "--unshare-user", "--uid", "1000", "--gid", "1000", "--die-with-parent"),
        *("--ro-bind", "/", "/", "--dev-bind", "/dev", "/dev", "--proc", "/proc", "--bind", str(home), str(home)),
        *("--chdir", str(home), *more),
    ]


def _program(name: str) -> str:
    (command,), _ = postgres_command()
    return str(Path(command).with_name(name))


def _environment() -> dict[str, str]:
    _, environment = postgres_command()
    kept = {name: value for name, value in environment.items() if name in ("PATH", "LD_LIBRARY_PATH")}
    return {**kept, "LC_ALL": "C"}

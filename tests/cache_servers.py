"""Real redis or valkey servers on loopback, with host names as on AWS, TLS, users, replicas and clusters."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import trustme
from connection_test.resp import Connection, ReplyError

from scripts.fetch_servers import server_command

DOMAIN = "demo.abc123.use1.cache.amazonaws.com"
PASSWORD = "correct-horse-battery-staple"
USERS = {
    "app": f"on ~* &* +@all -@dangerous +info +cluster|slots +cluster|info >{PASSWORD}",
    "off-user": f"off ~* &* +@all >{PASSWORD}",
    "no-slots": f"on ~* &* +@all -@dangerous +info -cluster >{PASSWORD}",
    "no-write": f"on ~* &* +@read +@connection +info +cluster|slots >{PASSWORD}",
    "other-keys": f"on ~other:* &* +@all -@dangerous +info +cluster|slots >{PASSWORD}",
    "any-token": "on ~* &* +@all -@dangerous +info +cluster|slots nopass",
    "repl": "on +psync +replconf +ping >replication",
    "admin": "on ~* &* +@all >administrator",
}
_SECONDS = 20.0


@dataclass
class Certificates:
    """A certificate authority, a certificate for the servers' names, and one for another name."""

    folder: Path
    ca_file: Path = field(init=False)
    other_ca_file: Path = field(init=False)

    def __post_init__(self) -> None:
        authority, other = trustme.CA(), trustme.CA()
        self.ca_file, self.other_ca_file = self.folder / "ca.pem", self.folder / "other-ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        other.cert_pem.write_to_path(str(self.other_ca_file))
        self._issue(authority, "server", f"*.{DOMAIN}", "127.0.0.1")
        self._issue(authority, "elsewhere", "somewhere.else.example")

    def _issue(self, authority: trustme.CA, name: str, *names: str) -> None:
        issued = authority.issue_cert(*names)
        issued.private_key_pem.write_to_path(str(self.folder / f"{name}.key"))
        issued.cert_chain_pems[0].write_to_path(str(self.folder / f"{name}.pem"))


@dataclass
class Server:
    """One running server."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    certificates: Certificates
    tls: bool
    admin: bool

    @property
    def host(self) -> str:
        return f"{self.name}.{DOMAIN}"

    @property
    def connect_to(self) -> str:
        """The value of the connection test's option `--connect-to`."""
        return f"{self.host}:{self.port}:127.0.0.1:{self.port}"

    def admin_connection(self) -> Connection:
        """A connection with all permissions."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        if self.tls:
            context = ssl.create_default_context(cafile=str(self.certificates.ca_file))
            context.check_hostname = False
            sock = context.wrap_socket(sock)
        connection = Connection(sock, 5.0)
        if self.admin:
            connection.call("AUTH", "admin", "administrator")
        return connection

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def start(
    folder: Path,
    name: str,
    certificates: Certificates,
    *,
    tls: bool = True,
    users: bool = True,
    certificate: str = "server",
    options: dict[str, str] | None = None,
    program: tuple[list[str], dict[str, str]] | None = None,
) -> Server:
    """Start a server and wait until it answers.

    :param program: the command and its environment variables. Default: the installed redis or valkey.
    """
    home = folder / name
    home.mkdir(parents=True)
    port = free_port()
    lines = [
        "bind 127.0.0.1",
        f"dir {home}",
        f"logfile {home}/log",
        "save ''",
        "appendonly no",
        "protected-mode no",
        "repl-diskless-sync-delay 0",
        "repl-ping-replica-period 1",
        f"port {0 if tls else port}",
    ]
    if tls:
        lines += [
            f"tls-port {port}",
            f"tls-cert-file {certificates.folder}/{certificate}.pem",
            f"tls-key-file {certificates.folder}/{certificate}.key",
            f"tls-ca-cert-file {certificates.ca_file}",
            "tls-auth-clients no",
            "tls-replication yes",
        ]
    if users:
        rules = ["user default off -@all", *(f"user {user} {rule}" for user, rule in USERS.items())]
        (home / "users.acl").write_text("\n".join(rules) + "\n")
        lines += [f"aclfile {home}/users.acl", "masteruser repl", "masterauth replication"]
    lines += [f"{key} {value}" for key, value in (options or {}).items()]
    (home / "server.conf").write_text("\n".join(lines) + "\n")
    command, environment = program or server_command()
    process = subprocess.Popen([*command, str(home / "server.conf")], env=environment, cwd=home)
    server = Server(name, port, process, certificates, tls, users)
    wait_for(lambda: _answers(server), f"{name} to answer, see {home}/log")
    return server


def _answers(server: Server) -> bool:
    try:
        connection = server.admin_connection()
    except OSError:
        return False
    connection.close()
    return True


def wait_for(condition: Callable[[], object], what: str) -> None:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.02)
    raise TimeoutError(f"waited {_SECONDS} s for {what}")


@contextmanager
def pair(
    folder: Path, certificates: Certificates, *, tls: bool = True, users: bool = True
) -> Iterator[tuple[Server, Server]]:
    """A primary and its replica."""
    servers: list[Server] = []
    try:
        primary = start(folder, "master", certificates, tls=tls, users=users)
        servers.append(primary)
        replica = start(
            folder,
            "replica",
            certificates,
            tls=tls,
            users=users,
            options={"replicaof": f"127.0.0.1 {primary.port}"},
        )
        servers.append(replica)
        connection = replica.admin_connection()
        wait_for(lambda: connection.info("replication").get("master_link_status") == "up", "the replica's link")
        connection.close()
        yield primary, replica
    finally:
        for server in servers:
            server.stop()


@contextmanager
def cluster(folder: Path, certificates: Certificates, *, shards: int = 3, replicas: int = 1) -> Iterator[list[Server]]:
    """A cluster with all slots; the first servers are the primaries."""
    servers: list[Server] = []
    try:
        for number in range(shards * (replicas + 1)):
            name = f"demo-{number % shards + 1:04d}-{number // shards + 1:03d}"
            servers.append(start(folder, name, certificates, options=_cluster_options(name)))
        _create_cluster(servers, shards)
        yield servers
    finally:
        for server in servers:
            server.stop()


def _cluster_options(name: str) -> dict[str, str]:
    return {
        "cluster-enabled": "yes",
        "tls-cluster": "yes",
        "cluster-port": str(free_port()),
        "cluster-node-timeout": "2000",
        "cluster-announce-ip": "127.0.0.1",
        "cluster-announce-hostname": f"{name}.{DOMAIN}",
        "cluster-preferred-endpoint-type": "hostname",
        "cluster-allow-replica-migration": "no",
    }


def _create_cluster(servers: list[Server], shards: int) -> None:
    connections = [server.admin_connection() for server in servers]
    step = 16384 // shards
    for number, connection in enumerate(connections[:shards]):
        last = 16383 if number == shards - 1 else (number + 1) * step - 1
        connection.call("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        connection.call("CLUSTER", "ADDSLOTSRANGE", number * step, last)
    for server in servers[1:]:
        bus = connections[servers.index(server)].call("CONFIG", "GET", "cluster-port")
        assert isinstance(bus, list)
        connections[0].call("CLUSTER", "MEET", "127.0.0.1", server.port, str(bus[1]))
    ids = [connection.text("CLUSTER", "MYID") for connection in connections]
    for number in range(shards, len(servers)):
        wait_for(
            partial(_replicates, connections[number], ids[number % shards]),
            f"{servers[number].name} to replicate",
        )
    for connection in connections:
        wait_for(partial(_is_complete, connection, len(servers)), "the cluster to form")
        connection.close()


def _replicates(connection: Connection, primary: str) -> bool:
    try:
        connection.call("CLUSTER", "REPLICATE", primary)
    except ReplyError:
        return False
    return True


def _is_complete(connection: Connection, nodes: int) -> bool:
    if "cluster_state:ok" not in connection.text("CLUSTER", "INFO"):
        return False
    listed = connection.call("CLUSTER", "SLOTS")
    assert isinstance(listed, list)
    hosts = [node[0] for entry in listed for node in entry[2:]]  # type: ignore[index]
    return len(hosts) == nodes and all(host and DOMAIN in str(host) for host in hosts)


def isolated_environment() -> dict[str, str]:
    """The environment variables without credentials, for programs that the tests start.

    Without those of pytest as well: with them the CDK puts the report of a validation into the exception.
    """
    return {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("AWS_", "CACHE_", "CDK_", "PYTEST_")) and key != "PYTHONPATH"
    }


def program(name: str) -> str:
    """The path of an installed program."""
    path = shutil.which(name)
    assert path, f"{name} is missing; run 'make setup'"
    return path

"""Real servers behind the names that ElastiCache gives: one shard with replicas, or a cluster."""

import contextlib
import hashlib
import itertools
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local_cloud.certificates import Authority

_SECONDS: Final = 20.0
_ADMIN: Final = ("local-admin", "local-administrator-password")
_REPLICATION: Final = ("local-replication", "local-replication-password")
_NETWORKS = itertools.count(16)
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Node:
    """One server."""

    name: str
    host: str
    address: str
    port: int
    shard: int
    process: subprocess.Popen[bytes]


@dataclass(slots=True)
class Cache:
    """A replication group that runs here.

    :param endpoints: the address and port behind each of its names.
    """

    id: str
    tls: bool
    clustered: bool
    port: int
    security_groups: tuple[str, ...]
    nodes: list[Node] = field(default_factory=list)
    endpoints: dict[str, tuple[str, int]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def stop(self) -> None:
        """End its servers."""
        for node in self.nodes:
            node.process.terminate()
        for node in self.nodes:
            try:
                node.process.wait(5)
            except subprocess.TimeoutExpired:
                node.process.kill()


@dataclass(frozen=True, slots=True)
class User:
    """A user as a template has it.

    :param iam: whether its password is a token that IAM has signed.
    """

    name: str
    access: str
    passwords: tuple[str, ...] = ()
    iam: bool = False

    def rule(self, *, admitted: bool) -> str:
        """Its line in an ACL file; nobody is admitted by IAM who lacks elasticache:Connect."""
        secrets = [f"#{hashlib.sha256(each.encode()).hexdigest()}" for each in self.passwords]
        if (self.iam and admitted) or (not self.iam and not self.passwords):
            secrets = ["nopass"]
        return f"user {self.name} reset {self.access} {' '.join(secrets)}"


def start(
    folder: Path,
    command: Sequence[str],
    environment: Mapping[str, str],
    authority: Authority,
    *,
    id: str,
    region: str,
    shards: int,
    replicas: int,
    clustered: bool,
    tls: bool,
    port: int,
    users: Sequence[User] | None,
    token: str | None,
    security_groups: Sequence[str],
) -> Cache:
    """Start the servers of a replication group, and wait until they serve.

    :param users: who may connect; None where nobody authenticates.
    :param token: the AUTH token.
    """
    with _LOCK:
        # Another run may hold some.
        network = next(each for each in _NETWORKS if not _accepts(f"127.0.{each}.1", port))
    continent, *directions, last = region.split("-")
    short = continent + "".join(each[0] for each in directions) + last
    domain = f"{id}.abc123.{short}.cache.amazonaws.com"
    names = [domain, f"*.{domain}"]
    certificate = authority.issue(id, *names) if tls else None
    cache = Cache(id, tls, clustered, port, tuple(security_groups))
    lines = _acl(users, token)
    folder.mkdir(parents=True)
    # A cache that fails on the way leaves nothing.
    with contextlib.ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        undo.callback(cache.stop)
        for number, (shard, replica) in enumerate(itertools.product(range(shards), range(replicas + 1))):
            name = f"{id}-{shard + 1:04d}-{replica + 1:03d}" if clustered else f"{id}-{replica + 1:03d}"
            address, host = f"127.0.{network}.{number + 1}", f"{name}.{domain}"
            home = folder / name
            home.mkdir()
            (home / "users.acl").write_text("\n".join(lines) + "\n")
            settings = _settings(
                home,
                address=address,
                port=port,
                host=host,
                certificate=certificate,
                ca_file=authority.ca_file,
                clustered=clustered,
            )
            if replica and not clustered:
                settings.append(f"replicaof {cache.nodes[0].address} {port}")
            (home / "server.conf").write_text("\n".join(settings) + "\n")
            process = subprocess.Popen([*command, str(home / "server.conf")], env=dict(environment), cwd=home)
            cache.nodes.append(Node(name, host, address, port, shard, process))
            cache.endpoints[host] = (address, port)
        for node in cache.nodes:
            _wait(lambda node=node: _accepts(node.address, port), f"{node.name} to listen")  # type: ignore[misc]
        if clustered:
            _form(cache, shards, replicas)
        else:
            for node in cache.nodes[1:]:
                _wait(lambda node=node: _linked(cache, node), f"{node.name} to replicate")  # type: ignore[misc]
        _name(cache, domain, clustered)
        undo.pop_all()
    return cache


def _name(cache: Cache, domain: str, clustered: bool) -> None:
    first = (cache.nodes[0].address, cache.port)
    roles = (
        {"configuration": f"clustercfg.{domain}"}
        if clustered
        else {
            "primary": f"master.{domain}",
            "reader": f"replica.{domain}",
        }
    )
    for role, name in roles.items():
        last = cache.nodes[-1]
        cache.endpoints[name] = (last.address, cache.port) if role == "reader" else first
    cache.names.update(roles)


def _acl(users: Sequence[User] | None, token: str | None) -> list[str]:
    lines = [
        f"user {_ADMIN[0]} on ~* &* +@all >{_ADMIN[1]}",
        f"user {_REPLICATION[0]} on +psync +replconf +ping >{_REPLICATION[1]}",
    ]
    if token is not None:
        return [*lines, f"user default on ~* &* +@all -@dangerous +info +cluster >{token}"]
    if users is None:
        return [*lines, "user default on ~* &* +@all nopass"]
    given = [each.rule(admitted=True) for each in users]
    if not any(each.name == "default" for each in users):
        given.append("user default off -@all")
    return lines + given


def _settings(
    home: Path,
    *,
    address: str,
    port: int,
    host: str,
    certificate: tuple[Path, Path] | None,
    ca_file: Path,
    clustered: bool,
) -> list[str]:
    lines = [
        f"bind {address}",
        f"dir {home}",
        f"aclfile {home}/users.acl",
        f"logfile {home}/log",
        f"masteruser {_REPLICATION[0]}",
        f"masterauth {_REPLICATION[1]}",
        "save ''",
        "appendonly no",
        "daemonize no",
        "repl-diskless-sync-delay 0",
        "repl-ping-replica-period 1",
        "maxmemory 64mb",
    ]
    if certificate is None:
        lines.append(f"port {port}")
    else:
        lines += [
            "port 0",
            f"tls-port {port}",
            f"tls-cert-file {certificate[0]}",
            f"tls-key-file {certificate[1]}",
            f"tls-ca-cert-file {ca_file}",
            "tls-auth-clients no",
            "tls-replication yes",
        ]
    if clustered:
        lines += [
            "cluster-enabled yes",
            f"tls-cluster {'yes' if certificate else 'no'}",
            "cluster-node-timeout 2000",
            f"cluster-announce-ip {address}",
            f"cluster-announce-{'tls-' if certificate else ''}port {port}",
            f"cluster-announce-bus-port {port + 10000}",
            f"cluster-announce-hostname {host}",
            "cluster-preferred-endpoint-type hostname",
            "cluster-allow-replica-migration no",
        ]
    return lines


def _form(cache: Cache, shards: int, replicas: int) -> None:
    step = 16384 // shards
    primaries = [cache.nodes[shard * (replicas + 1)] for shard in range(shards)]
    for number, node in enumerate(primaries):
        last = 16383 if number == shards - 1 else (number + 1) * step - 1
        ask(cache, node, "CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
        ask(cache, node, "CLUSTER", "ADDSLOTSRANGE", str(number * step), str(last))
    for node in cache.nodes[1:]:
        ask(cache, cache.nodes[0], "CLUSTER", "MEET", node.address, str(node.port), str(node.port + 10000))
    ids = [ask(cache, node, "CLUSTER", "MYID") for node in cache.nodes]
    for index, node in enumerate(cache.nodes):
        primary = node.shard * (replicas + 1)
        if index != primary:
            _wait(
                lambda node=node, primary=primary: ask(cache, node, "CLUSTER", "REPLICATE", ids[primary]) == "OK",  # type: ignore[misc]
                f"{node.name} to replicate",
            )
    for node in cache.nodes:
        _wait(
            lambda node=node: (
                all(  # type: ignore[misc]
                    each.host in ask(cache, node, "CLUSTER", "SLOTS") for each in cache.nodes
                )
                and "cluster_state:ok" in ask(cache, node, "CLUSTER", "INFO")
            ),
            f"{node.name} to see the cluster",
        )


def ask(cache: Cache, node: Node, *words: str) -> str:
    """A command as the administrator; the reply as it comes, errors among them."""
    with socket.create_connection((node.address, node.port), timeout=5) as plain:
        connection = plain
        if cache.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE  # a server of our own, on loopback
            connection = context.wrap_socket(plain)
        with connection:
            for each in (("AUTH", *_ADMIN), words):
                connection.sendall(_encode(each))
                answer = _reply(connection)
    return answer


def _encode(words: Sequence[str]) -> bytes:
    encoded = [word.encode() for word in words]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)


def _reply(connection: socket.socket) -> str:
    """What came, without its framing where it is a simple one."""
    connection.settimeout(5)
    data = connection.recv(65536)
    if data[:1] == b"$":
        size = int(data[1 : data.index(b"\r\n")])
        while len(data) < size + data.index(b"\r\n") + 4:
            data += connection.recv(65536)
        return data[data.index(b"\r\n") + 2 : -2].decode()
    if data[:1] == b"*":
        connection.settimeout(0.05)
        try:
            while more := connection.recv(65536):
                data += more
        except (TimeoutError, OSError):
            pass
        return data.decode()
    return data[1:-2].decode() if data[:1] in b"+:" else data.decode()


def _linked(cache: Cache, node: Node) -> bool:
    return "master_link_status:up" in ask(cache, node, "INFO", "replication")


def _accepts(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def _wait(condition: Callable[[], object], what: str) -> None:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise TimeoutError(f"waited {_SECONDS:g} s for {what}")

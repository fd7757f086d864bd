"""The servers of one cache: their names and addresses, and commands to them."""

import itertools
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from elasticache_rules import facts
from local_cloud.keys import Keys
from local_cloud.programs import Programs
from local_cloud.reachable import Address, Target
from local_cloud.spawning import own_program

# The user that configures the servers; its password is random for each run.
ADMIN: Final = "local-admin"
PORTS: Final[Mapping[str, int]] = facts.load("limits")["default_port"]
"""The default ports by engine."""
_SECONDS: Final = 20.0


@dataclass(slots=True)
class Node:
    """One server.

    :param host: its host name, in the form that AWS uses.
    :param shard: the number of its shard, from 0.
    :param home: its folder.
    """

    name: str
    host: str
    address: str
    port: int
    shard: int
    home: Path
    process: subprocess.Popen[bytes]

    def end(self) -> None:
        """Stop the server."""
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        # A server with this file counts as one that should run.
        (self.home / "pid").unlink(missing_ok=True)

    def remove(self) -> None:
        """Stop the server and delete its files: a node that is added later has the same name, and no data."""
        self.end()
        shutil.rmtree(self.home, ignore_errors=True)


@dataclass(slots=True, kw_only=True)
class Cache:
    """A cache and its servers.

    :param id: id of the replication group, the cluster or the serverless cache.
    :param kind: the resource type in its ARN.
    :param ports: its ports; clients write to the first one.
    :param network: the third byte of its servers' addresses, reserved for this cache.
    :param served: the functions that serve connections in this process, by address.
    :param proxy: returns the proxy for the address of a server; None when clients connect to the servers.
    :param addresses: the addresses by host name.
    :param names: the host names of the endpoints by role: primary, reader or configuration.
    :param version: version of the configuration of memcached, which increases with every change.
    :param replicates_from: the primary of its Global Datastore, for a secondary.
    :param replicating_node: the name of the node of a secondary that replicates from that primary.
    :param numbers: the last bytes of its servers' addresses.
    :param properties: of its resource in the template.
    """

    id: str
    region: str
    programs: Programs
    keys: Keys
    folder: Path
    kind: str = "replicationgroup"
    tls: bool
    clustered: bool = False
    ports: tuple[int, ...]
    network: int = field(init=False)
    reservation: "Reservation" = field(init=False)
    security_groups: tuple[str, ...] = ()
    user_group: str = ""
    nodes: list[Node] = field(default_factory=list)
    served: dict[Address, Callable[[socket.socket], None]] = field(default_factory=dict)
    proxy: Callable[[Address], Target] | None = None
    addresses: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    version: int = 0
    replicates_from: Self | None = None
    replicating_node: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    properties: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reservation = Reservation(self.port)
        self.network = self.reservation.network

    @property
    def port(self) -> int:
        """The port that clients write to."""
        return self.ports[0]

    @property
    def is_group(self) -> bool:
        """Whether it is a replication group, whose shards can fail over."""
        return self.kind == "replicationgroup" and (self.clustered or "primary" in self.names)

    @property
    def socket_addresses(self) -> list[Address]:
        """Every address and port of the cache, whether or not a server listens there."""
        return list(dict.fromkeys((address, port) for address in self.addresses.values() for port in self.ports))

    def target(self, address: Address) -> Target | None:
        """The server, proxy or function behind one of its addresses; None where no server listens."""
        if address in self.served or not accepts(*address):
            return self.served.get(address)
        return self.proxy(address) if self.proxy is not None else address

    def stop(self) -> None:
        """Stop its servers, and delete their files."""
        self.reservation.stop()
        self.served.clear()
        for node in self.nodes:
            node.process.terminate()
        for node in self.nodes:
            node.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, node: Node, *words: str) -> str:
        """Run a command on a server as its administrator; returns the answer, which can be an error."""
        return self._client("-h", node.address, "-p", str(node.port), *words).stdout.strip()

    def manage(self, command: str, node: Node, *words: str) -> None:
        """Run a command of the client's cluster manager once all nodes agree on the slots.

        :raises RuntimeError: when it fails, with the end of its output.
        """
        where = f"{node.address}:{node.port}"
        wait(lambda: self._client("--cluster", "check", where).returncode == 0, f"the nodes of {self.id} to agree")
        done = self._client("--cluster", command, *words, where, "--cluster-yes")
        if done.returncode:
            output = (done.stdout + done.stderr).strip().splitlines()[-3:]
            raise RuntimeError(f"the cluster manager failed at {command}: {' '.join(output)}")

    def primary_of(self, shard: int) -> Node:
        """The primary node of a shard; in a secondary of a Global Datastore, the node that replicates from the primary.

        :raises RuntimeError: when every server of the shard is down.
        """
        for node in self.nodes:
            if self.replicates_from is not None and node.name == self.replicating_node:
                return node
            if node.shard == shard and node.process.poll() is None and self.command(node, "ROLE").startswith("master"):
                return node
        raise RuntimeError(f"shard {shard + 1} of {self.id} has no primary, because all of its servers are down")

    def _client(self, *words: str) -> subprocess.CompletedProcess[str]:
        # Without verification: the client connects by address, and the certificate contains host names.
        tls = ("--tls", "--insecure") if self.tls else ()
        with own_program():
            return subprocess.run(
                [self.programs.client, "--no-auth-warning", "--user", ADMIN, *tls, *words],
                env={**self.programs.environment, "REDISCLI_AUTH": self.keys.administrator},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )


def short_region(region: str) -> str:
    """A region as endpoints abbreviate it: `use1` for us-east-1."""
    continent, *directions, last = region.split("-")
    return continent + "".join(direction[0] for direction in directions) + last


def domain_of(cache: Cache) -> str:
    """The domain of the host names of a cache's servers."""
    suffix = f"{short_region(cache.region)}.cache.amazonaws.com"
    if cache.kind == "serverlesscache":
        return f"{cache.id}-abc123.serverless.{suffix}"
    return f"{cache.id}.abc123.{suffix}"


class Reservation:
    """Reserves addresses 127.0.N.* for one cache, against all other caches of all runs, until it is stopped.

    :param port: the port of the cache.
    """

    def __init__(self, port: int) -> None:
        for self.network in range(16, 255):
            self._socket = socket.socket()
            try:
                self._socket.bind((f"127.0.{self.network}.254", port))
            except OSError:
                self._socket.close()
                continue
            # A server of a run that was killed can still listen.
            if not accepts(f"127.0.{self.network}.1", port):
                return
            self._socket.close()
        raise RuntimeError("none of the networks 127.0.16.* to 127.0.254.* is free; run 'make local-down'")

    def stop(self) -> None:
        """Release the addresses."""
        self._socket.close()


def spawn(command: Sequence[str], environment: dict[str, str], home: Path) -> subprocess.Popen[bytes]:
    """Start a server in its own folder; its output goes to the file `output` there."""
    with (home / "output").open("wb") as output, own_program():
        process = subprocess.Popen(
            command, env=environment, cwd=home, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    (home / "pid").write_text(str(process.pid))
    return process


def accepts(address: str, port: int) -> bool:
    """Whether a server listens on an address."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def wait(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition is true.

    :param what: the condition in words, for the error message.
    :raises TimeoutError: when it is not true within 20 s.
    """
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise TimeoutError(f"waited {_SECONDS:g} s for {what}")

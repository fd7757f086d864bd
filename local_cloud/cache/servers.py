"""The servers of one cache: what they are called, where they listen, and how they are asked."""

import itertools
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from local_cloud.keys import Keys
from local_cloud.programs import Programs
from local_cloud.reachable import Address, Target
from local_cloud.spawning import own_program

# The user that configures the servers; its password is the run's.
ADMIN: Final = "local-admin"
_SECONDS: Final = 20.0


@dataclass(slots=True)
class Node:
    """One server.

    :param host: its name, as AWS would give it.
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
        """End its process."""
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        # With it, the process counts as one that should run.
        (self.home / "pid").unlink(missing_ok=True)


@dataclass(slots=True, kw_only=True)
class Cache:
    """A cache that runs here.

    :param id: of the replication group, the cluster or the serverless cache.
    :param kind: as the resource type of its ARN has it.
    :param ports: its ports; the first one is the one that clients write to.
    :param network: the third byte of its servers' addresses, reserved.
    :param served: what answers in this process, by the address that it stands for.
    :param front: what stands in front of a server, at an address where one listens; None for nothing.
    :param addresses: the address behind each of its names.
    :param names: its endpoints' names by their role: primary, reader or configuration.
    :param version: of its configuration; it grows with every change.
    :param follows: the primary of the Global Datastore that it is a secondary of.
    :param head: the name of the node that replicates from there.
    :param numbers: for the last bytes of its servers' addresses.
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
    front: Callable[[Address], Target] | None = None
    addresses: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    version: int = 0
    follows: Self | None = None
    head: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.reservation = Reservation(self.port)
        self.network = self.reservation.network

    @property
    def port(self) -> int:
        """Where clients write."""
        return self.ports[0]

    @property
    def is_group(self) -> bool:
        """Whether it is a replication group, with shards that fail over."""
        return self.kind == "replicationgroup" and (self.clustered or "primary" in self.names)

    @property
    def places(self) -> list[Address]:
        """Every address and port that belongs to it, whether or not something listens there."""
        return list(dict.fromkeys((address, port) for address in self.addresses.values() for port in self.ports))

    def target(self, place: Address) -> Target | None:
        """What answers at one of its addresses now; None where nothing does."""
        if place in self.served or not accepts(*place):
            return self.served.get(place)
        return self.front(place) if self.front is not None else place

    def stop(self) -> None:
        """End its servers, and delete what they wrote."""
        self.reservation.stop()
        self.served.clear()
        for node in self.nodes:
            node.process.terminate()
        for node in self.nodes:
            node.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, node: Node, *words: str) -> str:
        """What a server answers to its administrator, errors among it."""
        return self._client("-h", node.address, "-p", str(node.port), *words).stdout.strip()

    def manage(self, command: str, node: Node, *words: str) -> None:
        """A command of the cluster manager in the command-line client, once all nodes agree.

        :raises RuntimeError: when it fails, with what it said.
        """
        where = f"{node.address}:{node.port}"
        wait(lambda: self._client("--cluster", "check", where).returncode == 0, f"the nodes of {self.id} to agree")
        done = self._client("--cluster", command, *words, where, "--cluster-yes")
        if done.returncode:
            said = (done.stdout + done.stderr).strip().splitlines()[-3:]
            raise RuntimeError(f"the cluster manager must succeed at {command}, and did not: {' '.join(said)}")

    def primary_of(self, shard: int) -> Node:
        """The node that takes the writes of a shard now, or in a secondary of a Global Datastore would.

        :raises RuntimeError: when none does.
        """
        for node in self.nodes:
            if self.follows is not None and node.name == self.head:
                return node
            if node.shard == shard and node.process.poll() is None and self.ask(node, "ROLE").startswith("master"):
                return node
        raise RuntimeError(
            f"shard {shard + 1} of {self.id} must have a server that takes writes, and all of them are down"
        )

    def _client(self, *words: str) -> subprocess.CompletedProcess[str]:
        # Servers of our own, on loopback; their certificate has their names.
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
    """A region as it stands in endpoints: `use1` for us-east-1."""
    continent, *directions, last = region.split("-")
    return continent + "".join(each[0] for each in directions) + last


def domain_of(cache: Cache) -> str:
    """What the names of its servers end with."""
    suffix = f"{short_region(cache.region)}.cache.amazonaws.com"
    if cache.kind == "serverlesscache":
        return f"{cache.id}-abc123.serverless.{suffix}"
    return f"{cache.id}.abc123.{suffix}"


class Reservation:
    """Addresses 127.0.N.* that no other cache has, of this run or another one, until it is stopped.

    :param port: that is asked for.
    """

    def __init__(self, port: int) -> None:
        for self.network in range(16, 255):
            self._socket = socket.socket()
            try:
                self._socket.bind((f"127.0.{self.network}.254", port))
            except OSError:
                self._socket.close()
                continue
            # What a run has left behind that was killed.
            if not accepts(f"127.0.{self.network}.1", port):
                return
            self._socket.close()
        raise RuntimeError(
            "one of the networks 127.0.16.* to 127.0.254.* must be free, and none is; run 'make local-down'"
        )

    def stop(self) -> None:
        """Give them back."""
        self._socket.close()


def spawn(command: Sequence[str], environment: dict[str, str], home: Path) -> subprocess.Popen[bytes]:
    """Start a server in its own folder; what it says is kept there."""
    with (home / "output").open("wb") as output, own_program():
        process = subprocess.Popen(
            command, env=environment, cwd=home, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    (home / "pid").write_text(str(process.pid))
    return process


def accepts(address: str, port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def wait(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition holds.

    :raises TimeoutError: when it does not within 20 s.
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

"""Redis or Valkey behind the names that ElastiCache gives: a shard with replicas, a cluster, or a serverless cache."""

import contextlib
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cloud.cache.servers import Cache, Node, accepts, domain_of, spawn, wait
from local_cloud.cache.users import REPLICATION
from local_cloud.certificates import Authority

_SLOTS: Final = 16384
_BUS: Final = 10000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How many servers.

    :param replicas: of each shard.
    """

    shards: int = 1
    replicas: int = 0


def start(cache: Cache, shape: Shape, authority: Authority, rules: Sequence[str]) -> None:
    """Start the servers of a cache, and wait until they serve; one that fails on the way leaves nothing.

    :param rules: the lines of the ACL file.
    :raises TimeoutError: when they do not within 20 s.
    """
    cache.folder.mkdir(parents=True)
    with contextlib.ExitStack() as undo:
        undo.callback(cache.stop)
        if cache.tls:
            domain = domain_of(cache)
            authority.issue(cache.id, domain, f"*.{domain}")
        (cache.folder / "users.acl").write_text("\n".join(rules) + "\n")
        for shard in range(shape.shards):
            for replica in range(shape.replicas + 1):
                _add(cache, shard, replica, authority)
        if cache.clustered:
            _form(cache, shape)
        else:
            for node in cache.nodes[1:]:
                _follow(cache, node, cache.nodes[0])
        name(cache)
        undo.pop_all()


def name(cache: Cache) -> None:
    """Point its endpoints to the servers that have their roles now."""
    domain = domain_of(cache)
    cache.addresses = {node.host: node.address for node in cache.nodes}
    if cache.kind == "serverlesscache":
        cache.names = {"configuration": domain, "reader": domain}
    elif cache.clustered:
        cache.names = {"configuration": f"clustercfg.{domain}"}
        cache.addresses[cache.names["configuration"]] = cache.primary_of(0).address
    else:
        cache.names = {"primary": f"master.{domain}", "reader": f"replica.{domain}"}
        primary = cache.primary_of(0)
        replicas = [each for each in cache.nodes if each is not primary and each.process.poll() is None]
        cache.addresses[cache.names["primary"]] = primary.address
        cache.addresses[cache.names["reader"]] = (replicas or [primary])[-1].address


def resize(cache: Cache, old: Shape, new: Shape, authority: Authority) -> None:
    """Add or remove shards and replicas while the cache serves, and move the slots."""
    for shard in range(min(old.shards, new.shards)):
        for replica in range(old.replicas, new.replicas):
            _follow(cache, _add(cache, shard, replica + 1, authority), cache.primary_of(shard))
    added = [_add(cache, shard, 0, authority) for shard in range(old.shards, new.shards)]
    first = cache.primary_of(0)
    for node in added:
        cache.manage("add-node", first, f"{node.address}:{node.port}")
        _agree(cache, "NODES")
    gone = [cache.primary_of(shard) for shard in range(new.shards, old.shards)]
    if gone:
        weights = [f"{cache.ask(each, 'CLUSTER', 'MYID')}=0" for each in gone]
        cache.manage("rebalance", first, "--cluster-weight", *weights)
    elif added:
        cache.manage("rebalance", first, "--cluster-use-empty-masters")
    for node in added:
        for replica in range(new.replicas):
            _follow(cache, _add(cache, node.shard, replica + 1, authority), node)
    for shard in range(old.shards):
        _remove(cache, shard, old.replicas + 1, new.replicas + 1 if shard < new.shards else 0)
    _agree(cache)
    name(cache)


def follow(cache: Cache, primary: Cache) -> None:
    """Make a replication group without cluster mode the secondary of another, or let it follow that one's new node."""
    head = cache.primary_of(0)
    cache.follows, cache.head = primary, head.name
    _follow(cache, head, primary.primary_of(0))


def stand_alone(cache: Cache) -> None:
    """Let a secondary take writes by itself."""
    head = cache.primary_of(0)
    cache.follows, cache.head = None, ""
    cache.ask(head, "REPLICAOF", "NO", "ONE")


def fail_over(cache: Cache, shard: int) -> None:
    """Kill the primary of a shard, wait until a replica has taken over, and bring the node back as a replica.

    :raises RuntimeError: when the shard has no replica.
    """
    primary = cache.primary_of(shard)
    replicas = [each for each in cache.nodes if each.shard == shard and each is not primary]
    if not replicas:
        raise RuntimeError(f"shard {shard + 1} of {cache.id} must have a replica to fail over to, and has none")
    primary.process.send_signal(signal.SIGKILL)
    primary.process.wait()
    if cache.clustered:
        wait(lambda: any(cache.ask(each, "ROLE").startswith("master") for each in replicas), "a replica to take over")
        following: tuple[str, ...] = ()
    else:
        cache.head = replicas[0].name
        if cache.follows is None:
            cache.ask(replicas[0], "REPLICAOF", "NO", "ONE")
        else:
            _follow(cache, replicas[0], cache.follows.primary_of(0))
        following = ("--replicaof", f"{replicas[0].address} {replicas[0].port}")
        for node in replicas[1:]:
            _follow(cache, node, replicas[0])
    name(cache)
    primary.process = _launch(cache, primary.home, *following)
    wait(lambda: accepts(primary.address, primary.port), f"{primary.name} to listen")
    wait(lambda: _linked(cache, primary), f"{primary.name} to replicate")
    name(cache)


def snapshot(cache: Cache, folder: Path) -> list[Path]:
    """Copy the data of each shard into a file that a server can load."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for shard in sorted({each.shard for each in cache.nodes}):
        node = cache.primary_of(shard)
        path = folder / f"{cache.id}-{shard + 1:04d}.rdb"
        said = cache.ask(node, "--rdb", str(path))
        if not path.exists():
            raise RuntimeError(f"{node.name} must give its data, and did not: {said}")
        files.append(path)
    return files


def _add(cache: Cache, shard: int, replica: int, authority: Authority) -> Node:
    number = f"{shard + 1:04d}-{replica + 1:03d}" if cache.clustered else f"{replica + 1:03d}"
    node_name, domain, port = f"{cache.id}-{number}", domain_of(cache), cache.port
    host = f"{node_name}.{domain}"
    if cache.kind == "serverlesscache":
        # One name and one address; the second port is the reader's.
        host, address, port = domain, f"127.0.{cache.network}.1", cache.ports[replica]
    else:
        address = f"127.0.{cache.network}.{next(cache.numbers)}"
    home = cache.folder / node_name
    home.mkdir()
    settings = _settings(cache, home, address=address, port=port, host=host, authority=authority)
    (home / "server.conf").write_text("\n".join(settings) + "\n")
    (home / "users.acl").write_text((cache.folder / "users.acl").read_text())
    node = Node(node_name, host, address, port, shard, home, _launch(cache, home))
    cache.nodes.append(node)
    wait(lambda: accepts(address, port), f"{node_name} to listen")
    return node


def _launch(cache: Cache, home: Path, *more: str) -> subprocess.Popen[bytes]:
    return spawn([cache.programs.server, str(home / "server.conf"), *more], cache.programs.environment, home)


def _remove(cache: Cache, shard: int, old: int, new: int) -> None:
    """Leave as many nodes in a shard, the primary among them."""
    if new >= old:
        return
    members = [each for each in cache.nodes if each.shard == shard]
    primary = cache.primary_of(shard)
    members.sort(key=lambda each: each is not primary)
    for node in members[new:]:
        cache.nodes.remove(node)
        if cache.clustered:
            id = cache.ask(node, "CLUSTER", "MYID")
            for other in cache.nodes:
                cache.ask(other, "CLUSTER", "FORGET", id)
        node.end()


def _follow(cache: Cache, node: Node, primary: Node) -> None:
    if not cache.clustered:
        cache.ask(node, "REPLICAOF", primary.address, str(primary.port))
    else:
        id = cache.ask(primary, "CLUSTER", "MYID")
        cache.ask(primary, "CLUSTER", "MEET", node.address, str(node.port), str(node.port + _BUS))
        wait(lambda: cache.ask(node, "CLUSTER", "REPLICATE", id) == "OK", f"{node.name} to know its primary")
    wait(lambda: _linked(cache, node), f"{node.name} to replicate")


def _form(cache: Cache, shape: Shape) -> None:
    primaries = [each for each in cache.nodes if each.name.endswith("-001")]
    first = primaries[0]
    for shard, node in enumerate(primaries):
        start, end = _SLOTS * shard // shape.shards, _SLOTS * (shard + 1) // shape.shards - 1
        cache.ask(node, "CLUSTER", "SET-CONFIG-EPOCH", str(shard + 1))
        cache.ask(node, "CLUSTER", "ADDSLOTSRANGE", str(start), str(end))
    for node in cache.nodes:
        if node is not first:
            cache.ask(first, "CLUSTER", "MEET", node.address, str(node.port), str(node.port + _BUS))
    for node in cache.nodes:
        primary = primaries[node.shard]
        if node is not primary:
            id = cache.ask(primary, "CLUSTER", "MYID")
            wait(lambda: cache.ask(node, "CLUSTER", "REPLICATE", id) == "OK", f"{node.name} to know its primary")  # noqa: B023 - called at once
    _agree(cache)


def _agree(cache: Cache, view: str = "SLOTS") -> None:
    """Wait until every node sees every other.

    :param view: NODES where some have no slots yet, which SLOTS leaves out.
    """
    if not cache.clustered:
        return
    ids = [cache.ask(each, "CLUSTER", "MYID") for each in cache.nodes]
    for node in cache.nodes:

        def agreed(node: Node = node) -> bool:
            seen = cache.ask(node, "CLUSTER", view)
            return all(id in seen for id in ids) and "cluster_state:ok" in cache.ask(node, "CLUSTER", "INFO")

        wait(agreed, f"{node.name} to see the cluster")


def _linked(cache: Cache, node: Node) -> bool:
    return "master_link_status:up" in cache.ask(node, "INFO", "replication")


def _settings(cache: Cache, home: Path, *, address: str, port: int, host: str, authority: Authority) -> list[str]:
    lines = [
        f"bind {address}",
        f"dir {home}",
        f"aclfile {home}/users.acl",
        f"logfile {home}/log",
        f"masteruser {REPLICATION}",
        f"masterauth {cache.keys.replication}",
        "save ''",
        "appendonly no",
        "daemonize no",
        "repl-diskless-sync-delay 0",
        "repl-ping-replica-period 1",
        "maxmemory 64mb",
    ]
    if not cache.tls:
        lines.append(f"port {port}")
    else:
        certificate, key = authority.files(cache.id)
        lines += [
            "port 0",
            f"tls-port {port}",
            f"tls-cert-file {certificate}",
            f"tls-key-file {key}",
            f"tls-ca-cert-file {authority.ca_file}",
            "tls-auth-clients no",
            "tls-replication yes",
        ]
    if cache.clustered:
        lines += [
            "cluster-enabled yes",
            f"tls-cluster {'yes' if cache.tls else 'no'}",
            "cluster-node-timeout 2000",
            f"cluster-announce-ip {address}",
            f"cluster-announce-{'tls-' if cache.tls else ''}port {port}",
            f"cluster-announce-bus-port {port + _BUS}",
            f"cluster-announce-hostname {host}",
            "cluster-preferred-endpoint-type hostname",
            "cluster-allow-replica-migration no",
        ]
    return lines

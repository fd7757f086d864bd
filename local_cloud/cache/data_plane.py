"""Redis or Valkey servers with endpoints as ElastiCache names them: one shard, a cluster, or a serverless cache."""

import contextlib
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cloud.cache.servers import Cache, Node, accepts, domain_of, spawn, wait
from local_cloud.cache.users import REPLICATION
from local_cloud.certificates import Authority

DATA: Final = "dump.rdb"
"""The file that a server reads when it starts."""
_SLOTS: Final = 16384
_BUS: Final = 10000
# The election of a replica needs a majority of the primaries, which one of two primaries is not.
_ELECTING_SHARDS: Final = 3
Seed = Callable[[Path, str, int], None]
"""Places the data of a server in its folder before it starts; receives the folder, the address and the port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The number of servers.

    :param replicas: the number of replicas of each shard.
    """

    shards: int = 1
    replicas: int = 0


def start(cache: Cache, shape: Shape, authority: Authority, rules: Sequence[str], seeds: Sequence[Seed] = ()) -> None:
    """Start the servers of a cache, and wait until they serve; after a failure nothing remains of them.

    :param rules: the lines of the ACL file.
    :param seeds: place the data of each shard's primary, when it is restored from a snapshot.
    :raises TimeoutError: when they do not serve within 20 s.
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
                _add(cache, shard, replica, authority, seeds[shard] if seeds and not replica else None)
        if cache.clustered:
            _create_cluster(cache, shape, restored=bool(seeds))
        else:
            for node in cache.nodes[1:]:
                _replicate(cache, node, cache.nodes[0])
        assign_endpoints(cache)
        undo.pop_all()


def assign_endpoints(cache: Cache) -> None:
    """Point the endpoints to the servers that now have the roles."""
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
        replicas = [node for node in cache.nodes if node is not primary and node.process.poll() is None]
        cache.addresses[cache.names["primary"]] = primary.address
        cache.addresses[cache.names["reader"]] = (replicas or [primary])[-1].address


def resize(
    cache: Cache, old: Shape, new: Shape, authority: Authority, addresses_changed: Callable[[], None] = lambda: None
) -> None:
    """Add or remove shards and replicas without interruption, and move the slots.

    :param addresses_changed: called before slots move, so that clients can connect to the nodes that get them.
    """
    for shard in range(min(old.shards, new.shards)):
        for replica in range(old.replicas, new.replicas):
            _replicate(cache, _add(cache, shard, replica + 1, authority), cache.primary_of(shard))
    added = [_add(cache, shard, 0, authority) for shard in range(old.shards, new.shards)]
    first = cache.primary_of(0)
    for node in added:
        cache.manage("add-node", first, f"{node.address}:{node.port}")
        _wait_for_agreement(cache, "NODES")
    assign_endpoints(cache)
    addresses_changed()
    removed = [cache.primary_of(shard) for shard in range(new.shards, old.shards)]
    if removed:
        weights = [f"{cache.command(node, 'CLUSTER', 'MYID')}=0" for node in removed]
        cache.manage("rebalance", first, "--cluster-weight", *weights)
    elif added:
        cache.manage("rebalance", first, "--cluster-use-empty-masters")
    for node in added:
        for replica in range(new.replicas):
            _replicate(cache, _add(cache, node.shard, replica + 1, authority), node)
    for shard in range(old.shards):
        _remove(cache, shard, old.replicas + 1, new.replicas + 1 if shard < new.shards else 0)
    _wait_for_agreement(cache)
    assign_endpoints(cache)


def replicate_from(cache: Cache, primary: Cache) -> None:
    """Let a replication group without cluster mode replicate from the primary node of another one."""
    replicating_node = cache.primary_of(0)
    cache.replicates_from, cache.replicating_node = primary, replicating_node.name
    _replicate(cache, replicating_node, primary.primary_of(0))


def stop_replication(cache: Cache) -> None:
    """Stop the replication of a secondary, which then accepts writes."""
    replicating_node = cache.primary_of(0)
    cache.replicates_from, cache.replicating_node = None, ""
    cache.command(replicating_node, "REPLICAOF", "NO", "ONE")


def fail_over(cache: Cache, shard: int) -> None:
    """Kill the primary of a shard, wait until a replica has taken over, and restart the node as a replica.

    :raises RuntimeError: when the shard has no replica.
    """
    primary = cache.primary_of(shard)
    replicas = [node for node in cache.nodes if node.shard == shard and node is not primary]
    if not replicas:
        raise RuntimeError(f"shard {shard + 1} of {cache.id} has no replica to fail over to; add a replica")
    primary.process.send_signal(signal.SIGKILL)
    primary.process.wait()
    if cache.clustered:
        if len({node.shard for node in cache.nodes}) < _ELECTING_SHARDS:
            cache.command(replicas[0], "CLUSTER", "FAILOVER", "TAKEOVER")
        wait(
            lambda: any(cache.command(node, "ROLE").startswith("master") for node in replicas), "a replica to take over"
        )
        following: tuple[str, ...] = ()
    else:
        cache.replicating_node = replicas[0].name
        if cache.replicates_from is None:
            cache.command(replicas[0], "REPLICAOF", "NO", "ONE")
        else:
            _replicate(cache, replicas[0], cache.replicates_from.primary_of(0))
        following = ("--replicaof", f"{replicas[0].address} {replicas[0].port}")
        for node in replicas[1:]:
            _replicate(cache, node, replicas[0])
    assign_endpoints(cache)
    primary.process = _launch(cache, primary.home, *following)
    wait(lambda: accepts(primary.address, primary.port), f"{primary.name} to listen")
    wait(lambda: _is_linked(cache, primary), f"{primary.name} to replicate")
    assign_endpoints(cache)


def snapshot(cache: Cache, folder: Path) -> list[Path]:
    """Copy the data of each shard into an RDB file."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for shard in sorted({node.shard for node in cache.nodes}):
        node = cache.primary_of(shard)
        path = folder / f"{cache.id}-{shard + 1:04d}.rdb"
        output = cache.command(node, "--rdb", str(path))
        if not path.exists():
            raise RuntimeError(f"{node.name} did not send its data: {output}")
        files.append(path)
    return files


def slots(cache: Cache) -> list[str]:
    """The hash slots of each shard, such as `0-8191`; none with cluster mode disabled."""
    found = []
    for shard in sorted({node.shard for node in cache.nodes}) if cache.clustered else ():
        listed = cache.command(cache.primary_of(shard), "CLUSTER", "NODES").splitlines()
        (own,) = [line.split() for line in listed if "myself" in line]
        # Slots that move are listed again, in brackets.
        found.append(" ".join(word for word in own[8:] if not word.startswith("[")))
    return found


def _add(cache: Cache, shard: int, replica: int, authority: Authority, seed: Seed | None = None) -> Node:
    number = f"{shard + 1:04d}-{replica + 1:03d}" if cache.clustered else f"{replica + 1:03d}"
    node_name, domain, port = f"{cache.id}-{number}", domain_of(cache), cache.port
    host = f"{node_name}.{domain}"
    if cache.kind == "serverlesscache":
        # A serverless cache has one name and one address; the second port serves reads.
        host, address, port = domain, f"127.0.{cache.network}.1", cache.ports[replica]
    else:
        address = f"127.0.{cache.network}.{next(cache.numbers)}"
    home = cache.folder / node_name
    home.mkdir()
    settings = _settings(cache, home, address=address, port=port, host=host, authority=authority)
    (home / "server.conf").write_text("\n".join(settings) + "\n")
    (home / "users.acl").write_text((cache.folder / "users.acl").read_text())
    if seed is not None:
        seed(home, address, port)
    node = Node(node_name, host, address, port, shard, home, _launch(cache, home))
    cache.nodes.append(node)
    wait(lambda: accepts(address, port), f"{node_name} to listen")
    if seed is not None:
        wait(lambda: "loading:0" in cache.command(node, "INFO", "persistence"), f"{node_name} to read its data")
        # A server that is started again takes its data from its primary.
        (home / DATA).unlink()
    return node


def _launch(cache: Cache, home: Path, *more: str) -> subprocess.Popen[bytes]:
    return spawn([cache.programs.server, str(home / "server.conf"), *more], cache.programs.environment, home)


def _remove(cache: Cache, shard: int, old: int, new: int) -> None:
    """Remove nodes of a shard until `new` are left; the primary is removed last."""
    if new >= old:
        return
    members = [node for node in cache.nodes if node.shard == shard]
    primary = cache.primary_of(shard)
    members.sort(key=lambda node: node is not primary)
    for node in members[new:]:
        cache.nodes.remove(node)
        if cache.clustered:
            id = cache.command(node, "CLUSTER", "MYID")
            for other in cache.nodes:
                cache.command(other, "CLUSTER", "FORGET", id)
        node.remove()


def _replicate(cache: Cache, node: Node, primary: Node) -> None:
    if not cache.clustered:
        cache.command(node, "REPLICAOF", primary.address, str(primary.port))
    else:
        id = cache.command(primary, "CLUSTER", "MYID")
        cache.command(primary, "CLUSTER", "MEET", node.address, str(node.port), str(node.port + _BUS))
        wait(lambda: cache.command(node, "CLUSTER", "REPLICATE", id) == "OK", f"{node.name} to know its primary")
    wait(lambda: _is_linked(cache, node), f"{node.name} to replicate")


def _create_cluster(cache: Cache, shape: Shape, *, restored: bool) -> None:
    primaries = [node for node in cache.nodes if node.name.endswith("-001")]
    first = primaries[0]
    # A server that is restored has its slots already.
    for shard, node in enumerate([] if restored else primaries):
        start, end = _SLOTS * shard // shape.shards, _SLOTS * (shard + 1) // shape.shards - 1
        cache.command(node, "CLUSTER", "SET-CONFIG-EPOCH", str(shard + 1))
        cache.command(node, "CLUSTER", "ADDSLOTSRANGE", str(start), str(end))
    for node in cache.nodes:
        if node is not first:
            cache.command(first, "CLUSTER", "MEET", node.address, str(node.port), str(node.port + _BUS))
    for node in cache.nodes:
        primary = primaries[node.shard]
        if node is not primary:
            id = cache.command(primary, "CLUSTER", "MYID")
            wait(lambda: cache.command(node, "CLUSTER", "REPLICATE", id) == "OK", f"{node.name} to know its primary")  # noqa: B023 - called at once
    _wait_for_agreement(cache)


def _wait_for_agreement(cache: Cache, view: str = "SLOTS") -> None:
    """Wait until every node knows every other node.

    :param view: NODES while some nodes have no slots, because SLOTS leaves these out.
    """
    if not cache.clustered:
        return
    ids = [cache.command(node, "CLUSTER", "MYID") for node in cache.nodes]
    for node in cache.nodes:

        def agreed(node: Node = node) -> bool:
            listed = cache.command(node, "CLUSTER", view)
            return all(id in listed for id in ids) and "cluster_state:ok" in cache.command(node, "CLUSTER", "INFO")

        wait(agreed, f"{node.name} to see the cluster")


def _is_linked(cache: Cache, node: Node) -> bool:
    return "master_link_status:up" in cache.command(node, "INFO", "replication")


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

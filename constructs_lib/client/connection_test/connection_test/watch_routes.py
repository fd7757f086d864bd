"""Which node serves a key now. While answers are missing, other nodes are asked, and names looked up again."""

from __future__ import annotations

import threading
import time
from typing import Callable, Optional

from connection_test import failures, slots, transport, tunnels
from connection_test.config import Config
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.slots import Node, Shard
from connection_test.transport import Address
from connection_test.watch_link import FAILURES, Credentials, Link

WRITE, READ, REPLICA_READ = "write", "read", "replica-read"
# In seconds: between the questions to one node; longer for a large cluster, whose answer is long.
_ASK_PERIOD = 0.03
_ASK_PERIOD_OF_SHARD = 0.001
_RESOLVE_PERIOD = 0.5
# Nodes that are asked at the same time.
_MOST_ASKED = 8
# Connections to each of them in reserve: one for the writes and one for the reads of its shard.
_RESERVE = 2


class Routes:
    """The shards as the cache announces them; without cluster mode, the endpoints."""

    def __init__(self, config: Config, credentials: Credentials, shards: list[Shard]) -> None:
        self.config, self.credentials, self.shards = config, credentials, shards
        # Called after a change of the shards.
        self.changed: Callable[[], None] = lambda: None
        self._searching = threading.Event()
        self._addresses: dict[Node, list[Address]] = {}
        self._moved: dict[int, Node] = {}
        self._lock = threading.Lock()
        # What each node announced last in this search; a node that was not asked yet, what all announced before it.
        self._views: dict[Node, object] = {}
        self._before = summary_of(shards)
        self._asked: set[Node] = set()
        self._reserve: dict[Node, list[Link]] = {}
        first = Node(config.first.host, config.first.port)
        # Replicas are asked first, because a promoted replica reports its new role before other nodes do.
        self._known = list(dict.fromkeys([*(n for s in shards for n in (*s.replicas, s.primary)), first]))

    def start(self) -> None:
        """Start the threads; they sleep until a search begins."""
        threading.Thread(target=self._resolve_again, daemon=True).start()
        if self.config.clustered:
            for _ in range(min(_MOST_ASKED, len(self._known))):
                threading.Thread(target=self._ask_again, daemon=True).start()

    def search(self, wanted: bool) -> None:
        """Begin or end to look for changes."""
        if wanted and not self._searching.is_set():
            with self._lock:
                self._before = summary_of(self.shards)
                self._views.clear()
            self._searching.set()
        elif not wanted and self._searching.is_set():
            self._searching.clear()
            with self._lock:
                spare = [link for links in self._reserve.values() for link in links]
                self._reserve.clear()
            for link in spare:
                link.close()

    def link_to(self, node: Node, *, readonly: bool) -> Link:
        """A link to open; during a search, an open one if there is one in reserve.

        It measures when a node serves the key again, without the time that a new connection takes.
        """
        with self._lock:
            spare = self._reserve.get(node)
            return spare.pop() if spare and not readonly else Link(node)

    def node_for(self, operation: str, slot: int, attempt: int = 0) -> Node:
        """The node for a request. Where no replica is announced, replica reads go to the primary.

        :param attempt: chooses among the replicas.
        :raises StageFailure: when there is none.
        """
        with self._lock:
            shard = next((shard for shard in self.shards if shard.owns(slot)), None)
            primary = self._moved.get(slot) or (shard.primary if shard else None)
        replicas = self.readers() or (shard.replicas if shard else [])
        if operation == REPLICA_READ and replicas:
            return replicas[attempt % len(replicas)]
        if primary is None:
            raise StageFailure("slots-not-covered", f"no shard owns slot {slot}", "wait for a failover to end")
        return primary

    def readers(self) -> list[Node]:
        """The reader endpoints, which a client of a cluster without cluster mode or a serverless cache reads from."""
        if self.config.clustered and not self.config.serverless:
            return []
        return [Node(each.host, each.port) for each in self.config.endpoints if each.role == "reader"]

    def addresses(self, node: Node) -> list[Address]:
        """The addresses of a node; they are looked up once, and again during a search."""
        with self._lock:
            known = self._addresses.get(node)
        return known or self._resolve(node)

    def moved(self, slot: int, node: Node) -> None:
        """A node answered that another one owns the slot."""
        with self._lock:
            self._moved[slot] = node
            if node not in self._known:
                self._known.append(node)

    def _compare(self, node: Node, view: list[Shard]) -> None:
        """Take over the view of a node if it has changed."""
        now = summary_of(view)
        with self._lock:
            if now == self._views.get(node, self._before):
                return
            self._views[node] = now
            self.shards = view
            self._moved.clear()
            nodes = [node for shard in view for node in (*shard.replicas, shard.primary)]
            self._known = list(dict.fromkeys([*self._known, *nodes]))
        self.changed()

    def _resolve(self, node: Node) -> list[Address]:
        addresses = transport.resolve(self.config, node.host, node.port)
        with self._lock:
            self._addresses[node] = addresses
        return addresses

    def _resolve_again(self) -> None:
        while self._searching.wait():
            with self._lock:
                nodes = list(self._addresses)
            for node in nodes:
                try:
                    self._resolve(node)
                except StageFailure:
                    continue  # the last known addresses stay
            time.sleep(_RESOLVE_PERIOD)

    def _ask_again(self) -> None:
        """Ask one node after another; a node that answers is asked again.

        The nodes of a cluster learn of a failover at different times. A view counts when it differs from the view that
        the same node had before, so that a node that has not learned of it yet cannot bring the old view back.
        """
        link: Optional[Link] = None
        while self._searching.wait():
            try:
                if link is None:
                    link = self._next()
                    link.open(self.credentials, self.addresses(link.node), readonly=False)
                    self._open_reserve(link.node)
                assert link.connection is not None  # noqa: S101 - it is open
                self._compare(link.node, view_of(link.connection, link.node))
            except (*FAILURES, ValueError):
                if link is not None:
                    link.close()
                    with self._lock:
                        self._asked.discard(link.node)
                link = None
            time.sleep(max(_ASK_PERIOD, len(self.shards) * _ASK_PERIOD_OF_SHARD))

    def _open_reserve(self, node: Node) -> None:
        """Open connections to a replica, because it can become the primary."""
        if not any(node in shard.replicas for shard in self.shards):
            return
        for _ in range(_RESERVE):
            link = Link(node)
            link.open(self.credentials, self.addresses(node), readonly=False)
            with self._lock:
                if self._searching.is_set():
                    self._reserve.setdefault(node, []).append(link)
                    continue
            link.close()

    def _next(self) -> Link:
        """A link to a node that no other thread uses; the node that was asked last comes last in the order."""
        with self._lock:
            node = next((node for node in self._known if node not in self._asked), self._known[0])
            self._known.remove(node)
            self._known.append(node)
            self._asked.add(node)
        return Link(node)


def view_of(connection: Connection, asked: Node) -> list[Shard]:
    """The shards as a node sees them."""
    return slots.parse(connection.call("CLUSTER", "SLOTS"), asked)


def summary_of(view: list[Shard]) -> object:
    """What is compared of a view: primaries, slots and replicas in any order."""
    return sorted((str(s.primary), tuple(sorted(s.ranges)), tuple(sorted(map(str, s.replicas)))) for s in view)


def discovered(config: Config, connection: Connection) -> list[Shard]:
    """The shards at the beginning of the watch; without cluster mode, one shard of the endpoints.

    :raises StageFailure: when the cache does not tell.
    """
    first = Node(config.first.host, config.first.port)
    if not config.clustered:
        readers = [Node(each.host, each.port) for each in config.endpoints if each.role == "reader"]
        expected = config.serverless or config.replicas_per_shard > 0
        return [Shard(first, [(0, slots.SLOTS - 1)], readers if expected else [])]
    try:
        shards = view_of(connection, first)
    except ReplyError as reply:
        raise failures.failure_of(reply, "CLUSTER SLOTS") from None
    except (ValueError, ProtocolError, OSError) as problem:
        raise StageFailure(
            "no-answer", f"{first} did not answer CLUSTER SLOTS ({problem})", "check the cache's state"
        ) from None
    if not shards:
        raise StageFailure("slots-not-covered", "no shard owns a slot", "wait until the cluster is created")
    for shard in shards:
        shard.replicas = tunnels.usable(config, shard.replicas)
    return sorted(shards, key=lambda shard: min(shard.ranges))


def keys_of(shards: list[Shard], prefix: str, salt: str) -> list[tuple[int, str]]:
    """A key for each shard, with the shard's number from 1.

    A prefix with a hash tag puts all keys into one slot: then there is one key.
    """
    if _is_fixed(slots.slot_of, prefix, salt):
        slot = slots.slot_of(prefix)
        return [(number, prefix + salt) for number, shard in enumerate(shards, 1) if shard.owns(slot)]
    return [(number, slots.key_for(shard, prefix, salt)) for number, shard in enumerate(shards, 1)]


def _is_fixed(slot_of: Callable[[str], int], prefix: str, salt: str) -> bool:
    return len({slot_of(f"{prefix}{salt}:{number}") for number in range(8)}) == 1

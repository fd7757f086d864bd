"""One operation on one shard, repeated on a connection and in a thread of its own."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Callable, Optional

from connection_test import slots
from connection_test.commands import redirection
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.slots import Node
from connection_test.watch_link import FAILURES, Link, cause_of
from connection_test.watch_records import Gap, Total
from connection_test.watch_routes import READ, REPLICA_READ, WRITE, Routes

# In seconds; a slower answer counts as a gap.
SLOW = 0.25
_RETRY = 0.05
_EXPIRES = 300
# After these errors another connection can help; after any other one, such as LOADING, the server will answer later.
_RECONNECT = ("ASK", "MOVED", "NOAUTH", "READONLY", "WRONGPASS")


@dataclass
class Writes:
    """The numbers that the writes of one key store, to tell confirmed, unconfirmed and lost ones apart.

    :param sent: the number of the last write.
    :param confirmed: the number of the last write with an answer.
    :param checked: writes up to this one are counted already.
    :param without: the numbers of writes that were refused or not answered.
    """

    sent: int = 0
    confirmed: int = 0
    checked: int = 0
    without: list[int] = field(default_factory=list)

    def lost(self, there: int) -> int:
        """How many confirmed writes are newer than the value that is there, and were not counted before."""
        after = max(there, self.checked)
        without = set(self.without)
        count = sum(1 for number in range(after + 1, self.confirmed + 1) if number not in without)
        self.checked, self.without = self.sent, []
        return count


class Probe(threading.Thread):
    """Sends a request every period, and records the gaps between the answers.

    :param writes: the numbers of the shard's writes; the reads compare with them.
    :param opened: called when it is connected to another node.
    :param paused: how long this machine did not run the watch within a time, in seconds.
    :param closed: called with a gap that has ended.
    """

    def __init__(
        self,
        routes: Routes,
        operation: str,
        shard: int,
        key: str,
        *,
        period: float,
        writes: Writes,
        stop: threading.Event,
        opened: Callable[[Probe, Node], None],
        paused: Callable[[float, float], float],
        closed: Callable[[Gap], None],
    ) -> None:
        super().__init__(daemon=True)
        self.routes, self.operation, self.shard, self.key = routes, operation, shard, key
        self.slot = slots.slot_of(key)
        self.total = Total(operation, shard)
        self.writes = writes
        self.link: Optional[Link] = None
        # Why the requests fail now; empty while they are answered.
        self.cause = ""
        # Why the user may not run the command; it is not repeated then.
        self.forbidden = ""
        self.first = threading.Event()
        self._wake = threading.Event()
        self._period, self._stop_watch = period, stop
        self._opened, self._paused, self._closed = opened, paused, closed
        self._since = time.monotonic()
        self._sent_at: Optional[float] = None
        self._attempt = 0
        self._node: Optional[Node] = None
        self._asking: Optional[Node] = None
        self._lost: Optional[int] = 0
        self._unconfirmed = self._refused = 0

    def run(self) -> None:
        """Send requests until the watch stops."""
        while not self._stop_watch.is_set() and not self.forbidden:
            began = time.monotonic()
            pause = self.step()
            self._wake.wait(max(0.0, pause - (time.monotonic() - began)))
            self._wake.clear()

    def step(self) -> float:
        """Send one request; returns the seconds from its beginning to the next one."""
        self._sent_at = time.monotonic()
        try:
            connection = self._connection()
            if self._asking is not None:
                connection.call("ASKING")
            self._request(connection)
        except FAILURES as problem:
            return self._failed(problem)
        self._answered(time.monotonic())
        return self._period

    def troubled(self, now: float) -> bool:
        """Whether an answer is missing at a time."""
        sent_at = self._sent_at
        return not self.forbidden and bool(self.cause or (sent_at is not None and now - sent_at > SLOW))

    def reroute(self) -> None:
        """Interrupt a request to a node that no longer serves the key or has another address."""
        link = self.link
        if link is None:
            self._wake.set()
            return
        if link.interrupted or self._asking is not None:
            return
        try:
            moved = link.node != self.routes.node_for(self.operation, self.slot, self._attempt)
            gone = link.address is not None and link.address not in self.routes.addresses(link.node)
        except FAILURES:
            return
        if moved or gone:
            link.interrupt()
            self._wake.set()

    def open_gap(self, now: float) -> Optional[Gap]:
        """The gap that has not ended."""
        if not self.troubled(now):
            return None
        self.cause = self.cause or "no answer yet"
        sent = self.writes.sent
        pending = sent > max(self.writes.confirmed, self.writes.checked) and sent not in self.writes.without
        if self.operation == WRITE and pending:
            self.writes.without.append(sent)
            self._unconfirmed += 1
            self.total.unconfirmed += 1
        return self._gap(now, ended=False)

    def _connection(self) -> Connection:
        if self.link is not None and self.link.connection is not None:
            if not self.link.interrupted:
                return self.link.connection
            self.link.close()
        node = self._asking or self.routes.node_for(self.operation, self.slot, self._attempt)
        config = self.routes.config
        secondary = config.global_role == "secondary"
        readonly = config.clustered and (self.operation == REPLICA_READ or secondary)
        self.link = link = self.routes.link_to(node, readonly=readonly)
        connection = link.connection or link.open(
            self.routes.credentials, self.routes.addresses(node), readonly=readonly
        )
        if self.operation == WRITE and self.writes.sent and self._asking is None:
            self._check_lost(connection)
        if node != self._node:
            self._node = node
            self._opened(self, node)
        return connection

    def _check_lost(self, connection: Connection) -> None:
        try:
            value = connection.text("GET", self.key)
        except ReplyError as reply:
            if reply.kind != "NOPERM":
                raise
            self._lost = None
            return
        self._lost = (self._lost or 0) + self.writes.lost(int(value) if value.isdigit() else 0)

    def _request(self, connection: Connection) -> None:
        if self.operation == WRITE:
            self._write(connection)
            return
        confirmed = self.writes.confirmed
        value = connection.text("GET", self.key)
        if self.operation == READ and (int(value) if value.isdigit() else 0) < confirmed:
            self.total.stale += 1

    def _write(self, connection: Connection) -> None:
        self.writes.sent += 1
        number = self.writes.sent
        try:
            connection.call("SET", self.key, str(number), "EX", _EXPIRES)
        except ReplyError as reply:
            self.writes.without.append(number)
            if reply.kind not in ("MOVED", "ASK"):
                self._refused += 1
                self.total.refused += 1
            raise
        except (OSError, ProtocolError):
            self.writes.without.append(number)
            self._unconfirmed += 1
            self.total.unconfirmed += 1
            raise
        self.writes.confirmed = number

    def _answered(self, now: float) -> None:
        sent_at = self._sent_at or now
        self._sent_at = None
        slow = bool(self.total.answered) and now - sent_at - self._paused(sent_at, now) > SLOW
        if self.cause or slow:
            self.cause = self.cause or "the answer was slow"
            gap = self._gap(now, ended=True)
            self.total.add(gap)
            self._closed(gap)
        self.total.answered += 1
        self._since, self.cause = now, ""
        self._lost, self._unconfirmed, self._refused = 0, 0, 0
        self.first.set()

    def _gap(self, now: float, *, ended: bool) -> Gap:
        gap = Gap(self.shard, self.operation, self._since, now, self.cause, ended)
        if self.operation == WRITE:
            gap.lost = self._lost if ended else None
            gap.unconfirmed, gap.refused = self._unconfirmed, self._refused
        return gap

    def _failed(self, problem: Exception) -> float:
        link, self._sent_at = self.link, None
        if link is None or link.connection is None or not _keeps(problem):
            self._close()
        if isinstance(problem, ReplyError):
            target = redirection(problem, link.node.host) if link is not None else None
            if target is not None and not self._redirected(problem.kind, *target):
                return 0.0
            if problem.kind == "NOPERM" and not self.total.answered:
                self.forbidden = self._text_of(problem)
                self.first.set()
                return 0.0
        interrupted = link is not None and link.interrupted
        text = "no answer before another node took over" if interrupted else self._text_of(problem)
        self.cause = self.cause or text
        self._asking = None
        self._attempt += 1
        self.first.set()
        return 0.0 if interrupted else _RETRY

    def _close(self) -> None:
        if self.link is not None:
            self.link.close()
        self.link = None

    def _text_of(self, problem: Exception) -> str:
        return self.routes.credentials.clean(cause_of(problem))

    def _redirected(self, kind: str, slot: int, node: Node) -> bool:
        """Follow MOVED or ASK; returns whether that is a failure, because it came before or from a replica."""
        if kind == "ASK":
            again = self._asking == node
            self._asking = node
            return again
        again = self.operation == REPLICA_READ or self.routes.node_for(self.operation, slot) == node
        self._asking = None
        self.routes.moved(slot, node)
        return again


def _keeps(problem: Exception) -> bool:
    """Whether the connection is still of use after a failure."""
    return isinstance(problem, ReplyError) and problem.kind not in _RECONNECT

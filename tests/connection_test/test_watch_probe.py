"""What the watch makes of answers that a real server seldom gives; no cache is needed."""

import errno
import threading
import time
from typing import cast

import pytest
from connection_test import redaction, transport, watch, watch_probe
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.slots import Node, Shard
from connection_test.watch_link import Credentials, Link
from connection_test.watch_probe import Probe, Writes
from connection_test.watch_records import Gap
from connection_test.watch_routes import READ, REPLICA_READ, WRITE

from tests.connection_test.watch_fakes import ALL, A, B, C, Server, routes_of


class Bench:
    """A probe whose connections are servers by node."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, operation: str, servers: dict[Node, Server]) -> None:
        self.gaps: list[Gap] = []
        self.opened: list[Node] = []

        def open_link(link: Link, credentials: Credentials, addresses: object, *, readonly: bool) -> Connection:
            self.opened.append(link.node)
            self.readonly = readonly
            link.connection = cast("Connection", servers[link.node])
            return link.connection

        monkeypatch.setattr(Link, "open", open_link)
        monkeypatch.setattr(transport, "resolve", lambda config, host, port: [(host, port)])
        self.routes = routes_of([Shard(A, ALL, [B])], cluster_mode="enabled", password="secret-1")
        self.probe = Probe(
            self.routes,
            operation,
            1,
            "key",
            period=0.02,
            writes=Writes(),
            stop=threading.Event(),
            opened=lambda probe, node: None,
            paused=lambda start, end: 0.0,
            closed=self.gaps.append,
        )


@pytest.mark.parametrize(
    ("there", "lost"),
    [(10, 0), (9, 1), (8, 2), (7, 3), (6, 3), (5, 3), (4, 4), (0, 8), (11, 0)],
)
def test_confirmed_writes_that_are_not_there_are_lost(there: int, lost: int) -> None:
    # Numbers 6 and 7 were not confirmed.
    writes = Writes(sent=11, confirmed=10, without=[6, 7])
    assert writes.lost(there) == lost
    # They are counted once.
    assert writes.lost(there) == 0


def test_lost_writes_after_an_earlier_loss() -> None:
    writes = Writes(sent=10, confirmed=10)
    assert writes.lost(8) == 2
    writes.sent = writes.confirmed = 15
    assert writes.lost(12) == 3
    writes.sent = writes.confirmed = 18
    assert writes.lost(3) == 3


def test_writes_are_confirmed_unconfirmed_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ["OK", ReplyError("READONLY x"), ReplyError("OOM x"), TimeoutError("timed out"), "OK"]
    bench = Bench(monkeypatch, WRITE, {A: Server(SET=answers, GET=["1"])})
    for _ in range(5):
        bench.probe.step()
    (gap,) = bench.gaps
    assert (gap.cause, gap.refused, gap.unconfirmed, gap.lost) == ("READONLY x", 2, 1, 0)
    total = bench.probe.total
    assert (total.answered, total.refused, total.unconfirmed, total.gaps) == (2, 2, 1, 1)
    assert (bench.probe.writes.sent, bench.probe.writes.confirmed) == (5, 5)


def test_a_broken_protocol_is_an_unconfirmed_write(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, WRITE, {A: Server(SET=["OK", ProtocolError("HTTP"), "OK"], GET=["2"])})
    for _ in range(3):
        bench.probe.step()
    assert (bench.gaps[0].unconfirmed, bench.gaps[0].lost, bench.gaps[0].cause) == (1, 0, "HTTP")


def test_moved_is_followed_without_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    servers = {A: Server(SET=[ReplyError("MOVED 12539 c:3")]), C: Server(GET=["0"])}
    bench = Bench(monkeypatch, WRITE, servers)
    assert bench.probe.step() == 0
    assert not bench.probe.cause
    bench.probe.step()
    assert (bench.opened, bench.gaps, bench.probe.total.refused) == ([A, C], [], 0)


def test_moved_to_the_same_node_again_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, WRITE, {A: Server(SET=[ReplyError("MOVED 12539 a:1")])})
    assert bench.probe.step() > 0
    assert bench.probe.cause == "MOVED 12539 a:1"


def test_a_replica_that_answers_moved_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, REPLICA_READ, {B: Server(GET=[ReplyError("MOVED 12539 c:3")])})
    assert bench.probe.step() > 0
    assert bench.probe.cause == "MOVED 12539 c:3"
    assert bench.readonly


def test_ask_is_followed_with_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    there = Server(GET=["1"])
    servers = {A: Server(GET=["1", ReplyError("ASK 12539 c:3")]), C: there}
    bench = Bench(monkeypatch, READ, servers)
    for _ in range(3):
        bench.probe.step()
    assert bench.opened == [A, C]
    assert there.calls == [("ASKING",), ("GET", "key")]
    assert bench.gaps == []
    assert not bench.readonly


def test_reads_that_are_older_than_the_last_confirmed_write_are_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, READ, {A: Server(GET=["7", "6", None, "8"])})
    bench.probe.writes.confirmed = 7
    for _ in range(4):
        bench.probe.step()
    assert (bench.probe.total.stale, bench.gaps) == (2, [])


def test_replica_reads_may_be_older(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, REPLICA_READ, {B: Server(GET=["6"])})
    bench.probe.writes.confirmed = 7
    bench.probe.step()
    assert bench.probe.total.stale == 0


def test_a_permission_that_ends_during_the_watch_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, READ, {A: Server(GET=["1", ReplyError("NOPERM x"), "1"])})
    for _ in range(3):
        bench.probe.step()
    assert (len(bench.gaps), bench.probe.forbidden) == (1, "")


@pytest.mark.parametrize(
    ("text", "opened"),
    [("READONLY x", 2), ("NOAUTH x", 2), ("LOADING x", 1), ("CLUSTERDOWN x", 1), ("OOM x", 1)],
)
def test_an_error_that_another_connection_cannot_help_keeps_it(
    monkeypatch: pytest.MonkeyPatch, text: str, opened: int
) -> None:
    bench = Bench(monkeypatch, WRITE, {A: Server(SET=["OK", ReplyError(text), "OK"], GET=["1"])})
    for _ in range(3):
        bench.probe.step()
    assert (len(bench.opened), bench.gaps[0].lost) == (opened, 0)


def test_nothing_is_sent_on_an_interrupted_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, WRITE, {A: Server(SET=["OK", ReplyError("LOADING x"), "OK"], GET=["1"])})
    for _ in range(2):
        bench.probe.step()
    assert bench.probe.link is not None
    bench.probe.link.interrupt()
    bench.probe.step()
    assert (bench.opened, bench.probe.total.unconfirmed, bench.probe.total.refused) == ([A, A], 0, 1)


@pytest.mark.parametrize(("error", "lost"), [("NOPERM x", None), ("", 1)])
def test_lost_writes_are_unknown_to_a_user_who_may_not_read(
    monkeypatch: pytest.MonkeyPatch, error: str, lost: int | None
) -> None:
    server = Server(SET=["OK", ReplyError("READONLY x"), "OK"], GET=[ReplyError(error) if error else "0"])
    bench = Bench(monkeypatch, WRITE, {A: server})
    for _ in range(3):
        bench.probe.step()
    assert bench.gaps[0].lost == lost


def test_the_cause_is_that_of_the_first_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    bench = Bench(monkeypatch, READ, {A: Server(GET=["1", refused, ReplyError("LOADING"), "1"])})
    for _ in range(4):
        bench.probe.step()
    assert [gap.cause for gap in bench.gaps] == ["Connection refused"]


def test_a_cause_contains_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    redaction.keep("secret-1")
    bench = Bench(monkeypatch, READ, {A: Server(GET=["1", ReplyError("ERR unknown 'secret-1'"), "1"])})
    for _ in range(3):
        bench.probe.step()
    assert bench.gaps[0].cause == "ERR unknown '***'"


@pytest.mark.parametrize(("paused", "gaps"), [(0.0, 1), (0.2, 0)])
def test_a_pause_of_this_machine_is_not_a_slow_answer(
    monkeypatch: pytest.MonkeyPatch, paused: float, gaps: int
) -> None:
    bench = Bench(monkeypatch, READ, {A: Server(GET=["1"])})
    bench.probe.step()
    bench.probe._paused = lambda start, end: paused
    bench.probe._sent_at = time.monotonic()
    bench.probe._answered(bench.probe._sent_at + 0.3)
    assert len(bench.gaps) == gaps


def test_the_times_in_which_the_watch_did_not_run() -> None:
    pauses = watch.Pauses()
    pauses.tick(10.0, 10.03)
    assert pauses.within(0, 100) == 0
    pauses.tick(20.0, 20.5)
    pauses.tick(30.0, 31.0)
    assert pauses.within(0, 100) == pytest.approx(1.5)
    assert pauses.within(20.4, 30.25) == pytest.approx(0.35)


def test_an_interrupted_request_leads_to_the_new_primary(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, READ, {A: Server(GET=["1"]), C: Server(GET=["1"])})
    bench.probe.step()
    link = bench.probe.link
    assert link is not None
    bench.probe.reroute()
    before = link.interrupted
    bench.routes._compare(A, [Shard(C, ALL)])
    bench.probe.reroute()
    assert (before, link.interrupted) == (False, True)
    assert bench.probe._failed(OSError("broken")) == 0
    bench.probe.step()
    assert (bench.opened, bench.gaps[0].cause) == ([A, C], "no answer before another node took over")


def test_a_request_to_an_address_that_the_name_no_longer_has_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, READ, {A: Server(GET=["1"])})
    bench.probe.step()
    assert bench.probe.link is not None
    bench.probe.link.address = ("10.0.0.1", 1)
    bench.routes._addresses[A] = [("10.0.0.1", 1)]
    bench.probe.reroute()
    assert not bench.probe.link.interrupted
    bench.routes._addresses[A] = [("10.0.0.2", 1)]
    bench.probe.reroute()
    assert bench.probe.link.interrupted


def test_slow_is_more_than_a_quarter_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    assert watch_probe.SLOW == 0.25
    bench = Bench(monkeypatch, READ, {A: Server(GET=["1"])})
    bench.probe.step()
    for took, gaps in ((0.24, 0), (0.26, 1)):
        bench.probe._sent_at = now = time.monotonic()
        assert bench.probe.troubled(now + took) == bool(gaps)
        bench.probe._answered(now + took)
        assert len(bench.gaps) == gaps


@pytest.mark.parametrize(("cause", "named"), [("", "no answer yet"), ("refused", "refused")])
def test_the_cause_of_a_gap_that_has_not_ended(monkeypatch: pytest.MonkeyPatch, cause: str, named: str) -> None:
    probe = Bench(monkeypatch, READ, {}).probe
    probe.cause, probe._sent_at = cause, 1.0
    gap = probe.open_gap(2.0)
    assert gap is not None
    assert gap.cause == named

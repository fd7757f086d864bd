"""What the watch makes of answers that a real server seldom gives; no cache is needed."""

import errno
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
from connection_test import (
    commands,
    redaction,
    slots,
    stage_engine,
    transport,
    watch,
    watch_link,
    watch_probe,
    watch_records,
    watch_routes,
)
from connection_test.config import Config, Endpoint
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.slots import Node, Shard
from connection_test.watch_link import Credentials, Link, cause_of, connect_any
from connection_test.watch_probe import Probe, Writes
from connection_test.watch_records import Gap, Output
from connection_test.watch_routes import READ, REPLICA_READ, WRITE, Routes

A, B, C = Node("a", 1), Node("b", 2), Node("c", 3)
ALL = [(0, 16383)]


class Server:
    """Answers commands from a table of lists, whose last answer is repeated; an exception is raised."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers, self.calls = answers, list[tuple[Any, ...]]()

    def call(self, *words: Any) -> Any:
        self.calls.append(words)
        answers = self.answers.get(str(words[0]), ["OK"])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def text(self, *words: Any) -> str:
        answer = self.call(*words)
        return "" if answer is None else str(answer)

    def close(self) -> None:
        pass


def config_of(**settings: Any) -> Config:
    return Config(**{"endpoints": [Endpoint("primary", "a", 1)], "tls": False, **settings})


def routes_of(shards: list[Shard], **settings: Any) -> Routes:
    config = config_of(**settings)
    return Routes(config, Credentials(config), shards)


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


class TestRoutes:
    OLD, NEW = [Shard(A, ALL, [B])], [Shard(B, ALL)]

    def test_a_node_that_has_not_learned_of_the_failover_does_not_bring_the_old_primary_back(self) -> None:
        routes = routes_of(self.OLD, cluster_mode="enabled")
        routes._compare(B, self.NEW)
        assert routes.node_for(WRITE, 1) == B
        routes._compare(C, self.OLD)
        assert routes.node_for(WRITE, 1) == B
        routes._compare(C, self.NEW)
        routes._compare(B, self.NEW)
        assert routes.node_for(READ, 1) == B

    def test_a_second_failover_goes_back(self) -> None:
        routes = routes_of(self.OLD, cluster_mode="enabled")
        routes._compare(B, self.NEW)
        routes._compare(B, self.OLD)
        assert routes.node_for(WRITE, 1) == A

    def test_a_later_search_compares_with_what_is_known_then(self) -> None:
        routes = routes_of(self.OLD, cluster_mode="enabled")
        routes.search(True)
        routes._compare(B, self.NEW)
        routes.search(False)
        routes.search(True)
        routes._compare(A, self.OLD)
        assert routes.node_for(WRITE, 1) == A

    def test_moved_counts_until_the_view_changes(self) -> None:
        routes = routes_of(self.OLD, cluster_mode="enabled")
        routes.moved(1, C)
        assert (routes.node_for(WRITE, 1), routes.node_for(WRITE, 2)) == (C, A)
        routes._compare(A, self.NEW)
        assert routes.node_for(WRITE, 1) == B

    def test_replicas_take_turns(self) -> None:
        routes = routes_of([Shard(A, ALL, [B, C])], cluster_mode="enabled")
        assert [routes.node_for(REPLICA_READ, 1, attempt) for attempt in range(3)] == [B, C, B]

    def test_without_replicas_the_primary_is_read(self) -> None:
        assert routes_of(self.NEW, cluster_mode="enabled").node_for(REPLICA_READ, 1) == B

    def test_a_slot_of_no_shard(self) -> None:
        with pytest.raises(StageFailure, match="no shard owns slot 7"):
            routes_of([Shard(A, [(0, 6)])], cluster_mode="enabled").node_for(WRITE, 7)

    def test_each_thread_asks_another_node_and_then_the_one_that_was_asked_longest_ago(self) -> None:
        routes = routes_of([Shard(A, ALL, [B, C])], cluster_mode="enabled")
        assert [routes._next().node for _ in range(3)] == [B, C, A]
        routes._asked.clear()
        assert routes._next().node == B

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("MOVED 7 c:3", (7, C)),
            ("ASK 7 c:3", (7, C)),
            ("MOVED 7 :3", (7, Node("a", 3))),
            ("MOVED 7 ?:3", (7, Node("a", 3))),
            ("MOVED 7 2001:db8::1:3", (7, Node("2001:db8::1", 3))),
            ("MOVED x c:3", None),
            ("MOVED 7", None),
            ("MOVED 7 c", None),
            ("ERR 7 c:3", None),
        ],
    )
    def test_the_node_in_a_redirection(self, text: str, expected: object) -> None:
        assert commands.redirection(ReplyError(text), A.host) == expected

    @pytest.mark.parametrize("prefix", ["x:", "{x", "x{}:", "x}{", ""])
    def test_a_key_of_each_shard(self, prefix: str) -> None:
        shards = [Shard(A, [(0, 8000)]), Shard(B, [(8001, 16383)])]
        keys = watch_routes.keys_of(shards, prefix, "salt")
        assert [number for number, _ in keys] == [1, 2]
        assert all(shards[number - 1].owns(slots.slot_of(key)) for number, key in keys)

    @pytest.mark.parametrize("prefix", ["{x}:", "a{x}{y}", "{x}"])
    def test_a_hash_tag_leaves_one_key(self, prefix: str) -> None:
        shards = [Shard(A, [(0, 8000)]), Shard(B, [(8001, 16383)])]
        ((number, key),) = watch_routes.keys_of(shards, prefix, "salt")
        assert key.startswith(prefix)
        assert shards[number - 1].owns(slots.slot_of(key))


class TestDiscovery:
    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (ReplyError("ERR This instance has cluster support disabled"), "cluster-mode-off"),
            (TimeoutError("timed out"), "no-answer"),
            ("text", "no-answer"),
            ([], "slots-not-covered"),
        ],
    )
    def test_a_cluster_that_does_not_tell(self, answer: object, code: str) -> None:
        server = cast("Connection", Server(CLUSTER=[answer]))
        with pytest.raises(StageFailure) as failure:
            watch_routes.discovered(config_of(cluster_mode="enabled"), server)
        assert failure.value.code == code

    def test_shards_are_numbered_by_their_slots(self) -> None:
        answer = [[8001, 16383, ["b", 2]], [0, 8000, ["a", 1]]]
        server = cast("Connection", Server(CLUSTER=[answer]))
        shards = watch_routes.discovered(config_of(cluster_mode="enabled"), server)
        assert [shard.primary for shard in shards] == [A, B]

    @pytest.mark.parametrize(
        ("settings", "replicas"),
        [({"replicas_per_shard": 1}, [B]), ({"serverless": True}, [B]), ({}, [])],
    )
    def test_a_reader_endpoint(self, settings: dict[str, Any], replicas: list[Node]) -> None:
        endpoints = [Endpoint("primary", "a", 1), Endpoint("reader", "b", 2)]
        (shard,) = watch_routes.discovered(config_of(endpoints=endpoints, **settings), cast("Connection", Server()))
        assert (shard.primary, shard.ranges, shard.replicas) == (A, ALL, replicas)


class TestOperations:
    def operations(self, **settings: Any) -> list[tuple[int, str]]:
        shards = [Shard(A, [(0, 8000)], [C]), Shard(B, [(8001, 16383)])]
        watched = watch.Watch(routes_of(shards, cluster_mode="enabled", **settings), Output("json"))
        return [(probe.shard, probe.operation) for probe in watched.probes]

    def test_replicas_are_read_where_there_are_any(self) -> None:
        assert self.operations() == [(1, WRITE), (1, READ), (1, REPLICA_READ), (2, WRITE), (2, READ)]

    def test_a_secondary_takes_no_writes(self) -> None:
        assert self.operations(global_role="secondary") == [(1, READ), (1, REPLICA_READ), (2, READ)]

    def test_a_serverless_reader_serves_every_key(self) -> None:
        endpoints = [Endpoint("configuration", "a", 1), Endpoint("reader", "a", 2)]
        found = self.operations(serverless=True, endpoints=endpoints)
        assert found == [(1, WRITE), (1, READ), (1, REPLICA_READ), (2, WRITE), (2, READ)]

    def test_many_operations_have_a_longer_period(self) -> None:
        shards = [Shard(Node("a", number), [(number, number)]) for number in range(40)]
        routes = routes_of(shards, cluster_mode="enabled", key_prefix="{x}")
        assert watch.Watch(routes, Output("json")).period == watch.PERIOD
        routes = routes_of([Shard(Node("a", n), [(n * 400, n * 400 + 399)]) for n in range(40)], cluster_mode="enabled")
        assert watch.Watch(routes, Output("json")).period == pytest.approx(0.04)


@pytest.fixture
def listener() -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


class TestConnecting:
    def test_one_address_of_several_is_enough(self, listener: tuple[str, int]) -> None:
        # TEST-NET-1 does not answer, or has no route; nothing listens on port 1.
        sock, address = connect_any([("192.0.2.1", 1), ("127.0.0.1", 1), listener], lambda: False)
        sock.close()
        assert address == listener

    def test_all_addresses_refuse(self) -> None:
        with pytest.raises(OSError, match="refused"):
            connect_any([("127.0.0.1", 1)], lambda: False)

    def test_the_time_is_limited(self, full: tuple[str, int]) -> None:
        began = time.monotonic()
        with pytest.raises(OSError, match="timed out"):
            connect_any([full], lambda: False, seconds=0.3)
        assert 0.25 < time.monotonic() - began < 2

    def test_it_is_interrupted(self, full: tuple[str, int]) -> None:
        began = time.monotonic()
        with pytest.raises(OSError, match="timed out"):
            connect_any([full], lambda: time.monotonic() > began + 0.1, seconds=10)
        assert time.monotonic() - began < 5

    @pytest.fixture
    def full(self) -> Iterator[tuple[str, int]]:
        """A port whose queue of connections is full, so that attempts stay without an answer."""
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen(0)
            address = server.getsockname()
            waiting = [socket.socket() for _ in range(3)]
            for sock in waiting:
                sock.setblocking(False)
                sock.connect_ex(address)
            time.sleep(0.1)
            yield address
            for sock in waiting:
                sock.close()

    def test_interrupting_ends_a_wait_for_an_answer(self, listener: tuple[str, int]) -> None:
        link = Link(A)
        connection = link.open(Credentials(config_of()), [listener], readonly=False)
        threading.Timer(0.1, link.interrupt).start()
        began = time.monotonic()
        with pytest.raises(OSError, match="closed"):
            connection.call("PING")
        assert time.monotonic() - began < 1.5
        link.close()
        link.interrupt()

    def test_a_link_that_was_interrupted_before_does_not_open(self, listener: tuple[str, int]) -> None:
        link = Link(A)
        link.interrupt()
        with pytest.raises(OSError, match="timed out"):
            link.open(Credentials(config_of()), [listener], readonly=False)


class TestCredentials:
    def test_a_password_is_read_again_when_it_is_old_or_was_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made: list[str] = []

        def password_of(context: Any) -> str:
            made.append(f"token-{len(made)}")
            redaction.keep(made[-1])
            return made[-1]

        monkeypatch.setattr(stage_engine, "password_of", password_of)
        credentials = Credentials(config_of(user="app"))
        assert [credentials.password(), credentials.password()] == ["token-0", "token-0"]
        server = cast("Connection", Server(AUTH=[ReplyError("WRONGPASS token-0"), "OK"]))
        with pytest.raises(ReplyError, match=r"^WRONGPASS the cache refused the credentials$"):
            watch_link._authenticate(server, credentials)
        watch_link._authenticate(server, credentials)
        assert cast("Server", server).calls[-1] == ("AUTH", "app", "token-1")
        credentials._since -= 299
        assert credentials.password() == "token-1"
        credentials._since -= 2
        assert credentials.password() == "token-2"
        assert credentials.clean("token-0 token-1 token-2") == "*** *** ***"


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        (StageFailure("code", "the cause", "the action"), "the cause"),
        (TimeoutError("timed out"), "no answer within 2 s"),
        (TimeoutError(), "no answer within 2 s"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (ReplyError("LOADING x\nmore"), "LOADING x"),
        (ProtocolError(""), "ProtocolError"),
        (ssl.SSLError(1, "wrong version"), "wrong version"),
        (OSError("closed"), "closed"),
    ],
)
def test_the_cause_of_a_failure(problem: Exception, cause: str) -> None:
    assert cause in cause_of(problem)


class TestRecords:
    def test_a_gap_as_a_record(self, capsys: pytest.CaptureFixture[str]) -> None:
        output = Output("json")
        start = output.began + 1
        output.gap(Gap(2, WRITE, start, start + 0.5, "cause", lost=3, unconfirmed=1, refused=4))
        output.gap(Gap(2, READ, start, start + 0.25, "cause", ended=False))
        records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        known = {"event": "gap", "shard": 2, "start": 1.0, "cause": "cause"}
        rest = [{key: value for key, value in each.items() if key not in {"time", "seconds"}} for each in records]
        writes = {"lost": 3, "unconfirmed": 1, "refused": 4}
        assert rest == [
            {**known, "operation": "write", "end": 1.5, "milliseconds": 500.0, "ended": True, **writes},
            {**known, "operation": "read", "end": 1.25, "milliseconds": 250.0, "ended": False},
        ]

    @pytest.mark.parametrize(
        ("gap", "line"),
        [
            (
                Gap(2, WRITE, 1, 1.5, "why", lost=1, unconfirmed=1),
                "writes on shard 2: no answer for 500 ms, 1 confirmed write lost (1 unconfirmed; why)",
            ),
            (
                Gap(1, WRITE, 1, 2, "why", ended=False),
                "writes on shard 1: no answer for 1000 ms until the end of the watch (0 unconfirmed; why)",
            ),
            (Gap(3, REPLICA_READ, 1, 2, "why"), "replica reads on shard 3: no answer for 1000 ms (why)"),
        ],
    )
    def test_a_gap_as_a_line(self, gap: Gap, line: str) -> None:
        assert watch_records._line_of(gap) == line

    def test_nothing_follows_the_summary(self, capsys: pytest.CaptureFixture[str]) -> None:
        output = Output("text")
        output.emit("summary", "the summary")
        output.gap(Gap(1, READ, 1, 2, "late"))
        assert capsys.readouterr().out == "the summary\n"

    def test_totals(self) -> None:
        one, two = watch_records.Total(WRITE, 1), watch_records.Total(WRITE, 2)
        one.add(Gap(1, WRITE, 0, 1, "x", lost=2))
        two.add(Gap(2, WRITE, 0, 3, "x", ended=False))
        one.answered, two.answered, two.unconfirmed, two.refused = 5, 6, 1, 2
        both = watch_records.Total(WRITE)
        both.merge(two)
        both.merge(one)
        assert both.as_dict() == {
            **{"operation": "write", "answered": 11, "gaps": 2, "longest_ms": 3000, "gaps_ms": 4000, "open": 1},
            **{"lost": 2, "unconfirmed": 1, "refused": 2},
        }
        line = "11 writes, 2 gaps, the longest 3000 ms, 2 confirmed writes lost, 1 unconfirmed"
        assert watch_records.total_line(both) == f"{line}, 1 without an answer at the end"


def test_slow_is_more_than_a_quarter_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    assert watch_probe.SLOW == 0.25
    bench = Bench(monkeypatch, READ, {A: Server(GET=["1"])})
    bench.probe.step()
    for took, gaps in ((0.24, 0), (0.26, 1)):
        bench.probe._sent_at = now = time.monotonic()
        assert bench.probe.troubled(now + took) == bool(gaps)
        bench.probe._answered(now + took)
        assert len(bench.gaps) == gaps

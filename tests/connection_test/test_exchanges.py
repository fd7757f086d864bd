"""Exchanges with a cache over a socket pair, and the time that retries and measurements take."""

import argparse
import socket
import ssl
from collections.abc import Iterator
from typing import Any, cast

import pytest
from connection_test import commands, heartbeat, memcached, stage_data, transport
from connection_test import context as contexts
from connection_test.config import Config, Endpoint
from connection_test.context import Context
from connection_test.memcached import CacheNode
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.slots import Node, Shard

PRIMARY = Endpoint("primary", "cache.example", 6379)


class Clock:
    """Advances while a caller sleeps."""

    def __init__(self) -> None:
        self.now, self.pauses = 0.0, list[float]()

    def monotonic(self) -> float:
        return self.now

    perf_counter = time = monotonic

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


class TestMemcached:
    @pytest.fixture
    def pair(self) -> Iterator[tuple[socket.socket, memcached.Connection]]:
        here, there = socket.socketpair()
        with here, there:
            yield here, memcached.Connection(there, 1.0)

    def test_a_value_is_stored_read_and_removed(self, pair: tuple[socket.socket, memcached.Connection]) -> None:
        server, it = pair
        server.sendall(b"STORED\r\nVALUE k 0 2\r\n\xc3\xa9\r\nEND\r\nEND\r\nDELETED\r\nVERSION 1.6.22\r\n")
        it.set("k", "\u00e9", 60)
        assert (it.get("k"), it.get("other")) == ("\u00e9", None)
        it.delete("k")
        assert it.version() == "1.6.22"
        assert server.recv(999) == (b"set k 0 60 2\r\n\xc3\xa9\r\nget k\r\nget other\r\ndelete k\r\nversion\r\n")

    @pytest.mark.parametrize(
        ("answer", "error", "message"),
        [
            (b"NOT_STORED\r\n", ReplyError, "NOT_STORED"),
            (b"ERROR\r\n", ReplyError, "ERROR"),
            (b"CLIENT_ERROR bad\r\n", ReplyError, "CLIENT_ERROR bad"),
            (b"SERVER_ERROR full\r\n", ReplyError, "SERVER_ERROR full"),
        ],
    )
    def test_a_write_that_is_refused(
        self, answer: bytes, error: type[Exception], message: str, pair: tuple[socket.socket, memcached.Connection]
    ) -> None:
        pair[0].sendall(answer)
        with pytest.raises(error) as caught:
            pair[1].set("k", "v", 60)
        assert str(caught.value) == message

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            (b"VALUE k 0 x\r\n", "expected a size, got 'VALUE k 0 x'"),
            (b"VALUE k 0 16777217\r\n", "expected a size, got 'VALUE k 0 16777217'"),
            (b"VALUE k 0 1\r\nv\r\nMORE\r\n", "expected END, got 'MORE'"),
        ],
    )
    def test_an_answer_of_another_form(
        self, answer: bytes, message: str, pair: tuple[socket.socket, memcached.Connection]
    ) -> None:
        pair[0].sendall(answer)
        with pytest.raises(ProtocolError) as caught:
            pair[1].get("k")
        assert str(caught.value) == message

    def test_the_largest_size(self) -> None:
        assert memcached._size("VALUE k 0 16777216") == 16777216

    def test_auto_discovery(self, pair: tuple[socket.socket, memcached.Connection]) -> None:
        text = b"12\nfirst|10.0.0.1|11211 second||11212\n"
        pair[0].sendall(b"CONFIG cluster 0 %d\r\n%s\r\nEND\r\n" % (len(text), text))
        nodes = [CacheNode("first", "10.0.0.1", 11211), CacheNode("second", "", 11212)]
        assert pair[1].nodes() == (12, nodes)
        assert str(nodes[0]) == "first:11211"
        assert pair[0].recv(99) == b"config get cluster\r\n"

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (b"x\na|b|1", "expected nodes as host|address|port, got 'a|b|1'"),
            (b"1\na|b", "expected nodes as host|address|port, got 'a|b'"),
            (b"1\na|b|c", "expected nodes as host|address|port, got 'a|b|c'"),
        ],
    )
    def test_a_configuration_of_another_form(
        self, text: bytes, message: str, pair: tuple[socket.socket, memcached.Connection]
    ) -> None:
        pair[0].sendall(b"CONFIG cluster 0 %d\r\n%s\r\nEND\r\n" % (len(text), text))
        with pytest.raises(ProtocolError) as caught:
            pair[1].nodes()
        assert str(caught.value) == message

    def test_a_server_without_auto_discovery(self, pair: tuple[socket.socket, memcached.Connection]) -> None:
        pair[0].sendall(b"END\r\n")
        with pytest.raises(ProtocolError, match="expected the cluster's configuration, got 'END'"):
            pair[1].nodes()


class TestRetry:
    @pytest.fixture(autouse=True)
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> Clock:
        fake = Clock()
        monkeypatch.setattr(contexts, "time", fake)
        return fake

    def run(self, seconds: float, *, code: str = "dns", limit: float = 300.0, fails: int = 99) -> int:
        """The number of attempts."""
        attempts: list[int] = []

        def attempt() -> str:
            attempts.append(1)
            if len(attempts) <= fails:
                raise StageFailure(code, "cause", "action")
            return "value"

        context = Context(Config([PRIMARY], time_limit=limit), started=0.0)
        if fails < 99:
            assert context.retry(attempt, seconds=seconds, codes=("dns",)) == "value"
        else:
            with pytest.raises(StageFailure):
                context.retry(attempt, seconds=seconds, codes=("dns",))
        return len(attempts)

    def test_pauses_grow_to_ten_seconds(self, clock: Clock) -> None:
        assert self.run(60.0) == 9
        assert clock.pauses == [2.0, 3.0, 4.5, 6.75, 10.0, 10.0, 10.0, 10.0]

    @pytest.mark.parametrize(("seconds", "attempts"), [(0.0, 1), (1.9, 1), (2.0, 2), (4.9, 2), (5.0, 3)])
    def test_the_last_attempt_is_within_the_time(self, seconds: float, attempts: int) -> None:
        assert self.run(seconds) == attempts

    def test_the_time_limit_of_the_test_is_kept(self, clock: Clock) -> None:
        assert self.run(60.0, limit=5.0) == 3
        clock.now = 10.0
        assert self.run(60.0, limit=5.0) == 1

    def test_another_failure_is_not_retried(self) -> None:
        assert self.run(60.0, code="other") == 1

    def test_a_success_ends_it(self) -> None:
        assert self.run(60.0, fails=0) == 1
        assert self.run(60.0, fails=2) == 3

    @pytest.mark.parametrize(("now", "ends"), [(4.9, False), (5.0, True), (5.1, True)])
    def test_the_time_limit(self, now: float, ends: bool, clock: Clock) -> None:
        context = Context(Config([PRIMARY], time_limit=5.0), started=0.0)
        clock.now = now
        assert context.remaining() == pytest.approx(5.0 - now)
        if not ends:
            context.check_time()
            return
        with pytest.raises(StageFailure) as caught:
            context.check_time()
        assert (caught.value.code, caught.value.cause) == ("time-limit", "the test did not end within 5 s")


class TestArrival:
    def arrival(
        self, monkeypatch: pytest.MonkeyPatch, *values: str, seconds: float = 1.0
    ) -> tuple[float | None, Clock]:
        clock, rest = Clock(), list(values)
        monkeypatch.setattr(heartbeat, "time", clock)
        connection = argparse.Namespace(text=lambda *_: rest.pop(0) if len(rest) > 1 else rest[0])
        return heartbeat.arrival(Config([PRIMARY]), cast("Connection", connection), seconds), clock

    def test_the_delay_is_the_age_of_a_new_write(self, monkeypatch: pytest.MonkeyPatch) -> None:
        delay, clock = self.arrival(monkeypatch, "1", "1", "1", "3")
        assert delay == pytest.approx(7.0)
        assert clock.pauses == [0.005, 0.005]

    def test_a_clock_that_is_ahead_is_no_delay(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.arrival(monkeypatch, "1", "99")[0] == 0.0

    @pytest.mark.parametrize("values", [("1",), ("",), ("1", "x")])
    def test_without_a_new_write_it_ends(self, values: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
        delay, clock = self.arrival(monkeypatch, *values, seconds=0.5)
        assert delay is None
        assert 0.5 <= clock.now < 0.51


class TestData:
    @pytest.mark.parametrize(("slow", "warned"), [(4.9, []), (5.0, []), (5.1, ["slow"])])
    def test_a_slow_read_is_a_warning(self, slow: float, warned: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        clock, calls = Clock(), {"ping": 0, "get": 0}
        monkeypatch.setattr(stage_data, "time", clock)

        def takes(name: str, milliseconds: float) -> Any:
            def call() -> None:
                calls[name] += 1
                clock.now = round(clock.now + milliseconds / 1000, 6)

            return call

        context = Context(Config([PRIMARY]))
        said = stage_data.measure_and_judge(context, takes("ping", 1.0), takes("get", slow), "GET")
        assert said == f"GET p50 {slow} ms, p95 {slow} ms, p99 {slow} ms"
        assert calls == {"ping": 200, "get": 200}
        assert context.facts["ping_ms"] == {"p50": 1.0, "p95": 1.0, "p99": 1.0}
        assert [code for code, _, _ in context.warnings] == warned

    def test_without_cluster_mode_the_endpoint_is_the_shard(self) -> None:
        (shard,) = stage_data.targets_of(Context(Config([PRIMARY])))
        assert shard == Shard(Node("cache.example", 6379), [(0, 16383)])
        context = Context(Config([PRIMARY]), shards=[shard, shard])
        assert stage_data.targets_of(context) == [shard, shard]

    def test_the_connection_of_the_test_is_used_and_stays_open(self, monkeypatch: pytest.MonkeyPatch) -> None:
        closed: list[str] = []
        own: Any = argparse.Namespace(close=lambda: closed.append("own"))
        other: Any = argparse.Namespace(close=lambda: closed.append("other"))
        monkeypatch.setattr(stage_data, "connect", lambda *_: other)
        context = Context(Config([PRIMARY]), connection=own)
        with stage_data.on_primary(context, Shard(Node("cache.example", 6379))) as following:
            assert following._connection is own
        for node in (Node("cache.example", 6380), Node("other.example", 6379)):
            with stage_data.on_primary(context, Shard(node)) as following:
                assert following._connection is other
        assert closed == ["other", "other"]

    @pytest.mark.parametrize(
        ("problem", "code"),
        [
            (TimeoutError("timed out\nmore"), "no-answer"),
            (ConnectionResetError("closed\nmore"), "no-answer"),
            (ProtocolError("no RESP\nmore"), "malformed-reply"),
            (ReplyError("NOPERM x"), "missing-permission"),
        ],
    )
    def test_a_command_that_fails(self, problem: Exception, code: str) -> None:
        def call(*_: str) -> None:
            raise problem

        with pytest.raises(StageFailure) as caught:
            commands.command(cast("Connection", argparse.Namespace(call=call)), "GET", "k")
        assert caught.value.code == code
        causes = {
            TimeoutError: "GET was not answered within 2 s",
            ConnectionResetError: "the connection ended during GET (closed)",
            ProtocolError: "GET was answered in another protocol (no RESP)",
            ReplyError: "the user may not run GET (NOPERM x)",
        }
        assert caught.value.cause == causes[type(problem)]


class TestAuthorities:
    @pytest.fixture(autouse=True)
    def none_read(self) -> None:
        transport.forget_authorities()

    def test_they_are_read_once_for_each_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        read: list[object] = []
        create = ssl.create_default_context

        def counted(cafile: str | None = None) -> ssl.SSLContext:
            read.append(cafile)
            return create()

        monkeypatch.setattr(ssl, "create_default_context", counted)
        system, own = Config([PRIMARY]), Config([PRIMARY], ca_file="own.pem")
        contexts = [transport.tls_context(each) for each in (system, own, system, own)]
        assert read == [None, "own.pem"]
        assert contexts[0] is contexts[2] is not contexts[1]
        transport.forget_authorities()
        transport.tls_context(system)
        assert read == [None, "own.pem", None]

    def test_a_heartbeat_reads_them_again_after_a_failure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before = transport.tls_context(Config([PRIMARY]))

        def connect(context: Context) -> None:
            raise StageFailure("certificate-untrusted", "not trusted", "update the authorities")

        monkeypatch.setattr(heartbeat, "_connect", connect)
        monkeypatch.setattr(heartbeat, "PERIOD", 0)
        assert heartbeat.write(Config([PRIMARY]), 1) == 1
        assert transport.tls_context(Config([PRIMARY])) is not before

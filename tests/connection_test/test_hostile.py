"""Servers that stall, send single bytes, close in the middle of a reply, or send replies of another form."""

import contextlib
import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from connection_test import aws, cli, heartbeat, memcached, slots, stage_engine, stage_network, stage_secondary
from connection_test import transport as transport_module
from connection_test.commands import Following, redirection
from connection_test.context import Context
from connection_test.options import parser, read_config
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.slots import Node
from connection_test.stage_data import _measure

from tests.connection_test import probe
from tests.connection_test.hostile import END, ONE, SILENCE, TO_CLUSTER, Hostile, instead
from tests.connection_test.stage_fakes import context_of


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize(
    ("command", "answer", "stage", "code"),
    [
        ("PING", b":5\r\n", "ping", "malformed-reply"),
        ("GET", b"*1\r\n" * 100_000, "data", "malformed-reply"),
        ("GET", b",1.5\r\n", "data", "malformed-reply"),
        ("GET", b"=15\r\ntxt:some string\r\n", "data", "malformed-reply"),
        ("SET", b">1\r\n+x\r\n", "data", "malformed-reply"),
        ("SET", b"-ERR " + b"x" * 1_000_000 + b"\r\n", "data", "malformed-reply"),
        ("SET", b"-MOVED 5 127.0.0.1:99999\r\n", "data", "malformed-reply"),
        ("SET", "-MOVED \u00b2 127.0.0.1:\u00b2\r\n".encode(), "data", "malformed-reply"),
        ("SET", b"-MOVED\r\n", "data", "malformed-reply"),
        ("GET", b"*9999999999\r\n", "data", "no-answer"),
        ("SET", SILENCE, "data", "no-answer"),
        ("SET", END, "data", "no-answer"),
    ],
)
def test_an_answer_is_a_fault_of_the_server(command: str, answer: bytes, stage: str, code: str) -> None:
    with Hostile(instead(command.encode(), answer)) as server:
        outcome = probe.run(*server.words)
    assert (outcome.failed["stage"], outcome.failed["code"]) == (stage, code)
    assert "fault of the test" not in outcome.output
    assert len(outcome.output) < 10_000


@pytest.mark.parametrize("answer", [b"$-1\r\n", b":7\r\n", b"*1\r\n+x\r\n"])
def test_a_server_without_a_version_is_a_warning(answer: bytes) -> None:
    with Hostile(instead(b"INFO", answer)) as server:
        outcome = probe.run(*server.words)
    assert (outcome.status, outcome.stage("ping")["code"]) == (0, "version-unknown")


@pytest.mark.parametrize(
    "entry",
    [
        b"*3\r\n:9\r\n:3\r\n*2\r\n$9\r\n127.0.0.1\r\n:6379\r\n",
        b"*3\r\n:16384\r\n:16384\r\n*2\r\n$9\r\n127.0.0.1\r\n:6379\r\n",
        b"*3\r\n:-1\r\n:3\r\n*2\r\n$9\r\n127.0.0.1\r\n:6379\r\n",
        b"*3\r\n:1\r\n:3\r\n*2\r\n$9\r\n127.0.0.1\r\n:0\r\n",
        b"*3\r\n:1\r\n:3\r\n*2\r\n$9\r\n127.0.0.1\r\n:65536\r\n",
        b"*3\r\n:1\r\n:3\r\n*2\r\n$9\r\n127\x000.0.1\r\n:6379\r\n",
    ],
)
def test_slots_ports_and_names_that_do_not_exist(entry: bytes) -> None:
    with Hostile(slots=b"*2\r\n" + ONE % (16383, 6379) + entry) as server:
        outcome = probe.run(*server.words, *TO_CLUSTER)
    assert (outcome.failed["stage"], outcome.failed["code"]) == ("topology", "malformed-reply")


def test_the_first_and_the_last_slot_and_port_exist() -> None:
    reply = [[0, 0, ["host", 1]], [16383, 16383, ["host", 65535]]]
    assert [shard.ranges for shard in slots.parse(reply, Node("asked", 1))] == [[(0, 0)], [(16383, 16383)]]
    assert redirection(ReplyError("MOVED 5 host:65535"), "asked") == (5, Node("host", 65535))
    assert redirection(ReplyError("MOVED 5 host:65536"), "asked") is None
    assert redirection(ReplyError("MOVED 5 host:0"), "asked") is None


@pytest.mark.parametrize("kind", ["MOVED", "ASK"])
def test_a_redirection_without_a_node_is_malformed(ends: tuple[socket.socket, socket.socket], kind: str) -> None:
    ours, theirs = ends
    theirs.sendall(f"-{kind} 5 nowhere\r\n".encode())
    with pytest.raises(StageFailure) as caught:
        Following(Connection(ours), "host", lambda host, port: Connection(ours)).command("GET", "key")
    assert caught.value.code == "malformed-reply"


def test_a_server_that_sends_single_bytes_ends_in_time() -> None:
    with Hostile(drip=0.3) as server:
        started = time.monotonic()
        outcome = probe.run(*server.words)
    assert outcome.failed["code"] == "no-answer"
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("protocol", ["resp", "memcached"])
def test_the_time_limit_is_that_of_the_whole_reply(ends: tuple[socket.socket, socket.socket], protocol: str) -> None:
    ours, theirs = ends

    def drip() -> None:
        with contextlib.suppress(OSError):  # the test has ended
            for _ in range(60):
                theirs.sendall(b"1")
                time.sleep(0.05)

    threading.Thread(target=drip, daemon=True).start()
    started = time.monotonic()
    ask: Callable[[], object] = (
        (lambda: Connection(ours, 0.3).call("PING")) if protocol == "resp" else memcached.Connection(ours, 0.3).version
    )
    with pytest.raises(socket.timeout):
        ask()
    assert time.monotonic() - started < 2


def test_each_command_has_the_whole_time(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    connection = Connection(ours, 0.4)
    for _ in range(3):
        timer = threading.Timer(0.2, theirs.sendall, [b"+OK\r\n"])
        timer.start()
        assert connection.call("SET", "key", "value") == "OK"


def test_a_long_error_is_cut_and_a_long_text_is_not(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    connection = Connection(ours)
    theirs.sendall(b"-ERR " + b"x" * 10_000 + b"\r\n")
    with pytest.raises(ReplyError) as caught:
        connection.call("SET", "key", "value")
    assert len(str(caught.value)) == 2000
    threading.Thread(target=theirs.sendall, args=(b"$1000000\r\n" + b"y" * 1_000_000 + b"\r\n",), daemon=True).start()
    assert len(connection.text("GET", "key")) == 1_000_000


def test_lists_within_lists(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    connection = Connection(ours)
    theirs.sendall(b"*1\r\n" * 32 + b":1\r\n")
    assert isinstance(connection.call("CLUSTER", "SLOTS"), list)
    theirs.sendall(b"*1\r\n" * 33 + b":1\r\n")
    with pytest.raises(ProtocolError, match="at most 32 lists"):
        connection.call("CLUSTER", "SLOTS")


def test_two_samples_are_measured_of_a_server_that_is_very_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connection_test.stage_data._MOST_SECONDS", 0.01)
    assert len(_measure(context_of(), lambda: time.sleep(0.02))) == 2


@pytest.mark.parametrize("command", [b"PING", b"AUTH"])
def test_an_address_that_accepts_and_closes_is_followed_by_the_next(
    command: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Hostile(instead(command, END)) as first, Hostile(host="127.0.0.2") as second:
        both = [("127.0.0.1", first.port), ("127.0.0.2", second.port)]
        monkeypatch.setattr(transport_module, "resolve", lambda *_: list(both))
        password = "correct-horse-battery" if command == b"AUTH" else ""
        config = read_config(parser().parse_args(["--host=cache.example", "--no-tls"]), password)
        context = Context(config)
        stage_network.dns(context)
        assert stage_network.tcp(context) == "2 addresses accepted a connection"
        assert stage_network.tls(context) == "plaintext, as configured"
        stage_engine.auth(context)
        assert context.connection is not None
        assert context.connection.call("PING") == "PONG"
        context.connection.close()
        assert context.names.addresses("cache.example", 6379)[0][0] == "127.0.0.2"


def test_a_wrong_password_is_sent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def refuse(words: list[bytes]) -> bytes | None:
        asked.append(words[0])
        return b"-WRONGPASS invalid username-password pair\r\n" if words[0] == b"AUTH" else None

    with Hostile(refuse) as server:
        both = [("127.0.0.1", server.port), ("127.0.0.1", server.port)]
        monkeypatch.setattr(transport_module, "resolve", lambda *_: list(both))
        config = read_config(parser().parse_args(["--host=cache.example", "--no-tls"]), "correct-horse-battery")
        with pytest.raises(StageFailure) as caught:
            stage_engine.auth(Context(config))
    assert caught.value.code == "wrong-credentials"
    assert asked.count(b"AUTH") == 1


def test_a_heartbeat_closes_its_connection_when_the_topology_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    closed: list[bool] = []
    close = Connection.close

    def recorded(connection: Connection) -> None:
        closed.append(True)
        close(connection)

    monkeypatch.setattr(Connection, "close", recorded)
    with Hostile(slots=b"*0\r\n") as server:
        config = read_config(parser().parse_args([*server.words, *TO_CLUSTER]), "")
        assert heartbeat.write(config, 1) == 1
    assert closed == [True]
    assert "belong to no shard" in capsys.readouterr().err


def test_a_secondary_without_a_heartbeat_names_the_key_and_the_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_secondary, "_ARRIVAL_SECONDS", 0.05)
    with Hostile() as server:
        words = [*server.words, "--global-role=secondary", "--key-prefix=orders:connection-test:"]
        context = Context(read_config(parser().parse_args(words), ""))
        assert stage_secondary.replicas(context) == "not measured"
    code, cause, action = context.warnings[0]
    assert code == "no-heartbeat"
    assert "to the key orders:connection-test:heartbeat arrived" in cause
    assert "whether the user there has the key prefix orders:connection-test: as well" in action


def test_the_shards_of_a_secondary_are_read_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(words: list[bytes]) -> bytes | None:
        time.sleep(0.2)
        return b"-READONLY You can't write against a read only replica.\r\n" if words[0] == b"SET" else None

    with Hostile(slow) as server:
        config = read_config(parser().parse_args([*server.words, "--global-role=secondary"]), "")
        context = Context(config)
        one = slots.SLOTS // 16
        context.shards = [
            slots.Shard(Node("127.0.0.1", server.port), [(number * one, number * one + one - 1)])
            for number in range(16)
        ]
        started = time.monotonic()
        assert stage_secondary.data(context) == "GET answered and SET refused on 16 shards"
        assert time.monotonic() - started < 4


class _Dripping(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100:
            self.wfile.write(bytes([letter]))
            time.sleep(0.05)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


def test_an_http_server_that_sends_single_bytes_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "_MOST_SECONDS", 0.5)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Dripping) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started = time.monotonic()
        with pytest.raises(OSError, match="not answered within"):
            aws.clock_skew(f"http://127.0.0.1:{server.server_port}/")
        assert time.monotonic() - started < 3
        server.shutdown()


def test_ctrl_c_ends_the_test_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", interrupt)
    assert cli.main(["--host=cache.example"]) == 130
    assert capsys.readouterr().err == "connection_test: interrupted\n"

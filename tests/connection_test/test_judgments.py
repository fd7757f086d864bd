"""What the stages make of answers that a real server seldom gives; no server is needed."""

import datetime
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast
from unittest import mock

import pytest
from connection_test import (
    aws,
    config,
    permitted,
    slots,
    stage_data,
    stage_network,
    stage_replicas,
    stage_secondary,
    stage_topology,
    transport,
)
from connection_test.context import Context
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.slots import Node, Shard

ENDPOINT = config.Endpoint("primary", "cache.example", 6379)
NODE = Node("cache.example", 6379)


class Server:
    """Answers commands from a table; an exception is raised."""

    def __init__(self, **answers: Any) -> None:
        self.answers, self.calls = answers, list[tuple[Any, ...]]()

    def call(self, *words: Any) -> Any:
        self.calls.append(words)
        answer = self.answers.get(str(words[0]).replace(" ", "_"), "OK")
        answer = answer(*words[1:]) if callable(answer) else answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def text(self, *words: Any) -> str:
        return str(self.call(*words))

    def close(self) -> None:
        """Nothing is open."""


class Memory(Server):
    """Keeps what is set; a read may be late, in seconds."""

    def __init__(self, *, late: float = 0.0, other: str = "") -> None:
        self.held: dict[str, tuple[float, str]] = {}
        self.late, self.other = late, other
        self.role = {"role": "slave", "master_link_status": "up"}
        super().__init__(SET=self.set, GET=self.get, DEL=lambda key: self.held.pop(key, None))

    def set(self, key: str, value: Any, *_: Any) -> str:
        self.held[key] = (time.monotonic(), str(value))
        return "OK"

    def info(self, section: str) -> dict[str, str]:
        return self.role

    def get(self, key: str) -> str | None:
        at, value = self.held.get(key, (0.0, ""))
        return None if time.monotonic() - at < self.late else self.other or value or None


def context_of(connection: Server | None = None, **settings: Any) -> Context:
    context = Context(replace(config.Config([ENDPOINT]), **settings))
    context.connection = cast("Connection", connection)
    return context


def codes(context: Context) -> list[str]:
    return [code for code, _, _ in context.warnings]


@pytest.mark.parametrize("skew", [-301.0, 301.0, -900.0, 900.0])
def test_a_clock_that_is_behind_is_as_wrong_as_one_that_is_ahead(skew: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "clock_skew", lambda url: skew)
    with pytest.raises(StageFailure) as caught:
        stage_network.clock(context_of(authentication="iam", clock_url="http://x"))
    assert caught.value.code == "clock-skew"
    assert f"{skew:+.0f} s off" in caught.value.cause


@pytest.mark.parametrize("skew", [-300.0, 0.0, 300.0])
def test_a_clock_within_five_minutes(skew: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "clock_skew", lambda url: skew)
    context = context_of(authentication="iam", clock_url="http://x")
    assert stage_network.clock(context) == f"{skew:+.1f} s from http://x"
    assert context.warnings == []


def test_a_value_other_than_the_one_that_was_written() -> None:
    with pytest.raises(StageFailure) as caught:
        stage_data.data(context_of(Memory(other="another")))
    assert caught.value.code == "other-value"


def test_the_value_that_was_written_and_its_key_is_deleted() -> None:
    memory = Memory()
    assert stage_data.data(context_of(memory)) == "SET, GET and DEL on 1 shard"
    assert memory.held == {}


class TestReplicas:
    @pytest.fixture(autouse=True)
    def patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stage_replicas, "_REPLICA_SECONDS", 0.2)

    def read(self, memory: Memory, replica: Memory, monkeypatch: pytest.MonkeyPatch) -> Context:
        """The stage, with a replica that reads what its primary holds."""
        replica.held = memory.held
        reader = config.Endpoint("reader", "reader.example", 6379)
        context = context_of(memory, endpoints=[ENDPOINT, reader], replicas_per_shard=1)
        monkeypatch.setattr(stage_replicas, "connect", lambda context, host, port: replica)
        stage_replicas.replicas(context)
        return context

    def test_one_that_is_in_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        context = self.read(Memory(), Memory(late=0.05), monkeypatch)
        assert codes(context) == []
        assert context.facts["replicas_read"] == 1

    def test_one_that_stays_behind_is_a_warning(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert codes(self.read(Memory(), Memory(late=9.0), monkeypatch)) == ["replica-behind"]

    @pytest.mark.parametrize(
        ("role", "code"),
        [
            ({"role": "master"}, "reader-is-primary"),
            ({"role": "slave", "master_link_status": "down"}, "replica-detached"),
        ],
    )
    def test_one_that_is_no_replica_is_not_counted(
        self, role: dict[str, str], code: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        replica = Memory()
        replica.role = role
        context = self.read(Memory(), replica, monkeypatch)
        assert codes(context) == [code]
        assert context.facts["replicas_read"] == 0

    def test_many_that_are_behind_are_one_warning(self, monkeypatch: pytest.MonkeyPatch) -> None:
        memory, replica = Memory(), Memory(late=9.0)
        replica.held = memory.held
        nodes = [Node(f"replica{number}", 6379) for number in range(60)]
        context = context_of(memory, cluster_mode="enabled", replicas_per_shard=60)
        context.shards = [Shard(NODE, ranges=[(0, 16383)], replicas=nodes)]
        monkeypatch.setattr(stage_replicas, "connect", lambda context, host, port: replica)
        assert stage_replicas.replicas(context) == "no replica read"
        ((code, cause, _),) = context.warnings
        assert code == "replica-behind"
        assert cause.endswith("replica4:6379 and 55 more did not show a write within 2 s")

    def test_a_primary_that_answers_late_does_not_make_the_replica_late(self, monkeypatch: pytest.MonkeyPatch) -> None:
        memory = Memory()

        def late(key: str, value: Any, *_: Any) -> str:
            time.sleep(0.3)
            return memory.set(key, value)

        memory.answers["SET"] = late
        assert codes(self.read(memory, Memory(), monkeypatch)) == []

    def test_one_with_an_older_value_is_behind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert codes(self.read(Memory(), Memory(other="older"), monkeypatch)) == ["replica-behind"]


class Certificate:
    """A TLS socket whose certificate expires in some days."""

    def __init__(self, days: float) -> None:
        now = datetime.datetime.now(datetime.UTC)
        self.until = f"{now + datetime.timedelta(days=days):%b %d %H:%M:%S %Y} GMT"

    def getpeercert(self) -> dict[str, Any]:
        issuer = ((("organizationName", "Authority"),), (("commonName", "Other"),))
        return {"notAfter": self.until, "issuer": issuer, "subjectAltName": (("DNS", "*.example"),)}

    def version(self) -> str:
        return "TLSv1.3"


@pytest.mark.parametrize(("days", "expected"), [(13.9, ["certificate-expires"]), (14.1, []), (90, [])])
def test_a_certificate_that_expires_soon_is_a_warning(days: float, expected: list[str]) -> None:
    context = context_of()
    secured = cast("ssl.SSLSocket", Certificate(days))
    shown = stage_network.describe_certificate(context, "cache.example", secured)
    assert shown.startswith("TLSv1.3, certificate for *.example by Authority until 20")
    assert codes(context) == expected


@pytest.mark.parametrize(
    ("number", "message", "code"),
    [
        (9, "certificate is not yet valid", "certificate-expired"),
        (10, "certificate has expired", "certificate-expired"),
        (11, "another", "certificate-untrusted"),
        (8, "another", "certificate-untrusted"),
        (62, "hostname", "certificate-wrong-name"),
        (64, "IP address", "certificate-wrong-name"),
        (1, "Hostname mismatch", "certificate-wrong-name"),
        (20, "unable to get local issuer certificate", "certificate-untrusted"),
    ],
)
def test_why_a_certificate_is_refused(number: int, message: str, code: str) -> None:
    problem = ssl.SSLCertVerificationError()
    problem.verify_code, problem.verify_message = number, message
    assert transport._certificate_failure("cache.example:6379", problem).code == code


@pytest.mark.parametrize("reply", ["READONLY You can't write against a read only replica.", "MOVED 1 a:1"])
def test_a_secondary_refuses_a_write_in_two_ways(reply: str) -> None:
    server = Server(SET=ReplyError(reply))
    stage_secondary._must_refuse(cast("Connection", server), NODE, "key")
    assert [words[0] for words in server.calls] == ["SET"]


@pytest.mark.parametrize("answer", ["OK", ReplyError("READONLY x")])
def test_a_forbidden_command_that_the_server_takes_is_a_warning_that_names_it(answer: object) -> None:
    class Warned:
        warn = mock.Mock()

    server = cast("Connection", Server(SET=answer))
    permitted.must_refuse(cast("Context", Warned), server, "SET", "key", "x", after=("READONLY",))
    (code, cause, _), _ = Warned.warn.call_args
    assert code == "more-permissions"
    assert cause.startswith("the user may run SET, ")


def test_another_refusal_of_a_forbidden_command_names_the_command() -> None:
    server = cast("Connection", Server(SET=ReplyError("ODD reply")))
    with pytest.raises(StageFailure) as caught:
        permitted.must_refuse(cast("Context", None), server, "SET", "key", "x", after=("READONLY",))
    assert caught.value.code == "refused-command"
    assert caught.value.cause == "the cache refused SET (ODD reply)"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (ReplyError("NOPERM no"), "refused-command"),
        (TimeoutError("timed out"), "no-answer"),
        ("OK", "secondary-takes-writes"),
    ],
)
def test_a_secondary_that_answers_otherwise_fails(answer: object, code: str) -> None:
    with pytest.raises(StageFailure) as caught:
        stage_secondary._must_refuse(cast("Connection", Server(SET=answer)), NODE, "key")
    assert caught.value.code == code


@pytest.mark.parametrize("problem", [ReplyError("LOADING x"), ProtocolError("closed"), TimeoutError("timed out")])
@pytest.mark.parametrize("stage", [stage_secondary.replicas, stage_secondary.data])
def test_a_secondary_that_cannot_be_read(
    problem: Exception, stage: Callable[[Context], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage_secondary, "connect", lambda context, host, port: Server(GET=problem))
    with pytest.raises(StageFailure) as caught:
        stage(context_of(global_role="secondary"))
    assert caught.value.code


@pytest.mark.parametrize(
    ("address", "serverless", "expected"),
    [
        ("10.0.0.1", False, []),
        ("8.8.8.8", False, ["public-address"]),
        ("8.8.8.8", True, []),
        ("fd00::1", False, []),
        ("fe80::1%eth0", False, []),
        ("2600::1", False, []),
        ("2600::1", True, []),
    ],
)
def test_a_public_address_is_a_warning_but_of_a_serverless_cache(
    address: str, serverless: bool, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "resolve", lambda config, host, port: [(address, port)])
    context = context_of(serverless=serverless)
    assert stage_network.dns(context) == f"primary -> {address}"
    assert codes(context) == expected
    assert context.names.addresses("cache.example", 6379) == [(address, 6379)]


@pytest.mark.parametrize("code", ["connection-dropped", "connection-refused", "no-route"])
def test_a_port_that_does_not_answer_yet_is_tried_again(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tried, slept = list[int](), list[float]()

    class Open:
        def close(self) -> None:
            """Nothing is open."""

    def connect(host: str, port: int, address: object) -> Open:
        tried.append(1)
        if len(tried) < 4:
            raise StageFailure(code, "x", "y")
        return Open()

    monkeypatch.setattr(transport, "connect", connect)
    monkeypatch.setattr(time, "sleep", slept.append)
    context = context_of(wait_network=100, time_limit=600)
    monkeypatch.setattr(transport, "resolve", lambda config, host, port: [("10.0.0.1", 6379)])
    assert stage_network.tcp(context) == "1 address accepted a connection"
    assert slept == [2.0, 3.0, 4.5]


@pytest.mark.parametrize(("code", "wait"), [("connection-dropped", 0), ("tls-failed", 100)])
def test_what_time_does_not_heal_is_tried_once(code: str, wait: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("it waited"))

    def attempt() -> None:
        raise StageFailure(code, "x", "y")

    with pytest.raises(StageFailure):
        context_of(time_limit=600).retry(attempt, seconds=wait, codes=("connection-dropped",))


def slots_reply(*ranges: tuple[int, int]) -> list[Any]:
    return [[first, last, [f"node{index}", 6379]] for index, (first, last) in enumerate(ranges)]


class TestTopology:
    def run(self, monkeypatch: pytest.MonkeyPatch, expected: int, *ranges: tuple[int, int]) -> Context:
        monkeypatch.setattr(transport, "resolve", lambda config, host, port: [(host, port)])
        monkeypatch.setattr(transport, "connect", lambda host, port, address: Server())
        context = context_of(Server(CLUSTER=slots_reply(*ranges)), cluster_mode="enabled", shards=expected)
        stage_topology.topology(context)
        return context

    @pytest.mark.parametrize(("expected", "warned"), [(1, ["other-shards"]), (2, []), (3, ["other-shards"]), (0, [])])
    def test_more_shards_and_fewer(self, expected: int, warned: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        context = self.run(monkeypatch, expected, (0, 8191), (8192, 16383))
        assert codes(context) == warned
        assert context.facts["shards"] == 2

    def test_ranges_that_overlap_cover_the_slots(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert codes(self.run(monkeypatch, 3, (0, 9000), (100, 200), (9001, 16383))) == []

    @pytest.mark.parametrize(
        ("ranges", "shown"),
        [
            (((1, 16383),), "1 of 16384 hash slots belong to no shard (0-0)"),
            (((0, 16382),), "1 of 16384 hash slots belong to no shard (16383-16383)"),
            (((0, 99), (50, 60), (101, 16383)), "1 of 16384 hash slots belong to no shard (100-100)"),
            (((0, 99), (200, 300), (302, 16383)), "101 of 16384 hash slots belong to no shard (100-199, 301-301)"),
        ],
    )
    def test_gaps(self, ranges: tuple[tuple[int, int], ...], shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(StageFailure) as caught:
            self.run(monkeypatch, 0, *ranges)
        assert caught.value.cause == shown


@pytest.mark.parametrize(
    ("ranges", "gaps"),
    [
        ([(0, 16383)], []),
        ([(0, 100), (50, 60), (101, 16383)], []),
        ([(0, 100), (0, 50), (101, 16383)], []),
        ([(0, 100), (102, 16383)], [(101, 101)]),
        ([], [(0, 16383)]),
    ],
)
def test_slots_that_no_range_covers(ranges: list[tuple[int, int]], gaps: list[tuple[int, int]]) -> None:
    assert slots.uncovered([Shard(NODE, ranges=ranges)]) == gaps


@pytest.fixture(params=["127.0.0.1", "::1"])
def listening(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """A port that accepts connections, over IPv4 and over IPv6."""
    import socket

    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.create_server((request.param, 0), family=family) as server:
        yield request.param, server.getsockname()[1]


def test_a_host_over_both_kinds_of_addresses(listening: tuple[str, int]) -> None:
    host, port = listening
    context = context_of(endpoints=[config.Endpoint("primary", host, port)])
    assert stage_network.dns(context) == f"primary -> {host}"
    assert stage_network.tcp(context) == "1 address accepted a connection"

"""What the stages make of answers that a real server seldom gives; no server is needed."""

import time
from collections.abc import Callable, Iterator
from typing import cast
from unittest import mock

import pytest
from connection_test import (
    aws,
    config,
    permitted,
    slots,
    stage_data,
    stage_network,
    stage_secondary,
    stage_topology,
    transport,
)
from connection_test.context import Context
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.slots import Shard

from tests.connection_test.stage_fakes import NODE, Memory, Server, codes, context_of, slots_reply


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

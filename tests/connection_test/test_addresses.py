"""Names with several addresses, slow look-ups, and caches that are slow; no server is needed."""

import socket
import threading
import time
from typing import Any

import pytest
from connection_test import (
    database_session,
    stage_data,
    stage_database,
    stage_network,
    stage_topology,
    transport,
)
from connection_test.database import Database
from connection_test.names import Names
from connection_test.report import StageFailure

from tests.connection_test.stage_fakes import (
    ALIVE,
    DEAD,
    ENDPOINT,
    Memory,
    Open,
    Server,
    codes,
    context_of,
)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were tried; each name has a dead address and one that accepts a connection."""
    addresses: list[str] = []

    def connect(host: str, port: int, address: transport.Address) -> Open:
        addresses.append(address[0])
        if address[0] == DEAD:
            raise StageFailure("no-route", f"{host} ({address[0]}) cannot be reached", "look at the routes")
        return Open()

    monkeypatch.setattr(transport, "resolve", lambda config, host, port: [(DEAD, port), (ALIVE, port)])
    monkeypatch.setattr(transport, "connect", connect)
    return addresses


def test_one_address_of_a_name_is_enough_and_the_others_are_a_warning(tried: list[str]) -> None:
    context = context_of()
    stage_network.dns(context)
    assert stage_network.tcp(context) == "1 address accepted a connection"
    assert codes(context) == ["address-unreachable"]
    assert DEAD in context.warnings[0][1]
    tried.clear()
    context.names.connect(ENDPOINT.host, ENDPOINT.port, lambda sock: sock)
    assert tried == [ALIVE]


def test_without_an_address_that_answers_the_stage_fails(tried: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "resolve", lambda config, host, port: [(DEAD, port)])
    context = context_of()
    stage_network.dns(context)
    with pytest.raises(StageFailure) as caught:
        stage_network.tcp(context)
    assert caught.value.code == "no-route"


def test_later_connections_try_each_address(tried: list[str]) -> None:
    names = Names(context_of().config)
    names.connect("node", 1, lambda sock: sock)
    names.connect("node", 1, lambda sock: sock)
    assert tried == [DEAD, ALIVE, ALIVE]


def test_a_name_is_looked_up_again_when_none_of_its_addresses_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [[(DEAD, 1)], [(ALIVE, 1)]]

    def connect(host: str, port: int, address: transport.Address) -> Open:
        if address[0] == DEAD:
            raise StageFailure("connection-refused", "x", "y")
        return Open()

    monkeypatch.setattr(transport, "resolve", lambda config, host, port: answers.pop(0))
    monkeypatch.setattr(transport, "connect", connect)
    names = Names(context_of().config)
    with pytest.raises(StageFailure):
        names.connect("node", 1, lambda sock: sock)
    names.connect("node", 1, lambda sock: sock)
    assert answers == []


class TestWhatFollowsTheConnection:
    """TLS and other exchanges on an address that accepts a connection."""

    def ready(self, names: Names, refused: str, code: str = "tls-ended") -> str:
        def then(sock: Any) -> str:
            if sock.address == refused:
                raise StageFailure(code, f"TLS with {refused}", "look at it")
            return str(sock.address)

        return names.connect("node", 1, then)

    @pytest.fixture
    def names(self, monkeypatch: pytest.MonkeyPatch) -> Names:
        class Socket(Open):
            def __init__(self, address: str) -> None:
                self.address = address

        monkeypatch.setattr(transport, "resolve", lambda config, host, port: [("10.0.0.3", port), (ALIVE, port)])
        monkeypatch.setattr(transport, "connect", lambda host, port, address: Socket(address[0]))
        return Names(context_of().config)

    def test_an_address_whose_tls_fails_is_followed_by_the_next(self, names: Names) -> None:
        assert self.ready(names, "10.0.0.3") == ALIVE
        assert names.addresses("node", 1)[0][0] == ALIVE

    def test_the_time_limit_of_the_test_is_no_failure_of_an_address(self, names: Names) -> None:
        with pytest.raises(StageFailure) as caught:
            self.ready(names, "10.0.0.3", "time-limit")
        assert caught.value.code == "time-limit"
        assert names.addresses("node", 1)[0][0] == "10.0.0.3"


def test_the_address_that_answered_comes_first_and_once(tried: list[str]) -> None:
    names = Names(context_of().config)
    names.connect("node", 1, lambda sock: sock)
    assert names.addresses("node", 1) == [(ALIVE, 1), (DEAD, 1)]
    assert names.reach("node", 1)[0] == 1
    assert names.addresses("node", 1) == [(ALIVE, 1), (DEAD, 1)]


@pytest.mark.parametrize("method", ["reach", "connect"])
def test_of_several_failures_the_first_is_reported(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(host: str, port: int, address: transport.Address) -> Open:
        raise StageFailure("no-route", f"no route to {address[0]}", "look at the routes")

    monkeypatch.setattr(transport, "resolve", lambda config, host, port: [("10.0.0.8", port), ("10.0.0.9", port)])
    monkeypatch.setattr(transport, "connect", connect)
    names = Names(context_of().config)
    with pytest.raises(StageFailure) as caught:
        names.reach("node", 1) if method == "reach" else names.connect("node", 1, lambda sock: sock)
    assert caught.value.cause == "no route to 10.0.0.8"


def test_a_name_is_looked_up_again_while_the_stage_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of a new stack can lead to another address some seconds later."""
    answers = [[(DEAD, 6379)], [(ALIVE, 6379)]]

    def connect(host: str, port: int, address: transport.Address) -> Open:
        if address[0] == DEAD:
            raise StageFailure("connection-dropped", "x", "y")
        return Open()

    monkeypatch.setattr(transport, "resolve", lambda config, host, port: answers.pop(0))
    monkeypatch.setattr(transport, "connect", connect)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    context = context_of(wait_network=100)
    stage_network.dns(context)
    assert stage_network.tcp(context) == "1 address accepted a connection"
    assert answers == []


def test_the_names_of_the_database_are_looked_up_and_tried_in_the_same_way(
    tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(host="db.example", port=5432, name="n", user="u", region="us-east-1", reader_host="ro.example")
    context = context_of(database=database)
    assert stage_database.dns(context) == f"writer -> {DEAD}, {ALIVE}; reader -> {DEAD}, {ALIVE}"
    assert stage_database.tcp(context) == "2 addresses accepted a connection"
    assert codes(context) == ["address-no-route"] * 2
    tried.clear()
    monkeypatch.setattr(database_session, "_handshake", lambda database, sock, host: sock)
    database_session.secured(context, "db.example")
    assert tried == [ALIVE]


def test_a_slow_look_up_is_a_warning_of_its_own_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(host="db.example", port=5432, name="n", user="u", region="us-east-1")
    monkeypatch.setattr(transport, "resolve", lambda config, host, port: [(ALIVE, port)])
    context = context_of(database=database)
    context.names.slowest = (1.1, "cache.example")
    stage_network.dns(context)
    assert codes(context) == ["slow-resolver"]
    context.warnings.clear()
    stage_database.dns(context)
    assert codes(context) == []
    context.names.slowest = (1.1, "db.example")
    stage_database.dns(context)
    assert "db.example took 1.1 s" in context.warnings[0][1]


@pytest.mark.parametrize(("seconds", "expected"), [(0.9, []), (1.1, ["slow-resolver"])])
def test_a_slow_resolver_is_a_warning(seconds: float, expected: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    context = context_of()
    monkeypatch.setattr(transport, "resolve", lambda config, host, port: [(ALIVE, port)])
    context.names.slowest = (seconds, "cache.example")
    stage_network.dns(context)
    assert codes(context) == expected


def test_many_look_ups_take_no_longer_than_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """60 shards with a replica each, and a resolver that takes 0.2 seconds: 24 seconds one after the other."""

    def resolve(config: object, host: str, port: int) -> list[transport.Address]:
        time.sleep(0.2)
        return [(ALIVE, port)]

    monkeypatch.setattr(transport, "resolve", resolve)
    monkeypatch.setattr(transport, "connect", lambda host, port, address: Open())
    reply = [
        [16384 * number // 60, 16384 * (number + 1) // 60 - 1, [f"primary{number}", 1], [f"replica{number}", 1]]
        for number in range(60)
    ]
    context = context_of(Server(CLUSTER=reply), cluster_mode="enabled", shards=60, replicas_per_shard=1)
    started = time.monotonic()
    stage_topology.topology(context)
    assert time.monotonic() - started < 8
    assert codes(context) == []


def test_a_slow_cache_is_measured_by_fewer_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_data, "_MOST_SECONDS", 0.2)
    memory = Memory()
    memory.answers["PING"] = lambda: time.sleep(0.05)
    memory.answers["GET"] = lambda key: time.sleep(0.05)
    context = context_of(memory)
    started = time.monotonic()
    stage_data.latency(context)
    assert time.monotonic() - started < 2
    assert codes(context) == ["slow"]


def test_a_server_that_hangs_during_tls_is_described_as_slow() -> None:
    from connection_test.config import Config

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        accepted: list[Any] = []
        thread = threading.Thread(target=lambda: accepted.append(server.accept()), daemon=True)
        thread.start()
        sock = socket.create_connection(("127.0.0.1", port))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(transport, "TLS_SECONDS", 0.2)
            patch.setattr(transport, "COMMAND_SECONDS", 0.2)
            with pytest.raises(StageFailure) as caught:
                transport.handshake(Config([ENDPOINT]), sock, "cache.example", port)
        thread.join(5)
        accepted[0][0].close()
    assert caught.value.code == "no-answer"
    assert "did not answer the TLS handshake within 0.2 s" in caught.value.cause

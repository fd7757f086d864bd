"""Single branches and numbers of the connection test that no scenario depends on."""

import math
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from connection_test import commands, measurement, options, redaction, settings, slots, watch, watch_routes
from connection_test.report import StageFailure
from connection_test.resp import ReplyError
from connection_test.slots import Node, Shard
from connection_test.watch_link import Credentials
from connection_test.watch_records import Output
from connection_test.watch_routes import Routes

from tests.connection_test.watch_fakes import A, B, C, config_of, routes_of

REPLICATED = Shard(A, [(0, 16383)], [B])


def signals(receive: Callable[[int, Callable[[int, None], None]], None]) -> SimpleNamespace:
    """The module `signal` for the watch alone: pytest uses the real one."""
    return SimpleNamespace(SIGINT=signal.SIGINT, SIGTERM=signal.SIGTERM, signal=receive)


@pytest.fixture
def secrets() -> Iterator[None]:
    redaction.forget()
    yield
    redaction.forget()


def test_the_bounds_of_slots_are_in_the_message() -> None:
    with pytest.raises(ValueError, match=re.escape("must list slots from 0 to 16383, got 0 to 16384")):
        slots.parse([[0, 16384, ["a", 1, "id"]]], A)
    assert slots.parse([[0, 16383, ["a", 1, "id"]]], A) == [Shard(A, [(0, 16383)], [])]


def test_digits_of_other_scripts_are_no_slot() -> None:
    assert commands.redirection(ReplyError("MOVED 12 b:2"), "a") == (12, B)
    assert commands.redirection(ReplyError("MOVED \N{ARABIC-INDIC DIGIT ONE}2 b:2"), "a") is None


@pytest.mark.parametrize(("port", "node"), [("65535", Node("b", 65535)), ("65536", None), ("100000", None)])
def test_the_ports_of_a_redirection(port: str, node: object) -> None:
    assert commands.redirection(ReplyError(f"MOVED 12 b:{port}"), "a") == (node and (12, node))


@pytest.mark.parametrize(
    ("text", "host"), [("[::1]", "::1"), ("[::1", "[::1"), ("::1]", "::1]"), ("cache.example", "cache.example")]
)
def test_only_a_pair_of_brackets_is_removed(text: str, host: str) -> None:
    assert options._plain(text) == host


def test_the_example_of_a_setting_is_a_value_that_works() -> None:
    examples = {name: setting.example for name, setting in settings.DATABASE_SETTINGS.items()}
    assert examples["port"] == 5432
    assert settings.ENDPOINT_SETTINGS["port"].example == 6379
    assert all(setting.kind.accepts(setting.example) for setting in settings.DATABASE_SETTINGS.values())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("leave DATABASE_PASSWORD out", "leave DATABASE_PASSWORD out"),
        ("plain-password-of-mine", "***"),
        ("n-passwo", "***"),
        ("word-of-", "***"),
        ("-passwor", "-passwor"),
    ],
)
def test_the_words_of_own_texts_are_shown_although_a_password_contains_them(
    secrets: None, text: str, shown: str
) -> None:
    redaction.keep("plain-password-of-mine")
    assert redaction.hide(text) == shown


def test_json_with_letters_of_all_languages_is_hidden(secrets: None) -> None:
    redaction.keep('"é"ü"ö"ä')
    assert redaction.hide('got \\"é\\"ü\\"ö\\"ä.') == "got ***."


def test_python_with_few_letters_is_hidden(secrets: None) -> None:
    redaction.keep("\1é\2ü\3ö\4ä")
    assert redaction.hide(r"got \x01é\x02ü\x03ö\x04ä.") == "got ***."


def test_a_heartbeat_without_a_number_is_endless() -> None:
    words = ["--host=cache.example", "--heartbeat"]
    assert options.parser().parse_args(words).heartbeat == 0
    assert options.parser().parse_args([*words, "3"]).heartbeat == 3


def test_percentiles_are_those_of_the_samples() -> None:
    found = measurement.percentiles([float(number) for number in range(1, 1000)])
    assert found == {"p50": 500, "p95": 950, "p99": 990}


def test_a_cache_that_cannot_be_used_is_exit_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(config: object, found: "Future[Any]") -> None:
        found.set_exception(StageFailure("refused", "a:1 refused the connection", "start the cache"))

    monkeypatch.setattr(watch, "_discover", fail)
    monkeypatch.setattr(watch, "signal", signals(lambda number, handler: None))
    assert watch.watch(config_of(), 1) == 1
    assert capsys.readouterr().err == "connection_test: a:1 refused the connection; start the cache\n"


def test_an_interruption_before_the_nodes_are_known_is_exit_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watch, "_discover", lambda config, found: None)
    monkeypatch.setattr(watch, "signal", signals(lambda number, handler: handler(number, None)))
    assert watch.watch(config_of(), 1) == 1
    assert capsys.readouterr().out == "watched 0 shards: interrupted before the cache had named its nodes\n"


def test_requests_are_led_to_the_node_that_serves_when_the_check_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = watch.Watch(routes_of([REPLICATED], cluster_mode="enabled"), Output("json"))
    checks = list[float]()
    monkeypatch.setattr(watched, "_reroute", lambda: checks.append(watched._next_check))
    watched._next_check = math.inf
    watched._tick()
    assert checks == []
    watched._next_check = 0
    now = time.monotonic()
    watched._tick()
    assert len(checks) == 1
    assert checks[0] > now


class Spare:
    """A link that counts what is done with it."""

    made: "list[Spare]"

    def __init__(self, node: Node) -> None:
        self.node, self.closed = node, False
        self.made.append(self)

    def open(self, credentials: Credentials, addresses: object, *, readonly: bool) -> None:
        assert not readonly

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> Routes:
    """The routes of a shard with a replica, during a search, with links that connect to nothing."""
    Spare.made = []
    monkeypatch.setattr(watch_routes, "Link", Spare)
    monkeypatch.setattr(Routes, "addresses", lambda self, node: [])
    routes = routes_of([REPLICATED])
    routes.search(True)
    return routes


def test_a_replica_has_two_links_in_reserve_which_the_end_of_the_search_closes(routes: Routes) -> None:
    routes._open_reserve(A)
    assert Spare.made == []
    routes._open_reserve(B)
    assert [(link.node, link.closed) for link in Spare.made] == [(B, False), (B, False)]
    routes.search(False)
    assert [link.closed for link in Spare.made] == [True, True]
    routes._open_reserve(B)
    assert [link.closed for link in Spare.made] == [True] * 4


def test_the_node_that_was_asked_longest_ago_is_next(routes: Routes) -> None:
    routes._known = [A, B, C]
    asked = [routes._next().node for _ in range(3)]
    assert asked == [A, B, C]
    assert [routes._next().node for _ in range(3)] == [A, B, C], "all are being asked"
    routes._asked.discard(B)
    assert routes._next().node == B

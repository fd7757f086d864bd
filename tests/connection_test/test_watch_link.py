"""The connections of the watch: addresses, interruptions, credentials, and the cause of a failure."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
from connection_test import redaction, stage_engine, watch_link
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.watch_link import Credentials, Link, cause_of, connect_any

from tests.connection_test.watch_fakes import A, Server, config_of


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

"""Parts of the program alone: percentiles, rates, the deadline, tokens and relays."""

import socket
import threading
import time

import pytest
from caching_demo import tokens
from caching_demo.failures import CannotRunError
from caching_demo.relay import Relay, interposed
from caching_demo.timing import Deadline, Pace, percentile, summary, together

SOON = 0.05


def test_percentiles_are_nearest_ranks() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (0, 0.5, 0.95, 0.99, 1)] == [1, 50, 95, 99, 100]
    assert percentile([3.0], 0.99) == 3
    assert percentile([], 0.5) == 0
    assert summary([0.001, 0.002, 0.003]) == {"p50": 2.0, "p95": 3.0, "p99": 3.0}


def test_a_deadline_that_has_passed_is_an_error() -> None:
    Deadline(60).check("this")
    with pytest.raises(CannotRunError, match="time limit: 0 seconds were over before this had ended; look"):
        Deadline(0).check("this")


def test_threads_run_at_once_and_their_first_error_is_raised() -> None:
    barrier = threading.Barrier(2, timeout=5)
    together([barrier.wait, barrier.wait], Deadline(10), "these")
    with pytest.raises(ZeroDivisionError):
        together([lambda: None, lambda: 1 / 0], Deadline(10), "these")


def test_threads_that_do_not_end_are_left_at_the_deadline() -> None:
    over = threading.Event()
    with pytest.raises(CannotRunError, match="before these had ended"):
        together([over.wait], Deadline(SOON), "these")
    over.set()


def test_a_pace_keeps_its_rate_and_does_not_make_up_for_a_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    now, waits = [100.0], []
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def sleep(seconds: float) -> None:
        waits.append(round(seconds, 3))
        now[0] += seconds

    monkeypatch.setattr(time, "sleep", sleep)
    pace = Pace(10, offset=0.05)
    for _ in range(3):
        pace.wait()
    now[0] += 5
    for _ in range(3):
        pace.wait()
    assert waits == [0.05, 0.1, 0.1, 0.1, 0.1]


def test_a_token_is_signed_again_after_five_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    now, signed = [1000.0], iter("abc")
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    token = tokens.Token(lambda: next(signed))
    seen = [token(), token()]
    now[0] += 299
    seen.append(token())
    now[0] += 1
    seen.append(token())
    assert seen == ["a", "a", "a", "b"]


class Echo:
    """Answers with what it gets."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    @staticmethod
    def _serve(near: socket.socket) -> None:
        with near:
            while data := near.recv(100):
                near.sendall(data)


def _ask(sock: socket.socket, word: bytes) -> bytes:
    sock.sendall(word)
    return sock.recv(100)


def test_a_relay_stops_both_ways_and_lets_what_has_waited_pass() -> None:
    echo = Echo()
    try:
        with interposed({("localhost", echo.port), ("127.0.0.1", echo.port)}) as relays:
            for host in ("localhost", "127.0.0.1"):
                with socket.create_connection((host, echo.port), timeout=5) as sock:
                    assert sock.getpeername()[1] != echo.port
                    assert _ask(sock, b"before") == b"before"
                    relays.stop()
                    sock.settimeout(0.2)
                    with pytest.raises(TimeoutError):
                        _ask(sock, b"stopped")
                    with socket.create_connection((host, echo.port), timeout=0.2) as other, pytest.raises(TimeoutError):
                        _ask(other, b"a new connection")
                    sock.settimeout(5)
                    relays.resume()
                    assert sock.recv(100) == b"stopped"
        with socket.create_connection(("127.0.0.1", echo.port), timeout=5) as sock:
            assert sock.getpeername()[1] == echo.port
            assert _ask(sock, b"direct") == b"direct"
    finally:
        echo.listener.close()


def test_other_servers_are_reached_directly_meanwhile() -> None:
    echo, other = Echo(), Echo()
    try:
        with interposed({("127.0.0.1", echo.port)}) as relays:
            relays.stop()
            with socket.create_connection(("127.0.0.1", other.port), timeout=5) as sock:
                assert _ask(sock, b"database") == b"database"
    finally:
        echo.listener.close()
        other.listener.close()


def test_relays_end_with_their_connections() -> None:
    echo = Echo()
    try:
        with interposed({("127.0.0.1", echo.port)}):
            sock = socket.create_connection(("127.0.0.1", echo.port), timeout=5)
            assert _ask(sock, b"one") == b"one"
        began = time.monotonic()
        with sock:
            assert sock.recv(1) == b""
        assert time.monotonic() - began < 4
    finally:
        echo.listener.close()


def test_a_connection_that_is_closed_before_the_server_answers_is_no_error() -> None:
    echo = Echo()
    running = threading.Event()
    relay = Relay(("127.0.0.1", echo.port), running)
    ended: list[BaseException] = []
    near = socket.socket()
    near.close()

    def serve() -> None:
        try:
            relay._serve(near)
        except BaseException as problem:
            ended.append(problem)
            raise

    try:
        running.set()
        thread = threading.Thread(target=serve)
        thread.start()
        thread.join(5)
        assert not thread.is_alive()
        assert ended == []
        assert [sock.fileno() for sock in relay._sockets] == [-1]
    finally:
        relay.close()
        echo.listener.close()

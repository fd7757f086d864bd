"""Runs the watch as a program, and measures beside it what the servers really did."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from connection_test.resp import Connection, ProtocolError, ReplyError

from tests.cache_servers import PASSWORD, Server, isolated_environment
from tests.connection_test.probe import SOURCE

# In milliseconds: how far a gap may be from the one that a witness measured.
EXACT = 100.0
_REFUSED = (ReplyError, ProtocolError, OSError)


class Watching:
    """A watch that prints JSON records."""

    def __init__(self, *words: str, seconds: float, password: str = PASSWORD, stdin: str | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(SOURCE), *words, "--watch", str(seconds), "--format=json"],
            env={**isolated_environment(), "CACHE_PASSWORD": password},
            stdin=None if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if stdin is not None:
            assert self.process.stdin is not None
            self.process.stdin.write(stdin)
            self.process.stdin.close()
            self.process.stdin = None
        self.records: list[dict[str, Any]] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.records.append(json.loads(line))
            if self.records[-1]["event"] == "start":
                break

    def end(self, number: int | None = None, *, status: int = 0) -> "Watching":
        """Wait for the end, or cause it with a signal."""
        if number is not None:
            self.process.send_signal(number)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        # `communicate` would lose what the constructor has read ahead.
        with self.process:
            output, errors = self.process.stdout.read(), self.process.stderr.read()
        self.records += [json.loads(line) for line in output.splitlines()]
        assert (self.process.returncode, errors) == (status, ""), (errors, self.records)
        return self

    @property
    def start(self) -> dict[str, Any]:
        return next(record for record in self.records if record["event"] == "start")

    @property
    def summary(self) -> dict[str, Any]:
        assert self.records[-1]["event"] == "summary"
        return self.records[-1]

    def gaps(self) -> dict[tuple[int, str], list[dict[str, Any]]]:
        """The gaps by shard and operation."""
        result: dict[tuple[int, str], list[dict[str, Any]]] = {}
        for record in self.records:
            if record["event"] == "gap":
                result.setdefault((record["shard"], record["operation"]), []).append(record)
        return result

    def except_witnessed(self, witnesses: dict[tuple[int, str], "Witness"]) -> list[tuple[int, str]]:
        """The shards and operations with a gap, apart from gaps that a witness of the node has seen as well.

        On a machine under load, a server can stop for a moment that no test asked for.
        """
        return [
            (shard, operation)
            for (shard, operation), gaps in sorted(self.gaps().items())
            if (seen := witnesses.get((shard, "replica" if operation == "replica-read" else "primary"))) is None
            or max(gap["milliseconds"] for gap in gaps) > seen.longest() + EXACT
        ]

    def total(self, operation: str) -> dict[str, Any]:
        match: dict[str, Any] = next(each for each in self.summary["totals"] if each["operation"] == operation)
        return match


class Witness:
    """Sends a command to one server directly, all the time, and remembers when it was answered.

    It is the reference for the gaps of the watch, because the load of the machine delays both.
    """

    def __init__(self, server: Server, *words: str) -> None:
        self._connection, self._words = server.admin_connection(), words
        self._connection._socket.settimeout(30)
        self.answers: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        while not self._ended.wait(0.005):
            try:
                self._connection.call(*self._words)
            except ReplyError:
                continue
            except (ProtocolError, OSError):
                return
            self.answers.append(time.monotonic())

    def end(self) -> None:
        self._ended.set()
        self._thread.join(30)
        self._connection.close()

    def longest(self) -> float:
        """The longest time between two answers, in milliseconds."""
        return max(b - a for a, b in zip(self.answers, self.answers[1:], strict=False)) * 1000

    def first_after(self, moment: float) -> float:
        """The time of the first answer after a moment."""
        return next(answer for answer in self.answers if answer > moment)


@contextlib.contextmanager
def witness(server: Server, *words: str) -> Iterator[Witness]:
    one = Witness(server, *(words or ("PING",)))
    try:
        yield one
    finally:
        one.end()


@contextlib.contextmanager
def admin(server: Server) -> Iterator[Connection]:
    """A connection with all permissions."""
    connection = server.admin_connection()
    try:
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def frozen(*servers: Server) -> Iterator[float]:
    """Stop servers in the middle of what they do, and let them continue afterwards."""
    for server in servers:
        server.process.send_signal(signal.SIGSTOP)
    try:
        yield time.monotonic()
    finally:
        for server in servers:
            server.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def load(processes: int) -> Iterator[None]:
    """Keep all processors busy."""
    busy = [subprocess.Popen([sys.executable, "-I", "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def busy_processes() -> int:
    """One for each processor."""
    return os.cpu_count() or 1


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "the condition was not met in time"
        time.sleep(0.01)


def is_primary(connection: Connection) -> bool:
    try:
        return connection.info("replication").get("role") == "master"
    except _REFUSED:
        return False

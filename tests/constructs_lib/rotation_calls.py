"""Runs a step of the rotation function, and stops it before or after any of its API calls."""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from constructs_lib.management.rotation_function.handler import Rotation
from tests.cache_servers import Server
from tests.constructs_lib.rotation_model import (
    ODD_NAME,
    OLD,
    OTHER_KEYS,
    ApiError,
    ElastiCache,
    Login,
    Secrets,
    settings_of,
)

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
LOOKS = {"user": "describe_users", "token": "describe_replication_groups"}
SENDS = {"user": "modify_user", "token": "modify_replication_group"}
# The errors that a step may raise; any other error is a fault of the function.
REFUSALS = (ValueError, RuntimeError, ApiError)


class Killed(BaseException):
    """The process was ended. It is not an Exception, so that the function cannot catch it."""


class Gate:
    """Observes every API call after it has returned, and can stop at one.

    :param stop_at: the number of the call at which to stop; None: never.
    :param after: stop after the call, not before it.
    """

    def __init__(self, observe: Callable[[], None], stop_at: int | None = None, *, after: bool = False) -> None:
        self.observe, self.stop_at, self.after = observe, stop_at, after
        self.calls: list[str] = []

    def stop(self) -> None:
        raise Killed

    def call(self, name: str, function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        number = len(self.calls)
        self.calls.append(name)
        if number == self.stop_at and not self.after:
            self.stop()
        try:
            return function(**arguments)
        finally:
            self.observe()
            if number == self.stop_at and self.after:
                self.stop()


class Client:
    """A client of a service whose calls go through a gate."""

    def __init__(self, service: Secrets | ElastiCache, gate: Gate) -> None:
        self._service, self._gate = service, gate
        self.exceptions = Secrets.exceptions

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda **arguments: self._gate.call(name, getattr(self._service, name), arguments)


class Paused(Gate):
    """A step in a thread that waits before each call, from a given call on, until it may continue."""

    def __init__(self, observe: Callable[[], None], stop_at: int) -> None:
        super().__init__(observe, stop_at)
        self.error: BaseException | None = None
        self.ended = self.killed = False
        self._go, self._waits = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._step: Callable[[], None] = lambda: None

    def start(self, step: Callable[[], None]) -> None:
        self._step = step
        self._thread.start()
        self._wait()

    def resume(self, calls: int | None) -> None:
        """Continue for a number of calls, or to the end."""
        self.stop_at = None if calls is None else len(self.calls) - 1 + calls
        self._go.release()
        self._wait()

    def kill(self) -> None:
        if not self.ended:
            self.killed = True
            self._go.release()
            self._wait()

    def stop(self) -> None:
        self._waits.release()
        self._go.acquire()
        if self.killed:
            raise Killed

    def _wait(self) -> None:
        assert self._waits.acquire(timeout=60), f"the step hangs after {self.calls}"
        if self.ended:
            self._thread.join()
            if self.error is not None and not isinstance(self.error, (*REFUSALS, Killed)):
                raise self.error

    def _run(self) -> None:
        try:
            self._step()
        except BaseException as error:
            self.error = error
        self.ended = True
        self._waits.release()


class Rotations:
    """A secret and its cache, with the invariants that must hold after every API call.

    :param password: the first one.
    :param keys: what a user's secret has beside the password.
    :param keeps_repeated: see ElastiCache.
    """

    def __init__(
        self,
        server: Server,
        kind: str,
        *,
        password: str = OLD,
        keys: Mapping[str, object] = OTHER_KEYS,
        keeps_repeated: bool = False,
    ) -> None:
        self.kind, self.settings, self.keys = kind, settings_of(server, kind), keys
        # The user whose passwords are checked; a token belongs to the default user.
        self.user = "default" if kind == "token" else ODD_NAME
        self.secrets = Secrets(password if kind == "token" else json.dumps({**keys, "password": password}))
        self.cache = ElastiCache(server, password, keeps_repeated=keeps_repeated)
        self.login = Login(server, kind)
        self.newest = 1
        self.current = "v1"
        # The passwords that have been current, and the text that was current before, while it must be accepted.
        self.past: dict[str, str] = {"v1": password}
        self.before: str | None = None

    def close(self) -> None:
        self.login.close()
        self.cache.close()

    def begin(self) -> str:
        self.newest += 1
        self.before = None
        version = f"v{self.newest}"
        self.secrets.begin(version)
        return version

    def observe(self) -> None:
        """A client reads the secret and logs in; another one has read it before the last change."""
        current = self.secrets.holder("AWSCURRENT")
        assert current in self.secrets.values, f"{current} is current and empty: {self.secrets.stages}"
        text = self.secrets.values[current]
        if current != self.current:
            assert current not in self.past, f"{current} is current again after {self.current}"
            assert number(current) > max(map(number, self.past)), f"{current} is current after {list(self.past)}"
            self.before = self.secrets.values[self.current]
            password = self.password(text)
            # Two rotations that overlap may end with one password.
            assert password == self.past[self.current] or password not in self.past.values(), f"{current} is not new"
            self.current, self.past[current] = current, password
        assert self.login.accepted(text), f"the cache refuses {current}: {self.secrets.stages}"
        assert self.before is None or self.login.accepted(self.before), "the cache refuses the value before"
        if self.kind == "user":
            content = json.loads(text)
            assert content == {**self.keys, "password": content["password"]}

    def pause(self, version: str, step: str, call: str) -> Paused:
        """Start a step, which waits before its first call of this name."""
        paused = Paused(self.observe, 0)
        paused.start(lambda: rotation(self.secrets, self.cache, self.settings, version, paused).step(step))
        while not paused.ended and paused.calls[-1] != call:
            paused.resume(1)
        assert not paused.ended, f"{step} ended after {paused.calls}: {paused.error}"
        return paused

    def roll_back(self) -> None:
        """Make the version before current again, as an operator does, by docs/runbooks/rotation.md."""
        previous, sent = (self.secrets.holder(label) for label in ("AWSPREVIOUS", "LAST_SENT_TO_CACHE"))
        assert previous is not None
        self.secrets.update_secret_version_stage("", "LAST_SENT_TO_CACHE", self.current, sent)
        self.secrets.update_secret_version_stage("", "AWSCURRENT", previous, self.current)
        self.current, self.before = previous, None

    def run(self, version: str, step: str, stop_at: int | None = None, *, after: bool = False) -> Gate:
        gate = Gate(self.observe, stop_at, after=after)
        rotation(self.secrets, self.cache, self.settings, version, gate).step(step)
        return gate

    def rotate(self) -> None:
        """A rotation that nothing interrupts succeeds, with a new password, whatever was before."""
        before = self.secrets.current()
        assert self.login.accepted(before)
        version = self.begin()
        for step in STEPS:
            self.run(version, step)
        assert self.secrets.holder("AWSCURRENT") == version
        assert self.password(self.secrets.current()) != self.password(before)
        assert self.login.accepted(before)

    def password(self, text: str) -> str:
        return text if self.kind == "token" else str(json.loads(text)["password"])


def number(version: str) -> int:
    return int(version.removeprefix("v"))


def rotation(
    secrets: Secrets, elasticache: ElastiCache, settings: dict[str, str], version: str, gate: Gate
) -> Rotation:
    return Rotation(
        secrets=Client(secrets, gate),
        elasticache=Client(elasticache, gate),
        settings=settings,
        arn="arn:secret",
        token=version,
    )

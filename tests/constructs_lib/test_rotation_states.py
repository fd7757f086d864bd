"""Rotation: any order, repetition, interruption and overlap of the steps, with a login after every API call."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from constructs_lib.management.rotation_function import handler
from tests import cache_servers
from tests.cache_servers import Certificates, Server
from tests.constructs_lib.rotation_calls import REFUSALS, SENDS, STEPS, Killed, Paused, Rotations, rotation
from tests.constructs_lib.rotation_model import ODD_NAME, ApiError, BackgroundClient, Clock

MOST_CALLS = 16
EXAMPLES = 50


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    certificates = Certificates(tmp_path_factory.mktemp("certificates"))
    started = cache_servers.start(tmp_path_factory.mktemp("servers"), "master", certificates)
    yield started
    started.stop()


# The service takes 16 to 128 characters. A surrogate is no character, and has no form in UTF-8.
PASSWORDS = st.text(st.characters(codec="utf-8"), min_size=16, max_size=128)
KEYS = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text(), max_size=3)


class RotationMachine(RuleBasedStateMachine):
    """Secrets Manager, its operator, and a Lambda service that repeats, delays and ends invocations."""

    server: Server
    kind: str

    def __init__(self) -> None:
        super().__init__()
        self.paused: list[tuple[str, Paused]] = []
        # Since a rollback, until the next rotation ends.
        self.rolled_back = False

    @initialize(password=PASSWORDS, keys=KEYS, keeps_repeated=st.booleans())
    def start(self, password: str, keys: dict[str, object], keeps_repeated: bool) -> None:
        keys = {"username": ODD_NAME, **keys}
        self.it = Rotations(self.server, self.kind, password=password, keys=keys, keeps_repeated=keeps_repeated)
        self.client = BackgroundClient(self.server, self.kind, self.it.secrets)
        self.client.start()

    @rule(late=st.booleans())
    def choose_when_changes_arrive(self, late: bool) -> None:
        self.it.cache.late = late

    @rule()
    def begin(self) -> None:
        # A rotation begins long after the one before has ended, and an invocation takes 15 minutes at most: none that
        # is about to send the current password is left.
        current = self.it.secrets.current()
        for version, step in self.paused:
            if step.calls[-1] in SENDS.values() and self.it.secrets.values[version] == current:
                step.kill()
        self._forget_ended()
        self.it.begin()

    @rule(
        back=st.integers(0, 2),
        step=st.sampled_from(STEPS),
        stop_at=st.none() | st.integers(0, MOST_CALLS),
        after=st.booleans(),
    )
    def deliver(self, back: int, step: str, stop_at: int | None, after: bool) -> None:
        """One step of any version, early, late or again, which may be killed."""
        version = f"v{max(1, self.it.newest - back)}"
        was_current = self.it.current
        try:
            self.it.run(version, step, stop_at, after=after)
        except (*REFUSALS, Killed):
            pass
        if self.it.current != was_current:
            self.rolled_back = False

    @rule(steps=st.integers(1, 4), stop_at=st.none() | st.integers(0, MOST_CALLS), after=st.booleans())
    def rotate_in_part(self, steps: int, stop_at: int | None, after: bool) -> None:
        """A new rotation in the usual order, whose last step may be killed."""
        self.begin()
        for step in STEPS[: steps - 1]:
            self.deliver(0, step, None, False)
        if steps:
            self.deliver(0, STEPS[steps - 1], stop_at, after)

    @rule(back=st.integers(0, 2), steps=st.permutations(STEPS))
    def deliver_late(self, back: int, steps: list[str]) -> None:
        """All steps of a version, in any order."""
        for step in steps:
            self.deliver(back, step, None, False)

    # Where a repeated token counts twice, two deliveries at one time cannot be told apart by any function.
    @precondition(lambda self: not self.it.cache.keeps_repeated and not self.rolled_back and len(self.paused) < 2)
    @rule(back=st.integers(0, 1), step=st.sampled_from(STEPS), stop_at=st.integers(0, MOST_CALLS))
    def deliver_and_pause(self, back: int, step: str, stop_at: int) -> None:
        version = f"v{max(1, self.it.newest - back)}"
        gate = Paused(self.it.observe, stop_at)
        rotation_step = rotation(self.it.secrets, self.it.cache, self.it.settings, version, gate)
        self.paused.append((version, gate))
        gate.start(lambda: rotation_step.step(step))
        self._forget_ended()

    @precondition(lambda self: not self.it.cache.keeps_repeated and not self.rolled_back and not self.paused)
    @rule(steps=st.integers(1, 4), stop_at=st.integers(0, MOST_CALLS), newer=st.lists(st.integers(1, 4), max_size=3))
    def overtake(self, steps: int, stop_at: int, newer: list[int]) -> None:
        """A rotation pauses at any call, newer ones run, and the paused one goes on and is delivered again."""
        self.rotate_in_part(steps - 1, None, False)
        self.deliver_and_pause(0, STEPS[steps - 1], stop_at)
        for newer_version in newer:
            self.rotate_in_part(newer_version, None, False)
        while self.paused:
            self.resume(0, None)
        for step in STEPS[steps - 1 :]:
            self.deliver(len(newer), step, None, False)

    @precondition(lambda self: self.paused)
    @rule(which=st.integers(0, 1), calls=st.none() | st.integers(1, 4))
    def resume(self, which: int, calls: int | None) -> None:
        self.paused[which % len(self.paused)][1].resume(calls)
        self._forget_ended()

    @precondition(lambda self: self.paused)
    @rule(which=st.integers(0, 1))
    def kill(self, which: int) -> None:
        self.paused[which % len(self.paused)][1].kill()
        self._forget_ended()

    @precondition(lambda self: not self.paused)
    @rule(removes_pending=st.booleans())
    def roll_back(self, removes_pending: bool) -> None:
        """The operator makes the version before current again, as long as the cache accepts it."""
        it = self.it
        it.cache.settle()
        previous = it.secrets.holder("AWSPREVIOUS")
        if previous is None or not it.login.accepted(it.secrets.values[previous]):
            return
        version = it.current
        it.roll_back()
        if removes_pending and "AWSPENDING" in it.secrets.stages[version]:
            it.secrets.update_secret_version_stage("", "AWSPENDING", None, version)
        self.rolled_back = True

    @precondition(lambda self: not self.paused)
    @rule()
    def keep_the_current_password_alone(self) -> None:
        """The operator, or a change of the template, ends the password before."""
        it = self.it
        it.cache.settle()
        text = it.secrets.current()
        it.before = None
        try:
            if self.kind == "token":
                it.cache.modify_replication_group("cache", text, "SET", True)
            else:
                it.cache.modify_user("app-id", {"Type": "password", "Passwords": [json.loads(text)["password"]]})
        except ApiError:
            pass
        it.cache.settle()

    def _forget_ended(self) -> None:
        self.paused = [(version, step) for version, step in self.paused if not step.ended]

    def teardown(self) -> None:
        for _, step in self.paused:
            step.kill()
        try:
            self.it.observe()
            self.it.rotate()
            self.it.rotate()
        finally:
            self.client.stop()
            self.it.close()
        assert self.client.refusals == []
        assert self.client.logins > 0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(handler, "time", clock)
    return clock


@pytest.mark.servers
@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("kind", ["token", "user"])
class TestOnAServer:
    def test_any_order(self, server: Server, kind: str) -> None:
        class Machine(RotationMachine):
            pass

        Machine.server, Machine.kind = server, kind
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=EXAMPLES, stateful_step_count=20, suppress_health_check=[HealthCheck.too_slow]
            ),
        )

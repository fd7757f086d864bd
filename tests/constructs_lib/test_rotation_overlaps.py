"""Rotation: invocations and rotations that overlap, and an interruption at every API call, while a client logs in."""

from collections.abc import Iterator

import pytest

from constructs_lib.management.rotation_function import handler
from tests import cache_servers
from tests.cache_servers import Certificates, Server
from tests.constructs_lib.rotation_calls import LOOKS, SENDS, STEPS, Killed, Rotations
from tests.constructs_lib.rotation_model import BackgroundClient, Clock

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("clock")]
KINDS = pytest.mark.parametrize("kind", ["token", "user"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    certificates = Certificates(tmp_path_factory.mktemp("certificates"))
    started = cache_servers.start(tmp_path_factory.mktemp("servers"), "master", certificates)
    yield started
    started.stop()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fake = Clock()
    monkeypatch.setattr(handler, "time", fake)
    return fake


@pytest.fixture
def it(server: Server, kind: str) -> Iterator[Rotations]:
    rotations = Rotations(server, kind)
    client = BackgroundClient(server, kind, rotations.secrets)
    client.start()
    yield rotations
    client.stop()
    rotations.close()
    assert client.refusals == []
    assert client.logins > 0


@KINDS
class TestAfterAnUnfinishedRotation:
    def test_the_next_rotation_uses_its_password(self, it: Rotations) -> None:
        it.rotate()
        unfinished = it.begin()
        for step in STEPS[:2]:
            it.run(unfinished, step)
        sent = len(it.cache.calls)
        it.rotate()
        assert it.secrets.current() == it.secrets.values[unfinished]
        assert len(it.cache.calls) == sent
        it.rotate()
        assert it.secrets.current() != it.secrets.values[unfinished]

    def test_a_password_that_was_taken_over_and_rolled_back_does_not_return(self, it: Rotations) -> None:
        unfinished = it.begin()
        for step in STEPS[:2]:
            it.run(unfinished, step)
        it.rotate()
        assert it.secrets.holder("LAST_SENT_TO_CACHE") == it.current
        rolled_back = it.secrets.current()
        it.roll_back()
        it.rotate()
        assert it.secrets.current() != rolled_back

    def test_a_version_whose_value_the_operator_stored(self, it: Rotations) -> None:
        it.rotate()
        unfinished = it.begin()
        for step in STEPS[:2]:
            it.run(unfinished, step)
        version = it.begin()
        text = it.secrets.current().replace("rrrr1", "-of-the-operator")
        it.secrets.put_secret_value("", version, text, ["AWSPENDING"])
        for step in STEPS:
            it.run(version, step)
        assert it.secrets.current() == text
        it.rotate()

    def test_an_unfinished_password_that_the_operator_made_current(self, it: Rotations) -> None:
        unfinished = it.begin()
        for step in STEPS[:2]:
            it.run(unfinished, step)
        it.newest += 1
        text = it.secrets.values[unfinished]
        it.secrets.put_secret_value("", f"v{it.newest}", text, ["AWSCURRENT"])
        it.observe()
        it.rotate()
        it.rotate()


@KINDS
class TestOverlaps:
    def test_createsecret_twice_at_one_time(self, it: Rotations) -> None:
        version = it.begin()
        late = it.pause(version, "createSecret", "put_secret_value")
        it.run(version, "createSecret")
        text = it.secrets.values[version]
        late.resume(None)
        assert late.error is None
        assert it.secrets.values[version] == text
        for step in STEPS[1:]:
            it.run(version, step)

    def test_setsecret_of_an_older_version_before_it_attaches_the_label(self, it: Rotations) -> None:
        version = it.begin()
        it.run(version, "createSecret")
        late = it.pause(version, "setSecret", "update_secret_version_stage")
        it.rotate()
        sent = list(it.cache.calls)
        late.resume(None)
        assert str(late.error) == f"LAST_SENT_TO_CACHE is attached to version {it.current}; give RemoveFromVersionId"
        assert it.cache.calls == sent
        it.rotate()

    def test_setsecret_of_an_older_version_before_it_sends(self, it: Rotations) -> None:
        version = it.begin()
        it.run(version, "createSecret")
        late = it.pause(version, "setSecret", "update_secret_version_stage")
        # The newer version has a password of its own, as the label is not there yet.
        newer = it.begin()
        it.run(newer, "createSecret")
        late.resume(None)
        assert str(late.error) == (
            f"version {version} must carry AWSPENDING, got ['LAST_SENT_TO_CACHE']; start a new rotation with "
            "RotateSecret"
        )
        assert it.cache.calls == []
        for step in STEPS[1:]:
            it.run(newer, step)
        assert it.secrets.holder("LAST_SENT_TO_CACHE") == newer
        it.rotate()

    def test_a_password_that_is_sent_when_the_next_rotation_has_begun(self, it: Rotations) -> None:
        version = it.begin()
        it.run(version, "createSecret")
        late = it.pause(version, "setSecret", SENDS[it.kind])
        newer = it.begin()
        for step in STEPS[:2]:
            it.run(newer, step)
        late.resume(None)
        for step in STEPS[2:]:
            it.run(newer, step)
        assert it.secrets.current() == it.secrets.values[version]
        it.rotate()

    def test_setsecret_twice_at_one_time_sends_nothing_once_the_version_is_current(self, it: Rotations) -> None:
        it.cache.keeps_repeated = True
        version = it.begin()
        it.run(version, "createSecret")
        late = it.pause(version, "setSecret", "update_secret_version_stage")
        for step in STEPS[1:]:
            it.run(version, step)
        late.resume(None)
        assert isinstance(late.error, ValueError)
        assert f"version {version} has been current" in str(late.error)
        assert len(it.cache.calls) == 1
        it.rotate()

    def test_finishsecret_while_the_next_rotation_begins(self, it: Rotations) -> None:
        version = it.begin()
        for step in STEPS[:3]:
            it.run(version, step)
        late = it.pause(version, "finishSecret", LOOKS[it.kind])
        newer = it.begin()
        late.resume(None)
        assert isinstance(late.error, ValueError)
        assert f"version {version} must carry AWSPENDING" in str(late.error)
        assert it.secrets.holder("AWSCURRENT") == "v1"
        for step in STEPS:
            it.run(newer, step)

    def test_finishsecret_of_two_versions_at_one_time(self, it: Rotations) -> None:
        version = it.begin()
        for step in STEPS[:3]:
            it.run(version, step)
        late = it.pause(version, "finishSecret", "update_secret_version_stage")
        newer = it.begin()
        for step in STEPS:
            it.run(newer, step)
        late.resume(None)
        assert str(late.error) == "AWSCURRENT is not attached to version v1"
        assert it.secrets.holder("AWSCURRENT") == newer

    def test_two_versions_with_one_password(self, it: Rotations) -> None:
        version = it.begin()
        for step in STEPS[:3]:
            it.run(version, step)
        late = it.pause(version, "finishSecret", "update_secret_version_stage")
        newer = it.begin()
        it.run(newer, "createSecret")
        late.resume(None)
        assert it.secrets.holder("AWSCURRENT") == version
        it.run(newer, "setSecret")
        it.rotate()


@KINDS
@pytest.mark.parametrize("start", ["first", "rotated", "unfinished", "rolled back"])
@pytest.mark.parametrize("again", [True, False], ids=["the-same-version", "a-new-version"])
def test_killed_before_and_after_every_api_call(server: Server, kind: str, start: str, again: bool) -> None:
    """Before a call and after the one before it are one state, so that one stop at each call covers both."""
    points = 0
    for position, step in enumerate(STEPS):
        for stop_at in range(40):
            it = Rotations(server, kind)
            # A change reaches the cache at its start in one run and at its end in the next.
            it.cache.late = stop_at % 2 == 0
            try:
                version = _started(it, start, position)
                try:
                    gate = it.run(version, step, stop_at)
                    assert len(gate.calls) <= stop_at
                    break
                except Killed:
                    points += 1
                if again:
                    for next_step in STEPS[position:]:
                        it.run(version, next_step)
                    assert it.secrets.holder("AWSCURRENT") == version
                it.rotate()
            finally:
                it.close()
    assert points >= 15


def _started(it: Rotations, start: str, position: int) -> str:
    """A rotation whose next step is the one at this position."""
    if start != "first":
        it.rotate()
    if start == "rolled back":
        it.roll_back()
    if start == "unfinished":
        unfinished = it.begin()
        for step in STEPS[:2]:
            it.run(unfinished, step)
    version = it.begin()
    for step in STEPS[:position]:
        it.run(version, step)
    return version

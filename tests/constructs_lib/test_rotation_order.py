"""Rotation: steps that are early, late or repeated, and tokens that are not in the secret."""

from collections.abc import Iterator

import pytest

from constructs_lib.management.rotation_function import handler
from tests import cache_servers
from tests.cache_servers import Certificates, Server
from tests.constructs_lib.rotation_calls import SENDS, STEPS, Gate, Killed, Rotations, rotation
from tests.constructs_lib.rotation_model import OLD, Clock, ResourceNotFoundException

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("clock")]
RESTART = "start a new rotation with RotateSecret"
REFUSED = "refuses the new password; the current one stays valid"


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
    yield rotations
    rotations.close()


def run_unobserved(it: Rotations, version: str, step: str, stop_at: int | None = None) -> None:
    """The cache refuses the current token before the step, and the step corrects that."""
    rotation(it.secrets, it.cache, it.settings, version, Gate(lambda: None, stop_at)).step(step)


@pytest.mark.parametrize("kind", ["token", "user"])
class TestOrder:
    @pytest.mark.parametrize("step", STEPS)
    def test_a_version_that_lost_awspending_is_refused(self, it: Rotations, step: str) -> None:
        it.rotate()
        it.rotate()
        it.secrets.update_secret_version_stage("", "of-the-operator", "v1")
        for version, labels in (("v1", ["of-the-operator"]), ("v2", ["AWSPREVIOUS"])):
            with pytest.raises(ValueError, match="must carry") as caught:
                it.run(version, step)
            assert str(caught.value) == f"version {version} must carry AWSPENDING, got {labels}; {RESTART}"
        assert it.secrets.holder("AWSCURRENT") == "v3"
        it.rotate()

    @pytest.mark.parametrize("step", STEPS)
    def test_a_version_that_is_current_is_left_alone(self, it: Rotations, step: str) -> None:
        it.rotate()
        assert it.run("v2", step).calls == ["describe_secret"]
        # A newer rotation has taken AWSPENDING from it.
        it.begin()
        assert it.run("v2", step).calls == ["describe_secret"]

    @pytest.mark.parametrize("step", ["setSecret", "testSecret", "finishSecret"])
    def test_before_createsecret(self, it: Rotations, step: str) -> None:
        version = it.begin()
        with pytest.raises(ResourceNotFoundException, match="secret value for staging label AWSPENDING"):
            it.run(version, step)
        assert it.secrets.holder("AWSCURRENT") == "v1"
        for next_step in STEPS:
            it.run(version, next_step)
        assert it.secrets.holder("AWSCURRENT") == version

    @pytest.mark.parametrize("step", ["testSecret", "finishSecret"])
    def test_before_setsecret(self, it: Rotations, server: Server, step: str) -> None:
        version = it.begin()
        it.run(version, "createSecret")
        with pytest.raises(RuntimeError) as caught:
            it.run(version, step)
        assert str(caught.value) == f"{server.host} {REFUSED}"
        assert it.secrets.holder("AWSCURRENT") == "v1"
        for next_step in STEPS:
            it.run(version, next_step)
        assert it.secrets.holder("AWSCURRENT") == version

    def test_finishsecret_logs_in_itself(self, it: Rotations) -> None:
        version = it.begin()
        it.cache.deaf = True
        for step in STEPS[:2]:
            it.run(version, step)
        with pytest.raises(RuntimeError, match=REFUSED):
            it.run(version, "finishSecret")
        it.cache.deaf = False
        for step in ("setSecret", "finishSecret"):
            it.run(version, step)
        assert it.secrets.holder("AWSCURRENT") == version

    @pytest.mark.parametrize("late", [False, True])
    @pytest.mark.parametrize("step", ["setSecret", "finishSecret"])
    def test_a_change_in_progress_ends_first(self, it: Rotations, step: str, late: bool) -> None:
        it.cache.late = late
        version = it.begin()
        it.run(version, "createSecret")
        sending = it.pause(version, "setSecret", SENDS[it.kind])
        sending.resume(1)
        sending.kill()
        assert it.cache.busy > 0
        it.run(version, step)
        assert it.cache.busy == 0
        assert len(it.cache.calls) == 1
        it.run(version, "finishSecret")

    def test_a_step_that_is_repeated_changes_nothing(self, it: Rotations) -> None:
        version = it.begin()
        for step in STEPS[:2]:
            it.run(version, step)
        values = dict(it.secrets.values)
        for step in (*STEPS[:2], "testSecret", "testSecret", "finishSecret", "finishSecret", *STEPS):
            it.run(version, step)
        assert it.secrets.values == values
        assert len(it.cache.calls) == 1

    def test_a_version_that_someone_else_sent(self, it: Rotations) -> None:
        it.rotate()
        version = it.begin()
        it.run(version, "createSecret")
        it.cache.passwords[it.user] = [it.password(it.secrets.values[label]) for label in ("v2", version)]
        it.cache.apply(it.user)
        it.run(version, "finishSecret")
        assert it.secrets.holder("AWSCURRENT") == version
        it.rotate()
        it.rotate()

    def test_after_a_rollback_the_version_does_not_come_back(self, it: Rotations) -> None:
        it.rotate()
        it.roll_back()
        for step in STEPS:
            with pytest.raises(ValueError, match="has been current") as caught:
                it.run("v2", step)
            assert str(caught.value) == (
                "version v2 has been current, got ['AWSPENDING', 'LAST_SENT_TO_CACHE', 'AWSPREVIOUS']; remove "
                f"AWSPENDING from it and {RESTART}"
            )
        it.secrets.update_secret_version_stage("", "AWSPENDING", None, "v2")
        it.rotate()
        it.rotate()


@pytest.mark.parametrize("kind", ["token"])
class TestTheCurrentTokenIsNotTheNewest:
    """After a rollback, or a change by hand: the next token must not remove the current one."""

    @pytest.mark.parametrize("keeps_repeated", [False, True])
    def test_after_a_rollback(self, it: Rotations, keeps_repeated: bool) -> None:
        it.cache.keeps_repeated = keeps_repeated
        it.rotate()
        it.roll_back()
        version = it.begin()
        for step in STEPS[:2]:
            it.run(version, step)
        assert it.cache.passwords["default"] == [OLD, it.secrets.values[version]]
        it.run(version, "finishSecret")
        it.rotate()

    def test_a_rollback_while_a_rotation_is_about_to_send_its_token(self, it: Rotations) -> None:
        it.rotate()
        unfinished = it.begin()
        it.run(unfinished, "createSecret")
        it.pause(unfinished, "setSecret", "modify_replication_group").kill()
        it.roll_back()
        it.rotate()
        it.rotate()

    @pytest.mark.parametrize("keeps_repeated", [False, True])
    def test_a_token_that_the_secret_does_not_know(self, it: Rotations, keeps_repeated: bool) -> None:
        it.cache.keeps_repeated = keeps_repeated
        for stop_at in range(40):
            before = it.secrets.current()
            it.cache.modify_replication_group("cache", f"unknown-{stop_at}", "ROTATE", True)
            it.cache.settle()
            version = it.begin()
            it.run(version, "createSecret")
            # The unknown token temporarily replaces the current one, which setSecret corrects.
            try:
                run_unobserved(it, version, "setSecret", stop_at)
                ended = True
            except Killed:
                ended = False
                run_unobserved(it, version, "setSecret")
            assert set(it.cache.passwords["default"]) == {before, it.secrets.values[version]}
            for step in STEPS[2:]:
                it.run(version, step)
            it.rotate()
            if ended:
                break
        assert stop_at > 20

    def test_a_current_token_that_the_cache_refuses(self, it: Rotations) -> None:
        it.cache.passwords["default"] = ["first", "second"]
        it.cache.apply("default")
        version = it.begin()
        for step in STEPS[:2]:
            run_unobserved(it, version, step)
        assert it.cache.passwords["default"] == [OLD, it.secrets.values[version]]
        for step in STEPS[2:]:
            it.run(version, step)
        it.rotate()


@pytest.mark.parametrize("kind", ["user"])
class TestUser:
    def test_an_unknown_password_makes_room(self, it: Rotations) -> None:
        it.cache.modify_user("app-id", {"Type": "password", "Passwords": [OLD, "unknown"]})
        it.cache.settle()
        it.rotate()
        assert it.cache.passwords[it.user] == [OLD, it.password(it.secrets.current())]

    def test_one_password_in_two_versions_is_sent_once(self, it: Rotations) -> None:
        version = it.begin()
        it.secrets.put_secret_value("", version, it.secrets.current(), ["AWSPENDING"])
        it.cache.passwords[it.user] = ["changed by hand"]
        it.cache.apply(it.user)
        run_unobserved(it, version, "setSecret")
        assert it.cache.passwords[it.user] == [OLD]


@pytest.mark.parametrize("kind", ["token", "user"])
def test_an_answer_that_is_neither_acceptance_nor_refusal(it: Rotations, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as the reply of a server that loads its data, which must not count as a refused password."""
    version = it.begin()
    it.run(version, "createSecret")
    monkeypatch.setattr(handler, "_REFUSALS", ())
    for step in STEPS[1:]:
        with pytest.raises(RuntimeError, match="must answer AUTH with OK or a refusal, got '-WRONGPASS "):
            it.run(version, step)
    assert it.cache.calls == []

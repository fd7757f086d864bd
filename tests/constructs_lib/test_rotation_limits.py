"""Rotation: time limits, exact calls and messages, with clients that record what they are asked."""

import json
import socket
import ssl
from typing import Any
from unittest import mock

import pytest

from constructs_lib.management.rotation_function import handler
from constructs_lib.management.rotation_function.handler import Rotation
from tests.constructs_lib.rotation_model import Clock

STAGES = {"v1": ["AWSCURRENT"], "v2": ["AWSPENDING"]}


class NotFoundError(Exception):
    """The version has no value."""


class ExistsError(Exception):
    """The version has another value."""


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fake = Clock()
    monkeypatch.setattr(handler, "time", fake)
    return fake


def rotation(
    kind: str = "token", *, stages: dict[str, list[str]] = STAGES, settings: dict[str, str] | None = None
) -> Rotation:
    """A rotation to v2, of v1."""
    values = {"AWSCURRENT": "old", "AWSPENDING": "new"}
    if kind == "user":
        values = {label: json.dumps({"username": "app", "password": text}) for label, text in values.items()}
    secrets = mock.Mock()
    secrets.exceptions.ResourceNotFoundException, secrets.exceptions.ResourceExistsException = (
        NotFoundError,
        ExistsError,
    )
    secrets.describe_secret.return_value = {"VersionIdsToStages": stages}
    secrets.get_secret_value.side_effect = lambda **asked: {
        "SecretString": values[asked["VersionStage"]],
        "VersionId": "v1",
    }
    secrets.get_random_password.return_value = {"RandomPassword": "random"}
    elasticache = mock.Mock()
    elasticache.describe_replication_groups.return_value = {"ReplicationGroups": [{"Status": "available"}]}
    elasticache.describe_users.return_value = {"Users": [{"Status": "active"}]}
    given = {"KIND": kind, "CACHE_ID": "shop", "USER_ID": "app", "USER_NAME": "app", "HOST": "cache.example"}
    return Rotation(
        secrets=secrets,
        elasticache=elasticache,
        settings={**given, "PORT": "6379", **(settings or {})},
        arn="arn",
        token="v2",
    )


def answers(it: Rotation, monkeypatch: pytest.MonkeyPatch, *given: bool) -> list[str]:
    """What the cache says to each password; the last answer stays. Returns the passwords that are tried."""
    tried: list[str] = []

    def works(password: str) -> bool:
        tried.append(password)
        return given[min(len(tried), len(given)) - 1]

    monkeypatch.setattr(it, "_works", works)
    return tried


class TestTime:
    def test_the_new_password_may_take_some_polls(self, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        it = rotation()
        tried = answers(it, monkeypatch, False, False, True)
        it.step("testSecret")
        assert tried == ["new"] * 3
        assert clock.now == 10.0

    @pytest.mark.parametrize(("timeout", "attempts"), [({}, 14), ({"TIMEOUT_SECONDS": "20"}, 6)])
    def test_a_refusal_ends_after_a_minute_or_the_functions_time(
        self, timeout: dict[str, str], attempts: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        it = rotation(settings=timeout)
        tried = answers(it, monkeypatch, False)
        with pytest.raises(RuntimeError) as caught:
            it.step("testSecret")
        assert str(caught.value) == "cache.example refuses the new password; the current one stays valid"
        assert len(tried) == attempts

    def test_the_poll_is_a_setting(self, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        it = rotation(settings={"POLL_SECONDS": "0.5"})
        answers(it, monkeypatch, False, True)
        it.step("testSecret")
        assert clock.now == 0.5

    def test_a_change_that_does_not_end(self, clock: Clock) -> None:
        it = rotation()
        it._elasticache.describe_replication_groups.return_value = {"ReplicationGroups": [{"Status": "modifying"}]}
        with pytest.raises(TimeoutError) as caught:
            it._wait()
        assert str(caught.value) == "the change is not complete after 780 s, and its status is modifying"
        assert clock.now == 785.0
        it._elasticache.describe_replication_groups.assert_called_with(ReplicationGroupId="shop")

    def test_a_token_that_is_being_set_is_waited_for(self, clock: Clock) -> None:
        pending = {"Status": "available", "PendingModifiedValues": {"AuthTokenStatus": "ROTATING"}}
        it = rotation()
        it._elasticache.describe_replication_groups.side_effect = [
            {"ReplicationGroups": [group]} for group in (pending, {"Status": "available", "PendingModifiedValues": {}})
        ]
        it._wait()
        assert clock.now == 5.0

    def test_the_state_of_the_user_is_waited_for(self, clock: Clock) -> None:
        it = rotation("user")
        it._elasticache.describe_users.side_effect = [
            {"Users": [{"Status": status}]} for status in ("modifying", "modifying", "active")
        ]
        it._wait()
        assert clock.now == 10.0
        it._elasticache.describe_users.assert_called_with(UserId="app")


class TestCalls:
    @pytest.mark.parametrize(
        ("kind", "text"), [("token", "random"), ("user", '{"username": "app", "password": "random"}')]
    )
    @pytest.mark.parametrize("repeated", [False, True])
    def test_a_new_password_is_stored_once(self, kind: str, text: str, repeated: bool) -> None:
        it = rotation(kind)
        before = it._secrets.get_secret_value.side_effect

        def read(**asked: str) -> Any:
            if asked["VersionStage"] == "AWSPENDING":
                raise NotFoundError
            return before(**asked)

        it._secrets.get_secret_value.side_effect = read
        it._secrets.put_secret_value.side_effect = ExistsError if repeated else None
        it.step("createSecret")
        it._secrets.get_random_password.assert_called_once_with(PasswordLength=64, ExcludePunctuation=True)
        it._secrets.put_secret_value.assert_called_once_with(
            SecretId="arn", ClientRequestToken="v2", SecretString=text, VersionStages=["AWSPENDING"]
        )

    def test_a_password_that_is_stored_stays(self) -> None:
        it = rotation()
        it.step("createSecret")
        it._secrets.put_secret_value.assert_not_called()
        it._secrets.get_secret_value.assert_called_once_with(SecretId="arn", VersionStage="AWSPENDING", VersionId="v2")

    def test_a_token_is_added(self, monkeypatch: pytest.MonkeyPatch) -> None:
        it = rotation()
        # The new one is refused, the current one works, and works afterwards.
        assert answers(it, monkeypatch, False, True, True) == []
        it.step("setSecret")
        it._elasticache.modify_replication_group.assert_called_once_with(
            ReplicationGroupId="shop", AuthToken="new", AuthTokenUpdateStrategy="ROTATE", ApplyImmediately=True
        )
        it._secrets.update_secret_version_stage.assert_called_once_with(
            SecretId="arn", VersionStage="LAST_SENT_TO_CACHE", MoveToVersionId="v2"
        )

    def test_a_user_gets_both_passwords(self, monkeypatch: pytest.MonkeyPatch) -> None:
        it = rotation("user")
        answers(it, monkeypatch, False)
        it.step("setSecret")
        it._elasticache.modify_user.assert_called_once_with(
            UserId="app", AuthenticationMode={"Type": "password", "Passwords": ["old", "new"]}
        )

    def test_nothing_is_sent_where_both_work(self, monkeypatch: pytest.MonkeyPatch) -> None:
        it = rotation()
        assert answers(it, monkeypatch, True) == []
        it.step("setSecret")
        it._elasticache.modify_replication_group.assert_not_called()
        it._secrets.update_secret_version_stage.assert_not_called()

    @pytest.mark.parametrize("works", [True, False])
    def test_the_last_step_logs_in_first(self, works: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        it = rotation()
        answers(it, monkeypatch, works)
        if not works:
            with pytest.raises(RuntimeError, match="refuses the new password"):
                it.step("finishSecret")
            it._secrets.update_secret_version_stage.assert_not_called()
            return
        it.step("finishSecret")
        it._secrets.update_secret_version_stage.assert_called_once_with(
            SecretId="arn", VersionStage="AWSCURRENT", MoveToVersionId="v2", RemoveFromVersionId="v1"
        )


class TestRefusals:
    @pytest.mark.parametrize(
        ("stages", "step", "message"),
        [
            (
                {"v1": ["AWSCURRENT"]},
                "setSecret",
                "version v2 must be one of the secret, got ['v1']; start a new rotation",
            ),
            (
                {"v1": ["AWSCURRENT"], "v2": []},
                "setSecret",
                "version v2 must carry AWSPENDING, got []; start a new rotation with RotateSecret",
            ),
            (
                {"v1": ["AWSCURRENT"], "v2": ["AWSPENDING", "AWSPREVIOUS"]},
                "setSecret",
                "version v2 has been current, got ['AWSPENDING', 'AWSPREVIOUS']; remove AWSPENDING from it and start a "
                "new rotation with RotateSecret",
            ),
            (
                STAGES,
                "dropSecret",
                "step must be one of createSecret, setSecret, testSecret, finishSecret, got dropSecret",
            ),
        ],
    )
    def test_versions_and_steps(self, stages: dict[str, list[str]], step: str, message: str) -> None:
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
            rotation(stages=stages).step(step)
        assert str(caught.value) == message

    def test_a_version_that_is_current_needs_no_step(self) -> None:
        it = rotation(stages={"v2": ["AWSCURRENT", "AWSPENDING"]})
        it.step("setSecret")
        it._elasticache.assert_not_called()
        it._secrets.get_secret_value.assert_not_called()

    @pytest.mark.parametrize("text", ["no JSON", "[]", "{}", '{"password": 3}', '{"password": ""}', "null"])
    def test_a_secret_of_a_user_is_an_object_with_a_password(self, text: str) -> None:
        it = rotation("user")
        it._secrets.get_secret_value.side_effect = lambda **_: {"SecretString": text}
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
            it.step("testSecret")
        assert str(caught.value) == (
            "arn: AWSPENDING must be a JSON object with a text named password; put such a value into it"
        )


class TestLogin:
    @pytest.mark.parametrize(
        ("kind", "answer", "accepted"),
        [
            ("token", b"+OK\r\n", True),
            ("user", b"+OK\r\n", True),
            ("token", b"-WRONGPASS invalid\r\n", False),
            ("user", b"-ERR invalid password\r\n", False),
            ("token", b"-LOADING data\r\n", None),
            ("token", b"", None),
            ("token", b"-LOADING " + b"x" * 300, None),
        ],
    )
    def test_an_answer_to_auth(
        self, kind: str, answer: bytes, accepted: bool | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here, there = socket.socketpair()
        connect, context = mock.Mock(return_value=here), mock.Mock()
        context.wrap_socket.side_effect = lambda plain, server_hostname: plain
        monkeypatch.setattr(socket, "create_connection", connect)
        monkeypatch.setattr(ssl, "create_default_context", lambda cafile: context if cafile is None else None)
        with there:
            there.sendall(answer)
            there.shutdown(socket.SHUT_WR)
            if accepted is None:
                with pytest.raises(RuntimeError) as caught:
                    rotation(kind)._works("word")
                assert str(caught.value) == (
                    f"cache.example must answer AUTH with OK or a refusal, got {answer[:256].decode().strip()!r}; "
                    "start the rotation again"
                )
            else:
                assert rotation(kind)._works("word") is accepted
            user = b"$3\r\napp\r\n" if kind == "user" else b""
            count = b"*3" if kind == "user" else b"*2"
            assert there.recv(999) == count + b"\r\n$4\r\nAUTH\r\n" + user + b"$4\r\nword\r\n"
        assert connect.call_args.args == (("cache.example", 6379),)
        assert context.wrap_socket.call_args.kwargs == {"server_hostname": "cache.example"}

"""Secrets Manager and ElastiCache as the rotation function sees them, with the passwords on a real server."""

import json
import threading
from collections.abc import Mapping
from typing import Any

from connection_test.resp import ReplyError

from tests.cache_servers import Server

# Characters that JSON, the protocol or a shell treat in a special way.
ODD_NAME = "app\"'\\ü"
OLD = "old-\"password'-of\n16\\characters-ü"
OTHER_KEYS: Mapping[str, object] = {
    "username": ODD_NAME,
    "host": 'a "quoted"\n\\ host',
    "port": 6379,
    "tags": {"ü": [None, 1.5, True]},
}
_MODIFYING = "modifying"


class ApiError(Exception):
    """An error of one of the two services."""


class ResourceNotFoundException(ApiError):  # noqa: N818 - the service's own spelling
    pass


class ResourceExistsException(ApiError):  # noqa: N818
    pass


class InvalidParameterException(ApiError):  # noqa: N818
    pass


class InvalidRequestException(ApiError):  # noqa: N818
    pass


class Secrets:
    """One secret with its versions and staging labels."""

    class exceptions:  # noqa: N801 - boto3's own spelling
        ResourceNotFoundException = ResourceNotFoundException
        ResourceExistsException = ResourceExistsException

    def __init__(self, text: str) -> None:
        self.values = {"v1": text}
        self.stages: dict[str, list[str]] = {"v1": ["AWSCURRENT"]}
        self.passwords = 0

    def begin(self, version: str) -> None:
        """Start a rotation: AWSPENDING is on a version without a value."""
        self._attach("AWSPENDING", version)

    def describe_secret(self, SecretId: str) -> dict[str, Any]:
        labelled = {version: list(labels) for version, labels in self.stages.items() if labels}
        return {"ARN": SecretId, "VersionIdsToStages": labelled}

    def get_secret_value(
        self, SecretId: str, VersionStage: str = "AWSCURRENT", VersionId: str | None = None
    ) -> dict[str, str]:
        holder = self.holder(VersionStage)
        if VersionId is not None and holder != VersionId:
            raise InvalidRequestException("You provided a VersionStage that is not associated to the VersionId")
        if holder is None or holder not in self.values:
            raise ResourceNotFoundException(f"can't find the secret value for staging label {VersionStage}")
        return {"SecretString": self.values[holder], "VersionId": holder}

    def get_random_password(self, PasswordLength: int, ExcludePunctuation: bool) -> dict[str, str]:
        assert (PasswordLength, ExcludePunctuation) == (64, True)
        self.passwords += 1
        return {"RandomPassword": f"{self.passwords}".rjust(64, "r")}

    def put_secret_value(
        self, SecretId: str, ClientRequestToken: str, SecretString: str, VersionStages: list[str]
    ) -> None:
        if self.values.get(ClientRequestToken, SecretString) != SecretString:
            raise ResourceExistsException("can't modify an existing version")
        self.values[ClientRequestToken] = SecretString
        for label in VersionStages:
            self._attach(label, ClientRequestToken)

    def update_secret_version_stage(
        self,
        SecretId: str,
        VersionStage: str,
        MoveToVersionId: str | None = None,
        RemoveFromVersionId: str | None = None,
    ) -> None:
        holder = self.holder(VersionStage)
        if RemoveFromVersionId is not None and holder != RemoveFromVersionId:
            raise InvalidParameterException(f"{VersionStage} is not attached to version {RemoveFromVersionId}")
        if RemoveFromVersionId is None and holder not in (None, MoveToVersionId):
            raise InvalidParameterException(f"{VersionStage} is attached to version {holder}; give RemoveFromVersionId")
        if MoveToVersionId is not None and MoveToVersionId not in self.stages:
            raise ResourceNotFoundException(f"can't find version {MoveToVersionId}")
        if MoveToVersionId is None:
            self.stages[str(holder)].remove(VersionStage)
        else:
            self._attach(VersionStage, MoveToVersionId)

    def holder(self, label: str) -> str | None:
        return next((version for version, labels in list(self.stages.items()) if label in labels), None)

    def current(self) -> str:
        return self.get_secret_value("", "AWSCURRENT")["SecretString"]

    def _attach(self, label: str, version: str) -> None:
        before = self.holder(label)
        if before == version:
            return
        # In one assignment, as readers see either the old labels or the new ones.
        stages = {version: [name for name in labels if name != label] for version, labels in self.stages.items()}
        stages[version] = [*stages.get(version, []), label]
        if label == "AWSCURRENT" and before is not None:
            stages = {version: [name for name in labels if name != "AWSPREVIOUS"] for version, labels in stages.items()}
            stages[before].append("AWSPREVIOUS")
        self.stages = stages


class ElastiCache:
    """ModifyUser and ModifyReplicationGroup over a real server.

    A change takes three looks at the status, and reaches the server at its start or at its end. ROTATE keeps the two
    newest tokens; SET keeps one, and takes the newest of two.

    :param keeps_repeated: whether a token that is rotated to twice counts twice. AWS does not document it.
    """

    def __init__(self, server: Server, password: str, *, keeps_repeated: bool = False) -> None:
        self.calls: list[str] = []
        self.passwords = {"default": [password], ODD_NAME: [password]}
        self.keeps_repeated, self.late, self.deaf = keeps_repeated, False, False
        self.busy = 0
        self._in_flight: tuple[str, list[str]] | None = None
        self._admin = server.admin_connection()
        for user in self.passwords:
            self.apply(user)

    def close(self) -> None:
        self._admin.close()

    def modify_user(self, UserId: str, AuthenticationMode: dict[str, Any]) -> None:
        passwords = AuthenticationMode["Passwords"]
        assert UserId == "app-id"
        assert AuthenticationMode == {"Type": "password", "Passwords": passwords}
        if not 1 <= len(passwords) <= 2 or len(set(passwords)) < len(passwords):
            raise InvalidParameterException("one or two different passwords are allowed")
        self._change(ODD_NAME, passwords)

    def modify_replication_group(
        self, ReplicationGroupId: str, AuthToken: str, AuthTokenUpdateStrategy: str, ApplyImmediately: bool
    ) -> None:
        assert (ReplicationGroupId, ApplyImmediately) == ("cache", True)
        tokens = self.passwords["default"]
        if AuthTokenUpdateStrategy == "SET":
            if len(tokens) < 2 or tokens[-1] != AuthToken:
                raise InvalidParameterException("SET takes the last token of two")
            self._change("default", [AuthToken])
            return
        assert AuthTokenUpdateStrategy == "ROTATE"
        kept = tokens if self.keeps_repeated else [token for token in tokens if token != AuthToken]
        self._change("default", [*kept[-1:], AuthToken])

    def describe_users(self, UserId: str) -> dict[str, Any]:
        return {"Users": [{"UserId": UserId, "Status": _MODIFYING if self._look() else "active"}]}

    def describe_replication_groups(self, ReplicationGroupId: str) -> dict[str, Any]:
        group: dict[str, Any] = {"ReplicationGroupId": ReplicationGroupId, "Status": "available"}
        busy = self._look()
        # The status follows the pending value.
        if busy == 1:
            group["PendingModifiedValues"] = {"AuthTokenStatus": "ROTATING"}
        elif busy:
            group["Status"] = _MODIFYING
        return {"ReplicationGroups": [group]}

    def settle(self) -> None:
        """Complete a change that is in progress."""
        while self._look():
            pass

    def apply(self, user: str) -> None:
        passwords = (f">{password}" for password in self.passwords[user])
        self._admin.call("ACL", "SETUSER", user, "reset", "on", *passwords, "+ping", "+auth")

    def _change(self, user: str, passwords: list[str]) -> None:
        if self.busy:
            raise InvalidRequestException("the resource is being modified")
        self.calls.append(user)
        self.busy = 3
        if not self.deaf:
            self._in_flight = (user, passwords)
            if not self.late:
                self._land()

    def _look(self) -> int:
        self.busy = max(0, self.busy - 1)
        if not self.busy:
            self._land()
        return self.busy

    def _land(self) -> None:
        if self._in_flight is not None:
            user, self.passwords[user] = self._in_flight
            self._in_flight = None
            self.apply(user)


class Login:
    """Authenticates repeatedly on one connection."""

    def __init__(self, server: Server, kind: str) -> None:
        self._connection, self._kind = server.admin_connection(), kind

    def accepted(self, text: str) -> bool:
        """Whether the cache accepts the password of a secret's text."""
        words = [text] if self._kind == "token" else [ODD_NAME, json.loads(text)["password"]]
        try:
            self._connection.call("AUTH", *words)
        except ReplyError as reply:
            if reply.kind != "WRONGPASS":
                raise
            return False
        return True

    def close(self) -> None:
        self._connection.close()


class Clock:
    """Replaces the module time, so that sleeping takes no time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class BackgroundClient(threading.Thread):
    """Reads the secret and authenticates continuously, and records current values that the cache refuses."""

    def __init__(self, server: Server, kind: str, secrets: Secrets) -> None:
        super().__init__(daemon=True)
        self.logins, self.refusals = 0, list[str]()
        self._login, self._secrets, self._ended = Login(server, kind), secrets, threading.Event()

    def run(self) -> None:
        while True:
            read = self._secrets.holder("AWSCURRENT")
            accepted = self._login.accepted(self._secrets.values[str(read)])
            self.logins += 1
            # A value that was replaced since it was read does not count.
            if not accepted and self._secrets.holder("AWSCURRENT") == read:
                self.refusals.append(f"{read} with {self._secrets.stages}")
            if self._ended.wait(0.005):
                return

    def stop(self) -> None:
        self._ended.set()
        self.join(60)
        self._login.close()


def settings_of(server: Server, kind: str) -> dict[str, str]:
    return {
        "KIND": kind,
        "CACHE_ID": "cache",
        "USER_ID": "app-id",
        "USER_NAME": ODD_NAME,
        "HOST": server.host,
        "ADDRESS": "127.0.0.1",
        "PORT": str(server.port),
        "CA_FILE": str(server.certificates.ca_file),
    }

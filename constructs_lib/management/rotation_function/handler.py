"""Rotates an AUTH token, or the password of a user, so that at every moment the old or the new one works.

Secrets Manager calls it four times. The service keeps two tokens, and two passwords of a user: the new one is added
beside the current one, tried on the cache itself, and only then becomes the secret's value. The one before the current
one stops working, and the current one goes on working until the next rotation.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

import contextlib
import json
import logging
import os
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

import boto3

_LOG = logging.getLogger()
_LOG.setLevel(logging.INFO)
_LENGTH = 64
_CURRENT, _PENDING = "AWSCURRENT", "AWSPENDING"


def handler(event: dict[str, Any], context: object) -> None:
    """One of the four steps.

    :raises ValueError: when the rotation is not one of this secret.
    """
    Rotation(
        secrets=boto3.client("secretsmanager"),
        elasticache=boto3.client("elasticache"),
        settings=os.environ,
        arn=event["SecretId"],
        token=event["ClientRequestToken"],
    ).step(event["Step"])


class Rotation:
    """One rotation of one secret.

    :param settings: KIND (token or user), CACHE_ID or USER_ID, HOST, PORT, and for a user USER_NAME.
    """

    def __init__(self, *, secrets: Any, elasticache: Any, settings: Any, arn: str, token: str) -> None:
        self._secrets, self._elasticache, self._settings = secrets, elasticache, settings
        self._arn, self._token = arn, token
        self._poll = float(settings.get("POLL_SECONDS", "5"))
        self._patience = float(settings.get("PATIENCE_SECONDS", "780"))

    def step(self, name: str) -> None:
        """Run a step; a version that is already current needs none.

        :raises ValueError: for an unknown step, or a version that does not carry AWSPENDING, such as that of a late
            delivery.
        """
        stages = self._secrets.describe_secret(SecretId=self._arn)["VersionIdsToStages"]
        if self._token not in stages:
            raise ValueError(f"version {self._token} must be one of the secret, got {sorted(stages)}; rotate it anew")
        if _CURRENT in stages[self._token]:
            _LOG.info("version %s is current already", self._token)
            return
        if _PENDING not in stages[self._token]:
            raise ValueError(
                f"version {self._token} must carry {_PENDING}, got {stages[self._token]}; start a new rotation with "
                "RotateSecret"
            )
        steps: dict[str, Callable[[], None]] = {
            "createSecret": self.create,
            "setSecret": self.set,
            "testSecret": self.test,
            "finishSecret": self.finish,
        }
        if name not in steps:
            raise ValueError(f"step must be one of {', '.join(steps)}, got {name}")
        steps[name]()

    def create(self) -> None:
        """Store the new password as pending, once."""
        with contextlib.suppress(self._secrets.exceptions.ResourceNotFoundException):
            self._value(_PENDING)
            return
        random = self._secrets.get_random_password(PasswordLength=_LENGTH, ExcludePunctuation=True)["RandomPassword"]
        self._password(_CURRENT)
        current = self._value(_CURRENT)
        text = random if self._is_token else json.dumps({**json.loads(current), "password": random})
        self._secrets.put_secret_value(
            SecretId=self._arn, ClientRequestToken=self._token, SecretString=text, VersionStages=[_PENDING]
        )

    def set(self) -> None:
        """Let the cache take the new one beside the current one."""
        pending, current = self._password(_PENDING), self._password(_CURRENT)
        if self._works(pending):
            _LOG.info("the new one is taken already")
            return
        if self._is_token:
            self._wait()
            self._elasticache.modify_replication_group(
                ReplicationGroupId=self._settings["CACHE_ID"],
                AuthToken=pending,
                AuthTokenUpdateStrategy="ROTATE",
                ApplyImmediately=True,
            )
        else:
            self._wait()
            self._elasticache.modify_user(
                UserId=self._settings["USER_ID"],
                AuthenticationMode={"Type": "password", "Passwords": [current, pending]},
            )
        self._wait()

    def test(self) -> None:
        """Log in with the new one, on the cache itself.

        :raises RuntimeError: when it is not taken; the secret then keeps its value.
        """
        until = time.monotonic() + min(60.0, self._patience)
        while not self._works(self._password(_PENDING)):
            if time.monotonic() > until:
                raise RuntimeError(
                    f"{self._settings['HOST']} must take the new password, and refuses it; the current one is kept"
                )
            time.sleep(self._poll)

    def finish(self) -> None:
        """Make the new one the secret's value, if the cache takes it.

        :raises RuntimeError: when it does not; the secret then keeps its value.
        """
        if not self._works(self._password(_PENDING)):
            raise RuntimeError(
                f"{self._settings['HOST']} must take the new password, and refuses it; the current one is kept"
            )
        # As they are now: Secrets Manager refuses to move the label from a version that has lost it since.
        stages = self._secrets.describe_secret(SecretId=self._arn)["VersionIdsToStages"]
        before = next(version for version, names in stages.items() if _CURRENT in names)
        self._secrets.update_secret_version_stage(
            SecretId=self._arn, VersionStage=_CURRENT, MoveToVersionId=self._token, RemoveFromVersionId=before
        )

    @property
    def _is_token(self) -> bool:
        return bool(self._settings["KIND"] == "token")

    def _value(self, stage: str) -> str:
        version = {"VersionId": self._token} if stage == _PENDING else {}
        return str(self._secrets.get_secret_value(SecretId=self._arn, VersionStage=stage, **version)["SecretString"])

    def _password(self, stage: str) -> str:
        text = self._value(stage)
        if self._is_token:
            return text
        try:
            password = json.loads(text)["password"]
        except (ValueError, TypeError, KeyError):
            password = None
        if not isinstance(password, str) or not password:
            # The value itself is not logged.
            raise ValueError(
                f"{self._arn}: {stage} must be a JSON object with a text named password; put such a value into it"
            )
        return password

    def _wait(self) -> None:
        """Until the service has made a change.

        :raises TimeoutError: when it takes longer than the function has.
        """
        until = time.monotonic() + self._patience
        while (status := self._status()) not in ("available", "active"):
            if time.monotonic() > until:
                raise TimeoutError(f"the change must be made within {self._patience:g} s, and its status is {status}")
            time.sleep(self._poll)

    def _status(self) -> str:
        if self._is_token:
            groups = self._elasticache.describe_replication_groups(ReplicationGroupId=self._settings["CACHE_ID"])
            group = groups["ReplicationGroups"][0]
            pending = group.get("PendingModifiedValues", {}).get("AuthTokenStatus")
            return "modifying" if pending else str(group["Status"])
        return str(self._elasticache.describe_users(UserId=self._settings["USER_ID"])["Users"][0]["Status"])

    def _works(self, password: str) -> bool:
        """Whether the cache takes a password: AUTH over TLS, answered with OK."""
        user = [] if self._is_token else [self._settings["USER_NAME"]]
        words = [each.encode() for each in ("AUTH", *user, password)]
        request = b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
        host, port = self._settings["HOST"], int(self._settings["PORT"])
        context = ssl.create_default_context(cafile=self._settings.get("CA_FILE"))
        address = (self._settings.get("ADDRESS", host), port)
        with (
            socket.create_connection(address, timeout=5) as plain,
            context.wrap_socket(plain, server_hostname=host) as tls,
        ):
            tls.sendall(request)
            return tls.recv(64).startswith(b"+OK")

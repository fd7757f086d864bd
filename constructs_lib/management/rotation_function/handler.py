"""Rotates an AUTH token, or the password of a user, so that the cache accepts the AWSCURRENT value at every moment.

Secrets Manager calls the function once for each of four steps. It may repeat or delay a call, and it may start a new
rotation after one that did not finish. ElastiCache accepts two passwords at most. The function adds the new password
beside the current one, logs in with it, and only then makes it the secret's value.

The rotation of a token that did not finish is the difficult case. The cache then accepts the current token and the
unfinished one, ROTATE with a third token would remove the current one, SET takes only the newest token, and no API
tells which tokens the cache accepts. RotateSecret has also moved AWSPENDING away, so none of the AWS labels finds the
unfinished token. The function therefore keeps a staging label of its own, LAST_SENT_TO_CACHE, on the version whose
password it sent to the cache last. The label is attached before the password is sent. A new rotation takes over the
password of a labelled version that has not become current, so that rotations that overlap send the same password. The
label needs no further permission, and uses one of the 20 labels that a secret may have.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
"""

import contextlib
import json
import logging
import os
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3

_LOG = logging.getLogger()
_LOG.setLevel(logging.INFO)
_LENGTH = 64
_CURRENT, _PENDING, _PREVIOUS, _LAST_SENT = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS", "LAST_SENT_TO_CACHE"
# Redis OSS before 6.0 returns the second one.
_REFUSALS = (b"-WRONGPASS", b"-ERR invalid password")
_Stages = Mapping[str, list[str]]


def handler(event: dict[str, Any], context: object) -> None:
    """Run one of the four steps.

    :raises ValueError: when the step, the version or the secret's value does not allow it.
    :raises RuntimeError: when the cache refuses the new password.
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
    :param token: the id of the version that the secret is rotated to.
    """

    def __init__(self, *, secrets: Any, elasticache: Any, settings: Any, arn: str, token: str) -> None:
        self._secrets, self._elasticache, self._settings = secrets, elasticache, settings
        self._arn, self._token = arn, token
        self._poll = float(settings.get("POLL_SECONDS", "5"))
        self._timeout = float(settings.get("TIMEOUT_SECONDS", "780"))
        self._until = time.monotonic() + self._timeout

    def step(self, name: str) -> None:
        """Run a step. A version that is already current needs none.

        :raises ValueError: for an unknown step, a version without AWSPENDING, such as that of a late delivery, or a
            version that has been current before.
        """
        stages = self._stages()
        if self._token not in stages:
            raise ValueError(
                f"version {self._token} must be one of the secret, got {sorted(stages)}; start a new rotation"
            )
        if _CURRENT in stages[self._token]:
            _LOG.info("version %s is current already", self._token)
            return
        self._check(stages)
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
        self._password(_CURRENT)
        current = self._value(_CURRENT)
        new = self._unfinished()
        if new is None:
            answer = self._secrets.get_random_password(PasswordLength=_LENGTH, ExcludePunctuation=True)
            new = str(answer["RandomPassword"])
        text = new if self._is_token else json.dumps({**json.loads(current), "password": new})
        # A second delivery of this step may have stored its value in the meantime, which stays.
        with contextlib.suppress(self._secrets.exceptions.ResourceExistsException):
            self._secrets.put_secret_value(
                SecretId=self._arn, ClientRequestToken=self._token, SecretString=text, VersionStages=[_PENDING]
            )

    def set(self) -> None:
        """Let the cache accept the new password beside the current one."""
        pending, current = self._password(_PENDING), self._password(_CURRENT)
        self._wait()
        if self._works(pending) and self._works(current):
            _LOG.info("the cache accepts both passwords already")
            return
        if self._is_token and (self._last_sent() not in (None, current, pending) or not self._works(current)):
            # After the operator made AWSPREVIOUS current again, for example.
            self._renew()
        self._move(_LAST_SENT, self._token)
        self._send(current, pending)
        if self._is_token and not self._works(current):
            # The newest token was one that no version of the secret has; ROTATE kept that one.
            self._renew()

    def test(self) -> None:
        """Log in with the new password, on the cache itself.

        :raises RuntimeError: when the cache refuses it; the secret then keeps its value.
        """
        pending = self._password(_PENDING)
        until = min(self._until, time.monotonic() + 60.0)
        while not self._works(pending):
            if time.monotonic() > until:
                self._refuse()
            time.sleep(self._poll)

    def finish(self) -> None:
        """Make the new password the secret's value, if the cache accepts it.

        :raises RuntimeError: when the cache refuses it; the secret then keeps its value.
        """
        pending = self._password(_PENDING)
        # Until then some nodes may refuse it.
        self._wait()
        if not self._works(pending):
            self._refuse()
        if self._last_sent() == pending:
            # The label may be on the version that the password was taken over from, which has no other label.
            self._move(_LAST_SENT, self._token)
        self._move(_CURRENT, self._token)

    def _stages(self) -> _Stages:
        return dict(self._secrets.describe_secret(SecretId=self._arn)["VersionIdsToStages"])

    def _check(self, stages: _Stages) -> None:
        """Refuse a version that lost AWSPENDING to a newer one, or has been current."""
        own = stages.get(self._token, [])
        if _PENDING not in own:
            raise ValueError(
                f"version {self._token} must carry {_PENDING}, got {own}; start a new rotation with RotateSecret"
            )
        if _CURRENT in own or _PREVIOUS in own:
            raise ValueError(
                f"version {self._token} has been current, got {own}; remove {_PENDING} from it and start a new "
                "rotation with RotateSecret"
            )

    def _move(self, label: str, to: str) -> None:
        """Move a label while the version is pending.

        Secrets Manager refuses that when another call has moved the label since the labels were read.
        """
        stages = self._stages()
        self._check(stages)
        holder = _holder(stages, label)
        if holder != to:
            before = {} if holder is None else {"RemoveFromVersionId": holder}
            self._secrets.update_secret_version_stage(
                SecretId=self._arn, VersionStage=label, MoveToVersionId=to, **before
            )

    def _last_sent(self) -> str | None:
        holder = _holder(self._stages(), _LAST_SENT)
        return None if holder is None else self._password(_LAST_SENT)

    def _unfinished(self) -> str | None:
        """The password of a rotation that did not finish, which the cache may accept already."""
        stages = self._stages()
        holder = _holder(stages, _LAST_SENT)
        if holder is None or _CURRENT in stages[holder] or _PREVIOUS in stages[holder]:
            return None
        last = self._password(_LAST_SENT)
        return None if last == self._password(_CURRENT) else last

    def _renew(self) -> None:
        """Make the current token the newest one, so that ROTATE keeps it.

        If a step ends before that is done, its repetition must come here again. It does while the label is on another
        version, or the cache refuses the current token. In the second case the cache may accept the pending one, which
        then must not keep the label.
        """
        answer = self._secrets.get_secret_value(SecretId=self._arn, VersionStage=_CURRENT)
        if not self._works(answer["SecretString"]):
            self._move(_LAST_SENT, answer["VersionId"])
        self._send(answer["SecretString"])

    def _send(self, *passwords: str) -> None:
        """Give a user these passwords, or add the last of them as a token, and wait until the cache has them."""
        # A rotation that starts after this check finds the label, and takes the password over.
        self._check(self._stages())
        if self._is_token:
            self._elasticache.modify_replication_group(
                ReplicationGroupId=self._settings["CACHE_ID"],
                AuthToken=passwords[-1],
                AuthTokenUpdateStrategy="ROTATE",
                ApplyImmediately=True,
            )
        else:
            self._elasticache.modify_user(
                UserId=self._settings["USER_ID"],
                AuthenticationMode={"Type": "password", "Passwords": list(dict.fromkeys(passwords))},
            )
        self._wait()

    def _refuse(self) -> None:
        raise RuntimeError(f"{self._settings['HOST']} refuses the new password; the current one stays valid")

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
        """Wait until the service has made a change.

        :raises TimeoutError: when the change takes longer than the function may run.
        """
        while (status := self._status()) not in ("available", "active"):
            if time.monotonic() > self._until:
                raise TimeoutError(f"the change is not complete after {self._timeout:g} s, and its status is {status}")
            time.sleep(self._poll)

    def _status(self) -> str:
        if self._is_token:
            groups = self._elasticache.describe_replication_groups(ReplicationGroupId=self._settings["CACHE_ID"])
            group = groups["ReplicationGroups"][0]
            pending = group.get("PendingModifiedValues", {}).get("AuthTokenStatus")
            return "modifying" if pending else str(group["Status"])
        return str(self._elasticache.describe_users(UserId=self._settings["USER_ID"])["Users"][0]["Status"])

    def _works(self, password: str) -> bool:
        """Whether the cache accepts a password: AUTH over TLS.

        :raises RuntimeError: for an answer that is neither, such as that of a server that loads its data.
        """
        user = [] if self._is_token else [self._settings["USER_NAME"]]
        words = [word.encode() for word in ("AUTH", *user, password)]
        request = b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
        host, port = self._settings["HOST"], int(self._settings["PORT"])
        context = ssl.create_default_context(cafile=self._settings.get("CA_FILE"))
        address = (self._settings.get("ADDRESS", host), port)
        with (
            socket.create_connection(address, timeout=5) as plain,
            context.wrap_socket(plain, server_hostname=host) as tls,
            tls.makefile("rb") as answers,
        ):
            tls.sendall(request)
            answer = answers.readline(256)
        if not answer.startswith((b"+OK", *_REFUSALS)):
            text = answer.decode(errors="replace").strip()
            raise RuntimeError(f"{host} must answer AUTH with OK or a refusal, got {text!r}; start the rotation again")
        return answer.startswith(b"+OK")


def _holder(stages: _Stages, label: str) -> str | None:
    return next((version for version, labels in stages.items() if label in labels), None)

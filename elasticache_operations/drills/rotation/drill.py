"""Rotates a password twice, and logs in with each version meanwhile."""

import uuid
from dataclasses import dataclass, field
from typing import Final, Protocol

from elasticache_operations.context import Context, Outcome
from elasticache_operations.drills.clock import Clock
from elasticache_operations.drills.record import Record, Result
from elasticache_operations.drills.rotation.login import CURRENT, VersionAbsentError
from elasticache_operations.drills.rotation.secret import ROTATE, Secret
from elasticache_operations.errors import AwsError, InputError

_POLL: Final = 1.0


class Logins(Protocol):
    """Logs in with a version of the secret."""

    def accepted(self, version: str) -> bool:
        """Whether the cache accepts the password of a version."""


class _FailedError(Exception):
    """The drill has shown a fault."""


@dataclass(slots=True)
class Drill:
    """Two rotations of one secret.

    :param secret: its ARN or name.
    :param timeout: seconds for each rotation.
    """

    context: Context
    record: Record
    secret: str
    logins: Logins
    timeout: float
    clock: Clock = field(default_factory=Clock)
    _count: int = field(default=0, init=False)
    _refused: int = field(default=0, init=False)

    def run(self, original: str) -> Outcome:
        """Rotate twice, and log in with each version.

        :param original: the current version.
        :raises CommandError: when a login cannot be tried.
        :raises AwsError: when a call fails.
        """
        try:
            self._require(original, "the current password")
            first = self._rotate(1, original)
            second = self._rotate(2, first)
            self._refuses(original, second)
            self._require(CURRENT, "the current password")
        except _FailedError as failure:
            self._add_figures()
            return self.record.end(Result.FAILED, str(failure))
        except BaseException:
            self._add_figures()
            raise
        self._add_figures()
        self.record.under_way = ""
        if self._refused:
            were = "was" if self._refused == 1 else "were"
            return self.record.end(
                Result.FAILED,
                f"{self._refused} of {self._count} logins with the current password {were} refused; look at the log "
                "of the rotation function",
            )
        return self.record.end(
            Result.PASSED,
            f"{self._count} logins with the current password, none was refused; applications that keep a password must "
            "read the secret again",
        )

    def _refuses(self, original: str, current: str) -> None:
        """Log in with the password from before both rotations, which the cache must refuse."""
        try:
            refused = not self.logins.accepted(original)
        except VersionAbsentError as problem:
            raise _FailedError(f"both rotations are complete, and the last check is missing: {problem}") from None
        self.record.figure("oldest_password_refused", "the password before both rotations is refused", refused)
        if not refused:
            raise _FailedError(
                "the cache still accepts the password from before both rotations, and must accept the newest two "
                f"alone; look at the log of the rotation function; the secret is at version {current}"
            )
        self.record.step(f"the cache refuses the password from before both rotations, that of version {original}")

    def _rotate(self, number: int, previous: str) -> str:
        """Rotate once, and log in with the new and the previous version; returns the new version."""
        new = self._start(number)
        began = self.clock.monotonic()
        for passed in self.clock.until(self.timeout, _POLL):
            self._count += 1
            self._refused += not self.logins.accepted(CURRENT)
            if Secret.read(self.context.aws, self.secret).current == new:
                break
            if passed >= self.timeout:
                raise _FailedError(
                    f"rotation {number} to version {new} is not complete after {self.timeout:.0f} s; look at the log "
                    "of the rotation function, and at docs/runbooks/rotation.md"
                )
        seconds = round(self.clock.monotonic() - began, 1)
        self.record.figure(f"rotation_{number}_s", f"rotation {number}", seconds, "s")
        self.record.step(f"rotation {number} is complete; version {new} is current")
        self.record.under_way = (
            f"rotation {number} is complete, and the cache accepts the current and the previous password; applications "
            "that keep an older one must read the secret again"
        )
        self._require(new, "the new password")
        self._require(previous, "the previous password")
        return new

    def _start(self, number: int) -> str:
        new, before = str(uuid.uuid4()), self.record.under_way
        self.record.under_way = (
            f"rotation {number} to version {new} was started, and Secrets Manager completes it without this command; "
            "if it does not, see docs/runbooks/rotation.md"
        )
        try:
            self.context.aws.call_once("secretsmanager", ROTATE.operation, SecretId=self.secret, ClientRequestToken=new)
        except (AwsError, InputError) as problem:
            if not getattr(problem, "lost", False):
                self.record.under_way = before
            raise
        self.record.step(f"RotateSecret was called; version {new} is pending")
        return new

    def _require(self, version: str, what: str) -> None:
        """Log in with a version that the cache must accept."""
        if not self.logins.accepted(version):
            changed = f"; {self.record.under_way}" if self.record.under_way else "; nothing was changed"
            raise _FailedError(f"the cache refuses {what}, that of version {version}{changed}")
        self.record.step(f"the cache accepts {what}, that of version {version}")

    def _add_figures(self) -> None:
        self.record.figure("logins", "logins with the current password", self._count)
        self.record.figure("refused_logins", "of these, refused", self._refused)

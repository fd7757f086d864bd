"""The secret whose password is rotated: its versions and labels. Its values are never read here."""

from dataclasses import dataclass
from typing import Any, Final

from elasticache_operations.aws import Aws, Call

_ARN: Final = "arn:aws:secretsmanager:*:*:secret:{secret}"
DESCRIBE: Final = Call("secretsmanager", "DescribeSecret", resource=_ARN)
ROTATE: Final = Call("secretsmanager", "RotateSecret", "--run", _ARN)
# Secrets Manager requires it of the caller of RotateSecret.
INVOKE: Final = Call("lambda", "InvokeFunction", "--run, by Secrets Manager, of the rotation function")


@dataclass(frozen=True, slots=True)
class Secret:
    """The state of a secret.

    :param current: the version with AWSCURRENT; empty without one.
    :param pending: the version with AWSPENDING; empty without one.
    :param function: the ARN of the rotation function; empty without one.
    """

    current: str
    pending: str
    function: str
    enabled: bool
    deleted: bool

    @classmethod
    def read(cls, aws: Aws, id: str) -> "Secret":
        """Read the state.

        :raises InputError: when the secret does not exist.
        """
        answer = aws.call("secretsmanager", DESCRIBE.operation, SecretId=id)
        return cls(
            current=_holder(answer, "AWSCURRENT"),
            pending=_holder(answer, "AWSPENDING"),
            function=str(answer.get("RotationLambdaARN") or ""),
            enabled=bool(answer.get("RotationEnabled")),
            deleted=answer.get("DeletedDate") is not None,
        )

    @property
    def rotates(self) -> bool:
        """Whether a rotation is under way, or did not complete."""
        return self.pending not in ("", self.current)


def _holder(answer: dict[str, Any], label: str) -> str:
    versions = answer.get("VersionIdsToStages") or {}
    return next((str(version) for version, labels in versions.items() if label in labels), "")

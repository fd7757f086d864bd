"""Shell scripts on an EC2 instance, run as root by SSM Run Command."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from elasticache_operations.aws import Aws, Call
from elasticache_operations.drills.clock import Clock
from elasticache_operations.errors import AwsError, CommandError

_DOCUMENT: Final = "AWS-RunShellScript"
OUTPUT_LIMIT: Final = 24_000
"""Characters of standard output that GetCommandInvocation returns, from the beginning."""
_POLL: Final = 0.5
_DELIVERY: Final = 60
"""Seconds in which the instance must receive the command."""
_UNDER_WAY: Final = ("Pending", "InProgress", "Delayed")
_ABSENT: Final = "InvocationDoesNotExist"
"""The error code until an invocation exists, some time after its command."""


def calls(when: str) -> Sequence[Call]:
    """The calls for a policy.

    :param when: the option with which they are made.
    """
    return (
        Call("ssm", "SendCommand", when, "arn:aws:ec2:*:*:instance/{instance}"),
        Call("ssm", "SendCommand", when, f"arn:aws:ssm:*::document/{_DOCUMENT}"),
        Call("ssm", "GetCommandInvocation", when),
    )


@dataclass(frozen=True, slots=True)
class Done:
    """The end of a script.

    :param status: its exit status.
    :param out: at most the first 24,000 characters of standard output.
    :param error: the end of standard error, in one line.
    """

    status: int
    out: str
    error: str


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance that SSM manages.

    :param id: such as `i-0123456789abcdef0`.
    """

    aws: Aws
    id: str
    clock: Clock = field(default_factory=Clock)

    @property
    def place(self) -> str:
        """Where the scripts run, for messages."""
        return self.id

    def run(self, script: str, seconds: int = 60) -> Done:
        """Run a script, and wait for its end.

        :param seconds: after which the script is ended, at least 1.
        :raises AwsError: when SSM does not accept the command, or the instance does not receive it.
        :raises CommandError: when the script does not end in time.
        """
        command = self.aws.call(
            "ssm",
            "SendCommand",
            InstanceIds=[self.id],
            DocumentName=_DOCUMENT,
            TimeoutSeconds=_DELIVERY,
            Parameters={"commands": [script], "executionTimeout": [str(seconds)]},
        )["Command"]["CommandId"]
        for _ in self.clock.until(_DELIVERY + seconds + 10, _POLL):
            done = self._result(command)
            if done is not None:
                return done
        raise CommandError(
            f"SSM reports no end of command {command} on {self.id}; look at its SSM agent: "
            f"aws ssm list-command-invocations --command-id {command} --details"
        )

    def _result(self, command: str) -> Done | None:
        try:
            answer = self.aws.call("ssm", "GetCommandInvocation", CommandId=command, InstanceId=self.id)
        except AwsError as problem:
            if problem.code == _ABSENT:
                return None
            raise
        state = str(answer["Status"])
        if state in _UNDER_WAY:
            return None
        status = int(answer.get("ResponseCode", -1))
        if state not in ("Success", "Failed") or status < 0:
            detail = answer.get("StatusDetails") or state
            raise CommandError(
                f"the command on {self.id} ended with {detail}; check that the instance runs, that its SSM agent "
                "reaches SSM, and that its role has the policy AmazonSSMManagedInstanceCore"
            )
        lines = str(answer.get("StandardErrorContent") or "").strip()
        return Done(status, str(answer.get("StandardOutputContent") or ""), " ".join(lines[-600:].split()))

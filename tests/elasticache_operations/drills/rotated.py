"""An account with a secret that rotates, and a client whose logins a test decides."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.elasticache_operations.drills.watching_client import INSTANCE
from tests.elasticache_operations.recorded import Answer, Recorded, refusal
from tests.elasticache_operations.status import account

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-AbCdEf"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:rotation"
FIRST = "1" * 32
ACCEPTED = {"stage": "auth", "status": "PASS", "detail": "app with a password"}
REFUSED = {"stage": "auth", "status": "FAIL", "code": "wrong-credentials", "cause": "refused", "action": "check"}


@dataclass(slots=True)
class Rotated:
    """The account.

    :param kept: how many of the newest passwords the cache accepts.
    :param deleted: a version that Secrets Manager has deleted after two rotations.
    :param reads: how often the state is read until a rotation is complete; None: never.
    :param refused: the number of the login with AWSCURRENT that is refused.
    :param failures: the answer of each RotateSecret; None when it is accepted.
    """

    kept: int = 2
    deleted: str = ""
    reads: int | None = 2
    refused: int | None = None
    failures: list[Exception | None] = field(default_factory=list)
    described: dict[str, Any] = field(default_factory=dict)
    group: dict[str, Any] = field(default_factory=dict)
    report: Any = None
    status: int = 0
    error: str = "AccessDeniedException\nfor the role"
    more: dict[tuple[str, str], Answer] = field(default_factory=dict)
    versions: list[str] = field(default_factory=lambda: [FIRST])
    pending: str = ""
    logins: list[str] = field(default_factory=list)
    _left: int = 0
    _output: str = ""

    def recorded(self) -> Recorded:
        """The answers."""
        return Recorded(
            {
                **account.inventory({**account.group(), **self.group}),
                ("secretsmanager", "DescribeSecret"): self.describe,
                ("secretsmanager", "RotateSecret"): self._rotate,
                ("ssm", "SendCommand"): self._send,
                ("ssm", "GetCommandInvocation"): self._invocation,
                **self.more,
            }
        )

    def describe(self, params: Mapping[str, Any]) -> Any:
        """The answer of DescribeSecret."""
        if params["SecretId"] != ARN:
            return refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        if self.pending and self.reads is not None:
            self._left -= 1
            if self._left <= 0:
                self.versions.append(self.pending)
                self.pending = ""
        stages = {self.versions[-1]: ["AWSCURRENT", "AWSPENDING"]}
        if self.pending:
            stages = {self.versions[-1]: ["AWSCURRENT"], self.pending: ["AWSPENDING"]}
        return {
            "VersionIdsToStages": stages,
            "RotationEnabled": True,
            "RotationLambdaARN": FUNCTION,
            **self.described,
        }

    def _rotate(self, params: Mapping[str, Any]) -> Any:
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            return failure
        self.pending, self._left = params["ClientRequestToken"], self.reads or 0
        return {"ARN": ARN, "VersionId": self.pending}

    def _send(self, params: Mapping[str, Any]) -> Any:
        assert params["InstanceIds"] == [INSTANCE]
        found = re.search(r"--version-(?:id|stage) (\S+)", params["Parameters"]["commands"][0])
        assert found
        version = found[1]
        self.logins.append(version)
        if version == self.deleted and len(self.versions) > 2:
            self.status, self.error = 40, "An error occurred (ResourceNotFoundException) when calling GetSecretValue"
        count = self.logins.count("AWSCURRENT")
        accepted = count != self.refused if version == "AWSCURRENT" else version in self.versions[::-1][: self.kept]
        report = {"stages": [ACCEPTED if accepted else REFUSED]} if self.report is None else self.report
        self._output = report if isinstance(report, str) else json.dumps(report)
        return {"Command": {"CommandId": "1" * 36}}

    def _invocation(self, params: Mapping[str, Any]) -> Any:
        state = "Failed" if self.status else "Success"
        return {
            "Status": state,
            "ResponseCode": self.status,
            "StandardOutputContent": self._output,
            "StandardErrorContent": self.error if self.status else "",
        }

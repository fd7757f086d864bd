"""Secrets Manager, the rotation function and a client over a real server, as the drill of a rotation uses them.

The rotation function is the one of `CredentialRotation`; Secrets Manager and the ElastiCache API are models.
"""

import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from constructs_lib.management.rotation_function.handler import Rotation
from tests.cache_servers import Server, isolated_environment
from tests.connection_test.probe import SOURCE, to
from tests.constructs_lib.rotation_calls import STEPS
from tests.constructs_lib.rotation_model import OLD, OTHER_KEYS, ElastiCache, Secrets, settings_of
from tests.elasticache_operations.drills.watching_client import INSTANCE
from tests.elasticache_operations.recorded import Answer, Recorded, refusal
from tests.elasticache_operations.status import account

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-AbCdEf"
FIRST = "1" * 32
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:rotation"
# Prints the value of a version from a file, as the AWS CLI prints that of GetSecretValue.
_AWS = """#!{python} -SE
import json, sys
options = dict(zip(sys.argv[3::2], sys.argv[4::2]))
assert sys.argv[1:3] == ["secretsmanager", "get-secret-value"], sys.argv
assert options["--secret-id"] == {arn!r} and options["--region"] == "us-east-1", options
assert (options["--query"], options["--output"]) == ("SecretString", "text"), options
secret = json.load(open({file!r}))
stage = options.get("--version-stage")
version = options.get("--version-id") or next(id for id, labels in secret["stages"].items() if stage in labels)
if version not in secret["values"]:
    sys.exit("An error occurred (AccessDeniedException) when calling the GetSecretValue operation")
print(secret["values"][version])
"""


@dataclass(slots=True)
class Rotating:
    """The account, the server and the client.

    :param kind: `token` or `user`.
    :param broken: steps of the rotation function that do nothing.
    """

    folder: Path
    server: Server
    kind: str
    secrets: Secrets = field(init=False)
    elasticache: ElastiCache = field(init=False)
    broken: tuple[str, ...] = ()
    failure: Exception | None = None
    described: dict[str, Any] = field(default_factory=dict)
    group: dict[str, Any] = field(default_factory=dict)
    more: dict[tuple[str, str], Answer] = field(default_factory=dict)
    threads: list[threading.Thread] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        user = json.dumps({**OTHER_KEYS, "password": OLD})
        self.secrets = Secrets(OLD if self.kind == "token" else user)
        # Secrets Manager has no shorter ids of versions.
        self.secrets.values = {FIRST: self.secrets.values["v1"]}
        self.secrets.stages = {FIRST: self.secrets.stages["v1"]}
        self.elasticache = ElastiCache(self.server, OLD)
        (self.folder / "bin").mkdir()
        aws = _AWS.format(python=sys.executable, arn=ARN, file=str(self.folder / "secret.json"))
        words = shlex.join([sys.executable, "-I", str(SOURCE), *to(self.server)])
        for name, text in (("aws", aws), ("cache-connection-test", f'#!/bin/sh\nexec {words} "$@"\n')):
            (self.folder / "bin" / name).write_text(text)
            (self.folder / "bin" / name).chmod(0o755)

    def close(self) -> None:
        """Wait for the rotation function."""
        for thread in self.threads:
            thread.join(30)
        self.elasticache.close()

    @property
    def passwords(self) -> list[str]:
        """Every password there was, and every value of the secret."""
        values = list(self.secrets.values.values())
        return [*values, *(json.loads(value)["password"] for value in values if self.kind == "user")]

    @property
    def client_shell(self) -> str:
        """The command of `--client-shell`."""
        return f"env PATH={self.folder}/bin:{os.environ['PATH']} sh -s"

    def recorded(self) -> Recorded:
        """The answers."""
        return Recorded(
            {
                **account.inventory({**account.group(), **self.group}),
                ("secretsmanager", "DescribeSecret"): self._describe,
                ("secretsmanager", "RotateSecret"): self._rotate,
                ("ssm", "SendCommand"): self._send,
                ("ssm", "GetCommandInvocation"): self._invocation,
                **self.more,
            }
        )

    def _describe(self, params: Mapping[str, Any]) -> Any:
        if params["SecretId"] != ARN:
            return refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        found = self.secrets.describe_secret(SecretId=ARN)
        return {**found, "RotationEnabled": True, "RotationLambdaARN": FUNCTION, **self.described}

    def _rotate(self, params: Mapping[str, Any]) -> Any:
        if self.failure is not None:
            return self.failure
        assert params["SecretId"] == ARN
        version = params["ClientRequestToken"]
        self.secrets.begin(version)
        thread = threading.Thread(target=self._run, args=[version], daemon=True)
        self.threads.append(thread)
        thread.start()
        return {"ARN": ARN, "VersionId": version}

    def _run(self, version: str) -> None:
        settings = {**settings_of(self.server, self.kind), "POLL_SECONDS": "0.05", "TIMEOUT_SECONDS": "20"}
        for step in STEPS:
            if step not in self.broken:
                clients: dict[str, Any] = {"secrets": self.secrets, "elasticache": self.elasticache}
                Rotation(settings=settings, arn=ARN, token=version, **clients).step(step)

    def publish(self) -> None:
        """Let the client read the secret as it is."""
        text = json.dumps({"values": self.secrets.values, "stages": self.secrets.stages})
        (self.folder / "new.json").write_text(text)
        (self.folder / "new.json").replace(self.folder / "secret.json")

    def _send(self, params: Mapping[str, Any]) -> Any:
        assert params["InstanceIds"] == [INSTANCE]
        self.publish()
        (script,) = params["Parameters"]["commands"]
        done = subprocess.run(
            ["sh", "-c", script],
            env={**isolated_environment(), "PATH": f"{self.folder}/bin:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        self.outputs += [script, done.stdout, done.stderr]
        return {"Command": {"CommandId": f"{len(self.outputs):036d}"}}

    def _invocation(self, params: Mapping[str, Any]) -> Any:
        return {
            "Status": "Success",
            "ResponseCode": 0,
            "StandardOutputContent": self.outputs[-2][:24_000],
            "StandardErrorContent": self.outputs[-1],
        }

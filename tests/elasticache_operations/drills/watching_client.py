"""A client whose `cache-connection-test` prints the records that a test wants, and SSM that runs scripts on it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.elasticache_operations.recorded import Answer, refusal

INSTANCE = "i-0123456789abcdef0"
_PROGRAM = """#!{python} -SE
import json, os, pathlib, signal, sys, time
folder = pathlib.Path({folder!r})
plan = json.loads((folder / "plan.json").read_text())
assert sys.argv[1] == "--watch" and float(sys.argv[2]) > 0 and sys.argv[3:] == ["--format", "json"], sys.argv
(folder / "running").write_text(str(os.getpid()))
ended = []
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: ended.append(1))
def say(records):
    for record in records:
        print(record if isinstance(record, str) else json.dumps(record), flush=True)
say(plan["first"])
if plan["error"]:
    print(plan["error"], file=sys.stderr)
    sys.exit(1)
until, said = time.monotonic() + 60, False
while not ended and time.monotonic() < until:
    time.sleep(0.01)
    if not said and (folder / "failed-over").exists():
        late = time.monotonic() + plan["delay"]
        while time.monotonic() < late and not ended:
            time.sleep(0.01)
        if ended:
            break
        say(plan["then"])
        said = True
        if plan["dies"]:
            sys.exit(1)
say(plan["last"])
"""


def start(*, shards: int = 1, operations: tuple[str, ...] = ("write", "read", "replica-read")) -> dict[str, Any]:
    """The first record of the watch."""
    return {
        "event": "start",
        "time": "2026-11-26T12:00:00.000+00:00",
        "seconds": 0,
        "duration": 60,
        "period_ms": 20,
        "slow_ms": 250,
        "operations": list(operations),
        "shards": [{"shard": number + 1} for number in range(shards)],
    }


def gap(operation: str, milliseconds: float, **more: Any) -> dict[str, Any]:
    """The record of a gap."""
    writes = {"lost": 0, "unconfirmed": 1, "refused": 2} if operation == "write" else {}
    record = {"event": "gap", "shard": 1, "operation": operation, "milliseconds": milliseconds, "ended": True}
    record |= {"seconds": 10, "start": 10 - milliseconds / 1000, "end": 10, "cause": "Connection refused"}
    return {**record, **writes, **more}


def summary(**answered: int) -> dict[str, Any]:
    """The last record of the watch."""
    figures = {"gaps": 1, "longest_ms": 400.0, "gaps_ms": 400.0, "open": 0}
    totals = [{"operation": name, "answered": count, **figures} for name, count in answered.items()]
    return {"event": "summary", "seconds": 20, "watched": 20, "interrupted": True, "totals": totals}


@dataclass(slots=True)
class Client:
    """An instance with the program.

    :param folder: for its files, in the place of the root folder.
    """

    folder: Path
    scripts: list[str] = field(default_factory=list)
    _done: dict[str, dict[str, Any]] = field(default_factory=dict)
    _asked: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "bin").mkdir()
        (self.folder / "run").mkdir()
        program = self.folder / "bin" / "cache-connection-test"
        program.write_text(_PROGRAM.format(python=sys.executable, folder=str(self.folder)))
        program.chmod(0o755)
        self.plan()

    def plan(self, **changes: Any) -> None:
        """Decide what the watch prints: at first, after the failover, and at the end."""
        plan = {
            "first": [start()],
            "then": [gap("write", 400.0), gap("read", 120.5), gap("replica-read", 700.0)],
            "last": [summary(**{"write": 80, "read": 90, "replica-read": 95})],
            "error": "",
            "delay": 0.0,
            "dies": False,
        }
        (self.folder / "plan.json").write_text(json.dumps({**plan, **changes}))

    @property
    def command(self) -> str:
        """The command of `--watch-command`."""
        return f"{self.folder}/bin/cache-connection-test --watch 60 --format json"

    def fail_over(self) -> None:
        """Let the watch print what follows the failover."""
        (self.folder / "failed-over").touch()

    @property
    def is_watching(self) -> bool:
        """Whether the watch runs."""
        pid = int((self.folder / "running").read_text())
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    @property
    def files(self) -> list[str]:
        """The files of drills on the instance."""
        return [str(path) for path in (self.folder / "run").rglob("*")]

    def answers(self) -> dict[tuple[str, str], Answer]:
        """The answers of SSM."""
        return {("ssm", "SendCommand"): self._send, ("ssm", "GetCommandInvocation"): self._invocation}

    def _send(self, params: Mapping[str, Any]) -> Any:
        if params["InstanceIds"] != [INSTANCE]:
            return refusal("InvalidInstanceId", "Instances not in a valid state for account")
        assert params["DocumentName"] == "AWS-RunShellScript"
        (script,) = params["Parameters"]["commands"]
        self.scripts.append(script)
        done = subprocess.run(
            ["sh", "-c", script.replace("/run/", f"{self.folder}/run/")],
            env={**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        id = f"{len(self.scripts):036d}"
        self._done[id] = {
            "Status": "Failed" if done.returncode else "Success",
            "StatusDetails": "Failed" if done.returncode else "Success",
            "ResponseCode": done.returncode,
            # Of the first 24,000 characters; and white space at the end may be missing.
            "StandardOutputContent": done.stdout[:24_000].rstrip(),
            "StandardErrorContent": done.stderr[:8_000],
        }
        return {"Command": {"CommandId": id}}

    def _invocation(self, params: Mapping[str, Any]) -> Any:
        id = params["CommandId"]
        self._asked[id] = self._asked.get(id, 0) + 1
        if self._asked[id] == 1:
            return refusal("InvocationDoesNotExist")
        return {"Status": "InProgress", "ResponseCode": -1} if self._asked[id] == 2 else self._done[id]

"""Runs the CDK CLI against the emulator; its output goes to a log, and it ends with the command that started it."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cloud.session import ACCOUNT, LIGHT, ROOT, LocalCloudError, Session

# Enough for a busy machine. A deploy has no such limit, because the stacks have timeouts.
BOOTSTRAP_SECONDS: Final = 300.0
DEPLOYMENTS: Final = (
    "cluster-mode-disabled",
    "cluster-mode-enabled",
    "memcached",
    "serverless",
    "global-datastore",
    "rds-behind-cache",
)
"""The deployments of the app, which is not imported here because that takes seconds; a test compares the two."""
_LAST: Final = 15
# Outputs that one stack exports for another.
_EXPORTS: Final = ("ExportsOutput", "PublishOutput")
_EVENT: Final = " AWS::"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cli:
    """The CDK CLI.

    :param verbose: whether its output is printed as well as logged.
    """

    session: Session
    verbose: bool = False

    @property
    def log(self) -> Path:
        """The file that its output goes to."""
        return self.session.folder / "cdk.log"

    def bootstrap(self, regions: Sequence[str]) -> int:
        """Bootstrap regions of the emulator's account."""
        # In an empty folder, because bootstrapping takes environments and no app.
        (empty := self.session.folder / "bootstrap").mkdir(exist_ok=True)
        words = ["bootstrap", *(f"aws://{ACCOUNT}/{region}" for region in regions)]
        return self._run(empty, words, seconds=BOOTSTRAP_SECONDS)

    def app(self, *words: str) -> int:
        """Run it with the project's app, in the run's folder, so that its context and its output are written there."""
        settings = json.loads((ROOT / "cdk.json").read_text())
        app = shlex.join([sys.executable, str(ROOT / "app.py")])
        (self.session.folder / "cdk.json").write_text(json.dumps({**settings, "app": app}))
        # A CLI that was killed leaves its lock files; they are not needed, because the run has a lock.
        for lock in self.session.folder.glob("cdk.out/*.lock"):
            lock.unlink()
        return self._run(self.session.folder, words)

    def outputs(self) -> Mapping[str, Mapping[str, str]]:
        """The outputs of the last deploy, by stack."""
        try:
            outputs: dict[str, dict[str, str]] = json.loads((self.session.folder / "outputs.json").read_text())
        except (OSError, ValueError):
            return {}
        return outputs

    def described_outputs(self) -> Iterator[str]:
        """The outputs that are for people, such as endpoints and verdicts, without the exports between stacks."""
        for stack, outputs in self.outputs().items():
            for name, value in outputs.items():
                if not name.startswith(_EXPORTS):
                    yield f"{stack}.{name} = {value}"
                if "Verdict" in name and re.match(r"WARN: .*warnings at [^;]*\bping\b", value):
                    yield "  a warning at ping is expected: the servers have the version that this machine provides"

    def draw(self) -> Path:
        """Draw the templates of the last deploy; returns the path of the page.

        :raises LocalCloudError: when they cannot be read.
        """
        target = self.session.folder / "picture.html"
        words = ["picture", str(self.session.folder / "cdk.out"), "--output", str(target)]
        command = [sys.executable, "-m", "elasticache_operations", *words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LocalCloudError(f"{done.stderr.strip()}; run 'make local' again")
        return target

    def _run(self, folder: Path, words: Sequence[str], seconds: float | None = None) -> int:
        # The CLI ends with this process, even when this process is killed.
        command = ["setpriv", "--pdeathsig", "KILL", "cdk", *words, "--no-notices"]
        with self.log.open("ab") as log:
            start = log.tell()
            with subprocess.Popen(
                command,
                cwd=folder,
                env={**self.session.whole_environment, **LIGHT},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if self.verbose else log,
                stderr=subprocess.STDOUT,
            ) as process:
                try:
                    if process.stdout is not None:
                        for line in process.stdout:
                            log.write(line)
                            log.flush()
                            print(line.decode(errors="replace"), end="", flush=True)
                    status = process.wait(seconds)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise LocalCloudError(
                        f"cdk {words[0]} did not end within {seconds:g} s, and its output is in {self.log}; run 'make "
                        "local-down', then the same command again"
                    ) from None
                except BaseException:
                    process.kill()
                    raise
        if status and not self.verbose:
            self._explain(start)
        return status

    def _explain(self, start: int) -> None:
        """Print the last lines that the CLI has written.

        :param start: offset in the log at which this call's output begins.
        :raises OSError: when the file system is full, which is then the cause of the failure.
        """
        self.session.require_space()
        with self.log.open("rb") as log:
            log.seek(start, os.SEEK_SET)
            lines = log.read().decode(errors="replace").splitlines()
        relevant = [line for line in lines if line.strip() and _EVENT not in line and not line.startswith("    at ")]
        print("\n".join(relevant[-_LAST:]), file=sys.stderr)
        print(f"local_cloud: the CDK CLI failed; read its output in {self.log}", file=sys.stderr)


def stack_prefix(deployment: str) -> str:
    """The prefix of a deployment's stack names, such as ClusterModeDisabled."""
    return "".join(word.capitalize() for word in deployment.split("-"))

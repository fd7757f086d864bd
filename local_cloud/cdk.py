"""The CDK CLI against the emulator: its output goes to a log, and it ends with the command that started it."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cloud.session import LIGHT, ROOT, LocalCloudError, Session

# Long enough for a machine that is busy; a deploy is bounded by the stacks' own timeouts.
BOOTSTRAP_SECONDS: Final = 300.0
DEPLOYMENTS: Final = (
    "cluster-mode-disabled",
    "cluster-mode-enabled",
    "memcached",
    "serverless",
    "global-datastore",
    "rds-behind-cache",
)
"""What the app can deploy; the app is not imported here, so that a wrong name costs no time."""
_LAST: Final = 15
_EVENT: Final = " AWS::"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cli:
    """How the CDK CLI is run.

    :param verbose: whether its output is printed as it comes, besides going to the log.
    """

    session: Session
    verbose: bool = False

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.session.folder / "cdk.log"

    def bootstrap(self, regions: Sequence[str]) -> int:
        """Bootstrap regions of the emulator's account."""
        # Of an environment, not of an app.
        (empty := self.session.folder / "bootstrap").mkdir(exist_ok=True)
        words = ["bootstrap", *(f"aws://000000000000/{each}" for each in regions)]
        return self._run(empty, words, seconds=BOOTSTRAP_SECONDS)

    def app(self, *words: str) -> int:
        """Run it with the project's app; what it looks up is written to the run's folder."""
        settings = json.loads((ROOT / "cdk.json").read_text())
        app = shlex.join([sys.executable, str(ROOT / "app.py")])
        (self.session.folder / "cdk.json").write_text(json.dumps({**settings, "app": app}))
        # A CLI that was killed leaves the files by which it locks its assembly; here the run's own lock holds.
        for left in self.session.folder.glob("cdk.out/*.lock"):
            left.unlink()
        return self._run(self.session.folder, words)

    def outputs(self) -> Mapping[str, Mapping[str, str]]:
        """The outputs of the stacks that were deployed last, by stack."""
        try:
            found: dict[str, dict[str, str]] = json.loads((self.session.folder / "outputs.json").read_text())
        except (OSError, ValueError):
            return {}
        return found

    def _run(self, folder: Path, words: Sequence[str], seconds: float | None = None) -> int:
        # It ends with this process, also when that is killed.
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
                        f"cdk {words[0]} did not end within {seconds:g} s; its output is in {self.log}; run 'make "
                        "local-down', then this again"
                    ) from None
                except BaseException:
                    process.kill()
                    raise
        if status and not self.verbose:
            self._explain(start)
        return status

    def _explain(self, start: int) -> None:
        """Print the end of what the CLI has said since a place in the log.

        :raises OSError: where it failed because there is no space left.
        """
        self.session.require_space()
        with self.log.open("rb") as log:
            log.seek(start, os.SEEK_SET)
            lines = log.read().decode(errors="replace").splitlines()
        told = [line for line in lines if line.strip() and _EVENT not in line and not line.startswith("    at ")]
        print("\n".join(told[-_LAST:]), file=sys.stderr)
        print(f"local_cloud: the CDK CLI failed; its whole output is in {self.log}", file=sys.stderr)


def stack_prefix(deployment: str) -> str:
    """What the names of a deployment's stacks begin with: ClusterModeDisabled."""
    return "".join(word.capitalize() for word in deployment.split("-"))

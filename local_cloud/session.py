"""One run of the local cloud: its folder, its emulator, and what is asked of it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cloud.programs import Programs
from scripts.fetch_servers import TOOLS

ROOT: Final = Path(__file__).parents[1]
# The emulator signs the tokens that a client may have signed, by the client's own code.
_CONNECTION_TEST: Final = ROOT / "constructs_lib" / "connection_test"
PYTHON: Final = TOOLS / "emulator" / "bin" / "python"
# So that a laptop has room for it: CDK's own validation of templates alone takes 200 MiB.
LIGHT: Final = {"BUILTIN_VALIDATION": "false", "NODE_OPTIONS": "--max-semi-space-size=1"}
_SECONDS: Final = 30.0
_STARTED: dict[int, subprocess.Popen[bytes]] = {}


class LocalCloudError(RuntimeError):
    """The local cloud cannot do what is asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Session:
    """A running emulator, known by its folder.

    :param folder: with everything that it writes.
    """

    folder: Path

    @property
    def port(self) -> int:
        """Of the emulator, on 127.0.0.1."""
        return int((self.folder / "port").read_text())

    @property
    def pid(self) -> int | None:
        """Of the emulator, where it runs."""
        try:
            pid = int((self.folder / "pid").read_text())
            # The number may be another process's by now.
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if b"local_cloud.emulator" in command else None

    @property
    def environment(self) -> dict[str, str]:
        """What makes the AWS CLI, boto3 and the CDK CLI talk to the emulator."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
        }

    def start(self) -> None:
        """Start the emulator, and wait until it answers.

        :raises LocalCloudError: when it does not, with what it said.
        """
        if self.pid is not None:
            return
        if not PYTHON.exists():
            raise LocalCloudError(f"{PYTHON} must exist, and does not; run 'make local-setup'")
        self.folder.mkdir(parents=True, exist_ok=True)
        Programs.find().write(self.folder / "programs.json")
        (self.folder / "port").write_text(str(_free_port()))
        with (self.folder / "emulator.log").open("ab") as log:
            process = subprocess.Popen(
                [str(PYTHON), "-m", "local_cloud.emulator", str(self.folder), str(self.port)],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(_CONNECTION_TEST)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _STARTED[process.pid] = process
        (self.folder / "pid").write_text(str(process.pid))
        until = time.monotonic() + _SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > until:
                said = (self.folder / "emulator.log").read_text().strip().splitlines()[-3:]
                self.stop()
                raise LocalCloudError(f"the emulator must answer on port {self.port}, and does not: {' '.join(said)}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End the emulator, the servers and the sandboxes, and what a run has left behind that was killed."""
        pid = self.pid
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            # Where this process started it, it has to be waited for.
            own = _STARTED.pop(pid, None)
            until = time.monotonic() + 20
            while self.pid is not None and time.monotonic() < until:
                time.sleep(0.05)
            if self.pid is not None:
                os.kill(pid, signal.SIGKILL)
            if own is not None:
                own.wait()
        for left in self._left():
            with contextlib.suppress(ProcessLookupError):
                os.kill(left, signal.SIGKILL)
        # Gone is what has ended, not what has been told to.
        until = time.monotonic() + 10
        while (self._left() or self.instances()) and time.monotonic() < until:
            time.sleep(0.02)

    def _left(self) -> list[int]:
        """The processes that work in the run's folder: the servers, by their own folders."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/cwd"):
            with contextlib.suppress(OSError):
                if entry.readlink().is_relative_to(self.folder):
                    found.append(int(entry.parent.name))
        return [each for each in found if each != os.getpid()]

    def consoles(self) -> dict[str, str]:
        """What each instance has printed, the oldest first."""
        return {path.parents[1].name: path.read_text(errors="replace") for path in self._consoles()}

    def instances(self) -> list[Path]:
        """The folders of those instances that live, the oldest first."""
        found = []
        for path in self._consoles():
            folder = path.parents[1]
            known = json.loads((folder / "enter.json").read_text())
            if _lives(known["pid"]):
                found.append(folder)
        return found

    def _consoles(self) -> list[Path]:
        paths = self.folder.glob("instances/*/inside/console")
        return sorted(paths, key=lambda each: (each.parents[1] / "hosts").stat().st_ctime)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_ministack/health", timeout=1):
                return True
        except OSError:
            return False


def _lives(pid: int) -> bool:
    """Whether a process is there, and not only its last word to its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

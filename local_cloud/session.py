"""One run of the local cloud: its folder, its emulator, and what is asked of it."""

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

from scripts.fetch_servers import TOOLS, sandbox_command, server_command

ROOT: Final = Path(__file__).parents[1]
PYTHON: Final = TOOLS / "emulator" / "bin" / "python"
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
            os.kill(pid, 0)
        except (OSError, ValueError):
            return None
        return pid

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
        server, environment = server_command()
        tools = {
            "server": server,
            "environment": environment,
            "client": str(Path(server[0]).with_name("redis-cli")),
            "bwrap": sandbox_command()[0][0],
            "shown": [str(TOOLS / "root")] if (TOOLS / "root").exists() else [],
        }
        (self.folder / "tools.json").write_text(json.dumps(tools))
        (self.folder / "port").write_text(str(_free_port()))
        with (self.folder / "emulator.log").open("ab") as log:
            process = subprocess.Popen(
                [str(PYTHON), "-m", "local_cloud.emulator", str(self.folder), str(self.port)],
                cwd=ROOT,
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
        """End the emulator, the servers and the sandboxes."""
        pid = self.pid
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        # Where this process started it, it has to be waited for.
        own = _STARTED.pop(pid, None)
        until = time.monotonic() + 10
        while self.pid is not None and time.monotonic() < until:
            if own is not None:
                own.poll()
            time.sleep(0.05)
        if self.pid is not None:
            os.kill(pid, signal.SIGKILL)
            if own is not None:
                own.wait()

    def consoles(self) -> dict[str, str]:
        """What each instance has printed."""
        return {
            path.parents[1].name: path.read_text(errors="replace")
            for path in sorted(self.folder.glob("instances/*/inside/console"), key=lambda each: each.stat().st_mtime)
        }

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_ministack/health", timeout=1):
                return True
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

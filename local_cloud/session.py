"""One run of the local cloud: its folder, its emulator and its processes."""

import contextlib
import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cloud.keys import Keys
from local_cloud.programs import Programs
from local_cloud.spawning import is_running
from scripts.fetch_servers import TOOLS

ROOT: Final = Path(__file__).parents[1]
ACCOUNT: Final = "000000000000"
REGION: Final = "us-east-1"
"""The region of every deployment that does not name others."""
PYTHON: Final = TOOLS / "emulator" / "bin" / "python"
# To save memory: the template validation of the CDK takes 200 MiB.
LIGHT: Final = {"BUILTIN_VALIDATION": "false", "NODE_OPTIONS": "--max-semi-space-size=1"}
_CONFLICTING: Final = ("AWS_", "CDK_", "BOTO_")
# Created first; `remove` deletes only a folder that contains it.
_MARK: Final = "local-cloud-run"
# Ten times the need of a run. On a full disk the programs fail with unclear errors, such as a traceback of jsii.
_SPACE: Final = 32 * 1024 * 1024
_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 20.0
_STARTED: dict[int, subprocess.Popen[bytes]] = {}


class LocalCloudError(RuntimeError):
    """A command of the local cloud that failed; the message gives the cause and the fix."""


@dataclass(frozen=True, slots=True)
class Session:
    """A run, identified by its folder.

    :param folder: the folder for all files of the run; an absolute path without symbolic links.
    """

    folder: Path

    @property
    def port(self) -> int:
        """The port of the emulator on 127.0.0.1."""
        return int((self.folder / "port").read_text())

    @property
    def pid(self) -> int | None:
        """The process id of the emulator; None when it is not running."""
        try:
            pid = int((self.folder / "pid").read_text())
        except (OSError, ValueError):
            return None
        # Another process may have the number by now.
        return pid if self._is_emulator(_command(pid)) and is_running(pid) else None

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that point the AWS CLI, boto3 and the CDK CLI to the emulator."""
        keys = Keys.read(self.folder / "keys.json")
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_PAGER": "",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    @property
    def whole_environment(self) -> dict[str, str]:
        """The environment for a program that uses the emulator and no AWS account."""
        (folder := self.folder / "tmp").mkdir(exist_ok=True)
        environment = {**_own_environment(), **self.environment, "TMPDIR": str(folder)}
        home = Path.home()
        if not (home.is_dir() and os.access(home, os.W_OK)):
            # jsii unpacks the CDK in the home folder, which takes seconds and 300 MiB; all runs share it.
            (own := TOOLS / "home").mkdir(parents=True, exist_ok=True)
            environment["HOME"] = str(own)
        return environment

    def start(self) -> None:
        """Start the emulator, and wait until it answers; the files and processes of a killed run are removed first.

        :raises LocalCloudError: when it does not answer, with the end of its output.
        """
        if self.pid is not None:
            return
        if not PYTHON.exists():
            raise LocalCloudError(f"{PYTHON} does not exist; run 'make local-setup'")
        self.remove()
        self.require_space()
        self.folder.mkdir(parents=True, mode=0o700)
        (self.folder / _MARK).touch()
        Keys.new().write(self.folder / "keys.json")
        Programs.find().write(self.folder / "programs.json")
        (self.folder / "port").write_text(str(_free_port()))
        with (self.folder / "emulator.log").open("ab") as log:
            process = subprocess.Popen(
                [str(PYTHON), "-m", "local_cloud.emulator", str(self.folder), str(self.port)],
                cwd=ROOT,
                env=_own_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _STARTED[process.pid] = process
        (self.folder / "pid").write_text(str(process.pid))
        until = time.monotonic() + _START_SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > until:
                output = " ".join((self.folder / "emulator.log").read_text().strip().splitlines()[-3:])
                self.stop()
                raise LocalCloudError(
                    f"the emulator does not answer on port {self.port} ({output}); run 'make local-down', then the "
                    "same command again"
                )
            time.sleep(0.05)

    def require_space(self) -> None:
        """Raise an error when the file system of the run's folder is full.

        :raises OSError: with `ENOSPC`, when less than 32 MiB are free.
        """
        existing = next(path for path in (self.folder, *self.folder.parents) if path.exists())
        if shutil.disk_usage(existing).free < _SPACE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.folder))

    def stop(self, write_line: Callable[[str], None] = lambda line: None) -> None:
        """End the emulator, the servers and the sandboxes, and the remaining processes of a killed run.

        :param write_line: receives a line about each step.
        """
        pid = self.pid
        if pid is not None:
            write_line(f"ending the emulator, process {pid}, with its caches and instances")
            os.kill(pid, signal.SIGTERM)
            _wait(lambda: not is_running(pid), _STOP_SECONDS)
            # If this process started the emulator, it must collect its exit status.
            own = _STARTED.pop(pid, None)
            if own is None:
                _wait(lambda: not Path(f"/proc/{pid}").exists(), 1)
            else:
                if own.poll() is None:
                    own.kill()
                own.wait()
        remaining = self._processes()
        if remaining:
            write_line(f"ending the remaining processes: {', '.join(map(str, remaining))}")
        for process_id in remaining:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
        _wait(lambda: not self._processes() and not self.instances(), 10)

    def remove(self, write_line: Callable[[str], None] = lambda line: None) -> None:
        """End all processes of the run, and delete its folder.

        :raises LocalCloudError: when the folder cannot be deleted, or is not the folder of a run.
        """
        self.stop(write_line)
        if self.folder.exists():
            if any(self.folder.iterdir()) and not (self.folder / _MARK).exists():
                raise LocalCloudError(
                    f"{self.folder} is not a folder of the local cloud and was not removed; choose another one with "
                    "--folder"
                )
            write_line(f"removing {self.folder}")
            shutil.rmtree(self.folder, ignore_errors=True)
        if self.folder.exists():
            raise LocalCloudError(f"{self.folder} cannot be removed; delete it as the user who owns it")

    def failed_servers(self) -> list[str]:
        """The names of the servers of caches and databases that should run and have ended."""
        files = [*self.folder.glob("caches/*/*/pid"), *self.folder.glob("databases/*/pid")]
        return sorted(path.parent.name for path in files if not is_running(int(path.read_text() or "0")))

    def _processes(self) -> list[int]:
        """The processes of the run: those that work in its folder, and the emulator."""
        below = f"{self.folder}/"
        pids = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                pid = int(entry.name)
                where = f"{(entry / 'cwd').readlink()}/"
                if (where.startswith(below) or self._is_emulator(_command(pid))) and is_running(pid):
                    pids.append(pid)
        return [pid for pid in pids if pid != os.getpid()]

    def _is_emulator(self, command: list[str]) -> bool:
        return "local_cloud.emulator" in command and str(self.folder) in command

    def consoles(self) -> dict[str, str]:
        """The output of each instance, the oldest instance first."""
        return {path.parent.name: path.read_text(errors="replace") for path in self._consoles()}

    def instances(self) -> list[Path]:
        """The folders of the running instances, the oldest instance first."""
        folders = []
        for path in self._consoles():
            with contextlib.suppress(OSError, ValueError):
                if is_running(json.loads((path.parent / "enter.json").read_text())["pid"]):
                    folders.append(path.parent)
        return folders

    def caches(self) -> list[str]:
        """The names of the caches, the oldest first."""
        folders = sorted(self.folder.glob("caches/*"), key=lambda folder: folder.stat().st_ctime)
        return [folder.name.rpartition("-")[0] for folder in folders]

    def _consoles(self) -> list[Path]:
        paths = self.folder.glob("instances/*/console")
        return sorted(paths, key=lambda console: (console.parent / "hosts").stat().st_ctime)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return (self.folder / "ready").exists() and probe.connect_ex(("127.0.0.1", self.port)) == 0


def conflicting_variables(environment: Mapping[str, str]) -> list[str]:
    """The environment variables for AWS accounts and proxies, with which a program would not use the emulator."""
    return [name for name in environment if name.startswith(_CONFLICTING) or name.lower().endswith("_proxy")]


def _own_environment() -> dict[str, str]:
    conflicting = set(conflicting_variables(os.environ))
    return {name: value for name, value in os.environ.items() if name not in conflicting}


def _command(pid: int) -> list[str]:
    """The command line of a process; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until a condition is true; returns whether it was within the time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

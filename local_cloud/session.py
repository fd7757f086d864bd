"""One run of the local cloud: its folder, its emulator, and what is asked of it."""

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
from scripts.fetch_servers import TOOLS

ROOT: Final = Path(__file__).parents[1]
PYTHON: Final = TOOLS / "emulator" / "bin" / "python"
# So that a laptop has room for it: CDK's own validation of templates alone takes 200 MiB.
LIGHT: Final = {"BUILTIN_VALIDATION": "false", "NODE_OPTIONS": "--max-semi-space-size=1"}
_FOREIGN: Final = ("AWS_", "CDK_", "BOTO_")
# Written first: only a folder that has it is removed.
_MARK: Final = "local-cloud-run"
# Ten times what a run needs. Without space the programs fail in ways of their own, such as a traceback of jsii.
_SPACE: Final = 32 * 1024 * 1024
_SECONDS: Final = 30.0
_PATIENCE: Final = 20.0
_STARTED: dict[int, subprocess.Popen[bytes]] = {}


class LocalCloudError(RuntimeError):
    """The local cloud cannot do what is asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Session:
    """A running emulator, known by its folder.

    :param folder: with everything that it writes; an absolute path without symbolic links.
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
        except (OSError, ValueError):
            return None
        # The number may be another process's by now.
        return pid if self._is_emulator(_command(pid)) and _lives(pid) else None

    @property
    def environment(self) -> dict[str, str]:
        """What makes the AWS CLI, boto3 and the CDK CLI talk to the emulator."""
        keys = Keys.read(self.folder / "keys.json")
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
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
        """This process's environment for a program that talks to the emulator, and to nothing else."""
        (folder := self.folder / "tmp").mkdir(exist_ok=True)
        environment = {**_own_environment(), **self.environment, "TMPDIR": str(folder)}
        home = Path.home()
        if not (home.is_dir() and os.access(home, os.W_OK)):
            # jsii unpacks the CDK below it, which takes some seconds and 300 MiB: once for all runs.
            (own := TOOLS / "home").mkdir(parents=True, exist_ok=True)
            environment["HOME"] = str(own)
        return environment

    def start(self) -> None:
        """Start the emulator, and wait until it answers. What a run has left that was killed is removed before.

        :raises LocalCloudError: when it does not answer, with what it said.
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
        until = time.monotonic() + _SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > until:
                said = " ".join((self.folder / "emulator.log").read_text().strip().splitlines()[-3:])
                self.stop()
                raise LocalCloudError(
                    f"the emulator does not answer on port {self.port} ({said}); run 'make local-down', then this again"
                )
            time.sleep(0.05)

    def require_space(self) -> None:
        """Refuse to go on where the file system of the run's folder is full.

        :raises OSError: with `ENOSPC`, when less than 32 MiB are free.
        """
        there = next(each for each in (self.folder, *self.folder.parents) if each.exists())
        if shutil.disk_usage(there).free < _SPACE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.folder))

    def stop(self, say: Callable[[str], None] = lambda line: None) -> None:
        """End the emulator, the servers and the sandboxes, and what a run has left that was killed.

        :param say: told what is ended.
        """
        pid = self.pid
        if pid is not None:
            say(f"ending the emulator, process {pid}, with its caches and instances")
            os.kill(pid, signal.SIGTERM)
            _wait(lambda: not _lives(pid), _PATIENCE)
            # Where this process started it, it has to be waited for.
            own = _STARTED.pop(pid, None)
            if own is None:
                _wait(lambda: not Path(f"/proc/{pid}").exists(), 1)
            else:
                if own.poll() is None:
                    own.kill()
                own.wait()
        left = self._left()
        if left:
            say(f"ending what is left: {', '.join(map(str, left))}")
        for each in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        _wait(lambda: not self._left() and not self.instances(), 10)

    def remove(self, say: Callable[[str], None] = lambda line: None) -> None:
        """End everything, and delete the run's folder.

        :raises LocalCloudError: when it cannot be deleted, or is not a run's.
        """
        self.stop(say)
        if self.folder.exists():
            if any(self.folder.iterdir()) and not (self.folder / _MARK).exists():
                raise LocalCloudError(
                    f"{self.folder} is not a folder of the local cloud, and is left as it is; name another one with "
                    "--folder"
                )
            say(f"removing {self.folder}")
            shutil.rmtree(self.folder, ignore_errors=True)
        if self.folder.exists():
            raise LocalCloudError(f"{self.folder} cannot be removed; delete it as the user who owns it")

    def dead(self) -> list[str]:
        """The servers of caches and databases that should run, and have ended: their names."""
        found = [*self.folder.glob("caches/*/*/pid"), *self.folder.glob("databases/*/pid")]
        return sorted(path.parent.name for path in found if not _lives(int(path.read_text() or "0")))

    def _left(self) -> list[int]:
        """The processes that work in the run's folder, or have it among the words of their command."""
        below = f"{self.folder}/"
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                pid = int(entry.name)
                where = f"{(entry / 'cwd').readlink()}/"
                if (where.startswith(below) or self._is_emulator(_command(pid))) and _lives(pid):
                    found.append(pid)
        return [each for each in found if each != os.getpid()]

    def _is_emulator(self, command: list[str]) -> bool:
        return "local_cloud.emulator" in command and str(self.folder) in command

    def consoles(self) -> dict[str, str]:
        """What each instance has printed, the oldest first."""
        return {path.parent.name: path.read_text(errors="replace") for path in self._consoles()}

    def instances(self) -> list[Path]:
        """The folders of those instances that live, the oldest first."""
        found = []
        for path in self._consoles():
            with contextlib.suppress(OSError, ValueError):
                if _lives(json.loads((path.parent / "enter.json").read_text())["pid"]):
                    found.append(path.parent)
        return found

    def _consoles(self) -> list[Path]:
        paths = self.folder.glob("instances/*/console")
        return sorted(paths, key=lambda each: (each.parent / "hosts").stat().st_ctime)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return (self.folder / "ready").exists() and probe.connect_ex(("127.0.0.1", self.port)) == 0


def foreign(environment: Mapping[str, str]) -> list[str]:
    """The variables that belong to AWS accounts and proxies, and would lead a program away from the emulator."""
    return [name for name in environment if name.startswith(_FOREIGN) or name.lower().endswith("_proxy")]


def _own_environment() -> dict[str, str]:
    left_out = set(foreign(os.environ))
    return {name: value for name, value in os.environ.items() if name not in left_out}


def _command(pid: int) -> list[str]:
    """The words of a process's command; empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def _lives(pid: int) -> bool:
    """Whether a process is there, and not only its exit status for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether a condition comes to hold within some time."""
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

"""The watch at the client, `cache-connection-test --watch SECONDS --format json`, whose records are read while it runs.

https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command.html
"""

import base64
import contextlib
import json
import os
import queue
import secrets
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Final, Protocol

from elasticache_operations.drills.commands import words_of
from elasticache_operations.drills.run_command import Instance
from elasticache_operations.errors import CommandError, InputError

Record = dict[str, Any]
_END: Final = 15.0
"""The time in seconds that a watch has to end after SIGINT."""
_PART: Final = 12_000
"""Bytes of one reading, 16,000 characters in base 64, of which SSM returns 24,000."""
_PROGRAM: Final = "cache-connection-test"
_RUNS: Final = "grep -qs '^State:[[:space:]]*[^ZX[:space:]]' /proc/$(cat pid)/status"
"""Succeeds while the watch runs; `kill -0` also succeeds for a process that has ended and has not been waited for."""


class Watch(Protocol):
    """A watch at the client."""

    @property
    def place(self) -> str:
        """Where it runs, for messages."""

    def start(self) -> None:
        """Start it.

        :raises CommandError: when it cannot be started.
        """

    def read(self) -> Sequence[Record]:
        """The records since the last reading."""

    def problem(self) -> str:
        """Why it has ended, when it has; empty while it runs."""

    def stop(self) -> Sequence[Record]:
        """End it, and wait for its end; returns the last records. It does nothing when the watch was not started."""


@dataclass(slots=True)
class CommandWatch:
    """A watch as a command on this machine, such as one that runs it on the client with SSH.

    :param command: as in a shell, without expansions.
    """

    command: str
    _process: "subprocess.Popen[str] | None" = field(default=None, init=False)
    _records: "queue.SimpleQueue[Record]" = field(default_factory=queue.SimpleQueue, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)
    _errors: IO[str] | None = field(default=None, init=False)

    @property
    def place(self) -> str:
        """Where it runs, for messages."""
        return "the command of --watch-command"

    def start(self) -> None:
        """Start the command in a process group of its own, which Ctrl-C does not reach."""
        words = words_of("--watch-command", self.command, f"{_PROGRAM} --watch 600 --format json")
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by stop()
        try:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                start_new_session=True,
            )
        except OSError as problem:
            self._errors.close()
            raise InputError(
                f"--watch-command must be a command that can be run, got {words[0]!r} ({problem.strerror}); correct it"
            ) from None
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def read(self) -> Sequence[Record]:
        """The records since the last reading."""
        found = []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self._records.get_nowait())
        return found

    def problem(self) -> str:
        """Why it has ended, when it has; empty while it runs."""
        if self._process is None or self._process.poll() is None:
            return ""
        return f"it ended with exit status {self._process.returncode}: {self._error_text() or 'no error message'}"

    def stop(self) -> Sequence[Record]:
        """Send SIGINT to the process group, and SIGKILL after 15 seconds."""
        if self._process is None or self._thread is None or self._errors is None:
            return ()
        self._signal(signal.SIGINT)
        # Until the end of the output, because a process in between, such as make, can end before the watch.
        self._thread.join(_END)
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._thread.join(1)
        self._errors.close()
        self._process = None
        return self.read()

    def _collect(self) -> None:
        if self._process is None or self._process.stdout is None:
            raise AssertionError("the process has a pipe")
        with self._process.stdout as lines:
            for line in lines:
                record = record_of(line)
                if record is not None:
                    self._records.put(record)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _error_text(self) -> str:
        if self._errors is None or self._errors.closed:
            return ""
        time.sleep(0.05)
        self._errors.seek(0)
        return " ".join(self._errors.read()[-600:].split())


@dataclass(slots=True)
class InstanceWatch:
    """A watch on the client instance, which SSM Run Command starts, reads and ends.

    It runs apart from the commands of SSM, and its records are read in parts: SSM returns the output of a command at
    its end, and the first 24,000 characters alone.

    :param seconds: after which the watch ends by itself.
    """

    instance: Instance
    seconds: int
    folder: str = field(default_factory=lambda: f"/run/cache-drill-{secrets.token_hex(8)}")
    _started: bool = field(default=False, init=False)
    _offset: int = field(default=0, init=False)
    _partial: bytes = field(default=b"", init=False)
    _ended: str = field(default="", init=False)

    @property
    def place(self) -> str:
        """Where it runs, for messages."""
        return self.instance.id

    def start(self) -> None:
        """Start the watch with its output in a new folder that only root can read."""
        missing = f"{self.instance.id} has no {_PROGRAM}; give the instance of a CacheClient"
        script = f"""set -eu
command -v {_PROGRAM} > /dev/null || {{ echo '{missing}' >&2; exit 3; }}
umask 077
mkdir {self.folder}
cd {self.folder}
setsid {_PROGRAM} --watch {self.seconds} --format json > records 2> errors < /dev/null &
echo $! > pid
"""
        # Before the command, because an interruption must end what it may have started.
        self._started = True
        done = self.instance.run(script)
        if done.status == 3:
            raise InputError(f"--instance must have the command {_PROGRAM}: {missing}")
        if done.status:
            raise CommandError(f"the watch was not started on {self.place}: {done.error or done.status}")

    def read(self) -> Sequence[Record]:
        """The records since the last reading."""
        found: list[Record] = []
        while True:
            running, part = self._read_part()
            found += self._records_of(part)
            if len(part) < _PART:
                if not running:
                    self._ended = self._ended or self._reason()
                return found

    def problem(self) -> str:
        """Why it has ended, when it has; empty while it runs. It is known after a reading."""
        return self._ended

    def stop(self) -> Sequence[Record]:
        """End the watch, read its last records, and remove the folder."""
        if not self._started:
            return ()
        self._started = False
        turns = int(_END * 5)
        self.instance.run(f"""cd {self.folder} || exit 0
kill -TERM "$(cat pid)"
for turn in $(seq {turns}); do {_RUNS} || break; sleep 0.2; done
true
""")
        try:
            return self.read()
        finally:
            self.instance.run(f"rm -rf {self.folder}")

    def _read_part(self) -> tuple[bool, bytes]:
        script = f"""cd {self.folder} || exit 4
{_RUNS} && echo running || echo ended
tail -c +{self._offset + 1} records | head -c {_PART} | base64 -w 0
"""
        done = self.instance.run(script)
        state, _, text = done.out.strip().partition("\n")
        if done.status or state not in ("running", "ended"):
            raise CommandError(f"the records on {self.place} cannot be read: {done.error or done.out[:200]}")
        part = base64.b64decode(text)
        self._offset += len(part)
        return state == "running", part

    def _records_of(self, part: bytes) -> list[Record]:
        *lines, self._partial = (self._partial + part).split(b"\n")
        records = (record_of(line.decode(errors="replace")) for line in lines)
        return [record for record in records if record is not None]

    def _reason(self) -> str:
        done = self.instance.run(f"tail -c 600 {self.folder}/errors")
        return f"it has ended: {' '.join(done.out.split()) or 'no error message'}"


def record_of(line: str) -> Record | None:
    """A record of the watch; None for another line."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "event" in found else None

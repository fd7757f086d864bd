"""One command at a time in a run's folder: another one waits, and `local-down` ends the one that works there."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

_PATIENCE: Final = 15.0


def _file(folder: Path) -> Path:
    # Beside the folder, which is removed and created again under the lock.
    return folder.with_name(f"{folder.name}.lock")


@contextlib.contextmanager
def only_one(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of a run's folder; the operating system releases it when the process ends, however it ends.

    :param say: told which process is waited for.
    """
    path = _file(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        path.chmod(0o600)
        if not _taken(file.fileno(), wait=False):
            say(f"waiting for process {holder(folder)}, which works in {folder}")
            _taken(file.fileno(), wait=True)
        yield


def holder(folder: Path) -> int | None:
    """The process that holds the lock; None where none does."""
    try:
        inode = _file(folder).stat().st_ino
        # A line: its number, FLOCK, ADVISORY, WRITE, the process, device:device:inode, start, end. The kernel's list
        # needs no space on a disk, and has no process that has ended.
        locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    except OSError:
        return None
    held = [each for each in locks if each[1] == "FLOCK" and each[5].rpartition(":")[2] == str(inode)]
    return next((int(each[4]) for each in held if int(each[4]) > 0), None)


def interrupt_holder(folder: Path, say: Callable[[str], None]) -> None:
    """End the command that works in the folder: as Ctrl-C would, and by force after 15 s."""
    for number in (signal.SIGINT, signal.SIGKILL):
        pid = holder(folder)
        if pid is None or pid == os.getpid():
            return
        say(f"ending process {pid}, which works in {folder}")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        until = time.monotonic() + _PATIENCE
        while holder(folder) == pid and time.monotonic() < until:
            time.sleep(0.05)


def _taken(file: int, *, wait: bool) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True

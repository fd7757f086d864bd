"""The lock of a run's folder: one command uses the folder, others wait, and `local-down` ends the holder."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

_TIMEOUT: Final = 15.0


def _file(folder: Path) -> Path:
    # Not in the folder, which is removed and created again while the lock is held.
    return folder.with_name(f"{folder.name}.lock")


@contextlib.contextmanager
def exclusive(folder: Path, write_line: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of a run's folder; the kernel releases it when the process ends in any way.

    :param write_line: receives a line when the command has to wait for another process.
    """
    path = _file(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        path.chmod(0o600)
        if not _acquired(file.fileno(), wait=False):
            write_line(f"waiting for process {holder(folder)}, which uses {folder}")
            _acquired(file.fileno(), wait=True)
        yield


def holder(folder: Path) -> int | None:
    """The id of the process that holds the lock; None when the lock is free."""
    try:
        inode = _file(folder).stat().st_ino
        # The fields of a line: number, FLOCK, ADVISORY, WRITE, process, device:device:inode, start, end. Unlike a file
        # with the process id, this list needs no space on a disk and never names a process that has ended.
        locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    except OSError:
        return None
    held = [lock for lock in locks if lock[1] == "FLOCK" and lock[5].rpartition(":")[2] == str(inode)]
    return next((int(lock[4]) for lock in held if int(lock[4]) > 0), None)


def interrupt_holder(folder: Path, write_line: Callable[[str], None]) -> None:
    """End the command that uses the folder with SIGINT, and after 15 s with SIGKILL."""
    for number in (signal.SIGINT, signal.SIGKILL):
        pid = holder(folder)
        if pid is None or pid == os.getpid():
            return
        write_line(f"ending process {pid}, which uses {folder}")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        until = time.monotonic() + _TIMEOUT
        while holder(folder) == pid and time.monotonic() < until:
            time.sleep(0.05)


def _acquired(file: int, *, wait: bool) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True

"""Restricts the programs that the emulator's process may start to cache servers and sandboxes."""

import contextlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

_EVENTS: Final = frozenset(
    {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn", "subprocess.Popen"}
)
_OWN: Final = threading.local()


@contextlib.contextmanager
def own_program() -> Iterator[None]:
    """Allow this thread to start a program within a block."""
    before = getattr(_OWN, "allowed", False)
    _OWN.allowed = True
    try:
        yield
    finally:
        _OWN.allowed = before


def refuse_others() -> None:
    """Refuse every other start of a program until this process ends."""
    sys.addaudithook(_hook)


def is_running(pid: int) -> bool:
    """Whether a process runs; False for one that has ended and whose parent has not read its exit status."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _EVENTS and not getattr(_OWN, "allowed", False):
        raise PermissionError(f"the emulator may start only cache servers and sandboxes, got {arguments[:1]}")

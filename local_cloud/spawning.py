"""Which programs the emulator's process may start: the local cloud's own servers and sandboxes, and nothing else."""

import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import Any, Final

_EVENTS: Final = frozenset(
    {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn", "subprocess.Popen"}
)
_OWN: Final = threading.local()


@contextlib.contextmanager
def own_program() -> Iterator[None]:
    """Around the start of a program by the local cloud itself, in this thread."""
    before = getattr(_OWN, "allowed", False)
    _OWN.allowed = True
    try:
        yield
    finally:
        _OWN.allowed = before


def refuse_others() -> None:
    """Refuse every other start of a program, for as long as this process lives."""
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _EVENTS and not getattr(_OWN, "allowed", False):
        raise PermissionError(f"the local cloud starts its own servers and sandboxes alone, not {arguments[:1]}")

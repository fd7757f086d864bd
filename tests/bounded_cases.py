"""Cases that exceed the bounds of `bounded`, for its tests."""

import os
import sys
import time
from collections.abc import Callable
from typing import Final

from tests.bounded import report


def _memory() -> str:
    return f"{len(bytearray(2**28))} bytes"


def _wait() -> str:
    time.sleep(60)
    return "late"


def _work() -> str:
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass
    return "slow"


CASES: Final[dict[str, Callable[[], str]]] = {
    "good": lambda: "good",
    "memory": _memory,
    "wait": _wait,
    "work": _work,
    "exit": lambda: sys.exit(3),
    "end": lambda: os._exit(3),
}

if __name__ == "__main__":
    report([(name, CASES[name]) for name in sys.argv[1:]])

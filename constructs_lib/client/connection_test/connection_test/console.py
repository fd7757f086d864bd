"""Output that does not end the test when the console or the disk does not take it."""

from __future__ import annotations

import contextlib
import os
import sys


def say(text: str) -> None:
    """Print a line; a closed standard output or a full disk loses the line, and not the test."""
    try:
        print(text, flush=True)
    except OSError:
        # What is still in the buffer would fail again when the interpreter ends.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write(path: str, text: str) -> bool:
    """Write a file; returns whether that was possible, and names the problem on standard error."""
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as problem:
        with contextlib.suppress(OSError):
            print(f"connection_test: {path} was not written: {problem.strerror}", file=sys.stderr, flush=True)
        return False
    return True

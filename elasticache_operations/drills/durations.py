"""Durations as options of a drill: 500ms, 60s, 15m, or a number of seconds."""

import argparse
import re
from collections.abc import Callable
from typing import Final

from elasticache_operations.errors import InputError

_DURATION: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)(ms|s|m|)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "": 1.0}


def duration(option: str, least: float, most: float) -> Callable[[str], float]:
    """A function that reads a duration in seconds.

    :param option: its name, for the error.
    :param least: in seconds.
    :param most: in seconds.
    """

    def parse(text: str) -> float:
        found = _DURATION.fullmatch(text.strip())
        value = float(found[1]) * _SECONDS[found[2]] if found else -1.0
        if not least <= value <= most:
            raise InputError(
                f"{option} must be {least:g}s to {most:g}s, got {text[:60]!r}; write it like 500ms, 60s or 15m"
            )
        return value

    return parse


def add_timeout(
    parser: argparse.ArgumentParser, what: str, *, default: str, least: float = 10, most: float = 3600
) -> None:
    """Add the option `--timeout`.

    :param what: what it is for, for the help.
    :param least: in seconds.
    :param most: in seconds.
    """
    parser.add_argument(
        "--timeout",
        metavar="DURATION",
        type=duration("--timeout", least, most),
        default=default,
        help=f"for {what} (default: {default})",
    )

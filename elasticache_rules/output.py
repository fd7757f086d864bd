"""Output of the commands: one printable line per text, whatever a template or a path contains."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO

from elasticache_rules import facts

Step = Callable[[str], AbstractContextManager[object]]
"""Reports a step of a command, such as "checking the templates", while it lasts."""


def print_lines(lines: Iterable[str], *, end: str = "\n", file: TextIO | None = None) -> None:
    """Print the lines; ends quietly where the reader, such as `head`, wants no more of them.

    :param end: what follows each line.
    :param file: standard output by default.
    """
    stream = sys.stdout if file is None else file
    try:
        for line in lines:
            print(line, end=end, file=stream)
        stream.flush()
    except BrokenPipeError:
        # Otherwise Python would write the rest at its end, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def flushed() -> Iterator[None]:
    """Flush standard output at the end of the block; what its reader wants no more of is discarded.

    The help of argparse stays in the buffer, which Python would write at its end, with an error.
    """
    try:
        yield
    finally:
        print_lines(())


def counted(number: int, noun: str, several: str = "") -> str:
    """A number with a noun in the singular or plural.

    :param several: the plural. Default: the noun with an s.
    """
    return f"{number:,} {noun if number == 1 else several or f'{noun}s'}"


def printable(text: str) -> str:
    """A text as one line of printable characters; other characters are escaped as in Python.

    A logical id or a path can hold line breaks, terminal escape sequences and lone surrogates, which cannot be encoded.
    """
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def markdown(text: str) -> str:
    """A text that Markdown shows unchanged: characters with a meaning in Markdown and HTML are escaped."""
    escaped = printable(text).replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for character in "|`*_[]":
        escaped = escaped.replace(character, f"\\{character}")
    return escaped


def region_error(given: str) -> str:
    """The error for a region that does not exist.

    :param given: the value of --region.
    """
    import difflib  # noqa: PLC0415 - only an error takes the time for it

    shown = given if len(given) <= 60 else f"{given[:60]}..."
    regions = facts.regions()
    close = difflib.get_close_matches(given[:60], regions, n=1) or ["eu-west-1"]
    return f"--region must be a region of AWS, got {shown!r}; write it like --region {close[0]}"

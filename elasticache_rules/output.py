"""Output of the commands: one printable line per text, whatever a template or a path contains."""

import os
import sys
from collections.abc import Iterable

from elasticache_rules import facts


def print_lines(lines: Iterable[str]) -> None:
    """Print the lines; ends quietly where the reader, such as `head`, wants no more of them."""
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        # Otherwise Python would write the rest at its end, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def printable(text: str) -> str:
    """A text as one line of printable characters; other characters are escaped as in Python.

    A logical id or a path can hold line breaks, terminal escape sequences and lone surrogates, which cannot be encoded.
    """
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def region_error(given: str) -> str:
    """The error for a region that does not exist.

    :param given: the value of --region.
    """
    import difflib  # noqa: PLC0415 - only an error takes the time for it

    shown = given if len(given) <= 60 else f"{given[:60]}..."
    regions = facts.regions()
    close = difflib.get_close_matches(given[:60], regions, n=1) or ["eu-west-1"]
    return f"--region must be a region of AWS, got {shown!r}; write it like --region {close[0]}"

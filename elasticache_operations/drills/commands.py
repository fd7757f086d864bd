"""Commands that are options of a drill."""

import shlex

from elasticache_operations.errors import InputError


def words_of(option: str, command: str, example: str) -> list[str]:
    """The words of a command.

    :param option: its name, for the error.
    :param example: a command that works, for the error.
    :raises InputError: when it is empty, or has a quote that is not closed.
    """
    try:
        words = shlex.split(command)
    except ValueError as problem:
        raise InputError(f"{option} must be a command, got {command!r} ({problem}); close its quotes") from None
    if not words:
        raise InputError(f"{option} must be a command, got an empty text; write it like {example!r}")
    return words

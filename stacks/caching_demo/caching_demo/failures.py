"""Why the demonstration could not run, and what to do about it."""

from __future__ import annotations


class CannotRunError(Exception):
    """Ends the program with status 2.

    :param where: the part that failed: `configuration`, `database`, `time limit`.
    :param cause: what is wrong.
    :param action: what to do next.
    """

    def __init__(self, where: str, cause: str, action: str) -> None:
        super().__init__(f"{where}: {cause}; {action}")
        self.where, self.cause, self.action = where, cause, action


class DatabaseLostError(CannotRunError):
    """The database refused a connection or a statement, or did not answer.

    :param passing: whether the same may succeed later, such as when the server restarts.
    """

    def __init__(self, cause: str, action: str, *, passing: bool = False) -> None:
        super().__init__("database", cause, action)
        self.passing = passing


def first_line(error: BaseException) -> str:
    """The kind of an error and the first line of its message."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__

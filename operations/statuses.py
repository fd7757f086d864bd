"""Exit statuses of the commands, and the error that carries one."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class Status(IntEnum):
    """Exit status of a command."""

    DONE = 0
    REFUSED = 1
    ARGUMENTS = 2
    UNCONFIRMED = 3
    CREDENTIALS = 4
    UNAVAILABLE = 5
    UNDER_WAY = 6
    NO_BOTO3 = 7
    INTERRUPTED = 130


MEANINGS: Final[Mapping[Status, str]] = {
    Status.DONE: "the change is complete, or was complete before; with --dry-run: it would be",
    Status.REFUSED: "the state does not allow the change, or the service refused it, or it ended without effect",
    Status.ARGUMENTS: "an option is wrong or missing, or names something that does not exist",
    Status.UNCONFIRMED: "promote needs --primary-is-lost; nothing was changed",
    Status.CREDENTIALS: "no valid credentials, or no permission; nothing was changed",
    Status.UNAVAILABLE: "the API cannot be reached, throttles or fails; nothing was changed",
    Status.UNDER_WAY: "a change is or may be under way, and its end was not seen; run the same command again to resume",
    Status.NO_BOTO3: "boto3 is not installed",
    Status.INTERRUPTED: "interrupted with Ctrl-C; the message says whether a change is under way",
}


class OperationError(RuntimeError):
    """An operation that did not complete.

    :param message: what is wrong, and the fix.
    :param status: exit status of the command.
    """

    def __init__(self, message: str, status: Status = Status.REFUSED) -> None:
        super().__init__(" ".join(message.split()))
        self.status = status

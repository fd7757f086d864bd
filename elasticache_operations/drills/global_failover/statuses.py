"""How a command can end, its exit status, and the error that carries both."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from elasticache_operations.errors import Exit


class Status(IntEnum):
    """How a command ended."""

    DONE = 0
    REFUSED = 1
    ARGUMENTS = 2
    UNCONFIRMED = 3
    CREDENTIALS = 4
    UNAVAILABLE = 5
    UNDER_WAY = 6
    NO_BOTO3 = 7
    INTERRUPTED = 130

    @property
    def exit(self) -> Exit:
        """The exit status of the command, which is that of every subcommand of `elasticache`."""
        return _EXITS[self]


_EXITS: Final[Mapping[Status, Exit]] = {
    Status.DONE: Exit.FINE,
    Status.REFUSED: Exit.FOUND,
    Status.UNDER_WAY: Exit.FOUND,
    Status.ARGUMENTS: Exit.INPUT,
    Status.UNCONFIRMED: Exit.INPUT,
    Status.CREDENTIALS: Exit.AWS,
    Status.UNAVAILABLE: Exit.AWS,
    Status.NO_BOTO3: Exit.AWS,
    Status.INTERRUPTED: Exit.INTERRUPTED,
}
MEANINGS: Final[Mapping[Exit, str]] = {
    Exit.FINE: "the change is complete, or was complete before; without --run: it would be",
    Exit.FOUND: "the state does not allow the change, the service refused it, or its end was not seen",
    Exit.INPUT: "an option is wrong or missing, names something that does not exist, or confirms too little",
    Exit.AWS: "AWS did not answer, without credentials, permission, network or boto3; nothing was changed",
    Exit.INTERRUPTED: "interrupted with Ctrl-C; the message says whether a change is under way",
}


class OperationError(RuntimeError):
    """An operation that did not complete.

    :param message: what is wrong, and the fix.
    :param status: how the command ended.
    """

    def __init__(self, message: str, status: Status = Status.REFUSED) -> None:
        super().__init__(" ".join(message.split()))
        self.status = status

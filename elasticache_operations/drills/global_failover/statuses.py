"""How a command can end, its exit status, and the error that carries both."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from elasticache_operations.errors import Exit


class Status(Enum):
    """How a command ended, with the exit status of every subcommand of `elasticache` for it."""

    DONE = ("done", Exit.FINE)
    REFUSED = ("refused", Exit.FOUND)
    UNDER_WAY = ("under way", Exit.FOUND)
    ARGUMENTS = ("arguments", Exit.INPUT)
    UNCONFIRMED = ("unconfirmed", Exit.INPUT)
    CREDENTIALS = ("credentials", Exit.AWS)
    UNAVAILABLE = ("unavailable", Exit.AWS)
    NO_BOTO3 = ("no boto3", Exit.AWS)
    INTERRUPTED = ("interrupted", Exit.INTERRUPTED)

    @property
    def exit(self) -> Exit:
        """The exit status of the command."""
        return self.value[1]


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

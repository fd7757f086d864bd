"""Exit statuses of the command, and the errors that carry them."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit status of every subcommand."""

    FINE = 0
    FOUND = 1
    INPUT = 2
    AWS = 3
    INTERRUPTED = 130


class CommandError(RuntimeError):
    """An error that ends a subcommand, printed as one line on standard error.

    :param message: what is wrong, and the fix.
    """

    status = Exit.FOUND

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class InputError(CommandError):
    """An argument, a file or a name that is wrong: exit status 2. The message lists the valid values."""

    status = Exit.INPUT


class AwsError(CommandError):
    """AWS did not answer: exit status 3. The message names the IAM action that is missing, if one is.

    :param code: the error code of the service; empty without one.
    :param lost: whether the service may have received the request, and carried it out.
    """

    status = Exit.AWS

    def __init__(self, message: str, code: str = "", *, lost: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.lost = lost


class InterruptionError(CommandError):
    """Ctrl-C or SIGTERM: exit status 130. The message says what is under way."""

    status = Exit.INTERRUPTED


def one_of(name: str, given: str, valid: list[str]) -> InputError:
    """The error for a value that is not one of the valid ones, of which the closest ten are listed.

    :param name: of the option or the value.
    """
    import difflib  # noqa: PLC0415 - only an error takes the time for it

    shown = given if len(given) <= 60 else f"{given[:60]}..."
    close = difflib.get_close_matches(given[:60], valid, n=10, cutoff=0.4) if len(valid) > 10 else valid
    listed = close or valid[:10]
    more = "" if len(listed) == len(valid) else f" ({len(valid)} in all)"
    return InputError(f"{name} must be one of the valid values, got {shown!r}; use {', '.join(listed)}{more}")

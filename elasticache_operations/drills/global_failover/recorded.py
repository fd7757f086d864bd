"""Keeps the lines that a change prints as the steps of the drill's record."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from elasticache_operations.aws import Aws
from elasticache_operations.context import Context
from elasticache_operations.drills.global_failover.statuses import OperationError, Status
from elasticache_operations.drills.record import Record, Result
from elasticache_operations.errors import InputError
from elasticache_operations.progress import Progress

NAME: Final = "global-failover"
_STATES: Final = ("before", "after")
_RESULTS: Final = {
    Status.DONE: Result.PASSED,
    Status.INTERRUPTED: Result.INTERRUPTED,
    Status.UNDER_WAY: Result.FAILED,
}


def begin(arguments: argparse.Namespace, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Record | None:
    """The record of a change; None without `--record`.

    :param now: the time in UTC.
    :raises OperationError: for a file that cannot be written.
    """
    if getattr(arguments, "record", None) is None:
        return None
    context = Context(
        arguments.region,
        now().date(),
        offline=False,
        aws=Aws(arguments.region),
        progress=Progress(lambda _: None),  # the command has printed the line
    )
    try:
        return Record(NAME, arguments.id, context, arguments.run, arguments.record, now)
    except InputError as problem:
        raise OperationError(str(problem), Status.ARGUMENTS) from None


def keeping(write_line: Callable[[str], None], record: Record | None) -> Callable[[str], None]:
    """A function that prints a line, and adds its first part to the record as a step.

    :param record: None where nothing is recorded.
    """

    def write(line: str) -> None:
        write_line(line)
        what = line.partition("\n")[0]
        if record is not None and what not in _STATES:
            record.step(what)

    return write


def end(record: Record | None, status: Status, summary: str) -> str:
    """End the record, and append it to its file; returns what prevented that, or an empty text.

    :param record: None where nothing is recorded.
    """
    if record is None:
        return ""
    result = _RESULTS.get(status, Result.REFUSED)
    planned = result is Result.PASSED and not record.run
    outcome = record.end(Result.PLANNED if planned else result, summary)
    return "; ".join(outcome.report.warnings)

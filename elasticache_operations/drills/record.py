"""The record of a drill: printed as tables, and appended to a file as one line of JSON with `--record FILE`.

The line and the output of `--format json` are the same document, which `docs/schemas/drill.json` describes.

Example of a drill:

    def run(arguments: argparse.Namespace, context: Context) -> Outcome:
        with recording("failover", arguments, context) as record:
            record.check("Multi-AZ", met, "enabled")
            if not record.checks_are_met:
                return record.end(Result.REFUSED, "...")
            if not arguments.run:
                return record.end(Result.PLANNED, "...")
            record.step("TestFailover was called")
            record.figure("longest_write_gap_ms", "longest gap of writes", 412.0, "ms")
            return record.end(Result.PASSED, "...")
"""

import argparse
import json
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Any, Final

from elasticache_operations.context import Context, Outcome
from elasticache_operations.errors import AwsError, CommandError, Exit, InputError, InterruptionError
from elasticache_operations.report import Lines, Report, Table

Value = str | int | float | bool


class Result(StrEnum):
    """How a drill ended."""

    PLANNED = "planned"
    """A dry run; every check is met."""
    PASSED = "passed"
    FAILED = "failed"
    """The drill ran, and what it measured is outside of the limit; or it did not complete."""
    REFUSED = "refused"
    """A check is not met, or AWS refused the change; nothing was changed."""
    INTERRUPTED = "interrupted"
    """Ctrl-C or SIGTERM."""


_FOUND: Final = (Result.FAILED, Result.REFUSED)


@dataclass(frozen=True, slots=True)
class _Check:
    name: str
    met: bool
    detail: str


@dataclass(frozen=True, slots=True)
class _Step:
    time: str
    what: str


@dataclass(frozen=True, slots=True)
class _Figure:
    name: str
    label: str
    value: Value | None
    unit: str

    @property
    def text(self) -> str:
        if self.value is None:
            return "not known"
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        return f"{_number(self.value)} {self.unit}".rstrip()


def add_options(parser: argparse.ArgumentParser, effect: str) -> None:
    """Add the arguments that every drill has: `ID`, `--run` and `--record`.

    :param effect: what `--run` does, for the help.
    """
    parser.add_argument("id", metavar="ID", type=_name, help="id of the replication group")
    parser.add_argument("--run", action="store_true", help=f"{effect}; otherwise print what would be done")
    parser.add_argument(
        "--record", metavar="FILE", type=Path, help="append the record of the drill to this file, as one line of JSON"
    )


@dataclass(slots=True)
class Record:
    """The record of one run of a drill.

    :param drill: `failover`, `global-failover`, `restore` or `rotation`.
    :param id: of the cache.
    :param context: the common options.
    :param run: whether this is no dry run.
    :param path: the file to which the record is appended; None without `--record`.
    :param now: the time in UTC.
    """

    drill: str
    id: str
    context: Context
    run: bool
    path: Path | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    under_way: str = ""
    """What continues after an interruption, or has to be done; printed when the drill is interrupted or fails."""
    watch: Sequence[Mapping[str, Any]] = ()
    """The records of the watch at the client, which `elasticache picture` draws beneath the steps."""
    ended: bool = field(default=False, init=False)
    began: str = field(default="", init=False)
    _checks: list[_Check] = field(default_factory=list, init=False)
    _steps: list[_Step] = field(default_factory=list, init=False)
    _figures: list[_Figure] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.began = self._time()
        if self.path is not None:
            try:
                with self.path.open("a", encoding="utf-8"):
                    pass
            except OSError as problem:
                raise InputError(
                    f"--record must be a file that can be written, got {self.path} ({problem.strerror or problem}); "
                    "correct the path"
                ) from None

    def check(self, name: str, met: bool, detail: str) -> bool:
        """Add a condition for the drill; returns whether it is met.

        :param name: such as "Multi-AZ".
        :param detail: the state that was read, and the fix when it is not met.
        """
        self._checks.append(_Check(name, met, detail))
        return met

    @property
    def checks_are_met(self) -> bool:
        """Whether every condition is met."""
        return all(check.met for check in self._checks)

    @property
    def unmet(self) -> str:
        """The conditions that are not met, as text."""
        return "; ".join(f"{check.name}: {check.detail}" for check in self._checks if not check.met)

    def step(self, what: str) -> None:
        """Add a step with the current time, and report it on standard error."""
        self._steps.append(_Step(self._time(), what))
        self.context.progress.write_line(f"elasticache: {what}")

    def figure(self, name: str, label: str, value: Value | None, unit: str = "") -> None:
        """Add a measured figure.

        :param name: the key in the JSON document, which ends with the unit, such as `longest_write_gap_ms`.
        :param label: its name in the table.
        :param value: None when it is not known; the key is then absent.
        :param unit: in the table, such as "ms".
        """
        self._figures.append(_Figure(name, label, value, unit))

    def end(self, result: Result, summary: str) -> Outcome:
        """End the drill, append the record to the file, and return the outcome of the subcommand.

        :param summary: the last line of the text, such as "the longest gap is 412 ms, at most 60 s are allowed".
        """
        self.ended = True
        status = Exit.FOUND if result in _FOUND else Exit.FINE
        region = self.context.default_region()
        report = Report(self._data(result, summary), self._blocks(result, summary))
        problem = self._append(report, region)
        if problem:
            status = status or Exit.INPUT
            report = Report(report.data, report.blocks, warnings=(problem,))
        return Outcome(report, int(status), region)

    def _append(self, report: Report, region: str | None) -> str:
        """Append the record to the file; returns the problem, or an empty text."""
        if self.path is None:
            return ""
        document = report.document(f"drill {self.drill}", self.context.as_of, region)
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(document, ensure_ascii=False)}\n")
        except OSError as problem:
            return f"the record was not written to {self.path}: {problem.strerror or problem}; keep this output"
        return ""

    def _data(self, result: Result, summary: str) -> dict[str, Any]:
        watched = {"watch": list(self.watch)} if self.watch else {}
        return {
            "drill": self.drill,
            "id": self.id,
            "run": self.run,
            "result": str(result),
            "summary": summary,
            "began": self.began,
            "ended": self._time(),
            "checks": [{"name": each.name, "met": each.met, "detail": each.detail} for each in self._checks],
            "steps": [{"time": each.time, "what": each.what} for each in self._steps],
            "figures": {each.name: each.value for each in self._figures},
            **watched,
        }

    def _blocks(self, result: Result, summary: str) -> list[Table | Lines]:
        checks = [(each.name, "ok" if each.met else "NOT MET", each.detail) for each in self._checks]
        steps = [(each.time, each.what) for each in self._steps]
        figures = [(each.label, each.text) for each in self._figures]
        title = f"drill {self.drill} of {self.id}{'' if self.run else ' (dry run)'}"
        blocks: list[Table | Lines] = [Lines([title])]
        if checks:
            blocks.append(Table(("check", "result", "detail"), checks))
        if steps:
            blocks.append(Table(("time (UTC)", "step"), steps))
        if figures:
            blocks.append(Table(("figure", ">value"), figures))
        return [*blocks, Lines([f"{result}: {summary}"])]

    def _time(self) -> str:
        return self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def recording(
    drill: str,
    arguments: argparse.Namespace,
    context: Context,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[Record]:
    """A record that is appended to the file also when the drill fails or is interrupted.

    Ctrl-C and SIGTERM raise KeyboardInterrupt in the body, which must end what it started.

    :param arguments: with the arguments of `add_options`.
    :raises InterruptionError: after Ctrl-C or SIGTERM, with what is under way.
    :raises InputError: for a file of `--record` that cannot be written.
    """
    record = Record(drill, arguments.id, context, arguments.run, arguments.record, now)
    with _sigterm_as_interrupt():
        try:
            yield record
        except KeyboardInterrupt:
            message = f"interrupted; {record.under_way or 'nothing was changed'}"
            if not record.ended:
                record.end(Result.INTERRUPTED, message)
            raise InterruptionError(message) from None
        except CommandError as problem:
            message = f"{problem}{f'; {record.under_way}' if record.under_way else ''}"
            if not record.ended:
                refused = isinstance(problem, AwsError | InputError) and not record.under_way
                record.end(Result.REFUSED if refused else Result.FAILED, message)
            if record.under_way:
                raise _same_kind(problem, message) from problem
            raise


def _same_kind(problem: CommandError, message: str) -> CommandError:
    if isinstance(problem, AwsError):
        return AwsError(message, problem.code, lost=problem.lost)
    return type(problem)(message)


@contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    """Let SIGTERM raise KeyboardInterrupt, as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _name(text: str) -> str:
    if not text.strip():
        raise InputError("ID must not be empty; give the id of a replication group")
    return text.strip()


def _number(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"

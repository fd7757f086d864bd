"""The output of the watch: lines for people, or a JSON record per line for programs."""

from __future__ import annotations

import datetime
import json
import threading
import time
from dataclasses import dataclass
from typing import Optional, Union

from connection_test.console import say
from connection_test.report import counted
from connection_test.watch_routes import READ, REPLICA_READ, WRITE

OPERATIONS = {WRITE: "writes", READ: "reads", REPLICA_READ: "replica reads"}
Fact = Union[str, int, float, bool, None]


@dataclass
class Gap:
    """A time in which one operation on one shard had no answer.

    :param start: the time of the last answer before it, by the monotonic clock.
    :param end: the time of the first answer after it, or of the end of the watch.
    :param ended: whether there was an answer after it.
    :param lost: confirmed writes that were not there afterwards; None when that is not known, or for reads.
    :param unconfirmed: writes that were sent and not answered.
    :param refused: writes that were answered with an error.
    """

    shard: int
    operation: str
    start: float
    end: float
    cause: str
    ended: bool = True
    lost: Optional[int] = None
    unconfirmed: int = 0
    refused: int = 0

    @property
    def milliseconds(self) -> float:
        """Its length."""
        return (self.end - self.start) * 1000


@dataclass
class Total:
    """The figures of one operation on one shard, or on all.

    :param answered: requests with an answer; of writes, the confirmed ones.
    :param stale: reads from the primary that answered an older value than the last confirmed write.
    """

    operation: str
    shard: int = 0
    answered: int = 0
    gaps: int = 0
    longest: float = 0.0
    milliseconds: float = 0.0
    open: int = 0
    lost: int = 0
    unconfirmed: int = 0
    refused: int = 0
    stale: int = 0

    def add(self, gap: Gap) -> None:
        """Count a gap."""
        self.gaps += 1
        self.longest = max(self.longest, gap.milliseconds)
        self.milliseconds += gap.milliseconds
        self.open += not gap.ended
        self.lost += gap.lost or 0

    def merge(self, other: Total) -> None:
        """Add the figures of another shard."""
        for name in ("answered", "gaps", "milliseconds", "open", "lost", "unconfirmed", "refused", "stale"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.longest = max(self.longest, other.longest)

    def as_dict(self) -> dict[str, Fact]:
        """The figures for JSON, without those of another operation."""
        result: dict[str, Fact] = {"operation": self.operation, "answered": self.answered, "gaps": self.gaps}
        result.update(longest_ms=round(self.longest, 1), gaps_ms=round(self.milliseconds, 1), open=self.open)
        if self.shard:
            result["shard"] = self.shard
        if self.operation == WRITE:
            result.update(lost=self.lost, unconfirmed=self.unconfirmed, refused=self.refused)
        if self.operation == READ:
            result["stale"] = self.stale
        return result


class Output:
    """Prints, from several threads, until the summary. It formats texts that were redacted where they were created."""

    def __init__(self, form: str) -> None:
        self.form, self.began = form, time.monotonic()
        self._lock = threading.Lock()
        self._complete = False

    def emit(self, event: str, line: str, **facts: object) -> None:
        """Print an event: as a line, or as a record with the facts. An empty line is for programs alone."""
        seconds = time.monotonic() - self.began
        with self._lock:
            if self._complete:
                return
            self._complete = event == "summary"
            if self.form != "json":
                if line:
                    say(line)
                return
            now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
            record = {"event": event, "time": now, "seconds": round(seconds, 3), **facts}
            say(json.dumps(record))

    def gap(self, gap: Gap) -> None:
        """Print a gap."""
        facts: dict[str, Fact] = {"shard": gap.shard, "operation": gap.operation}
        facts.update(start=round(gap.start - self.began, 3), end=round(gap.end - self.began, 3))
        facts.update(milliseconds=round(gap.milliseconds, 1), ended=gap.ended, cause=gap.cause)
        if gap.operation == WRITE:
            facts.update(lost=gap.lost, unconfirmed=gap.unconfirmed, refused=gap.refused)
        self.emit("gap", f"{gap.end - self.began:7.1f} s  {_line_of(gap)}", **facts)


def _line_of(gap: Gap) -> str:
    where = f"{OPERATIONS[gap.operation]} on shard {gap.shard}: no answer for {gap.milliseconds:.0f} ms"
    if not gap.ended:
        where += " until the end of the watch"
    notes = [gap.cause]
    if gap.operation == WRITE:
        notes.insert(0, f"{gap.unconfirmed} unconfirmed")
        if gap.lost is not None:
            where += f", {counted(gap.lost, 'confirmed write')} lost"
    return f"{where} ({'; '.join(notes)})"


def total_line(total: Total) -> str:
    """The figures of an operation, for people."""
    line = f"{total.answered} {OPERATIONS[total.operation]}, {counted(total.gaps, 'gap')}"
    line += f", the longest {total.longest:.0f} ms"
    if total.operation == WRITE:
        line += f", {counted(total.lost, 'confirmed write')} lost, {total.unconfirmed} unconfirmed"
    return line + (f", {total.open} without an answer at the end" if total.open else "")

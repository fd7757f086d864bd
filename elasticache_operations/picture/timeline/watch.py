"""What `cache-connection-test --watch --format json` recorded: shards, operations, gaps and changes of nodes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from elasticache_operations.errors import InputError
from elasticache_operations.picture.timeline.records import Record

OPERATIONS: Final = {"write": "writes", "read": "reads", "replica-read": "replica reads"}
WRITE: Final = "write"
_EVENTS: Final = ("node", "start", "not-permitted", "gap", "summary")


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which one operation on one shard had no answer.

    :param start: in seconds since the beginning of the watch, as `end`.
    :param ended: whether there was an answer after it.
    :param lost: confirmed writes that were not there afterwards; None where that is not known, and for reads.
    :param unconfirmed: writes that were sent and not answered.
    :param refused: writes that were answered with an error.
    """

    shard: int
    operation: str
    start: float
    end: float
    milliseconds: float
    cause: str
    ended: bool = True
    lost: int | None = None
    unconfirmed: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class NodeChange:
    """An operation has connected to another node.

    :param at: in seconds since the beginning of the watch.
    """

    shard: int
    operation: str
    at: float
    node: str


@dataclass(frozen=True, slots=True)
class Total:
    """The figures of one operation.

    :param answered: None where the watch ended without a summary.
    """

    operation: str
    answered: int | None
    gaps: int
    longest_ms: float
    gaps_ms: float
    open: int
    lost: int = 0
    unconfirmed: int = 0
    refused: int = 0
    stale: int = 0


@dataclass(slots=True)
class Lane:
    """One operation on one shard.

    :param forbidden: why the user may not run it; empty where it was watched.
    """

    shard: int
    operation: str
    gaps: list[Gap] = field(default_factory=list)
    changes: list[NodeChange] = field(default_factory=list)
    forbidden: str = ""


@dataclass(slots=True)
class Shard:
    """One shard, with the nodes and slots at the beginning, and its operations."""

    number: int
    primary: str
    replicas: tuple[str, ...]
    slots: tuple[tuple[int, int], ...]
    lanes: list[Lane] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Watch:
    """One watch.

    :param began: in UTC.
    :param seconds: how long it took.
    :param complete: whether it has a summary; without one it was ended by force.
    :param interrupted: whether a signal ended it.
    """

    began: datetime
    seconds: float
    duration: float
    period_ms: float
    slow_ms: float
    shards: tuple[Shard, ...]
    totals: tuple[Total, ...]
    complete: bool
    interrupted: bool

    @property
    def lanes(self) -> list[Lane]:
        """All operations on all shards."""
        return [lane for shard in self.shards for lane in shard.lanes]

    @property
    def gaps(self) -> list[Gap]:
        """All gaps, in the order of their beginnings."""
        return sorted((gap for lane in self.lanes for gap in lane.gaps), key=lambda gap: (gap.start, gap.shard))

    @property
    def changes(self) -> list[NodeChange]:
        """All changes of nodes, in their order."""
        return sorted((change for lane in self.lanes for change in lane.changes), key=lambda change: change.at)

    def total(self, operation: str) -> Total | None:
        """The figures of an operation on all shards; None where it was not watched."""
        return next((total for total in self.totals if total.operation == operation), None)


def watches(records: Sequence[Record]) -> list[Watch]:
    """The watches of a file; one begins after the summary of the one before.

    :raises InputError: when a record is not as documented, or a watch has no record of its start.
    """
    result: list[Watch] = []
    while records:
        events = [_event(record) for record in records]
        length = events.index("summary") + 1 if "summary" in events else len(events)
        result.append(_watch(records[:length], events[:length]))
        records = records[length:]
    return result


def _event(record: Record) -> str:
    event = record.text("event")
    if event not in _EVENTS:
        raise record.error("event", f"one of {', '.join(_EVENTS)}")
    return event


def _watch(records: Sequence[Record], events: Sequence[str]) -> Watch:
    if "start" not in events:
        raise InputError(
            f"{records[0].where}: a watch begins here without a record of the event start; write the file again with "
            "cache-connection-test --watch 60 --format json"
        )
    start = records[events.index("start")]
    shards = {shard.number: shard for shard in map(_shard, start.each("shards"))}
    lanes: dict[tuple[int, str], Lane] = {}
    summary = records[-1] if events[-1] == "summary" else None
    for record, event in zip(records, events, strict=True):
        if event == "node":
            _add_node(lanes, record)
        elif event == "gap":
            _lane(lanes, record).gaps.append(_gap(record))
        elif event == "not-permitted":
            _lane(lanes, record).forbidden = record.text("cause")
    order = list(OPERATIONS)
    for (number, _), lane in sorted(lanes.items(), key=lambda item: (item[0][0], order.index(item[0][1]))):
        shards.setdefault(number, Shard(number, "", (), ())).lanes.append(lane)
    listed = tuple(shards[number] for number in sorted(shards))
    last = max(record.number("seconds") for record in records)
    began = start.moment("time") - timedelta(seconds=start.number("seconds"))
    return Watch(
        began=began,
        seconds=max(summary.number("watched") if summary else last, 0.001),
        duration=start.number("duration"),
        period_ms=start.number("period_ms"),
        slow_ms=start.number("slow_ms"),
        shards=listed,
        totals=tuple(map(_total, summary.each("totals"))) if summary else tuple(_counted(listed)),
        complete=summary is not None,
        interrupted=summary is not None and summary.truth("interrupted", default=False),
    )


def _shard(record: Record) -> Shard:
    ranges = record.content.get("slots", [])
    if not isinstance(ranges, list) or not all(
        isinstance(item, list) and len(item) == 2 and all(type(slot) is int for slot in item) for item in ranges
    ):
        raise record.error("slots", "a list of first and last slots")
    replicas = record.content.get("replicas", [])
    if not isinstance(replicas, list) or not all(isinstance(node, str) for node in replicas):
        raise record.error("replicas", "a list of nodes")
    return Shard(
        record.count("shard"),
        record.text("primary", default=""),
        tuple(replicas),
        tuple((first, last) for first, last in ranges),
    )


def _lane(lanes: dict[tuple[int, str], Lane], record: Record) -> Lane:
    key = record.count("shard"), _operation(record)
    return lanes.setdefault(key, Lane(*key))


def _operation(record: Record) -> str:
    operation = record.text("operation")
    if operation not in OPERATIONS:
        raise record.error("operation", f"one of {', '.join(OPERATIONS)}")
    return operation


def _add_node(lanes: dict[tuple[int, str], Lane], record: Record) -> None:
    """Record a change of the node; the first node of an operation is no change."""
    first = (record.count("shard"), _operation(record)) not in lanes
    lane = _lane(lanes, record)
    if not first:
        lane.changes.append(NodeChange(lane.shard, lane.operation, record.number("seconds"), record.text("node")))


def _gap(record: Record) -> Gap:
    start, end = record.number("start"), record.number("end")
    if end < start:
        raise record.error("end", f"at least start, {start:g}")
    return Gap(
        record.count("shard"),
        _operation(record),
        start,
        end,
        record.number("milliseconds"),
        record.text("cause"),
        ended=record.truth("ended", default=True),
        lost=None if record.content.get("lost") is None else record.count("lost"),
        unconfirmed=record.count("unconfirmed", default=0),
        refused=record.count("refused", default=0),
    )


def _total(record: Record) -> Total:
    return Total(
        _operation(record),
        record.count("answered"),
        record.count("gaps"),
        record.number("longest_ms"),
        record.number("gaps_ms"),
        record.count("open", default=0),
        *(record.count(name, default=0) for name in ("lost", "unconfirmed", "refused", "stale")),
    )


def _counted(shards: Iterable[Shard]) -> Iterable[Total]:
    """The figures of a watch without a summary, from its gaps."""
    lanes = [lane for shard in shards for lane in shard.lanes if not lane.forbidden]
    for operation in OPERATIONS:
        if not any(lane.operation == operation for lane in lanes):
            continue
        gaps = [gap for lane in lanes if lane.operation == operation for gap in lane.gaps]
        yield Total(
            operation,
            None,
            len(gaps),
            max((gap.milliseconds for gap in gaps), default=0),
            sum(gap.milliseconds for gap in gaps),
            sum(not gap.ended for gap in gaps),
            sum(gap.lost or 0 for gap in gaps),
            sum(gap.unconfirmed for gap in gaps),
            sum(gap.refused for gap in gaps),
        )

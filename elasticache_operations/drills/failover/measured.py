"""What the records of the watch say about a failover. `docs/watch.md` describes the records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from elasticache_operations.drills.record import Record

Records = Sequence[Mapping[str, Any]]
WRITE: Final = "write"
READ: Final = "read"
REPLICA_READ: Final = "replica-read"
_NOUNS: Final = {WRITE: "writes", READ: "reads", REPLICA_READ: "replica reads"}


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of the watch.

    :param watched: the operations of the watch.
    :param longest: the longest gap of each operation in milliseconds.
    :param lost: confirmed writes that are lost; None when the watch could not tell.
    :param open: the operations and shards without an answer at the end.
    :param answered: the answers of each operation; empty without a summary.
    """

    watched: Sequence[str]
    longest: Mapping[str, float]
    lost: int | None
    unconfirmed: int
    refused: int
    open: Sequence[str]
    answered: Mapping[str, int]

    @classmethod
    def of(cls, records: Records, before: int) -> "Measured":
        """The figures of the gaps.

        :param before: how many of the records were there before the failover; their gaps are left out.
        """
        gaps = [record for record in records[before:] if record["event"] == "gap"]
        writes = [gap for gap in gaps if gap["operation"] == WRITE]
        lost = [gap["lost"] for gap in writes if gap.get("lost") is not None]
        totals = [record["totals"] for record in records if record["event"] == "summary"]
        watched = operations(records)
        return cls(
            watched=watched,
            longest={
                name: max((float(gap["milliseconds"]) for gap in gaps if gap["operation"] == name), default=0.0)
                for name in watched
            },
            lost=sum(lost) if len(lost) == len(writes) else None,
            unconfirmed=sum(int(gap.get("unconfirmed") or 0) for gap in writes),
            refused=sum(int(gap.get("refused") or 0) for gap in writes),
            open=[f"{_NOUNS[gap['operation']]} on shard {gap['shard']}" for gap in gaps if not gap["ended"]],
            answered={total["operation"]: int(total["answered"]) for total in totals[0]} if totals else {},
        )

    @property
    def interruption(self) -> float:
        """The longest gap of writes and reads from the primary, in milliseconds."""
        return max((self.longest.get(name, 0.0) for name in (WRITE, READ)), default=0.0)

    def add_to(self, record: Record) -> None:
        """Add the figures to a record; what was not watched is not known."""
        for name, noun in _NOUNS.items():
            key = name.replace("-", "_")
            record.figure(f"longest_{key}_gap_ms", f"longest gap of {noun}", self.longest.get(name), "ms")
        writes = WRITE in self.watched
        record.figure("lost_writes", "lost confirmed writes", self.lost if writes else None)
        record.figure("unconfirmed_writes", "unconfirmed writes", self.unconfirmed if writes else None)
        record.figure("refused_writes", "refused writes", self.refused if writes else None)
        record.figure("writes", "confirmed writes", self.answered.get(WRITE))
        record.figure("reads", "answered reads", self.answered.get(READ))


def operations(records: Records) -> list[str]:
    """The operations that the watch measures, without those that the user may not run on any shard."""
    starts = [record for record in records if record["event"] == "start"]
    if not starts:
        return []
    shards = len(starts[0]["shards"])
    forbidden = [record["operation"] for record in records if record["event"] == "not-permitted"]
    return [name for name in starts[0]["operations"] if name == REPLICA_READ or forbidden.count(name) < shards]

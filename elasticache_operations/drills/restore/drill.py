"""The steps of a restore drill with `--run`; what it creates is deleted however it ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from elasticache_operations.context import Context, Outcome
from elasticache_operations.drills.client_shell import Shell
from elasticache_operations.drills.clock import Clock
from elasticache_operations.drills.record import Record, Result
from elasticache_operations.drills.restore import comparison, snapshots
from elasticache_operations.drills.restore.comparison import Compared
from elasticache_operations.drills.restore.copy import Copy, Original, endpoint
from elasticache_operations.drills.restore.interruptions import Interruptions
from elasticache_operations.drills.restore.price import NodeHours
from elasticache_operations.drills.restore.snapshots import Snapshot
from elasticache_operations.drills.restore.temporary import (
    DELETION,
    GROUP,
    POLL,
    SNAPSHOT,
    LeftOver,
    Temporary,
    new_name,
    tags,
)
from elasticache_operations.errors import CommandError

_FAILED: Final = "create-failed"
_AVAILABLE: Final = "available"


@dataclass(slots=True)
class Drill:
    """One restore of one snapshot.

    :param snapshot: to restore; None: one that is taken for the drill.
    :param left: what earlier drills have left, deleted first.
    :param price: of the temporary nodes.
    :param sample: keys to compare from each cache.
    :param most_changed: the percentage of keys that may have changed since the snapshot.
    :param timeout: seconds from the first change until the deletion begins.
    """

    context: Context
    record: Record
    original: Original
    snapshot: Snapshot | None
    left: Sequence[LeftOver]
    price: NodeHours
    shell: Shell
    sample: int
    most_changed: float
    timeout: float
    clock: Clock = field(default_factory=Clock)
    _temporaries: list[Temporary] = field(default_factory=list, init=False)
    _deleted: list[Temporary] = field(default_factory=list, init=False)
    _created: float | None = field(default=None, init=False)
    _began: float = field(default=0.0, init=False)

    def run(self) -> Outcome:
        """Restore, compare, delete, and say what it cost.

        :raises CommandError: when a step or the deletion fails.
        """
        interruptions = Interruptions(self.context.progress.write_line)
        with interruptions.handled():
            self._began = self.clock.monotonic()
            try:
                self._delete_left_over()
                compared = self._compare(self._restore(self._snapshot()))
            finally:
                interruptions.clean()
                self._delete()
        passed, why = compared.verdict(self.most_changed)
        return self.record.end(Result.PASSED if passed else Result.FAILED, why)

    def _delete_left_over(self) -> None:
        for each in self.left:
            temporary = self._temporary(Temporary(self.context.aws, each.resource, each.id, self.clock, exists=True))
            self.record.step(f"deleting {each.resource.kind} {each.id}, which an earlier drill has left")
            temporary.delete(self.context.progress.write_line)
            self._deleted.append(temporary)

    def _snapshot(self) -> Snapshot:
        if self.snapshot is not None:
            return self.snapshot
        temporary = self._temporary(Temporary(self.context.aws, SNAPSHOT, new_name(), self.clock))
        self.record.step(f"taking snapshot {temporary.id} of {self.original.id}")
        temporary.create(SnapshotName=temporary.id, Tags=self._tags(), **self.original.snapshot_source)
        return snapshots.wait_for(self.context.aws, temporary.id, self.clock, self._left())

    def _restore(self, snapshot: Snapshot) -> tuple[Copy, Snapshot]:
        temporary = self._temporary(Temporary(self.context.aws, GROUP, new_name(), self.clock))
        copy = Copy(self.original, snapshot, temporary.id, self._tags())
        self.record.step(f"restoring snapshot {snapshot.name} into {copy.id}")
        began = self._created = self.clock.monotonic()
        temporary.create(**copy.request)
        self._wait_until_available(temporary)
        self.record.figure("restore_s", "restore", round(self.clock.monotonic() - began, 1), "s")
        return copy, snapshot

    def _wait_until_available(self, temporary: Temporary) -> None:
        status = "creating"
        for _ in self.clock.until(self._left(), POLL):
            group = GROUP.describe(self.context.aws, temporary.id)
            status = str(group["Status"]) if group else "absent"
            if status == _AVAILABLE:
                return
            if status == _FAILED:
                raise CommandError(
                    f"the snapshot was not restored: {temporary.id} is {status}; look at the events: "
                    "aws elasticache describe-events"
                )
        raise CommandError(f"{temporary.id} is {status} after {self.timeout:g} s; give a longer --timeout")

    def _compare(self, restored: tuple[Copy, Snapshot]) -> Compared:
        copy, snapshot = restored
        group = GROUP.describe(self.context.aws, copy.id)
        if group is None or snapshot.taken is None:
            raise CommandError(f"{copy.id} was deleted during the drill; run it again")
        host, port = endpoint(group)
        age = (self.record.now() - snapshot.taken).total_seconds()
        self.record.step(f"comparing the data on {self.shell.place}")
        self.record.figure("snapshot_age_s", "age of the snapshot", round(age), "s")
        began = self.clock.monotonic()
        compared = comparison.run(
            self.shell,
            {
                "host": host,
                "port": port,
                "password": copy.password,
                "sample": self.sample,
                "age": age,
                "seconds": comparison.SECONDS,
            },
        )
        self.record.figure("comparison_s", "comparison", round(self.clock.monotonic() - began, 1), "s")
        _add_figures(self.record, compared)
        return compared

    def _delete(self) -> None:
        """Delete what was created, the newest first; a failure does not prevent the next deletion."""
        problem: CommandError | None = None
        self._say_what_remains()
        for temporary in reversed(self._temporaries):
            if not temporary.exists:
                continue
            self.record.step(f"deleting {temporary.resource.kind} {temporary.id}")
            began = self.clock.monotonic()
            try:
                passed = temporary.delete(self.context.progress.write_line)
            except CommandError as failed:
                problem = problem or failed
                continue
            if temporary.resource is GROUP and self._created is not None:
                self._say_cost(began + passed - self._created)
                self.record.figure("deletion_s", "until the deletion was accepted", round(passed, 1), "s")
            self._deleted.append(temporary)
            self._say_what_remains()
        if problem is not None:
            raise problem

    def _say_cost(self, seconds: float) -> None:
        cost = self.price.cost(seconds)
        self.record.figure("cost_usd", "cost", None if cost is None else round(cost, 4), "USD")

    def _temporary(self, temporary: Temporary) -> Temporary:
        self._temporaries.append(temporary)
        return temporary

    def _say_what_remains(self) -> None:
        """Set the end of the message for an interruption or a failure."""
        remaining = [each for each in self._temporaries if each.exists]
        deleted = [f"{each.resource.kind} {each.id} is deleted" for each in self._deleted]
        self.record.under_way = "; ".join([*deleted, *(each.remains for each in remaining)])

    def _left(self) -> float:
        return max(0.0, self.timeout - (self.clock.monotonic() - self._began))

    def _tags(self) -> list[dict[str, str]]:
        until = self.record.now() + timedelta(seconds=self.timeout + comparison.LIMIT + DELETION)
        return tags(self.original.id, until)


def _add_figures(record: Record, compared: Compared) -> None:
    figures: dict[str, tuple[str, Any]] = {
        "source_keys": ("keys in the cache", compared.source),
        "restored_keys": ("keys in the restored cache", compared.restored),
        "sampled_keys": ("keys in the sample", compared.sampled),
        "same_keys": ("the same in both", compared.same),
        "changed_keys": ("changed since the snapshot", compared.changed),
        "gone_keys": ("deleted or expired since the snapshot", compared.gone),
        "new_keys": ("new since the snapshot", compared.new),
        "different_keys": ("not used since the snapshot, and different", compared.different),
        "lost_keys": ("not used since the snapshot, and not restored", compared.lost),
        "unreadable_keys": ("not readable for the user of the client", compared.unreadable),
    }
    for name, (label, value) in figures.items():
        record.figure(name, label, value)

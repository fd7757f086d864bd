"""Runs a failover while the watch measures it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from elasticache_operations.aws import Call
from elasticache_operations.context import Context, Outcome
from elasticache_operations.drills.clock import Clock
from elasticache_operations.drills.failover import events
from elasticache_operations.drills.failover.events import Event, Seen
from elasticache_operations.drills.failover.measured import READ, WRITE, Measured, operations
from elasticache_operations.drills.failover.watch import Watch
from elasticache_operations.drills.record import Record, Result
from elasticache_operations.errors import AwsError, CommandError, InputError
from elasticache_operations.status.caches import Cache

CALL: Final = Call("elasticache", "TestFailover", "--run", "arn:aws:elasticache:*:*:replicationgroup:{cache}")
STEADY: Final = 1.0
"""Seconds without a gap before the failover."""
STEADY_TIMEOUT: Final = 60.0
SETTLE: Final = 30.0
"""Seconds after the failover in which the client's first gap must have ended."""
LOST_TIMEOUT: Final = 120.0
"""Seconds in which an event must show that a call without an answer was carried out."""
_QUICK: Final = 0.1
_POLL: Final = 2.0


@dataclass(slots=True)
class Drill:
    """One failover of one shard.

    :param nodes: of the shard.
    :param most: the longest interruption that is allowed, in seconds.
    :param timeout: seconds for the failover.
    """

    context: Context
    record: Record
    cache: Cache
    shard: str
    nodes: Collection[str]
    watch: Watch
    most: float
    timeout: float
    clock: Clock = field(default_factory=Clock)
    _records: list[dict[str, Any]] = field(default_factory=list, init=False)
    _called: int | None = field(default=None, init=False)
    """The number of records when TestFailover was called; None before the call."""
    _lost: AwsError | None = field(default=None, init=False)
    """The call of TestFailover had no answer, and may have been carried out."""
    _called_at: float = field(default=0.0, init=False)

    def run(self) -> Outcome:
        """Start the watch, fail over, wait for the end, and end the watch.

        :raises CommandError: when the client cannot read and write, so that nothing is measured.
        :raises AwsError: when a call fails.
        """
        before = events.read(self.context.aws, self.cache.id)
        self.record.watch = self._records
        try:
            self.record.step(f"the watch starts on {self.watch.place}")
            self.watch.start()
            self._wait_until_steady()
            self._call()
            seen, available = self._wait_for_the_end(before)
            self._wait_for_the_client()
            ended = self.watch.problem()
        except BaseException:
            self._stop_after_failure()
            raise
        self._stop()
        return self._judge(seen, available, ended)

    def _wait_until_steady(self) -> None:
        """Wait until the client has read and written for a second without a gap."""
        quiet: float | None = None
        for passed in self.clock.until(STEADY_TIMEOUT, _QUICK):
            new = self._read()
            problem = self.watch.problem()
            if problem:
                raise CommandError(f"the watch on {self.watch.place} does not run: {problem}; nothing was failed over")
            if any(record["event"] in ("start", "gap") for record in new):
                quiet = passed
            elif quiet is not None and passed - quiet >= STEADY:
                break
        else:
            raise CommandError(
                f"the client on {self.watch.place} had no second without a gap in {STEADY_TIMEOUT:.0f} s; nothing was "
                "failed over; test the connection with cache-connection-test"
            )
        watched = operations(self._records)
        expected = [READ] if self._is_secondary else [READ, WRITE]
        missing = [name for name in expected if name not in watched]
        if missing:
            raise CommandError(
                f"the user of the client may not {' and '.join(missing)}, so nothing is measured; nothing was failed "
                "over; grant the user the commands of the watch"
            )
        self.record.step("the client has read and written for a second without a gap")

    @property
    def _is_secondary(self) -> bool:
        return bool(self.cache.global_datastore) and WRITE not in operations(self._records)

    def _call(self) -> None:
        id, shard = self.cache.id, self.shard
        events_of_it = f"aws elasticache describe-events --source-type replication-group --source-identifier {id}"
        self.record.under_way = (
            f"TestFailover of shard {shard} was called, and ElastiCache completes the failover without this command; "
            f"its events: {events_of_it}"
        )
        self._called, self._called_at = len(self._records), self.clock.monotonic()
        try:
            self.context.aws.call_once("elasticache", CALL.operation, ReplicationGroupId=id, NodeGroupId=shard)
        except AwsError as problem:
            if not problem.lost:
                self.record.under_way = ""
                raise
            self._lost = problem
            self.record.step(f"TestFailover of shard {shard} was called without an answer; its events tell the outcome")
            return
        except InputError:
            self.record.under_way = ""
            raise
        self.record.step(f"TestFailover of shard {shard} was called")

    def _wait_for_the_end(self, before: Sequence[Event]) -> tuple[Seen, float | None]:
        """The events of the failover, and the seconds until the cache was available again; None: not in time."""
        seen = Seen()
        for passed in self.clock.until(self.timeout, _POLL):
            if seen.completed is None:
                seen = events.seen(events.read(self.context.aws, self.cache.id), before, self.shard, self.nodes)
                if seen.completed is not None:
                    self.record.step(f"{seen.new_primary} has replaced {seen.old_primary} as the primary")
            if self._lost is not None and seen == Seen() and passed >= LOST_TIMEOUT:
                raise self._lost
            if seen.completed is not None and self._is_available():
                self.record.step(f"{self.cache.id} is available")
                return seen, self.clock.monotonic() - self._called_at
        return seen, None

    def _wait_for_the_client(self) -> None:
        """Wait until a gap has ended and a second without another one has passed; a gap is recorded when it ends."""
        count, quiet = 0, 0.0
        for passed in self.clock.until(SETTLE, _QUICK):
            self._read()
            gaps = sum(record["event"] == "gap" for record in self._records[self._called :])
            if gaps != count:
                count, quiet = gaps, passed
            if self.watch.problem() or (gaps and passed - quiet >= STEADY):
                return

    def _is_available(self) -> bool:
        (group,) = self.context.aws.call("elasticache", "DescribeReplicationGroups", ReplicationGroupId=self.cache.id)[
            "ReplicationGroups"
        ]
        shards = group.get("NodeGroups") or ()
        return group.get("Status") == "available" and all(shard.get("Status") == "available" for shard in shards)

    def _read(self) -> Sequence[dict[str, Any]]:
        new = self.watch.read()
        self._records += new
        return new

    def _stop(self) -> None:
        self._records += self.watch.stop()
        self.record.step("the watch has ended")

    def _stop_after_failure(self) -> None:
        """End the watch, and keep what it has measured; another failure must not hide the first one."""
        try:
            self._stop()
        except CommandError as problem:
            self.record.step(f"the watch on {self.watch.place} was not ended, and ends by itself: {problem}")
        if self._called is not None:
            Measured.of(self._records, self._called).add_to(self.record)

    def _judge(self, seen: Seen, available: float | None, ended: str) -> Outcome:
        record, most = self.record, self.most * 1000
        measured = Measured.of(self._records, self._called or 0)
        record.under_way = ""
        record.figure("shard", "shard", self.shard)
        if seen.new_primary:
            record.figure("new_primary", "new primary", seen.new_primary)
        measured.add_to(record)
        record.figure("aws_failover_ms", "failover by ElastiCache's events", seen.milliseconds, "ms")
        record.figure("available_again_s", "until the cache was available", _rounded(available), "s")
        record.figure("most_ms", "longest gap that is allowed", most, "ms")
        problem = _problem(measured, seen, available, ended, self.timeout)
        if problem:
            return record.end(Result.FAILED, problem)
        gap = f"the longest gap of writes and reads is {measured.interruption:,.0f} ms"
        if measured.interruption > most:
            return record.end(Result.FAILED, f"{gap}, over the {most:,.0f} ms of --most")
        return record.end(Result.PASSED, f"{gap}, at most {most:,.0f} ms are allowed")


def _problem(measured: Measured, seen: Seen, available: float | None, ended: str, timeout: float) -> str:
    """Why the figures are not complete; empty when they are."""
    if ended or not measured.answered:
        return f"the watch ended before the failover: {ended or 'it printed no summary'}; let it run longer"
    if measured.open:
        return f"no answer at the end of the watch: {', '.join(measured.open)}; test it with cache-connection-test"
    if seen.completed is None:
        return f"no event of a completed failover in {timeout:.0f} s; look at the events, or give a longer --timeout"
    if available is None:
        return f"the cache was not available after {timeout:.0f} s; look at it with elasticache status"
    return ""


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)

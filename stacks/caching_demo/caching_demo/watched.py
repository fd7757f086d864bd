"""What readers and a writer saw while they were watched, and whether that is a failure."""

from __future__ import annotations

from dataclasses import dataclass, field

PRODUCTS, TTL = 20, 5.0
# For reads that began before the end of a TTL, on a slow machine.
SLACK = 1.0


@dataclass
class Reads:
    """What one reader saw.

    :param errors: the first line of each error that reached it.
    :param longest: seconds.
    :param without_cache: how many reads the cache did not answer.
    :param stale: how many returned a value that had been invalidated before they began.
    :param stale_seconds: the longest time between the invalidation and such a read.
    """

    count: int = 0
    errors: list[str] = field(default_factory=list)
    longest: float = 0.0
    without_cache: int = 0
    stale: int = 0
    stale_seconds: float = 0.0


@dataclass
class Outcome:
    """What all threads saw, and the values in the cache afterwards.

    :param unconfirmed: invalidations that the cache has not confirmed.
    :param stale_for_good: products whose value is old when its TTL is over.
    :param unanswered: products for which the cache does not answer at the end.
    """

    seconds: float
    reads: Reads
    writes: int
    database_retries: int
    cache_retries: int
    unconfirmed: int
    stale_for_good: int = 0
    unanswered: int = 0

    @property
    def failures(self) -> list[str]:
        """Why the watch failed; empty when it passed."""
        reads, problems = self.reads, []
        if reads.errors:
            problems.append(f"{len(reads.errors)} errors reached a reader, the first one {reads.errors[0]}")
        if self.unconfirmed:
            problems.append("the cache did not confirm an invalidation")
        if self.stale_for_good:
            problems.append(f"{self.stale_for_good} of {PRODUCTS} values stayed old")
        if reads.stale_seconds > TTL + SLACK:
            problems.append(
                f"a value was read {reads.stale_seconds:.1f} s after its invalidation, its TTL is {TTL:g} s"
            )
        if self.unanswered:
            problems.append(f"the cache did not answer for {self.unanswered} of {PRODUCTS} values at the end")
        return problems

    def lines(self) -> list[str]:
        """The outcome as text."""
        reads, failures = self.reads, self.failures
        return [
            f"watched for {self.seconds:.0f} s: {reads.count} reads, {len(reads.errors)} errors, the longest "
            f"{reads.longest * 1000:.0f} ms, {reads.without_cache} without the cache; {self.writes} writes",
            f"retries: {self.database_retries} at the database, {self.cache_retries} of invalidations",
            f"stale: {reads.stale} reads, at most {reads.stale_seconds * 1000:.0f} ms after the invalidation; for good "
            f"{self.stale_for_good} of {PRODUCTS}",
            f"verdict: {'fail: ' + '; '.join(failures) if failures else 'pass'}",
        ]

"""Watches and drills in words: sentences, headlines and short texts of gaps."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from elasticache_operations.picture.timeline.drill import Drill
from elasticache_operations.picture.timeline.watch import OPERATIONS, WRITE, Gap, Total, Watch

NO_ANSWER = "without an answer until the end of the watch"


def milliseconds(value: float) -> str:
    """A length, such as `4,038 ms`."""
    return f"{value:,.0f} ms"


def seconds(value: float) -> str:
    """A duration, such as `60 s`."""
    return f"{value:,.0f} s" if value >= 10 else f"{value:.3g} s"


def moment(value: datetime) -> str:
    """A time in UTC, to the second."""
    return f"{value:%Y-%m-%d %H:%M:%S} UTC"


def plural(count: int, word: str, more: str = "") -> str:
    """A count with its noun.

    :param more: the plural. Default: the noun with an s.
    """
    return f"{count:,} {word if count == 1 else more or f'{word}s'}"


def name(watch: Watch) -> str:
    """The title of a watch."""
    return f"Watch of {plural(len(watch.shards), 'shard')}"


def sentence(watch: Watch) -> str:
    """A watch as text."""
    unknown = sum(gap.operation == WRITE and gap.lost is None for gap in watch.gaps)
    parts = [_of_total(total, unknown if total.operation == WRITE else 0) for total in watch.totals]
    listed = f": {'; '.join(parts)}" if parts else ""
    end = "" if watch.complete else " The watch was ended by force: it has no summary."
    signal = " A signal ended it." if watch.interrupted else ""
    return f"Watched {plural(len(watch.shards), 'shard')} for {seconds(watch.seconds)}{listed}.{signal}{end}"


def _of_total(total: Total, unknown: int) -> str:
    what = OPERATIONS[total.operation]
    words = what if total.answered is None else f"{total.answered:,} {what}"
    words += f" with {plural(total.gaps, 'gap')}" if total.gaps else " without a gap"
    if total.gaps:
        words += f", the longest {milliseconds(total.longest_ms)}"
    parts = [words]
    if total.operation == WRITE and total.gaps:
        parts += _writes(total.lost, total.unconfirmed, total.refused)
    if unknown:
        parts.append(f"lost writes not known for {plural(unknown, 'gap')}")
    if total.stale:
        parts.append(f"{total.stale:,} stale")
    if total.open:
        parts.append(f"{total.open:,} {NO_ANSWER}")
    return ", ".join(parts)


def _writes(lost: int, unconfirmed: int, refused: int) -> Iterator[str]:
    yield f"{plural(lost, 'confirmed write')} lost"
    if unconfirmed:
        yield f"{unconfirmed:,} unconfirmed"
    if refused:
        yield f"{refused:,} refused"


def headline(watches: Iterable[Watch]) -> tuple[str, bool]:
    """What matters most about watches, and whether data was lost or an answer is missing."""
    totals = [total for watch in watches for total in watch.totals]
    parts = [
        f"{milliseconds(longest)} for {what}"
        for operation, what in OPERATIONS.items()
        if (longest := max((total.longest_ms for total in totals if total.operation == operation), default=0))
    ]
    lost = sum(total.lost for total in totals)
    missing = sum(total.open for total in totals)
    words = f"The longest interruption: {', '.join(parts)}." if parts else "No interruption."
    if lost:
        words += f" {plural(lost, 'confirmed write')} {'is' if lost == 1 else 'are'} lost."
    elif any(total.operation == WRITE for total in totals):
        words += " No confirmed write is known to be lost."
    if missing:
        words += f" {plural(missing, 'operation')} had no answer at the end."
    return words, bool(lost or missing)


def of_gap(gap: Gap) -> tuple[str, ...]:
    """What is written beside a gap."""
    parts = [f"{gap.start:.1f} s: no answer for {milliseconds(gap.milliseconds)}"]
    if not gap.ended:
        parts[0] += ", until the end"
    if gap.operation == WRITE:
        parts += [] if gap.lost is None else [f"{plural(gap.lost, 'confirmed write')} lost"]
        parts += [f"{gap.unconfirmed:,} unconfirmed"] if gap.unconfirmed else []
        parts += [f"{gap.refused:,} refused"] if gap.refused else []
    return (*parts, gap.cause)


def of_drill(drill: Drill) -> str:
    """A drill as text."""
    dry = "" if drill.run else " (dry run)"
    return f"Drill {drill.name} of {drill.id}{dry}: {drill.result}, after {seconds(drill.seconds)}; {drill.summary}."


def beginning(watch: Watch) -> str:
    """When a watch began, and what it counts as slow."""
    return (
        f"Began {moment(watch.began)}; a request of each operation every {watch.period_ms:g} ms; an answer is "
        f"slow after {watch.slow_ms:g} ms."
    )


def writes(gap: Gap) -> str:
    """What became of the writes during a gap; empty for reads."""
    if gap.operation != WRITE:
        return ""
    lost = "lost: not known" if gap.lost is None else f"{gap.lost:,} lost"
    return f"{lost}, {gap.unconfirmed:,} unconfirmed, {gap.refused:,} refused"

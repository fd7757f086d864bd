"""The rows of a timeline: for a watch one of each shard and operation, for a drill one of each step."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from elasticache_operations.picture.nodes import ranges
from elasticache_operations.picture.timeline import words
from elasticache_operations.picture.timeline.drill import Drill
from elasticache_operations.picture.timeline.watch import OPERATIONS, Gap, Lane, Shard, Watch

MOST: Final = 8
"""The most shards that are drawn; of more, those with the longest gaps, and how many have no answer at a time."""
_NOTES: Final = 4
"""The most notes of a row; the others are in the table."""
ANSWERED: Final = "answered"
GAP: Final = "gap"
OPEN: Final = "gap open"
STEP: Final = "step"


@dataclass(frozen=True, slots=True)
class Bar:
    """A time in a row, in seconds since the beginning.

    :param kind: `ANSWERED`, `GAP`, `OPEN` or `STEP`.
    """

    kind: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Note:
    """What is written beneath a row, as near as possible to its time.

    :param link: the key of the row of a table.
    """

    at: float
    parts: tuple[str, ...]
    link: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    :param marks: times of changes of the node.
    """

    label: str
    bars: tuple[Bar, ...]
    marks: tuple[float, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """How many of the shards have no answer, over the time.

    :param counts: the time from which on so many have none.
    :param of: the number of shards.
    """

    label: str
    counts: tuple[tuple[float, int], ...]
    of: int
    note: Note


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with a heading: a shard, or the steps of a drill."""

    heading: str
    rows: tuple[Row, ...] = ()
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """A watch or a drill.

    :param began: in UTC; all times are in seconds since then.
    :param last: where the time ends, as `first`.
    :param lines: sentences beneath the title.
    """

    title: str
    lines: tuple[str, ...]
    began: datetime
    first: float
    last: float
    groups: tuple[Group, ...]

    @property
    def labels(self) -> list[str]:
        """The labels at the left."""
        rows = [row.label for group in self.groups for row in group.rows]
        return rows + [band.label for group in self.groups for band in group.bands]


def of_watch(watch: Watch, keys: Mapping[Gap, str], title: str) -> Panel:
    """The panel of a watch.

    :param keys: the keys of the gaps in the table, which their texts lead to.
    """
    shown = shown_shards(watch)
    groups = [_shard_group(watch, shard, keys) for shard in shown]
    if len(watch.shards) > MOST:
        groups.insert(0, _all_shards(watch, len(shown)))
    times = [gap.start for gap in watch.gaps]
    return Panel(
        title=title,
        lines=(words.beginning(watch),),
        began=watch.began,
        first=min([0.0, *times]),
        last=max([watch.seconds, *(gap.end for gap in watch.gaps)]),
        groups=tuple(groups),
    )


def shown_shards(watch: Watch) -> list[Shard]:
    """The shards that are drawn: all of up to 8, otherwise those with the most serious gaps."""
    if len(watch.shards) <= MOST:
        return list(watch.shards)
    chosen = sorted((shard for shard in watch.shards if _weight(shard) > (0, 0, 0, 0)), key=_weight, reverse=True)
    return sorted(chosen[:MOST], key=lambda shard: shard.number)


def _weight(shard: Shard) -> tuple[int, int, float, int]:
    gaps = [gap for lane in shard.lanes for gap in lane.gaps]
    return (
        sum(not gap.ended for gap in gaps) + sum(bool(lane.forbidden) for lane in shard.lanes),
        sum(gap.lost or 0 for gap in gaps),
        max((gap.milliseconds for gap in gaps), default=0.0),
        sum(len(lane.changes) for lane in shard.lanes),
    )


def _shard_group(watch: Watch, shard: Shard, keys: Mapping[Gap, str]) -> Group:
    parts = [f"Shard {shard.number}"]
    if shard.slots:
        parts.append(f"slots {ranges(shard.slots)}")
    if shard.primary:
        parts.append(f"primary {shard.primary}")
    return Group(", ".join(parts), tuple(_lane_row(watch, lane, keys) for lane in shard.lanes))


def _lane_row(watch: Watch, lane: Lane, keys: Mapping[Gap, str]) -> Row:
    label = OPERATIONS[lane.operation]
    if lane.forbidden:
        return Row(label, (), notes=(Note(0.0, ("not watched", lane.forbidden)),))
    gaps = sorted(lane.gaps, key=lambda gap: gap.start)
    notes = [Note(gap.start, words.of_gap(gap), keys.get(gap, "")) for gap in gaps]
    notes += [Note(change.at, (f"{change.at:.1f} s: now connected to {change.node}",)) for change in lane.changes]
    return Row(
        label,
        tuple(_bars(gaps, watch.seconds)),
        tuple(change.at for change in lane.changes),
        tuple(_limited(notes, gaps)),
    )


def _bars(gaps: Sequence[Gap], seconds: float) -> Iterator[Bar]:
    at = min([0.0, *(gap.start for gap in gaps[:1])])
    for gap in gaps:
        if gap.start > at:
            yield Bar(ANSWERED, at, gap.start)
        yield Bar(GAP if gap.ended else OPEN, gap.start, gap.end)
        at = max(at, gap.end)
    if at < seconds:
        yield Bar(ANSWERED, at, seconds)


def _limited(notes: list[Note], gaps: Sequence[Gap]) -> list[Note]:
    """The notes of a row: those of the longest gaps first, then those of the nodes."""
    if len(notes) <= _NOTES:
        return sorted(notes, key=lambda note: note.at)
    order = sorted(range(len(gaps)), key=lambda index: -gaps[index].milliseconds)
    order += range(len(gaps), len(notes))
    chosen, rest = order[: _NOTES - 1], sorted(order[_NOTES - 1 :])
    kind = "more gap" if rest[-1] < len(gaps) else "more event"
    more = Note(notes[rest[-1]].at, (f"{words.plural(len(rest), kind)}, in the tables",))
    return [*sorted((notes[index] for index in chosen), key=lambda note: note.at), more]


def _all_shards(watch: Watch, shown: int) -> Group:
    interrupted = sum(any(lane.gaps for lane in shard.lanes) for shard in watch.shards)
    heading = f"All {len(watch.shards):,} shards: {interrupted:,} with a gap"
    if shown:
        heading += f"; {'they follow' if shown >= interrupted else f'the {shown} with the longest follow'}"
    bands = []
    for operation, label in OPERATIONS.items():
        lanes = [lane for lane in watch.lanes if lane.operation == operation and not lane.forbidden]
        if lanes:
            bands.append(_band(label, lanes))
    return Group(heading, bands=tuple(bands))


def _band(label: str, lanes: Sequence[Lane]) -> Band:
    counts = tuple(_counts(gap for lane in lanes for gap in lane.gaps))
    at, most = max(counts, key=lambda item: (item[1], -item[0]), default=(0.0, 0))
    text = f"at most {most:,} of {len(lanes):,} without an answer, from {at:.1f} s on" if most else "no gap"
    return Band(label, counts, len(lanes), Note(at, (text,)))


def _counts(gaps: Iterable[Gap]) -> Iterator[tuple[float, int]]:
    changes: dict[float, int] = {}
    for gap in gaps:
        changes[gap.start] = changes.get(gap.start, 0) + 1
        changes[gap.end] = changes.get(gap.end, 0) - 1
    count = 0
    for at, change in sorted(changes.items()):
        count += change
        yield at, count


def of_drill(drill: Drill) -> Panel:
    """The panel of a drill: a row of each step, until the next one begins."""
    ends = [*(step.at for step in drill.steps[1:]), drill.seconds]
    rows = tuple(
        Row(f"step {number}", (Bar(STEP, step.at, max(end, step.at)),), notes=(Note(step.at, (step.what,)),))
        for number, (step, end) in enumerate(zip(drill.steps, ends, strict=False), start=1)
    )
    groups = (Group(f"{words.plural(len(rows), 'step')}, each until the next one", rows),) if rows else ()
    unmet = [check.name for check in drill.checks if not check.met]
    checks = f"{words.plural(len(drill.checks), 'check')}, {'all' if not unmet else len(drill.checks) - len(unmet)} met"
    lines = [words.of_drill(drill), f"Began {words.moment(drill.began)}."]
    if drill.checks:
        lines.append(f"{checks}; not met: {', '.join(unmet)}." if unmet else f"{checks}.")
    last = max([drill.seconds, *(step.at for step in drill.steps)])
    first = min([0.0, *(step.at for step in drill.steps)])
    return Panel(f"Drill {drill.name} of {drill.id}", tuple(lines), drill.began, first, last, groups)


def aligned(panels: Sequence[Panel]) -> list[Panel]:
    """The panels in the order of their times; those whose times meet have the same beginning and end."""
    clusters: list[list[Panel]] = []
    reach = 0.0
    for panel in sorted(panels, key=lambda item: item.began.timestamp() + item.first):
        start, end = (panel.began.timestamp() + at for at in (panel.first, panel.last))
        if clusters and start <= reach:
            clusters[-1].append(panel)
        else:
            clusters.append([panel])
        reach = max(reach, end)
    return [panel for cluster in clusters for panel in _together(cluster)]


def _together(panels: Sequence[Panel]) -> list[Panel]:
    origin = panels[0]
    shifts = [(panel.began - origin.began).total_seconds() for panel in panels]
    first = min(panel.first + shift for panel, shift in zip(panels, shifts, strict=True))
    last = max(panel.last + shift for panel, shift in zip(panels, shifts, strict=True))
    return [replace(panel, first=first - shift, last=last - shift) for panel, shift in zip(panels, shifts, strict=True)]

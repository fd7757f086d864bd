"""The page of a timeline: one HTML document with the timeline for several widths, the tables, and no request."""

from collections.abc import Iterable, Sequence
from typing import Final

from elasticache_operations.picture.html import document, identity, scrolling, section, table
from elasticache_operations.picture.layout import WIDTHS
from elasticache_operations.picture.nodes import ranges
from elasticache_operations.picture.style import PAGE_STYLE
from elasticache_operations.picture.text import safe
from elasticache_operations.picture.timeline import words
from elasticache_operations.picture.timeline.drawing import draw
from elasticache_operations.picture.timeline.drill import Drill, figure
from elasticache_operations.picture.timeline.model import Timeline
from elasticache_operations.picture.timeline.style import TIMELINE_SHAPES, TIMELINE_TABLES
from elasticache_operations.picture.timeline.watch import OPERATIONS, WRITE, Gap, Lane, Shard, Total, Watch

_LEGEND: Final = (
    "Thick: answered. Thin with an upright line at each end: no answer. Thin, dashed, without a line at its end: no "
    "answer until the end of the watch. Circle: connected to another node."
)
_UNKNOWN: Final = "not known"
_NONE: Final = "\N{EN DASH}"
CARDS: Final = 40
"""The most rows that become cards on a narrow page; longer tables scroll."""
LINKS: Final = 8
"""The most gaps that are links, which the Tab key stops at."""


def page(timeline: Timeline) -> str:
    """The page of a timeline."""
    panels = timeline.panels(links=sum(len(watch.gaps) for watch in timeline.watches) <= LINKS)
    drawn = "".join(draw(panels, width, timeline.sentence) for width in WIDTHS)
    body = [
        f"<h1>{safe(timeline.title)}</h1>",
        f'<p class="from">From {safe(timeline.source)}.</p>',
        f"<p>{safe(timeline.sentence)}</p>",
        _banner(timeline) if timeline.watches else "",
        drawn,
        f'<p class="legend">{_LEGEND}</p>' if timeline.watches else "",
        *(part for drill in timeline.drills for part in _drill(drill, several=len(timeline.drills) > 1)),
        _gaps(timeline),
        _totals(timeline),
        _changes(timeline),
        _shards(timeline),
    ]
    return document(timeline.title, body, style=f"{PAGE_STYLE}{TIMELINE_SHAPES}{TIMELINE_TABLES}")


def _banner(timeline: Timeline) -> str:
    text, serious = words.headline(timeline.watches)
    return f'<div class="banner{" decide" if serious else ""}" role="note"><p><strong>{safe(text)}</strong></p></div>'


def _named(timeline: Timeline) -> Iterable[tuple[str, Watch]]:
    """The watches, with a heading where there are several."""
    several = len(timeline.watches) > 1
    for name, watch in zip(timeline.names, timeline.watches, strict=True):
        yield f"<h3>{safe(name)}</h3>" if several else "", watch


def _rows(
    label: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    keys: Sequence[str] = (),
    whole: Sequence[int] = (),
) -> str:
    """A table whose rows become cards on a narrow page; a long one scrolls instead, and has fewer elements.

    :param whole: the columns whose cells are not broken into lines.
    """
    if len(rows) <= CARDS:
        cells = [[_whole(cell) if place in whole else cell for place, cell in enumerate(row)] for row in rows]
        return table(head, cells, rows_keys=keys)
    heads = "".join(f'<th scope="col">{text}</th>' for text in head)
    body = "".join(
        f"<tr{identity(key)}>" + "".join(f"<td>{cell}" for cell in row)
        for key, row in zip(keys or [""] * len(rows), rows, strict=True)
    )
    content = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="dense">{scrolling(label, content, high=True)}</div>'


def _gaps(timeline: Timeline) -> str:
    parts = []
    head = ("Gap", "From", "Until", "Length", "Cause", "Writes")
    for (heading, watch), keys in zip(_named(timeline), timeline.keys, strict=True):
        rows = [_gap(gap) for gap in watch.gaps]
        if rows:
            parts.append(heading + _rows("Gaps", head, rows, list(keys.values()), whole=(1, 2, 3)))
    return section("Gaps", "".join(parts))


def _gap(gap: Gap) -> list[str]:
    return [
        f"shard {gap.shard}, {OPERATIONS[gap.operation]}",
        f"{gap.start:,.3f} s",
        f"{gap.end:,.3f} s" if gap.ended else "the end of the watch",
        words.milliseconds(gap.milliseconds),
        safe(gap.cause),
        words.writes(gap) or _NONE,
    ]


def _whole(text: str) -> str:
    """A text that is not broken into lines."""
    return f'<span class="whole">{text}</span>'


def _totals(timeline: Timeline) -> str:
    head = ("Operation", "Answered", "Gaps", "Longest", "Sum", "Open at the end", "Writes", "Stale reads")
    parts = [heading + table(head, [_total(total) for total in watch.totals]) for heading, watch in _named(timeline)]
    return section("Summary", "".join(parts))


def _total(total: Total) -> list[str]:
    writes = f"{total.lost:,} lost, {total.unconfirmed:,} unconfirmed, {total.refused:,} refused"
    return [
        OPERATIONS[total.operation],
        _UNKNOWN if total.answered is None else f"{total.answered:,}",
        f"{total.gaps:,}",
        _whole(words.milliseconds(total.longest_ms)) if total.gaps else _NONE,
        _whole(words.milliseconds(total.gaps_ms)) if total.gaps else _NONE,
        f"{total.open:,}",
        writes if total.operation == WRITE else _NONE,
        f"{total.stale:,}" if total.operation == "read" else _NONE,
    ]


def _changes(timeline: Timeline) -> str:
    parts = []
    for heading, watch in _named(timeline):
        rows = [
            [f"shard {change.shard}, {OPERATIONS[change.operation]}", f"{change.at:,.3f} s", safe(change.node)]
            for change in watch.changes
        ]
        if rows:
            parts.append(heading + _rows("Changes of nodes", ("Operation", "At", "Now connected to"), rows, whole=(1,)))
    return section("Changes of nodes", "".join(parts))


def _shards(timeline: Timeline) -> str:
    parts = []
    for heading, watch in _named(timeline):
        operations = [name for name in OPERATIONS if any(lane.operation == name for lane in watch.lanes)]
        head = (
            "Shard",
            "Slots",
            "Primary at the start",
            "Replicas",
            *(f"Gaps of {OPERATIONS[name]}" for name in operations),
        )
        rows = [_shard(shard, operations) for shard in watch.shards]
        parts.append(heading + _rows("Shards", head, rows))
    return section("Shards", "".join(parts))


def _shard(shard: Shard, operations: Sequence[str]) -> list[str]:
    lanes = {lane.operation: lane for lane in shard.lanes}
    replicas = ", ".join(map(safe, shard.replicas)) or "none"
    return [
        str(shard.number),
        ranges(shard.slots) or _NONE,
        safe(shard.primary) or _NONE,
        replicas,
        *(_lane(lanes[name]) if name in lanes else _NONE for name in operations),
    ]


def _lane(lane: Lane) -> str:
    if lane.forbidden:
        return safe(f"not watched: {lane.forbidden}")
    gaps = [gap.milliseconds for gap in lane.gaps]
    return f"{len(gaps):,}, the longest {words.milliseconds(max(gaps))}" if gaps else "none"


def _drill(drill: Drill, *, several: bool) -> Iterable[str]:
    name = f" of {safe(drill.name)} of {safe(drill.id)}" if several else ""
    rows = [[str(number), f"{step.at:,.3f} s", safe(step.what)] for number, step in enumerate(drill.steps, start=1)]
    yield section(f"Steps{name}", _rows("Steps", ("Step", "At", "What"), rows, whole=(1,)))
    checks = [[safe(check.name), "met" if check.met else "not met", safe(check.detail)] for check in drill.checks]
    yield section(f"Checks{name}", _rows("Checks", ("Check", "Result", "Detail"), checks))
    figures = [[safe(word) for word in figure(*item)] for item in drill.figures.items()]
    yield section(f"Figures{name}", _rows("Figures", ("Figure", "Value"), figures))

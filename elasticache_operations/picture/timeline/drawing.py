"""Draws timelines for a width: panels with a time axis, rows with bars, and texts beneath them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from elasticache_operations.picture.canvas import HEADING, SMALL, Canvas
from elasticache_operations.picture.style import SVG_STYLE
from elasticache_operations.picture.text import cut, width_of, wrap
from elasticache_operations.picture.timeline.axis import Axis
from elasticache_operations.picture.timeline.rows import ANSWERED, GAP, OPEN, Band, Bar, Group, Note, Panel, Row
from elasticache_operations.picture.timeline.style import TIMELINE_SHAPES

_PAD: Final = 10
_LINE: Final = 14
_BAR: Final = 10
_BAND: Final = 24
_CAP: Final = 14
_LEAST: Final = 3
"""The least width of a gap and the least height of a band's part, in pixels, so that they are seen."""
_APART: Final = 14
_SEPARATOR: Final = " \N{MIDDLE DOT} "


def draw(panels: Sequence[Panel], width: int, label: str, *, alone: bool = False) -> str:
    """Timelines as an SVG element, one beneath the other.

    :param width: in pixels.
    :param label: the text alternative.
    :param alone: whether it is a document of its own, with its style inside.
    """
    canvas = Canvas(linked=not alone)
    room = max((width_of(text, SMALL) for panel in panels for text in panel.labels), default=0) + _PAD
    y = 1
    for panel in panels:
        y = _panel(canvas, panel, y, (width, room)) + _PAD
    style = f"{SVG_STYLE}{TIMELINE_SHAPES}" if alone else ""
    return canvas.svg((width, y - _PAD + 2), label, style=style)


def _panel(canvas: Canvas, panel: Panel, y: int, widths: tuple[int, int]) -> int:
    """A panel; returns where it ends.

    :param widths: of the panel, and of the labels of all panels, whose axes begin at the same place.
    """
    width, room = widths
    place, top = canvas.reserve(), y
    inner = width - 2 - 2 * _PAD
    left = 1 + _PAD
    canvas.text("heading", left, y + 22, cut(panel.title, inner, HEADING, bold=True))
    y += 32
    for line in panel.lines:
        for part in wrap(tuple(line.split()), inner, SMALL):
            canvas.text("small", left, y + 11, part)
            y += _LINE + 1
    if panel.groups:
        axis = Axis(panel.first, panel.last, left + room, inner - room - _PAD)
        y = _groups(canvas, panel.groups, axis, y + 6, (left, inner))
    canvas.box("region", 1, top, width - 2, y + 8 - top, place=place)
    return y + 8


def _groups(canvas: Canvas, groups: Sequence[Group], axis: Axis, y: int, area: tuple[int, int]) -> int:
    """The axis and the groups; returns where they end.

    :param area: the left side and the width.
    """
    grid, top = canvas.reserve(), y + 18
    ticks = [(axis.x(at), text) for at, text in axis.ticks()]
    right = area[0] + area[1]
    for x, text in ticks:
        half = width_of(text, SMALL) // 2 + 1
        canvas.text("small", min(x, right - half), y + 12, text, anchor="middle")
    y = top + 4
    for group in groups:
        heading = cut(group.heading, area[1], SMALL, bold=True)
        canvas.text("small strong onregion", area[0], y + 14, heading)
        y += 20
        for band in group.bands:
            y = _band(canvas, band, axis, y, area)
        for row in group.rows:
            y = _row(canvas, row, axis, y, area)
        y += 6
    lines = "".join(f'<line class="grid" x1="{x}" y1="{top}" x2="{x}" y2="{y}"/>' for x, _ in ticks)
    canvas.put(grid, lines)
    return y


def _row(canvas: Canvas, row: Row, axis: Axis, y: int, area: tuple[int, int]) -> int:
    canvas.text("small onregion", area[0], y + 13, row.label)
    top = y + (_CAP - _BAR) // 2 + 2
    middle = top + _BAR // 2
    edge = axis.left
    for bar in row.bars:
        edge = _draw_bar(canvas, bar, axis, (edge, top))
    marks = "".join(f'<circle class="move" cx="{axis.x(at)}" cy="{middle}" r="5"/>' for at in row.marks)
    canvas.raw(marks)
    return _notes(canvas, row.notes, axis, y + _CAP + 6, area)


def _draw_bar(canvas: Canvas, bar: Bar, axis: Axis, at: tuple[int, int]) -> int:
    """A bar, which begins where the one before ends at least; returns where it ends."""
    edge, top = at
    start = max(axis.x(bar.start), edge)
    if bar.kind in (GAP, OPEN):
        start = min(start, axis.left + axis.width - _LEAST)
        end = max(axis.x(bar.end), start + _LEAST)
        middle, cap = top + _BAR // 2, top + _BAR // 2 - _CAP // 2
        canvas.box(bar.kind, start, middle - 2, end - start, 4)
        canvas.box(f"cap {GAP}", start, cap, 1, _CAP)
        if bar.kind == GAP:
            canvas.box(f"cap {GAP}", end - 1, cap, 1, _CAP)
        return end
    end = max(axis.x(bar.end), start + (0 if bar.kind == ANSWERED else _LEAST))
    if end > start:
        canvas.box(bar.kind, start, top, end - start, _BAR)
    return end


def _notes(canvas: Canvas, notes: Sequence[Note], axis: Axis, y: int, area: tuple[int, int]) -> int:
    """Texts, each as near to its time as its width allows; those that would meet go one beneath the other."""
    left, width = area
    edge = left
    high = 0
    for note in notes:
        lines = wrap(note.parts, width, SMALL, separator=_SEPARATOR)
        wide = max(width_of(line, SMALL) for line in lines)
        x = max(left, min(axis.x(note.at), left + width - wide))
        if x < edge:
            y += high
            high = 0
        for number, line in enumerate(lines):
            link = note.link if number == 0 else ""
            canvas.text("small onregion", x, y + 11 + number * _LINE, line, link=link)
        edge, high = x + wide + _APART, max(high, len(lines) * _LINE)
    return y + high + 2


def _band(canvas: Canvas, band: Band, axis: Axis, y: int, area: tuple[int, int]) -> int:
    canvas.text("small onregion", area[0], y + 16, band.label)
    top = y + 2
    canvas.box(ANSWERED, axis.left, top, axis.width, _BAND)
    for x, end, count in _merged(band, axis):
        high = min(_BAND, max(_LEAST, round(_BAND * count / band.of)))
        canvas.box(GAP, x, top, end - x, high)
    return _notes(canvas, (band.note,), axis, y + _BAND + 6, area)


def _merged(band: Band, axis: Axis) -> list[tuple[int, int, int]]:
    """Where so many shards have no answer, in pixels: of each pixel the most."""
    most: dict[int, int] = {}
    for (start, count), (end, _) in pairwise(band.counts):
        if count:
            first = min(axis.x(start), axis.left + axis.width - _LEAST)
            for x in range(first, max(axis.x(end), first + _LEAST)):
                most[x] = max(most.get(x, 0), count)
    result: list[tuple[int, int, int]] = []
    for x in sorted(most):
        if result and result[-1][1] == x and result[-1][2] == most[x]:
            result[-1] = (result[-1][0], x + 1, most[x])
        else:
            result.append((x, x + 1, most[x]))
    return result

"""Plots with a row for each thing that is compared: points on a logarithmic axis, or bars from 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from caching_demo.plots import svg
from caching_demo.plots.svg import element, legend, line, log_scale, mark, number, text

_RIGHT = 20.0
_STEP = 28.0
_GAP = 12.0
_RADIUS = 5.5
_SHAPES = ("filled", "ring", "small ring")


@dataclass(frozen=True)
class Row:
    """One row.

    :param label: its name; rows that follow each other and begin with the same group have a gap before the next.
    :param colour: of `svg.COLOURS`.
    :param values: a point each, in the order of the plot's `points`; for bars the first alone.
    :param note: in place of the value beside a bar; empty for the value.
    """

    label: str
    colour: str
    values: tuple[float, ...]
    group: str = ""
    note: str = ""


def points(
    name: str,
    title: str,
    description: str,
    *,
    rows: Sequence[Row],
    points: Sequence[str],
    colours: Sequence[tuple[str, str]],
    unit: str,
) -> str:
    """Points such as percentiles, on a logarithmic axis, with their values at the right.

    :param points: what the points of a row are; the first is filled, the others are hollow and smaller.
    :param colours: colours and what they mean.
    :param unit: of the axis.
    """
    top = 92.0
    left = 28 + max(svg.width_of(_full(row)) for row in rows)
    column = svg.WIDTH - _RIGHT - max(svg.width_of(_values(row)) for row in rows)
    head = " / ".join(points)
    column = min(column, svg.WIDTH - _RIGHT - svg.width_of(head))
    places = _places(rows, top)
    bottom = places[-1] + _STEP / 2
    scale = log_scale([value for row in rows for value in row.values], left, column - 24)
    parts = [*legend(colours, 54), text(column, top - 20, head, classes="soft")]
    shapes = ", ".join(f"{shape}: {point}" for shape, point in zip(_SHAPES, points))
    parts += _grid(scale, top - 8, bottom, f"{unit}, logarithmic; {shapes}", left)
    for row, y in zip(rows, places):
        ends = [scale(value) for value in row.values]
        parts.append(text(left - 12, y + 4.5, _full(row), anchor="end"))
        parts.append(element("line", x1=min(ends), y1=y, x2=max(ends), y2=y, class_=f"line {row.colour}"))
        for number_of, (point, value) in reversed(list(enumerate(zip(points, row.values)))):
            classes = f"fill {row.colour}" if number_of == 0 else f"line hollow {row.colour}"
            radius = _RADIUS if number_of == 0 else _RADIUS - 1 - number_of * 0.75
            where = {"cx": ends[number_of], "cy": y, "r": radius, "class_": classes, "data_row": _full(row)}
            parts.append(mark("circle", f"{_full(row)}, {point}, {unit}", value, data_point=point, **where))
        parts.append(text(column, y + 4.5, _values(row)))
    return svg.document(name, bottom + 52, title, description, parts)


def bars(name: str, title: str, description: str, *, rows: Sequence[Row], unit: str, most: float) -> str:
    """Bars from 0, with their values at their ends.

    :param unit: of the axis.
    :param most: the end of the axis.
    """
    top = 56.0
    left = 28 + max(svg.width_of(_full(row)) for row in rows)
    right = svg.WIDTH - _RIGHT - max(svg.width_of(_note(row)) for row in rows) - 8
    places = _places(rows, top)
    bottom = places[-1] + _STEP / 2
    scale = svg.Scale(0, most, left, right)
    parts = _grid(scale, top - 8, bottom, unit, left)
    for row, y in zip(rows, places):
        value = row.values[0]
        end = scale(value)
        parts.append(text(left - 12, y + 4.5, _full(row), anchor="end"))
        where = {"x": left, "y": y - 9, "width": max(end - left, 1.5), "height": 18, "class_": f"fill {row.colour}"}
        parts.append(mark("rect", f"{_full(row)}, {unit}", value, data_row=_full(row), **where))
        parts.append(text(max(end, left + 1.5) + 8, y + 4.5, _note(row)))
    return svg.document(name, bottom + 52, title, description, parts)


def _full(row: Row) -> str:
    return f"{row.group}, {row.label}" if row.group else row.label


def _values(row: Row) -> str:
    return " / ".join(number(value) for value in row.values)


def _note(row: Row) -> str:
    return row.note or number(row.values[0])


def _places(rows: Sequence[Row], top: float) -> list[float]:
    places, y, group = [], top + 6, rows[0].group
    for row in rows:
        if row.group != group:
            y, group = y + _GAP, row.group
        places.append(y)
        y += _STEP
    return places


def _grid(scale: svg.Scale, top: float, bottom: float, title: str, left: float) -> list[str]:
    parts = [line(scale(tick), top, scale(tick), bottom, "grid") for tick in scale.ticks()]
    parts.append(line(scale(scale.low), top, scale(scale.low), bottom, "axis"))
    parts += [text(scale(tick), bottom + 18, number(tick), anchor="middle", classes="soft") for tick in scale.ticks()]
    return [*parts, text(left, bottom + 40, title, classes="soft")]

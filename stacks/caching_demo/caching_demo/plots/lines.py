"""Plots over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from caching_demo.plots import svg
from caching_demo.plots.svg import DASHES, element, legend, line, mark, number, text

_HEIGHT = 190.0
_RIGHT = 28.0


@dataclass(frozen=True)
class Line:
    """One line.

    :param points: seconds and values; None ends the line, and the next value begins it again.
    """

    label: str
    colour: str
    points: Sequence[tuple[float, float | None]]


@dataclass(frozen=True)
class Band:
    """A time that is shaded, with its name in it."""

    start: float
    end: float
    label: str


def lines(
    name: str,
    title: str,
    description: str,
    *,
    series: Sequence[Line],
    unit: str,
    seconds: float,
    logarithmic: bool = False,
    steps: bool = False,
    most: float | None = None,
    band: Band | None = None,
) -> str:
    """Lines over time.

    :param unit: of the vertical axis.
    :param seconds: where the horizontal axis ends.
    :param steps: a value holds until the next; else values are joined, and marked.
    :param most: where the vertical axis ends; by default a round value above all.
    """
    top = 88.0 if len(series) > 1 else 66.0
    bottom = top + _HEIGHT
    values = [value for curve in series for _, value in curve.points if value is not None]
    make = svg.log_scale if logarithmic else svg.linear_scale
    y = make([*values, *([most] if most is not None else [])], bottom, top)
    left = 30 + max(svg.width_of(number(tick)) for tick in y.ticks())
    x = svg.Scale(0, seconds, left, svg.WIDTH - _RIGHT)
    parts = legend([(curve.colour, curve.label) for curve in series], 54) if len(series) > 1 else []
    parts += _band(band, x, top, bottom) if band else []
    parts += _axes(x, y, f"{unit}, logarithmic" if logarithmic else unit)
    for curve in series:
        parts.append(_path(curve, x, y, steps))
        if not steps:
            parts += [
                mark(
                    "circle",
                    f"{curve.label}, {unit}, at {number(second)} s",
                    value,
                    cx=x(second),
                    cy=y(value),
                    r=3.2,
                    class_=f"fill {curve.colour}",
                    data_series=curve.label,
                    data_second=second,
                )
                for second, value in curve.points
                if value is not None
            ]
    return svg.document(name, bottom + 52, title, description, parts)


def _band(band: Band, x: svg.Scale, top: float, bottom: float) -> list[str]:
    start, end = x(band.start), x(band.end)
    shade = element("rect", x=start, y=top, width=end - start, height=bottom - top, class_="band")
    return [shade, text((start + end) / 2, top - 7, band.label, anchor="middle", classes="soft")]


def _axes(x: svg.Scale, y: svg.Scale, unit: str) -> list[str]:
    left, end, bottom, top = x.start, x.end, y.start, y.end
    parts = [line(left, y(tick), end, y(tick), "grid") for tick in y.ticks()]
    parts += [line(left, bottom, end, bottom, "axis"), line(left, top, left, bottom, "axis")]
    parts += [text(left - 8, y(tick) + 4.5, number(tick), anchor="end", classes="soft") for tick in y.ticks()]
    parts += [text(x(tick), bottom + 18, number(tick), anchor="middle", classes="soft") for tick in x.ticks(10)]
    parts.append(text(16, top - 13, unit, classes="soft"))
    return [*parts, text((left + end) / 2, bottom + 40, "seconds", anchor="middle", classes="soft")]


def _path(curve: Line, x: svg.Scale, y: svg.Scale, steps: bool) -> str:
    words, pen, before = [], False, 0.0
    for second, value in curve.points:
        if value is None:
            pen = False
            continue
        place = y(value)
        if not pen:
            words.append(f"M{x(second):g} {place:g}")
        elif steps:
            words.append(f"H{x(second):g}V{place:g}")
        else:
            words.append(f"L{x(second):g} {place:g}")
        pen, before = True, second
    dash = DASHES[svg.COLOURS.index(curve.colour)]
    more = {"stroke_dasharray": dash} if dash else {}
    return element(
        "path",
        d="".join(words) or "M0 0",
        class_=f"line {curve.colour}",
        data_series=curve.label,
        data_end=before,
        **more,
    )

"""Elements of SVG, scales with their ticks, and the style of both colour schemes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from caching_demo.plots.palette import BODY, FONT, HEADING, variables

WIDTH = 760
SIZE, TITLE_SIZE = BODY, HEADING
# Wider than common fonts, so that texts keep their distance in all of them.
_EM = 0.56
# Distinguishable with colour blindness, and by their dashes.
COLOURS = ("a", "b", "c")
DASHES = ("", "7 4", "2 3")
STYLE = f"""
{variables(".plot")}.plot{{font-family:{FONT};font-size:{SIZE}px}}
.plot text{{fill:var(--ink)}}.plot .soft{{fill:var(--soft)}}.plot .title{{font-size:{TITLE_SIZE}px;font-weight:700}}
.plot .region{{fill:var(--region);stroke:var(--rule);rx:6px}}.plot .band{{fill:var(--zone);stroke:var(--rule)}}
.plot .grid{{stroke:var(--rule);stroke-width:1;stroke-dasharray:2 4}}.plot .axis{{stroke:var(--soft);stroke-width:1}}
.plot .line{{fill:none;stroke-width:2;stroke-linejoin:round}}
.plot .a{{stroke:var(--path)}}.plot .b{{stroke:var(--main)}}.plot .c{{stroke:var(--added)}}
.plot .fill.a{{fill:var(--path)}}.plot .fill.b{{fill:var(--main)}}.plot .fill.c{{fill:var(--added)}}
.plot .hollow{{fill:var(--region)}}
"""


def width_of(text: str, size: float = SIZE) -> float:
    """About how wide a text is."""
    return len(text) * size * _EM


def number(value: float) -> str:
    """A figure as people read it: three digits that matter."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    shown = f"{value:,.{digits}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def element(name: str, content: str = "", **attributes: object) -> str:
    """An element; `_` in names of attributes means `-`, and one at their end nothing."""
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"' for key, value in attributes.items()
    )
    return f"<{name}{shown}>{content}</{name}>" if content else f"<{name}{shown}/>"


def text(x: float, y: float, content: str, *, anchor: str = "start", classes: str = "", size: float = SIZE) -> str:
    """A text; its size is that of its class."""
    more = {"class_": classes} if classes else {}
    return element("text", escape(content), x=x, y=y, text_anchor=anchor, data_size=size, **more)


def mark(name: str, label: str, value: float, **attributes: object) -> str:
    """A shape that stands for a value, which is also shown when it is pointed at."""
    return element(name, element("title", escape(f"{label}: {number(value)}")), data_value=value, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, classes: str) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=classes)


def document(name: str, height: float, title: str, description: str, parts: Sequence[str]) -> str:
    """A whole picture, with a title and a text alternative."""
    content = [
        element("title", escape(title), id=f"{name}-title"),
        element("desc", escape(description), id=f"{name}-desc"),
        element("style", STYLE),
        element("rect", x=1, y=1, width=WIDTH - 2, height=height - 2, class_="region"),
        text(16, 28, title, classes="title", size=TITLE_SIZE),
        *parts,
    ]
    return element(
        "svg",
        "\n".join(content),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {_plain(height)}",
        class_="plot",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def legend(entries: Sequence[tuple[str, str]], y: float) -> list[str]:
    """Colours with their names, in a line.

    :param entries: a colour of `COLOURS` and its name.
    """
    parts, x = [], 16.0
    for colour, name in entries:
        dash = DASHES[COLOURS.index(colour)]
        parts.append(
            element("line", x1=x, y1=y - 4, x2=x + 24, y2=y - 4, class_=f"line {colour}", stroke_dasharray=dash)
        )
        parts.append(text(x + 30, y, name))
        x += 30 + width_of(name) + 26
    return parts


class Scale:
    """From values to places.

    :param low: the value at `start`.
    :param high: the value at `end`.
    :param logarithmic: equal ratios have equal lengths; then both values must exceed 0.
    """

    def __init__(self, low: float, high: float, start: float, end: float, *, logarithmic: bool = False) -> None:
        self.low, self.high, self.start, self.end, self.logarithmic = low, high, start, end, logarithmic

    def __call__(self, value: float) -> float:
        """The place of a value."""
        low, high, value = (
            (math.log10(self.low), math.log10(self.high), math.log10(max(value, self.low)))
            if self.logarithmic
            else (self.low, self.high, value)
        )
        return round(self.start + (value - low) / (high - low) * (self.end - self.start), 2)

    def ticks(self, most: int = 6) -> list[float]:
        """Round values between low and high."""
        if self.logarithmic:
            first, last = round(math.log10(self.low)), round(math.log10(self.high))
            return [10.0**power for power in range(first, last + 1, math.ceil((last - first) / most))]
        step = _step((self.high - self.low) / most)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [round(count * step, 10) for count in range(first, last + 1)]


def log_scale(values: Sequence[float], start: float, end: float) -> Scale:
    """Whole powers of ten around the values."""
    seen = [value for value in values if value > 0] or [1.0]
    low = math.floor(math.log10(min(seen)))
    high = max(low + 1, math.ceil(math.log10(max(seen))))
    return Scale(10.0**low, 10.0**high, start, end, logarithmic=True)


def linear_scale(values: Sequence[float], start: float, end: float) -> Scale:
    """From 0 to a round value above all."""
    most = max([*values, 0]) or 1
    step = _step(most / 5)
    return Scale(0, math.ceil(most / step - 1e-9) * step, start, end)


def _step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def _plain(value: object) -> str:
    return f"{round(value, 4):g}" if isinstance(value, float) and abs(value) < 1e5 else str(value)

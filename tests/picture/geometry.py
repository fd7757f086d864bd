"""Reads a picture's SVG without a browser: its boxes, its texts and its arrows."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from elasticache_operations.picture.text import width_of

CONTAINERS = ("region", "vpc", "zone")
BOXES = (*CONTAINERS, "client", "cache", "database", "node", "cell", "strip")
SIZES = {"small": 11, "body": 13, "heading": 15}


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    kind: str
    left: int
    top: int
    right: int
    bottom: int

    def holds(self, other: "Box") -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )

    def meets(self, other: "Box") -> bool:
        """Whether the interiors overlap."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


@dataclass(frozen=True)
class Drawing:
    """Everything in a picture."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    texts: tuple[tuple[str, Box], ...]
    arrows: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]

    def of(self, *kinds: str) -> list[Box]:
        return [box for box in self.boxes if box.kind in kinds]


def read(svg: str, kinds: tuple[str, ...] = BOXES) -> Drawing:
    """The content of a picture.

    :param kinds: of the boxes that are read.
    """
    root = ElementTree.fromstring(svg)  # noqa: S314 - a text of our own
    boxes, texts, lines, heads = [], [], [], []
    for element in root.iter():
        kind = element.tag.rpartition("}")[2]
        classes = element.get("class", "").split()
        if kind == "rect" and classes[0] in kinds:
            boxes.append(_box(classes[0], element))
        elif kind == "text":
            texts.append(_text(classes, element))
        elif kind == "path" and classes[0] == "line":
            lines.append((classes[1], _points(element)))
        elif kind == "path":
            heads.append(_points(element)[0])
    arrows = [(of, (*points[:-1], head)) for (of, points), head in zip(lines, heads, strict=True)]
    return Drawing(int(root.get("width", 0)), int(root.get("height", 0)), tuple(boxes), tuple(texts), tuple(arrows))


def _box(kind: str, element: ElementTree.Element) -> Box:
    left, top = int(element.get("x", 0)), int(element.get("y", 0))
    return Box(kind, left, top, left + int(element.get("width", 0)), top + int(element.get("height", 0)))


def _text(classes: list[str], element: ElementTree.Element) -> tuple[str, Box]:
    content = "".join(element.itertext())
    size = SIZES[classes[0]]
    bold = classes[0] == "heading" or bool({"strong", "label", "pilled"} & set(classes))
    width, x, y = width_of(content, size, bold=bold), int(element.get("x", 0)), int(element.get("y", 0))
    anchor = element.get("text-anchor", "start")
    left = x - (width if anchor == "end" else width // 2 if anchor == "middle" else 0)
    return content, Box("text", left, y - size + 2, left + width, y + 1)


def _points(element: ElementTree.Element) -> tuple[tuple[int, int], ...]:
    return tuple((int(x), int(y)) for x, y in re.findall(r"(-?\d+) (-?\d+)", element.get("d", "")))


def segments(points: tuple[tuple[int, int], ...]) -> Iterator[Box]:
    """The parts of an arrow, as boxes without width or height."""
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        yield Box("segment", min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def crosses(segment: Box, box: Box) -> bool:
    """Whether a segment runs through the interior of a box."""
    return (
        segment.left < box.right - 1
        and segment.right > box.left + 1
        and segment.top < box.bottom - 1
        and segment.bottom > box.top + 1
    )


def faults(drawing: Drawing) -> Iterator[str]:
    """What is wrong with a picture: boxes that overlap, texts on one another or outside, arrows through boxes."""
    whole = Box("picture", 0, 0, drawing.width, drawing.height)
    for box in drawing.boxes:
        if not whole.holds(box):
            yield f"outside of the picture: {box}"
    yield from _overlaps(drawing)
    yield from _homes(drawing)
    for content, place in drawing.texts:
        if not whole.holds(place):
            yield f"text outside of the picture: {content!r} at {place}"
    for (one, first), (other, second) in _meeting(list(drawing.texts)):
        yield f"texts on one another: {one!r} at {first} and {other!r} at {second}"
    for kind, points in drawing.arrows:
        obstacles = drawing.of("client", "node", "cell", *(("cache", "database") if kind == "path" else ()))
        for segment in segments(points):
            yield from (f"arrow {points} crosses {box}" for box in obstacles if crosses(segment, box))


def _meeting(texts: list[tuple[str, Box]]) -> Iterator[tuple[tuple[str, Box], tuple[str, Box]]]:
    texts.sort(key=lambda text: text[1].top)
    for number, text in enumerate(texts):
        for other in texts[number + 1 :]:
            if other[1].top >= text[1].bottom:
                break
            if text[1].meets(other[1]):
                yield text, other


def _overlaps(drawing: Drawing) -> Iterator[str]:
    ordered = sorted((box for box in drawing.boxes if box.kind != "zone"), key=lambda box: box.top)
    for number, box in enumerate(ordered):
        for other in ordered[number + 1 :]:
            if other.top >= box.bottom:
                break
            if box.meets(other) and not box.holds(other) and not other.holds(box):
                yield f"boxes overlap: {box} and {other}"
    for zone in drawing.of("zone"):
        yield from (
            f"zones overlap: {zone} and {other}"
            for other in drawing.of("zone")
            if zone is not other and zone.meets(other)
        )
        # A cache lies across all zones, and a client across its own: they begin and end within their heights.
        yield from (
            f"higher than its zone: {other} and {zone}"
            for other in drawing.of("cache", "database", "client")
            if zone.meets(other) and not (zone.top <= other.top and other.bottom <= zone.bottom)
        )


def _homes(drawing: Drawing) -> Iterator[str]:
    parents = {"vpc": ["region"], "zone": ["vpc"], "client": ["vpc"], "cache": ["vpc"], "database": ["vpc"]}
    parents |= {"node": ["cache", "database"], "cell": ["cache"], "strip": ["cache"]}
    for box in drawing.boxes:
        parent = parents.get(box.kind)
        if parent and not any(other.holds(box) for other in drawing.of(*parent)):
            yield f"outside of its {' or '.join(parent)}: {box}"

"""Draws a picture for a width: regions side by side or one beneath the other, and in each its VPCs."""

from typing import Final

from elasticache_operations.picture.canvas import BODY, HEADING, SMALL, Canvas
from elasticache_operations.picture.changes import headline
from elasticache_operations.picture.model import Delta, Picture, Region
from elasticache_operations.picture.style import SVG_STYLE
from elasticache_operations.picture.text import cut, width_of, wrap
from elasticache_operations.picture.vpcs import draw_vpc

SIDE_BY_SIDE: Final = 900
"""The width from which up to three regions lie side by side."""
WIDTHS: Final = (288, 376, 720, 1200)
"""The widths that a page holds: for windows of 320, 400, 744 and 1,250 pixels and more."""
_PAD: Final = 8
_REPLICATES: Final = "replicates"


def draw(picture: Picture, width: int, *, alone: bool = False, linked: bool = True) -> str:
    """The picture as an SVG element.

    :param width: in pixels.
    :param alone: whether it is a document of its own, with its style inside.
    :param linked: whether the page around it has rows for its boxes.
    """
    canvas = Canvas(linked=linked and not alone)
    height = _draw_regions(canvas, picture, width)
    return canvas.svg((width, height), picture.sentence, style=SVG_STYLE if alone else "")


def draw_change(delta: Delta, width: int) -> str:
    """The pictures after and before a change, one beneath the other, as an SVG document with what is lost above.

    :param width: in pixels.
    """
    whole, y = Canvas(linked=False), 6
    sheet = whole.reserve()
    for line in wrap(tuple(" ".join(headline(delta)).split()), width - 2 * _PAD, BODY, bold=True):
        whole.text("body strong", _PAD, y + 14, line)
        y += 20
    for title, picture in (("After", delta.after), ("Before", delta.before)):
        part = Canvas(linked=False)
        height = _draw_regions(part, picture, width)
        whole.text("heading", _PAD, y + 22, title)
        whole.raw(f'<g transform="translate(0 {y + 32})">{part.content()}</g>')
        y += 32 + height + 8
    whole.box("sheet", 0, 0, width, y, place=sheet)
    label = f"{headline(delta)[0]} After: {delta.after.sentence} Before: {delta.before.sentence}"
    return whole.svg((width, y), label, style=f"{SVG_STYLE}.picture .sheet{{fill:var(--paper)}}")


def _draw_regions(canvas: Canvas, picture: Picture, width: int) -> int:
    """The regions of a picture; returns the height."""
    regions = picture.regions
    if not regions:
        canvas.text("body", _PAD, 28, cut("The templates have no cache.", width - 2 * _PAD, BODY))
        return 44
    if 1 < len(regions) <= 3 and width >= SIDE_BY_SIDE:
        return _beside(canvas, picture, width)
    return _beneath(canvas, picture, width)


def _beside(canvas: Canvas, picture: Picture, width: int) -> int:
    regions = picture.regions
    gap = width_of(_REPLICATES, SMALL, bold=True) + 16
    room = (width - 2 - gap * (len(regions) - 1)) // len(regions)
    lefts = [1 + index * (room + gap) for index in range(len(regions))]
    bottoms = [_draw_region(canvas, region, left, 1, room) for region, left in zip(regions, lefts, strict=True)]
    track = max(bottoms) + 14
    for number, (start, end) in enumerate(picture.edges):
        if abs(start - end) == 1:
            here = (lefts[start] + room, lefts[end]) if start < end else (lefts[start], lefts[end] + room)
            canvas.arrow("copies", [(here[0], 120 + 40 * number), (here[1], 120 + 40 * number)])
            middle = (here[0] + here[1]) // 2
            canvas.text("small strong", middle, 112 + 40 * number, _REPLICATES, anchor="middle")
            continue
        x0, x1 = lefts[start] + room // 2 - 12 * number, lefts[end] + room // 2 - 12 * number
        canvas.arrow("copies", [(x0, bottoms[start]), (x0, track), (x1, track), (x1, bottoms[end])])
        canvas.text("small strong", (x0 + x1) // 2, track + 15, _REPLICATES, anchor="middle")
        track += 24
    return (track if track > max(bottoms) + 14 else max(bottoms)) + 4


def _beneath(canvas: Canvas, picture: Picture, width: int) -> int:
    far = [edge for edge in picture.edges if edge[1] - edge[0] != 1]
    room = width - 2 - 14 * len(far)
    tops, bottoms, y = [], [], 1
    for region in picture.regions:
        tops.append(y)
        bottoms.append(_draw_region(canvas, region, 1, y, room))
        y = bottoms[-1] + 36
    for start, end in picture.edges:
        if end - start == 1:
            x = room // 2
            canvas.arrow("copies", [(x, bottoms[start]), (x, tops[end])])
            canvas.text("small strong", x + 12, bottoms[start] + 22, _REPLICATES)
    for number, (start, end) in enumerate(far):
        x = room + 10 + 14 * number
        y0, y1 = tops[start] + 40 + 8 * number, tops[end] + 40 + 8 * number
        canvas.arrow("copies", [(1 + room, y0), (x, y0), (x, y1), (1 + room, y1)])
    return bottoms[-1] + 4


def _draw_region(canvas: Canvas, region: Region, x: int, y: int, width: int) -> int:
    """A region; returns where it ends."""
    place, top = canvas.reserve(), y
    inner = width - 2 * _PAD
    canvas.text("heading", x + _PAD + 2, y + 21, cut(region.title, inner, HEADING, bold=True))
    y += 30
    for line in wrap(tuple(region.note.split()), inner, SMALL):
        canvas.text("small", x + _PAD + 2, y + 11, line)
        y += 16
    for vpc in region.vpcs:
        y = draw_vpc(canvas, vpc, x + _PAD, y + 4, inner) + _PAD
    canvas.box("region", x, top, width, y - top, place=place)
    return y

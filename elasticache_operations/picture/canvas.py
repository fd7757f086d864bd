"""Boxes, lines and texts of a picture, collected as SVG."""

from typing import Final

from elasticache_operations.picture.model import SIGNS
from elasticache_operations.picture.text import safe, width_of

SMALL: Final = 11
BODY: Final = 13
HEADING: Final = 15
PILL: Final = 18
_HEAD: Final = 5

Point = tuple[int, int]


class Canvas:
    """A picture while it is drawn: boxes beneath, then lines, then texts."""

    def __init__(self, *, linked: bool = True) -> None:
        """:param linked: whether texts lead to the rows of a page, which its script also lights up."""
        self.linked = linked
        self._boxes: list[str] = []
        self._lines: list[str] = []
        self._texts: list[str] = []

    def reserve(self) -> int:
        """A place for a box whose height is not known yet, beneath those that are drawn later."""
        self._boxes.append("")
        return len(self._boxes) - 1

    def box(
        self,
        kind: str,
        x: int,
        y: int,
        width: int,
        height: int,
        *,
        place: int | None = None,
        change: str = "",
        first: str = "",
    ) -> None:
        """A box.

        :param kind: its class, such as `cache`.
        :param place: from `reserve`. Default: above the boxes that are drawn already.
        :param change: gives it a border of its own.
        :param first: the key of the cache, for the first node of each shard.
        """
        classes = f"{kind} {change.split(maxsplit=1)[0]}" if change else kind
        of = f' data-first="{first}"' if first and self.linked else ""
        text = f'<rect class="{classes}"{of} x="{x}" y="{y}" width="{width}" height="{height}"/>'
        if place is None:
            self._boxes.append(text)
        else:
            self._boxes[place] = text

    def put(self, place: int, text: str) -> None:
        """Markup at a place from `reserve`."""
        self._boxes[place] = text

    def raw(self, text: str) -> None:
        """Markup among the boxes, such as a group of cells."""
        self._boxes.append(text)

    def text(self, kind: str, x: int, y: int, text: str, *, anchor: str = "", link: str = "") -> None:
        """A text.

        :param kind: its classes, the first of which is the size: `small`, `body` or `heading`.
        :param y: of the baseline.
        :param anchor: `middle` or `end`. Default: its beginning.
        :param link: the key of the row that describes it.
        """
        if not text:
            return
        more = f' text-anchor="{anchor}"' if anchor else ""
        element = f'<text class="{kind}" x="{x}" y="{y}"{more}>{safe(text)}</text>'
        self._texts.append(f'<a href="#{link}">{element}</a>' if link and self.linked else element)

    def pill(self, right: int, y: int, change: str) -> int:
        """A pill that names a change, with its right end here; returns its width."""
        words = f"{SIGNS[change]} {change}"
        width = width_of(words, SMALL, bold=True) + 14
        middle = right - width // 2
        self._texts.append(
            f'<rect class="pill {change.split(maxsplit=1)[0]}" x="{right - width}" y="{y}" width="{width}" '
            f'height="{PILL}"/>'
            f'<text class="small pilled" x="{middle}" y="{y + 13}" text-anchor="middle">{safe(words)}</text>'
        )
        return width

    def arrow(self, kind: str, points: list[Point]) -> None:
        """A line along points, at right angles, with a head at its end."""
        (x0, y0), (x, y) = points[-2:]
        right, down = (x > x0) - (x < x0), (y > y0) - (y < y0)
        across = (_HEAD * down, _HEAD * right)
        back = (x - 2 * _HEAD * right, y - 2 * _HEAD * down)
        path = "M" + "L".join(f"{px} {py}" for px, py in [*points[:-1], back])
        head = f"M{x} {y}L{back[0] + across[0]} {back[1] + across[1]}L{back[0] - across[0]} {back[1] - across[1]}Z"
        self._lines.append(f'<path class="line {kind}" d="{path}"/><path class="head {kind}" d="{head}"/>')

    def content(self) -> str:
        """Everything that is drawn."""
        return "".join([*self._boxes, *self._lines, *self._texts])

    def svg(self, size: tuple[int, int], label: str, *, style: str = "") -> str:
        """Everything that is drawn, as an SVG element.

        :param size: its width and its height, in pixels.
        :param label: its text alternative.
        :param style: of a document of its own. Default: the page has the style.
        """
        width, height = size
        label = safe(label)
        inside = f"<title>{label}</title><style>{style}</style>" if style else ""
        space = ' xmlns="http://www.w3.org/2000/svg" role="img"' if style else ' role="group"'
        return (
            f'<svg{space} class="picture w{width}" aria-label="{label}" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}">{inside}{self.content()}</svg>'
        )

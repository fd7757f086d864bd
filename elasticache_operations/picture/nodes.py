"""The shards of a cache and the instances of a database, drawn for their number: nodes, rows, or cells in a grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from elasticache_operations.picture.canvas import PILL, SMALL, Canvas
from elasticache_operations.picture.model import INSTANCE, NODE, READS_ONLY, WRITTEN, Node, Shard, Store
from elasticache_operations.picture.text import cut, safe, wrap

ROWS: Final = 8
"""The most shards that are drawn as a row each; more are cells."""
WITH_STRIPS: Final = 60
"""The most shards whose replicas are drawn."""
_NODE: Final = 26
_GAP: Final = 22
_STRIP: Final = 5
_GRID_END: Final = 8
_BENEATH: Final = 14
_SPLITS: Final = (50, 25, 20, 15, 10, 5, 4, 3, 2)

Column = tuple[str | None, int, int]
"""The zone of a column, its left side and its width."""

Place = tuple[int, int, int]
"""The left side, the top and the width of a node."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the shards of a cache or the instances of a database are drawn.

    :param columns: the zones, for nodes that the template assigns to one.
    """

    canvas: Canvas
    store: Store
    left: int
    width: int
    columns: list[Column]


def draw_shards(frame: Frame, y: int) -> int:
    """Draw the shards of a cache; returns where they end."""
    canvas, x, width = frame.canvas, frame.left, frame.width
    shards = frame.store.shards or ()
    if len(shards) > ROWS:
        return draw_cells(frame, y)
    for shard in shards:
        if len(shards) > 1 or shard.slots:
            room = 80 if shard.change else 0
            canvas.text(
                "small strong", x, y + 12, cut(f"shard {shard.number}{_slots(shard)}", width - room, SMALL, bold=True)
            )
            if shard.change:
                canvas.pill(x + width, y - 3, shard.change)
            y += PILL
        y = _draw_nodes(frame, shard, y) + 8
    return y


def _slots(shard: Shard) -> str:
    if not shard.slots:
        return ""
    return f", slots {ranges(shard.slots)}"


def ranges(slots: Sequence[tuple[int, int]]) -> str:
    """Ranges of slots as text."""
    return ", ".join(f"{first}\N{EN DASH}{last}" if first != last else str(first) for first, last in slots)


def _draw_nodes(frame: Frame, shard: Shard, y: int) -> int:
    """The nodes of a shard: in the columns of their zones when the template has all, otherwise side by side."""
    zones = {zone: (left, room) for zone, left, room in frame.columns if zone is not None}
    in_zones = len(zones) > 1 and all(node.zone in zones for node in shard.nodes)
    places = _in_zones(frame, shard, y) if in_zones else _side_by_side(frame, shard, y)
    for index, (node, place) in enumerate(zip(shard.nodes, places, strict=True)):
        _draw_node(frame, node, place, first=shard.slots != () and index == 0)
    bottom = max(top for _, top, _ in places) + _NODE
    if shard.nodes[0].role in (NODE, INSTANCE) or any(top != y for _, top, _ in places):
        return bottom
    return bottom + _copies(frame.canvas, places)


def _side_by_side(frame: Frame, shard: Shard, y: int) -> list[Place]:
    per_row = max(1, min(len(shard.nodes), (frame.width + _GAP) // (62 + _GAP)))
    rows = -(-len(shard.nodes) // per_row)
    per_row = -(-len(shard.nodes) // rows)
    room = (frame.width + _GAP) // per_row - _GAP
    return [
        (frame.left + index % per_row * (room + _GAP), y + index // per_row * (_NODE + 6), room)
        for index in range(len(shard.nodes))
    ]


def _in_zones(frame: Frame, shard: Shard, y: int) -> list[Place]:
    zones = {zone: (left, room) for zone, left, room in frame.columns}
    filled = dict.fromkeys(zones, 0)
    places: list[Place] = []
    for node in shard.nodes:
        left, room = zones[node.zone]
        places.append((left, y + filled[node.zone] * (_NODE + 6), room))
        filled[node.zone] += 1
    return places


def _copies(canvas: Canvas, places: list[Place]) -> int:
    """The replication from the first node to the others in its line; returns the height that it takes beneath."""
    start, top, wide = places[0]
    beneath = 0
    for left, _, room in places[1:]:
        between = [x for x, _, _ in places if min(start, left) < x < max(start, left)]
        if not between:
            ends = (start + wide, left) if left > start else (start, left + room)
            canvas.arrow("copies", [(ends[0], top + _NODE // 2), (ends[1], top + _NODE // 2)])
            continue
        beneath = _BENEATH
        track, bottom, middle = top + _NODE + _BENEATH, top + _NODE, start + wide // 2
        canvas.arrow(
            "copies", [(middle, bottom), (middle, track), (left + room // 2, track), (left + room // 2, bottom)]
        )
    return beneath


def _draw_node(frame: Frame, node: Node, place: Place, *, first: bool) -> None:
    canvas, (x, y, width), key = frame.canvas, place, frame.store.key if first else ""
    written = node.role in WRITTEN
    canvas.box("node main" if written else "node copy", x, y, width, _NODE, change=node.change, first=key)
    words = f"+ {node.role}" if node.change else node.role
    kind = "small label main" if written else "small label copy"
    canvas.text(kind, x + width // 2, y + 17, cut(words, width - 4, SMALL, bold=True), anchor="middle")


def cell_size(count: int, width: int) -> int:
    """The side of a cell in a grid of so many shards."""
    if count <= WITH_STRIPS:
        return 44
    if count <= 150:
        return 26
    return 20 if width >= 600 else 13


def draw_cells(frame: Frame, y: int) -> int:
    """A cell for each shard, with its number where it fits and its replicas as strips beneath."""
    canvas, x, width = frame.canvas, frame.left, frame.width
    shards = frame.store.shards or ()
    side, replicas = cell_size(len(shards), width), max(len(shard.nodes) - 1 for shard in shards)
    gap = 6 if side == 44 else 2
    per_row = next((split for split in _SPLITS if split * (side + gap) - gap <= width), 1)
    strips = replicas * _STRIP if side == 44 else 0
    words = _grid_words(shards, per_row)
    for line in wrap(tuple(words.split(" ")), width, SMALL, bold=True):
        canvas.text("small strong", x, y + 12, line)
        y += 15
    y += 4
    cells: list[str] = []
    for index, shard in enumerate(shards):
        left = x + index % per_row * (side + gap)
        top = y + index // per_row * (side + strips + gap)
        kind = "cell added" if shard.change else "cell"
        read_only = ' data-copy=""' if shard.nodes[0].role == READS_ONLY else ""
        cells.append(f'<rect class="{kind}"{read_only} x="{left}" y="{top}" width="{side}" height="{side}"/>')
        if side >= 26:
            number = f"+{shard.number}" if shard.change and side == 44 else str(shard.number)
            cells.append(
                f'<text class="small number" x="{left + side // 2}" y="{top + side // 2 + 4}" text-anchor="middle">'
                f"{number}</text>"
            )
        if strips:
            cells += [
                f'<rect class="strip" x="{left}" y="{top + side + 1 + strip * _STRIP}" width="{side}" '
                f'height="{_STRIP - 2}"/>'
                for strip in range(len(shard.nodes) - 1)
            ]
    of = f' data-of="{frame.store.key}"' if canvas.linked else ""
    canvas.raw(f'<g class="grid"{of} role="img" aria-label="{safe(words)}">{"".join(cells)}</g>')
    return y + -(-len(shards) // per_row) * (side + strips + gap) + _GRID_END


def _grid_words(shards: tuple[Shard, ...], per_row: int) -> str:
    counts = sorted({len(shard.nodes) - 1 for shard in shards})
    copies = "no replica" if counts == [0] else f"{counts[0]} to {counts[-1]} replicas"
    if len(counts) == 1 and counts[0]:
        copies = "1 replica" if counts[0] == 1 else f"{counts[0]} replicas"
    added = sum(bool(shard.change) for shard in shards)
    more = f"; {added} added" if added else ""
    first = "reads-only node" if shards[0].nodes[0].role == READS_ONLY else "primary"
    return f"{len(shards)} shards, {per_row} in a row; each has a {first} and {copies}{more}"

"""Draws a VPC: its zones as columns, clients at the top, caches and databases across the zones, and the paths."""

from typing import Final

from elasticache_operations.picture.canvas import BODY, PILL, SMALL, Canvas
from elasticache_operations.picture.model import Client, Route, Store, Vpc
from elasticache_operations.picture.nodes import Column, Frame, draw_shards
from elasticache_operations.picture.text import cut, first_that_fits, width_of, wrap

MOST_CLIENTS: Final = 4
_PAD: Final = 8
_LINE: Final = 15
_CLIENT: Final = 42
_LEAST_CLIENT: Final = 66
_INDENT: Final = 16
_LANE: Final = 10
_SEPARATOR: Final = " \N{MIDDLE DOT} "


def draw_vpc(canvas: Canvas, vpc: Vpc, x: int, y: int, width: int) -> int:
    """Draw a VPC; returns where it ends."""
    place, top = canvas.reserve(), y
    inner = width - 2 * _PAD
    y = _heading(canvas, vpc, x + _PAD, y, inner)
    shown = shown_clients(vpc)
    reached = {route.store for client in shown for route in client.routes}
    lower = [store.key for store in vpc.stores[1:] if store.key in reached]
    lane = _lane(inner, len(lower))
    gutter = lane * len(lower)
    left, room = x + _PAD + 4 + gutter, inner - 8 - gutter
    columns = _columns(vpc, left, room)
    places = [canvas.reserve() for _ in columns]
    zones_top = y
    y = _zone_titles(canvas, vpc, columns, y) if vpc.columns else y
    drawn, y = _clients(canvas, vpc, shown, columns, y)
    tops: dict[str, int] = {}
    lanes = _lanes(vpc, shown, drawn)
    y = track = _labels(canvas, [(lane, route) for lane, _, route in lanes], y, left + room)
    y += 8 * len(lower)
    for store in vpc.stores:
        tops[store.key] = y
        y = _store(canvas, store, (left - 4, y, room + 8), columns) + 12
    _draw_paths(canvas, lanes, tops, (left - 4, track, lane))
    if vpc.columns:
        for number, (_, column, wide) in zip(places, columns, strict=True):
            canvas.box("zone", column, zones_top, wide, y - zones_top, place=number)
        y += _PAD
    more = len(vpc.clients) - len(shown)
    rest = (f"and {more} more client{'s' if more > 1 else ''}, in the table",) if more else ()
    for line in wrap((*rest, *vpc.notes), inner, SMALL, separator=_SEPARATOR):
        canvas.text("small", x + _PAD, y + 11, line)
        y += _LINE
    y += 4
    canvas.box("vpc", x, top, width, y - top, place=place)
    return y


def shown_clients(vpc: Vpc) -> list[Client]:
    """The clients that are drawn: those of caches first, then those in several zones.

    Their order is the one in which no box crosses a path.
    """
    caches = {cache.key for cache in vpc.caches}
    several = sorted(
        vpc.clients,
        key=lambda client: (
            client.source,
            not any(route.store in caches for route in client.routes),
            -len(client.columns),
        ),
    )[:MOST_CLIENTS]
    return sorted(several, key=lambda client: (client.columns[:1], -len(client.columns)))


def _heading(canvas: Canvas, vpc: Vpc, x: int, y: int, width: int) -> int:
    title = cut(vpc.title, width, BODY, bold=True)
    canvas.text("body strong", x, y + 19, title)
    wanted = width_of(vpc.ways, SMALL)
    if not vpc.ways:
        return y + 28
    if wanted + width_of(title, BODY, bold=True) + 16 <= width:
        canvas.text("small", x + width, y + 19, vpc.ways, anchor="end")
        return y + 28
    y += 26
    for line in wrap(tuple(vpc.ways.split()), width, SMALL):
        canvas.text("small", x, y + 8, line)
        y += _LINE
    return y + 2


def _columns(vpc: Vpc, left: int, room: int) -> list[Column]:
    count = max(1, len(vpc.columns))
    gap = 10 if count < 4 else 4
    wide = (room + gap) // count - gap
    zones = [column.zone for column in vpc.columns] or [None]
    return [(zone, left + index * (wide + gap), wide) for index, zone in enumerate(zones)]


def _zone_titles(canvas: Canvas, vpc: Vpc, columns: list[Column], y: int) -> int:
    bottom = y
    for column, (_, left, wide) in zip(vpc.columns, columns, strict=True):
        at = y + 17
        canvas.text("small strong", left + 6, at, first_that_fits(column.titles, wide - 10, SMALL, bold=True))
        for subnet in column.subnets[:3]:
            for line in wrap(tuple(subnet.split()), wide - 10, SMALL):
                at += 14
                canvas.text("small", left + 6, at, line)
        bottom = max(bottom, at + 8)
    return bottom + 4


def _clients(
    canvas: Canvas, vpc: Vpc, shown: list[Client], columns: list[Column], y: int
) -> tuple[dict[str, tuple[int, int]], int]:
    """Draw the clients; returns for each where its path begins, and where the clients end.

    A client's path falls left of every box beneath it, so that it crosses none of them. Where the columns are too
    narrow for that, clients lie across all of them, and name their zones.
    """
    spans = [_span(client, columns) for client in shown]
    narrow = any(
        columns[first][2] < _LEAST_CLIENT + _INDENT * sum(other == first for other, _ in spans) for first, _ in spans
    )
    starts: dict[str, tuple[int, int]] = {}
    indents, bottoms = [0] * len(columns), [y] * len(columns)
    for client, span in zip(shown, spans, strict=True):
        first, last = (0, len(columns) - 1) if narrow else span
        top = max(bottoms[first : last + 1]) + (8 if client.change else 0)
        left = columns[first][1] + 6 + indents[first]
        room = columns[last][1] + columns[last][2] - 6 - left
        name = _with_zones(client, vpc) if narrow else _short(client)
        _client(canvas, client, name, (left, top, room if last > first else min(room, 300)))
        starts[client.key] = (left + 8, top + _CLIENT)
        indents[first] += _INDENT
        bottoms[first : last + 1] = [top + _CLIENT + 12] * (last + 1 - first)
    return starts, max(bottoms)


def _span(client: Client, columns: list[Column]) -> tuple[int, int]:
    """The first and the last column of a client; all where its zones are not known."""
    return (client.columns[0], client.columns[-1]) if client.columns else (0, len(columns) - 1)


def _client(canvas: Canvas, client: Client, name: str, area: tuple[int, int, int]) -> None:
    left, top, wide = area
    canvas.box("client source" if client.source else "client", left, top, wide, _CLIENT, change=client.change)
    words = client.title
    titles = (words, words.replace(" instance", ""), words.partition(",")[0], words.partition(" ")[0])
    title = first_that_fits(titles, wide - 12, BODY, bold=True)
    canvas.text("body strong", left + 8, top + 17, title, link=client.key)
    canvas.text("small", left + 8, top + 33, cut(name, wide - 12, SMALL))
    if client.change:
        canvas.pill(left + wide - 4, top - PILL // 2 - 2, client.change)


def _with_zones(client: Client, vpc: Vpc) -> str:
    zones = [vpc.columns[place].titles[-1] for place in client.columns]
    words = f"{'zone' if len(zones) == 1 else 'zones'} {', '.join(zones)}{_SEPARATOR}" if zones else ""
    return f"{words}{_short(client)}"


def _short(client: Client) -> str:
    """A construct path without its stack, which the table has; an address range as it is."""
    return client.name if client.source else client.name.partition("/")[2] or client.name


def _labels(canvas: Canvas, paths: list[tuple[int, Route]], y: int, right: int) -> int:
    """The labels of the paths, a row each; equal ones are written once. Returns where they end."""
    lanes: dict[str, list[int]] = {}
    for lane, route in paths:
        lanes.setdefault(route.label, []).append(lane)
    every = sorted(lane for listed in lanes.values() for lane in listed)
    for label, listed in lanes.items():
        wanted = width_of(label, SMALL, bold=True) + 14
        lane = next((lane for lane in sorted(listed) if _free(lane, every, right) >= wanted), max(listed))
        left = max(min(lane, right - wanted), min(listed))
        canvas.text("small strong halo", left + 10, y + 16, cut(label, right - left - 10, SMALL, bold=True))
        y += 20
    return y + 14 if lanes else y + 6


def _free(lane: int, lanes: list[int], right: int) -> int:
    """The room right of a path up to the next one."""
    return next((other for other in lanes if other > lane), right) - lane


def _lanes(vpc: Vpc, shown: list[Client], starts: dict[str, tuple[int, int]]) -> list[tuple[int, int, Route]]:
    """Where each path begins, from the first cache to the last; the paths of a client share its lane."""
    order = [store.key for store in vpc.stores]
    return [
        (*starts[client.key], route)
        for client in shown
        for route in sorted(client.routes, key=lambda route: order.index(route.store))
    ]


def _lane(width: int, count: int) -> int:
    """The distance of the lanes to lower caches, which take at most a fifth of the width."""
    return max(1, min(_LANE, width // 5 // count)) if count else 0


def _draw_paths(
    canvas: Canvas, lanes: list[tuple[int, int, Route]], tops: dict[str, int], area: tuple[int, int, int]
) -> None:
    """The paths: straight down to the first cache, and to a lower one through a lane at the left of the caches.

    :param tops: of the caches, from the first to the last.
    :param area: the left side of the caches, where the paths to the second one turn left, and the distance of lanes.
    """
    left, track, distance = area
    lower = [key for key in list(tops)[1:] if any(route.store == key for _, _, route in lanes)]
    for x, y, route in lanes:
        if route.store not in lower:
            canvas.arrow("path", [(x, y), (x, tops[route.store])])
            continue
        turn = track + 8 * lower.index(route.store)
        side = left - distance * (lower.index(route.store) + 1) + distance // 5
        end = tops[route.store] + 18
        canvas.arrow("path", [(x, y), (x, turn), (side, turn), (side, end), (left, end)])


def _store(canvas: Canvas, store: Store, area: tuple[int, int, int], columns: list[Column]) -> int:
    """A cache or a database across the zones; returns where it ends.

    :param area: its left side, its top and its width.
    """
    x, y, width = area
    place, top = canvas.reserve(), y
    inner = width - 2 * _PAD
    taken = canvas.pill(x + width - _PAD, y + 6, store.change) + 8 if store.change else 0
    canvas.text(
        "body strong",
        x + _PAD,
        y + 19,
        first_that_fits((store.title, store.engine), inner - taken, BODY, bold=True),
        link=store.key,
    )
    y += 26
    for line in [cut(store.name, inner, SMALL), *wrap(store.summary, inner, SMALL, separator=_SEPARATOR)]:
        canvas.text("small", x + _PAD, y + 9, line)
        y += _LINE
    y += 8
    lanes = [(zone, left + 4, wide - 8) for zone, left, wide in columns]
    y = draw_shards(Frame(canvas, store, x + _PAD + 2, inner - 4, lanes), y)
    for note in store.notes:
        for line in wrap(tuple(note.split()), inner, SMALL):
            canvas.text("small", x + _PAD, y + 9, line)
            y += _LINE
    y += 6
    canvas.box(store.kind, x, top, width, y - top, place=place, change=store.change)
    return y

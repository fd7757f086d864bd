"""The tables of the page: caches, users, shards, clients and changes."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from elasticache_operations.picture.html import scrolling, section, table
from elasticache_operations.picture.model import SIGNS, Cache, Client, Delta, Picture, Region, Row, Store
from elasticache_operations.picture.nodes import ranges
from elasticache_operations.picture.text import safe, width_of

_UNPLACED: Final = "ElastiCache chooses"
_FONT: Final = 16


def sign(change: str) -> str:
    """A change with its sign and its word; empty without one."""
    if not change:
        return ""
    return f'<span class="sign {change.split(maxsplit=1)[0]}">{SIGNS[change]} {change}</span>'


def caches(picture: Picture) -> str:
    """The facts of the caches."""
    return _facts("Caches", picture.caches)


def databases(picture: Picture) -> str:
    """The facts of the databases."""
    return _facts("Databases", picture.databases)


def _facts(title: str, listed: Sequence[Store]) -> str:
    """Facts as rows, caches or databases as columns."""
    if not listed:
        return ""
    labels = list(dict.fromkeys(label for store in listed for label, _ in store.facts))
    head = ["Fact", *(_joined(safe(store.name), sign(store.change)) for store in listed)]
    keys = ["", *(store.key for store in listed)]
    rows = [[safe(label), *(safe(dict(store.facts).get(label, "\N{EN DASH}")) for store in listed)] for label in labels]
    names = ["", *(safe(store.name) for store in listed)]
    kind = "facts cards" if len(listed) > 1 else "facts"
    return section(title, scrolling(title, table(head, rows, keys=keys, labels=names, kind=kind), high=False))


def users(picture: Picture) -> str:
    """The users, and what they may do."""
    rows = [
        [
            _joined(f"<code>{_name(user.name, 200)}</code>", sign(user.change)),
            _name(user.of),
            safe(user.proof),
            safe(user.may),
        ]
        for user in picture.users
    ]
    return section("Users, and what they may do", table(["User", "Of", "Authenticates with", "May do"], rows))


def shards(picture: Picture) -> str:
    """The shards of each cache in cluster mode."""
    parts = [_of_cache(cache) for cache in picture.caches if cache.shards and cache.shards[0].slots]
    return section("Shards", "".join(parts))


def _of_cache(cache: Cache) -> str:
    listed = cache.shards or ()
    placed = any(node.zone for shard in listed for node in shard.nodes)
    head = "".join(
        f'<th scope="col">{label}</th>' for label in ("Shard", "Slots", "Replicas", *(("Zones",) if placed else ()))
    )
    rows = "".join(
        f"<tr><td>{shard.number}{' ' if shard.change else ''}{sign(shard.change)}<td>{ranges(shard.slots)}"
        f"<td>{len(shard.nodes) - 1}"
        + (f"<td>{', '.join(safe(node.zone or _UNPLACED) for node in shard.nodes)}" if placed else "")
        for shard in listed
    )
    body = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<h3>{safe(cache.name)}</h3>{scrolling(f'Shards of {cache.name}', body, high=True)}"


def clients(picture: Picture) -> str:
    """The clients, and what they reach."""
    names = {store.key: store.name for store in picture.stores}
    rows, keys = [], []
    for region, client in picture.clients:
        rows.append(_client(region, client, names))
        keys.append(client.key)
    head = ["Client", "What", "Region", "Reaches"]
    return section("Clients, and the way to the cache", table(head, rows, rows_keys=keys))


def _client(region: Region, client: Client, names: dict[str, str]) -> list[str]:
    reached = [
        f"{safe(names[route.store])}: {safe(route.label)}{f' ({safe(route.note)})' if route.note else ''}"
        for route in client.routes
    ]
    return [
        _joined(_name(client.name), sign(client.change)),
        safe(client.title),
        safe(region.name or "of the deploy"),
        "<br>".join(reached),
    ]


def changes(delta: Delta) -> str:
    """What changes: what needs a decision first, and what is no part of a cache folded."""
    main = [row for row in delta.rows if row.main and not row.decision]
    folded = [row for row in delta.rows if not row.main]
    parts = [_list(main)] if main else []
    if folded:
        parts.append(
            f"<details><summary>{len(folded)} other change{'' if len(folded) == 1 else 's'}, of clients, networks and "
            f"permissions</summary>{_list(folded)}</details>"
        )
    return section("What changes", "".join(parts))


def _list(rows: Iterable[Row]) -> str:
    items = (f"<li>{sign(row.effect)} <code>{safe(row.name)}</code>: {safe(row.what)}</li>" for row in rows)
    return f"<ul>{''.join(items)}</ul>"


def decisions(delta: Delta) -> str:
    """The changes that need a decision, with what is lost and the steps."""
    return "".join(
        f"<p>{sign(row.effect)} {safe(row.what)}.</p>"
        + (f"<p>Lost: {safe(row.lost)}. Kept by: {safe(row.kept_by)}.</p>" if row.lost else "")
        + (f"<ol>{''.join(f'<li>{safe(step)}</li>' for step in row.steps)}</ol>" if row.steps else "")
        for row in delta.decisions
    )


def _name(name: str, most: int = 330) -> str:
    """A name, whose words stay whole on a wide page if they are short enough for a column.

    :param most: in pixels; such columns leave room for the others from the width on at which rows are no cards.
    """
    whole = max(width_of(part, _FONT, bold=True) for part in re.split("[ -]", name)) <= most
    return f'<span class="name">{safe(name)}</span>' if whole else safe(name)


def _joined(first: str, second: str) -> str:
    return f"{first} {second}" if second else first

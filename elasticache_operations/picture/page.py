"""The page: one HTML document with the picture for several widths, the tables, and no request to any host."""

from collections.abc import Iterator
from typing import Final

from elasticache_operations.picture import tables
from elasticache_operations.picture.changes import headline
from elasticache_operations.picture.html import document
from elasticache_operations.picture.layout import WIDTHS, draw
from elasticache_operations.picture.model import INSTANCE, NODE, STANDBY, WRITTEN, Cache, Delta, Picture
from elasticache_operations.picture.nodes import ROWS, WITH_STRIPS
from elasticache_operations.picture.script import SCRIPT
from elasticache_operations.picture.style import PAGE_STYLE
from elasticache_operations.picture.text import safe
from elasticache_operations.picture.vpcs import shown_clients
from elasticache_rules.output import counted

_CHANGES: Final = " + added, ~ changed in place, ! replaced, \N{MINUS SIGN} removed."


def page(picture: Picture, delta: Delta | None = None) -> str:
    """The page of a picture, or of a change to it.

    :param picture: the picture after the change.
    :param delta: Default: no change is shown.
    """
    clustered = [cache for cache in picture.caches if cache.shards and len(cache.shards) > 1 and cache.shards[0].slots]
    body = [
        f"<h1>{safe(picture.title)}</h1>",
        f'<p class="from">{safe(_source(picture, delta))}</p>',
        f"<p>{safe(picture.sentence)}</p>",
        _banner(delta) if delta else "",
        _field(clustered) if clustered else "",
        _figures(picture, delta),
        tables.changes(delta) if delta else "",
        tables.caches(picture),
        tables.databases(picture),
        tables.users(picture),
        tables.shards(picture),
        tables.clients(picture),
    ]
    return document(picture.title, body, style=PAGE_STYLE, script=SCRIPT if clustered else "")


def _source(picture: Picture, delta: Delta | None) -> str:
    stacks = f"{counted(picture.stacks, 'stack')}, {counted(picture.resources, 'resource')}"
    change = f", and what changes from {delta.before.source}" if delta else ""
    cost = f" The nodes cost ${picture.cost:,.2f} a month." if picture.cost is not None else ""
    return f"From {picture.source}: {stacks}{change}.{cost}"


def _banner(delta: Delta) -> str:
    first, counts = headline(delta)
    decide = " decide" if delta.decisions else ""
    return (
        f'<div class="banner{decide}" role="note"><p><strong>{safe(first)}</strong> {safe(counts)}</p>'
        f"{tables.decisions(delta)}</div>"
    )


def _field(clustered: list[Cache]) -> str:
    data = "".join(
        f'<span data-cache="{cache.key}" data-name="{safe(cache.name)}" data-slots="'
        + ";".join(",".join(f"{first}-{last}" for first, last in shard.slots) for shard in cache.shards or ())
        + '"></span>'
        for cache in clustered
    )
    return (
        '<div class="key"><label for="key">Which shard has a key?</label>'
        '<input id="key" autocomplete="off" spellcheck="false" placeholder="user:{42}:cart" aria-describedby="answer"> '
        f'<span id="answer" aria-live="polite"></span>{data}</div>'
    )


def _figures(picture: Picture, delta: Delta | None) -> str:
    signs = " ".join(_legend(picture, delta.before if delta else picture)) + (_CHANGES if delta else "")
    legend = f'<p class="legend">{signs.strip()}</p>' if signs else ""
    drawn = "".join(draw(picture, width) for width in WIDTHS)
    if delta is None:
        return drawn + legend
    before = "".join(draw(delta.before, width, linked=False) for width in WIDTHS)
    return f"<section><h2>After</h2>{drawn}{legend}</section><section><h2>Before</h2>{before}</section>"


def _legend(*pictures: Picture) -> Iterator[str]:
    """A sentence for each kind of box and arrow that is in one of the pictures."""
    vpcs = [vpc for picture in pictures for region in picture.regions for vpc in region.vpcs]
    stores = [store for vpc in vpcs for store in vpc.stores]
    roles = {
        node.role
        for store in stores
        for shard in store.shards or ()
        for node in (shard.nodes if len(store.shards or ()) <= WITH_STRIPS else shard.nodes[:1])
    }
    clients = [client for vpc in vpcs for client in shown_clients(vpc)]
    if not roles.isdisjoint(WRITTEN):
        yield "Filled: takes writes."
    if not roles <= {*WRITTEN}:
        yield "Outlined: a copy, for reads."
    if STANDBY in roles:
        yield "A standby of a database takes no reads."
    if clients:
        yield "Solid arrow: a path that the security groups allow."
    if any(picture.edges for picture in pictures) or any(
        len(shard.nodes) > 1 and shard.nodes[0].role not in (NODE, INSTANCE)
        for store in stores
        if len(store.shards or ()) <= ROWS
        for shard in store.shards or ()
    ):
        yield "Dashed arrow: replication."
    if any(vpc.columns for vpc in vpcs):
        yield "Dashed boxes with subnets: Availability Zones."
    if any(client.source for client in clients):
        yield "Dashed client: addresses, or a security group without a client in the templates."

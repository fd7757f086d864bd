"""The picture as text for documents and pull requests: a Mermaid flowchart, and Markdown with tables folded."""

from collections.abc import Iterable, Iterator
from typing import Final

from elasticache_operations.picture.caches import plural
from elasticache_operations.picture.changes import headline
from elasticache_operations.picture.model import NODE, PRIMARY, SIGNS, Delta, Picture, Row, Shard, Store, Vpc
from elasticache_operations.picture.nodes import ranges
from elasticache_rules.output import printable

LONGEST: Final = 60_000
"""In characters; a comment of GitHub holds 65,536."""
_TOO_LONG: Final = "\n*The rest is too long for a comment; write the HTML page to see it.*\n"
_FIRST_SHARDS: Final = 3
_FIRST_CLIENTS: Final = 4
_MERMAID: Final = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;", ";": "#59;"}
_MARKDOWN: Final = "\\`*_{}[]<>()#+-.!|~&@"


def mermaid(picture: Picture, delta: Delta | None = None) -> str:
    """A flowchart with the first shards of each cache, with a title and a description for screen readers.

    :param picture: the picture after the change.
    :param delta: draws the picture before the change too. Default: no change is shown.
    """
    said = picture.sentence if delta is None else f"{picture.sentence} {headline(delta)[0]}"
    lines = ["flowchart TB", f"  accTitle: {plain(picture.title)}", f"  accDescr: {plain(said)}"]
    if delta is None:
        lines += _chart(picture, "")
    else:
        for title, drawn, prefix in (("After", picture, ""), ("Before", delta.before, "old")):
            inner = _chart(drawn, prefix)
            lines += [f'  subgraph {title.lower()}["{title}"]', *(f"  {line}" for line in inner), "  end"]
    return "\n".join(lines) + "\n"


def _chart(picture: Picture, prefix: str) -> Iterator[str]:
    """The lines of a picture.

    :param prefix: of its identifiers, which a flowchart of two pictures has twice.
    """
    if not picture.regions:
        yield f'  {prefix}nothing["no cache"]'
    for number, region in enumerate(picture.regions):
        yield f'  subgraph {prefix}region{number}["{quoted(region.title)}"]'
        for place, vpc in enumerate(region.vpcs):
            yield from (f"    {line}" for line in _vpc(vpc, f"{number}x{place}", prefix))
        yield "  end"
    for vpc in (vpc for region in picture.regions for vpc in region.vpcs):
        yield from (
            f'  {prefix}{_node(client.key)} -->|"{quoted(route.label)}"| {prefix}{_node(route.store)}'
            for client in vpc.clients[:_FIRST_CLIENTS]
            for route in client.routes
        )
    yield from (
        f'  {prefix}{_node(cache.primary)} -.->|"replicates"| {prefix}{_node(cache.key)}'
        for cache in picture.caches
        if cache.primary is not None
    )


def _vpc(vpc: Vpc, number: str, prefix: str) -> list[str]:
    lines = [f'subgraph {prefix}vpc{number}["{quoted(vpc.title)}"]']
    lines += [
        f'  {prefix}{_node(client.key)}["{quoted(client.title + _change(client.change))}"]'
        for client in vpc.clients[:_FIRST_CLIENTS]
    ]
    if len(vpc.clients) > _FIRST_CLIENTS:
        more = len(vpc.clients) - _FIRST_CLIENTS
        lines.append(f'  {prefix}more{number}["and {more} more client{"" if more == 1 else "s"}"]')
    lines += [f"  {line}" for store in vpc.stores for line in _store(store, prefix)]
    return [*lines, "end"]


def _store(store: Store, prefix: str) -> list[str]:
    name = prefix + _node(store.key)
    title = store.title + _change(store.change)
    shards = store.shards or ()
    if store.kind == "database":
        nodes = [node.role for shard in shards for node in shard.nodes]
        return [f'{name}[("{quoted(": ".join([title, ", ".join(nodes)][: 1 + bool(nodes)]))}")]']
    if not shards:
        return [f'{name}["{quoted(title)}"]']
    lines = [f'subgraph {name}["{quoted(title)}"]']
    for shard in shards[:_FIRST_SHARDS]:
        words = f"shard {shard.number}, slots {ranges(shard.slots)}: {_nodes(shard)}" if shard.slots else _nodes(shard)
        lines.append(f'  {name}s{shard.number}["{quoted(words + _change(shard.change))}"]')
    rest = shards[_FIRST_SHARDS:]
    if rest:
        added = sum(bool(shard.change) for shard in rest)
        words = f"and {len(rest)} more shard{'' if len(rest) == 1 else 's'}{f' (+ {added} added)' if added else ''}"
        lines.append(f'  {name}more["{words}"]')
    return [*lines, "end"]


def _nodes(shard: Shard) -> str:
    """The nodes of a shard in words; those of Memcached are no copies of one another."""
    role, count = shard.nodes[0].role, len(shard.nodes) - 1
    added = sum(bool(node.change) for node in shard.nodes)
    more = f" (+ {added} added)" if added else ""
    if role == NODE:
        return f"{plural(count + 1, 'node')}{more}"
    if role != PRIMARY and not count:
        return role
    copies = plural(count, "replica") if count else "no replica"
    return f"{role}, {copies}{more}"


def _change(change: str) -> str:
    return f" ({SIGNS[change]} {change})" if change else ""


def _node(key: str) -> str:
    return key.replace("-", "")


def quoted(text: str) -> str:
    """A text between the quotes of Mermaid."""
    return "".join(_MERMAID.get(character, character) for character in printable(text))


def plain(text: str) -> str:
    """A text for a line that Mermaid does not take in quotes."""
    return printable(text).replace(";", ",").replace("%%", "% %")


def markdown(picture: Picture, delta: Delta | None = None) -> str:
    """A comment for a pull request: the sentence and the decisions on top, and the rest folded."""
    lines = [f"### {escaped(picture.title)}", "", escaped(picture.sentence), ""]
    if picture.cost is not None:
        lines += [f"The nodes cost ${picture.cost:,.2f} a month.", ""]
    if delta is not None:
        first, counts = headline(delta)
        lines += [f"**{escaped(first)}** {escaped(counts)}".strip(), ""]
        for row in delta.decisions:
            lines += [*_decision(row), ""]
        listed = [row for row in delta.rows if not row.decision]
        lines += folded(f"{len(listed)} change{'' if len(listed) == 1 else 's'} without a decision", _changes(listed))
    lines += folded("Caches", _facts(picture.caches))
    lines += folded("Databases", _facts(picture.databases))
    lines += folded("Users, and what they may do", _users(picture))
    lines += folded("Clients, and the way to the cache", _clients(picture))
    lines += folded("Picture", ["```mermaid", mermaid(picture, delta).rstrip(), "```"])
    return limited(lines)


def limited(lines: list[str]) -> str:
    """The lines that fit; a folded block that is cut is closed, a picture is left out, and a note is added."""
    text = "\n".join(lines).rstrip() + "\n"
    if len(text) <= LONGEST:
        return text
    kept: list[str] = []
    left = LONGEST - len(_TOO_LONG) - len("\n\n</details>\n")
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    if sum(line.startswith("```") for line in kept) % 2:
        del kept[_last(kept, "<details>") :]
    if kept.count("<details>") > kept.count("</details>"):
        kept += ["", "</details>"]
    return "\n".join(kept).rstrip() + "\n" + _TOO_LONG


def _last(lines: list[str], wanted: str) -> int:
    return len(lines) - 1 - lines[::-1].index(wanted)


def _decision(row: Row) -> Iterable[str]:
    yield f"- {SIGNS[row.effect]} **{row.effect}**: {escaped(row.what)}"
    if row.lost:
        yield f"  - Lost: {escaped(row.lost)}. Kept by: {escaped(row.kept_by)}."
    for number, step in enumerate(row.steps, start=1):
        yield f"  {number}. {escaped(step)}"


def _changes(rows: Iterable[Row]) -> list[str]:
    return [f"- {SIGNS[row.effect]} {row.effect}: {escaped(row.name)}: {escaped(row.what)}" for row in rows]


def folded(title: str, lines: list[str]) -> list[str]:
    """Lines in a block that is folded; nothing without lines."""
    return ["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>", ""] if lines else []


def _facts(stores: Iterable[Store]) -> list[str]:
    return [
        line
        for store in stores
        for line in (
            f"- **{escaped(store.name)}**",
            *(f"  - {label}: {escaped(value)}" for label, value in store.facts),
        )
    ]


def _users(picture: Picture) -> list[str]:
    if not picture.users:
        return []
    rows = [
        f"| {escaped(item.name)} | {escaped(item.of)} | {item.proof} | {escaped(item.may)} |" for item in picture.users
    ]
    return ["| User | Of | Authenticates with | May do |", "| --- | --- | --- | --- |", *rows]


def _clients(picture: Picture) -> list[str]:
    names = {store.key: store.name for store in picture.stores}
    rows = [
        f"| {escaped(client.name)} | {escaped(client.title)} | {escaped(region.name or 'of the deploy')} | "
        f"{escaped('; '.join(f'{names[route.store]}: {route.label}' for route in client.routes))} |"
        for region, client in picture.clients
    ]
    return ["| Client | What | Region | Reaches |", "| --- | --- | --- | --- |", *rows] if rows else []


def escaped(text: str) -> str:
    """A text that Markdown shows as it is."""
    return "".join(f"\\{character}" if character in _MARKDOWN else character for character in printable(text))

"""The report as a page, with the plots in it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from caching_demo import text
from caching_demo.document import Document
from caching_demo.plots.charts import charts
from caching_demo.plots.palette import FONT, variables

_STYLE = f"""
{variables(":root")}:root{{color-scheme:light}}
@media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark}}}}
*{{box-sizing:border-box}}
body{{margin:0 auto;padding:12px;max-width:820px;background:var(--paper);color:var(--ink);font:16px/1.5 {FONT};
overflow-wrap:anywhere}}
h1{{font-size:1.6em;line-height:1.2;margin:.4em 0}}h2{{font-size:1.2em;margin:1.6em 0 .5em}}
p{{max-width:75ch;margin:.5em 0}}
p.soft{{color:var(--soft)}}
.verdict{{border-left:5px solid;background:var(--region);padding:.6em 1em;margin:1em 0}}
.pass{{border-color:var(--added)}}.warning{{border-color:var(--changed)}}.fail,.error{{border-color:var(--main)}}
.verdict strong{{text-transform:uppercase;letter-spacing:.04em;margin-right:.5em}}
.wide{{overflow-x:auto}}svg.plot{{display:block;width:100%;min-width:620px;margin:10px 0}}
table{{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:8px 0}}
th,td{{border-bottom:1px solid var(--rule);padding:.45em .9em .45em 0;text-align:right;font-weight:400;
white-space:nowrap}}
th[scope=row]{{white-space:normal;overflow-wrap:anywhere;min-width:7em}}
th:first-child,td:first-child{{text-align:left}}thead th{{font-weight:600}}
summary{{cursor:pointer;color:var(--soft)}}td.missed{{color:var(--main);font-weight:600}}
:focus-visible{{outline:3px solid var(--focus);outline-offset:2px}}
@media print{{body{{max-width:none;padding:0}}svg,tr{{break-inside:avoid}}}}
"""
_INTRODUCTIONS = {
    "latency": "The same reads, in turn from the database and from the cache. A row by its primary key gains little: "
    "the round trip is most of it. What the server has to compute gains the more, the longer it takes.",
    "hits": "A steady rate of reads of product pages, the popular ones more often, with some updates that invalidate.",
    "staleness": "The time between the commit of an update and the first read of the new value by another client.",
    "races": "A reader misses and loads a page while a writer commits and removes it from the cache. With SET and DEL "
    "the reader may store what it has read before the commit; a lease refuses that.",
    "stampede": "Four clients with four threads each read one report whose value expires again and again.",
    "outage": "Relays on this machine stop everything between these clients and the cache, which itself goes on, and "
    "let it pass again.",
    "sessions": "Eight threads change different values of one session.",
}


def files(document: Document) -> dict[str, str]:
    """The page and each plot, by the names of their files."""
    plots = charts(document.sections)
    drawn = {f"{name}.svg": plot for drawings in plots.values() for name, plot in drawings.items()}
    return {"index.html": _page(document, plots), **drawn}


def _page(document: Document, plots: dict[str, dict[str, str]]) -> str:
    body = [
        "<h1>A cache in front of a database</h1>",
        *(f'<p class="soft">{escape(line)}</p>' for line in text.head_lines(document.facts)),
        f'<p class="soft">{escape(str(document.facts.get("started", "")))}, '
        f"{escape(str(document.facts.get('seconds', '?')))} seconds</p>",
        f'<div class="verdict {document.verdict}"><strong>{document.verdict}</strong>{escape(document.summary)}</div>',
        *(f'<p class="soft">Warning: {escape(warning)}</p>' for warning in document.warnings),
    ]
    if document.figures:
        body.append(_table(text.figure_rows(document), "Figures and their bounds"))
    for name, section in document.sections.items():
        body += [f'<section id="{name}">', f"<h2>{escape(text.TITLES[name])}</h2>"]
        if "not_measured" in section:
            body += [f"<p>Not measured: {escape(str(section['not_measured']))}</p>", "</section>"]
            continue
        body.append(f"<p>{escape(_INTRODUCTIONS[name])}</p>")
        body += [_scrolling(f"Plot {plot}", drawn) for plot, drawn in plots[name].items()]
        table = _table(text.rows_of(name, section), text.TITLES[name])
        body += [f"<details><summary>The figures as a table</summary>{table}</details>", "</section>"]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"/>'
        '<meta name="viewport" content="width=device-width,initial-scale=1"/>'
        f"<title>A cache in front of a database: {document.verdict}</title><style>{_STYLE}</style></head>\n"
        "<body><main>\n" + "\n".join(body) + "\n</main></body></html>\n"
    )


def _table(rows: Sequence[Sequence[str]], caption: str) -> str:
    head, *rest = rows
    heads = "".join(f'<th scope="col">{escape(cell)}</th>' if cell else "<td></td>" for cell in head)
    lines = "".join(_row(row) for row in rest)
    label = f"Table: {caption}"
    content = f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>"
    return _scrolling(label, content)


def _row(row: Sequence[str]) -> str:
    name, *cells = row
    return f'<tr><th scope="row">{escape(name)}</th>{"".join(_cell(cell) for cell in cells)}</tr>'


def _scrolling(label: str, content: str) -> str:
    """A part that scrolls by itself on a narrow page, and takes the focus for that."""
    return f'<div class="wide" tabindex="0" role="region" aria-label="{escape(label)}">{content}</div>'


def _cell(cell: str) -> str:
    return f'<td class="missed">{cell}</td>' if cell == "missed" else f"<td>{escape(cell)}</td>"

"""The report as a page, with the plots in it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from caching_demo import text
from caching_demo.document import Document
from caching_demo.plots.charts import charts

_STYLE = """
:root{color-scheme:light dark;--ink:#1f2328;--muted:#59636e;--grid:#d9dee3;--paper:#fff;--panel:#f5f7f9;
--pass:#1a7f37;--warning:#8a5a00;--fail:#c21c1c}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--muted:#9da7b1;--grid:#30373f;--paper:#0f141a;--panel:#171e26;
--pass:#6fdc86;--warning:#f2c14e;--fail:#ff8a80}}
body{margin:0 auto;padding:24px 20px 64px;max-width:820px;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{font-size:1.7rem;margin:0 0 .3em}h2{font-size:1.2rem;margin:2.4em 0 .3em}p{margin:.4em 0}
p.muted{color:var(--muted);font-size:.9rem}
.verdict{border-left:5px solid;background:var(--panel);padding:12px 16px;margin:18px 0}
.pass{border-color:var(--pass)}.warning{border-color:var(--warning)}.fail,.error{border-color:var(--fail)}
.verdict strong{text-transform:uppercase;letter-spacing:.04em;margin-right:.5em}
.wide{overflow-x:auto}svg.plot{display:block;width:100%;min-width:620px;margin:10px 0}
table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums;margin:8px 0}
th,td{border-bottom:1px solid var(--grid);padding:5px 14px 5px 0;text-align:right;font-weight:400}
th:first-child,td:first-child{text-align:left}thead th{color:var(--muted)}
summary{cursor:pointer;color:var(--muted);font-size:.9rem}td.missed{color:var(--fail);font-weight:600}
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
        *(f'<p class="muted">{escape(line)}</p>' for line in text.head_lines(document.facts)),
        f'<p class="muted">{escape(str(document.facts.get("started", "")))}, '
        f"{escape(str(document.facts.get('seconds', '?')))} seconds</p>",
        f'<div class="verdict {document.verdict}"><strong>{document.verdict}</strong>{escape(document.summary)}</div>',
        *(f'<p class="muted">Warning: {escape(warning)}</p>' for warning in document.warnings),
    ]
    if document.figures:
        body.append(_table(text.figure_rows(document), "Figures and their bounds"))
    for name, section in document.sections.items():
        body += [f'<section id="{name}">', f"<h2>{escape(text.TITLES[name])}</h2>"]
        if "not_measured" in section:
            body += [f"<p>Not measured: {escape(str(section['not_measured']))}</p>", "</section>"]
            continue
        body.append(f"<p>{escape(_INTRODUCTIONS[name])}</p>")
        body += [f'<div class="wide">{plot}</div>' for plot in plots[name].values()]
        table = _table(text.rows_of(name, section), text.TITLES[name])
        body += [f"<details><summary>The figures as a table</summary>{table}</details>", "</section>"]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"/>'
        '<meta name="viewport" content="width=device-width,initial-scale=1"/>'
        f"<title>A cache in front of a database: {document.verdict}</title><style>{_STYLE}</style></head>\n"
        "<body>\n" + "\n".join(body) + "\n</body></html>\n"
    )


def _table(rows: Sequence[Sequence[str]], caption: str) -> str:
    head, *rest = rows
    heads = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = "".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in rest)
    label = f' aria-label="{escape(caption)}"'
    return f'<div class="wide"><table{label}><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>'


def _cell(cell: str) -> str:
    return f'<td class="missed">{cell}</td>' if cell == "missed" else f"<td>{escape(cell)}</td>"

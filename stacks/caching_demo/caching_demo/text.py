"""The report as a text table, section by section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from caching_demo.document import Document

TITLES = {
    "latency": "Latency of a read, in ms",
    "hits": "Hit ratio and database queries from a cold cache",
    "staleness": "Time until another client sees an update, in ms",
    "races": "Values that stay old after a reader and a writer overlap",
    "stampede": "A popular value that expires, read by many clients",
    "outage": "The cache stops answering and comes back",
    "sessions": "Changes of one session at the same time",
}
_Rows = list[list[str]]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned columns: the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  "
        + "  ".join(
            cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    ]


def rows_of(name: str, section: Mapping[str, Any]) -> _Rows:
    """The table of a section: a line of headings, then its figures."""
    return _ROWS[name](section)


def section_lines(name: str, section: Mapping[str, Any]) -> list[str]:
    """A section with its title."""
    lines = ["", TITLES[name]]
    if "not_measured" in section:
        return [*lines, f"  not measured: {section['not_measured']}"]
    return [*lines, *table(rows_of(name, section))]


def figure_rows(document: Document) -> _Rows:
    """The figures with their bounds."""
    head = ["figure", "value", "bound", ""]
    return [
        head,
        *(
            [figure.bound.name, figure.text, figure.bound.rule, "ok" if figure.ok else "missed"]
            for figure in document.figures
        ),
    ]


def report_text(document: Document) -> str:
    """The whole report."""
    lines = head_lines(document.facts)
    for name, section in document.sections.items():
        lines += section_lines(name, section)
    return "\n".join([*lines, *tail_lines(document)]) + "\n"


def head_lines(facts: Mapping[str, Any]) -> list[str]:
    """What was measured."""
    cache, database = facts.get("cache", {}), facts.get("database", {})
    return [
        f"cache     {cache.get('version') or 'of unknown version'} at {cache.get('host')}, {cache.get('kind')}, "
        f"TLS {'on' if cache.get('tls') else 'off'}, authentication {cache.get('authentication')}",
        f"database  {database.get('version') or 'PostgreSQL'} at {database.get('host')}, "
        f"as {database.get('application_user')}, authentication {database.get('authentication')}",
    ]


def tail_lines(document: Document) -> list[str]:
    """Figures, warnings and the verdict."""
    lines = []
    if document.figures:
        lines += ["", "Figures and their bounds", *table(figure_rows(document))]
    lines += ["", *(f"warning: {warning}" for warning in document.warnings)]
    return [*lines, f"verdict: {document.verdict}: {document.summary}"]


def _ms(value: object) -> str:
    return "-" if value is None else f"{value:.2f}"


def _latency(section: Mapping[str, Any]) -> _Rows:
    rows = [["query", "", "p50", "p95", "p99"]]
    labels = {"cache_ms": "with the cache", "database_ms": "without", "server_ms": "the server itself"}
    for query, figures in section.items():
        rows += [
            [query, label, *(_ms(figures[key][percentile]) for percentile in ("p50", "p95", "p99"))]
            for key, label in labels.items()
        ]
    return rows


def _hits(section: Mapping[str, Any]) -> _Rows:
    rows = [["second", "hit ratio", "reads/s", "database queries/s"]]
    for point in section["series"]:
        ratio = "-" if point["hit_ratio"] is None else f"{point['hit_ratio']:.2f}"
        rows.append([f"{point['second']:.2f}", ratio, f"{point['reads_per_s']:.0f}", f"{point['queries_per_s']:.0f}"])
    return [
        *rows,
        ["in all", f"{section['hit_ratio']:.2f}", f"{section['reads']} reads", f"{section['queries']} queries"],
    ]


def _staleness(section: Mapping[str, Any]) -> _Rows:
    labels = {
        "ttl_only": f"TTL of {section['ttl_seconds']:g} s alone",
        "invalidation": "invalidation",
        "write_through": "write-through",
    }
    results = [(label, section[key]) for key, label in labels.items()]
    rows = [[label, str(it["updates"]), _ms(it["p50_ms"]), _ms(it["max_ms"])] for label, it in results]
    return [["strategy", "updates", "p50", "max"], *rows]


def _races(section: Mapping[str, Any]) -> _Rows:
    return [
        ["strategy", "races", "stale for good"],
        ["SET and DEL", str(section["races"]), str(section["plain_stale"])],
        ["leases", str(section["races"]), str(section["lease_stale"])],
    ]


def _stampede(section: Mapping[str, Any]) -> _Rows:
    rows = [["strategy", "most loads at once", "loads", "reads", "read p50 ms", "p99 ms", "max ms"]]
    for key, label in {"naive": "GET, load, SET", "lease": "leases", "early": "early refresh"}.items():
        it = section[key]
        counts = [str(it[name]) for name in ("most_in_flight", "loads", "reads")]
        rows.append([label, *counts, *(_ms(it["read_ms"][name]) for name in ("p50", "p99", "max"))])
    return rows


def _outage(section: Mapping[str, Any]) -> _Rows:
    heads = [
        "client",
        "reads/s before",
        "reads/s stopped",
        "p99 ms stopped",
        "longest ms",
        "errors",
        "hits back after s",
    ]
    rows = [heads]
    for key, label in {"library": "circuit breaker", "plain": "redis-py's defaults"}.items():
        it = section[key]
        rates = [f"{it[name]:.0f}" for name in ("reads_per_s_before", "reads_per_s_stopped")]
        times = [_ms(it["p99_stopped_ms"]), _ms(it["longest_ms"]), str(it["errors"]), _ms(it["seconds_until_hits"])]
        rows.append([label, *rates, *times])
    return rows


def _sessions(section: Mapping[str, Any]) -> _Rows:
    return [
        ["strategy", "changes", "lost"],
        ["read, change, write all", str(section["changes"]), str(section["whole_lost"])],
        ["one field for each key", str(section["changes"]), str(section["lost"])],
    ]


_ROWS = {
    "latency": _latency,
    "hits": _hits,
    "staleness": _staleness,
    "races": _races,
    "stampede": _stampede,
    "outage": _outage,
    "sessions": _sessions,
}

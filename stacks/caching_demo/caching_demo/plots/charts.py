"""The plots of a report, by the names of their files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from caching_demo.plots.lines import Band, Line, lines
from caching_demo.plots.rows import Row, bars, points
from caching_demo.plots.svg import number

Section = Mapping[str, Any]
_QUERIES = ("primary key", "page", "report")
_PERCENTILES = ("p50", "p95", "p99")


def charts(sections: Mapping[str, Section]) -> dict[str, dict[str, str]]:
    """The plots of each section that was measured, by section and then by name."""
    return {
        name: {plot: draw(section) for plot, draw in _CHARTS[name].items()}
        for name, section in sections.items()
        if "not_measured" not in section
    }


def _latency(section: Section) -> str:
    kinds = {"database_ms": ("without", "b"), "server_ms": ("server itself", "c"), "cache_ms": ("with the cache", "a")}
    rows = [
        Row(label, colour, tuple(section[query][key][percentile] for percentile in _PERCENTILES), group=query)
        for query in _QUERIES
        for key, (label, colour) in kinds.items()
    ]
    told = "; ".join(
        f"{query}: {number(section[query]['cache_ms']['p50'])} ms with the cache and "
        f"{number(section[query]['database_ms']['p50'])} ms without"
        for query in _QUERIES
    )
    return points(
        "latency",
        "Latency of a read",
        f"The medians of reads. {told}.",
        rows=rows,
        points=_PERCENTILES,
        colours=[("a", "with the cache"), ("b", "without the cache"), ("c", "time in the database server")],
        unit="ms",
    )


def _hit_ratio(section: Section) -> str:
    series = [(point["second"], point["hit_ratio"]) for point in section["series"]]
    return lines(
        "hit-ratio",
        "Hit ratio from a cold cache",
        f"The share of reads that the cache answers, from 0 to 1, over {number(section['seconds'])} seconds; "
        f"{section['hit_ratio']:.2f} of {section['reads']} reads in all.",
        series=[Line("hit ratio", "a", series)],
        unit="hits / reads",
        seconds=section["seconds"],
        most=1.0,
    )


def _queries(section: Section) -> str:
    kinds = {"reads_per_s": ("reads by the application", "a"), "queries_per_s": ("queries to the database", "b")}
    return lines(
        "database-queries",
        "Database queries from a cold cache",
        f"Reads by the application and queries to the database per second: {section['reads']} reads led to "
        f"{section['queries']} queries.",
        series=[
            Line(label, colour, [(point["second"], point[key]) for point in section["series"]])
            for key, (label, colour) in kinds.items()
        ],
        unit="per second",
        seconds=section["seconds"],
    )


def _staleness(section: Section) -> str:
    kinds = {
        "ttl_only": (f"TTL of {section['ttl_seconds']:g} s alone", "b"),
        "invalidation": ("invalidation", "a"),
        "write_through": ("write-through", "c"),
    }
    times = {key: (section[key]["p50_ms"], section[key]["max_ms"]) for key in kinds}
    told = "; ".join(
        f"{label}: {number(times[key][0])} ms in the median, {number(times[key][1])} ms at most"
        for key, (label, _) in kinds.items()
    )
    return points(
        "staleness",
        "Time until another client sees an update",
        f"{told}.",
        rows=[Row(label, colour, times[key]) for key, (label, colour) in kinds.items()],
        points=("p50", "max"),
        colours=[("b", "expiry alone"), ("a", "lazy loading"), ("c", "write-through")],
        unit="ms after the commit",
    )


def _races(section: Section) -> str:
    count = section["races"]
    rows = [
        Row("SET and DEL", "b", (section["plain_stale"],), note=f"{section['plain_stale']} of {count}"),
        Row("leases", "a", (section["lease_stale"],), note=f"{section['lease_stale']} of {count}"),
    ]
    return bars(
        "races",
        "Values that stay old until their TTL ends",
        f"Of {count} races of a reader and a writer, {section['plain_stale']} end with an old value in the cache with "
        f"SET and DEL, and {section['lease_stale']} with leases.",
        rows=rows,
        unit="races that end stale",
        most=count,
    )


def _stampede(section: Section) -> str:
    kinds = {"naive": ("GET, load, SET", "b"), "lease": ("leases", "a"), "early": ("early refresh", "c")}
    told = "; ".join(
        f"{label}: {section[key]['most_in_flight']} at most, {section[key]['loads']} loads"
        for key, (label, _) in kinds.items()
    )
    seconds = max(moment for key in kinds for moment, _ in section[key]["steps"])
    return lines(
        "stampede",
        "Loads in flight while a popular value expires",
        f"{section['readers']} readers of a value with a TTL of {section['ttl_seconds']:g} seconds. {told}.",
        series=[
            Line(label, colour, [tuple(step) for step in section[key]["steps"]])
            for key, (label, colour) in kinds.items()
        ],
        unit="loads at once",
        seconds=max(seconds, 0.1),
        steps=True,
        most=section["readers"],
    )


def _outage(section: Section, key: str) -> list[Line]:
    kinds = {"library": ("with the circuit breaker", "a"), "plain": ("redis-py's defaults", "b")}
    return [
        Line(label, colour, [(point["second"], point[kind][key]) for point in section["series"]])
        for kind, (label, colour) in kinds.items()
    ]


def _outage_seconds(section: Section) -> tuple[float, Band]:
    stop = section["seconds_before"]
    resume = stop + section["seconds_stopped"]
    return resume + section["seconds_after"], Band(stop, resume, "the cache does not answer")


def _outage_reads(section: Section) -> str:
    seconds, band = _outage_seconds(section)
    return lines(
        "outage-reads",
        "Reads while the cache does not answer",
        f"While the cache is stopped, the caching library answers {number(section['library']['reads_per_s_stopped'])} "
        f"reads per second, and a client with redis-py's defaults {number(section['plain']['reads_per_s_stopped'])}.",
        series=_outage(section, "reads_per_s"),
        unit="reads per second",
        seconds=seconds,
        band=band,
    )


def _outage_times(section: Section) -> str:
    seconds, band = _outage_seconds(section)
    return lines(
        "outage-latency",
        "Latency while the cache does not answer",
        f"The longest read took {number(section['library']['longest_ms'])} ms with the circuit breaker, and "
        f"{number(section['plain']['longest_ms'])} ms with redis-py's defaults. No point: no read ended then.",
        series=_outage(section, "p99_ms"),
        unit="p99 in ms",
        seconds=seconds,
        logarithmic=True,
        band=band,
    )


def _sessions(section: Section) -> str:
    count = section["changes"]
    rows = [
        Row("read, change, write all", "b", (section["whole_lost"],), note=f"{section['whole_lost']} of {count}"),
        Row("one field for each key", "a", (section["lost"],), note=f"{section['lost']} of {count}"),
    ]
    return bars(
        "sessions",
        "Lost changes of one session",
        f"Of {count} changes at the same time, {section['whole_lost']} are lost when all of the session is written "
        f"back, and {section['lost']} with one field for each key.",
        rows=rows,
        unit="changes that are lost",
        most=count,
    )


_CHARTS: dict[str, dict[str, Callable[[Section], str]]] = {
    "latency": {"latency": _latency},
    "hits": {"hit-ratio": _hit_ratio, "database-queries": _queries},
    "staleness": {"staleness": _staleness},
    "races": {"races": _races},
    "stampede": {"stampede": _stampede},
    "outage": {"outage-reads": _outage_reads, "outage-latency": _outage_times},
    "sessions": {"sessions": _sessions},
}

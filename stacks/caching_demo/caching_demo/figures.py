"""The figures that decide the verdict, each with its bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

Sections = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Bound:
    """A bound of one figure.

    :param name: of the figure, in the report.
    :param section: that it comes from.
    :param read: takes it from the section; None where it was not seen, which is a miss.
    :param most: whether the bound is an upper one.
    :param action: what to do when it is missed.
    """

    name: str
    unit: str
    section: str
    read: Callable[[Mapping[str, Any]], float | None]
    most: bool
    bound: float
    action: str

    @property
    def rule(self) -> str:
        """`at most 3 s`."""
        return f"at {'most' if self.most else 'least'} {self.bound:g}{self.unit and ' ' + self.unit}"


@dataclass(frozen=True)
class Figure:
    """What one figure was."""

    bound: Bound
    value: float | None

    @property
    def ok(self) -> bool:
        """Whether it is within its bound, which is included."""
        if self.value is None:
            return False
        return self.value <= self.bound.bound if self.bound.most else self.value >= self.bound.bound

    @property
    def text(self) -> str:
        """Value and unit."""
        return "none" if self.value is None else f"{self.value:g}{self.bound.unit and ' ' + self.bound.unit}"

    @property
    def message(self) -> str:
        """What is wrong with it, and what to do."""
        return f"{self.bound.name} must be {self.bound.rule}, got {self.text}; {self.bound.action}"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        bound = self.bound
        rule = "at most" if bound.most else "at least"
        named = {"name": bound.name, "value": self.value, "unit": bound.unit}
        return {**named, "rule": rule, "bound": bound.bound, "ok": self.ok}


def _ratio(query: str) -> Callable[[Mapping[str, Any]], float | None]:
    def read(latency: Mapping[str, Any]) -> float | None:
        without = latency[query]["database_ms"]["p50"]
        return round(latency[query]["cache_ms"]["p50"] / without, 3) if without else None

    return read


_NEAR = "check that the client has CPU credits left, and that cache and client are in one region"
_DEFECT = "report it as a defect, with report.json"
_MEMORY = "check the cache for evictions and for commands that its user may not run"
BOUNDS = (
    Bound("hit_ratio", "", "hits", lambda section: section["hit_ratio"], False, 0.8, _MEMORY),
    Bound("page_latency_ratio", "", "latency", _ratio("page"), True, 0.6, _NEAR),
    Bound("report_latency_ratio", "", "latency", _ratio("report"), True, 0.4, _NEAR),
    Bound("stale_for_good", "", "races", lambda section: section["lease_stale"], True, 0, _DEFECT),
    Bound("lost_session_changes", "", "sessions", lambda section: section["lost"], True, 0, _DEFECT),
    Bound(
        "invalidation_staleness", "ms", "staleness", lambda section: section["invalidation"]["p50_ms"], True, 100, _NEAR
    ),
    Bound(
        "write_through_staleness",
        "ms",
        "staleness",
        lambda section: section["write_through"]["p50_ms"],
        True,
        100,
        _NEAR,
    ),
    Bound(
        "loads_in_flight_with_leases",
        "",
        "stampede",
        lambda section: section["lease"]["most_in_flight"],
        True,
        2,
        _DEFECT,
    ),
    Bound(
        "loads_in_flight_with_early_refresh",
        "",
        "stampede",
        lambda section: section["early"]["most_in_flight"],
        True,
        2,
        _DEFECT,
    ),
    Bound("errors_without_the_cache", "", "outage", lambda section: section["library"]["errors"], True, 0, _DEFECT),
    Bound("time_until_hits", "s", "outage", lambda section: section["library"]["seconds_until_hits"], True, 3, _MEMORY),
)


def figures(sections: Sections) -> list[Figure]:
    """The figures of all sections that were measured."""
    return [
        Figure(bound, bound.read(sections[bound.section]))
        for bound in BOUNDS
        if bound.section in sections and "not_measured" not in sections[bound.section]
    ]


def headline(sections: Sections) -> str:
    """The figures that the verdict of a deployment shows, as far as they were measured."""
    parts = [
        write(sections[name])
        for name, write in _HEADLINE.items()
        if name in sections and "not_measured" not in sections[name]
    ]
    return ", ".join(parts)


def _latency(latency: Mapping[str, Any]) -> str:
    page = latency["page"]
    return f"page p50 {page['cache_ms']['p50']:.1f} ms ({page['database_ms']['p50']:.1f} without)"


def _stale(races: Mapping[str, Any]) -> str:
    return f"stale for good {races['lease_stale']} of {races['races']} ({races['plain_stale']} without leases)"


def _lost(section: Mapping[str, Any]) -> str:
    return f"lost session changes {section['lost']} of {section['changes']} ({section['whole_lost']} without fields)"


_HEADLINE: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "hits": lambda hits: f"hit ratio {hits['hit_ratio']:.2f}",
    "latency": _latency,
    "races": _stale,
    "sessions": _lost,
}

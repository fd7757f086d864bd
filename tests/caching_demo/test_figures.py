"""The bounds on both sides, the verdict, its line, and the exit status."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from caching_demo.document import Document, plain_line
from caching_demo.failures import CannotRunError, DatabaseLostError
from caching_demo.figures import BOUNDS, figures

from tests.caching_demo.sections import facts, sections

Change = Callable[[dict[str, Any], float], None]


def _set(*path: str) -> Change:
    def change(found: dict[str, Any], value: float) -> None:
        place = found
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value

    return change


def _page(found: dict[str, Any], ratio: float) -> None:
    _set("latency", "page", "cache_ms", "p50")(found, 4.1 * ratio)


def _report(found: dict[str, Any], ratio: float) -> None:
    _set("latency", "report", "cache_ms", "p50")(found, 31.0 * ratio)


# The last value within each bound, and the first one outside.
EDGES: dict[str, tuple[Change, float, float]] = {
    "hit_ratio": (_set("hits", "hit_ratio"), 0.8, 0.7999),
    "page_latency_ratio": (_page, 0.6, 0.601),
    "report_latency_ratio": (_report, 0.4, 0.401),
    "stale_for_good": (_set("races", "lease_stale"), 0, 1),
    "lost_session_changes": (_set("sessions", "lost"), 0, 1),
    "invalidation_staleness": (_set("staleness", "invalidation", "p50_ms"), 100, 100.01),
    "write_through_staleness": (_set("staleness", "write_through", "p50_ms"), 100, 100.01),
    "loads_in_flight_with_leases": (_set("stampede", "lease", "most_in_flight"), 2, 3),
    "loads_in_flight_with_early_refresh": (_set("stampede", "early", "most_in_flight"), 2, 3),
    "errors_without_the_cache": (_set("outage", "library", "errors"), 0, 1),
    "time_until_hits": (_set("outage", "library", "seconds_until_hits"), 3, 3.001),
}


def _document(change: Change | None = None, value: float = 0, **more: Any) -> Document:
    measured = copy.deepcopy(sections())
    if change is not None:
        change(measured, value)
    return Document(facts(**more), measured)


def test_every_bound_has_its_edges_here() -> None:
    assert [bound.name for bound in BOUNDS] == list(EDGES)


@pytest.mark.parametrize("name", EDGES)
def test_both_sides_of_each_bound(name: str) -> None:
    change, last, first = EDGES[name]
    inside, outside = _document(change, last), _document(change, first)
    assert (inside.status, inside.verdict, inside.missed) == (0, "pass", [])
    assert (outside.status, outside.verdict) == (1, "fail")
    assert [figure.bound.name for figure in outside.missed] == [name]
    assert outside.summary.startswith(f"{name} must be at ")
    assert "; measured: hit ratio 0." in outside.summary


def test_hits_that_never_come_back_are_a_miss() -> None:
    document = _document(EDGES["time_until_hits"][0], None)  # type: ignore[arg-type]  # as the measurement says it
    assert document.status == 1
    assert document.summary.startswith("time_until_hits must be at most 3 s, got none; check the cache")


def test_a_missed_bound_tells_the_rule_the_value_the_fix_and_how_many_more() -> None:
    document = _document(_set("hits", "hit_ratio"), 0.71)
    document.sections["sessions"]["lost"] = 2
    fix = "check the cache for evictions and for commands that its user may not run"
    assert document.summary.startswith(f"hit_ratio must be at least 0.8, got 0.71; {fix} (and 1 more); measured: ")


def test_the_line_of_a_run_that_passes() -> None:
    assert _document().summary == (
        "hit ratio 0.92, page p50 0.4 ms (4.1 without), stale for good 0 of 200 (71 without leases), "
        "lost session changes 0 of 200 (93 without fields)"
    )


def test_a_warning_comes_first_and_passes() -> None:
    document = _document()
    document.warnings += ["the controls show nothing", "and more"]
    assert (document.status, document.verdict) == (0, "warning")
    assert document.summary.startswith("warning: the controls show nothing; hit ratio 0.92, ")


def test_a_missed_bound_is_worse_than_a_warning() -> None:
    document = _document(_set("hits", "hit_ratio"), 0.5)
    document.warnings.append("something")
    assert (document.status, document.verdict) == (1, "fail")


def test_a_cache_that_cannot_be_used_has_no_figures() -> None:
    document = _document(_set("hits", "hit_ratio"), 0.1, usable=False)
    assert (document.status, document.figures) == (0, [])


def test_a_section_that_was_not_measured_has_no_figures() -> None:
    document = _document()
    document.sections["hits"] = {"not_measured": "the cache failed"}
    assert [figure.bound.name for figure in document.figures] == [name for name in EDGES if name != "hit_ratio"]
    assert document.summary.startswith("page p50 ")


def test_a_failure_is_an_error_with_its_action() -> None:
    document = _document()
    document.failure = DatabaseLostError("it refused the connection", "check the port")
    assert (document.status, document.verdict) == (2, "error")
    assert document.summary == "database: it refused the connection; next: check the port"
    assert str(CannotRunError("time limit", "over", "wait")) == "time limit: over; wait"


def test_json_has_the_schema_of_the_guide() -> None:
    document = _document()
    found = document.as_dict()
    assert list(found)[:3] == ["schema", "verdict", "summary"]
    assert found["schema"] == 1
    assert found["figures"][0] == {
        "name": "hit_ratio",
        "value": 0.92,
        "unit": "",
        "rule": "at least",
        "bound": 0.8,
        "ok": True,
    }
    assert found["races"] == sections()["races"]


def test_the_ratio_of_a_database_that_answers_in_no_time_is_a_miss() -> None:
    measured = sections()
    measured["latency"]["page"]["database_ms"]["p50"] = 0.0
    page = next(figure for figure in figures(measured) if figure.bound.name == "page_latency_ratio")
    assert (page.value, page.ok) == (None, False)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('says "no"', "says 'no'"),
        ("C:\\temp", "C:/temp"),
        ("two\nlines\tand  spaces", "two lines and spaces"),
        ("caf\u00e9 \u2026", "caf? ?"),
        ("x" * 900, "x" * 440),
    ],
)
def test_the_line_is_plain_text(text: str, line: str) -> None:
    assert plain_line(text) == line

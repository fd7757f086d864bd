"""The plots: well-formed, within their frame, without overlaps, and with the numbers of the report."""

import copy
import itertools
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from caching_demo import page
from caching_demo.document import Document
from caching_demo.plots import palette, svg
from caching_demo.plots.charts import charts
from caching_demo.plots.svg import Scale, linear_scale, log_scale, number
from hypothesis import given
from hypothesis import strategies as st

from elasticache_operations.picture import canvas, style
from tests.caching_demo.sections import facts, latency, sections
from tests.picture.pages import contrast

Element = ElementTree.Element
# Wider than what the plots reckon with for their texts, in parts of the font's size.
EM = 0.55


def _parsed(text: str) -> Element:
    return ElementTree.fromstring(text)  # noqa: S314 - our own


def _named(root: Element, name: str) -> list[Element]:
    return list(root.iter(f"{{http://www.w3.org/2000/svg}}{name}"))


def _extreme() -> dict[str, dict[str, Any]]:
    """Figures of a machine that is a thousand times slower, or that lost everything."""
    found = copy.deepcopy(sections())
    found["latency"] = {name: latency(0.0012, 99_999.0, 12_345.6) for name in found["latency"]}
    found["staleness"]["ttl_only"] = {"updates": 10, "p50_ms": 99_999.99, "max_ms": 123_456.78}
    found["staleness"]["write_through"] = {"updates": 30, "p50_ms": 0.0, "max_ms": 0.0}
    found["races"].update(plain_stale=200, lease_stale=200)
    found["sessions"].update(lost=200, whole_lost=200)
    found["hits"].update(seconds=58.7)
    for name in ("naive", "lease", "early"):
        found["stampede"][name]["steps"] = [[0.0, 0]]
    for each in found["outage"]["series"]:
        each["library"] = each["plain"] = {"reads_per_s": 0.0, "p99_ms": None}
    return found


def _plots() -> Iterator[tuple[str, Element]]:
    for kind, measured in (("typical", sections()), ("extreme", _extreme())):
        for plots in charts(measured).values():
            for name, text in plots.items():
                yield f"{kind} {name}", _parsed(text)


PLOTS = dict(_plots())


def _boxes(root: Element) -> list[tuple[str, float, float, float, float]]:
    found = []
    for each in _named(root, "text"):
        size, content = float(each.get("data-size", "0")), each.text or ""
        width, x, y = len(content) * size * EM, float(each.get("x", "nan")), float(each.get("y", "nan"))
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[each.get("text-anchor", "")]
        found.append((content, left, y - 0.75 * size, left + width, y + 0.22 * size))
    return found


@pytest.mark.parametrize("name", PLOTS)
def test_everything_is_within_the_frame(name: str) -> None:
    root = PLOTS[name]
    _, _, width, height = (float(word) for word in root.get("viewBox", "").split())
    for content, left, top, right, bottom in _boxes(root):
        assert 0 <= left < right <= width, content
        assert 0 <= top < bottom <= height, content
    for each in _named(root, "circle"):
        assert 0 < float(each.get("cx", "nan")) < width
        assert 0 < float(each.get("cy", "nan")) < height
    for each in _named(root, "rect"):
        assert float(each.get("x", "nan")) + float(each.get("width", "nan")) <= width
        assert float(each.get("y", "nan")) + float(each.get("height", "nan")) <= height
    for each in _named(root, "path"):
        places = [float(word) for word in re.findall(r"-?[\d.]+", each.get("d", ""))]
        assert all(0 <= place <= width for place in places)


@pytest.mark.parametrize("name", PLOTS)
def test_no_text_covers_another(name: str) -> None:
    for (one, *a), (other, *b) in itertools.combinations(_boxes(PLOTS[name]), 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, f"{one!r} covers {other!r}"


@pytest.mark.parametrize("name", PLOTS)
def test_each_has_a_title_a_text_alternative_units_and_axes(name: str) -> None:
    root = PLOTS[name]
    labels = root.get("aria-labelledby", "").split()
    told = {each.get("id"): each.text for each in root if each.get("id")}
    assert root.get("role") == "img"
    assert [bool(told[label]) for label in labels] == [True, True]
    assert len(told[labels[1]] or "") > 40
    classes = [each.get("class") for each in _named(root, "line")]
    assert "axis" in classes
    assert "grid" in classes
    words = " ".join(each.text or "" for each in _named(root, "text"))
    assert re.search(r"\bms\b|seconds|races|changes|per second|hits / reads", words)


def test_ids_are_unique_on_the_page_and_style_covers_both_modes() -> None:
    text = page.files(Document(facts(), sections()))["index.html"]
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert text.count("screen and (prefers-color-scheme:dark)") == 2 + 9
    assert text.count("prefers-color-scheme") == 2 + 9, "what is printed is light"
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_colours_and_fonts_are_those_of_pictures() -> None:
    assert palette.FONT == style.FONT
    assert (palette.BODY, palette.HEADING) == (canvas.BODY, canvas.HEADING)
    for own, theirs in ((palette.LIGHT, style.LIGHT), (palette.DARK, style.DARK)):
        assert own.items() <= theirs.items()
        assert set(own) == set(palette.LIGHT)


def test_only_colours_of_the_palette_are_used() -> None:
    for text in page.files(Document(facts(), sections())).values():
        used = set(re.findall(r"var\(--([a-z-]+)\)", text))
        assert used <= set(palette.LIGHT)
        assert set(re.findall(r"#[0-9a-f]{6}\b", text)) <= {*palette.LIGHT.values(), *palette.DARK.values()}


@pytest.mark.parametrize("colours", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
def test_texts_and_lines_have_contrast(colours: dict[str, str]) -> None:
    for ground in ("paper", "region", "zone"):
        for text in ("ink", "soft", "main"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        for mark in ("path", "main", "added", "rule"):
            assert contrast(colours[mark], colours[ground]) >= 3, (mark, ground)


def test_styles_of_the_page_leave_the_plots_alone() -> None:
    """Classes of the plots begin with `.plot` in their own style, and with an element in that of the page."""
    text = page.files(Document(facts(), sections()))["index.html"]
    rules = re.findall(r"(?:^|[}])\s*([^{}@]+){", text.partition("</style>")[0].partition("<style>")[2])
    classes = {name for text in PLOTS["typical latency"].itertext() for name in re.findall(r"\.plot \.(\w+)", text)}
    assert {"soft", "title", "line"} <= classes
    assert not [rule for rule in rules for name in classes if rule.startswith(f".{name}")]


def test_the_page_is_well_formed_and_escapes_what_servers_say() -> None:
    document = Document(facts(host="<b>&"), sections(), warnings=["<script>alert(1)</script>"])
    document.sections["sessions"] = {"not_measured": "<i>"}
    text = page.files(document)["index.html"]
    _parsed(text.partition("\n")[2].replace("&#x27;", "'"))
    assert "<script>" not in text
    assert "&lt;i&gt;" in text
    assert "sessions.svg" not in page.files(document)


def _points(name: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Value and place of each point of a plot with rows."""
    circles = _named(PLOTS[f"typical {name}"], "circle")
    return {
        (each.get("data-row", ""), each.get("data-point", "")): (
            float(each.get("data-value", "nan")),
            float(each.get("cx", "nan")),
        )
        for each in circles
    }


def test_latencies_are_those_of_the_report_and_at_their_places() -> None:
    found, measured = _points("latency"), sections()["latency"]
    kinds = {"with the cache": "cache_ms", "without": "database_ms", "server itself": "server_ms"}
    assert len(found) == 27
    for query, label, point in itertools.product(measured, kinds, ("p50", "p95", "p99")):
        value, _ = found[(f"{query}, {label}", point)]
        assert value == pytest.approx(measured[query][kinds[label]][point], rel=1e-3)
    _in_order_on_a_log_axis(list(found.values()))


def test_staleness_is_that_of_the_report() -> None:
    found, measured = _points("staleness"), sections()["staleness"]
    assert found[("invalidation", "p50")][0] == measured["invalidation"]["p50_ms"]
    assert found[("TTL of 1 s alone", "max")][0] == measured["ttl_only"]["max_ms"]
    assert found[("write-through", "max")][0] == measured["write_through"]["max_ms"]
    _in_order_on_a_log_axis(list(found.values()))


def _in_order_on_a_log_axis(points: list[tuple[float, float]]) -> None:
    """Equal ratios have equal distances."""
    import math

    (low, left), (high, right) = min(points), max(points)
    width = (right - left) / math.log(high / low)
    for value, place in points:
        assert place == pytest.approx(left + width * math.log(value / low), abs=0.5)


@pytest.mark.parametrize(
    ("name", "values"), [("races", {"SET and DEL": 71, "leases": 0}), ("sessions", {"read, change, write all": 93})]
)
def test_bars_are_as_long_as_their_values(name: str, values: dict[str, int]) -> None:
    bars = {each.get("data-row"): each for each in _named(PLOTS[f"typical {name}"], "rect") if each.get("data-row")}
    ticks = [
        float(each.text or "nan") for each in _named(PLOTS[f"typical {name}"], "text") if (each.text or "").isdigit()
    ]
    grid = [float(each.get("x1", "nan")) for each in _named(PLOTS[f"typical {name}"], "line")][: len(ticks)]
    unit = (grid[-1] - grid[0]) / (ticks[-1] - ticks[0])
    for row, value in values.items():
        assert float(bars[row].get("data-value", "nan")) == value
        assert float(bars[row].get("width", "nan")) == pytest.approx(max(value * unit, 1.5), abs=0.1)


@pytest.mark.parametrize(
    ("name", "label", "key"),
    [
        ("hit-ratio", "hit ratio", "hit_ratio"),
        ("database-queries", "reads by the application", "reads_per_s"),
        ("database-queries", "queries to the database", "queries_per_s"),
    ],
)
def test_lines_have_the_values_of_the_series_and_gaps_where_there_are_none(name: str, label: str, key: str) -> None:
    root = PLOTS[f"typical {name}"]
    series = {each["second"]: each[key] for each in sections()["hits"]["series"] if each[key] is not None}
    circles = [each for each in _named(root, "circle") if each.get("data-series") == label]
    assert {float(each.get("data-second", "nan")): float(each.get("data-value", "nan")) for each in circles} == series
    path = next(each for each in _named(root, "path") if each.get("data-series") == label).get("d", "")
    assert path.count("M") == (2 if key == "hit_ratio" else 1)
    places = [(float(each.get("data-value", "nan")), float(each.get("cy", "nan"))) for each in circles]
    (low, bottom), (high, top) = min(places), max(places)
    assert bottom > top
    for value, place in places:
        assert place == pytest.approx(bottom + (value - low) / (high - low) * (top - bottom), abs=0.1)


def test_loads_in_flight_are_steps() -> None:
    paths = {each.get("data-series"): each.get("d", "") for each in _named(PLOTS["typical stampede"], "path")}
    assert list(paths) == ["GET, load, SET", "leases", "early refresh"]
    assert paths["GET, load, SET"].count("H") == 3
    assert "L" not in "".join(paths.values())


def test_an_outage_is_shaded_for_as_long_as_it_lasted() -> None:
    root = PLOTS["typical outage-reads"]
    band = next(each for each in _named(root, "rect") if each.get("class") == "band")
    axis = [each for each in _named(root, "line") if each.get("class") == "axis"]
    width = max(float(each.get("x2", "nan")) - float(each.get("x1", "nan")) for each in axis)
    assert float(band.get("width", "nan")) == pytest.approx(width * 4.0 / 8.5, abs=0.1)


def test_a_read_that_never_ended_has_no_point() -> None:
    circles = _named(PLOTS["typical outage-latency"], "circle")
    seconds = [each.get("data-second") for each in circles if each.get("data-series") == "redis-py's defaults"]
    assert seconds == ["1", "7"]


@given(st.lists(st.floats(0.001, 90_000), min_size=1, max_size=9))
def test_scales_hold_all_values(values: list[float]) -> None:
    for scale in (log_scale(values, 0, 100), linear_scale(values, 0, 100)):
        assert all(-0.01 <= scale(value) <= 100.01 for value in values)
        ticks = scale.ticks()
        assert 2 <= len(ticks) <= 10
        assert ticks == sorted(ticks)
        assert scale(ticks[0]) == 0


def test_ticks_are_round() -> None:
    assert Scale(0, 8.5, 0, 1).ticks(10) == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert Scale(0, 0.9, 0, 1).ticks(6) == [0, 0.2, 0.4, 0.6, 0.8]
    assert log_scale([0.2, 40], 0, 1).ticks() == [0.1, 1, 10, 100]
    assert linear_scale([], 0, 1).high == 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.0321, "0.0321"), (4.1, "4.1"), (12.5, "12.5"), (999.6, "1,000"), (12345, "12,345")],
)
def test_numbers_have_three_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def test_texts_are_not_wider_than_reckoned() -> None:
    assert svg.width_of("word") >= 4 * svg.SIZE * EM

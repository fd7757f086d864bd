"""What `--format mermaid` writes is drawn by Mermaid itself: flowcharts, Gantt charts, and names of any kind."""

import json
from pathlib import Path

import pytest

from elasticache_operations.picture.changes import delta_of
from elasticache_operations.picture.markup import mermaid, plain
from elasticache_operations.picture.timeline.markup import mermaid as gantt
from tests.browser.chromium import Page
from tests.browser.mermaid import rendered
from tests.picture.databases import several as databases
from tests.picture.pages import HOSTILE, hostile
from tests.picture.templates import function, instance, network, picture, resource, sharded, source, standard
from tests.picture.test_geometry import datastore
from tests.picture.timeline.drawings import timeline
from tests.picture.timeline.samples import SAMPLES

pytestmark = pytest.mark.browser

FLOWCHARTS = {
    "one": lambda: picture(standard()),
    "shards": lambda: picture({**network(), "Cache": sharded(500), "Client": instance(), "Code": function(0, 1)}),
    "regions": lambda: datastore(3),
    "databases": lambda: picture(databases()),
    "nothing": lambda: picture({"Topic": resource("SNS::Topic")}),
}


@pytest.mark.parametrize("name", FLOWCHARTS)
def test_a_flowchart_is_drawn_with_its_title_and_description(browser: Page, tmp_path: Path, name: str) -> None:
    model = FLOWCHARTS[name]()
    drawn = rendered(browser, tmp_path, mermaid(model))
    assert "error" not in drawn
    assert drawn["title"] == plain(model.title)
    assert drawn["description"] == plain(model.sentence)
    for store in model.stores:
        assert any(store.title in text for text in drawn["texts"])
    for region in model.regions:
        assert region.title in drawn["texts"]


def test_a_flowchart_of_a_change_has_both_pictures(browser: Page, tmp_path: Path) -> None:
    delta = delta_of(source({**standard(), "Gone": sharded(5)}), source(standard(Code=function(0))))
    drawn = rendered(browser, tmp_path, mermaid(delta.after, delta))
    assert "error" not in drawn
    for text in (
        "After",
        "Before",
        "Lambda function, python3.13 (+ added)",
        "Valkey 8.2 replication group (\N{MINUS SIGN} removed)",
    ):
        assert text in drawn["texts"]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_gantt_chart_is_drawn_with_its_title_and_description(browser: Page, tmp_path: Path, name: str) -> None:
    model = timeline(SAMPLES[name]())
    drawn = rendered(browser, tmp_path, gantt(model))
    assert "error" not in drawn
    assert drawn["description"] == plain(model.sentence)
    gaps = sum("no answer" in text for text in drawn["texts"])
    assert gaps == gantt(model).count("no answer")


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_names_of_any_kind_are_drawn_as_text(browser: Page, tmp_path: Path, name: str) -> None:
    drawn = rendered(browser, tmp_path, mermaid(picture(hostile(name))))
    assert "error" not in drawn
    assert browser.run("document.querySelectorAll('main script, main img, main svg a').length") == 0
    assert browser.requests == [(tmp_path / "mermaid.html").as_uri()]


def test_a_text_that_is_no_diagram_is_an_error(browser: Page, tmp_path: Path) -> None:
    assert "Error" in json.dumps(rendered(browser, tmp_path, "flowchart TB\n  subgraph x[\n"))

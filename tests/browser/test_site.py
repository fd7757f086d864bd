"""Pages of the documentation in Chromium: tables take the full width, and no page is wider than the window."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Page, page
from tests.project.test_site import build_documentation

pytestmark = pytest.mark.browser

# The width of each table beside that of the text.
_TABLES = """(() => {
    const text = document.querySelector("article > p, article > h2").offsetWidth;
    const frames = [...document.querySelectorAll(".md-typeset__table")];
    return frames.map((frame) => [frame.firstElementChild.offsetWidth, text]);
})()"""
_LIST_ITEM = """(() => {
    const item = [...document.querySelectorAll("article li")].find((item) => item.textContent.includes("vpc_subnets"));
    return [item.offsetWidth, document.querySelector("article").offsetWidth];
})()"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_documentation(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with page(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.mark.parametrize("width", [400, 1440])
@pytest.mark.parametrize("name", ["api/index", "api/presets", "cost", "deployments"])
def test_tables_take_the_full_width(site: Path, browser: Page, name: str, width: int) -> None:
    browser.size(width)
    browser.open(site / f"{name}.html")
    tables = browser.run(_TABLES)
    assert tables
    for table, text in tables:
        assert table >= text - 2, f"a table of {table} pixels in a text of {text}"
    assert browser.run("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [400, 1440])
def test_descriptions_of_parameters_take_the_full_width(site: Path, browser: Page, width: int) -> None:
    browser.size(width)
    browser.open(site / "api" / "ReplicationGroup.html")
    item, article = browser.run(_LIST_ITEM)
    assert item >= 0.85 * article
    assert browser.run("document.documentElement.scrollWidth") <= width

"""Pages of the documentation in Chromium: the width of tables, accessibility, the keyboard and errors."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser.axe import violations
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


PAGES = (
    *("index", "tutorial", "tour", "caching", "picture", "gallery", "rules", "cost", "operations"),
    *("concepts/choose", "concepts/failover", "guides/cluster-mode", "guides/check-templates"),
    *("api/index", "api/presets", "api/ReplicationGroup", "adr/0018-pictures"),
)
# The theme asks for these: the index of the search of a page that is opened as a file, figures of the repository, and
# Mermaid for the diagrams of a page, which without a network stay text.
_MERMAID = "https://unpkg.com/mermaid@"
_ELSEWHERE = ("search.js", "https://api.github.com/", _MERMAID)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(400, "light"), (768, "dark"), (1440, "light"), (1440, "dark")])
def test_a_page_has_no_violation_and_no_missing_file(
    site: Path, browser: Page, name: str, width: int, scheme: str
) -> None:
    browser.size(width)
    browser.media(scheme)
    browser.open(site / f"{name}.html")
    assert violations(browser) == []
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert not [problem for problem in browser.problems if "Uncaught" in problem and _MERMAID not in problem]
    for address in browser.requests:
        if not address.startswith("data:") and not any(part in address for part in _ELSEWHERE):
            assert Path(unquote(urlsplit(address).path)).exists(), address
    assert browser.run("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")


def test_the_keyboard_scrolls_wide_code_and_tables(site: Path, browser: Page) -> None:
    browser.media()
    wide = """[...document.querySelectorAll("pre > code, .md-typeset__scrollwrap")].map(
        (item) => [item.scrollWidth > item.clientWidth, item.tabIndex])"""
    for name in ("index", "caching"):
        browser.size(400)
        browser.open(site / f"{name}.html")
        parts = browser.run(wide)
        assert any(scrolls for scrolls, _ in parts)
        assert all((index == 0) == scrolls for scrolls, index in parts)
    browser.size(1440)
    browser.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    assert all((index == 0) == scrolls for scrolls, index in browser.run(wide))
    assert sum(scrolls for scrolls, _ in browser.run(wide)) < sum(scrolls for scrolls, _ in parts)

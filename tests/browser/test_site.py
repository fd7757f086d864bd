"""Pages of the documentation in Chromium: the width of tables, accessibility, the keyboard and errors."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from scripts.site import add_mermaid
from tests.browser.axe import violations
from tests.browser.chromium import Page, page
from tests.conftest import ROOT
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
    built = build_documentation(tmp_path_factory.mktemp("site"))
    add_mermaid(built)
    return built


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
    *("api/index", "api/presets", "api/ReplicationGroup", "architecture", "adr/0018-pictures"),
)
# The theme asks for these: the index of the search of a page that is opened as a file, and figures of the repository.
_ELSEWHERE = ("search.js", "https://api.github.com/")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(400, "light"), (768, "dark"), (1440, "light"), (1440, "dark")])
def test_a_page_has_no_violation_and_no_missing_file(
    site: Path, browser: Page, name: str, width: int, scheme: str
) -> None:
    browser.size(width)
    browser.media(scheme)
    browser.open(site / f"{name}.html")
    assert browser.run("document.body.dataset.mdColorScheme") == {"light": "default", "dark": "slate"}[scheme]
    assert violations(browser) == []
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert not [problem for problem in browser.problems if "Uncaught" in problem]
    for address in browser.requests:
        if not address.startswith("data:") and not any(part in address for part in _ELSEWHERE):
            assert Path(unquote(urlsplit(address).path)).exists(), address
    assert browser.run("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")


# A diagram replaces its text after the page is loaded.
_DIAGRAMS = """(async () => {
    const drawn = () => [...document.querySelectorAll("div.mermaid")].filter((item) => item.offsetHeight > 50).length;
    const until = performance.now() + 10_000;
    while (drawn() < %d && performance.now() < until) await new Promise((done) => setTimeout(done, 50));
    return [drawn(), document.querySelectorAll("pre.mermaid").length];
})()"""


@pytest.mark.parametrize("name", ["caching", "architecture", "index"])
def test_diagrams_are_drawn_by_the_file_of_the_site(site: Path, browser: Page, name: str) -> None:
    written = (ROOT / "docs" / f"{name}.md").read_text().count("```mermaid\n")
    assert (written > 0) == (name != "index")
    browser.size(1440)
    browser.media()
    browser.open(site / f"{name}.html")
    assert browser.run(_DIAGRAMS % written) == [written, 0]
    loaded = [address for address in browser.requests if "mermaid" in address]
    assert loaded == [(site / "javascripts" / "mermaid.tiny.js").as_uri()] * bool(written)
    assert (site / "javascripts" / "mermaid.LICENSE.txt").read_text().startswith("The MIT License")


def test_a_site_without_mermaid_names_the_missing_file(site: Path, browser: Page, tmp_path: Path) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    (copy / "javascripts" / "mermaid.tiny.js").unlink()
    browser.open(copy / "caching.html")
    browser.run("new Promise((done) => setTimeout(done, 500))")
    assert any("mermaid.tiny.js is missing: build the site with 'make site'" in text for text in browser.problems)
    assert browser.run(_DIAGRAMS % 0)[0] == 0


# The widths of a narrow and of a wide letter, in the font of code and in that of text.
_LETTERS = """(() => ["pre > code", "article > p"].map((name) => {
    const place = document.querySelector(name);
    return ["iiiii", "MMMMM"].map((letters) => {
        const item = place.appendChild(Object.assign(document.createElement("span"), {textContent: letters}));
        const width = item.getBoundingClientRect().width;
        item.remove();
        return Math.round(width);
    });
}))()"""


def test_letters_of_code_have_one_width(site: Path, browser: Page) -> None:
    browser.size(1440)
    browser.media()
    browser.open(site / "index.html")
    code, text = browser.run(_LETTERS)
    assert code[0] == code[1]
    assert text[0] < text[1]


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

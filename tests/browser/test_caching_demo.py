"""The report of the caching demonstration in Chromium: no request, no error, no overflow, print, and accessibility."""

from pathlib import Path

import pytest
from caching_demo import page as report
from caching_demo.document import Document
from caching_demo.failures import CannotRunError
from caching_demo.plots import palette

from tests.browser.axe import violations
from tests.browser.chromium import Page
from tests.caching_demo.sections import facts, sections

pytestmark = pytest.mark.browser

DOCUMENTS = {
    "measured": Document(facts(), sections()),
    "missed": Document(facts(), {**sections(), "outage": {"not_measured": "the cache could not be used"}}, ["w" * 300]),
    "not run": Document(facts(), failure=CannotRunError("database", "it refused the connection", "start it")),
}
# Texts of a plot that lie on one another, or outside of it; and a page that is wider than its window.
GEOMETRY = """(() => {
  const faults = [];
  for (const svg of document.querySelectorAll("svg")) {
    const whole = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
    texts.forEach(([words, box], index) => {
      const outside = box.left < whole.left || box.right > whole.right || box.bottom > whole.bottom;
      if (outside) faults.push(`outside: ${words}`);
      for (const [others, other] of texts.slice(index + 1)) {
        const across = box.left + 1 < other.right && other.left + 1 < box.right;
        if (across && box.top + 3 < other.bottom && other.top + 3 < box.bottom) faults.push(`${words} on ${others}`);
      }
    });
  }
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`wider than the window: ${root.scrollWidth}`);
  return faults;
})()"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    result = {}
    for name, document in DOCUMENTS.items():
        folder = tmp_path_factory.mktemp("report")
        for file, text in report.files(document).items():
            (folder / file).write_text(text, encoding="utf-8")
        result[name] = folder / "index.html"
    return result


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("width", [320, 800, 1440])
def test_the_report_has_no_error_no_request_no_overflow_and_no_violation(
    browser: Page, files: dict[str, Path], name: str, width: int
) -> None:
    browser.size(width)
    for scheme in ("light", "dark"):
        browser.media(scheme)
        browser.open(files[name])
        browser.run("document.querySelectorAll('details').forEach((item) => { item.open = true; })")
        assert browser.run(GEOMETRY) == []
        assert browser.problems == []
        assert browser.requests == [files[name].as_uri()]
        assert violations(browser) == []


def colour(text: str) -> str:
    """A colour as the browser writes it."""
    return f"rgb({', '.join(str(int(text[place : place + 2], 16)) for place in (1, 3, 5))})"


def test_the_colours_follow_the_scheme_and_print_is_light(browser: Page, files: dict[str, Path]) -> None:
    browser.size(1440)
    for scheme, kind, colours in (
        ("light", "", palette.LIGHT),
        ("dark", "", palette.DARK),
        ("dark", "print", palette.LIGHT),
    ):
        browser.media(scheme, kind)
        browser.open(files["measured"])
        assert browser.run("getComputedStyle(document.body).backgroundColor") == colour(colours["paper"])
        assert browser.run("getComputedStyle(document.querySelector('.plot .region')).fill") == colour(
            colours["region"]
        )
        assert browser.run("getComputedStyle(document.querySelector('.plot .fill.a')).fill") == colour(colours["path"])
    assert browser.pdf().startswith(b"%PDF-")
    browser.media()


def test_each_plot_is_an_image_of_its_own(browser: Page, files: dict[str, Path]) -> None:
    browser.size(1440)
    browser.media()
    for path in sorted(files["measured"].parent.glob("*.svg")):
        browser.open(path)
        assert browser.problems == []
        assert browser.run("getComputedStyle(document.querySelector('.title')).fontSize") == f"{palette.HEADING}px"

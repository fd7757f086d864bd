"""Pages of pictures in Chromium: no request, no error, no overflow, print, and accessibility."""

from pathlib import Path

import pytest

from elasticache_operations.picture.changes import delta_of
from elasticache_operations.picture.layout import draw, draw_change
from elasticache_operations.picture.timeline.drawing import draw as draw_timeline
from tests.browser.axe import violations
from tests.browser.chromium import Page
from tests.browser.pictures import PAGES, files, with_users
from tests.conftest import ROOT
from tests.picture.templates import changed, picture, source
from tests.picture.timeline.drawings import timeline
from tests.picture.timeline.samples import SAMPLES

__all__ = ["files"]

pytestmark = pytest.mark.browser


WIDTHS = (320, 400, 768, 1440)
GEOMETRY = """(() => {
  const shown = [...document.querySelectorAll("svg")].filter((svg) => svg.getBoundingClientRect().width > 0);
  const faults = [];
  for (const svg of shown) {
    const whole = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
    for (const [words, box] of texts) {
      if (box.left < whole.left - 1 || box.right > whole.right + 1 || box.bottom > whole.bottom + 1) {
        faults.push(`outside of the picture: ${words}`);
      }
    }
    texts.sort((one, other) => one[1].top - other[1].top);
    texts.forEach(([words, box], index) => {
      for (const [others, other] of texts.slice(index + 1)) {
        if (other.top > box.bottom - 3) break;
        const meet = box.left + 1 < other.right && other.left + 1 < box.right;
        if (meet) faults.push(`on one another: ${words}, ${others}`);
      }
    });
    if (Math.abs(whole.width - svg.viewBox.baseVal.width) > 1) faults.push(`scaled to ${whole.width}`);
  }
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`wider than the window: ${root.scrollWidth}`);
  return [shown.length, faults];
})()"""


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_has_no_error_no_request_and_no_overflow(
    browser: Page, files: dict[str, Path], name: str, width: int
) -> None:
    browser.size(width)
    for scheme in ("light", "dark"):
        browser.media(scheme)
        browser.open(files[name])
        count, faults = browser.run(GEOMETRY)
        assert faults == []
        assert count == (2 if name == "change" else 1)
        assert browser.problems == []
        assert browser.requests == [files[name].as_uri()]


# The parts of words that a line ends within, in the heads of tables, the names of regions, and names that fit.
BROKEN = """(() => {
  const faults = [];
  for (const item of document.querySelectorAll(".cards:not(.facts) thead th, td[data-label=Region], .name")) {
    const range = document.createRange();
    for (const word of item.textContent.matchAll(item.matches(".name") ? /[^ -]+/g : /[^ ]+/g)) {
      range.setStart(item.firstChild, word.index);
      range.setEnd(item.firstChild, word.index + word[0].length);
      if (range.getClientRects().length > 1) faults.push(word[0]);
    }
  }
  return faults;
})()"""


@pytest.mark.parametrize("width", [800, 1440])
def test_no_line_ends_within_a_word_of_a_head_a_region_or_a_short_name(
    browser: Page, files: dict[str, Path], width: int
) -> None:
    browser.size(width)
    browser.media()
    for name in ("shards", "regions", "wide names"):
        browser.open(files[name])
        assert browser.run("document.querySelectorAll('.cards thead th').length")
        assert browser.run("document.querySelectorAll('.name').length") >= 2
        assert browser.run(BROKEN) == []
        assert browser.run("document.documentElement.scrollWidth") <= width
    browser.open(files["long names"])
    assert browser.run("[...document.querySelectorAll('.name')].every((item) => item.textContent.length < 40)")
    assert browser.run("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "least"), [(320, 288), (400, 376), (768, 720), (1024, 720), (1440, 1200)])
def test_the_picture_follows_the_width_of_the_window(
    browser: Page, files: dict[str, Path], width: int, least: int
) -> None:
    browser.size(width)
    browser.media()
    browser.open(files["one"])
    shown = "[...document.querySelectorAll('svg')].map((svg) => svg.getBoundingClientRect().width).filter((w) => w)"
    assert browser.run(shown) == [least]


def test_the_colours_follow_the_scheme(browser: Page, files: dict[str, Path]) -> None:
    browser.size(1440)
    background = "getComputedStyle(document.body).backgroundColor"
    box = "getComputedStyle(document.querySelector('.w1200 .region')).fill"
    seen = []
    for scheme in ("light", "dark"):
        browser.media(scheme)
        browser.open(files["one"])
        seen.append((browser.run(background), browser.run(box)))
    assert seen == [("rgb(255, 255, 255)", "rgb(246, 248, 250)"), ("rgb(16, 22, 29)", "rgb(22, 30, 39)")]


def test_a_link_of_the_picture_leads_to_its_row(browser: Page, files: dict[str, Path]) -> None:
    browser.size(1440)
    browser.media()
    browser.open(files["shards"])
    for _ in range(2):
        browser.press("Tab", 9)
    href = browser.run("document.activeElement.getAttribute('href')")
    browser.press("Enter", 13)
    browser.run("new Promise((done) => setTimeout(done, 50))")
    assert browser.run("location.hash") == href
    assert browser.run("document.querySelector(':target') !== null")


def test_print_is_light_and_wide_in_any_scheme(browser: Page, files: dict[str, Path]) -> None:
    browser.size(400)
    browser.media("dark", "print")
    browser.open(files["500 shards"])
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    shown = "[...document.querySelectorAll('svg')].filter((svg) => getComputedStyle(svg).display !== 'none').length"
    assert browser.run(shown) == 1
    assert browser.run("getComputedStyle(document.querySelector('.w1200')).display") == "block"
    assert browser.run("getComputedStyle(document.querySelector('.key')).display") == "none"
    assert browser.run("getComputedStyle(document.querySelector('.scroll')).maxHeight") == "none"
    pdf = browser.pdf()
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) > 20_000
    browser.media()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1440, "light"), (1440, "dark")])
def test_axe_finds_nothing(browser: Page, files: dict[str, Path], name: str, width: int, scheme: str) -> None:
    browser.size(width)
    browser.media(scheme)
    browser.open(files[name])
    assert violations(browser) == []


FAULTS = """<!DOCTYPE html><html lang="en"><title>x</title><main><h1>x</h1><img src="missing.png">
<svg width="100" height="50" viewBox="0 0 100 50"><text x="5" y="20">one</text><text x="8" y="22">two</text>
<text x="60" y="40">outside of it</text></svg><p style="width: 3000px">wide</p></main></html>"""


def test_the_checks_find_faults(browser: Page, tmp_path: Path) -> None:
    path = tmp_path / "faults.html"
    path.write_text(FAULTS)
    browser.size(400)
    browser.media()
    browser.open(path)
    _, faults = browser.run(GEOMETRY)
    assert [fault.partition(":")[0] for fault in faults] == [
        "outside of the picture",
        "on one another",
        "wider than the window",
    ]
    assert len(browser.requests) == 2
    assert browser.problems
    assert "image-alt" in [found.partition(":")[0] for found in violations(browser)]


def test_a_timeline_prints_light_and_wide(browser: Page, files: dict[str, Path]) -> None:
    browser.size(400)
    browser.media("dark", "print")
    browser.open(files["timeline, failover"])
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run("getComputedStyle(document.querySelector('.w1200')).display") == "block"
    assert browser.pdf().startswith(b"%PDF-")
    browser.media()


def drawings() -> dict[str, str]:
    return {
        "picture": draw(picture(with_users), 900, alone=True),
        "change": draw_change(delta_of(source(with_users), source(changed(with_users, "Cache", NumNodeGroups=7))), 900),
        "timeline": draw_timeline(timeline(SAMPLES["failover"]()).panels(), 900, "failover", alone=True),
    }


@pytest.mark.parametrize("name", ["picture", "change", "timeline"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_svg_is_an_image_of_a_document(browser: Page, tmp_path: Path, scheme: str, name: str) -> None:
    (tmp_path / "picture.svg").write_text(drawings()[name], encoding="utf-8")
    document = tmp_path / "page.html"
    document.write_text('<!DOCTYPE html><html lang="en"><title>x</title><img src="picture.svg" alt="cache"></html>')
    browser.media(scheme)
    browser.open(document)
    assert browser.run("document.images[0].complete && document.images[0].naturalWidth") == 900
    assert browser.problems == []
    browser.open(tmp_path / "picture.svg")
    assert browser.run(GEOMETRY.replace("document.documentElement", "{scrollWidth: 0, clientWidth: 0}")) == [1, []]


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "gallery").glob("*.svg")), ids=lambda path: str(path.stem))
def test_pictures_of_the_gallery_fit(browser: Page, path: Path) -> None:
    browser.size(1000)
    browser.media()
    browser.open(path)
    assert browser.run(GEOMETRY.replace("document.documentElement", "{scrollWidth: 0, clientWidth: 0}")) == [1, []]
    assert browser.problems == []

"""The pages that are read on GitHub, rendered with GitHub's own library: links, anchors, images, tables and code."""

import itertools
import re
import subprocess
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import cmarkgfm
import pytest

from tests.conftest import ROOT

_LEFT_OVER = re.compile(r"\*\*|\]\(|`|^\s*\||^#{1,6} ", re.MULTILINE)
"""Markup that was not understood, outside code."""


def tracked() -> list[str]:
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted(name for name in names if (ROOT / name).is_file())


FILES = tracked()
FOLDERS = {str(parent) for name in FILES for parent in PurePosixPath(name).parents}
# The pages of the API are filled from docstrings when the site is built; on GitHub, they link the source.
PAGES = [name for name in FILES if name.endswith(".md")]
READ = [name for name in PAGES if not name.startswith("docs/api/") or name.endswith(("index.md", "presets.md"))]


@dataclass
class Rendered(HTMLParser):
    """A page as HTML: what is checked, in the order of the page."""

    html: str
    links: list[str] = field(default_factory=list)
    images: list[tuple[str, str]] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[str] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "img":
            self.images.append((values["src"], values.get("alt", "")))
        elif tag == "pre":
            self.languages.append(values.get("lang", ""))
        elif re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
        if tag not in ("img", "br", "hr", "input"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.headings and f"h{self.headings[-1][0]}" in self._open:
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)
        if not {"code", "pre"} & set(self._open):
            self.text += data

    @property
    def anchors(self) -> set[str]:
        """The anchors that GitHub gives to headings: a repeated one has a number."""
        found: dict[str, int] = {}
        anchors = set()
        for _, text in self.headings:
            slug = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
            number = found.get(slug, 0)
            anchors.add(f"{slug}-{number}" if number else slug)
            found[slug] = number + 1
        return anchors


@cache
def render(name: str) -> Rendered:
    return Rendered(cmarkgfm.github_flavored_markdown_to_html((ROOT / name).read_text()))


def problems(name: str, page: Rendered) -> list[str]:
    """The links of a page whose file or anchor does not exist on GitHub."""
    found = []
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        path = Path(name).parent / unquote(parts.path) if parts.path else Path(name)
        target = (ROOT / path).resolve().relative_to(ROOT).as_posix()
        if target not in FILES and target not in FOLDERS:
            found.append(f"{link}: no such file")
        elif parts.fragment and target in READ and unquote(parts.fragment) not in render(target).anchors:
            found.append(f"{link}: no such heading")
    return found


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_files_and_headings(name: str) -> None:
    assert problems(name, render(name)) == []


@pytest.mark.parametrize("name", READ)
def test_no_markup_is_left_over(name: str) -> None:
    page = render(name)
    assert _LEFT_OVER.findall(page.text) == []
    fences = [line for line in (ROOT / name).read_text().splitlines() if line.lstrip().startswith("```")]
    assert len(fences) % 2 == 0, "a fence is not closed"
    assert len(fences) // 2 <= len(page.languages)


@pytest.mark.parametrize("name", READ)
def test_headings_are_in_order(name: str) -> None:
    levels = [level for level, _ in render(name).headings]
    if name.startswith(".github/"):
        return  # A template has no title.
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("name", [name for name in READ if render(name).images])
def test_images_exist_and_have_a_text(name: str) -> None:
    for source, text in render(name).images:
        target = (ROOT / name).parent / source
        assert target.suffix == ".svg"
        assert target.resolve().relative_to(ROOT).as_posix() in FILES
        assert len(text) > 20, f"{source} needs a text that says what it shows"


def test_the_readme_has_its_parts() -> None:
    page = render("README.md")
    assert len(page.images) == 1
    assert set(page.languages) == {"bash", "python", "text"}
    assert len([link for link in page.links if link.startswith("docs/")]) > 25
    assert "<table>" in page.html


def test_what_is_broken_is_found() -> None:
    text = "# Title\n\n[a](gone.md) [b](README.md#two-commands) [c](README.md#gone) [d](docs/adr)\n\n**bold\n"
    page = Rendered(cmarkgfm.github_flavored_markdown_to_html(text))
    assert problems("page.md", page) == ["gone.md: no such file", "README.md#gone: no such heading"]
    assert _LEFT_OVER.findall(page.text) == ["**"]


def test_anchors_are_those_of_github() -> None:
    """As GitHub shows them: without punctuation, with a hyphen for each space, and numbered when repeated."""
    html = "<h1>The <code>make test</code> & more!</h1><h2>A, b + c</h2><h2>A, b + c</h2>"
    assert Rendered(html).anchors == {"the-make-test--more", "a-b--c", "a-b--c-1"}

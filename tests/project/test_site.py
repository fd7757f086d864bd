"""The documentation: generated pages are current, the site builds, and the targets of its links exist."""

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from scripts import site
from scripts.api_docs import CONFIG, FOLDER, GROUPS, classes, groups, navigation, pages
from tests.conftest import ROOT


def test_the_api_pages_are_current() -> None:
    current = pages()
    assert set(FOLDER.glob("*.md")) == set(current), "run 'make docs'"
    for path, text in current.items():
        assert path.read_text() == text, f"{path.name} is stale; run 'make docs'"


def test_every_public_class_has_a_page() -> None:
    assert set(classes()) <= {path.stem for path in pages()}


def test_the_navigation_lists_the_api_pages_by_subject() -> None:
    assert CONFIG.read_text() == navigation(CONFIG.read_text()), "run 'make docs'"
    section = CONFIG.read_text().split("\n  - API:\n")[1].split("\n  - ")[0]
    assert set(re.findall(r": api/(.+)\.md$", section, re.MULTILINE)) == {path.stem for path in pages()}


@pytest.mark.parametrize(
    ("removed", "added"), [("IamUser", ""), ("IamUser", "IamUser IamUser"), ("IamUser", "IamUser NoUser")]
)
def test_each_class_is_in_one_group(monkeypatch: pytest.MonkeyPatch, removed: str, added: str) -> None:
    monkeypatch.setitem(GROUPS, "Access", GROUPS["Access"].replace(f" {removed} ", f" {added} "))
    with pytest.raises(ValueError, match=r"must list each public class once, got (IamUser|NoUser); correct"):
        groups()


def test_a_page_links_the_examples_and_guides_that_use_its_class() -> None:
    page = pages()[FOLDER / "PasswordUser.md"]
    assert "[`three_roles.py`](https://github.com/YOUR-ORGANISATION/elasticache-stack/blob/main/examples/" in page
    assert "auto_scaling.py" not in page
    page = pages()[FOLDER / "RestoreFrom.md"]
    assert "## Guides\n\n- [Back up and restore](../guides/restore.md)\n" in page
    assert "## Examples" not in pages()[FOLDER / "PropTypeError.md"]
    for link in re.findall(r"blob/main/(examples/[a-z_]+\.py)\)", "".join(pages().values())):
        assert (ROOT / link).exists()


class _Page(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            if tag == "a" and name == "href" and value:
                self.links.append(value)


def build(folder: Path, config: str) -> subprocess.CompletedProcess[str]:
    """Build a site from a configuration, with the output in `site` of the folder."""
    path = folder / "mkdocs.yml"
    path.write_text(config)
    return subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict", "--config-file", str(path)],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def build_documentation(folder: Path) -> Path:
    """Build the site of this repository, and return its folder."""
    config = CONFIG.read_text()
    assert config.count("paths: [.]") == 1
    shutil.copytree(ROOT / "docs", folder / "docs")  # It must lie beside the configuration.
    done = build(folder, config.replace("paths: [.]", f"paths: [{ROOT}]"))
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@pytest.mark.slow
@pytest.mark.cli
def test_the_site_builds_and_the_targets_of_its_links_exist(tmp_path: Path) -> None:
    built = build_documentation(tmp_path)
    parsed = {path: _Page(path.read_text()) for path in built.rglob("*.html") if path.name != "404.html"}
    assert len(parsed) > 70
    for path, page in parsed.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), f"{path.name}: {link}"
            if parts.fragment and target in parsed:
                assert unquote(parts.fragment) in parsed[target].anchors, f"{path.name}: {link}"
    text = (built / "api" / "ReplicationGroup.html").read_text()
    for word in (
        "maintenance_window",
        "cluster_mode",
        "primary_endpoint",
        "grants",
        "from_replication_group_attributes",
    ):
        assert word in text, word


@pytest.mark.cli
def test_a_broken_link_fails_the_build(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("[gone](gone.md)\n")
    done = build(tmp_path, "site_name: broken\ndocs_dir: docs\nsite_dir: site\n")
    assert done.returncode != 0
    assert "page does not exist" in done.stdout + done.stderr


def test_every_page_is_in_the_navigation() -> None:
    listed = re.findall(r": ([A-Za-z0-9/-]+\.md)$", CONFIG.read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md"))


def test_the_target_site_runs_the_script_that_adds_mermaid() -> None:
    target = (ROOT / "Makefile").read_text().split("\nsite:")[1].split("\n\n")[0]
    assert ".tools/browser-tests/.packages" in target.splitlines()[0]
    assert "python -m scripts.site" in target
    scripts = re.findall(r"javascripts/[a-z]+\.js", CONFIG.read_text())
    assert sorted(scripts) == sorted(f"javascripts/{path.name}" for path in (ROOT / "docs" / "javascripts").iterdir())
    assert f'"{site.MERMAID.name}"' in (ROOT / "docs" / "javascripts" / "diagrams.js").read_text()


@pytest.mark.parametrize("status", [0, 1])
def test_mermaid_is_added_to_a_site_that_was_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    package = tmp_path / "package"
    (package / "dist").mkdir(parents=True)
    (package / "dist" / "mermaid.tiny.js").write_text("script")
    (package / "LICENSE").write_text("licence")
    (tmp_path / "site" / "javascripts").mkdir(parents=True)
    monkeypatch.setattr(site, "ROOT", tmp_path)
    monkeypatch.setattr(site.add_mermaid, "__defaults__", (package,))
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, status))
    assert site.main() == status
    added = {path.name: path.read_text() for path in (tmp_path / "site" / "javascripts").iterdir()}
    assert added == ({} if status else {"mermaid.tiny.js": "script", "mermaid.LICENSE.txt": "licence"})
    assert capsys.readouterr().out == ("" if status else "site/index.html\n")

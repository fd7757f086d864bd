"""The gallery is current, and the blocks of the page about pictures run."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from app import build_app
from elasticache_operations.picture.command import parser
from scripts import gallery
from stacks.deployments import DEPLOYMENTS
from tests.conftest import CONTEXT, ROOT
from tests.picture.geometry import faults, read
from tests.picture.timeline.samples import drill, write

DOCUMENT = (ROOT / "docs" / "picture.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def current() -> dict[Path, str]:
    return gallery.pages()


def test_the_gallery_is_current(current: dict[Path, str]) -> None:
    assert set(gallery.FOLDER.glob("*")) == set(current) - {ROOT / "docs" / "gallery.md"}, "run 'make docs'"
    for path, text in current.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale; run 'make docs'"


def test_every_deployment_and_every_example_has_a_picture(current: dict[Path, str]) -> None:
    examples = {path.stem.replace("_", "-") for path in (ROOT / "examples").glob("*.py")} - {"--init--"}
    expected = {f"deployment-{name}" for name in DEPLOYMENTS} | {f"example-{name}" for name in examples}
    timelines = {f"timeline-{path.stem}" for path in gallery.RECORDS.glob("*.jsonl")}
    assert {path.stem for path in current if path.suffix == ".svg"} == expected | timelines
    for path, text in current.items():
        if path.stem in expected:
            assert len(text) < 10 * 1024
            drawing = read(text)
            assert not list(faults(drawing)), path.name
            assert drawing.of("cache"), path.name
    connected = [path.stem for path, text in current.items() if path.stem in expected and 'class="line path"' in text]
    assert expected - set(connected) == {"example-hardened-l1"}, "the only cache without a client"


def fences(language: str) -> list[Token]:
    return [token for token in MarkdownIt().parse(DOCUMENT) if token.type == "fence" and token.info == language]


def test_a_recorded_failover_is_drawn_without_a_fault(current: dict[Path, str]) -> None:
    """The records are those of a cluster of three shards, whose second primary was ended."""
    drawing = read(current[gallery.FOLDER / "timeline-failover.svg"], ("region", "answered", "gap"))
    assert not list(faults(drawing))
    assert len(drawing.of("gap")) == 2
    assert len(drawing.of("answered")) == 11


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the commands of the page read: two versions of a deployment."""
    result = tmp_path_factory.mktemp("picture")
    for name, shards in (("deployed", 3), ("cdk.out", 5)):
        context = {**CONTEXT, "deployment": "cluster-mode-enabled", "shards": shards}
        build_app(context, outdir=str(result / name), builtin_validation=False).synth()
    shutil.copy(gallery.RECORDS / "failover.jsonl", result / "watch.jsonl")
    write(result / "drill.jsonl", drill())
    return result


COMMANDS = [line for fence in fences("bash") for line in fence.content.splitlines()]


@pytest.mark.parametrize("line", COMMANDS)
def test_the_commands_of_the_page_run(line: str, folder: Path) -> None:
    program, *words = shlex.split(line)
    assert program == "elasticache"
    done = subprocess.run(
        [sys.executable, "-m", "elasticache_operations", *words],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if any(word.endswith(".jsonl") for word in words):
        text = (folder / "timeline.html").read_text(encoding="utf-8") if "--output" in words else done.stdout
        assert "Watched 3 shards for 16 s: 2,118 writes with 1 gap, the longest 4,294 ms" in text
        assert ("Drill failover of orders" in text) == ("drill.jsonl" in words)
        return
    written = Path(words[words.index("--output") + 1]) if "--output" in words else None
    text = done.stdout if written is None else (folder / written).read_text(encoding="utf-8")
    assert "5 shards of a primary and 1 replica" in text
    assert ("No cache is replaced; no data is lost" in text) == ("--compare" in words)
    assert ("a month" in text) == ("--region" in words)


def test_the_page_has_every_format_and_option() -> None:
    actions = parser("elasticache picture")._actions
    assert {option for action in actions for option in action.option_strings if option.startswith("--")} - {
        "--help",
        "--title",
    } <= {word.strip("`,.;)") for word in DOCUMENT.replace("`", " ").split()}
    for name in ("html", "svg", "mermaid", "markdown"):
        assert f"| `{name}` |" in DOCUMENT

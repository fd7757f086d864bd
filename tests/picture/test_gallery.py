"""The gallery is current, and the blocks of the page about pictures run."""

import shlex
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
    assert {path.stem for path in current if path.suffix == ".svg"} == expected
    for path, text in current.items():
        if path.suffix == ".svg":
            assert len(text) < 10 * 1024
            drawing = read(text)
            assert not list(faults(drawing)), path.name
            assert drawing.of("cache"), path.name
    connected = [path.stem for path, text in current.items() if path.suffix == ".svg" and 'class="line path"' in text]
    assert expected - set(connected) == {"example-hardened-l1"}, "the only cache without a client"


def fences(language: str) -> list[Token]:
    return [token for token in MarkdownIt().parse(DOCUMENT) if token.type == "fence" and token.info == language]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the commands of the page read: two versions of a deployment."""
    result = tmp_path_factory.mktemp("picture")
    for name, shards in (("deployed", 3), ("cdk.out", 5)):
        context = {**CONTEXT, "deployment": "cluster-mode-enabled", "shards": shards}
        build_app(context, outdir=str(result / name), builtin_validation=False).synth()
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

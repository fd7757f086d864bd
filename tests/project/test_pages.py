"""The guides: each block of code runs, and each command, with the output that the page shows."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest
from connection_test.options import parser

from tests.cache_servers import isolated_environment
from tests.conftest import ROOT
from tests.project import pages
from tests.project.pages import Block

pytestmark = pytest.mark.cli

_PYTHON = pages.of_kind("python")
_COMMANDS = [page for page in pages.guides() if not pages.is_local(page)]
_LOCAL = [page for page in pages.guides() if pages.is_local(page)]
_NO_ACCOUNT = "Unable to resolve AWS account"


def names(items: list[Path]) -> list[str]:
    return [str(page.relative_to(pages.DOCS)) for page in items]


def environment() -> dict[str, str]:
    found = isolated_environment()
    found["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{found['PATH']}"
    found["CDK_DISABLE_CLI_TELEMETRY"] = found["AWS_EC2_METADATA_DISABLED"] = "true"
    return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, because `cdk.out` can be used by one test at a time."""
    folder = tmp_path_factory.mktemp("checkout")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0"):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)  # With its time, so that make installs nothing again.
    for name in (".venv", ".tools"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "node_modules", folder / "node_modules", symlinks=True)  # npm replaces a link by a folder.
    return folder


def run(command: str, folder: Path, variables: dict[str, str], seconds: float = 300) -> str:
    """The output of a command, which must succeed."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


def run_page(page: Path, folder: Path, variables: dict[str, str]) -> None:
    """Run the commands of a page in order. Each line of a text block after them is in their output; `…` is any text."""
    shutil.rmtree(folder / "cdk.out", ignore_errors=True)  # Of the page before.
    output = None
    for block in pages.blocks(page):
        if block.info == "bash":
            output = "".join(run(line, folder, variables) for line in block.lines)
        elif block.info == "text" and output is not None:
            for line in block.lines:
                pattern = ".*".join(re.escape(part) for part in line.strip().split("…"))
                assert re.search(pattern, output), f"{block.page}: {line!r} is not in the output:\n{output}"
        elif block.info != "text":
            output = None


def test_there_are_guides_with_blocks_of_every_kind() -> None:
    assert len(pages.guides()) > 15
    assert len(_PYTHON) > 15
    assert len(_LOCAL) >= 4
    known = {"bash", "python", "text", "mermaid", "json", "yaml", *pages.ACCOUNT}
    assert {block.info for page in pages.guides() for block in pages.blocks(page)} <= known


@pytest.mark.slow
@pytest.mark.parametrize("block", _PYTHON, ids=lambda block: f"{block.page}-{block.number}")
def test_python_blocks_run(block: Block, tmp_path: Path) -> None:
    script = tmp_path / "app.py"
    script.write_text(pages.with_library(tmp_path) + block.text)
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("page", _COMMANDS, ids=names(_COMMANDS))
def test_commands_run(page: Path, checkout: Path) -> None:
    run_page(page, checkout, environment())


@pytest.mark.slow
@pytest.mark.parametrize("page", _LOCAL, ids=names(_LOCAL))
def test_pages_run_in_the_local_cloud(page: Path, checkout: Path, tmp_path: Path) -> None:
    variables = {**environment(), "LOCAL_FOLDER": str(tmp_path / "local")}
    try:
        run_page(page, checkout, variables)
    finally:
        run("make local-down", checkout, variables)


@pytest.mark.parametrize("block", pages.of_kind(*pages.ACCOUNT), ids=lambda block: f"{block.page}-{block.number}")
def test_commands_that_need_an_account_are_valid(block: Block) -> None:
    """The operations and options of the AWS CLI exist, the commands of the CDK CLI, and the options of this project."""
    session = botocore.session.get_session()
    for line in block.lines:
        words = shlex.split(line)
        if words[0] == "aws":
            client = session.get_service_model(words[1])
            operation = client.operation_model(
                next(name for name in client.operation_names if _kebab(name) == words[2])
            )
            assert operation.input_shape
            options = {f"--{_kebab(name)}" for name in operation.input_shape.members}
            assert {word for word in words if word.startswith("--")} <= options | {"--query", "--output", "--region"}
        elif words[0] == "cdk":
            assert words[1] in run("cdk --help", ROOT, environment())
        elif words[0] == "elasticache":
            name = " ".join(words[1:3]) if words[1] == "drill" else words[1]
            listed = run(f"elasticache {name} --help", ROOT, environment())
            assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[a-z-]+", listed)), line
        elif words[0] == "cache-connection-test":
            parser().parse_args(
                [word for word in shlex.split(line, comments=True)[1:] if ".json" not in word and word != ">"]
            )
        else:
            assert words[0] in ("pip", "jq"), line


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")

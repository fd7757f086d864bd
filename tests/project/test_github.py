"""The files for GitHub: valid by the schemas that GitHub publishes, and they run commands that exist."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

FOLDER = ROOT / ".github"
WORKFLOWS = sorted((FOLDER / "workflows").glob("*.yml"))
_TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def steps() -> list[dict[str, Any]]:
    jobs = [job for path in WORKFLOWS for job in yaml.safe_load(path.read_text())["jobs"].values()]
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.cli
@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", "workflows/*.yml"),
        ("custom.github-workflows-require-timeout", "workflows/*.yml"),
        ("vendor.dependabot", "dependabot.yml"),
        ("vendor.github-issue-config", "ISSUE_TEMPLATE/config.yml"),
        ("vendor.github-issue-forms", "ISSUE_TEMPLATE/[!c]*.yml"),
    ],
)
def test_the_files_are_valid(schema: str, files: str) -> None:
    paths = [str(path) for path in FOLDER.glob(files)]
    assert paths
    program = str(Path(sys.executable).with_name("check-jsonschema"))
    done = subprocess.run([program, "--builtin-schema", schema, *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_each_command_exists() -> None:
    lines = [line for step in steps() for line in step.get("run", "").splitlines()]
    assert "bash .ci/run" in lines
    targets = [line.split()[1] for line in lines if line.startswith("make ")]
    assert {"test-fast", "dist"} <= set(targets)
    assert set(targets) <= _TARGETS


def test_each_action_has_a_version() -> None:
    used = [step["uses"] for step in steps() if "uses" in step]
    assert used
    for name in used:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@(v\d+|release/v\d+)", name), name


def test_every_supported_python_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    supported = {name.split(" :: ")[-1] for name in project["classifiers"] if ":: Python :: 3." in name}
    jobs = yaml.safe_load((FOLDER / "workflows" / "test.yml").read_text())["jobs"]
    setups = [step["with"]["python-version"] for step in jobs["everything"]["steps"] if "setup-python" in str(step)]
    assert {*setups, *jobs["python"]["strategy"]["matrix"]["python"]} == supported


def test_a_release_needs_no_token() -> None:
    jobs = yaml.safe_load((FOLDER / "workflows" / "release.yml").read_text())["jobs"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert "secrets." not in (FOLDER / "workflows" / "release.yml").read_text()


def test_the_development_container_sets_up_the_project() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["postCreateCommand"].removeprefix("make ") in _TARGETS
    assert container["image"].rpartition(":")[2].startswith("3.11-")

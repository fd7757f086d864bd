"""The set-up of the Makefile when packages cannot be downloaded: it prints the reason and the next action."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.cli
_UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the files that the set-up reads, and no installed packages."""
    for name in ("Makefile", "package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "link_node.py").touch()
    (tmp_path / "requirements.txt").write_text(f"no-such-package==1.0 --hash=sha256:{'0' * 64}\n")
    return tmp_path


def _make(checkout: Path, target: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", target],
        cwd=checkout,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_the_reason_of_a_failed_npm_is_printed(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / ".app").touch()
    done = _make(checkout, "node_modules/.ready", npm_config_registry=_UNREACHABLE, npm_config_fetch_retries="0")
    assert done.returncode == 2
    assert "set-up: installing the CDK CLI into node_modules, in some seconds" in done.stdout
    assert "ECONNREFUSED" in done.stdout
    assert "error: npm cannot install the CDK CLI, for the reason above; behind a proxy " in done.stdout
    assert not (checkout / "node_modules" / ".ready").exists()


def test_the_reason_of_a_failed_pip_is_printed(checkout: Path) -> None:
    target = checkout / ".venv" / ".app"
    done = _make(checkout, str(target), PIP_CONFIG_FILE=os.devnull, PIP_INDEX_URL=_UNREACHABLE, PIP_RETRIES="1")
    assert done.returncode == 2
    assert "set-up: installing the app and Node into .venv, in 1 to 3 minutes" in done.stdout
    assert "Connection refused" in done.stdout
    assert not target.exists()

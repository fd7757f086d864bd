"""The distributions install into empty environments, and their first examples run there."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.cache_servers import isolated_environment
from tests.conftest import ROOT

pytestmark = [pytest.mark.cli, pytest.mark.slow]

FOLDERS = {
    "elasticache-rules": "distributions/rules",
    "elasticache-constructs": "",
    "elasticache-caching": "elasticache_caching",
}
PACKAGES = {
    "elasticache-rules": {"elasticache_rules", "elasticache_operations"},
    "elasticache-constructs": {"elasticache_constructs"},
    "elasticache-caching": {"elasticache_caching"},
}
COMMANDS = {
    "elasticache-rules": "elasticache",
    "elasticache-constructs": "elasticache-connection-test",
    "elasticache-caching": "elasticache-caching",
}
_UV = str(Path(sys.executable).with_name("uv"))


def find(minor: int) -> str | None:
    """The interpreter of a version of Python 3, or None.

    pyenv has a program for each version that it has installed, and starts only those that `PYENV_VERSION` names.
    """
    found = subprocess.run(
        [_UV, "python", "find", "--no-project", "--system", "--no-python-downloads", f"3.{minor}"],
        env={**os.environ, "PYENV_VERSION": f"3.{minor}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() if found.returncode == 0 else None


def pythons(lowest: int) -> list[str]:
    """The interpreters of this machine from 3.`lowest` to 3.14, by version; that of the tests at least."""
    found = {minor: find(minor) for minor in range(lowest, 15)}
    return [path for path in (found | {sys.version_info.minor: sys.executable}).values() if path]


def run(*words: str, folder: Path = ROOT, status: int = 0) -> str:
    environment = {
        name: value for name, value in isolated_environment().items() if name not in ("VIRTUAL_ENV", "PYTHONHOME")
    }
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == status, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Built as `make dist` builds them: the wheel from the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    for place in FOLDERS.values():
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT / place))
    run(sys.executable, "-m", "twine", "check", "--strict", *map(str, folder.iterdir()))
    found = {path.name.split("-")[0].replace("_", "-"): path for path in folder.glob("*.whl")}
    assert set(found) == set(FOLDERS)
    return found


def environment(folder: Path, python: str, *requirements: str) -> Path:
    """An empty environment with these requirements; returns the folder of its programs."""
    run(_UV, "venv", "--quiet", "--python", python, str(folder))
    run(_UV, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), *requirements)
    return folder / "bin"


def first_example(page: str) -> str:
    fences = [token for token in MarkdownIt().parse((ROOT / page).read_text()) if token.type == "fence"]
    return next(token.content for token in fences if token.info == "python")


def test_each_wheel_has_its_packages_and_no_other(wheels: dict[str, Path]) -> None:
    for name, wheel in wheels.items():
        files = zipfile.ZipFile(wheel).namelist()
        tops = {file.split("/")[0] for file in files}
        assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES[name]
        for package in PACKAGES[name]:
            assert f"{package}/py.typed" in files
        assert not [file for file in files if "__pycache__" in file]


@pytest.mark.parametrize("name", FOLDERS)
def test_each_wheel_has_a_console_command(wheels: dict[str, Path], name: str) -> None:
    archive = zipfile.ZipFile(wheels[name])
    (listed,) = [file for file in archive.namelist() if file.endswith(".dist-info/entry_points.txt")]
    assert f"[console_scripts]\n{COMMANDS[name]} = " in archive.read(listed).decode()


@pytest.mark.parametrize("name", FOLDERS)
def test_each_wheel_describes_itself(wheels: dict[str, Path], name: str) -> None:
    text = next(
        zipfile.ZipFile(wheels[name]).read(file).decode()
        for file in zipfile.ZipFile(wheels[name]).namelist()
        if file.endswith(".dist-info/METADATA")
    )
    for needed in ("Project-URL: Homepage", "Project-URL: Changelog", "License-Expression: Apache-2.0", "Classifier: "):
        assert needed in text
    body = text.split("\n\n", 1)[1]
    for token in MarkdownIt().parse(body):
        for child in token.children or []:
            for target in (child.attrs.get("href"), child.attrs.get("src")):
                assert target is None or str(target).startswith(("https://", "#")), target


def test_in_ci_no_version_of_python_is_left_out() -> None:
    assert os.environ.get("GITHUB_ACTIONS") != "true" or len(pythons(9)) == 6


def test_an_interpreter_that_only_pyenv_starts_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    minor = sys.version_info.minor
    program = tmp_path / f"python3.{minor}"
    program.write_text(
        f'#!/bin/sh\n[ "$PYENV_VERSION" = 3.{minor} ] || {{ echo "pyenv: command not found" >&2; exit 127; }}\n'
        f'exec {sys.executable} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert find(minor) is not None


def test_the_versions_are_the_same() -> None:
    versions = {
        tomllib.loads((ROOT / place / "pyproject.toml").read_text())["project"]["version"] for place in FOLDERS.values()
    }
    assert len(versions) == 1
    assert f"## {versions.pop()}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("python", pythons(11))
def test_the_rules(wheels: dict[str, Path], tmp_path: Path, python: str) -> None:
    """Without a dependency."""
    programs = environment(tmp_path / "venv", python, str(wheels["elasticache-rules"]))
    template = tmp_path / "template.json"
    group = {"ReplicationGroupDescription": "cart", "CacheNodeType": "cache.t4g.micro", "Port": 80}
    resource = {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {**group, "NumCacheClusters": 2}}
    template.write_text(json.dumps({"Resources": {"Cache": resource}}))
    for command in ([str(programs / "elasticache"), "check"], [str(programs / "python"), "-m", "elasticache_rules"]):
        output = run(*command, str(template), folder=tmp_path, status=1)
        assert "Port must be 1150 to 8004 or 8006 to 65535, got 80" in output
    listed = run(_UV, "pip", "list", "--quiet", "--python", str(programs / "python"), "--format", "json")
    assert [entry["name"] for entry in json.loads(listed)] == ["elasticache-rules"]


@pytest.mark.parametrize("python", pythons(11))
def test_the_constructs(wheels: dict[str, Path], tmp_path: Path, python: str) -> None:
    """In an app that has a folder `constructs_lib` of its own."""
    wanted = (str(wheels["elasticache-rules"]), str(wheels["elasticache-constructs"]))
    programs = environment(tmp_path / "venv", python, *wanted, "--constraint", str(constraints(tmp_path)))
    (tmp_path / "constructs_lib").mkdir()
    (tmp_path / "constructs_lib" / "__init__.py").write_text("")
    (tmp_path / "app.py").write_text("import constructs_lib\n" + first_example("README.md"))
    run(str(programs / "python"), "app.py", folder=tmp_path)
    # 13: the stage tcp.
    refused = ("--host", "127.0.0.1", "--port", "1", "--no-tls", "--engine", "redis")
    assert "FAIL tcp" in run(str(programs / "elasticache-connection-test"), *refused, folder=tmp_path, status=13)
    assert "picture" in run(str(programs / "elasticache"), "--help", folder=tmp_path)


@pytest.mark.parametrize("python", pythons(9))
def test_the_caching_library(wheels: dict[str, Path], tmp_path: Path, python: str) -> None:
    programs = environment(tmp_path / "venv", python, str(wheels["elasticache-caching"]))
    example = first_example("elasticache_caching/README.md")
    changed = example.replace('"cart.abc.use1.cache.amazonaws.com"', '"127.0.0.1", port=1, tls=False')
    assert changed != example
    (tmp_path / "app.py").write_text(changed + '\nassert product == {"id": "42"}\n')
    run(str(programs / "python"), "app.py", folder=tmp_path)
    command = str(programs / "elasticache-caching")
    output = run(command, "127.0.0.1", "--port", "1", "--no-tls", folder=tmp_path, status=1)
    assert output.startswith("FAIL ConnectionError: ")


def test_all_install_from_git(tmp_path: Path) -> None:
    """With the commands of the documentation, from this repository in place of GitHub."""
    commands = [
        line
        for page in ("README.md", "docs/caching.md")
        for line in (ROOT / page).read_text().splitlines()
        if line.startswith("pip install ")
    ]
    wanted = [word for line in commands for word in line.split('"')[1::2]]
    assert {word.split(" @ ")[0] for word in wanted} == set(FOLDERS)
    clone = tmp_path / "clone"
    run("git", "clone", "--quiet", str(ROOT), str(clone))
    here = [
        word.replace("https://github.com/YOUR-ORGANISATION/elasticache-stack", f"file://{clone}") for word in wanted
    ]
    programs = environment(tmp_path / "venv", sys.executable, *here, "--constraint", str(constraints(tmp_path)))
    code = "import elasticache_constructs, elasticache_rules, elasticache_operations, elasticache_caching"
    run(str(programs / "python"), "-c", code, folder=tmp_path)


def constraints(folder: Path) -> Path:
    """The releases that the project is tested with, without their hashes."""
    path = folder / "constraints.txt"
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned = [line.removesuffix("\\").strip() for line in lines if "==" in line and not line.startswith(" ")]
    path.write_text("\n".join(pinned))
    return path

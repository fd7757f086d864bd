"""Resolve the files of requirements from pyproject.toml, and two more from files of their own.

Without `--upgrade`, pinned versions are kept if pyproject.toml allows them.
"""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

DEMO = "requirements-demo.txt"
# A part of this repository, which is imported from its folder.
_OWN = "elasticache-rules"
_COMMON = ("--quiet", "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url")
_OPTIONS = (*_COMMON, "--universal", "--python-version=3.11")
# For the Python of Amazon Linux 2023 alone, whatever Python runs pip, which judges markers by its own.
_DEMO_OPTIONS = (*_COMMON, "--python-version=3.9", "--python-platform=linux", "--only-binary=:all:")


def resolve(folder: Path, *, upgrade: bool) -> None:
    """Write the files into a folder.

    The test tools are resolved first, and constrain the app, so that both fit in one environment.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as own:
        own.write(_OWN)
        own.flush()
        _resolve(folder, (f"--excludes={own.name}", *(("--upgrade",) if upgrade else ())))


def _resolve(folder: Path, more: tuple[str, ...]) -> None:
    dev, app = folder / "requirements-dev.txt", folder / "requirements.txt"
    for command in (
        ("--group=dev", f"--output-file={dev}", *more),
        (f"--constraint={dev}", f"--output-file={app}", *more),
    ):
        subprocess.run(
            ["uv", "pip", "compile", *_OPTIONS, "--extra=app", "--extra=operations", *command, "pyproject.toml"],
            check=True,
        )
    _resolve_lower_bound(folder / "requirements-lower-bound.txt", more)
    # Separate environments: the emulator pins botocore, and nothing else needs the mutation tool or Valkey.
    for place in (Path("local_cloud"), Path("scripts") / "mutants", Path("scripts") / "valkey"):
        wanted, pinned = place / "requirements.in", folder / place / "requirements.txt"
        output = f"--output-file={pinned}"
        subprocess.run(["uv", "pip", "compile", *_OPTIONS, output, *more, str(wanted)], check=True)
    wanted, output = Path("stacks") / "caching_demo" / "requirements.in", f"--output-file={folder / DEMO}"
    subprocess.run(["uv", "pip", "compile", *_DEMO_OPTIONS, output, *more, str(wanted)], check=True)


def lower_bounds() -> list[str]:
    """What the library needs, each pinned to the lowest release that pyproject.toml admits."""
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    bounds = {
        requirement.name: next(each.version for each in requirement.specifier if each.operator == ">=")
        for requirement in map(Requirement, project["dependencies"])
        if requirement.name != _OWN
    }
    return [f"{name}=={version}" for name, version in bounds.items()]


def _resolve_lower_bound(output: Path, more: tuple[str, ...]) -> None:
    """The lowest releases that the library admits, with the tools that its tests need."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.write("\n".join(lower_bounds()))
        constraints.flush()
        bounds = (f"--constraint={constraints.name}", "--group=lower-bound", f"--output-file={output}")
        subprocess.run(["uv", "pip", "compile", *_OPTIONS, *bounds, *more, "pyproject.toml"], check=True)


if __name__ == "__main__":
    resolve(Path.cwd(), upgrade="--upgrade" in sys.argv[1:])

"""Resolve requirements.txt and requirements-dev.txt from pyproject.toml.

Without `--upgrade`, what is pinned stays, as far as pyproject.toml admits it.
"""

import subprocess
import sys
from pathlib import Path

_OPTIONS = (
    "--quiet",
    "--universal",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--python-version=3.11",
)


def resolve(folder: Path, *, upgrade: bool) -> None:
    """Write both files into a folder.

    The test tools come first: what they ask for bounds what the app gets, so that both fit one environment.
    """
    more = ("--upgrade",) if upgrade else ()
    dev, app = folder / "requirements-dev.txt", folder / "requirements.txt"
    for command in (
        ("--group=dev", f"--output-file={dev}", *more),
        (f"--constraint={dev}", f"--output-file={app}", *more),
    ):
        subprocess.run(
            ["uv", "pip", "compile", *_OPTIONS, "--extra=app", "--extra=operations", *command, "pyproject.toml"],
            check=True,
        )
    # Environments of their own: the emulator pins botocore, and nothing else needs the mutation tool.
    for place in (Path("local_cloud"), Path("scripts") / "mutants"):
        asked, pinned = place / "requirements.in", folder / place / "requirements.txt"
        output = f"--output-file={pinned}"
        subprocess.run(["uv", "pip", "compile", *_OPTIONS, output, *more, str(asked)], check=True)


if __name__ == "__main__":
    resolve(Path.cwd(), upgrade="--upgrade" in sys.argv[1:])

"""Resolve requirements.txt and requirements-dev.txt from pyproject.toml.

Without `--upgrade`, pinned versions are kept if pyproject.toml allows them.
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

    The test tools are resolved first, and constrain the app, so that both fit in one environment.
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
    # The emulator has a separate environment, because it pins botocore.
    wanted, emulator = Path("local_cloud") / "requirements.in", folder / "local_cloud" / "requirements.txt"
    output = f"--output-file={emulator}"
    subprocess.run(["uv", "pip", "compile", *_OPTIONS, output, *more, str(wanted)], check=True)


if __name__ == "__main__":
    resolve(Path.cwd(), upgrade="--upgrade" in sys.argv[1:])

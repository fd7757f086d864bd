"""Build `.tools/caching-demo.zip`: the demonstration with all that it needs, for Python 3.9 and without internet.

The libraries are those of requirements-demo.txt, by their hashes, with their `.dist-info` folders, because some read
their own version. The same sources make the same bytes, so that a deploy without a change replaces nothing.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
REQUIREMENTS: Final = ROOT / "requirements-demo.txt"
OUTPUT: Final = ROOT / ".tools" / "caching-demo.zip"
PYTHON: Final = "3.9"
# Packages of this repository, by their names in the zip.
SOURCES: Final = {
    "caching_demo": ROOT / "stacks" / "caching_demo" / "caching_demo",
    "connection_test": ROOT / "constructs_lib" / "client" / "connection_test" / "connection_test",
    "elasticache_caching": ROOT / "elasticache_caching",
}
_MAIN: Final = ROOT / "stacks" / "caching_demo" / "__main__.py"
# The first moment that a zip can tell.
_TIME: Final = (1980, 1, 1, 0, 0, 0)


def build(output: Path) -> None:
    """Write the zip; it is complete or not there.

    :param output: its path.
    :raises subprocess.CalledProcessError: when pip cannot install the libraries; pip has told why.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix="caching-demo-") as scratch:
        folder = Path(scratch)
        _vendor(folder / "libraries")
        for name, source in SOURCES.items():
            shutil.copytree(source, folder / "libraries" / name)
        shutil.copy(_MAIN, folder / "libraries" / "__main__.py")
        _pack(folder / "libraries", folder / "made.zip")
        os.replace(folder / "made.zip", output)


def _vendor(folder: Path) -> None:
    """Install the libraries into a folder, whatever Python runs this."""
    words = ["--target", str(folder), "--python-version", PYTHON, "--only-binary=:all:", "--no-deps", "--no-compile"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", *words]
    subprocess.run([*command, "--requirement", str(REQUIREMENTS)], check=True)
    compiled = [path.name for path in folder.rglob("*") if path.suffix in (".so", ".pyd")]
    if compiled:
        sys.exit(f"error: {', '.join(compiled)} runs on one kind of machine only; choose libraries in pure Python")


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        # RECORD holds paths of scripts that pip wrote for this machine; bin holds these scripts.
        unwanted = "__pycache__" in path.parts or path.name in ("RECORD", "INSTALLER", "direct_url.json")
        if path.is_file() and not unwanted and path.relative_to(folder).parts[0] != "bin":
            yield path


def _pack(folder: Path, output: Path) -> None:
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in _files(folder):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _TIME)
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Build the zip of the caching demonstration.")
    arguments.add_argument("--output", type=Path, default=OUTPUT, help="(default: %(default)s)")
    try:
        build(arguments.parse_args().output)
    except subprocess.CalledProcessError:
        sys.exit("error: the libraries of requirements-demo.txt cannot be installed, for the reason above")

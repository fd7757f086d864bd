"""Build the documentation as pages in `site/`, with Mermaid, so that its diagrams need no network."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from scripts.fetch_servers import TOOLS

ROOT: Final = Path(__file__).parents[1]
PACKAGE: Final = TOOLS / "browser-tests" / "node_modules" / "@mermaid-js" / "tiny"
MERMAID: Final = PACKAGE / "dist" / "mermaid.tiny.js"


def add_mermaid(site: Path, package: Path = PACKAGE) -> None:
    """Copy Mermaid and its licence beside `diagrams.js`, which loads it.

    :param site: the folder of a site that has been built.
    :param package: the folder of the package of Mermaid.
    :raises FileNotFoundError: when the package of Mermaid is not installed; `make site` installs it.
    """
    shutil.copy(package / "dist" / MERMAID.name, site / "javascripts")
    shutil.copy(package / "LICENSE", site / "javascripts" / "mermaid.LICENSE.txt")


def main() -> int:
    """Build the site and print its path, and return the exit status of the generator."""
    status = subprocess.run([sys.executable, "-m", "zensical", "build", "--strict"], cwd=ROOT, check=False).returncode
    if status == 0:
        add_mermaid(ROOT / "site")
        print("site/index.html")
    return status


if __name__ == "__main__":
    sys.exit(main())

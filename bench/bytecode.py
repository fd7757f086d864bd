"""An environment in which Python keeps compiled modules, as it does for an installed package."""

import os
from pathlib import Path


def environment(folder: Path) -> dict[str, str]:
    """The variables of this process, with compiled modules kept in `folder`.

    Without this, PYTHONDONTWRITEBYTECODE makes each run compile the project's modules, but not those of
    the CDK, which pip compiled when it installed them.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder)}

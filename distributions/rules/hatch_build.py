"""Adds the packages, which lie in the root of the repository, and beside this file in a source distribution."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_PACKAGES = ("elasticache_rules", "elasticache_operations")


class Packages(BuildHookInterface[Any]):
    """Build hook of both targets."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Find the packages, and include them."""
        root = Path(self.root)
        for name in _PACKAGES:
            folder = next((folder / name for folder in (root, root.parents[1]) if (folder / name).is_dir()), None)
            if folder is None:
                raise FileNotFoundError(f"{name} is not in {root.parents[1]}; build from a clone of the repository")
            build_data["force_include"][str(folder)] = name

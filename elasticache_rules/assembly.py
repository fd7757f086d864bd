"""Cloud assemblies of the CDK: what their manifests say about the files beside them.

`cdk synth` leaves the templates of earlier syntheses in its folder; the manifest names those of the last one.
https://docs.aws.amazon.com/cdk/v2/guide/configure-synth.html
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from elasticache_rules.parsing import MAXIMUM_BYTES

_MAXIMUM_MANIFEST_BYTES: Final = 64 * MAXIMUM_BYTES
"""The size of a manifest, which describes each construct of the app."""


def artifacts(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """The artifacts of the cloud assembly in a folder; empty without a manifest that can be read."""
    found = _read(folder / "manifest.json").get("artifacts")
    return found if isinstance(found, Mapping) and all(isinstance(each, Mapping) for each in found.values()) else {}


def is_left_over(path: Path, used: frozenset[str]) -> bool:
    """Whether a file or folder of a cloud assembly is of an earlier synthesis.

    :param used: the names that `used_names` returns for the folder; empty: no cloud assembly.
    """
    is_part = path.name.endswith(".template.json") or path.name.startswith("assembly-")
    return bool(used) and is_part and path.name not in used


def used_names(folder: Path) -> frozenset[str]:
    """The names of templates and nested assemblies of the last synthesis; empty in a folder without a cloud assembly.

    A template of a nested stack is an asset of its parent, which the asset manifest names. Without one of the asset
    manifests the result is empty, so that no template is left out.
    """
    names: set[str] = set()
    for artifact in artifacts(folder).values():
        properties = artifact.get("properties")
        values: Mapping[str, Any] = properties if isinstance(properties, Mapping) else {}
        names.update(str(values[name]) for name in ("templateFile", "directoryName") if name in values)
        if artifact.get("type") == "cdk:asset-manifest":
            files = _read(folder / str(values.get("file", ""))).get("files")
            if not isinstance(files, Mapping):
                return frozenset()
            names.update(_sources(files))
    return frozenset(names)


def _sources(files: Mapping[str, Any]) -> Iterator[str]:
    """The paths of assets that are files or folders of the assembly."""
    for each in files.values():
        source = each.get("source") if isinstance(each, Mapping) else None
        if isinstance(source, Mapping) and source.get("path"):
            yield str(source["path"])


def _read(path: Path) -> Mapping[str, Any]:
    try:
        if not path.is_file():
            return {}
        with path.open("rb") as file:
            content = file.read(_MAXIMUM_MANIFEST_BYTES + 1)
        parsed = json.loads(content) if len(content) <= _MAXIMUM_MANIFEST_BYTES else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, Mapping) else {}

"""Templates on disk: JSON and YAML files, folders of them, and cloud assemblies."""

import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from elasticache_rules.parsing import INSTALL, MAXIMUM_BYTES, DocumentError, LimitError, parse_text, too_large

_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
    stat.S_IFSOCK: "a socket",
}
_MAXIMUM_MANIFEST_BYTES: Final = 64 * MAXIMUM_BYTES
"""The size of a cloud assembly's manifest, which describes each construct of the app."""
_SUFFIXES: Final = frozenset({".json", ".yaml", ".yml", ".template"})
"""Endings of files that are templates, so that one which cannot be read is an error also in a folder."""


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed template.

    :param name: what it is called in findings.
    :param region: from the cloud assembly it belongs to, where that says one.
    """

    name: str
    content: Mapping[str, Any]
    region: str | None = None


def read(path: Path) -> Iterator[Document]:
    """The template in a file, or every template below a folder.

    :raises DocumentError: for a path that does not exist, a file that is no template or beyond a limit, a folder
        without a template, or one that cannot be read.
    """
    if not stat.S_ISDIR(_mode(path)):
        content = _parse(path)
        if not _is_template(content):
            raise DocumentError(f"{path}: must be a template, got a file without a Resources map; name a template")
        yield Document(str(path), content, region_of(path))
        return
    found = False
    for file in sorted(each for each in _files(path) if _may_be_template(each)):
        try:
            content = _parse(file)
        except LimitError:
            raise
        except DocumentError as problem:
            if INSTALL in str(problem):
                raise
            continue
        if _is_template(content):
            found = True
            yield Document(str(file), content, region_of(file))
    if not found:
        raise DocumentError(f"{path}: must hold a template, got a folder without one; name another folder")


def _is_template(content: Any) -> bool:
    return isinstance(content, Mapping) and isinstance(content.get("Resources"), Mapping)


def _files(folder: Path) -> Iterator[Path]:
    """The files below a folder; a link to a folder is not followed, because it may lead back."""
    folders = [folder]
    while folders:
        here = folders.pop()
        try:
            for entry in here.iterdir():
                if not entry.is_dir():
                    yield entry
                elif not entry.is_symlink():
                    folders.append(entry)
        except OSError as problem:
            raise _unreadable(here, problem) from None


def _may_be_template(path: Path) -> bool:
    """Whether a file of a folder is worth parsing: whatever its ending, it must name Resources."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size == 0:
            return False
        if found.st_size > MAXIMUM_BYTES:
            return path.name.endswith(".template.json")  # an asset may be larger
        return b"Resources" in _bytes(path, MAXIMUM_BYTES)
    except PermissionError as problem:
        if path.suffix in _SUFFIXES:
            raise _unreadable(path, problem) from None
        return False
    except OSError:
        return False


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except (OSError, ValueError) as problem:
        raise _unreadable(path, problem) from None


def _unreadable(path: Path, problem: Exception) -> DocumentError:
    cause = problem.strerror if isinstance(problem, OSError) else None
    return DocumentError(f"{path}: must be a readable file or folder, got {cause or problem}; check the path")


def _bytes(path: Path, most: int) -> bytes:
    """The content of a file, or one byte more than the limit."""
    with path.open("rb") as file:
        return file.read(most + 1)


def _parse(path: Path) -> Any:
    mode = _mode(path)
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "something else")
        raise DocumentError(f"{path}: must be a regular file, got {kind}; save the template in a file")
    try:
        content = _bytes(path, MAXIMUM_BYTES)
        if len(content) > MAXIMUM_BYTES:
            raise too_large(str(path), max(len(content), path.stat().st_size))
    except OSError as problem:
        raise _unreadable(path, problem) from None
    if not content.strip():
        raise DocumentError(f"{path}: must be a template, got an empty file; name a template")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise DocumentError(
            f"{path}: must be UTF-8 text, got {problem.reason} at byte {problem.start}; name a template, saved as UTF-8"
        ) from None
    return parse_text(text, str(path))


def region_of(path: Path) -> str | None:
    """The region that a cloud assembly's manifest gives to the template."""
    region = str(_artifact(path).get("environment", "")).rpartition("/")[2]
    return None if region in ("", "unknown-region") else region


def stack_name_of(path: Path) -> str:
    """The stack that a template is for: as a cloud assembly's manifest says, or else the file's name."""
    stated = _artifact(path).get("properties", {}).get("stackName")
    return str(stated) if stated else path.name.split(".", 1)[0]


def _artifact(path: Path) -> Mapping[str, Any]:
    """What a cloud assembly's manifest says of a template."""
    manifest = path.parent / "manifest.json"
    try:
        if not manifest.is_file():
            return {}
        content = _bytes(manifest, _MAXIMUM_MANIFEST_BYTES)
        if len(content) > _MAXIMUM_MANIFEST_BYTES:
            return {}
        artifacts = json.loads(content)["artifacts"].values()
        return next((each for each in artifacts if each.get("properties", {}).get("templateFile") == path.name), {})
    except (OSError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return {}

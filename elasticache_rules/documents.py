"""Templates on disk: JSON and YAML files, folders and cloud assemblies."""

import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from elasticache_rules import assembly
from elasticache_rules.frameworks import template_of
from elasticache_rules.parsing import INSTALL, MAXIMUM_BYTES, DocumentError, LimitError, parse_text, too_large
from elasticache_rules.positions import Positions

_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
    stat.S_IFSOCK: "a socket",
}
_SUFFIXES: Final = frozenset({".json", ".yaml", ".yml", ".template"})
"""Endings of files that are templates, so that one which cannot be read is an error also in a folder."""
_NOT_DEPLOYED: Final = re.compile(r"asset\..*|node_modules|\.git|\.venv")
"""Folders with the files of others, whose form is no error."""
_SMALL_YAML: Final = 65_536
"""The size up to which a YAML file that does not name Resources is parsed, to learn whether it is broken."""
STANDARD_INPUT: Final = "-"


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed template.

    :param name: the name shown in findings.
    :param region: the region from the cloud assembly, if it specifies one.
    :param positions: the positions of its values in the file.
    """

    name: str
    content: Mapping[str, Any]
    region: str | None = None
    positions: Positions | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading several paths.

    :param documents: the templates that were read.
    :param problems: the files that could not be read.
    """

    documents: list[Document]
    problems: list[DocumentError]


def read_all(paths: Iterable[str | Path]) -> Reading:
    """Read every template in files and folders; files that cannot be read are listed as problems.

    In a cloud assembly, the templates of earlier syntheses are left out.

    :param paths: files, folders, or `-` for standard input.
    """
    documents: list[Document] = []
    problems: list[DocumentError] = []
    for path in paths:
        try:
            if not str(path):
                raise DocumentError("a path must not be empty, got ''; name a template, a folder or a cdk.out")
            if str(path) == STANDARD_INPUT:
                documents.append(_standard_input())
            else:
                documents += _read(Path(path), problems)
        except DocumentError as problem:
            problems.append(problem)
    return Reading(documents, problems)


def read(path: Path) -> Iterator[Document]:
    """The template in a file, or every template below a folder.

    :raises DocumentError: for a path that does not exist, a file that is not a template or exceeds a limit, a folder
        without a template, or one that cannot be read.
    """
    problems: list[DocumentError] = []
    yield from _read(path, problems)
    if problems:
        raise problems[0]


def _read(path: Path, problems: list[DocumentError]) -> Iterator[Document]:
    if not stat.S_ISDIR(_mode(path)):
        yield _document(str(path), _parse(path), region_of(path))
        return
    any_template, before = False, len(problems)
    for file in sorted(_files(path, problems)):
        try:
            parsed = _parse(file) if _may_be_template(file) else None
        except DocumentError as problem:
            if isinstance(problem, LimitError) or _is_meant(file, path, problem):
                problems.append(problem)
            continue
        if parsed is not None and _is_template(parsed[0]):
            any_template = True
            yield Document(str(file), parsed[0], region_of(file), parsed[1])
    if not any_template and len(problems) == before:
        raise DocumentError(f"{path}: must hold a template, got a folder without one; name another folder")


def _standard_input() -> Document:
    name = "<standard input>"
    try:
        content = sys.stdin.buffer.read(MAXIMUM_BYTES + 1)
    except (OSError, ValueError, AttributeError) as problem:
        raise _unreadable(name, problem) from None
    if len(content) > MAXIMUM_BYTES:
        raise too_large(name, len(content))
    return _document(name, _parse_bytes(content, name), None)


def _document(name: str, parsed: tuple[Any, Positions], region: str | None) -> Document:
    content, positions = parsed
    if not _is_template(content):
        raise DocumentError(f"{name}: must be a template, got a file without a Resources map; name a template")
    return Document(name, content, region, positions)


def _is_meant(file: Path, folder: Path, problem: DocumentError) -> bool:
    """Whether a file in a folder should be read, by its extension and its location."""
    inner = file.relative_to(folder).parts[:-1]
    if file.suffix not in _SUFFIXES or any(_NOT_DEPLOYED.fullmatch(part) for part in inner):
        return False
    return INSTALL not in str(problem) or _names_resources(file)


def _is_template(content: Any) -> bool:
    return isinstance(content, Mapping) and isinstance(content.get("Resources"), Mapping)


def _files(folder: Path, problems: list[DocumentError]) -> Iterator[Path]:
    """The files below a folder; links to folders are not followed, because they may form a loop."""
    folders = [folder]
    while folders:
        here = folders.pop()
        used = assembly.used_names(here)
        try:
            for entry in here.iterdir():
                if assembly.is_left_over(entry, used):
                    continue
                if not entry.is_dir():
                    yield entry
                elif not entry.is_symlink():
                    folders.append(entry)
        except OSError as problem:
            problems.append(_unreadable(here, problem))


def _may_be_template(path: Path) -> bool:
    """Whether a file in a folder may be a template: by its extension, or because it contains `Resources`."""
    try:
        status = path.stat()
    except OSError:
        return False
    if not stat.S_ISREG(status.st_mode):
        return False
    if status.st_size > MAXIMUM_BYTES:
        return path.name.endswith(".template.json")  # an asset may be larger
    if path.suffix in (".json", ".template"):
        return True
    return (path.suffix in _SUFFIXES and 0 < status.st_size <= _SMALL_YAML) or _names_resources(path)


def _names_resources(path: Path) -> bool:
    try:
        return b"Resources" in _bytes(path, MAXIMUM_BYTES)
    except OSError:
        return path.suffix in _SUFFIXES  # reading it later reports the reason


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except (OSError, ValueError) as problem:
        raise _unreadable(path, problem) from None


def _unreadable(path: Path | str, problem: Exception) -> DocumentError:
    cause = problem.strerror if isinstance(problem, OSError) else None
    return DocumentError(f"{path}: must be a readable file or folder, got {cause or problem}; check the path")


def _bytes(path: Path, most: int) -> bytes:
    """The content of a file, up to one byte more than the limit."""
    with path.open("rb") as file:
        return file.read(most + 1)


def _parse(path: Path) -> tuple[Any, Positions]:
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
    return _parse_bytes(content, str(path))


def _parse_bytes(content: bytes, name: str) -> tuple[Any, Positions]:
    if not content.strip():
        raise DocumentError(f"{name}: must be a template, got an empty file; name a template")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise DocumentError(
            f"{name}: must be UTF-8 text, got {problem.reason} at byte {problem.start}; name a template, saved as UTF-8"
        ) from None
    return template_of(*parse_text(text, name))


def region_of(path: Path) -> str | None:
    """The region of the template in the cloud assembly's manifest."""
    region = str(_artifact(path).get("environment", "")).rpartition("/")[2]
    return None if region in ("", "unknown-region") else region


def stack_name_of(path: Path) -> str:
    """The stack name of a template: from the cloud assembly's manifest, otherwise from the file name."""
    stack_name = _artifact(path).get("properties", {}).get("stackName")
    return str(stack_name) if stack_name else path.name.split(".", 1)[0]


def _artifact(path: Path) -> Mapping[str, Any]:
    """The template's artifact in the cloud assembly's manifest."""
    found = assembly.artifacts(path.parent).values()
    properties = [(artifact, artifact.get("properties")) for artifact in found]
    return next(
        (
            artifact
            for artifact, values in properties
            if isinstance(values, Mapping) and values.get("templateFile") == path.name
        ),
        {},
    )

"""Paths that are no regular file, or do not stay one: each must end in findings or in one line, without waiting."""

import json
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final
from unittest import mock

from elasticache_rules import documents
from tests.bounded import Case, report
from tests.elasticache_rules.examples import resources
from tests.elasticache_rules.fuzzing import check

_BAD: Final = json.dumps({"Resources": resources("group", {"Port": 8005})})


def _fifo(folder: Path) -> Path:
    path = folder / "fifo.json"
    os.mkfifo(path)
    return path


def _socket(folder: Path) -> Path:
    path = folder / "socket.json"
    with socket.socket(socket.AF_UNIX) as result:
        result.bind(str(path))
    return path


def _sparse(folder: Path) -> Path:
    path = folder / "sparse.template.json"
    with path.open("wb") as file:
        file.truncate(2**42)
    return path


def _loop(folder: Path) -> Path:
    path = folder / "loop.json"
    path.symlink_to(path)
    return path


def _dangling(folder: Path) -> Path:
    path = folder / "dangling.json"
    path.symlink_to(folder / "nothing")
    return path


def _long(folder: Path) -> Path:
    return folder / ("x" * 300)


PLACES: Final[dict[str, Callable[[Path], Path]]] = {
    "fifo": _fifo,
    "socket": _socket,
    "sparse file": _sparse,
    "link to itself": _loop,
    "link to nothing": _dangling,
    "name too long": _long,
    "empty folder": lambda folder: folder,
    "root's device": lambda _: Path("/dev/zero"),
    "empty device": lambda _: Path("/dev/null"),
    "full device": lambda _: Path("/dev/full"),
    "terminal": lambda _: Path("/dev/tty"),
    "standard input": lambda _: Path("/dev/stdin"),
    "process memory": lambda _: Path("/proc/self/mem"),
    "process folder": lambda _: Path("/proc/self/fdinfo"),
    "no file": lambda folder: folder / "no.json",
    "file as a folder": lambda _: Path(__file__, "template.json"),
}
IN_A_FOLDER: Final = frozenset({"fifo", "socket", "link to itself", "link to nothing"})
"""Those that a folder may hold beside a template, which is checked nevertheless."""


def _changed(folder: Path, change: Callable[[Path], object]) -> str:
    """A template that changes after it was looked at and before it is opened."""
    path = folder / "template.json"
    path.write_text(_BAD)
    read = documents._bytes

    def read_late(path: Path, most: int) -> bytes:
        change(path)
        return read(path, most)

    with mock.patch.object(documents, "_bytes", read_late):
        return check([str(path)])


def _to_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _grow(path: Path) -> None:
    os.truncate(path, 2**42)


CHANGES: Final[dict[str, Callable[[Path], object]]] = {
    "vanishes": Path.unlink,
    "becomes a folder": _to_folder,
    "grows": _grow,
    "is emptied": lambda path: os.truncate(path, 0),
}


def cases() -> Iterator[Case]:
    """All of them, alone, compared and in a folder."""

    def alone(name: str, *command: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = str(PLACES[name](Path(folder)))
            return check([*command, path, path] if command else [path])

    def beside(name: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            PLACES[name](Path(folder))
            Path(folder, "template.json").write_text(_BAD)
            return check([folder]).replace("findings", "findings in a folder")

    def changed(name: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            return _changed(Path(folder), CHANGES[name])

    for name in PLACES:
        yield name, partial(alone, name)
        yield f"{name}, compared", partial(alone, name, "compare")
    for name in sorted(IN_A_FOLDER):
        yield f"{name}, in a folder", partial(beside, name)
    for name in CHANGES:
        yield name, partial(changed, name)


if __name__ == "__main__":
    report(cases())

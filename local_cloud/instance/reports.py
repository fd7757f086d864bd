"""Copies what a program of an instance has written for people out of its sandbox, which is gone with the instance."""

import contextlib
import io
import subprocess
import tarfile
import threading
from pathlib import Path, PurePosixPath
from typing import Final

from local_cloud.instance import sandbox
from local_cloud.spawning import own_program

# Below it, each program has a folder of its own; beside them are files of the connection test.
_STATE: Final = "/var/lib/cache-client"
_KINDS: Final = (".html", ".svg", ".txt", ".json")
_LIMIT: Final = 16 * 1024 * 1024
_SECONDS: Final = 20


def collect(instance: Path, target: Path) -> list[Path]:
    """Copy the reports of an instance that lives; returns the file that shows each of them best.

    What comes out of the sandbox is the instance's own choice: only plain files of known kinds are written, each
    of them below the target.

    :param instance: its folder.
    :param target: the folder to write to.
    """
    found: dict[Path, list[Path]] = {}
    with (
        contextlib.suppress(OSError, ValueError, tarfile.TarError),
        tarfile.open(fileobj=io.BytesIO(_archive(instance))) as archive,
    ):
        for member in archive:
            path = PurePosixPath(member.name)
            content = archive.extractfile(member) if _is_report(path, member) else None
            if content is not None:
                (folder := target / path.parts[0]).mkdir(parents=True, exist_ok=True)
                (folder / path.name).write_bytes(content.read())
                found.setdefault(folder, []).append(folder / path.name)
    return [min(files, key=lambda each: (_KINDS.index(each.suffix), each.name)) for files in found.values()]


def _is_report(path: PurePosixPath, member: tarfile.TarInfo) -> bool:
    plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.sparse and member.size <= _LIMIT
    inside = len(path.parts) == 2 and not path.is_absolute() and ".." not in path.parts
    return plain and inside and path.suffix in _KINDS


def _archive(instance: Path) -> bytes:
    """What the instance packs; at most 16 MiB of it, and within 20 s."""
    words = sandbox.enter(instance, ["bash", "-c", f"cd {_STATE} && tar -c -- */"])
    with own_program():
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    timer = threading.Timer(_SECONDS, process.kill)
    timer.start()
    try:
        with process.stdout or io.BytesIO() as stream:
            return stream.read(_LIMIT)
    finally:
        timer.cancel()
        process.kill()
        process.wait()

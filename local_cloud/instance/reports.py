"""Copies the reports of an instance's programs out of its sandbox, which is deleted with the instance."""

import contextlib
import io
import subprocess
import tarfile
import threading
from pathlib import Path, PurePosixPath
from typing import Final

from local_cloud.instance import sandbox
from local_cloud.spawning import own_program

# Each program has a folder in it. The files directly in it belong to the connection test.
_STATE: Final = "/var/lib/cache-client"
_EXTENSIONS: Final = (".html", ".svg", ".txt", ".json")
_LIMIT: Final = 16 * 1024 * 1024
_SECONDS: Final = 20


def collect(instance: Path, target: Path) -> list[Path]:
    """Copy the reports of a running instance; returns the file to open for each program.

    The instance controls the content of the archive, so only regular files with known extensions are written, and only
    below the target.

    :param instance: the folder of the instance.
    :param target: the folder to write to.
    """
    reports: dict[Path, list[Path]] = {}
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
                reports.setdefault(folder, []).append(folder / path.name)
    return [min(files, key=lambda path: (_EXTENSIONS.index(path.suffix), path.name)) for files in reports.values()]


def _is_report(path: PurePosixPath, member: tarfile.TarInfo) -> bool:
    regular = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.sparse and member.size <= _LIMIT
    inside = len(path.parts) == 2 and not path.is_absolute() and ".." not in path.parts
    return regular and inside and path.suffix in _EXTENSIONS


def _archive(instance: Path) -> bytes:
    """The archive of the reports, cut at 16 MiB; the instance has 20 s to write it."""
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

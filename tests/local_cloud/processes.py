"""Which processes belong to a folder."""

import os
from pathlib import Path


def processes(folder: Path) -> dict[int, str]:
    """The command lines of what names a folder, or works in it, by process id; a server rewrites its own."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            text += f" in {(entry.parent / 'cwd').readlink()}"
        except OSError:
            continue
        if str(folder) in text and int(entry.parent.name) != os.getpid():
            found[int(entry.parent.name)] = text
    return found

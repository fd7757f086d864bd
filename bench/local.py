"""The deploy on this machine: how long `make local` and the fault matrix take, and the memory they need at most."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
_PERIOD: Final = 0.2


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a command.

    :param mebibytes: of memory at the peak, each shared page counted once (PSS), with all that it has started.
    """

    seconds: float
    mebibytes: float


def make_local() -> Cost:
    """`make local` after its set-up, from nothing to the verdict."""
    subprocess.run(["make", "local-setup"], cwd=ROOT, check=True, capture_output=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "run"
        words = ("make", f"LOCAL_FOLDER={folder}")
        try:
            return _cost([*words, "local"], folder)
        finally:
            subprocess.run([*words, "local-down"], cwd=ROOT, check=True, capture_output=True)


def fault_matrix() -> Cost:
    """`make local-faults` after its set-up."""
    subprocess.run(["make", "setup"], cwd=ROOT, check=True, capture_output=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "run"
        return _cost(["make", f"LOCAL_FOLDER={folder}", "local-faults"], folder)


def _cost(words: Sequence[str], folder: Path) -> Cost:
    """Run a command and watch what it needs.

    :param folder: that its servers work in, or that begins with this name.
    :raises RuntimeError: when the command fails, with what it said.
    """
    peak, done = [0.0], threading.Event()
    started = time.monotonic()
    process = subprocess.Popen(
        words,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    def watch() -> None:
        while not done.wait(_PERIOD):
            peak[0] = max(peak[0], sum(map(_pss, _family(process.pid, folder))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    said, _ = process.communicate()
    took = time.monotonic() - started
    done.set()
    watcher.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)} must succeed, and did not: {said[-2000:]}")
    return Cost(took, peak[0] / 1024)


def _family(pid: int, folder: Path) -> set[int]:
    """A process, its descendants, and whatever names its folder or works there, with their descendants."""
    parents, found = {}, {pid}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            number = int(entry.name)
            parents[number] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            told = (entry / "cmdline").read_bytes().decode(errors="replace") + str((entry / "cwd").readlink())
            if str(folder) in told:
                found.add(number)
        except OSError:
            continue
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()}


def _pss(pid: int) -> int:
    """Its memory in KiB; 0 when it is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)

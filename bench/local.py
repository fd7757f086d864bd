"""Measures the duration and the peak memory of `make local` and of the fault matrix."""

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
    """The duration and the memory of a command.

    :param mebibytes: peak memory (PSS) of the command and all processes that it started.
    """

    seconds: float
    mebibytes: float


def make_local(deployment: str = "cluster-mode-disabled") -> Cost:
    """Measure `make local` after its set-up, from the start of the emulator to the verdict.

    :param deployment: the deployment.
    """
    subprocess.run(["make", "local-setup"], cwd=ROOT, check=True, capture_output=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "run"
        words = ("make", f"LOCAL_FOLDER={folder}")
        try:
            return _cost([*words, f"DEPLOYMENT={deployment}", "local"], folder)
        finally:
            subprocess.run([*words, "local-down"], cwd=ROOT, check=True, capture_output=True)


def fault_matrix() -> Cost:
    """Measure `make local-faults` after its set-up."""
    subprocess.run(["make", "setup"], cwd=ROOT, check=True, capture_output=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "run"
        return _cost(["make", f"LOCAL_FOLDER={folder}", "local-faults"], folder)


def _cost(words: Sequence[str], folder: Path) -> Cost:
    """Run a command and measure it.

    :param folder: the folder of its servers, or a prefix of the folder's path.
    :raises RuntimeError: when the command fails, with its output.
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
            peak[0] = max(peak[0], sum(map(_pss, _processes(process.pid, folder))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, _ = process.communicate()
    duration = time.monotonic() - started
    done.set()
    watcher.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)} failed: {output[-2000:]}")
    return Cost(duration, peak[0] / 1024)


def _processes(pid: int, folder: Path) -> set[int]:
    """A process and the processes that name its folder or work there, with their descendants."""
    parents, pids = {}, {pid}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            number = int(entry.name)
            parents[number] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            names = (entry / "cmdline").read_bytes().decode(errors="replace") + str((entry / "cwd").readlink())
            if str(folder) in names:
                pids.add(number)
        except OSError:
            continue
    while more := {child for child, parent in parents.items() if parent in pids} - pids:
        pids |= more
    return pids - {os.getpid()}


def _pss(pid: int) -> int:
    """The memory of a process in KiB; 0 when it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)

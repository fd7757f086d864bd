"""Cases that run in a process of their own, within bounds on time and memory."""

import json
import os
import resource
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_LIMIT = "TEST_ADDRESS_SPACE_MIB"
Case = tuple[str, Callable[[], str]]
"""A name, and a function that runs the case and returns its outcome; it raises when the case fails."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the cases of one process did.

    :param outcomes: how many cases had each outcome.
    :param failures: the name and the traceback of each case that raised.
    :param slowest: seconds of the slowest case; CPU time of the process, or wall time where another process works.
    :param slowest_case: its name.
    :param peak_mib: the highest memory use of the process, or of a process that it started, in MiB.
    """

    outcomes: dict[str, int]
    failures: list[str]
    slowest: float
    slowest_case: str
    peak_mib: float


def run_cases(module: str, *words: str, seconds: float, address_space_mib: int | None = None) -> Result:
    """Run a module that calls `report`, and fail when it does not end within the bounds.

    :param seconds: wall time after which the process is killed and the test fails.
    :param address_space_mib: beyond it, the process gets a MemoryError. Default: no limit, for a module that starts
        Node, which reserves more than it uses.
    """
    limit = {} if address_space_mib is None else {_LIMIT: str(address_space_mib)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=_ROOT,
            env={**os.environ, **limit},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as problem:
        started = (problem.stderr or b"").decode(errors="replace").splitlines()
        pytest.fail(f"{module} did not end within {seconds} s, in the case {started[-1] if started else 'before all'}")
    errors = done.stderr.decode(errors="replace")
    if done.returncode != 0:
        pytest.fail(f"{module} ended with status {done.returncode}, after: {errors[-2000:]}")
    return Result(**json.loads(done.stdout))


def report(cases: Iterable[Case], *, clock: Callable[[], float] = time.process_time) -> None:
    """Run the cases and print their result for `run_cases`.

    :param clock: wall time where another process does the work. Default: CPU time, the same on a busy machine.
    """
    if _LIMIT in os.environ:
        most = int(os.environ[_LIMIT]) * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    outcomes: Counter[str] = Counter()
    failures: list[str] = []
    slowest, slowest_case = 0.0, ""
    for name, run in cases:
        sys.stderr.write(f"{name}\n")
        sys.stderr.flush()
        start = clock()
        try:
            outcomes[run()] += 1
        except BaseException:
            failures.append(f"{name}: {traceback.format_exc(limit=-6)}"[-3000:])
        slowest, slowest_case = max((slowest, slowest_case), (clock() - start, name))
    found = Result(dict(outcomes), failures[:10], slowest, slowest_case, _peak_mib())
    json.dump(asdict(found), sys.stdout)


def _peak_mib() -> float:
    """The peak of this process and of its direct children, from the kernel.

    `getrusage` is of no use: it counts what the parent of this process used before it started the program.
    """
    own = Path("/proc/self/task", str(os.getpid()), "children").read_text().split()
    peaks = []
    for each in ("self", *own):
        status = Path("/proc", each, "status").read_text()
        peaks += [int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:")]
    return max(peaks)

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
"""The name of a case, and a function that runs it and returns its outcome, or raises an exception when it fails."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of the cases of one process.

    :param outcomes: the number of cases by outcome.
    :param failures: the name and the traceback of each case that raised.
    :param slowest: seconds of the slowest case; CPU time of the process, or wall time if another process does the work.
    :param slowest_case: its name.
    :param peak_mib: the highest memory use of the process, or of a process that it started, in MiB.
    """

    outcomes: dict[str, int]
    failures: list[str]
    slowest: float
    slowest_case: str
    peak_mib: float


def run_cases(module: str, *words: str, seconds: float, address_space_mib: int | None = None) -> Result:
    """Run a module that calls `report`, and fail the test when it exceeds the bounds.

    :param seconds: wall time after which the process is killed and the test fails.
    :param address_space_mib: the address space above which the process gets a MemoryError. Default: no limit, for a
        module that starts Node, which reserves more than it uses.
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

    :param clock: wall time if another process does the work. Default: CPU time, which does not depend on other load.
    """
    if _LIMIT in os.environ:
        limit = int(os.environ[_LIMIT]) * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
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
    result = Result(dict(outcomes), failures[:10], slowest, slowest_case, _peak_mib())
    json.dump(asdict(result), sys.stdout)


def _peak_mib() -> float:
    """The peak memory of this process and of its direct children, from the kernel.

    `getrusage` is not suitable: it includes the memory of the parent before it started the program.
    """
    own = Path("/proc/self/task", str(os.getpid()), "children").read_text().split()
    peaks = []
    for process in ("self", *own):
        status = Path("/proc", process, "status").read_text()
        peaks += [int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:")]
    return max(peaks)

"""The helper that reads what is left of an output."""

import subprocess
import sys
import time

import pytest

from tests.outputs import rest_of

_LINES = "import sys; print('first'); print('second'); print('third'); print('error', file=sys.stderr)"


def start(code: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-I", "-c", code]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_lines_that_were_read_ahead_are_not_lost() -> None:
    process = start(_LINES)
    assert process.stdout is not None
    assert process.stdout.readline() == "first\n"
    assert rest_of(process, 30) == ("second\nthird\n", "error\n")
    assert process.returncode == 0


def test_a_process_that_does_not_end_is_killed() -> None:
    process = start("import time; time.sleep(60)")
    started = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        rest_of(process, 0.2)
    assert process.returncode is not None
    assert time.monotonic() - started < 30

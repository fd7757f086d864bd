"""One command at a time in a run's folder."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_cloud import lock
from tests.conftest import ROOT

pytestmark = pytest.mark.servers

_HOLD = """
import signal, sys, time
from pathlib import Path
from local_cloud.lock import exclusive
if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
with exclusive(Path(sys.argv[1]), print):
    print("holds", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts a process that holds the lock of `tmp_path / "run"`."""
    started = []

    def start(kind: str = "") -> subprocess.Popen[str]:
        command = [sys.executable, "-c", _HOLD, str(tmp_path / "run"), kind]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "holds\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_free_lock_has_no_holder(tmp_path: Path) -> None:
    assert lock.holder(tmp_path / "run") is None
    with lock.exclusive(tmp_path / "run", print):
        pass
    assert lock.holder(tmp_path / "run") is None
    assert (tmp_path / "run.lock").stat().st_mode & 0o777 == 0o600


def test_another_command_waits_until_the_first_one_has_ended(
    tmp_path: Path, hold: Callable[[], subprocess.Popen[str]]
) -> None:
    first, lines = hold(), []
    assert lock.holder(tmp_path / "run") == first.pid

    def write_line(line: str) -> None:
        lines.append(line)
        # The kernel releases the lock of a process that is killed.
        first.kill()
        first.wait()

    with lock.exclusive(tmp_path / "run", write_line):
        assert lines == [f"waiting for process {first.pid}, which uses {tmp_path / 'run'}"]
        assert lock.holder(tmp_path / "run") is not None


def test_another_folder_has_another_lock(tmp_path: Path, hold: Callable[[], subprocess.Popen[str]]) -> None:
    hold()
    lines: list[str] = []
    with lock.exclusive(tmp_path / "other", lines.append):
        assert lines == []
    assert lock.holder(tmp_path / "other") is None


@pytest.mark.parametrize(("kind", "number"), [("", signal.SIGINT), ("stubborn", signal.SIGKILL)])
def test_the_holder_is_ended(
    tmp_path: Path,
    hold: Callable[[str], subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    number: signal.Signals,
) -> None:
    monkeypatch.setattr(lock, "_TIMEOUT", 2.0)
    process, lines = hold(kind), list[str]()
    began = time.monotonic()
    lock.interrupt_holder(tmp_path / "run", lines.append)
    assert process.wait(5) == -number
    assert (time.monotonic() - began > 2) == bool(kind)
    assert lines == [f"ending process {process.pid}, which uses {tmp_path / 'run'}"] * (2 if kind else 1)
    assert lock.holder(tmp_path / "run") is None


def test_no_process_is_ended_without_another_holder(tmp_path: Path) -> None:
    lines: list[str] = []
    lock.interrupt_holder(tmp_path / "run", lines.append)
    with lock.exclusive(tmp_path / "run", lines.append):
        # The current process is not ended.
        lock.interrupt_holder(tmp_path / "run", lines.append)
    assert lines == []

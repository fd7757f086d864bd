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
from local_cloud.lock import only_one
if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
with only_one(Path(sys.argv[1]), print):
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


def test_nobody_holds_it(tmp_path: Path) -> None:
    assert lock.holder(tmp_path / "run") is None
    with lock.only_one(tmp_path / "run", print):
        pass
    assert lock.holder(tmp_path / "run") is None
    assert (tmp_path / "run.lock").stat().st_mode & 0o777 == 0o600


def test_another_command_waits_until_the_first_one_has_ended(
    tmp_path: Path, hold: Callable[[], subprocess.Popen[str]]
) -> None:
    first, said = hold(), []
    assert lock.holder(tmp_path / "run") == first.pid

    def say(line: str) -> None:
        said.append(line)
        # The operating system releases the lock of a process that is killed.
        first.kill()
        first.wait()

    with lock.only_one(tmp_path / "run", say):
        assert said == [f"waiting for process {first.pid}, which works in {tmp_path / 'run'}"]
        assert lock.holder(tmp_path / "run") is not None


def test_another_folder_has_another_lock(tmp_path: Path, hold: Callable[[], subprocess.Popen[str]]) -> None:
    hold()
    said: list[str] = []
    with lock.only_one(tmp_path / "other", said.append):
        assert said == []
    assert lock.holder(tmp_path / "other") is None


@pytest.mark.parametrize(("kind", "number"), [("", signal.SIGINT), ("stubborn", signal.SIGKILL)])
def test_the_holder_is_ended(
    tmp_path: Path,
    hold: Callable[[str], subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    number: signal.Signals,
) -> None:
    monkeypatch.setattr(lock, "_PATIENCE", 2.0)
    process, said = hold(kind), list[str]()
    began = time.monotonic()
    lock.interrupt_holder(tmp_path / "run", said.append)
    assert process.wait(5) == -number
    assert (time.monotonic() - began > 2) == bool(kind)
    assert said == [f"ending process {process.pid}, which works in {tmp_path / 'run'}"] * (2 if kind else 1)
    assert lock.holder(tmp_path / "run") is None


def test_no_holder_is_nothing_to_end(tmp_path: Path) -> None:
    said: list[str] = []
    lock.interrupt_holder(tmp_path / "run", said.append)
    with lock.only_one(tmp_path / "run", said.append):
        # Its own process it does not end.
        lock.interrupt_holder(tmp_path / "run", said.append)
    assert said == []

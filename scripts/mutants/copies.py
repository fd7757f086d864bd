"""Copies of the checkout in which mutants are tested, one for each process."""

import compileall
import os
import py_compile
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.mutants import recorder
from scripts.mutants.sessions import ROOT, Change

_SECONDS: Final = 240
"""How long the tests of one mutant may take; one that takes longer hangs, and counts as killed."""
_SECONDS_OF_A_TEST: Final = 60
_LINKED: Final = (".venv", "node_modules", ".tools")
_FAILED, _INTERRUPTED = 1, 2
"""Pytest's exit statuses for a test that failed, and for a module that cannot be imported."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant.

    :param test: the test that failed; empty where none did, or the tests did not end.
    """

    change: Change
    killed: bool
    test: str = ""


class Copy:
    """A checkout of its own, whose modules are changed one at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._failed = folder.with_name(f"{folder.name}.failed")
        copy_checkout(folder)
        # Compared by content, because a mutant can have the size and the time of the module that it replaces.
        mode = py_compile.PycInvalidationMode.CHECKED_HASH
        compileall.compile_dir(folder, quiet=1, rx=_Installed(), invalidation_mode=mode)

    def outcome(self, change: Change, tests: Sequence[str]) -> Outcome:
        """Run the tests with a change."""
        module = self.folder / change.mutant.module
        before = module.read_text()
        module.write_text(change.source)
        try:
            status = self._run(tests)
        finally:
            module.write_text(before)
        if status not in (0, _FAILED, _INTERRUPTED, None):
            raise RuntimeError(f"pytest ended with the status {status} for {change.mutant}")
        failed = self._failed.read_text().splitlines()
        return Outcome(change, status != 0, failed[0] if failed else "")

    def check(self, tests: Sequence[str]) -> None:
        """Refuse tests that fail without a mutant, because they would kill all of them."""
        if tests and self._run(tests) != 0:
            failed = self._failed.read_text() or "they do not end"
            raise RuntimeError(f"these tests fail without a mutant:\n{failed}")

    def _run(self, tests: Sequence[str]) -> int | None:
        """Pytest's exit status; None for tests that do not end."""
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", recorder.__name__]
        options += ["-m", "not cli and not slow", "--timeout", str(_SECONDS_OF_A_TEST)]
        self._failed.write_text("")
        # Python writes no bytecode, which would be that of the mutant.
        environment = {
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(self.folder),
            recorder.VARIABLE: str(self._failed),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *tests, *options],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None


class _Installed:
    """Leaves out what is linked, for compileall."""

    def search(self, path: str) -> bool:
        return any(name in Path(path).parts for name in _LINKED)


def copy_checkout(target: Path) -> None:
    """Copy the files of the checkout, changed and new ones as well; what is installed is linked."""
    shutil.rmtree(target, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        source = ROOT / name
        if source.is_file() and not source.is_symlink():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    for name in _LINKED:
        if (ROOT / name).exists():
            os.symlink((ROOT / name).resolve(), target / name)

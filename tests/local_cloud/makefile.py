"""The Makefile's targets for the local cloud, as a user runs them."""

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.cache_servers import isolated_environment
from tests.conftest import ROOT


class Make:
    """Runs the Makefile's targets with a separate folder for the run.

    :param more: environment variables in addition to this process's.
    """

    def __init__(self, folder: Path, more: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.environment = {
            **isolated_environment(),
            "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
            **(more or {}),
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a target in a new process group."""
        return subprocess.Popen(
            ["make", f"LOCAL_FOLDER={self.folder}", *words],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a target to its end."""
        process = self.start(*words)
        output, _ = process.communicate(timeout=240)
        return subprocess.CompletedProcess(words, process.returncode, output, "")

    def until(self, text: str, *words: str) -> subprocess.Popen[str]:
        """Start a target, and return when it has printed a text."""
        process = self.start(*words)
        assert process.stdout is not None
        read = ""
        for line in process.stdout:
            read += line
            if text in line:
                return process
        raise AssertionError(f"{text!r} was not printed:\n{read}")


def end(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """Signal a target's process group, and return the output until it ends."""
    os.killpg(process.pid, number)
    output, _ = process.communicate(timeout=30)
    return output

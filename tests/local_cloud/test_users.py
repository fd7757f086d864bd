"""The attacks of `test_attacker.py` as another user: as an ordinary user if this one is root, else as root."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cache_servers import isolated_environment
from tests.conftest import ROOT

pytestmark = [pytest.mark.servers, pytest.mark.slow]
_NOBODY = 65534


def test_the_attacks_as_another_user(tmp_path: Path) -> None:
    """Runs in a user namespace, where the other user owns this user's files and has no capability outside."""
    root = os.geteuid() == 0
    other = [f"--map-user={_NOBODY}", f"--map-group={_NOBODY}"] if root else ["--map-root-user"]
    program = "import os, sys, pytest; print('as', os.geteuid()); sys.exit(pytest.main(sys.argv[1:]))"
    done = subprocess.run(
        [
            *("unshare", "--user", *other, sys.executable, "-c", program),
            *(
                "-q",
                "-p",
                "no:cacheprovider",
                f"--basetemp={tmp_path / 'attacks'}",
                "tests/local_cloud/test_attacker.py",
            ),
        ],
        cwd=ROOT,
        env=isolated_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith(f"as {_NOBODY if root else 0}\n")
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout

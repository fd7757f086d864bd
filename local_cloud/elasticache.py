"""The command `elasticache` with the caches of a run."""

import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from local_cloud.session import LocalCloudError, Session

# Options of drills that name a client.
_CLIENTS: Final = frozenset({"--instance", "--watch-command", "--client-shell"})


def run(session: Session, words: Sequence[str]) -> int:
    """Run a subcommand with the environment of the run; returns its exit status."""
    command = [sys.executable, "-m", "elasticache_operations", *words]
    return subprocess.run(command, env=session.whole_environment, check=False).returncode


def drill(session: Session, words: Sequence[str]) -> int:
    """Run a drill, with the newest cache and the newest instance where none is given; returns its exit status.

    :param words: the drill and its options. Default: `failover`.
    :raises LocalCloudError: when no cache is running.
    """
    name, *rest = words or ["failover"]
    caches, instances = session.caches(), session.instances()
    if not rest or rest[0].startswith("-"):
        if not caches:
            raise LocalCloudError("no cache is running; run 'make local'")
        rest.insert(0, caches[-1])
    if "--run" in rest and instances and not _CLIENTS.intersection(rest):
        rest += ["--instance", instances[-1].name]
    return run(session, ["drill", name, *rest])

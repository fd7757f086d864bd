"""The options with which bubblewrap isolates an instance, and a check that they work on this machine."""

import subprocess
from pathlib import Path
from typing import Final

# Separate namespaces, no capability, and no further user namespace that would give one.
ISOLATION: Final = (
    *("--unshare-user", "--disable-userns", "--uid", "0", "--gid", "0", "--cap-drop", "ALL"),
    *("--unshare-net", "--unshare-pid", "--unshare-uts", "--unshare-ipc", "--unshare-cgroup-try"),
    *("--die-with-parent", "--clearenv"),
)


def isolation_error(bwrap: Path) -> str:
    """The error of bubblewrap when it cannot isolate an instance on this machine; empty when it can."""
    command = [str(bwrap), *ISOLATION, "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stderr.strip() or f"status {done.returncode}") if done.returncode else ""

"""How bubblewrap isolates an instance, and whether it can on this machine."""

import subprocess
from pathlib import Path
from typing import Final

# Namespaces of its own, no capability, and no way to gain one by another user namespace.
ISOLATION: Final = (
    *("--unshare-user", "--disable-userns", "--uid", "0", "--gid", "0", "--cap-drop", "ALL"),
    *("--unshare-net", "--unshare-pid", "--unshare-uts", "--unshare-ipc", "--unshare-cgroup-try"),
    *("--die-with-parent", "--clearenv"),
)


def obstacle(bwrap: Path) -> str:
    """What bubblewrap says where it cannot isolate an instance on this machine; empty where it can."""
    command = [str(bwrap), *ISOLATION, "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stderr.strip() or f"status {done.returncode}") if done.returncode else ""

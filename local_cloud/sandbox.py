"""The instance: its user data, run by bash in namespaces of its own, where only what its rules admit can be reached."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cloud import relay, stand_ins

_RELAY: Final = Path(relay.__file__)
_SCRIPT: Final = """
mkdir -p /var/log /var/lib /opt
{python} {relay} /run/local/plan.json > /run/local/ready &
relay=$!
for _ in $(seq 200); do [ -s /run/local/ready ] && break; sleep 0.02; done
bash /run/local/user-data > /run/local/console 2>&1
kill $relay
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """What an instance can reach.

    :param hosts: addresses by name.
    :param reached: what answers.
    :param dropped: what its rules, or the other side's, do not admit.
    """

    hosts: Mapping[str, str]
    reached: Sequence[relay.Address]
    dropped: Sequence[relay.Address]


def launch(
    folder: Path,
    bwrap: Path,
    *,
    instance_id: str,
    user_data: str,
    wall: Wall,
    environment: Mapping[str, str],
    client: Path,
    shown: Sequence[Path] = (),
) -> subprocess.Popen[bytes]:
    """Start the instance.

    :param folder: of its own; the console and the report are kept there.
    :param client: the command-line client that `dnf` installs.
    :param shown: what it can read besides the machine's own programs.
    """
    inside = folder / "inside"
    inside.mkdir(parents=True)
    programs = stand_ins.write(folder / "bin", client)
    (folder / "hosts").write_text(
        "127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for name, address in wall.hosts.items())
    )
    (folder / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")
    (inside / "user-data").write_text(user_data)
    (inside / "plan.json").write_text(
        json.dumps({"wall": "/run/local/wall", "reached": list(wall.reached), "dropped": list(wall.dropped)})
    )
    kept = sorted({sys.prefix, sys.base_prefix, str(client.parent.parent), *map(str, shown)})
    listener = relay.serve(inside / "wall", wall.reached)
    command = [
        *(str(bwrap), "--unshare-user", "--uid", "0", "--gid", "0", "--unshare-net", "--unshare-pid"),
        *("--unshare-uts", "--unshare-ipc", "--hostname", instance_id, "--die-with-parent", "--clearenv"),
        *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/etc"),
        *("--ro-bind", "/etc/passwd", "/etc/passwd", "--ro-bind", str(folder / "hosts"), "/etc/hosts"),
        *("--ro-bind", str(folder / "nsswitch.conf"), "/etc/nsswitch.conf"),
        *("--tmpfs", "/var/lib", "--tmpfs", "/var/log", "--tmpfs", "/opt", "--tmpfs", "/usr/local/bin"),
        *("--tmpfs", "/run", "--bind", str(inside), "/run/local", "--ro-bind", str(programs), str(programs)),
        *("--ro-bind", str(_RELAY), "/run/relay.py"),
        # What lies below a folder that is empty inside, such as /tmp, is put back.
        *(word for path in kept for word in ("--ro-bind", path, path)),
        *(word for pair in _variables(environment, programs).items() for word in ("--setenv", *pair)),
        *("bash", "-c", _SCRIPT.format(python=sys.executable, relay="/run/relay.py")),
    ]
    with (folder / "sandbox.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    # Kept for as long as the process object is.
    process.listener = listener  # type: ignore[attr-defined]
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    """End an instance, with everything that it has started."""
    # Not polled before, so that the number is still its own; bubblewrap's inner process can outlive the outer one.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _variables(environment: Mapping[str, str], programs: Path) -> dict[str, str]:
    return {**environment, "PATH": stand_ins.search_path(programs), "LANG": os.environ.get("LANG", "C.UTF-8")}

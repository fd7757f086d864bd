"""The instance: its user data, run by bash in namespaces of its own, where only what its rules admit can be reached."""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cloud.instance import relay, stand_ins

# What user data writes to, or what must not be seen.
_EMPTY: Final = ("/tmp", "/etc", "/var/lib", "/var/log", "/opt", "/usr/local/bin", "/run")
# One thread that does not end: a sandbox dies with the thread that has started it.
_LAUNCHER: Final = ThreadPoolExecutor(1)
_RELAY: Final = Path(relay.__file__)
# What the user data starts lives on after it, as it does on an instance.
_SCRIPT: Final = """
mkdir -p /var/log /var/lib /opt
{python} {relay} /run/local/plan.json > /run/local/ready &
relay=$!
for _ in $(seq 200); do [ -s /run/local/ready ] && break; sleep 0.02; done
bash /run/local/user-data > /run/local/console 2>&1
echo $? > /run/local/ended
wait $relay
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """What an instance can reach.

    :param hosts: addresses by name.
    :param reached: what stands behind each address inside.
    :param dropped: what its rules, or the other side's, do not admit.
    """

    hosts: Mapping[str, str]
    reached: dict[relay.Address, relay.Address]
    dropped: list[relay.Address]


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

    :param folder: of its own; the console is kept there.
    :param client: the command-line client that `dnf` installs.
    :param shown: what it can read besides the machine's own programs.
    """
    inside = folder / "inside"
    inside.mkdir(parents=True)
    programs = stand_ins.write(folder / "bin", client)
    tell(folder, wall)
    (folder / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")
    (inside / "user-data").write_text(user_data)
    variables = {**environment, "PATH": stand_ins.search_path(programs), "LANG": os.environ.get("LANG", "C.UTF-8")}
    python = Path(sys.executable)
    kept = _below_empty({Path(sys.prefix), python.resolve(), client, client.resolve(), *shown})
    listener = relay.serve(inside / "wall", wall.reached)
    known, told = os.pipe()
    command = [
        *(str(bwrap), "--unshare-user", "--uid", "0", "--gid", "0", "--unshare-net", "--unshare-pid"),
        *("--unshare-uts", "--unshare-ipc", "--hostname", instance_id, "--die-with-parent", "--clearenv"),
        *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
        *(word for path in _EMPTY for word in ("--tmpfs", path)),
        *("--ro-bind", "/etc/passwd", "/etc/passwd", "--ro-bind", str(folder / "hosts"), "/etc/hosts"),
        *("--ro-bind", str(folder / "nsswitch.conf"), "/etc/nsswitch.conf"),
        *("--bind", str(inside), "/run/local", "--ro-bind", str(programs), str(programs)),
        *("--ro-bind", str(_RELAY), "/run/relay.py", "--info-fd", str(told)),
        *(word for path in kept for word in ("--ro-bind", path, path)),
        *(word for pair in variables.items() for word in ("--setenv", *pair)),
        *("bash", "-c", _SCRIPT.format(python=sys.executable, relay="/run/relay.py")),
    ]
    with (folder / "sandbox.log").open("wb") as log:
        process = _LAUNCHER.submit(
            subprocess.Popen[bytes],
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(told,),
        ).result()
    os.close(told)
    with os.fdopen(known) as answer:
        pid = json.loads(answer.read() or "{}").get("child-pid", 0)
    (folder / "enter.json").write_text(json.dumps({"pid": pid, "environment": variables}))
    # Kept for as long as the process object is.
    process.listener = listener  # type: ignore[attr-defined]
    return process


def _below_empty(paths: Iterable[Path]) -> list[str]:
    """Those that have to be put back, because they lie below a folder that is empty inside."""
    return sorted(str(path) for path in paths if any(path.is_relative_to(each) for each in _EMPTY))


def tell(folder: Path, wall: Wall) -> None:
    """Tell an instance what it can reach now, and what names stand for."""
    plan = folder / "inside" / "plan.json"
    new = plan.with_suffix(".new")
    new.write_text(json.dumps({"reached": list(wall.reached), "dropped": list(wall.dropped)}))
    new.replace(plan)
    # The same file, as it is seen from inside.
    text = "127.0.0.1 localhost\n" + "".join(f"{address} {each}\n" for each, address in wall.hosts.items())
    file = os.open(folder / "hosts", os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        # At no time is it empty.
        os.pwrite(file, text.encode(), 0)
        os.ftruncate(file, len(text.encode()))
    finally:
        os.close(file)


def enter(folder: Path, words: Sequence[str]) -> list[str]:
    """The command that runs another one beside the user data of an instance."""
    known = json.loads((folder / "enter.json").read_text())
    variables = [f"{key}={value}" for key, value in known["environment"].items()]
    inside = f"cd /root 2>/dev/null || cd /; exec {shlex.join(words)}"
    namespaces = ("--user", "--mount", "--net", "--pid", "--uts", "--ipc", "--preserve-credentials")
    return [
        *("nsenter", "--target", str(known["pid"]), *namespaces),
        *("env", "-i", *variables, f"TERM={os.environ.get('TERM', 'dumb')}", "bash", "-c", inside),
    ]


def end(process: subprocess.Popen[bytes]) -> None:
    """End an instance, with everything that it has started."""
    # Not polled before, so that the number is still its own; bubblewrap's inner process can outlive the outer one.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

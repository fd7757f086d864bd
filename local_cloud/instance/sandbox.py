"""The instance: its user data, run by bash in namespaces of its own, with nothing of this machine but programs."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cloud.instance import entering, relay, stand_ins
from local_cloud.isolation import ISOLATION
from local_cloud.spawning import own_program

# Writable inside, in memory, and gone with the instance.
_WRITABLE: Final = ("/tmp", "/etc", "/var", "/opt", "/run", "/usr/local/bin")
_WRITABLE_BYTES: Final = 64 * 1024 * 1024
# Links to folders of /usr, or folders of their own.
_SYSTEM: Final = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin")
# What programs of /usr are found by.
_LOOKUPS: Final = ("/etc/alternatives", "/etc/ld.so.cache")
_SHOWN: Final = "/run/local"
_SECONDS_TO_END: Final = 5.0
# One thread that does not end: a sandbox dies with the thread that has started it.
_LAUNCHER: Final = ThreadPoolExecutor(1)
_RELAY: Final = Path(relay.__file__)
_ENTERING: Final = Path(entering.__file__)
# The console is bounded; what the user data starts lives on after it, as it does on an instance.
_SCRIPT: Final = """
ulimit -f 65536
mkdir -p /var/log /var/lib /var/tmp
{python} /run/relay.py {shown}/plan.json > /run/ready &
relay=$!
for _ in $(seq 200); do [ -s /run/ready ] && break; sleep 0.02; done
bash {shown}/user-data 2>&1 {ended}>&-
echo $? >&{ended}
exec {ended}>&-
wait $relay
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """What an instance can reach.

    :param hosts: addresses by name.
    :param reached: what is behind each address inside.
    :param dropped: what its rules, or the other side's, do not admit.
    """

    hosts: Mapping[str, str]
    reached: dict[relay.Address, relay.Target]
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

    :param folder: of its own; what the user data prints is in `console`, and its exit status in `ended`.
    :param client: the command-line client that `dnf` installs.
    :param shown: files and folders that it can read besides the programs of /usr.
    """
    (inside := folder / "shown").mkdir(parents=True)
    programs = stand_ins.write(folder / "bin", client)
    tell(folder, wall)
    (inside / "user-data").write_text(user_data)
    listener = relay.serve(inside / "wall", wall.reached)
    variables = {**environment, "PATH": stand_ins.search_path(programs), "LANG": "C.UTF-8"}
    visible = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve(), client, client.resolve()]
    known, told = os.pipe()
    with contextlib.ExitStack() as files:
        console, log, ended = (
            files.enter_context((folder / name).open("ab")) for name in ("console", "sandbox.log", "ended")
        )
        script = _SCRIPT.format(python=sys.executable, shown=_SHOWN, ended=ended.fileno())
        command = [
            *(str(bwrap), *ISOLATION, "--hostname", instance_id, "--info-fd", str(told)),
            *_mounts(folder, [*visible, *shown, programs]),
            *(word for pair in variables.items() for word in ("--setenv", *pair)),
            *("bash", "-c", script),
        ]
        process = _LAUNCHER.submit(_start, command, console.fileno(), log.fileno(), (told, ended.fileno())).result()
    os.close(told)
    with os.fdopen(known) as answer:
        pid = json.loads(answer.read() or "{}").get("child-pid", 0)
    (folder / "enter.json").write_text(json.dumps({"pid": pid, "environment": variables}))
    # Kept for as long as the process object is: the relay's outer side, and the first process inside.
    process.listener, process.inner = listener, pid  # type: ignore[attr-defined]
    return process


def _start(command: Sequence[str], console: int, log: int, passed: Sequence[int]) -> subprocess.Popen[bytes]:
    with own_program():
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=console, stderr=log, start_new_session=True, pass_fds=passed
        )


def _mounts(folder: Path, visible: Sequence[Path]) -> list[str]:
    """The file system inside: empty, but for programs and for the instance's own files, all of them read-only."""
    words = ["--ro-bind", "/usr", "/usr", "--dev", "/dev", "--proc", "/proc"]
    for name in _SYSTEM:
        if Path(name).is_symlink():
            words += ["--symlink", os.readlink(name), name]
        else:
            words += ["--ro-bind-try", name, name]
    for name in _WRITABLE:
        words += ["--size", str(_WRITABLE_BYTES), "--tmpfs", name]
    for name in _LOOKUPS:
        words += ["--ro-bind-try", name, name]
    for name, text in {
        "passwd": "root:x:0:0:root:/:/bin/bash\n",
        "group": "root:x:0:\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    }.items():
        (folder / name).write_text(text)
    for name in ("hosts", "passwd", "group", "nsswitch.conf"):
        words += ["--ro-bind", str(folder / name), f"/etc/{name}"]
    hidden = ("/usr/local/bin", *(name for name in _WRITABLE if not name.startswith("/usr")))
    for path in dict.fromkeys(map(str, visible)):
        # What /usr has is there already, unless it is below a folder that is empty inside.
        below_usr = Path(path).is_relative_to("/usr")
        if path != "/" and (not below_usr or any(Path(path).is_relative_to(each) for each in hidden)):
            words += ["--ro-bind", path, path]
    return [
        *words,
        *("--ro-bind", str(folder / "shown"), _SHOWN, "--ro-bind", str(_RELAY), "/run/relay.py"),
        # The kernel's settings in /proc/sys can be written by the host's root, who may have started this.
        *("--remount-ro", "/proc", "--remount-ro", "/", "--chdir", "/"),
    ]


def tell(folder: Path, wall: Wall) -> None:
    """Tell an instance what it can reach now, and what names stand for."""
    plan = folder / "shown" / "plan.json"
    new = folder / "plan.new"
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
    """The command that runs another one beside the user data of an instance, as confined as that is."""
    known = json.loads((folder / "enter.json").read_text())
    variables = [f"{key}={value}" for key, value in known["environment"].items()]
    return [
        *(sys.executable, str(_ENTERING), str(known["pid"])),
        *("/usr/bin/env", "-i", *variables, f"TERM={os.environ.get('TERM', 'dumb')}", *words),
    ]


def run_in(folder: Path, words: Sequence[str]) -> int:
    """Run a command in an instance; returns its exit status. A terminal of its own stands between it and this one."""
    command = enter(folder, words)
    if sys.stdin.isatty():
        return os.waitstatus_to_exitcode(pty.spawn(command))
    return subprocess.run(command, check=False).returncode


def end(process: subprocess.Popen[bytes]) -> None:
    """End an instance, with everything that it has started."""
    # Not polled before, so that the number is still its own; bubblewrap's inner processes can outlive the outer one.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    until = time.monotonic() + _SECONDS_TO_END
    while _lives(process.inner) and time.monotonic() < until:  # type: ignore[attr-defined]
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    """Whether a process is there, and not only its exit status for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

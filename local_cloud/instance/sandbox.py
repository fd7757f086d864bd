"""Runs the user data of an instance with bash in separate namespaces, with no files of this machine except programs."""

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

from local_cloud.instance import entering, relay, stubs
from local_cloud.isolation import ISOLATION
from local_cloud.spawning import is_running, own_program

# Writable folders in memory, which are lost when the instance ends.
_WRITABLE: Final = ("/tmp", "/etc", "/var", "/opt", "/run", "/usr/local/bin")
_WRITABLE_BYTES: Final = 64 * 1024 * 1024
# Links to folders in /usr, or separate folders, depending on the distribution.
_SYSTEM: Final = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin")
# Files that are needed to find programs and libraries of /usr.
_LOOKUPS: Final = ("/etc/alternatives", "/etc/ld.so.cache")
_SHOWN: Final = "/run/local"
_SECONDS_TO_END: Final = 5.0
# One thread that never ends, because the kernel kills a sandbox when the thread that started it ends.
_LAUNCHER: Final = ThreadPoolExecutor(1)
_RELAY: Final = Path(relay.__file__)
_ENTERING: Final = Path(entering.__file__)
# The size of the console is limited. Processes that the user data starts continue after its end, as on an instance.
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
class Connectivity:
    """The addresses that an instance can reach.

    :param hosts: addresses by host name.
    :param reached: the targets by address.
    :param dropped: the addresses that security groups or routes block.
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
    connectivity: Connectivity,
    environment: Mapping[str, str],
    client: Path,
    shown: Sequence[Path] = (),
) -> subprocess.Popen[bytes]:
    """Start the instance.

    :param folder: its folder, with the output of the user data in `console`, and its exit status in `ended`.
    :param client: the command-line client that `dnf` installs.
    :param shown: files and folders that it can read besides the programs of /usr.
    """
    (inside := folder / "shown").mkdir(parents=True)
    programs = stubs.write(folder / "bin", client)
    update(folder, connectivity)
    (inside / "user-data").write_text(user_data)
    listener = relay.serve(inside / relay.SOCKET, connectivity.reached)
    variables = {**environment, "PATH": stubs.search_path(programs), "LANG": "C.UTF-8"}
    visible = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve(), client, client.resolve()]
    read_end, write_end = os.pipe()
    with contextlib.ExitStack() as files:
        console, log, ended = (
            files.enter_context((folder / name).open("ab")) for name in ("console", "sandbox.log", "ended")
        )
        script = _SCRIPT.format(python=sys.executable, shown=_SHOWN, ended=ended.fileno())
        command = [
            *(str(bwrap), *ISOLATION, "--hostname", instance_id, "--info-fd", str(write_end)),
            *_mounts(folder, [*visible, *shown, programs]),
            *(word for pair in variables.items() for word in ("--setenv", *pair)),
            *("bash", "-c", script),
        ]
        process = _LAUNCHER.submit(
            _start, command, console.fileno(), log.fileno(), (write_end, ended.fileno())
        ).result()
    os.close(write_end)
    with os.fdopen(read_end) as answer:
        pid = json.loads(answer.read() or "{}").get("child-pid", 0)
    (folder / "enter.json").write_text(json.dumps({"pid": pid, "environment": variables}))
    # The process object keeps the relay's outer side open, and knows the first process inside.
    process.listener, process.inner = listener, pid  # type: ignore[attr-defined]
    return process


def _start(command: Sequence[str], console: int, log: int, passed: Sequence[int]) -> subprocess.Popen[bytes]:
    with own_program():
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=console, stderr=log, start_new_session=True, pass_fds=passed
        )


def _mounts(folder: Path, visible: Sequence[Path]) -> list[str]:
    """The options for the file system inside: programs and the instance's own files, all read-only."""
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
        # Paths in /usr are visible already, except those in a folder that an empty one hides.
        below_usr = Path(path).is_relative_to("/usr")
        if path != "/" and (not below_usr or any(Path(path).is_relative_to(folder) for folder in hidden)):
            words += ["--ro-bind", path, path]
    return [
        *words,
        *("--ro-bind", str(folder / "shown"), _SHOWN, "--ro-bind", str(_RELAY), "/run/relay.py"),
        # Without this, root of the host could write the kernel's settings in /proc/sys.
        *("--remount-ro", "/proc", "--remount-ro", "/", "--chdir", "/"),
    ]


def update(folder: Path, connectivity: Connectivity) -> None:
    """Write the addresses that an instance can reach, and its host names."""
    plan = folder / "shown" / "plan.json"
    new = folder / "plan.new"
    new.write_text(json.dumps({"reached": list(connectivity.reached), "dropped": list(connectivity.dropped)}))
    new.replace(plan)
    # The file is written in place, because the sandbox mounts this file and not its name.
    text = "127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for name, address in connectivity.hosts.items())
    file = os.open(folder / "hosts", os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        # Written before it is truncated, so that a reader never sees an empty file.
        os.pwrite(file, text.encode(), 0)
        os.ftruncate(file, len(text.encode()))
    finally:
        os.close(file)


def enter(folder: Path, words: Sequence[str]) -> list[str]:
    """The command that runs another one in an instance, with the restrictions of its user data."""
    instance = json.loads((folder / "enter.json").read_text())
    variables = [f"{key}={value}" for key, value in instance["environment"].items()]
    return [
        *(sys.executable, str(_ENTERING), str(instance["pid"])),
        *("/usr/bin/env", "-i", *variables, f"TERM={os.environ.get('TERM', 'dumb')}", *words),
    ]


def run_in(folder: Path, words: Sequence[str]) -> int:
    """Run a command in an instance, with a separate terminal if this one is interactive; returns its exit status."""
    command = enter(folder, words)
    if sys.stdin.isatty():
        return os.waitstatus_to_exitcode(pty.spawn(command))
    with subprocess.Popen(command) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The command has received the signal too, and ends by itself; its last lines may take a moment.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_SECONDS_TO_END)
            process.kill()
            raise


def end(process: subprocess.Popen[bytes]) -> None:
    """End an instance with all of its processes."""
    # The process was not polled before, so that its id cannot belong to another one. The inner process can end later.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    until = time.monotonic() + _SECONDS_TO_END
    while is_running(process.inner) and time.monotonic() < until:  # type: ignore[attr-defined]
        time.sleep(0.01)

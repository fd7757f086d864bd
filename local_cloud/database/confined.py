"""Runs the PostgreSQL programs in bubblewrap, where they can read only the programs and their files.

They use the network of the host, and listen on loopback. PostgreSQL refuses to run as root, so it has another user id.
"""

import json
import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from local_cloud.programs import Programs
from local_cloud.spawning import own_program

# A path inside the sandbox: the path of a socket has at most 107 bytes, and the run's folder can have a longer one.
SOCKETS: Final = "/run/postgresql"
_ISOLATION: Final = (
    *("--unshare-user", "--disable-userns", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"),
    *("--unshare-pid", "--unshare-uts", "--unshare-ipc", "--unshare-cgroup-try"),
    # The server is the first process, so that no process of it remains when it ends.
    *("--as-pid-1", "--die-with-parent", "--clearenv"),
)
_SYSTEM: Final = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin")
# Files outside /usr by which libraries and programs are found.
_LOOKUPS: Final = ("/etc/alternatives", "/etc/ld.so.cache")
# `--die-with-parent` refers to the thread that starts the process, so one thread that does not end starts all of them.
_LAUNCHER: Final = ThreadPoolExecutor(1)


def command(programs: Programs, home: Path, *words: str) -> list[str]:
    """The command that runs one of the PostgreSQL programs in bubblewrap.

    :param home: the folder of the server; the program can write to `data` and `sockets` in it.
    :param words: the name of the program, and its arguments.
    """
    mounts = ["--ro-bind", "/usr", "/usr", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
    for name in _SYSTEM:
        if Path(name).is_symlink():
            mounts += ["--symlink", os.readlink(name), name]
        else:
            mounts += ["--ro-bind-try", name, name]
    folder = Path(programs.postgres).parent
    for path in (*_LOOKUPS, str(folder.parent), *programs.shown):
        mounts += ["--ro-bind-try", path, path]
    mounts += ["--ro-bind", str(home), str(home), "--bind", str(home / "data"), str(home / "data")]
    mounts += ["--bind", str(home / "sockets"), SOCKETS]
    mounts += ["--ro-bind", str(home / "passwd"), "/etc/passwd"]
    variables = {**programs.environment, "LC_ALL": "C", "HOME": "/tmp"}
    settings = [word for pair in variables.items() for word in ("--setenv", *pair)]
    return [
        *(programs.bwrap, *_ISOLATION, *mounts, *settings, "--remount-ro", "/", "--chdir", str(home)),
        *(str(folder / words[0]), *words[1:]),
    ]


def prepare(home: Path) -> None:
    """Create the folders and files that the programs need."""
    for name in ("data", "sockets"):
        (home / name).mkdir(parents=True, mode=0o700)
    # PostgreSQL looks up the name of its user.
    (home / "passwd").write_text("postgres:x:1000:1000::/:/bin/false\n")


def run(programs: Programs, home: Path, *words: str, stdin: str = "") -> str:
    """Run a program, and wait until it ends; returns its output.

    :param stdin: the standard input.
    :raises RuntimeError: when it fails, with the end of its output.
    """
    done = _LAUNCHER.submit(_run, command(programs, home, *words), home, stdin).result()
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise RuntimeError(f"{words[0]} failed: {' '.join(lines[-3:])}")
    return done.stdout


def start(programs: Programs, home: Path, *words: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start a program with its output in `output`; returns the process of bubblewrap and the program's process id."""
    return _LAUNCHER.submit(_start, command(programs, home, *words), home).result()


def _run(words: Sequence[str], home: Path, stdin: str) -> subprocess.CompletedProcess[str]:
    # The environment of the program is among the arguments of bubblewrap.
    with own_program():
        return subprocess.run(
            words, cwd=home, env={}, input=stdin, capture_output=True, text=True, timeout=60, check=False
        )


def _start(words: Sequence[str], home: Path) -> tuple[subprocess.Popen[bytes], int]:
    info, passed = os.pipe()
    with (home / "output").open("ab") as output, own_program():
        process = subprocess.Popen(
            [words[0], "--info-fd", str(passed), *words[1:]],
            cwd=home,
            env={},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=[passed],
        )
    os.close(passed)
    with os.fdopen(info) as answer:
        return process, int(json.loads(answer.read() or "{}").get("child-pid", 0))

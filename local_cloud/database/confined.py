"""How PostgreSQL runs: by bubblewrap in namespaces of its own, where it sees its own files and the programs alone.

It shares the host's network, on loopback. PostgreSQL refuses root, so that it is another user inside.
"""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from local_cloud.programs import Programs
from local_cloud.spawning import own_program

# Inside; the name of a socket has at most 107 bytes, and that of the run's folder may have more.
SOCKETS: Final = "/run/postgresql"
_ISOLATION: Final = (
    *("--unshare-user", "--disable-userns", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"),
    *("--unshare-pid", "--unshare-uts", "--unshare-ipc", "--unshare-cgroup-try"),
    # Its first process is the server, so that nothing which that starts outlives it.
    *("--as-pid-1", "--die-with-parent", "--clearenv"),
)
_SYSTEM: Final = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin")
# Beside /usr: how libraries and programs are found, and PostgreSQL's own settings of the distribution.
_LOOKUPS: Final = ("/etc/alternatives", "/etc/ld.so.cache")
# A process ends with the thread that has started it; this one does not end.
_LAUNCHER: Final = ThreadPoolExecutor(1)


def command(programs: Programs, home: Path, *words: str) -> list[str]:
    """One of PostgreSQL's programs, confined.

    :param home: where it may write, below `data` and `sockets`, and reads its certificate.
    :param words: the program's name, and its arguments.
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
    # It wants to know its user's name.
    (home / "passwd").write_text("postgres:x:1000:1000::/:/bin/false\n")


def run(programs: Programs, home: Path, *words: str, given: str = "") -> str:
    """Run a program to its end.

    :param given: its standard input.
    :raises RuntimeError: when it fails, with what it said last.
    """
    done = _LAUNCHER.submit(_run, command(programs, home, *words), home, given).result()
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise RuntimeError(f"{words[0]} must succeed, and does not: {' '.join(said[-3:])}")
    return done.stdout


def start(programs: Programs, home: Path, *words: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start a program; returns bubblewrap's process, and the id of the program's own one. Its output is in `output`."""
    return _LAUNCHER.submit(_start, command(programs, home, *words), home).result()


def _run(words: Sequence[str], home: Path, given: str) -> subprocess.CompletedProcess[str]:
    with own_program():
        return subprocess.run(
            words, cwd=home, env=_nothing(), input=given, capture_output=True, text=True, timeout=60, check=False
        )


def _start(words: Sequence[str], home: Path) -> tuple[subprocess.Popen[bytes], int]:
    known, told = os.pipe()
    with (home / "output").open("ab") as output, own_program():
        process = subprocess.Popen(
            [words[0], "--info-fd", str(told), *words[1:]],
            cwd=home,
            env=_nothing(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=[told],
        )
    os.close(told)
    with os.fdopen(known) as answer:
        return process, int(json.loads(answer.read() or "{}").get("child-pid", 0))


def _nothing() -> Mapping[str, str]:
    """Bubblewrap's own environment; the program's is among its arguments."""
    return {}

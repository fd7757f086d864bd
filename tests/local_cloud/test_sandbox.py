"""The sandbox of an instance: the addresses and files that it can reach, and the end of its processes."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_cloud import isolation, spawning
from local_cloud.instance import sandbox
from local_cloud.instance.sandbox import Connectivity
from local_cloud.programs import Programs
from tests.cache_servers import isolated_environment, wait_for
from tests.connection_test.probe import SOURCE
from tests.local_cloud.processes import processes

pytestmark = pytest.mark.servers
Launch = Callable[..., Path]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Starts an instance with some user data; returns its folder."""
    programs = Programs.find()
    started: list[subprocess.Popen[bytes]] = []

    def start(user_data: str, connectivity: Connectivity | None = None) -> Path:
        folder = tmp_path / f"i-{len(started)}"
        started.append(
            sandbox.launch(
                folder,
                Path(programs.bwrap),
                instance_id=folder.name,
                user_data=user_data,
                connectivity=connectivity or Connectivity(hosts={}, reached={}, dropped=[]),
                environment={"LOCAL_REGION": "us-east-1"},
                client=Path(programs.client),
                shown=[SOURCE],
            )
        )
        return folder

    yield start
    for process in started:
        sandbox.end(process)
        process.listener.close()  # type: ignore[attr-defined]
    assert processes(tmp_path) == {}


@pytest.fixture
def listener() -> Iterator[tuple[str, int]]:
    with socket.socket() as server:
        server.bind(("127.3.0.1", 0))
        server.listen(8)
        yield server.getsockname()


def console(folder: Path) -> str:
    wait_for(lambda: (folder / "ended").exists() and (folder / "ended").read_text(), "the user data to end")
    return (folder / "console").read_text()


def probe(address: tuple[str, int]) -> str:
    """A bash command that prints the outcome of a connection: 0 accepted, 1 refused, 124 dropped."""
    return f"timeout 1 bash -c 'exec 3<>/dev/tcp/{address[0]}/{address[1]}' 2>/dev/null; echo $?\n"


def test_connections_are_accepted_dropped_and_refused(launch: Launch, listener: tuple[str, int]) -> None:
    blocked, unused = ("127.3.0.2", 6379), ("127.3.0.3", 6379)
    connectivity = Connectivity(hosts={"cache.example": listener[0]}, reached={listener: listener}, dropped=[blocked])
    text = console(launch("".join(map(probe, (("cache.example", listener[1]), blocked, unused))), connectivity))
    assert text.split() == ["0", "124", "1"]


def test_connectivity_follows_changes(launch: Launch, listener: tuple[str, int]) -> None:
    connectivity = Connectivity(hosts={}, reached={}, dropped=[listener])
    folder = launch("true", connectivity)
    console(folder)
    command = sandbox.enter(folder, ["bash", "-c", probe(listener)])

    def answer() -> str:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    assert answer() == "124"
    connectivity.reached[listener] = listener
    sandbox.update(folder, Connectivity(hosts={}, reached=connectivity.reached, dropped=[]))
    wait_for(lambda: answer() == "0", "the connection to be accepted")
    connectivity.reached.clear()
    sandbox.update(folder, Connectivity(hosts={}, reached=connectivity.reached, dropped=[]))
    wait_for(lambda: answer() == "1", "the connection to be refused")


def test_an_instance_has_its_own_folders_and_none_of_the_machine(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "of-the-machine").write_text("")
    text = console(
        launch(
            f"ls {tmp_path}/of-the-machine 2>/dev/null || echo hidden\n"
            "touch /usr/local/bin/mine /opt/mine /var/lib/mine /etc/mine && ls /usr/local/bin\n"
            "touch /usr/mine 2>/dev/null || echo read-only\n"
            'echo "$(id -u) $(hostname) ${HOME:-none}"\n'
            "type -p python3 aws dnf systemd-run | wc -l\n"
        )
    )
    shown = text.split("\n")
    assert shown[0] == "hidden"
    assert "mine" in shown
    assert shown[-4:] == ["read-only", "0 i-0 none", "4", ""]


def test_the_connection_test_runs_in_an_instance(launch: Launch, listener: tuple[str, int]) -> None:
    where = f"--host=cache.example --port={listener[1]} --no-tls"
    blocked = Connectivity(hosts={"cache.example": "127.3.0.2"}, reached={}, dropped=[("127.3.0.2", listener[1])])
    assert "FAIL tcp" in console(launch(f"python3 {SOURCE} {where}\n", blocked))
    unknown = Connectivity(hosts={}, reached={}, dropped=[])
    assert "FAIL dns" in console(launch(f"python3 {SOURCE} {where}\n", unknown))


def test_background_processes_end_with_the_instance(launch: Launch) -> None:
    folder = launch("setsid nohup sleep 600 >/dev/null 2>&1 &\n")
    console(folder)
    count = sandbox.enter(folder, ["pgrep", "-c", "sleep"])
    assert int(subprocess.run(count, capture_output=True, text=True, check=False).stdout) >= 1


_AS_NOBODY = """
import subprocess, sys, tempfile, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from local_cloud.instance import sandbox
folder = Path(tempfile.mkdtemp()) / "i-1"
process = sandbox.launch(
    folder,
    Path(sys.argv[2]),
    instance_id="i-1",
    user_data="touch /usr/local/bin/x && id -u",
    connectivity=sandbox.Connectivity(hosts={}, reached={}, dropped=[]),
    environment={},
    client=Path(sys.argv[2]),
)
until = time.monotonic() + 10
while time.monotonic() < until and not (folder / "ended").read_text():
    time.sleep(0.05)
print((folder / "console").read_text(), (folder / "sandbox.log").read_text())
print(subprocess.run(sandbox.enter(folder, ["hostname"]), capture_output=True, text=True))
sandbox.end(process)
"""


def test_a_sandbox_needs_no_root() -> None:
    """Runs as the user nobody if this user is root, with the distribution's Python, which that user can read."""
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        package = folder / "local_cloud" / "instance"
        package.mkdir(parents=True)
        for module in ("__init__", "entering", "sandbox", "relay", "stubs"):
            source = Path(sandbox.__file__).with_name(f"{module}.py")
            (package / source.name).write_text(source.read_text())
        for shared in (isolation, spawning):
            shutil.copy(str(shared.__file__), package.parent)
        shutil.copy(Programs.find().bwrap, folder / "bwrap")
        python = next(path for path in (Path("/usr/bin/python3"), Path(sys.executable)) if path.exists())
        done = subprocess.run(
            [str(python), "-c", _AS_NOBODY, name, str(folder / "bwrap")],
            env=isolated_environment(),
            user=65534 if root else None,
            group=65534 if root else None,
            extra_groups=[] if root else None,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
    user_data, _, entered = done.stdout.partition("\n")
    assert user_data.strip() == "0", done.stdout + done.stderr
    assert "stdout='i-1\\n'" in entered, entered

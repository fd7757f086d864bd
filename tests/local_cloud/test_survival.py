"""`make local` after processes were killed or files removed, and with misleading environment variables."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud.__main__ import main
from local_cloud.session import Session
from tests.local_cloud.makefile import Make, end
from tests.local_cloud.processes import processes

pytestmark = [pytest.mark.servers, pytest.mark.cli, pytest.mark.slow]

# Variables that would lead the programs away from the emulator, or to a folder that does not exist.
_MISLEADING = {
    "http_proxy": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "socks5://127.0.0.1:9",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_CLOUDFORMATION": "http://127.0.0.1:9",
    "AWS_PROFILE": "no-such-profile",
    "AWS_CA_BUNDLE": "/no/such/file",
    "CDK_DEFAULT_REGION": "moon-1",
    "TMPDIR": "/no/such/folder",
    "HOME": "/no/such/home",
}
# The fastest deployment with a redis cache and an instance.
_SMALL = "CONTEXT=-c replicas=0"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    make = Make(tmp_path_factory.mktemp("survival") / "run", _MISLEADING)
    yield make
    make("local-down")


@pytest.fixture
def make(shared: Make) -> Make:
    """A run with the small deployment, which repairs what an earlier test has broken."""
    done = shared("local", _SMALL)
    assert done.returncode == 0, done.stdout
    return shared


def _deploy(make: Make) -> str:
    done = make("local", _SMALL)
    assert done.returncode == 0, done.stdout
    assert "cluster-mode-disabled is deployed" in done.stdout
    picture = make.folder / "picture.html"
    assert f"picture: {picture}" in done.stdout
    assert "1 shard of a primary without replicas" in picture.read_text(encoding="utf-8")
    assert make("local-shell", "COMMAND=cache-cli PING").stdout.strip() == "PONG"
    return done.stdout


def _wait_for_end(folder: Path, text: str) -> None:
    """Wait until no process of a run has a text in its command line."""
    until = time.monotonic() + 10
    while text in " ".join(processes(folder).values()):
        assert time.monotonic() < until, processes(folder)
        time.sleep(0.05)


def test_two_concurrent_first_runs(shared: Make) -> None:
    runs = [shared.start("local", *words) for words in ([_SMALL], ["DEPLOYMENT=memcached"])]
    printed = [run.communicate(timeout=240)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], printed
    assert sum("waiting for process " in output for output in printed) == 1, printed
    assert sum("emulator started" in output for output in printed) == 1, printed
    # Only one of them started an emulator.
    assert len([command for command in processes(shared.folder).values() if "local_cloud.emulator" in command]) == 1
    # Either cache can be the newest one, which the shell uses; both have an instance.
    assert len(Session(shared.folder).instances()) == 2
    again = shared("local", _SMALL)
    assert again.returncode == 0, again.stdout


def test_the_emulator_is_killed(make: Make) -> None:
    pid = Session(make.folder).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    left = [pid for pid, text in processes(make.folder).items() if "redis-server" in text]
    assert left
    assert "no instance is running; run 'make local'" in make("local-shell", "COMMAND=cache-cli PING").stdout
    printed = _deploy(make)
    assert "an earlier run ended without 'make local-down'; removing its processes and files" in printed
    assert "bootstrapped us-east-1" in printed
    assert not set(left) & set(processes(make.folder))


def test_the_machine_is_restarted(make: Make) -> None:
    for pid in processes(make.folder):
        os.kill(pid, signal.SIGKILL)
    # After the restart, another process can have the number.
    (make.folder / "pid").write_text(str(os.getpid()))
    _deploy(make)


def test_a_cache_server_is_killed(make: Make) -> None:
    (server,) = [pid for pid, text in processes(make.folder).items() if "redis-server" in text]
    os.kill(server, signal.SIGKILL)
    for words in ((_SMALL,), ("DEPLOYMENT=memcached",)):
        refused = make("local", *words)
        assert refused.returncode != 0, refused.stdout
        assert " is deployed" not in refused.stdout
        errors = [line for line in refused.stdout.splitlines() if line.startswith("local_cloud: ")]
        assert len(errors) == 1
        assert errors[0].endswith("-001 has ended unexpectedly; run 'make local-destroy', then 'make local'"), errors
    destroyed = make("local-destroy")
    assert destroyed.returncode == 0, destroyed.stdout
    assert "is deleted without a final snapshot: " in destroyed.stdout
    _deploy(make)


def test_the_folder_is_removed(make: Make) -> None:
    shutil.rmtree(make.folder)
    _deploy(make)
    assert len([command for command in processes(make.folder).values() if "local_cloud.emulator" in command]) == 1


@pytest.mark.parametrize(
    ("when", "following"),
    [
        ("emulator started", "local"),
        ("ClusterModeDisabled-Cache: CREATE_IN_PROGRESS", "local"),
        ("ClusterModeDisabled-Client: CREATE_IN_PROGRESS", "local-destroy"),
    ],
)
def test_a_deploy_is_killed(shared: Make, when: str, following: str) -> None:
    assert shared("local-down").returncode == 0
    process = shared.until(when, "local", _SMALL)
    (deploy,) = [pid for pid, text in processes(shared.folder).items() if "-m local_cloud " in text]
    os.kill(deploy, signal.SIGKILL)
    # The CDK CLI ends with the command that started it.
    _wait_for_end(shared.folder, "cdk")
    process.communicate(timeout=30)
    assert process.returncode != 0
    done = shared(following, _SMALL)
    assert done.returncode == 0, done.stdout
    _deploy(shared)


def test_the_fault_matrix_is_killed(tmp_path: Path) -> None:
    make = Make(tmp_path / "run")
    process = subprocess.Popen(
        ["python", "-m", "local_cloud", "--folder", str(make.folder), "faults", "no ingress"],
        env=make.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    faults = make.folder.with_name("run-faults")
    until = time.monotonic() + 60
    while "redis-server" not in str(processes(faults)):
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.05)
    end(process, signal.SIGKILL)
    assert processes(faults) != {}
    down = make("local-down")
    assert down.returncode == 0, down.stdout
    assert f"removing {faults}" in down.stdout
    assert processes(faults) == {}
    assert not faults.exists()


def test_the_disk_is_full(tmp_path: Path) -> None:
    """On a separate file system: too small at first, then filled during a deploy, then with free space."""
    (mount := tmp_path / "small").mkdir()
    fill = f"dd if=/dev/zero of={mount}/filler"
    script = f"""
        local() {{ make LOCAL_FOLDER={mount}/run "$@"; echo "status $?"; }}
        mount -t tmpfs -o size=31m small {mount}
        local local '{_SMALL}'
        mount -o remount,size=40m {mount}
        local local '{_SMALL}' | while read -r line; do
            echo "$line"
            case $line in *'emulator started'*) {fill} 2>/dev/null;; esac
        done
        local local '{_SMALL}'
        rm {mount}/filler
        local local '{_SMALL}'
        {fill} 2>/dev/null
        local local-down
    """
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "bash", "-c", script],
        env=Make(mount).environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=240,
    )
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("status ")] == [
        f"status {status}" for status in (2, 2, 2, 0, 0)
    ], lines
    assert "Traceback" not in done.stdout
    assert [line for line in lines if line.startswith("local_cloud: ")] == [
        f"local_cloud: No space left on device: {mount}/run; correct this, then run the same command again, or run "
        "'make local-down' to remove everything"
    ] * 3, lines
    assert processes(mount) == {}


def test_a_wrong_deployment_starts_no_process(tmp_path: Path) -> None:
    make = Make(tmp_path / "run")
    done = make("local", "DEPLOYMENT=nope")
    assert done.returncode == 2
    assert "invalid choice: 'nope' (choose from 'cluster-mode-disabled', " in done.stdout
    assert not make.folder.exists()
    assert processes(make.folder) == {}


def test_logs_without_an_instance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--folder", str(tmp_path / "none"), "logs"]) == 0
    assert capsys.readouterr().err == "no instance has written to its console; run 'make local' first\n"

"""What `make local` does after processes were killed, files removed, or in an environment that leads elsewhere."""

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
# The quickest deployment that has a cache of redis and an instance.
_SMALL = "CONTEXT=-c replicas=0"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    made = Make(tmp_path_factory.mktemp("survival") / "run", _MISLEADING)
    yield made
    made("local-down")


@pytest.fixture
def make(shared: Make) -> Make:
    """With the small deployment in place: what a test before this one broke is deployed again."""
    done = shared("local", _SMALL)
    assert done.returncode == 0, done.stdout
    return shared


def _green(make: Make) -> str:
    done = make("local", _SMALL)
    assert done.returncode == 0, done.stdout
    assert "cluster-mode-disabled is deployed" in done.stdout
    assert make("local-shell", "COMMAND=cache-cli PING").stdout.strip() == "PONG"
    return done.stdout


def _gone(folder: Path, text: str) -> None:
    """Wait until no process of a run has a text in its command."""
    until = time.monotonic() + 10
    while text in " ".join(processes(folder).values()):
        assert time.monotonic() < until, processes(folder)
        time.sleep(0.05)


def test_two_runs_at_once_from_nothing(shared: Make) -> None:
    runs = [shared.start("local", *words) for words in ([_SMALL], ["DEPLOYMENT=memcached"])]
    printed = [each.communicate(timeout=240)[0] for each in runs]
    assert [each.returncode for each in runs] == [0, 0], printed
    assert sum("waiting for process " in each for each in printed) == 1, printed
    assert sum("emulator started" in each for each in printed) == 1, printed
    # One of them started the emulator, and there is no other.
    assert len([each for each in processes(shared.folder).values() if "local_cloud.emulator" in each]) == 1
    # Which of the two caches is the newest one, and so the shell's, is chance: both have an instance.
    assert len(Session(shared.folder).instances()) == 2
    again = shared("local", _SMALL)
    assert again.returncode == 0, again.stdout


def test_the_emulator_is_killed(make: Make) -> None:
    pid = Session(make.folder).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    left = [each for each, text in processes(make.folder).items() if "redis-server" in text]
    assert left
    assert "no instance runs; run 'make local'" in make("local-shell", "COMMAND=cache-cli PING").stdout
    printed = _green(make)
    assert "an earlier run has ended without 'make local-down'; removing what it left" in printed
    assert "bootstrapped us-east-1" in printed
    assert not set(left) & set(processes(make.folder))


def test_the_machine_is_restarted(make: Make) -> None:
    for pid in processes(make.folder):
        os.kill(pid, signal.SIGKILL)
    # The number is another process's after the restart.
    (make.folder / "pid").write_text(str(os.getpid()))
    _green(make)


def test_a_cache_server_is_killed(make: Make) -> None:
    (server,) = [each for each, text in processes(make.folder).items() if "redis-server" in text]
    os.kill(server, signal.SIGKILL)
    for words in ((_SMALL,), ("DEPLOYMENT=memcached",)):
        refused = make("local", *words)
        assert refused.returncode != 0, refused.stdout
        assert " is deployed" not in refused.stdout
        told = [line for line in refused.stdout.splitlines() if line.startswith("local_cloud: ")]
        assert len(told) == 1
        assert told[0].endswith(
            "-001 should run, and its process has ended; run 'make local-destroy', then 'make local'"
        ), refused.stdout
    gone = make("local-destroy")
    assert gone.returncode == 0, gone.stdout
    assert "is deleted without its last snapshot: " in gone.stdout
    _green(make)


def test_the_folder_is_removed(make: Make) -> None:
    shutil.rmtree(make.folder)
    _green(make)
    assert len([each for each in processes(make.folder).values() if "local_cloud.emulator" in each]) == 1


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
    (deploy,) = [each for each, text in processes(shared.folder).items() if "-m local_cloud " in text]
    os.kill(deploy, signal.SIGKILL)
    # The CDK CLI ends with the command that started it.
    _gone(shared.folder, "cdk")
    process.communicate(timeout=30)
    assert process.returncode != 0
    done = shared(following, _SMALL)
    assert done.returncode == 0, done.stdout
    _green(shared)


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
    """On a file system of its own: too small at first, then filled during a deploy, and again with free space."""
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
    assert [line for line in lines if line.startswith("status ")] == [f"status {each}" for each in (2, 2, 2, 0, 0)], (
        lines
    )
    assert "Traceback" not in done.stdout
    assert [line for line in lines if line.startswith("local_cloud: ")] == [
        f"local_cloud: No space left on device: {mount}/run; once that is mended, run the same command again, or 'make "
        "local-down' to remove everything"
    ] * 3, lines
    assert processes(mount) == {}


def test_a_wrong_deployment_starts_nothing(tmp_path: Path) -> None:
    make = Make(tmp_path / "run")
    done = make("local", "DEPLOYMENT=nope")
    assert done.returncode == 2
    assert "invalid choice: 'nope' (choose from 'cluster-mode-disabled', " in done.stdout
    assert not make.folder.exists()
    assert processes(make.folder) == {}


def test_logs_without_an_instance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--folder", str(tmp_path / "none"), "logs"]) == 0
    assert capsys.readouterr().err == "no instance has printed anything; run 'make local' first\n"

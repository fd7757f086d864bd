"""`make local` and the related targets, as a new user runs them."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud import cdk
from local_cloud.__main__ import GLOBAL_REGIONS, main
from local_cloud.cdk import stack_prefix
from local_cloud.internals import Emulator, EmulatorError
from local_cloud.programs import Programs
from local_cloud.session import Session
from scripts.fetch_servers import ServerMissingError
from stacks.deployments import DEPLOYMENTS
from tests.cache_servers import isolated_environment
from tests.conftest import ROOT
from tests.local_cloud.makefile import Make, end
from tests.local_cloud.processes import processes
from tests.outputs import rest_of

pytestmark = [pytest.mark.servers, pytest.mark.cli]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    # The folder is longer than the address of a Unix socket can be.
    make = Make(tmp_path / ("run" * 40))
    yield make
    make("local-down")


@pytest.mark.slow
def test_the_life_cycle_of_a_run(make: Make) -> None:
    done = make("local")
    assert done.returncode == 0, done.stdout
    for text in (
        "emulator started; all files are in ",
        "bootstrapped us-east-1",
        "synthesising cluster-mode-disabled; the CDK CLI writes to ",
        "ClusterModeDisabled-Cache.PrimaryEndpoint = master.clustermodedisabled-cache",
        " | PASS data ",
        " | verdict: ",
    ):
        assert text in done.stdout, text
    # The report is printed while the stack is created, and the verdict near the end.
    assert done.stdout.index(" | PASS data ") < done.stdout.index("ClusterModeDisabled-Client: CREATE_COMPLETE after ")
    lines = done.stdout.splitlines()
    assert any("ClusterModeDisabled-Client.ClientVerdict" in line for line in lines[-4:])
    # A resource has one line with the time since the start; the output of the CDK CLI is only in its log.
    assert all(re.match(r"\d\d:\d\d  ", line) for line in lines), done.stdout
    assert len([line for line in lines if re.search(r"  Cache +AWS::ElastiCache::ReplicationGroup +", line)]) == 1
    assert "ExportsOutput" not in done.stdout
    assert "✅  ClusterModeDisabled-Client" in (make.folder / "cdk.log").read_text()

    again = make("local", "VERBOSE=1")
    assert again.returncode == 0, again.stdout
    assert again.stdout.count("(no changes)") == 3
    assert " | PASS data " not in again.stdout

    assert make("local-shell", "COMMAND=cache-cli PING").stdout.strip() == "PONG"
    assert "PASS data " in make("local-logs").stdout

    query = "--query ReplicationGroups[0].ReplicationGroupId --output text"
    id = make("local-aws", f"COMMAND=elasticache describe-replication-groups {query}").stdout.strip()
    watching = make.start("local-shell", "COMMAND=cache-connection-test --watch 5")
    assert watching.stdout is not None
    assert watching.stdout.readline() == "watching 1 shard for 5 s\n"
    failover = make("local-aws", f"COMMAND=elasticache test-failover --replication-group-id {id} --node-group-id 0001")
    assert failover.returncode == 0, failover.stdout
    output, _ = rest_of(watching, 60)
    assert watching.returncode == 0, output
    assert re.search(r"shard 1: no answer for \d+ ms", output), output

    exported = make("local-env").stdout
    assert re.search(r"^export AWS_ENDPOINT_URL=http://127\.0\.0\.1:\d+$", exported, re.MULTILINE), exported

    # A second deployment in the same run.
    other = make("local", "DEPLOYMENT=memcached")
    assert other.returncode == 0, other.stdout
    assert "Memcached-Client.ClientVerdict" in other.stdout

    destroyed = make("local-destroy")
    assert destroyed.returncode == 0, destroyed.stdout
    assert list(make.folder.glob("snapshots/*/*.rdb"))
    assert make("local-down").returncode == 0
    assert not make.folder.exists()
    assert processes(make.folder) == {}
    assert make("local-down").returncode == 0


@pytest.mark.slow
def test_two_regions(make: Make) -> None:
    done = make("local", "DEPLOYMENT=global-datastore")
    assert done.returncode == 0, done.stdout
    for text in (
        "bootstrapped us-east-1, eu-west-1",
        "GlobalDatastore-us-east-1-Cache.GlobalReplicationGroupId = ldgnf-",
        "GlobalDatastore-us-east-1-Client.ClientVerdict",
        "a write of the primary region arrived after ",
    ):
        assert text in done.stdout, text
    destroyed = make("local-destroy", "DEPLOYMENT=global-datastore")
    assert destroyed.returncode == 0, destroyed.stdout
    # The secondary's cache is deleted before the primary's.
    assert destroyed.stdout.index("GlobalDatastore-eu-west-1-Cache: DELETE_COMPLETE") < destroyed.stdout.index(
        "GlobalDatastore-us-east-1-Cache: DELETE_COMPLETE"
    )


@pytest.mark.slow
def test_a_database_behind_a_cache(make: Make) -> None:
    done = make("local", "DEPLOYMENT=rds-behind-cache")
    assert done.returncode == 0, done.stdout
    for text in ("RdsBehindCache-Database: CREATE_COMPLETE", "; caching-demo: hit ratio 0.", "PASS db-query "):
        assert text in done.stdout, text
    (report,) = re.findall(r"  report: (\S+)\n", done.stdout)
    page = Path(report)
    assert page.name == "index.html"
    assert make.folder in page.parents
    plots = sorted(page.parent.glob("*.svg"))
    assert len(plots) == 9
    assert page.read_text().count("<svg") >= len(plots)
    # Again, with one command on the instance.
    again = make("local-shell", "COMMAND=caching-demo --quick")
    assert again.returncode == 0, again.stdout
    assert "\nverdict: pass: hit ratio 0." in again.stdout
    destroyed = make("local-destroy", "DEPLOYMENT=rds-behind-cache")
    assert destroyed.returncode == 0, destroyed.stdout
    assert list(make.folder.glob("snapshots/*/*.rdb"))
    assert list(make.folder.glob("database-snapshots/*/PG_VERSION"))
    assert page.exists()


def test_the_deployments_are_those_of_the_app() -> None:
    assert {name: stack_prefix(name) for name in cdk.DEPLOYMENTS} == {
        name: deployment.stack_prefix for name, deployment in DEPLOYMENTS.items()
    }
    assert getattr(DEPLOYMENTS["global-datastore"], "regions", None) == GLOBAL_REGIONS


@pytest.mark.parametrize("when", ["emulator started", "ClusterModeDisabled-Cache: CREATE_IN_PROGRESS"])
def test_down_removes_a_run_that_was_interrupted(make: Make, when: str) -> None:
    process = make.until(when, "local")
    end(process, signal.SIGINT)
    assert process.returncode != 0
    assert make("local-down").returncode == 0
    assert not make.folder.exists()
    assert processes(make.folder) == {}


@pytest.mark.slow
def test_down_removes_a_run_whose_emulator_was_killed(make: Make) -> None:
    assert make("local", "CONTEXT=-c replicas=0").returncode == 0
    pid = Session(make.folder).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert "redis-server" in str(processes(make.folder))
    assert make("local-down").returncode == 0
    assert processes(make.folder) == {}
    assert not make.folder.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["shell"], "no instance is running; run 'make local'"),
        (["shell", "--instance", "i-1"], "no instance i-1 is running; run 'make local'"),
        (["env"], "the local cloud is not running; run 'make local'"),
        (["aws", "s3", "ls"], "the local cloud is not running; run 'make local'"),
        (
            ["destroy", "memcached"],
            "the local cloud is not running, so nothing is deployed; run 'make local-down' to remove its files",
        ),
    ],
)
def test_commands_that_need_a_run_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main(["--folder", str(tmp_path / "none"), *words]) == 1
    assert capsys.readouterr().err == f"local_cloud: {message}\n"


def test_a_fault_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults", "no such fault"]) == 1
    assert "names must be parts of no ingress rule, " in capsys.readouterr().err


def test_the_matrix_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults", "no ingress", "user switched off"]) == 0
    printed = capsys.readouterr().out
    assert "no ingress rule: ROLLBACK_COMPLETE after " in printed
    assert "  WaitCondition received failed message: 'FAIL at tcp: " in printed
    assert re.search(r"2 faults in \d+ s, 0 of them not as on AWS", printed)


def test_the_error_without_namespaces_names_the_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bwrap = tmp_path / "bwrap"
    bwrap.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    bwrap.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(ServerMissingError) as raised:
        Programs.find()
    assert str(raised.value) == (
        "bubblewrap cannot create a namespace for the sandbox of an instance (bwrap: No permissions to create new "
        "namespace); install version 0.8 or later, and allow user namespaces, with 'sysctl "
        "kernel.unprivileged_userns_clone=1' on Debian, or 'sysctl kernel.apparmor_restrict_unprivileged_userns=0' on "
        "Ubuntu"
    )


def test_the_error_without_a_program_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local_cloud.programs._NEEDED", ("bash", "no-such-program"))
    with pytest.raises(ServerMissingError) as raised:
        Programs.find()
    assert str(raised.value) == (
        "no-such-program, which the instance's user data needs, cannot be found on this machine; install it with "
        "'apt-get install curl util-linux' or 'dnf install curl util-linux'"
    )


def test_an_emulator_with_other_internals_is_refused(tmp_path: Path) -> None:
    """Runs in the emulator's environment, because ministack is not installed in that of the tests."""
    script = tmp_path / "changed_emulator.py"
    script.write_text(
        "import ministack.services.ec2 as ec2, ministack.services.sts as sts\n"
        "from ministack.services.cloudformation import provisioners\n"
        "del ec2._vpc_endpoints, sts.register_session\n"
        "provisioners._RESOURCE_HANDLERS['AWS::EC2::VPC']['create'] = lambda props: None\n"
        "from local_cloud.internals import Emulator\n"
        "Emulator()\n"
    )
    python = ROOT / ".tools" / "emulator" / "bin" / "python"
    done = subprocess.run(
        [str(python), str(script)],
        cwd=ROOT,
        env={**isolated_environment(), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    for text in (
        "services.ec2._vpc_endpoints",
        "services.sts.register_session",
        "AWS::EC2::VPC: create(logical_id, props, stack_name)",
        "run 'make local-setup', or adapt local_cloud/internals.py to the new version",
    ):
        assert text in done.stderr


def test_another_version_of_the_emulator_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local_cloud.internals.version", lambda name: "9.9.9")
    with pytest.raises(EmulatorError) as raised:
        Emulator()
    assert str(raised.value) == "ministack must be 1.5.33, got 9.9.9; run 'make local-setup'"

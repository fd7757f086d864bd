"""The shipped templates, deployed here: real servers, the instance's own user data, and the faults it tells apart."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud import data_plane
from local_cloud.certificates import Authority
from local_cloud.session import PYTHON, LocalCloudError, Session
from scripts.fetch_servers import server_command
from tests.cache_servers import isolated_environment
from tests.conftest import ROOT
from tests.local_cloud.deploy import Change, LocalAws, Template, all_of, impatient, replace_text

pytestmark = [pytest.mark.servers, pytest.mark.cli]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    subprocess.run(["make", "local-setup"], cwd=ROOT, check=True, capture_output=True)
    made = Session(tmp_path_factory.mktemp("local"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def aws(session: Session, tmp_path_factory: pytest.TempPathFactory) -> LocalAws:
    return LocalAws(session, tmp_path_factory.mktemp("assets"))


@pytest.fixture
def cloud(aws: LocalAws) -> Iterator[LocalAws]:
    yield aws
    aws.delete_all()


@pytest.fixture(scope="module")
def disabled(aws: LocalAws) -> dict[str, Template]:
    return aws.templates()


def processes(folder: Path) -> dict[int, str]:
    """The command lines of what names a folder, or works in it, by process id; a server rewrites its own."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            text += f" in {(entry.parent / 'cwd').readlink()}"
        except OSError:
            continue
        if str(folder) in text and int(entry.parent.name) != os.getpid():
            found[int(entry.parent.name)] = text
    return found


def test_the_default_deployment(cloud: LocalAws, disabled: dict[str, Template]) -> None:
    found = cloud.deploy("ClusterModeDisabled", disabled)
    assert found.status == "CREATE_COMPLETE", found.reason
    # The distribution's version is not the template's, which is the one warning.
    assert found.verdict.startswith("WARN: redis 7.0.")
    assert found.verdict.endswith("warnings at ping")
    assert "cluster mode disabled, shards 1, replicas read 1" in found.verdict
    (console,) = list(cloud.session.consoles().values())[-1:]
    for stage in ("config", "clock", "dns", "tcp", "tls", "auth", "topology", "data", "replicas", "latency"):
        assert f"PASS {stage}" in console


def test_a_cluster(cloud: LocalAws) -> None:
    templates = cloud.templates(deployment="cluster-mode-enabled")
    found = cloud.deploy("ClusterModeEnabled", templates)
    assert found.status == "CREATE_COMPLETE", found.reason
    assert "cluster mode enabled, shards 3, replicas read 3" in found.verdict


def _without(kind: str) -> Change:
    def change(template: Template) -> None:
        gone = [name for name, each in template["Resources"].items() if each["Type"] == kind]
        assert gone
        for name in gone:
            del template["Resources"][name]
        for each in template["Resources"].values():
            depends = each.get("DependsOn", [])
            each["DependsOn"] = [name for name in depends if name not in gone] if isinstance(depends, list) else depends

    return change


def _another_group(template: Template) -> None:
    rules = [
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::EC2::SecurityGroupIngress"
    ]
    assert rules
    for rule in rules:
        rule["SourceSecurityGroupId"] = "sg-0123456789abcdef0"


def _plaintext(template: Template) -> None:
    (group,) = [
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::ElastiCache::ReplicationGroup"
    ]
    group["TransitEncryptionEnabled"] = False


def _silent(template: Template) -> None:
    for each in template["Resources"].values():
        if each["Type"] == "AWS::EC2::Instance":
            each["Properties"]["UserData"] = {"Fn::Base64": "#!/bin/bash\nexit 0\n"}
        if each["Type"] == "AWS::CloudFormation::WaitCondition":
            each["Properties"]["Timeout"] = "3"


FAULTS: dict[str, tuple[dict[str, Change], tuple[str, ...]]] = {
    "no ingress rule": (
        {"Client": all_of(_without("AWS::EC2::SecurityGroupIngress"), impatient)},
        ("FAIL at tcp: ", "did not answer within", "next: allow the client in the cache's security group"),
    ),
    "wrong security group": (
        {"Client": all_of(_another_group, impatient)},
        ("FAIL at tcp: ", "did not answer within", "next: allow the client in the cache's security group"),
    ),
    "no egress rule": (
        {"Client": all_of(_without("AWS::EC2::SecurityGroupEgress"), impatient)},
        ("FAIL at tcp: ", "packets are dropped", "the port in the client's egress rules"),
    ),
    "user off": (
        {"Cache": replace_text("on ~* &* +@all", "off ~* &* +@all"), "Client": impatient},
        ("FAIL at auth: ", "refused the IAM token", "check that the user is on"),
    ),
    "plaintext cache": (
        {"Cache": _plaintext, "Client": impatient},
        ("FAIL at tls: ", "speaks plaintext, and TLS was asked for", "next: turn encryption in transit on"),
    ),
    "assets not readable": (
        {"Client": all_of(replace_text(".zip' /opt", ".gone' /opt"), impatient)},
        ("FAIL at fetch: ", "could not be read from s3://", "the role needs s3:GetObject"),
    ),
    "nothing ever signalled": ({"Client": _silent}, ("timed out",)),
    "user data crashing": (
        {"Client": all_of(replace_text("timeout 330 python3", "exit 3; timeout 330 python3"), impatient)},
        ("FAIL at test: ", "the connection test did not end (exit status 3)", "next: read"),
    ),
}


@pytest.mark.parametrize(("changes", "words"), FAULTS.values(), ids=FAULTS)
def test_each_fault_rolls_back_with_stage_cause_and_action(
    cloud: LocalAws, disabled: dict[str, Template], changes: dict[str, Change], words: tuple[str, ...]
) -> None:
    found = cloud.deploy("ClusterModeDisabled", disabled, **changes)
    assert found.status == "ROLLBACK_COMPLETE"
    for word in words:
        assert word in found.reason, found.reason


@pytest.mark.parametrize(
    ("deployment", "words"),
    [
        ("cluster-mode-disabled", ("FAIL at tcp: ", "refused")),
        ("cluster-mode-enabled", ("FAIL at topology: ", "next: ")),
    ],
    ids=["cache down", "one shard down"],
)
def test_what_is_down_rolls_back(cloud: LocalAws, deployment: str, words: tuple[str, ...]) -> None:
    templates = cloud.templates(deployment=deployment)
    prefix = deployment.title().replace("-", "")
    assert cloud.deploy(prefix, {part: templates[part] for part in ("Network", "Cache")}).status == "CREATE_COMPLETE"
    # Of a cluster, the last shard.
    last = "" if deployment == "cluster-mode-disabled" else "-0003-"
    down = [pid for pid, text in processes(cloud.session.folder / "caches").items() if last in text]
    assert len(down) == 2
    for pid in down:
        os.kill(pid, signal.SIGKILL)
    impatient(templates["Client"])
    found = cloud.create(f"{prefix}-Client", templates["Client"])
    assert found.status == "ROLLBACK_COMPLETE"
    for word in words:
        assert word in found.reason, found.reason


def test_deleting_ends_every_server_and_sandbox(cloud: LocalAws, disabled: dict[str, Template]) -> None:
    assert cloud.deploy("ClusterModeDisabled", disabled).status == "CREATE_COMPLETE"
    cloud.delete_all()
    until = time.monotonic() + 10
    while time.monotonic() < until and len(processes(cloud.session.folder)) > 1:
        time.sleep(0.1)
    # The emulator itself is left.
    assert len(processes(cloud.session.folder)) == 1


def test_the_cdk_cli_deploys_the_same_and_down_leaves_nothing(session: Session, tmp_path: Path) -> None:
    # Longer than the name of a socket may be.
    folder = tmp_path / ("run" * 40)
    environment = {**isolated_environment(), "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", f"LOCAL_FOLDER={folder}", *words],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    try:
        done = run("local", "CONTEXT=-c replicas=0")
        assert done.returncode == 0, done.stdout + done.stderr
        for text in (
            "starting the emulator",
            "bootstrapping it",
            "ClusterModeDisabled-Client",
            "PASS data",
            "verdict: WARN",
        ):
            assert text in done.stdout, text
        assert "PASS latency" in run("local-logs").stdout
    finally:
        ended = run("local-down")
    assert ended.returncode == 0
    assert not folder.exists()
    assert processes(folder) == {}
    assert run("local-down").returncode == 0


def test_without_the_emulator_it_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local_cloud.session.PYTHON", tmp_path / "python")
    with pytest.raises(LocalCloudError, match="must exist, and does not; run 'make local-setup'"):
        Session(tmp_path / "x").start()
    assert PYTHON.name == "python"


def test_a_cache_that_fails_on_the_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command, environment = server_command()
    monkeypatch.setattr(data_plane, "_SECONDS", 0.0)
    folder = tmp_path / "caches" / "sessions"
    with pytest.raises(TimeoutError, match="waited 0 s for sessions-001 to listen"):
        data_plane.start(
            folder,
            command,
            environment,
            Authority(tmp_path / "certificates"),
            id="sessions",
            region="us-east-1",
            shards=1,
            replicas=1,
            clustered=False,
            tls=False,
            port=6379,
            users=None,
            token=None,
            security_groups=(),
        )
    assert processes(folder) == {}
    assert not folder.exists()

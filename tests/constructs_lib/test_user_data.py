"""Runs the user data with bash and fake commands in place of those of an instance, and checks the signal."""

import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from constructs_lib import Access, ClusterMode, Network, TransitEncryption
from tests.cache_servers import Certificates, isolated_environment, start, wait_for
from tests.connection_test.probe import make_zip
from tests.constructs_lib.clients import client_of, user_data

pytestmark = pytest.mark.servers

FOLDERS = ("/var/lib/cache-client", "/opt/cache-client", "/etc/cache-client", "/usr/local/bin")


@dataclass
class Run:
    """What a run of the user data left behind."""

    status: int
    output: str
    signals: list[dict[str, Any]]
    root: Path

    @property
    def signal(self) -> dict[str, Any]:
        (signal,) = self.signals
        return signal


class Instance:
    """A machine with fake `aws`, `dnf` and `curl` commands."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.bin = folder / "bin"
        self.sent = folder / "sent.json"
        self.archive = make_zip(folder / "asset.zip")
        self.bin.mkdir()
        (self.root / "usr/local/bin").mkdir(parents=True)
        self.program("aws", f'cp {self.archive} "${{@: -1}}"')
        self.program("dnf", f"echo installed > {folder}/installed")
        self.program("curl", f'for word; do case $word in @*) cat "${{word#@}}" >> {self.sent};; esac; done')
        self.program("sleep", ":")
        (self.bin / "python3").symlink_to(sys.executable)

    def program(self, name: str, body: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/bash\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def run(self, script: str, replace: dict[str, str]) -> Run:
        for folder in FOLDERS:
            script = script.replace(folder, f"{self.root}{folder}")
        for old, new in replace.items():
            assert old in script, old
            script = script.replace(old, new)
        path = self.root / "user-data.sh"
        path.write_text(script)
        environment = {**isolated_environment(), "PATH": f"{self.bin}{os.pathsep}/usr/bin{os.pathsep}/bin"}
        done = subprocess.run(
            ["bash", str(path)], capture_output=True, text=True, env=environment, timeout=120, check=False
        )
        lines = self.sent.read_text().splitlines() if self.sent.exists() else []
        return Run(done.returncode, done.stdout + done.stderr, [json.loads(line) for line in lines], self.root)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(tmp_path)


def script_of(stack: cdk.Stack, **options: Any) -> str:
    """The user data for a plaintext cache of one node."""
    cache = {
        "cluster_mode": ClusterMode.disabled(replicas=0),
        "access": Access.none(),
        "transit_encryption": TransitEncryption.DISABLED,
    }
    client_of(stack, Network(stack, "Network"), cache, **options)
    return user_data(stack)


def to_port(port: int, script: str) -> dict[str, str]:
    """Replacements that lead the script to a server on loopback, without waiting for it."""
    host = script.split('"host": "')[1].split('"', maxsplit=1)[0]
    return {host: "127.0.0.1", "6379": str(port), '"wait_network": 120': '"wait_network": 0'}


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A server without TLS or users."""
    (tmp_path / "certificates").mkdir()
    server = start(tmp_path, "plain", Certificates(tmp_path / "certificates"), tls=False, users=False)
    yield server.port
    server.stop()


def test_a_healthy_cache_completes_the_stack(stack: cdk.Stack, instance: Instance, port: int) -> None:
    script = script_of(stack)
    run = instance.run(script, to_port(port, script))
    assert run.status == 0, run.output
    assert run.signal["Status"] == "SUCCESS"
    # The server has another minor version than the template, which is no warning.
    assert run.signal["Data"].startswith("PASS: redis 7.0")
    assert "latency p50" in run.signal["Data"]
    report = json.loads((run.root / "var/lib/cache-client/report.json").read_text())
    assert report["verdict"] == "PASS"
    assert "PASS data" in run.output


def test_the_test_can_be_run_again_by_a_command(stack: cdk.Stack, instance: Instance, port: int) -> None:
    script = script_of(stack)
    run = instance.run(script, to_port(port, script))
    command = run.root / "usr/local/bin/cache-connection-test"
    again = subprocess.run(
        [str(command), "--format=json"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{instance.bin}:/usr/bin:/bin"},
    )
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["verdict"] == "PASS"


def test_a_broken_cache_fails_the_stack_with_stage_cause_and_action(stack: cdk.Stack, instance: Instance) -> None:
    script = script_of(stack)
    run = instance.run(script, to_port(1, script))
    assert run.status == 13
    assert run.signal["Status"] == "FAILURE"
    assert run.signal["Reason"] == (
        "FAIL at tcp: 127.0.0.1:1 (127.0.0.1) refused the connection; nothing listens there; no tunnel is open there; "
        "next: check the port, and that the cache is available; through a tunnel, open it or correct its local port"
    )


def test_report_lets_the_stack_complete(stack: cdk.Stack, instance: Instance) -> None:
    script = script_of(stack, on_failure="report")
    run = instance.run(script, to_port(1, script))
    assert run.signal["Status"] == "SUCCESS"
    assert run.signal["Data"].startswith("FAIL at tcp: ")


def test_a_client_that_is_not_installed_is_a_warning(stack: cdk.Stack, instance: Instance, port: int) -> None:
    instance.program("dnf", "echo no mirror; exit 1")
    script = script_of(stack)
    run = instance.run(script, to_port(port, script))
    assert run.status == 0
    assert run.signal["Status"] == "SUCCESS"
    assert "installed" not in run.signal["Data"]
    assert "no mirror\nwarning: the command-line client was not installed" in run.output


def test_the_signal_is_sent_before_the_client_is_installed(
    stack: cdk.Stack, instance: Instance, port: int, tmp_path: Path
) -> None:
    instance.program("dnf", f"cp {instance.sent} {tmp_path}/before")
    script = script_of(stack)
    run = instance.run(script, to_port(port, script))
    assert json.loads((tmp_path / "before").read_text()) == run.signal


def test_the_heartbeat_is_started_only_on_the_primary_of_a_global_datastore(
    stack: cdk.Stack, instance: Instance, port: int, tmp_path: Path
) -> None:
    instance.program("systemd-run", f'echo "$@" > {tmp_path}/started')
    script = script_of(stack)
    assert instance.run(script, to_port(port, script)).status == 0
    assert not (tmp_path / "started").exists()
    beating = {"if false; then\n  stage=heartbeat": "if true; then\n  stage=heartbeat"}
    run = instance.run(script, {**to_port(port, script), **beating})
    assert run.status == 0, run.output
    wait_for((tmp_path / "started").exists, "the heartbeat's unit")
    command = run.root / "usr/local/bin/cache-heartbeat"
    assert str(command) in (tmp_path / "started").read_text()
    once = subprocess.run(
        [str(command), "1"], capture_output=True, text=True, check=False, env={"PATH": f"{instance.bin}:/usr/bin:/bin"}
    )
    assert once.returncode == 0, once.stderr


def test_the_client_is_installed_only_where_it_is_asked_for(
    stack: cdk.Stack, instance: Instance, port: int, tmp_path: Path
) -> None:
    script = script_of(stack, command_line_client=False)
    run = instance.run(script, to_port(port, script))
    assert run.signal["Status"] == "SUCCESS"
    assert not (tmp_path / "installed").exists()


def test_an_asset_that_cannot_be_read_fails_at_fetch(stack: cdk.Stack, instance: Instance) -> None:
    instance.program("aws", "echo 'fatal error: An error occurred (403): \"Forbidden\"' >&2; exit 1")
    run = instance.run(script_of(stack), {})
    assert run.status == 1
    assert run.signal["Status"] == "FAILURE"
    assert run.signal["Reason"].startswith(
        "FAIL at fetch: the connection test could not be read from s3://cdk-hnb659fds"
    )
    assert (
        "An error occurred (403): 'Forbidden' (exit status 1); next: give the role s3:GetObject" in run.signal["Reason"]
    )


@pytest.mark.parametrize(("on_failure", "status"), [("fail", "FAILURE"), ("report", "SUCCESS")])
def test_a_crash_of_the_test_still_signals(stack: cdk.Stack, instance: Instance, on_failure: str, status: str) -> None:
    of_the_test(instance, "exit 137")
    run = instance.run(script_of(stack, on_failure=on_failure), {})
    assert run.status == 137
    assert run.signal["Status"] == status
    assert run.signal["Data"].startswith(
        "FAIL at test: the connection test was killed (exit status 137); next: choose an instance type with more memory"
    )


def of_the_test(instance: Instance, body: str) -> None:
    """A command instead of the connection test; the other commands with a time limit run as they are."""
    instance.program("timeout", f'case "$*" in *connection_test.zip*--report*) {body};; esac; shift 3; exec "$@"')


@pytest.mark.parametrize(
    ("body", "status", "cause"),
    [
        ("exit 1", 1, "the connection test ended without a verdict"),
        ("exit 0", 1, "the connection test ended without a verdict"),
        ("exit 127", 127, "the image has no command python3"),
    ],
)
def test_a_test_without_a_verdict(stack: cdk.Stack, instance: Instance, body: str, status: int, cause: str) -> None:
    of_the_test(instance, body)
    run = instance.run(script_of(stack), {})
    assert run.status == status
    assert run.signal["Status"] == "FAILURE"
    assert run.signal["Reason"].startswith(f"FAIL at test: {cause} (exit status {status}); next: ")


def test_a_test_that_does_not_end(stack: cdk.Stack, instance: Instance) -> None:
    """It ignores the request to end; one second here."""
    archive = instance.root.parent / "stuck.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("__main__.py", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)")
    instance.program("aws", f'cp {archive} "${{@: -1}}"')
    run = instance.run(script_of(stack), {"timeout -k 10 330": "timeout -k 1 1", "-ge 330": "-ge 1"})
    cause = "the connection test did not end within 330 s (exit status 137)"
    assert run.signal["Reason"].startswith(f"FAIL at test: {cause}")


def test_the_files_of_an_earlier_client_are_no_verdict(stack: cdk.Stack, instance: Instance) -> None:
    state = instance.root / "var/lib/cache-client"
    state.mkdir(parents=True)
    (state / "signal.json").write_text('{"Status": "SUCCESS", "Reason": "PASS", "Data": "PASS"}')
    (state / "report.json").write_text('{"verdict": "PASS"}')
    of_the_test(instance, "exit 137")
    run = instance.run(script_of(stack), {})
    assert run.signal["Status"] == "FAILURE"
    assert not (state / "report.json").exists()


@pytest.mark.parametrize("healthy", [True, False])
def test_a_disk_that_takes_no_files(stack: cdk.Stack, instance: Instance, port: int, *, healthy: bool) -> None:
    """A file in place of the folder for the report and the signal refuses writes to it, also of root."""
    (instance.root / "var/lib").mkdir(parents=True)
    (instance.root / "var/lib/cache-client").write_text("")
    script = script_of(stack)
    run = instance.run(script, to_port(port if healthy else 1, script))
    assert run.signal["Status"] == ("SUCCESS" if healthy else "FAILURE")
    assert run.signal["Data"].startswith("PASS: redis" if healthy else "FAIL at tcp: ")
    assert "report.json was not written" in run.output


def test_an_image_without_python(stack: cdk.Stack, instance: Instance) -> None:
    (instance.bin / "python3").unlink()
    for name in ("timeout", "tr", "cat", "mkdir", "rm", "chmod", "cp"):
        (instance.bin / name).symlink_to(f"/usr/bin/{name}")
    run = instance.run(script_of(stack), {"set -uo pipefail": f"PATH={instance.bin}\nset -uo pipefail"})
    assert run.signal["Reason"] == (
        "FAIL at test: the image has no command python3 (exit status 127); next: use Amazon Linux 2023, or an image "
        "with Python 3.9 or newer"
    )


@pytest.mark.parametrize("body", ["exit 124", "exit 137", "echo 'Connect timeout on endpoint URL' >&2; exit 255"])
def test_storage_that_does_not_answer(stack: cdk.Stack, instance: Instance, body: str) -> None:
    instance.program("aws", body)
    run = instance.run(script_of(stack), {})
    assert re.match("FAIL at fetch: s3://[a-z0-9-]+ did not answer, ", run.signal["Reason"])
    assert "next: check the S3 gateway endpoint and the routes" in run.signal["Reason"]
    assert "s3:GetObject" not in run.signal["Reason"]


def test_every_step_before_the_signal_is_killed_at_its_limit(stack: cdk.Stack) -> None:
    """The wait condition waits longer than the sum of the limits."""
    script = script_of(stack)
    before = script[: script.index("\nsend\n")]
    assert re.findall(r"\btimeout (?!-k \d+ \d+ )", before) == []
    (send, fetch, test) = [(int(kill) + int(limit)) for kill, limit in re.findall(r"timeout -k (\d+) (\d+) ", before)]
    attempts = [int(word) for word in re.findall(r"in ((?:\d+ ?)+); do", before)[0].split()]
    longest = len(attempts) * fetch + 2 * sum(attempts) + test + send
    (tries,) = re.findall(r"--max-time (\d+) --retry (\d+) --retry-delay (\d+)", before)
    most, retries, pause = map(int, tries)
    assert (retries + 1) * most + retries * pause < send
    (wait,) = assertions.Template.from_stack(stack).find_resources("AWS::CloudFormation::WaitCondition").values()
    assert int(wait["Properties"]["Timeout"]) == longest + 300


def test_a_kill_of_the_script_still_signals(stack: cdk.Stack, instance: Instance) -> None:
    instance.program("aws", f"kill -TERM $(pgrep -o -f {instance.root}/user-data.sh)")
    run = instance.run(script_of(stack), {})
    assert run.signal["Status"] == "FAILURE"
    assert run.signal["Reason"].startswith("FAIL at fetch: ")

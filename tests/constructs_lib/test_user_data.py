"""Runs the user data with bash and fake commands in place of those of an instance, and checks the signal."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from constructs_lib import Access, ClusterMode, Network, TransitEncryption
from tests.cache_servers import Certificates, isolated_environment, start, wait_for
from tests.connection_test.probe import make_zip
from tests.constructs_lib.test_client import client_of, user_data

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
    # The server here is not the version that the template names, which is a warning.
    assert run.signal["Data"].startswith("WARN: redis 7.0")
    assert "latency p50" in run.signal["Data"]
    report = json.loads((run.root / "var/lib/cache-client/report.json").read_text())
    assert report["verdict"] == "WARN"
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
    assert json.loads(again.stdout)["verdict"] == "WARN"


def test_a_broken_cache_fails_the_stack_with_stage_cause_and_action(stack: cdk.Stack, instance: Instance) -> None:
    script = script_of(stack)
    run = instance.run(script, to_port(1, script))
    assert run.status == 13
    assert run.signal["Status"] == "FAILURE"
    assert run.signal["Reason"] == (
        "FAIL at tcp: 127.0.0.1:1 (127.0.0.1) refused the connection; nothing listens there; next: check the port, "
        "and that the cache is available"
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
    assert run.signal["Data"].endswith("(warning: the command-line client was not installed)")
    assert "no mirror" in run.output


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
    assert "An error occurred (403): 'Forbidden'; the role needs s3:GetObject" in run.signal["Reason"]


@pytest.mark.parametrize(("on_failure", "status"), [("fail", "FAILURE"), ("report", "SUCCESS")])
def test_a_crash_of_the_test_still_signals(stack: cdk.Stack, instance: Instance, on_failure: str, status: str) -> None:
    instance.program("timeout", 'case "$*" in *connection_test.zip*--report*) exit 137;; esac; shift; exec "$@"')
    run = instance.run(script_of(stack, on_failure=on_failure), {})
    assert run.signal["Status"] == status
    assert run.signal["Data"].startswith("FAIL at ")
    assert "next: read /var/log/cloud-init-output.log" in run.signal["Data"]


def test_a_kill_of_the_script_still_signals(stack: cdk.Stack, instance: Instance) -> None:
    instance.program("aws", f"kill -TERM $(pgrep -o -f {instance.root}/user-data.sh)")
    run = instance.run(script_of(stack), {})
    assert run.signal["Status"] == "FAILURE"
    assert run.signal["Reason"].startswith("FAIL at fetch: ")

"""The drill of a failover on real servers, while a client in an instance reads and writes."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_cloud.stacks import Stacks
from tests.cache_servers import wait_for
from tests.conftest import ROOT
from tests.elasticache_operations.closed_schemas import check_schema

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def deployed(emulated: Stacks) -> Iterator[Stacks]:
    """A replication group with a client, whose replica has metrics."""
    result = emulated.deploy("Drills", emulated.templates())
    assert result.status == "CREATE_COMPLETE", result.reason
    cloudwatch = emulated.client("cloudwatch")
    wait_for(
        lambda: cloudwatch.list_metrics(Namespace="AWS/ElastiCache", MetricName="ReplicationLag")["Metrics"],
        "the lag of the replica",
    )
    yield emulated
    emulated.delete_all()


def group(stacks: Stacks) -> dict[str, Any]:
    (one,) = stacks.client("elasticache").describe_replication_groups()["ReplicationGroups"]
    return one  # type: ignore[no-any-return]


def primary(stacks: Stacks) -> str:
    members = group(stacks)["NodeGroups"][0]["NodeGroupMembers"]
    (name,) = [member["CacheClusterId"] for member in members if member["CurrentRole"] == "primary"]
    return str(name)


def drill(stacks: Stacks, *words: str) -> subprocess.Popen[str]:
    """Start a drill with the environment that `make local-env` prints."""
    command = [sys.executable, "-m", "elasticache_operations", "drill", *words]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=stacks.session.whole_environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def shell(stacks: Stacks) -> str:
    """The command of `--watch-command`: what `make local-shell` runs."""
    local = f"{sys.executable} -m local_cloud --folder {stacks.session.folder}"
    return f"{local} shell cache-connection-test --watch 120 --format json"


def watches(stacks: Stacks) -> list[str]:
    """The command lines of the watches in the instance, which has a namespace of processes."""
    first = json.loads((stacks.session.instances()[-1] / "enter.json").read_text())["pid"]
    namespace, found = Path(f"/proc/{first}/ns/pid").readlink(), []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "ns" / "pid").readlink() == namespace:
                found.append((entry / "cmdline").read_text().replace("\0", " "))
    assert found, "the instance has processes"
    return [command for command in found if "connection_test.zip" in command and "--watch" in command]


def instance(stacks: Stacks) -> str:
    return stacks.session.instances()[-1].name


@pytest.mark.parametrize("where", ["--instance", "--watch-command"])
def test_a_failover_is_measured_while_the_client_reads_and_writes(deployed: Stacks, tmp_path: Path, where: str) -> None:
    client = instance(deployed) if where == "--instance" else shell(deployed)
    id, before = group(deployed)["ReplicationGroupId"], primary(deployed)
    record = tmp_path / "drills.jsonl"
    process = drill(deployed, "failover", id, where, client, "--run", "--record", str(record))
    output, errors = process.communicate(timeout=90)
    assert process.returncode == 0, output + errors
    document = json.loads(record.read_text())
    check_schema("drill", document)
    figures = document["figures"]
    assert document["result"] == "passed"
    assert 0 < figures["longest_write_gap_ms"] < 60_000
    assert figures["longest_read_gap_ms"] > 0
    assert figures["lost_writes"] >= 0
    assert figures["writes"] > 50
    assert figures["reads"] > 50
    assert 0 < figures["aws_failover_ms"] < 60_000
    assert figures["new_primary"] == primary(deployed) != before
    assert watches(deployed) == []


def test_an_interruption_longer_than_allowed_fails_the_drill(deployed: Stacks) -> None:
    id = group(deployed)["ReplicationGroupId"]
    process = drill(deployed, "failover", id, "--instance", instance(deployed), "--run", "--most", "1ms")
    output, errors = process.communicate(timeout=90)
    assert process.returncode == 1, output + errors
    assert output.splitlines()[-1].endswith(" over the 1 ms of --most"), output


def test_without_run_the_primary_stays(deployed: Stacks) -> None:
    before = primary(deployed)
    process = drill(deployed, "failover", group(deployed)["ReplicationGroupId"])
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, output + errors
    assert "planned: nothing was changed" in output
    assert primary(deployed) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("where", ["--instance", "--watch-command"])
def test_an_interrupted_drill_leaves_no_watch(deployed: Stacks, where: str, number: int) -> None:
    client = instance(deployed) if where == "--instance" else shell(deployed)
    before = primary(deployed)
    process = drill(deployed, "failover", group(deployed)["ReplicationGroupId"], where, client, "--run")
    assert process.stderr is not None
    text = ""
    while "the watch starts on" not in text:
        text = process.stderr.readline()
        assert text, "the drill has ended"
    wait_for(lambda: watches(deployed), "the watch to start")
    os.kill(process.pid, number)
    with process:
        assert process.stdout is not None
        output, errors = process.stdout.read(), process.stderr.read()
    assert (process.returncode, output) == (130, "")
    assert errors.splitlines()[-1] == "elasticache drill failover: interrupted; nothing was changed"
    wait_for(lambda: not watches(deployed), "the watch to end")
    assert primary(deployed) == before


def test_a_script_runs_on_the_instance(deployed: Stacks) -> None:
    client, id = deployed.client("ssm"), instance(deployed)
    sent = client.send_command(
        InstanceIds=[id],
        DocumentName="AWS-RunShellScript",
        Parameters={"commands": ["hostname", "echo no >&2; exit 7"]},
    )
    command = sent["Command"]["CommandId"]
    wait_for(
        lambda: client.get_command_invocation(CommandId=command, InstanceId=id)["Status"] == "Failed", "the end of it"
    )
    found = client.get_command_invocation(CommandId=command, InstanceId=id)
    assert (found["ResponseCode"], found["StandardOutputContent"], found["StandardErrorContent"]) == (
        7,
        f"{id}\n",
        "no\n",
    )
    with pytest.raises(client.exceptions.InvalidInstanceId):
        client.send_command(InstanceIds=["i-0"], DocumentName="AWS-RunShellScript", Parameters={"commands": ["true"]})

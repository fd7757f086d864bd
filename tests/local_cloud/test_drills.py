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

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture(scope="module")
def deployed(emulated: Stacks) -> Iterator[Stacks]:
    """A replication group with a client."""
    result = emulated.deploy("Drills", emulated.templates())
    assert result.status == "CREATE_COMPLETE", result.reason
    yield emulated
    emulated.delete_all()


def group(stacks: Stacks) -> dict[str, Any]:
    (one,) = stacks.client("elasticache").describe_replication_groups()["ReplicationGroups"]
    return one  # type: ignore[no-any-return]


def primary(stacks: Stacks) -> str:
    members = group(stacks)["NodeGroups"][0]["NodeGroupMembers"]
    (name,) = [member["CacheClusterId"] for member in members if member["CurrentRole"] == "primary"]
    return str(name)


def wait_for_lags(stacks: Stacks) -> None:
    """Wait for the metric that a drill reads: a node that has become a replica publishes its lag some seconds later."""
    groups = stacks.client("elasticache").describe_replication_groups()["ReplicationGroups"]
    members = [member for each in groups for shard in each["NodeGroups"] for member in shard["NodeGroupMembers"]]
    replicas = {member["CacheClusterId"] for member in members if member.get("CurrentRole") == "replica"}
    cloudwatch = stacks.client("cloudwatch")

    def measured() -> bool:
        listed = cloudwatch.list_metrics(Namespace="AWS/ElastiCache", MetricName="ReplicationLag")["Metrics"]
        return replicas <= {dimension["Value"] for metric in listed for dimension in metric["Dimensions"]}

    wait_for(measured, "the lag of each replica")


def drill(stacks: Stacks, *words: str) -> subprocess.Popen[str]:
    """Start a drill with the environment that `make local-env` prints."""
    wait_for_lags(stacks)
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


def local_drill(stacks: Stacks, *words: str) -> subprocess.CompletedProcess[str]:
    """What `make local-drill COMMAND="..."` runs."""
    wait_for_lags(stacks)
    command = [sys.executable, "-m", "local_cloud", "--folder", str(stacks.session.folder), "drill", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)


def test_the_local_drill_takes_the_newest_cache_and_instance(deployed: Stacks) -> None:
    id = group(deployed)["ReplicationGroupId"]
    done = local_drill(deployed)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"drill failover of {id} (dry run)\n")
    done = local_drill(deployed, "--line", "failover --run --most 1ms")
    assert done.returncode == 1, done.stderr
    assert f"the watch starts on {instance(deployed)}" in done.stdout
    done = local_drill(deployed, "--line", "failover absent --run --watch-command false")
    assert (done.returncode, "ID must be one of the valid values, got 'absent'" in done.stderr) == (2, True)


def test_the_local_drill_needs_the_local_cloud(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local_cloud", "--folder", str(tmp_path / "none"), "drill"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (1, "local_cloud: the local cloud is not running; run 'make local'\n")


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


def lags(cloudwatch: Any, prefix: str) -> list[str]:
    """The nodes that have the metric ReplicationLag."""
    listed = cloudwatch.list_metrics(Namespace="AWS/ElastiCache", MetricName="ReplicationLag")["Metrics"]
    names = [dimension["Value"] for metric in listed for dimension in metric["Dimensions"]]
    return [name for name in names if name.startswith(prefix)]


def test_a_shard_of_a_cluster_fails_over(deployed: Stacks, tmp_path: Path) -> None:
    templates = deployed.templates(deployment="cluster-mode-enabled", shards="2")
    result = deployed.deploy("Sharded", templates)
    try:
        assert result.status == "CREATE_COMPLETE", result.reason
        groups = deployed.client("elasticache").describe_replication_groups()["ReplicationGroups"]
        (id,) = [each["ReplicationGroupId"] for each in groups if each["ReplicationGroupId"].startswith("sharded")]
        words = ("failover", id, "--shard", "0002", "--instance", instance(deployed), "--run", "--format", "json")
        cloudwatch = deployed.client("cloudwatch")
        wait_for(lambda: lags(cloudwatch, f"{id}-0002-"), "the lag of the replica")
        output, errors = drill(deployed, *words).communicate(timeout=300)
        assert output, errors
        figures = json.loads(output)["figures"]
        assert figures["longest_write_gap_ms"] > 0, errors
        assert figures["new_primary"].startswith(f"{id}-0002-")
    finally:
        deployed.delete_all("Sharded")


@pytest.mark.parametrize("access", ["auth-token", "password"])
def test_the_client_logs_in_with_versions_of_the_secret(deployed: Stacks, access: str) -> None:
    """The emulator's RotateSecret copies the value, and deletes the version from before both rotations."""
    prefix = f"Rotates{access[:4].title()}"
    result = deployed.deploy(prefix, deployed.templates(access=access))
    try:
        assert result.status == "CREATE_COMPLETE", result.reason
        groups = deployed.client("elasticache").describe_replication_groups()["ReplicationGroups"]
        (id,) = [each["ReplicationGroupId"] for each in groups if each["ReplicationGroupId"].startswith(prefix.lower())]
        secrets = deployed.client("secretsmanager")
        (arn,) = [each["ARN"] for each in secrets.list_secrets()["SecretList"]]
        words = ("rotation", id, "--secret", arn, "--instance", instance(deployed), "--run", "--format", "json")
        refused = drill(deployed, *words)
        output, errors = refused.communicate(timeout=60)
        assert refused.returncode == 1, errors
        assert "rotation of the secret: off" in json.loads(output)["summary"]
        secrets.rotate_secret(SecretId=arn, RotationLambdaARN="arn:aws:lambda:us-east-1:000000000000:function:rotation")
        process = drill(deployed, *words)
        output, errors = process.communicate(timeout=300)
        assert (process.returncode, bool(output)) == (1, True), errors
        data = json.loads(output)
        assert "both rotations are complete, and the last check is missing: version " in data["summary"]
        assert data["figures"]["refused_logins"] == 0
        assert data["figures"]["logins"] >= 2
        password = secrets.get_secret_value(SecretId=arn)["SecretString"]
        if access == "password":
            password = json.loads(password)["password"]
        assert password not in output + errors
    finally:
        deployed.delete_all(prefix)

"""Updates, failovers and the deletion of deployed caches, while a client reads and writes."""

import copy
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.fault import replace_text, set_property, without_delays
from local_cloud.instance import sandbox
from local_cloud.stacks import Stacks, Template, renamed
from tests.local_cloud.processes import processes
from tests.outputs import rest_of

pytestmark = [pytest.mark.servers, pytest.mark.slow]


def watching(stacks: Stacks, seconds: float) -> subprocess.Popen[str]:
    """Start a client that writes and reads in the newest instance."""
    command = sandbox.enter(stacks.session.instances()[-1], ["cache-connection-test", "--watch", str(seconds)])
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("watching ")
    return process


def the_instance(stacks: Stacks) -> Path:
    """The only instance, after the others have ended."""
    until = time.monotonic() + 10
    while len(stacks.session.instances()) > 1 and time.monotonic() < until:
        time.sleep(0.1)
    (one,) = stacks.session.instances()
    return one


def group(stacks: Stacks, prefix: str) -> dict[str, Any]:
    groups = stacks.client("elasticache").describe_replication_groups()["ReplicationGroups"]
    (one,) = [candidate for candidate in groups if candidate["ReplicationGroupId"].startswith(prefix.lower())]
    return one  # type: ignore[no-any-return]


def test_a_changed_configuration_is_tested_again(stacks: Stacks) -> None:
    prefix = "Grows"
    assert stacks.deploy(prefix, stacks.templates(replicas="1")).status == "CREATE_COMPLETE"
    first = stacks.session.instances()
    more = stacks.templates(replicas="2")
    assert stacks.update(f"{prefix}-Cache", renamed(more["Cache"], prefix)).status == "UPDATE_COMPLETE"
    result = stacks.update(f"{prefix}-Client", renamed(more["Client"], prefix))
    assert result.status == "UPDATE_COMPLETE", result.reason
    assert "replicas read" in result.verdict
    # A new instance replaces the first one.
    second = the_instance(stacks)
    assert second not in first
    assert "2 replicas connected" in (second / "console").read_text()


def test_an_update_without_a_change_restarts_no_process(stacks: Stacks) -> None:
    templates = stacks.templates()
    assert stacks.deploy("Same", templates).status == "CREATE_COMPLETE"
    # The user data goes on after the signal, with the command-line client.
    ended, until = the_instance(stacks) / "ended", time.monotonic() + 30
    while not ended.read_text():
        assert time.monotonic() < until, "the user data does not end"
        time.sleep(0.05)
    before = processes(stacks.session.folder).keys()
    for part, template in templates.items():
        with pytest.raises(ClientError, match="No updates are to be performed"):
            stacks.update(f"Same-{part}", renamed(template, "Same"))
    # A description is a change of the template, but of no resource.
    changed = renamed(templates["Client"], "Same") | {"Description": "Another one"}
    assert stacks.update("Same-Client", changed).status == "UPDATE_COMPLETE"
    assert processes(stacks.session.folder).keys() == before


def test_an_update_that_breaks_the_connection_is_rolled_back(stacks: Stacks) -> None:
    prefix = "Breaks"
    templates = stacks.templates()
    assert stacks.deploy(prefix, templates).status == "CREATE_COMPLETE"
    (before,) = stacks.session.instances()
    broken = renamed(stacks.templates(replicas="2")["Client"], prefix)
    without_delays(broken)
    set_property("AWS::EC2::SecurityGroupIngress", "SourceSecurityGroupId", "sg-0123456789abcdef0")(broken)
    result = stacks.update(f"{prefix}-Client", broken)
    assert result.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "FAIL at tcp: " in result.reason
    assert the_instance(stacks) == before


def test_a_failover_interrupts_the_client_briefly(stacks: Stacks) -> None:
    assert stacks.deploy("Fails", stacks.templates()).status == "CREATE_COMPLETE"
    id = group(stacks, "Fails")["ReplicationGroupId"]
    process = watching(stacks, 5)
    time.sleep(1)
    answer = stacks.client("elasticache").test_failover(ReplicationGroupId=id, NodeGroupId="0001")
    members = answer["ReplicationGroup"]["NodeGroups"][0]["NodeGroupMembers"]
    assert [member["CurrentRole"] for member in members] == ["replica", "primary"]
    output, _ = rest_of(process, 30)
    assert process.returncode == 0, output
    assert re.search(r"shard 1: no answer for \d+ ms, \d+ confirmed writes? lost \(.+\)", output), output
    assert re.search(r"watched 1 shard for \d+ s: \d+ writes, [1-9]\d* gaps?, the longest \d+ ms", output), output


def test_a_shard_is_added_online_and_fails_over(stacks: Stacks) -> None:
    prefix, context = "Reshards", {"deployment": "cluster-mode-enabled"}
    assert stacks.deploy(prefix, stacks.templates(**context, shards="2")).status == "CREATE_COMPLETE"
    process = watching(stacks, 20)
    more = stacks.templates(**context, shards="3")
    assert stacks.update(f"{prefix}-Cache", renamed(more["Cache"], prefix)).status == "UPDATE_COMPLETE"
    one = group(stacks, prefix)
    assert len(one["NodeGroups"]) == 3
    stacks.client("elasticache").test_failover(ReplicationGroupId=one["ReplicationGroupId"], NodeGroupId="0001")
    output, _ = rest_of(process, 40)
    assert process.returncode == 0, output
    assert "watched 2 shards for " in output
    result = stacks.update(f"{prefix}-Client", renamed(more["Client"], prefix))
    assert result.status == "UPDATE_COMPLETE", result.reason
    assert "shards 3" in result.verdict


def test_memcached_nodes_are_added_and_removed(stacks: Stacks) -> None:
    for number, nodes in enumerate((2, 3, 1)):
        templates = stacks.templates(deployment="memcached", nodes=str(nodes))
        if number == 0:
            result = stacks.deploy("Many", templates)
        else:
            assert stacks.update("Many-Cache", renamed(templates["Cache"], "Many")).status == "UPDATE_COMPLETE"
            result = stacks.update("Many-Client", renamed(templates["Client"], "Many"))
        assert result.status.endswith("_COMPLETE"), result.reason
        assert f"nodes {nodes}" in result.verdict


def test_users_change_without_interruption(stacks: Stacks) -> None:
    templates = stacks.templates()
    assert stacks.deploy("Users", templates).status == "CREATE_COMPLETE"
    instance = the_instance(stacks)

    def answer(*words: str) -> str:
        command = sandbox.enter(instance, ["cache-cli", *words])
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).strip()

    assert answer("GET", "key") == ""
    cache = renamed(templates["Cache"], "Users")
    readers = copy.deepcopy(cache)
    replace_text("on ~* &* +@all", "on ~app:* &* +@all")(readers)
    assert stacks.update("Users-Cache", readers).status == "UPDATE_COMPLETE"
    assert "NOPERM" in answer("GET", "key")
    assert answer("SET", "app:key", "1") == "OK"
    off = copy.deepcopy(cache)
    replace_text("on ~* &* +@all", "off ~* &* +@all")(off)
    assert stacks.update("Users-Cache", off).status == "UPDATE_COMPLETE"
    assert "WRONGPASS" in answer("GET", "app:key") or "NOAUTH" in answer("GET", "app:key")


def test_a_failover_without_a_replica_is_refused(stacks: Stacks) -> None:
    templates = stacks.templates(replicas="0")
    assert stacks.deploy("Alone", {part: templates[part] for part in ("Network", "Cache")}).status == "CREATE_COMPLETE"
    id = group(stacks, "Alone")["ReplicationGroupId"]
    client = stacks.client("elasticache")
    with pytest.raises(ClientError, match="has no replica to fail over to; add a replica"):
        client.test_failover(ReplicationGroupId=id, NodeGroupId="0001")
    with pytest.raises(ClientError, match="Node group 0002 not found in replication group"):
        client.test_failover(ReplicationGroupId=id, NodeGroupId="0002")
    with pytest.raises(ClientError, match="ReplicationGroup unknown not found"):
        client.test_failover(ReplicationGroupId="unknown", NodeGroupId="0001")


def test_a_deleted_cache_leaves_a_snapshot(stacks: Stacks) -> None:
    assert stacks.deploy("Keeps", stacks.templates()).status == "CREATE_COMPLETE"
    id = group(stacks, "Keeps")["ReplicationGroupId"]
    write = sandbox.enter(stacks.session.instances()[-1], ["cache-cli", "SET", "kept", "until-the-end"])
    assert subprocess.run(write, check=True, capture_output=True, text=True).stdout.strip() == "OK"
    stacks.delete_all()
    (listed,) = stacks.client("elasticache").describe_snapshots(ReplicationGroupId=id)["Snapshots"]
    assert listed["SnapshotName"] == f"{id}-final-snapshot"
    (file,) = (stacks.session.folder / "snapshots" / listed["SnapshotName"]).iterdir()
    assert b"until-the-end" in file.read_bytes()


def test_a_client_cannot_reach_the_cache_of_another_deployment(stacks: Stacks) -> None:
    templates = stacks.templates()
    for prefix in ("Left", "Right"):
        assert stacks.deploy(prefix, templates).status == "CREATE_COMPLETE"
    left, right = stacks.session.instances()
    host = group(stacks, "Right")["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    assert answers(right, host)
    # No rule allows a connection to the other deployment's cache.
    assert not answers(left, host)


def test_a_rule_that_is_removed_takes_effect(stacks: Stacks) -> None:
    templates = stacks.templates()
    assert stacks.deploy("Rules", templates).status == "CREATE_COMPLETE"
    host = group(stacks, "Rules")["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    (instance,) = stacks.session.instances()
    assert answers(instance, host)
    closed = _without_ingress(renamed(templates["Client"], "Rules"))
    assert stacks.update("Rules-Client", closed).status == "UPDATE_COMPLETE"
    until = time.monotonic() + 5
    while answers(instance, host):
        assert time.monotonic() < until
        time.sleep(0.2)


def _without_ingress(template: Template) -> Template:
    result = copy.deepcopy(template)
    (name,) = [
        key for key, resource in result["Resources"].items() if resource["Type"] == "AWS::EC2::SecurityGroupIngress"
    ]
    del result["Resources"][name]
    for resource in result["Resources"].values():
        if name in resource.get("DependsOn", []):
            resource["DependsOn"].remove(name)
    return result


def answers(instance: Path, host: str) -> bool:
    """Whether a connection from an instance is accepted within a second."""
    command = sandbox.enter(instance, ["timeout", "1", "bash", "-c", f"exec 3<>/dev/tcp/{host}/6379"])
    return subprocess.run(command, check=False, capture_output=True).returncode == 0

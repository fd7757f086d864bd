"""A Global Datastore of two regions: replication, failover with the runbook's commands, and loss of the primary."""

import json
import re
import subprocess
import time

import pytest
from botocore.exceptions import ClientError

from elasticache_operations.drills.global_failover.command import Operations
from elasticache_operations.drills.global_failover.statuses import OperationError
from local_cloud.fault import without_delays
from local_cloud.instance import sandbox
from local_cloud.session import LocalCloudError
from local_cloud.stacks import Deployed, Stacks, Template
from tests.cache_servers import wait_for

pytestmark = [pytest.mark.servers, pytest.mark.slow]

HOME, AWAY = "us-east-1", "eu-west-1"
ORDER = [(region, part) for part in ("Network", "Cache", "Client") for region in (HOME, AWAY)]


@pytest.fixture(scope="module")
def templates(emulated: Stacks) -> dict[str, Template]:
    return emulated.synthesise(deployment="global-datastore")


def name(region: str, part: str) -> str:
    return f"GlobalDatastore-{region}-{part}"


def deploy(stacks: Stacks, templates: dict[str, Template], *which: tuple[str, str]) -> dict[tuple[str, str], Deployed]:
    """Create stacks in this order."""
    results = {}
    for region, part in which or ORDER:
        template = json.loads(json.dumps(templates[name(region, part)]))
        # A final snapshot fails when the servers are down.
        for resource in template["Resources"].values():
            if resource.get("DeletionPolicy") == "Snapshot":
                resource["DeletionPolicy"] = "Delete"
        without_delays(template)
        results[region, part] = stacks.create(name(region, part), template, region)
    return results


def in_client(stacks: Stacks, region: str, *words: str) -> subprocess.Popen[str]:
    """Start a command in the client of a region."""
    (instance,) = [folder for folder in stacks.session.instances() if region in (folder / "enter.json").read_text()]
    command = sandbox.enter(instance, words)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def shell(stacks: Stacks, region: str, *words: str) -> str:
    """Run a command in the client of a region; returns its output."""
    output, _ = in_client(stacks, region, *words).communicate(timeout=60)
    return output.strip()


def global_id(stacks: Stacks) -> str:
    (datastore,) = stacks.client("elasticache").describe_global_replication_groups()["GlobalReplicationGroups"]
    return str(datastore["GlobalReplicationGroupId"])


def operations(stacks: Stacks, lines: list[str]) -> Operations:
    return Operations(client=lambda region: stacks.client("elasticache", region), write_line=lines.append, poll=0.1)


def test_the_clients_of_both_regions_signal_a_verdict(stacks: Stacks, templates: dict[str, Template]) -> None:
    results = deploy(stacks, templates)
    assert {result.status for result in results.values()} == {"CREATE_COMPLETE"}
    assert "shards 1, replicas read 1" in results[HOME, "Client"].verdict
    arrived = re.search(r"a write of the primary region arrived after (\d+) ms", results[AWAY, "Client"].verdict)
    assert arrived, results[AWAY, "Client"].verdict
    assert int(arrived[1]) < 2000
    assert shell(stacks, HOME, "cache-cli", "SET", "word", "arrives") == "OK"
    wait_for(lambda: shell(stacks, AWAY, "cache-cli", "GET", "word") == "arrives", "the write to arrive")
    assert shell(stacks, AWAY, "cache-cli", "SET", "word", "no").startswith("READONLY")
    # A Global Datastore with a secondary cannot be deleted.
    with pytest.raises(LocalCloudError, match=f"has secondaries in {AWAY}; delete them first"):
        stacks.delete(name(HOME, "Cache"))


def test_a_planned_failover_loses_no_write_and_the_clients_report_it(
    stacks: Stacks, templates: dict[str, Template]
) -> None:
    deploy(stacks, templates)
    id, lines = global_id(stacks), list[str]()
    for number in range(20):
        assert shell(stacks, HOME, "cache-cli", "SET", f"key-{number}", str(number)) == "OK"
    # A writer in the old primary's region continues until it is refused.
    counting = "while cache-cli INCR counted | grep -qx '[0-9][0-9]*'; do n=$((n + 1)); done; echo $n"
    writer = in_client(stacks, HOME, "bash", "-c", counting)
    wait_for(lambda: shell(stacks, AWAY, "cache-cli", "GET", "counted").isdigit(), "the writer to write")
    state = operations(stacks, lines).failover(id, HOME, AWAY, dry_run=False)
    confirmed, _ = writer.communicate(timeout=30)
    assert int(confirmed) > 0
    assert shell(stacks, AWAY, "cache-cli", "GET", "counted") == confirmed.strip()
    assert state.primary is not None
    assert state.primary.region == AWAY
    assert [shell(stacks, AWAY, "cache-cli", "GET", f"key-{number}") for number in range(20)] == list(
        map(str, range(20))
    )
    assert shell(stacks, AWAY, "cache-cli", "SET", "word", "back") == "OK"
    wait_for(lambda: shell(stacks, HOME, "cache-cli", "GET", "word") == "back", "the write to arrive")
    # Each client still tests the role in its template, and reports that the roles have changed.
    assert "FAIL at data: " in shell(stacks, AWAY, "cache-connection-test")
    assert "FAIL at data: " in shell(stacks, HOME, "cache-connection-test")
    operations(stacks, lines).failover(id, HOME, HOME, dry_run=False)
    assert "PASS data" in shell(stacks, HOME, "cache-connection-test")
    assert "PASS data" in shell(stacks, AWAY, "cache-connection-test")


def test_a_failover_within_the_primary_region_keeps_the_secondary(
    stacks: Stacks, templates: dict[str, Template]
) -> None:
    deploy(stacks, templates)
    client = stacks.client("elasticache")
    (group,) = client.describe_replication_groups()["ReplicationGroups"]
    assert group["GlobalReplicationGroupInfo"]["GlobalReplicationGroupMemberRole"] == "PRIMARY"
    client.test_failover(ReplicationGroupId=group["ReplicationGroupId"], NodeGroupId="0001")
    assert shell(stacks, HOME, "cache-cli", "SET", "word", "after") == "OK"
    wait_for(lambda: shell(stacks, AWAY, "cache-cli", "GET", "word") == "after", "the write to arrive")


def test_when_the_primary_is_lost_a_secondary_is_promoted(stacks: Stacks, templates: dict[str, Template]) -> None:
    deploy(stacks, templates, *[stack for stack in ORDER if stack != (AWAY, "Client")])
    id, lines = global_id(stacks), list[str]()
    assert shell(stacks, HOME, "cache-cli", "SET", "word", "kept") == "OK"
    time.sleep(0.5)
    stacks.kill_servers(name(HOME, "Cache").removesuffix("-Cache"))
    # A client that is deployed now can read, and reports that no write arrives.
    result = deploy(stacks, templates, (AWAY, "Client"))[AWAY, "Client"]
    assert result.status == "CREATE_COMPLETE", result.reason
    assert result.verdict.startswith("WARN: ")
    assert "replicas" in result.verdict.rpartition("warnings at ")[2]
    assert "FAIL at tcp: " in shell(stacks, HOME, "cache-connection-test")
    # A planned failover needs the primary, and the error names it.
    with pytest.raises(OperationError, match="has no primary, because all of its servers are down"):
        operations(stacks, lines).failover(id, AWAY, AWAY, dry_run=False)
    with pytest.raises(OperationError, match="there are two writers"):
        operations(stacks, lines).promote(id, AWAY, dry_run=False)
    operations(stacks, lines).promote(id, AWAY, dry_run=False, primary_is_lost=True)
    assert lines[-1].split() == ["after", AWAY, "STANDALONE", "available", lines[-1].split()[-1]]
    assert shell(stacks, AWAY, "cache-cli", "GET", "word") == "kept"
    assert shell(stacks, AWAY, "cache-cli", "SET", "word", "continues") == "OK"


def test_a_client_reports_that_the_primary_is_down(stacks: Stacks, templates: dict[str, Template]) -> None:
    deploy(stacks, templates, (HOME, "Network"), (HOME, "Cache"))
    stacks.kill_servers(name(HOME, "Cache").removesuffix("-Cache"))
    result = deploy(stacks, templates, (HOME, "Client"))[HOME, "Client"]
    assert result.status == "ROLLBACK_COMPLETE"
    assert "FAIL at tcp: " in result.reason
    assert "refused the connection" in result.reason


def test_a_secondary_before_its_primary_is_rolled_back(stacks: Stacks, templates: dict[str, Template]) -> None:
    result = deploy(stacks, templates, (AWAY, "Network"), (AWAY, "Cache"))[AWAY, "Cache"]
    assert result.status == "ROLLBACK_COMPLETE"
    # Either the output of the primary's stack or the Global Datastore.
    assert "not found" in str(result.reasons)


def test_a_secondary_without_a_global_datastore_is_rolled_back(stacks: Stacks, templates: dict[str, Template]) -> None:
    template = json.loads(json.dumps(templates[name(AWAY, "Cache")]))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::ElastiCache::ReplicationGroup":
            resource["Properties"]["GlobalReplicationGroupId"] = "ldgnf-unknown"
    deploy(stacks, templates, (AWAY, "Network"))
    result = stacks.create(name(AWAY, "Cache"), template, AWAY)
    assert result.status == "ROLLBACK_COMPLETE"
    assert "Global replication group ldgnf-unknown not found" in str(result.reasons)


def test_cluster_mode_is_refused_with_its_reason(stacks: Stacks) -> None:
    templates = stacks.synthesise(deployment="global-datastore", cluster_mode="enabled", shards="2")
    result = deploy(stacks, templates, (HOME, "Network"), (HOME, "Cache"))[HOME, "Cache"]
    assert result.status == "ROLLBACK_COMPLETE"
    assert "a Global Datastore with cluster mode enabled cannot be deployed on this machine" in str(result.reasons)


def test_invalid_requests_are_refused(stacks: Stacks, templates: dict[str, Template]) -> None:
    deploy(stacks, templates, *[stack for stack in ORDER if stack[1] != "Client"])
    client, id = stacks.client("elasticache"), global_id(stacks)
    with pytest.raises(ClientError, match="Global replication group ldgnf-none not found"):
        client.describe_global_replication_groups(GlobalReplicationGroupId="ldgnf-none")
    with pytest.raises(ClientError, match=f"PrimaryRegion must be that of a secondary of {id}, got {HOME}"):
        client.failover_global_replication_group(
            GlobalReplicationGroupId=id, PrimaryRegion=HOME, PrimaryReplicationGroupId="any"
        )
    with pytest.raises(ClientError, match=f"ReplicationGroupRegion must be that of a secondary of {id}, got {HOME}"):
        client.disassociate_global_replication_group(
            GlobalReplicationGroupId=id, ReplicationGroupId="any", ReplicationGroupRegion=HOME
        )
    with pytest.raises(ClientError, match="not found"):
        stacks.client("elasticache", "ap-south-1").describe_global_replication_groups(GlobalReplicationGroupId=id)

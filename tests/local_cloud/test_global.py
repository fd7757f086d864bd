"""A Global Datastore of two regions: it replicates, fails over by the runbook's commands, and survives its primary."""

import json
import re
import subprocess
import time

import pytest
from botocore.exceptions import ClientError

from local_cloud.fault import impatient
from local_cloud.instance import sandbox
from local_cloud.session import LocalCloudError
from local_cloud.stacks import Deployed, Stacks, Template
from operations.global_failover import Operations
from operations.statuses import OperationError
from tests.cache_servers import wait_for

pytestmark = pytest.mark.servers

HOME, AWAY = "us-east-1", "eu-west-1"
ORDER = [(region, part) for part in ("Network", "Cache", "Client") for region in (HOME, AWAY)]


@pytest.fixture(scope="module")
def templates(emulated: Stacks) -> dict[str, Template]:
    return emulated.synthesised(deployment="global-datastore")


def name(region: str, part: str) -> str:
    return f"GlobalDatastore-{region}-{part}"


def deploy(stacks: Stacks, templates: dict[str, Template], *which: tuple[str, str]) -> dict[tuple[str, str], Deployed]:
    """Create stacks in this order."""
    found = {}
    for region, part in which or ORDER:
        template = json.loads(json.dumps(templates[name(region, part)]))
        # A cache that is down has no data for a snapshot at the end.
        for each in template["Resources"].values():
            if each.get("DeletionPolicy") == "Snapshot":
                each["DeletionPolicy"] = "Delete"
        impatient(template)
        found[region, part] = stacks.create(name(region, part), template, region)
    return found


def in_client(stacks: Stacks, region: str, *words: str) -> subprocess.Popen[str]:
    """A command in the client of a region, that runs."""
    (instance,) = [each for each in stacks.session.instances() if region in (each / "enter.json").read_text()]
    command = sandbox.enter(instance, words)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def shell(stacks: Stacks, region: str, *words: str) -> str:
    """A command in the client of a region."""
    output, _ = in_client(stacks, region, *words).communicate(timeout=60)
    return output.strip()


def global_id(stacks: Stacks) -> str:
    (found,) = stacks.client("elasticache").describe_global_replication_groups()["GlobalReplicationGroups"]
    return str(found["GlobalReplicationGroupId"])


def operations(stacks: Stacks, said: list[str]) -> Operations:
    return Operations(client=lambda region: stacks.client("elasticache", region), say=said.append, poll=0.1)


def test_both_clients_give_their_verdict(stacks: Stacks, templates: dict[str, Template]) -> None:
    found = deploy(stacks, templates)
    assert {each.status for each in found.values()} == {"CREATE_COMPLETE"}
    assert "shards 1, replicas read 1" in found[HOME, "Client"].verdict
    arrived = re.search(r"a write of the primary region arrived after (\d+) ms", found[AWAY, "Client"].verdict)
    assert arrived, found[AWAY, "Client"].verdict
    assert int(arrived[1]) < 2000
    assert shell(stacks, HOME, "cache-cli", "SET", "word", "arrives") == "OK"
    wait_for(lambda: shell(stacks, AWAY, "cache-cli", "GET", "word") == "arrives", "the write to arrive")
    assert shell(stacks, AWAY, "cache-cli", "SET", "word", "no").startswith("READONLY")
    # While a secondary is there, the Global Datastore stays.
    with pytest.raises(LocalCloudError, match=f"must have no secondary to be deleted, and has {AWAY}"):
        stacks.delete(name(HOME, "Cache"))


def test_a_planned_failover_loses_nothing_and_the_clients_see_it(
    stacks: Stacks, templates: dict[str, Template]
) -> None:
    deploy(stacks, templates)
    id, said = global_id(stacks), list[str]()
    for number in range(20):
        assert shell(stacks, HOME, "cache-cli", "SET", f"key-{number}", str(number)) == "OK"
    # A writer in the old primary's region goes on until it is refused.
    counting = "while cache-cli INCR counted | grep -qx '[0-9][0-9]*'; do n=$((n + 1)); done; echo $n"
    writer = in_client(stacks, HOME, "bash", "-c", counting)
    wait_for(lambda: shell(stacks, AWAY, "cache-cli", "GET", "counted").isdigit(), "the writer to write")
    state = operations(stacks, said).failover(id, HOME, AWAY, dry_run=False)
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
    # Each client still tests the role that its stack gave it, and says that the roles have changed.
    assert "FAIL at data: " in shell(stacks, AWAY, "cache-connection-test")
    assert "FAIL at data: " in shell(stacks, HOME, "cache-connection-test")
    operations(stacks, said).failover(id, HOME, HOME, dry_run=False)
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
    deploy(stacks, templates, *[each for each in ORDER if each != (AWAY, "Client")])
    id, said = global_id(stacks), list[str]()
    assert shell(stacks, HOME, "cache-cli", "SET", "word", "kept") == "OK"
    time.sleep(0.5)
    stacks.kill_servers(name(HOME, "Cache").removesuffix("-Cache"))
    # A client that comes now can read, and says that nothing arrives.
    found = deploy(stacks, templates, (AWAY, "Client"))[AWAY, "Client"]
    assert found.status == "CREATE_COMPLETE", found.reason
    assert found.verdict.startswith("WARN: ")
    assert "replicas" in found.verdict.rpartition("warnings at ")[2]
    assert "FAIL at tcp: " in shell(stacks, HOME, "cache-connection-test")
    # A planned failover needs the primary, and says so.
    with pytest.raises(OperationError, match="must have a server that takes writes, and all of them are down"):
        operations(stacks, said).failover(id, AWAY, AWAY, dry_run=False)
    with pytest.raises(OperationError, match="there are two writers"):
        operations(stacks, said).promote(id, AWAY, dry_run=False)
    operations(stacks, said).promote(id, AWAY, dry_run=False, primary_is_lost=True)
    assert said[-1].split() == ["after", AWAY, "STANDALONE", "available", said[-1].split()[-1]]
    assert shell(stacks, AWAY, "cache-cli", "GET", "word") == "kept"
    assert shell(stacks, AWAY, "cache-cli", "SET", "word", "goes on") == "OK"


def test_when_the_primary_is_down_its_client_says_so(stacks: Stacks, templates: dict[str, Template]) -> None:
    deploy(stacks, templates, (HOME, "Network"), (HOME, "Cache"))
    stacks.kill_servers(name(HOME, "Cache").removesuffix("-Cache"))
    found = deploy(stacks, templates, (HOME, "Client"))[HOME, "Client"]
    assert found.status == "ROLLBACK_COMPLETE"
    assert "FAIL at tcp: " in found.reason
    assert "refused the connection" in found.reason


def test_a_secondary_before_its_primary_rolls_back(stacks: Stacks, templates: dict[str, Template]) -> None:
    found = deploy(stacks, templates, (AWAY, "Network"), (AWAY, "Cache"))[AWAY, "Cache"]
    assert found.status == "ROLLBACK_COMPLETE"
    # The output of the primary's stack, or what it names.
    assert "not found" in str(found.reasons)


def test_a_secondary_of_nothing_rolls_back(stacks: Stacks, templates: dict[str, Template]) -> None:
    template = json.loads(json.dumps(templates[name(AWAY, "Cache")]))
    for each in template["Resources"].values():
        if each["Type"] == "AWS::ElastiCache::ReplicationGroup":
            each["Properties"]["GlobalReplicationGroupId"] = "ldgnf-nothing"
    deploy(stacks, templates, (AWAY, "Network"))
    found = stacks.create(name(AWAY, "Cache"), template, AWAY)
    assert found.status == "ROLLBACK_COMPLETE"
    assert "Global replication group ldgnf-nothing not found" in str(found.reasons)


def test_cluster_mode_is_refused_with_its_reason(stacks: Stacks) -> None:
    made = stacks.synthesised(deployment="global-datastore", cluster_mode="enabled", shards="2")
    found = deploy(stacks, made, (HOME, "Network"), (HOME, "Cache"))[HOME, "Cache"]
    assert found.status == "ROLLBACK_COMPLETE"
    assert "a Global Datastore with cluster mode enabled cannot be deployed on this machine" in str(found.reasons)


def test_what_the_api_cannot_do_is_refused(stacks: Stacks, templates: dict[str, Template]) -> None:
    deploy(stacks, templates, *[each for each in ORDER if each[1] != "Client"])
    client, id = stacks.client("elasticache"), global_id(stacks)
    with pytest.raises(ClientError, match="Global replication group ldgnf-none not found"):
        client.describe_global_replication_groups(GlobalReplicationGroupId="ldgnf-none")
    with pytest.raises(ClientError, match=f"The primary must become a secondary of {id}, got {HOME}"):
        client.failover_global_replication_group(
            GlobalReplicationGroupId=id, PrimaryRegion=HOME, PrimaryReplicationGroupId="any"
        )
    with pytest.raises(ClientError, match=f"Only a secondary of {id} can be taken out, got {HOME}"):
        client.disassociate_global_replication_group(
            GlobalReplicationGroupId=id, ReplicationGroupId="any", ReplicationGroupRegion=HOME
        )
    with pytest.raises(ClientError, match="not found"):
        stacks.client("elasticache", "ap-south-1").describe_global_replication_groups(GlobalReplicationGroupId=id)

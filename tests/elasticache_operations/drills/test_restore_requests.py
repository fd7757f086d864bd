"""What `elasticache drill restore` requests for the copy of a cache."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from elasticache_operations.drills.restore.copy import Original
from tests.elasticache_operations.drills.restore_drill import READS, RUN, Drill, checks, drill, summary, tags
from tests.elasticache_operations.drills.restoring import GROUP_ARN, PREFIX, Region, snapshot

__all__ = ["drill"]


def test_a_dry_run_reads_only(drill: Drill) -> None:
    region = Region()
    result = drill(region)
    assert (result.status, result.data["result"]) == (0, "planned")
    assert {operation for _, operation in region.recorded.operations} <= READS
    assert checks(result) == {
        "snapshot": (True, "daily, 3 hours old, 1 shard"),
        "cost": (True, "1 x cache.t4g.micro, at most 0.0128 USD with --timeout 2700s"),
        "no other drill": (True, "nothing is left over"),
    }
    assert summary(result) == (
        "nothing was changed; a run restores snapshot daily, compares up to 1,000 keys of each cache on the client, "
        "and deletes what it has created"
    )


def test_the_request_has_one_node_in_the_network_of_the_cache(drill: Drill) -> None:
    region = Region()
    result = drill(region, *RUN)
    assert (result.status, result.data["result"]) == (0, "passed"), result.err
    request = region.requests["CreateReplicationGroup"]
    id, token, (drill_tag, until_tag) = (request.pop(name) for name in ("ReplicationGroupId", "AuthToken", "Tags"))
    assert re.fullmatch(f"{PREFIX}[0-9a-f]{{12}}", id)
    assert re.fullmatch("[A-Za-z0-9_-]{64}", token)
    assert drill_tag == {"Key": "operations:drill", "Value": "restore:orders"}
    # The time-outs of the restore, the comparison and the deletion.
    longest = timedelta(minutes=45, seconds=540, hours=2)
    until = datetime.fromisoformat(until_tag["Value"]) - datetime.now(UTC)
    assert longest - timedelta(minutes=1) < until <= longest
    assert request == {
        "ReplicationGroupDescription": "temporary, of elasticache drill restore orders",
        "SnapshotName": "daily",
        "Engine": "valkey",
        "EngineVersion": "8.1",
        "CacheNodeType": "cache.t4g.micro",
        "CacheSubnetGroupName": "orders-subnets",
        "SecurityGroupIds": ["sg-1", "sg-2"],
        "CacheParameterGroupName": "orders-parameters",
        "TransitEncryptionEnabled": True,
        "AtRestEncryptionEnabled": True,
        "KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1",
        "NumCacheClusters": 1,
        "AutomaticFailoverEnabled": False,
        "MultiAZEnabled": False,
        "AutoMinorVersionUpgrade": False,
        "SnapshotRetentionLimit": 0,
    }
    assert region.requests["DeleteReplicationGroup"] == {"ReplicationGroupId": id, "RetainPrimaryCluster": False}
    assert region.left == []
    assert list(region.snapshots) == ["daily"]
    # The client logs in to the temporary cache with this token, and to the other one by itself.
    (script,) = region.scripts
    settings = json.loads(re.search(r"DRILL_SETTINGS='(.*)'", script)[1])  # type: ignore[index]
    assert settings["password"] == token
    assert settings["host"] == f"master.{id}.abc123.use1.cache.amazonaws.com"
    assert (settings["port"], settings["sample"]) == (6379, 1000)
    assert settings["age"] == pytest.approx(3 * 3600, abs=60)
    assert token not in result.out + result.err


def test_a_cluster_has_one_node_for_each_shard(drill: Drill) -> None:
    region = Region(clustered=True)
    region.groups["orders"]["ClusterMode"] = "enabled"
    result = drill(region, *RUN, "--create-snapshot")
    assert result.status == 0, result.err
    request = region.requests["CreateReplicationGroup"]
    layout = ("NumNodeGroups", "ReplicasPerNodeGroup", "AutomaticFailoverEnabled", "ClusterMode", "NumCacheClusters")
    assert [request.get(name) for name in layout] == [3, 0, True, "enabled", None]
    assert region.requests["CreateSnapshot"]["ReplicationGroupId"] == "orders"
    assert '"host": "clustercfg.drill-restore-' in region.scripts[0]
    assert result.data["figures"]["cost_usd"] == 0.0384


def test_a_snapshot_for_the_drill_is_of_a_replica_and_deleted(drill: Drill) -> None:
    region = Region()
    result = drill(region, *RUN, "--create-snapshot")
    assert result.status == 0, result.err
    request = region.requests["CreateSnapshot"]
    assert (request["CacheClusterId"], "ReplicationGroupId" in request) == ("orders-002", False)
    assert request["Tags"][0] == {"Key": "operations:drill", "Value": "restore:orders"}
    assert region.requests["CreateReplicationGroup"]["SnapshotName"] == request["SnapshotName"]
    assert region.requests["DeleteSnapshot"] == {"SnapshotName": request["SnapshotName"]}
    assert region.left == []


def test_without_encryption_in_transit_there_is_no_token(drill: Drill) -> None:
    region = Region()
    region.groups["orders"] |= {"TransitEncryptionEnabled": False, "AtRestEncryptionEnabled": False}
    assert drill(region, *RUN).status == 0
    request = region.requests["CreateReplicationGroup"]
    assert not {"AuthToken", "KmsKeyId"} & request.keys()
    assert (request["TransitEncryptionEnabled"], request["AtRestEncryptionEnabled"]) == (False, False)


@pytest.mark.parametrize(("version", "expected"), [("5.0.6", "5.0.6"), ("6.2.6", "6.2"), ("8.1", "8.1")])
def test_the_version_is_that_of_the_snapshot(drill: Drill, version: str, expected: str) -> None:
    region = Region(snapshots={"daily": snapshot("daily", EngineVersion=version, Engine="redis")})
    assert drill(region, *RUN).status == 0
    assert region.requests["CreateReplicationGroup"]["EngineVersion"] == expected


@pytest.mark.parametrize("tiering", ["enabled", "disabled"])
def test_data_tiering_is_that_of_the_snapshot(drill: Drill, tiering: str) -> None:
    region = Region(snapshots={"daily": snapshot("daily", DataTiering=tiering)})
    assert drill(region, *RUN).status == 0
    assert region.requests["CreateReplicationGroup"].get("DataTieringEnabled") == (
        True if tiering == "enabled" else None
    )


def test_the_snapshot_of_a_group_without_roles_is_of_its_first_node() -> None:
    group = {"ReplicationGroupId": "a", "NodeGroups": [], "MemberClusters": ["a-001", "a-002"]}
    assert Original(group, {}).snapshot_source == {"CacheClusterId": "a-001"}


def test_the_arn_of_the_group_is_asked_for_its_tags(drill: Drill) -> None:
    region = Region()
    region.add_group(f"{PREFIX}1", tags())
    drill(region)
    assert region.requests["ListTagsForResource"] == {"ResourceName": f"{GROUP_ARN}{PREFIX}1"}

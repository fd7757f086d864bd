"""Snapshots in the local cloud: taken from running servers, listed, restored by the API and by templates, deleted."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from botocore.exceptions import ClientError

from local_cloud.keys import Keys
from local_cloud.stacks import Stacks

pytestmark = pytest.mark.servers

TOKEN = "a-token-of-16-characters-at-least"
ORDERS: dict[str, Any] = {
    "ReplicationGroupId": "orders",
    "ReplicationGroupDescription": "orders",
    "Engine": "valkey",
    "CacheNodeType": "cache.t4g.micro",
    "NumCacheClusters": 2,
    "TransitEncryptionEnabled": True,
    "SecurityGroupIds": ["sg-1", "sg-2"],
    "Tags": [{"Key": "team", "Value": "shop"}],
}
CATALOG: dict[str, Any] = {
    "ReplicationGroupId": "catalog",
    "ReplicationGroupDescription": "catalog",
    "Engine": "redis",
    "CacheNodeType": "cache.r7g.large",
    "NumNodeGroups": 3,
    "ReplicasPerNodeGroup": 1,
    "TransitEncryptionEnabled": False,
}
KEYS = {f"key:{number}": f"value {number}" for number in range(300)}


@pytest.fixture(scope="module")
def client(emulated: Stacks) -> Iterator[Any]:
    """A replication group of each kind, with 300 keys."""
    client = emulated.client("elasticache")
    client.create_replication_group(**ORDERS, AuthToken=TOKEN)
    client.create_replication_group(**CATALOG)
    fill(emulated, "orders")
    fill(emulated, "catalog")
    yield client
    for group in client.describe_replication_groups()["ReplicationGroups"]:
        client.delete_replication_group(ReplicationGroupId=group["ReplicationGroupId"])


def group(stacks: Stacks, id: str) -> dict[str, Any]:
    (one,) = stacks.client("elasticache").describe_replication_groups(ReplicationGroupId=id)["ReplicationGroups"]
    return one  # type: ignore[no-any-return]


def primaries(stacks: Stacks, id: str) -> list[redis.Redis]:
    """Connections to the primaries of a replication group, as its administrator."""
    keys = Keys.read(stacks.session.folder / "keys.json")
    connections = []
    for path in sorted((stacks.session.folder / "caches").glob(f"{id}-*/*/server.conf")):
        settings = dict(line.split(" ", 1) for line in path.read_text().splitlines())
        port = settings.get("tls-port") or settings["port"]
        connection = redis.Redis(
            settings["bind"],
            int(port),
            username="local-admin",
            password=keys.administrator,
            ssl="tls-port" in settings,
            ssl_cert_reqs="none",
            ssl_check_hostname=False,
            decode_responses=True,
        )
        if connection.info("replication")["role"] == "master":
            connections.append(connection)
    return connections


def fill(stacks: Stacks, id: str, keys: dict[str, str] = KEYS) -> None:
    servers = primaries(stacks, id)
    for key, value in keys.items():
        for server in servers:
            with contextlib.suppress(redis.exceptions.MovedError):
                server.set(key, value)


def content(stacks: Stacks, id: str) -> dict[str, str]:
    return {str(key): str(server.get(key)) for server in primaries(stacks, id) for key in server.scan_iter()}


def delete(client: Any, *, group: str = "", snapshot: str = "") -> None:
    if group:
        client.delete_replication_group(ReplicationGroupId=group)
    if snapshot:
        client.delete_snapshot(SnapshotName=snapshot)


def test_a_snapshot_is_listed_and_deleted(client: Any, emulated: Stacks) -> None:
    taken = client.create_snapshot(SnapshotName="first", ReplicationGroupId="orders", Tags=[{"Key": "a", "Value": "b"}])
    listed = client.describe_snapshots(ReplicationGroupId="orders")["Snapshots"]
    assert [taken["Snapshot"]] == listed == client.describe_snapshots(SnapshotName="first")["Snapshots"]
    (snapshot,) = listed
    assert (snapshot["SnapshotStatus"], snapshot["SnapshotSource"], snapshot["NumNodeGroups"]) == (
        "available",
        "manual",
        1,
    )
    assert (snapshot["Engine"], snapshot["CacheNodeType"]) == ("valkey", "cache.t4g.micro")
    assert snapshot["NodeSnapshots"][0]["CacheSize"] == "1 MB"
    assert client.list_tags_for_resource(ResourceName=snapshot["ARN"])["TagList"] == [{"Key": "a", "Value": "b"}]
    assert client.describe_snapshots(ReplicationGroupId="catalog")["Snapshots"] == []
    assert client.describe_snapshots(CacheClusterId="orders-002")["Snapshots"] == listed
    assert client.describe_snapshots(CacheClusterId="orders-other-002")["Snapshots"] == []
    assert client.describe_snapshots(SnapshotSource="system")["Snapshots"] == []
    with pytest.raises(client.exceptions.SnapshotAlreadyExistsFault):
        client.create_snapshot(SnapshotName="first", ReplicationGroupId="catalog")
    delete(client, snapshot="first")
    assert client.describe_snapshots()["Snapshots"] == []
    assert list((emulated.session.folder / "snapshots").iterdir()) == []
    with pytest.raises(client.exceptions.SnapshotNotFoundFault):
        client.delete_snapshot(SnapshotName="first")


def test_a_name_can_be_used_in_every_region(client: Any, emulated: Stacks) -> None:
    other = emulated.client("elasticache", "eu-west-1")
    other.create_replication_group(
        ReplicationGroupId="there", ReplicationGroupDescription="there", CacheNodeType="cache.t4g.micro"
    )
    fill(emulated, "there", {"where": "there"})
    client.create_snapshot(SnapshotName="nightly", ReplicationGroupId="orders")
    other.create_snapshot(SnapshotName="nightly", ReplicationGroupId="there")
    other.delete_replication_group(ReplicationGroupId="there")
    delete(client, snapshot="nightly")
    assert [each["ReplicationGroupId"] for each in other.describe_snapshots()["Snapshots"]] == ["there"]
    other.create_replication_group(
        ReplicationGroupId="there-2", ReplicationGroupDescription="there", SnapshotName="nightly"
    )
    assert content(emulated, "there-2") == {"where": "there"}
    other.delete_replication_group(ReplicationGroupId="there-2")
    delete(other, snapshot="nightly")


def test_a_restored_group_has_the_data_of_the_snapshot(client: Any, emulated: Stacks) -> None:
    client.create_snapshot(SnapshotName="orders-1", ReplicationGroupId="orders")
    fill(emulated, "orders", {"after": "the snapshot"})
    client.create_replication_group(
        ReplicationGroupId="copy",
        ReplicationGroupDescription="copy",
        SnapshotName="orders-1",
        NumCacheClusters=2,
        TransitEncryptionEnabled=True,
        AuthToken=TOKEN,
        SecurityGroupIds=["sg-1"],
        Tags=[{"Key": "operations:drill", "Value": "restore"}],
    )
    try:
        assert content(emulated, "copy") == KEYS
        copy = group(emulated, "copy")
        assert (copy["Status"], copy["CacheNodeType"], len(copy["MemberClusters"])) == (
            "available",
            "cache.t4g.micro",
            2,
        )
        assert client.list_tags_for_resource(ResourceName=copy["ARN"])["TagList"] == [
            {"Key": "operations:drill", "Value": "restore"}
        ]
        # The replica has the data of its primary, and keeps it when it takes over.
        client.test_failover(ReplicationGroupId="copy", NodeGroupId="0001")
        assert content(emulated, "copy") == KEYS
    finally:
        delete(client, group="copy", snapshot="orders-1")
    assert content(emulated, "orders")["after"] == "the snapshot"


def test_a_restored_cluster_has_every_shard_with_its_slots(client: Any, emulated: Stacks) -> None:
    client.create_snapshot(SnapshotName="catalog-1", ReplicationGroupId="catalog")
    (snapshot,) = client.describe_snapshots(SnapshotName="catalog-1")["Snapshots"]
    slots = [node["NodeGroupConfiguration"]["Slots"] for node in snapshot["NodeSnapshots"]]
    assert slots == ["0-5460", "5461-10921", "10922-16383"]
    client.create_replication_group(
        ReplicationGroupId="copy",
        ReplicationGroupDescription="copy",
        SnapshotName="catalog-1",
        ReplicasPerNodeGroup=1,
        AutomaticFailoverEnabled=True,
    )
    try:
        assert content(emulated, "copy") == KEYS
        servers = primaries(emulated, "copy")
        assert len(servers) == 3
        assert all(server.execute_command("CLUSTER INFO")["cluster_state"] == "ok" for server in servers)
        client.test_failover(ReplicationGroupId="copy", NodeGroupId="0002")
        assert content(emulated, "copy") == KEYS
    finally:
        delete(client, group="copy", snapshot="catalog-1")


def test_a_template_restores_a_snapshot_that_a_deletion_left(client: Any, emulated: Stacks) -> None:
    properties = {"ReplicationGroupDescription": "last", "NumCacheClusters": 1, "CacheNodeType": "cache.t4g.micro"}
    client.create_replication_group(ReplicationGroupId="last", **properties)
    fill(emulated, "last", {"kept": "until the end"})
    deleted = client.delete_replication_group(ReplicationGroupId="last", FinalSnapshotIdentifier="last-final")
    assert deleted["ReplicationGroup"]["Status"] == "deleting"
    template = {
        "Resources": {
            "Copy": {
                "Type": "AWS::ElastiCache::ReplicationGroup",
                "Properties": {**properties, "ReplicationGroupId": "copy", "SnapshotName": "last-final"},
            }
        }
    }
    assert emulated.create("Restored", template).status == "CREATE_COMPLETE"
    assert content(emulated, "copy") == {"kept": "until the end"}
    emulated.delete("Restored")
    missing = {**template["Resources"]["Copy"]["Properties"], "SnapshotName": "none"}  # type: ignore[dict-item]
    template["Resources"]["Copy"]["Properties"] = missing
    result = emulated.create("Missing", template)
    assert result.status == "ROLLBACK_COMPLETE"
    assert any("Snapshot none not found" in reason for reason in result.reasons)
    emulated.delete_all()
    delete(client, snapshot="last-final")


def test_what_cannot_be_restored_or_taken_is_refused(client: Any) -> None:
    client.create_snapshot(SnapshotName="refused", CacheClusterId="catalog-0001-001")
    copy = {"ReplicationGroupId": "copy", "ReplicationGroupDescription": "copy"}
    with pytest.raises(ClientError, match="must have 3 shards and cluster mode enabled, as snapshot refused"):
        client.create_replication_group(**copy, SnapshotName="refused", NumNodeGroups=2)
    with pytest.raises(client.exceptions.SnapshotNotFoundFault):
        client.create_replication_group(**copy, SnapshotName="none")
    with pytest.raises(client.exceptions.ReplicationGroupAlreadyExistsFault):
        client.create_replication_group(**{**copy, "ReplicationGroupId": "orders"})
    with pytest.raises(client.exceptions.ReplicationGroupNotFoundFault):
        client.delete_replication_group(ReplicationGroupId="copy")
    with pytest.raises(client.exceptions.ReplicationGroupNotFoundFault):
        client.create_snapshot(SnapshotName="other", ReplicationGroupId="none")
    with pytest.raises(client.exceptions.CacheClusterNotFoundFault):
        client.create_snapshot(SnapshotName="other", CacheClusterId="none")
    delete(client, snapshot="refused")


def test_the_nodes_are_described_with_their_security_groups(client: Any) -> None:
    (cluster,) = client.describe_cache_clusters(CacheClusterId="orders-001")["CacheClusters"]
    assert [each["SecurityGroupId"] for each in cluster["SecurityGroups"]] == ["sg-1", "sg-2"]

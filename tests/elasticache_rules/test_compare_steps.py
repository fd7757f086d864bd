"""compare: changes that take a deploy of their own."""

import pytest

from elasticache_rules import facts
from tests.elasticache_rules.compare_documents import CLUSTER, NONE, SURE, Json, changes_of, group

ONE = {"NumCacheClusters": 1, "AutomaticFailoverEnabled": False}
ALONE = {**CLUSTER, "ReplicasPerNodeGroup": 0}
COMPATIBLE = {"ClusterMode": "compatible"}
TOKEN = {"AuthToken": "{{resolve:secretsmanager:x}}"}
IN_STEPS: dict[str, tuple[Json, Json, list[str]]] = {
    "a replica with failover": (
        group(ONE),
        group({"NumCacheClusters": 2, "AutomaticFailoverEnabled": True}),
        ["failover-with-replica"],
    ),
    "an unknown number of nodes with failover": (
        group(ONE),
        group({"NumCacheClusters": {"Ref": "Nodes"}, "AutomaticFailoverEnabled": True}),
        ["failover-with-replica"],
    ),
    "a replica with failover by default": (group(ONE), group({"NumCacheClusters": 2}), ["failover-with-replica"]),
    "a replica with failover, which nothing stated": (
        group({"NumCacheClusters": 1}),
        group({"NumCacheClusters": 2, "AutomaticFailoverEnabled": True}),
        ["failover-with-replica"],
    ),
    "a replica without a word of failover": (group({"NumCacheClusters": 1}), group({"NumCacheClusters": 2}), NONE),
    "a replica without failover": (
        group({"NumCacheClusters": 1}),
        group({"NumCacheClusters": 2, "AutomaticFailoverEnabled": False}),
        NONE,
    ),
    "replicas per shard with failover, which cluster mode has": (
        group(ALONE),
        group({**CLUSTER, "AutomaticFailoverEnabled": True}),
        ["shards-without-replicas"],
    ),
    "enabled back to compatible": (group({"ClusterMode": "enabled"}), group(COMPATIBLE), ["cluster-mode"]),
    "enabled back to disabled": (group({"ClusterMode": "enabled"}), group(), ["cluster-mode"]),
    "compatible back to disabled": (group(COMPATIBLE), group(), ["cluster-mode"]),
    "replicas per shard with failover": (
        group(
            {
                **CLUSTER,
                "ClusterMode": None,
                "NumNodeGroups": 1,
                "ReplicasPerNodeGroup": 0,
                "AutomaticFailoverEnabled": False,
            }
        ),
        group({**CLUSTER, "ClusterMode": None, "NumNodeGroups": 1, "AutomaticFailoverEnabled": True}),
        ["failover-with-replica"],
    ),
    "a replica alone": (group(ONE), group({**ONE, "NumCacheClusters": 2}), NONE),
    "failover alone": (
        group({**ONE, "NumCacheClusters": 2}),
        group({"NumCacheClusters": 2, "AutomaticFailoverEnabled": True}),
        NONE,
    ),
    "a second replica with failover": (
        group({**ONE, "NumCacheClusters": 2}),
        group({"NumCacheClusters": 3, "AutomaticFailoverEnabled": True}),
        NONE,
    ),
    "snapshots from nothing": (group(), group({"SnapshotRetentionLimit": 1}), ["snapshots-on"]),
    "snapshots from 0": (
        group({"SnapshotRetentionLimit": 0}),
        group({"SnapshotRetentionLimit": 5}),
        ["snapshots-on"],
    ),
    "snapshots without a stated mode": (
        group({"ClusterMode": None}),
        group({"ClusterMode": None, "SnapshotRetentionLimit": 5}),
        ["snapshots-on"],
    ),
    "snapshots of a node": (
        group(),
        group({"SnapshotRetentionLimit": 1, "SnapshottingClusterId": "cache-002"}),
        NONE,
    ),
    "snapshots in cluster mode": (group(CLUSTER), group({**CLUSTER, "SnapshotRetentionLimit": 1}), NONE),
    "snapshots for longer": (group({"SnapshotRetentionLimit": 1}), group({"SnapshotRetentionLimit": 2}), NONE),
    "snapshots turned off": (group({"SnapshotRetentionLimit": 1}), group({"SnapshotRetentionLimit": 0}), NONE),
    "shards without replicas and a tag": (
        group(ALONE),
        group({**ALONE, "Tags": [{"Key": "a", "Value": "b"}]}),
        ["shards-without-replicas"],
    ),
    "shards that get replicas": (group(ALONE), group(CLUSTER), NONE),
    "shards without replicas, nothing else": (group(ALONE), group(ALONE), NONE),
    "shards without replicas by number": (
        group({**ALONE, "ClusterMode": None}),
        group({**ALONE, "ClusterMode": None, "SnapshotWindow": "01:00-02:00"}),
        ["shards-without-replicas"],
    ),
    "compatible with a node type": (group(), group({**COMPATIBLE, "CacheNodeType": "x"}), ["mixed"]),
    "compatible with its parameter group": (
        group(),
        group({**COMPATIBLE, "CacheParameterGroupName": "default.redis7.cluster.on"}),
        NONE,
    ),
    "enabled with a node type": (
        group(COMPATIBLE),
        group({"ClusterMode": "enabled", "CacheNodeType": "x"}),
        ["mixed"],
    ),
    "enabled alone": (group(COMPATIBLE), group({"ClusterMode": "enabled"}), NONE),
    "compatible from nothing with a node type": (
        group({"ClusterMode": None}),
        group({**COMPATIBLE, "CacheNodeType": "x"}),
        ["mixed"],
    ),
    "disabled that is stated with a node type": (group({"ClusterMode": None}), group({"CacheNodeType": "x"}), NONE),
    "required with users": (
        group({"TransitEncryptionMode": "preferred"}),
        group({"UserGroupIds": ["app"]}),
        ["mixed"],
    ),
    "users alone": (group(), group({"UserGroupIds": ["app"]}), NONE),
    "other users": (group({"UserGroupIds": ["app"]}), group({"UserGroupIds": ["web"]}), NONE),
    "users dropped": (group({"UserGroupIds": ["app"]}), group(), ["access-dropped"]),
    "TLS, which was off by default": (
        group({"TransitEncryptionEnabled": None, "TransitEncryptionMode": None}),
        group(),
        ["transit-encryption"],
    ),
    "TLS, which the deployment knows": (
        group({"TransitEncryptionEnabled": {"Ref": "Tls"}, "TransitEncryptionMode": None}),
        group({"TransitEncryptionMode": None}),
        NONE,
    ),
    "token dropped": (group(TOKEN), group(), ["access-dropped"]),
    "token rotated": (group(TOKEN), group({"AuthToken": "{{resolve:secretsmanager:y}}"}), NONE),
    "users for a token": (group({"UserGroupIds": ["app"]}), group(TOKEN), SURE),
}


@pytest.mark.parametrize(
    ("old", "new", "what", "step"),
    [
        (
            "enabled",
            "compatible",
            "from cluster mode enabled to compatible; there is no way back from enabled",
            "deploy a second cache with cluster mode compatible, copy what it needs, and move the clients",
        ),
        (
            "enabled",
            "disabled",
            "from cluster mode enabled to disabled; there is no way back from enabled",
            "deploy a second cache with cluster mode disabled, copy what it needs, and move the clients",
        ),
        (
            "compatible",
            "disabled",
            "from cluster mode compatible to disabled; compatible goes back alone",
            "from compatible: move every client to the primary endpoint, then deploy ClusterMode disabled alone",
        ),
    ],
)
def test_the_way_back_of_cluster_mode(old: str, new: str, what: str, step: str) -> None:
    change = changes_of(group({"ClusterMode": old}), group({"ClusterMode": new}))[0]
    assert (change.what, change.steps) == (f"Cache goes {what}", (step,))


@pytest.mark.parametrize(("old", "new", "expected"), IN_STEPS.values(), ids=IN_STEPS)
def test_what_takes_a_deploy_of_its_own(old: Json, new: Json, expected: list[str]) -> None:
    changes = [change for change in changes_of(old, new) if change.decision]
    assert [change.kind for change in changes] == expected
    assert all(change.steps for change in changes)


def test_the_family_for_valkey_without_a_version_is_the_newest() -> None:
    old, new = group({"Engine": "redis", "EngineVersion": "7.1"}), group({"Engine": "valkey", "EngineVersion": None})
    (change,) = (change for change in changes_of(old, new) if change.kind == "redis-to-valkey")
    family = facts.family_of("valkey", facts.engine_versions("valkey")[-1])
    assert change.steps[0] == f"make a parameter group of family {family}, and state TransitEncryptionEnabled"

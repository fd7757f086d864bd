"""compare: what causes a replacement or a removal, and what keeps the data."""

import pytest

from tests.elasticache_rules.compare_documents import (
    MAY,
    TYPES,
    Json,
    beside,
    changed,
    changes_of,
    group,
    key,
    kinds,
    of,
    template,
)


def test_a_subnet_group_that_is_replaced_is_the_cause() -> None:
    def both(name: str) -> Json:
        return beside(group({"CacheSubnetGroupName": {"Ref": "Net"}}), "Net", "SubnetGroup", CacheSubnetGroupName=name)

    cache, net = changes_of(both("one"), both("two"))
    assert cache.what == "Cache is replaced by CacheSubnetGroupName, because Net is replaced"
    assert (net.kind, net.decision, net.steps) == ("replacement", False, ())
    assert net.what == "Net is replaced by CacheSubnetGroupName from 'one' to 'two'"


def test_a_subnet_group_that_may_be_replaced_may_be_the_cause() -> None:
    def both(name: str) -> Json:
        document = group({"CacheSubnetGroupName": {"Fn::Sub": "${Net}"}})
        return beside(document, "Net", "SubnetGroup", CacheSubnetGroupName={"Ref": name})

    cache, _ = changes_of(both("One"), both("Two"))
    assert (cache.kind, cache.what) == (
        "may-replace",
        "Cache may be replaced by CacheSubnetGroupName, because Net is replaced",
    )
    assert cache.steps[0].startswith("look at the change set")


RETAIN = "{} Retain, which leaves the old resource running outside of the stack"


@pytest.mark.parametrize("attribute", ["UpdateReplacePolicy", "DeletionPolicy"])
@pytest.mark.parametrize(
    ("kind", "properties", "policy", "kept_by"),
    [
        ("ReplicationGroup", {}, "Snapshot", "{} Snapshot, as stated: a final snapshot, which SnapshotName restores"),
        ("ReplicationGroup", {}, "Retain", "{} Retain, as stated: the old resource stays, outside of the stack"),
        ("ReplicationGroup", {}, None, f"{{}} Snapshot, for a final snapshot that SnapshotName restores; or {RETAIN}"),
        (
            "CacheCluster",
            {"Engine": "redis"},
            "Snapshot",
            "{} Snapshot, as stated: a final snapshot, which SnapshotName restores",
        ),
        ("CacheCluster", {"Engine": "memcached"}, "Snapshot", f"nothing, because Memcached has no snapshots; {RETAIN}"),
        (
            "ServerlessCache",
            {},
            "Snapshot",
            f"FinalSnapshotName, for a final snapshot that SnapshotArnsToRestore restores; or {RETAIN}",
        ),
        (
            "ServerlessCache",
            {"FinalSnapshotName": "x"},
            None,
            "FinalSnapshotName, as stated: a final snapshot, which SnapshotArnsToRestore restores",
        ),
        ("Snapshot", {}, None, RETAIN),
    ],
)
def test_what_keeps_what_is_lost(attribute: str, kind: str, properties: Json, policy: str | None, kept_by: str) -> None:
    attributes = {attribute: policy} if policy else {}
    name = TYPES[f"AWS::ElastiCache::{kind}"]["create_only"][0]
    old = template(kind, {**properties, name: "one"}, **attributes)
    new = template(kind, {**properties, name: "two"}, **attributes) if attribute.startswith("Up") else {"Resources": {}}
    assert changes_of(old, new)[0].kept_by == kept_by.replace("{}", attribute)


@pytest.mark.parametrize(("policy", "kept"), [("RetainExceptOnCreate", True), ("Retain", True), ("Delete", False)])
def test_a_removed_resource_that_stays(policy: str, kept: bool) -> None:
    (removed,) = changes_of(group({}, DeletionPolicy=policy), {"Resources": {}})
    assert (
        removed.kept_by == f"DeletionPolicy {policy}, as stated: the old resource stays, outside of the stack"
    ) is kept


def test_false_as_text_is_false() -> None:
    """So that a first replica and failover together are seen, whatever the spelling."""
    old = group({"NumCacheClusters": "1", "AutomaticFailoverEnabled": "false"})
    assert kinds(old, group({"AutomaticFailoverEnabled": "true"})) == ["failover-with-replica"]
    assert kinds(old, group({"AutomaticFailoverEnabled": "FALSE"})) == []


def test_a_variable_that_is_escaped_is_text() -> None:
    literal, plain = key({"Fn::Sub": "k/${!P1}"}), key("k/${P1}")
    assert kinds(literal, plain) == []
    assert kinds(literal, key({"Fn::Sub": "k/${P1}"})) == MAY


def test_memcached_starts_empty_and_others_are_filled_from_a_snapshot() -> None:
    (cluster,) = changed("CacheCluster", "Port")
    assert any("filled from a snapshot" in step for step in cluster.steps)
    memcached = changes_of(
        of("CacheCluster", Engine="memcached", Port=1), of("CacheCluster", Engine="memcached", Port=2)
    )
    assert any("it starts empty" in step for step in memcached[0].steps)


def test_a_long_value_is_cut() -> None:
    (change,) = changes_of(group(), group({"ReplicationGroupDescription": "x" * 5000}))
    assert len(change.what) < 300

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


def moved(kind: str, old_name: Json, new_name: Json, **attributes: object) -> list[str]:
    old = {"Resources": {"One": {"Type": f"AWS::ElastiCache::{kind}", "Properties": old_name}}}
    new = {"Resources": {"Two": {"Type": f"AWS::ElastiCache::{kind}", "Properties": new_name, **attributes}}}
    never = {"Never": {"Fn::Equals": ["a", "b"]}}
    return [change.what for change in changes_of(old, {**new, "Conditions": never}) if change.kind == "name-taken"]


NAMES = {
    "ReplicationGroup": "ReplicationGroupId",
    "CacheCluster": "ClusterName",
    "ServerlessCache": "ServerlessCacheName",
    "User": "UserId",
    "UserGroup": "UserGroupId",
    "SubnetGroup": "CacheSubnetGroupName",
}
TAKEN = (
    "One is removed, and Two is created with its {}; CloudFormation removes after it creates, so the name is still "
    "taken: that fails"
)


@pytest.mark.parametrize(("kind", "name"), NAMES.items())
def test_a_moved_resource_that_keeps_its_name(kind: str, name: str) -> None:
    assert moved(kind, {name: "app"}, {name: "app"}) == [TAKEN.format(f"{name} 'app'")]
    assert moved(kind, {name: {"Ref": "P"}}, {name: {"Ref": "P"}}) == [TAKEN.format(f"{name} Ref P")]
    assert moved(kind, {name: "app"}, {name: "web"}) == []
    assert moved(kind, {name: {"Ref": "P"}}, {name: {"Ref": "Q"}}) == []
    assert moved(kind, {name: "app"}, {}) == []
    assert moved(kind, {}, {}) == []
    assert moved(kind, {name: "app"}, {name: "app"}, Condition="Never") == []


def test_a_moved_resource_without_a_name_of_its_own() -> None:
    assert moved("ParameterGroup", {"Description": "x"}, {"Description": "x"}) == []


def test_a_resource_that_stays_does_not_take_a_name() -> None:
    other = {"Type": "AWS::ElastiCache::SubnetGroup", "Properties": {"CacheSubnetGroupName": "net"}}
    both = {"Resources": {"One": other, "Two": other}}
    assert changes_of(both, {"Resources": {"Two": other}}) == []


def test_another_subnet_group_of_the_same_name_does_not_replace_the_cache() -> None:
    def beside_it(logical_id: str) -> Json:
        return beside(
            group({"CacheSubnetGroupName": {"Ref": logical_id}}), logical_id, "SubnetGroup", CacheSubnetGroupName="net"
        )

    assert kinds(beside_it("One"), beside_it("Two")) == ["name-taken"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [("app", "'app'"), ({"Ref": "P"}, "Ref P"), ({"Fn::Sub": "${P}-x"}, '{"Fn::Sub": "${P}-x"}')],
)
def test_a_replaced_resource_that_keeps_its_name(value: object, shown: str) -> None:
    old, new = (group({"ReplicationGroupId": value, "Port": port}) for port in (1, 2))
    (taken,) = (change for change in changes_of(old, new) if change.kind == "name-taken")
    assert taken.what == (
        f"Cache is replaced and keeps ReplicationGroupId {shown}, which its predecessor still has: that fails"
    )
    other = group({"ReplicationGroupId": {"Ref": "Other"}, "Port": 2})
    assert "name-taken" not in kinds(old, other)


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        ("DeletionPolicy", "it decides what is kept when a later change removes the resource"),
        ("UpdateReplacePolicy", "it decides what is kept when a change replaces the resource"),
    ],
)
def test_a_policy_that_changes(name: str, effect: str) -> None:
    retain = group({}, **{name: "Retain"})
    (change,) = changes_of(retain, group())
    assert change.what == f"Cache changes {name} from 'Retain' to 'Delete' in place: {effect}"
    assert (change.kind, change.properties, change.decision) == ("in-place", (name,), False)
    assert changes_of(retain, retain) == []
    assert changes_of(group({}, **{name: "Delete"}), group()) == []


def test_a_security_group_that_is_replaced_loses_its_rules() -> None:
    def guarded(description: str) -> Json:
        document = group({"SecurityGroupIds": [{"Fn::GetAtt": ["Guard", "GroupId"]}]})
        document["Resources"]["Guard"] = {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"GroupDescription": description},
        }
        return document

    (change,) = changes_of(guarded("one"), guarded("two"))
    assert change.lost == "no keys; the rules that other stacks and people have created in the old group"

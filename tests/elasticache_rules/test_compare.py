"""compare: each change that replaces a cache or takes several deploys, and what is none."""

from typing import Any

import pytest
from hypothesis import given

from elasticache_rules import Template, facts
from elasticache_rules.compare import compare
from tests.elasticache_rules.compare_documents import CLUSTER, ONLINE, Json, changes_of, group, kinds, template
from tests.elasticache_rules.examples import resources
from tests.elasticache_rules.test_template import JSON

CASES: dict[str, tuple[Json, Json, list[str]]] = {
    "port": (group(), group({"Port": 7000}), ["replacement"]),
    "at-rest": (group(), group({"AtRestEncryptionEnabled": True}), ["replacement"]),
    "kms": (group(), group({"KmsKeyId": "key"}), ["replacement"]),
    "network": (group(), group({"NetworkType": "dual_stack"}), ["replacement"]),
    "zones": (group(), group({"PreferredCacheClusterAZs": ["a", "b"]}), ["replacement"]),
    "renamed": (
        group({"ReplicationGroupId": "one"}),
        group({"ReplicationGroupId": "two"}),
        ["replacement"],
    ),
    "replaced-under-its-name": (
        group({"ReplicationGroupId": "one"}),
        group({"ReplicationGroupId": "one", "Port": 7000}),
        ["replacement", "name-taken"],
    ),
    "downgrade": (group(), group({"EngineVersion": "7.0"}), ["downgrade"]),
    "token-added": (group(), group({"AuthToken": "{{resolve:secretsmanager:x}}"}), ["replacement"]),
    "shards-offline": (group(CLUSTER), group({**CLUSTER, "NumNodeGroups": 5}), ["replacement"]),
    "shards-online": (group(CLUSTER), group({**CLUSTER, "NumNodeGroups": 5}, **ONLINE), []),
    "removed": (group(), {"Resources": {}}, ["removal"]),
    "another-type": (group(), template("CacheCluster", {"Engine": "redis"}), ["removal"]),
    "nothing": (group(), group(), []),
    "node-type": (group(), group({"CacheNodeType": "cache.r7g.xlarge"}), []),
    "replica": (group(), group({"NumCacheClusters": 3}), []),
    "upgrade": (group({"EngineVersion": "7.0"}), group(), []),
    "to-compatible": (group(), group({"ClusterMode": "compatible"}), []),
    "disabled-to-enabled": (group(), group({"ClusterMode": "enabled"}), ["cluster-mode"]),
    "enabled-to-disabled": (group({"ClusterMode": "enabled"}), group(), ["cluster-mode"]),
    "compatible-to-disabled": (group({"ClusterMode": "compatible"}), group(), ["cluster-mode"]),
    "mode-with-node-type": (
        group(),
        group({"ClusterMode": "enabled", "CacheNodeType": "cache.r7g.xlarge"}),
        ["cluster-mode", "mixed"],
    ),
    "tls-on": (
        group({"TransitEncryptionEnabled": False, "TransitEncryptionMode": None}),
        group(),
        ["transit-encryption"],
    ),
    "tls-off": (
        group(),
        group({"TransitEncryptionEnabled": False, "TransitEncryptionMode": None}),
        ["transit-encryption"],
    ),
    "tls-preferred": (
        group({"TransitEncryptionEnabled": False, "TransitEncryptionMode": None}),
        group({"TransitEncryptionMode": "preferred"}),
        [],
    ),
    "tls-required-after-preferred": (group({"TransitEncryptionMode": "preferred"}), group(), []),
    "token-to-users": (group({"AuthToken": "x" * 16}), group({"UserGroupIds": ["app"]}), ["auth-to-rbac"]),
    "redis-to-valkey": (
        group(),
        group({"Engine": "valkey", "EngineVersion": "8.2"}),
        ["redis-to-valkey"],
    ),
    "valkey-and-a-window": (
        group(),
        group({"Engine": "valkey", "EngineVersion": "8.2", "PreferredMaintenanceWindow": "sun:01:00-sun:02:00"}),
        ["redis-to-valkey", "mixed"],
    ),
    "memcached-node-type": (
        template("CacheCluster", {"Engine": "memcached", "CacheNodeType": "cache.t4g.micro"}),
        template("CacheCluster", {"Engine": "memcached", "CacheNodeType": "cache.t4g.small"}),
        ["replacement"],
    ),
    "serverless-subnets": (
        template("ServerlessCache", {"ServerlessCacheName": "one", "SubnetIds": ["a"]}),
        template("ServerlessCache", {"ServerlessCacheName": "one", "SubnetIds": ["b"]}),
        ["replacement", "name-taken"],
    ),
    "serverless-engine": (
        template("ServerlessCache", {"ServerlessCacheName": "one", "Engine": "redis"}),
        template("ServerlessCache", {"ServerlessCacheName": "one", "Engine": "valkey"}),
        [],
    ),
    "user-renamed-under-its-id": (
        template("User", {"UserId": "app", "UserName": "app"}),
        template("User", {"UserId": "app", "UserName": "other"}),
        ["replacement", "name-taken"],
    ),
    "user-with-another-id": (
        template("User", {"UserId": "app", "UserName": "app"}),
        template("User", {"UserId": "other", "UserName": "other"}),
        ["replacement"],
    ),
    "user-group-with-another-id": (
        template("UserGroup", {"UserGroupId": "app"}),
        template("UserGroup", {"UserGroupId": "other"}),
        ["replacement"],
    ),
    "name-in-another-case": (
        template("ServerlessCache", {"ServerlessCacheName": "One"}),
        template("ServerlessCache", {"ServerlessCacheName": "one"}),
        ["replacement", "name-taken"],
    ),
    "name-that-becomes-a-reference": (
        template("ServerlessCache", {"ServerlessCacheName": "One", "SubnetIds": ["a"]}),
        template("ServerlessCache", {"ServerlessCacheName": {"Fn::Sub": "${AWS::StackName}"}, "SubnetIds": ["b"]}),
        ["replacement"],
    ),
    "name-of-a-reference-that-is-now-stated": (
        template("ServerlessCache", {"ServerlessCacheName": {"Fn::Sub": "${AWS::StackName}"}, "SubnetIds": ["a"]}),
        template("ServerlessCache", {"ServerlessCacheName": "One", "SubnetIds": ["b"]}),
        ["replacement"],
    ),
    "user-removed": (template("User", {"UserId": "app"}), {"Resources": {}}, []),
    "user-moved": (
        template("User", {"UserId": "app"}),
        {"Resources": {"Other": {"Type": "AWS::ElastiCache::User", "Properties": {"UserId": "app"}}}},
        ["replacement", "name-taken"],
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=CASES)
def test_each_change(old: Json, new: Json, expected: list[str]) -> None:
    changes = [change for change in changes_of(old, new) if change.decision]
    assert [change.kind for change in changes] == expected
    assert all(change.steps and change.what for change in changes)


@pytest.mark.parametrize("name", facts.load("schema")["types"]["AWS::ElastiCache::ReplicationGroup"]["create_only"])
def test_every_create_only_property_of_a_replication_group(name: str) -> None:
    assert kinds(group({name: "one"}), group({name: "two"})) == ["replacement"]


def test_a_subnet_group_that_is_replaced_takes_the_cache_with_it() -> None:
    def both(name: str) -> Json:
        document = group({"CacheSubnetGroupName": {"Ref": "Subnets"}})
        document["Resources"]["Subnets"] = {
            "Type": "AWS::ElastiCache::SubnetGroup",
            "Properties": {"CacheSubnetGroupName": name},
        }
        return document

    assert kinds(both("one"), both("two")) == ["replacement"]
    assert kinds(both("one"), both("one")) == []


class TestSecurityGroup:
    @pytest.mark.parametrize("name", ["GroupDescription", "GroupName", "VpcId"])
    @pytest.mark.parametrize(
        ("kind", "of_cache"),
        [
            ("ReplicationGroup", "SecurityGroupIds"),
            ("ServerlessCache", "SecurityGroupIds"),
            ("CacheCluster", "VpcSecurityGroupIds"),
        ],
    )
    def test_one_of_a_cache_is_named(self, name: str, kind: str, of_cache: str) -> None:
        changes = changes_of(*(self._template(kind, of_cache, {name: item}) for item in ("one", "two")))
        assert [(change.id, change.resource_type) for change in changes] == [
            ("Sg:replacement", "AWS::EC2::SecurityGroup")
        ]
        assert changes[0].what == f"Sg is replaced by {name} from 'one' to 'two'"

    def test_a_change_in_place_and_one_of_no_cache_are_not_named(self) -> None:
        in_place = [self._template("ReplicationGroup", "SecurityGroupIds", {"Tags": tags}) for tags in ([], [1])]
        assert kinds(*in_place) == []
        alone = [
            {"Resources": {"Sg": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupName": name}}}}
            for name in ("one", "two")
        ]
        assert kinds(*alone) == []

    def _template(self, kind: str, of_cache: str, properties: Json) -> Json:
        document = template(kind, {of_cache: [{"Fn::GetAtt": ["Sg", "GroupId"]}]})
        document["Resources"]["Sg"] = {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}
        return document


def test_cluster_mode_by_its_parameter_group() -> None:
    def old_style(value: str) -> Json:
        document = group({"ClusterMode": None, "CacheParameterGroupName": {"Ref": "Parameters"}})
        document["Resources"]["Parameters"] = {
            "Type": "AWS::ElastiCache::ParameterGroup",
            "Properties": {"CacheParameterGroupFamily": "redis7", "Properties": {"cluster-enabled": value}},
        }
        return document

    assert kinds(old_style("no"), old_style("yes")) == ["cluster-mode"]


def test_the_words() -> None:
    replaced, _ = changes_of(group(), group({"Port": 7000}, UpdateReplacePolicy="Snapshot"))
    assert replaced.id == "Cache:replacement"
    assert replaced.what == "Cache is replaced by Port from nothing to 7000"
    assert replaced.lost == "all keys, and the endpoints that clients use"
    assert replaced.kept_by == (
        "UpdateReplacePolicy Snapshot, as stated: a final snapshot, which SnapshotName restores"
    )
    (shards,) = changes_of(group(CLUSTER), group({**CLUSTER, "NumNodeGroups": 5}))
    assert (
        shards.steps[0]
        == "set UpdatePolicy UseOnlineResharding to true in the same deploy: shards then change in place"
    )
    mode = changes_of(group(), group({"ClusterMode": "enabled"}))[0]
    assert [step.split(" ")[0:3] for step in mode.steps] == [
        ["deploy", "ClusterMode", "compatible"],
        ["move", "every", "client"],
        ["deploy", "ClusterMode", "enabled,"],
        ["then", "add", "shards"],
    ]
    old = {"EngineVersion": "6.2", "TransitEncryptionEnabled": False, "TransitEncryptionMode": None}
    tls = changes_of(group(old), group({"EngineVersion": "6.2", "TransitEncryptionMode": None}))[0]
    assert tls.steps[0].startswith("raise the version to redis 7.0 or later first")
    valkey = changes_of(group(), group({"Engine": "valkey", "EngineVersion": "9.0"}))[0]
    assert "family valkey9" in valkey.steps[0]
    (token,) = changes_of(group(), group({"AuthToken": "super-secret-token"}))
    assert "super-secret-token" not in token.what


@given(old=JSON, new=JSON)
def test_any_two_documents_are_compared(old: object, new: object) -> None:
    documents = [
        document if isinstance(document, dict) else {"Resources": {"Cache": document}} for document in (old, new)
    ]
    for change in changes_of(*documents):
        assert change.resource_type.startswith("AWS::ElastiCache::")


@pytest.mark.parametrize("name", ["group", "cluster", "serverless"])
def test_a_template_is_the_same_as_itself(name: str) -> None:
    try:
        document = {"Resources": resources(name)}
    except KeyError:
        pytest.fail(f"there is no example {name}")
    assert changes_of(document, document) == []


def test_references_that_lead_back_end() -> None:
    """Two groups, each in the subnet group whose name is the other: CloudFormation refuses it, and nothing hangs."""
    document = {
        "Resources": {
            name: {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {"ReplicationGroupId": {"Ref": other}}}
            for name, other in (("A", "B"), ("B", "A"))
        }
    }
    assert compare(Template.of(document), Template.of(document)) == []


@pytest.mark.parametrize(("length", "replaced"), [(20, True), (1000, False)])
def test_a_chain_of_references_is_followed_as_far_as_one_can_be_deployed(length: int, replaced: bool) -> None:
    def document(port: int) -> dict[str, Any]:
        kind = "AWS::ElastiCache::ReplicationGroup"
        chain = {
            f"G{number}": {"Type": kind, "Properties": {"ReplicationGroupId": {"Ref": f"G{number + 1}"}}}
            for number in range(length)
        }
        return {"Resources": {**chain, f"G{length}": {"Type": kind, "Properties": {"Port": port}}}}

    changes = compare(Template.of(document(6379)), Template.of(document(7000)))
    assert ("G0" in {change.logical_id for change in changes}) is replaced
    assert f"G{length}" in {change.logical_id for change in changes}

"""compare: pairs of templates by the kind of their difference, and every property of the schema."""

from collections.abc import Iterator
from typing import Any

import pytest

from elasticache_rules import Template, facts
from elasticache_rules.compare import IN_PLACE, STATEFUL, Change, compare
from elasticache_rules.compare.access import STEPS
from elasticache_rules.linking import connect
from tests.elasticache_rules.test_compare import CLUSTER, ONLINE, Json, changes_of, group, kinds, template

TYPES = facts.load("schema")["types"]
EFFECTS = facts.load("updates")["effects"]


def of(kind: str, **properties: Any) -> Json:
    return template(kind, properties)


def within(properties: Json, **sections: Any) -> Json:
    return {**group(properties), **sections}


def beside(document: Json, logical_id: str, kind: str, **properties: Any) -> Json:
    document["Resources"][logical_id] = {"Type": f"AWS::ElastiCache::{kind}", "Properties": properties}
    return document


def key(value: Any, **sections: Any) -> Json:
    return within({"KmsKeyId": value, "AtRestEncryptionEnabled": True}, **sections)


def subnets(value: Any) -> Json:
    return beside(group({"CacheSubnetGroupName": value}), "Subnets", "SubnetGroup", CacheSubnetGroupName="net")


def unnamed_subnets(value: Any) -> Json:
    return beside(group({"CacheSubnetGroupName": value}), "Subnets", "SubnetGroup", Description="x")


IF = {"Fn::If": ["Prod", "k1", "k2"]}
PROD = {"Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}}
DEV = {"Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}}}
INNER = {"Conditions": {"Prod": {"Fn::Not": [{"Condition": "Dev"}]}, "Dev": {"Fn::Equals": ["a", {"Ref": "Stage"}]}}}
OTHER_INNER = {
    "Conditions": {"Prod": {"Fn::Not": [{"Condition": "Dev"}]}, "Dev": {"Fn::Equals": ["b", {"Ref": "Stage"}]}}
}
PARAMETER = {"Parameters": {"Key": {"Type": "String", "Default": "k1"}}}
OTHER_PARAMETER = {"Parameters": {"Key": {"Type": "String", "Default": "k2"}}}
MAP = {"Mappings": {"Keys": {"a": {"key": "k1"}}}}
OTHER_MAP = {"Mappings": {"Keys": {"a": {"key": "k2"}}}}
FIND = {"Fn::FindInMap": ["Keys", "a", "key"]}
FIND_BY_REGION = {"Fn::FindInMap": ["Keys", {"Ref": "AWS::Region"}, "key"]}

MAY, SURE, NONE = ["may-replace"], ["replacement"], list[str]()
SPELLINGS: dict[str, tuple[Json, Json, list[str]]] = {
    "another parameter": (key({"Ref": "P1"}), key({"Ref": "P2"}), MAY),
    "the same parameter": (key({"Ref": "P1"}), key({"Ref": "P1"}), NONE),
    "a parameter with another default": (key({"Ref": "Key"}, **PARAMETER), key({"Ref": "Key"}, **OTHER_PARAMETER), MAY),
    "a parameter with the same default": (key({"Ref": "Key"}, **PARAMETER), key({"Ref": "Key"}, **PARAMETER), NONE),
    "a parameter instead of a value": (key("k1"), key({"Ref": "P1"}), MAY),
    "a parameter instead of nothing": (
        within({"AtRestEncryptionEnabled": True}),
        key({"Ref": "P1"}),
        SURE,
    ),
    "another import": (key({"Fn::ImportValue": "k1"}), key({"Fn::ImportValue": "k2"}), MAY),
    "the same import": (key({"Fn::ImportValue": "k1"}), key({"Fn::ImportValue": "k1"}), NONE),
    "another secret": (key("{{resolve:ssm:a}}"), key("{{resolve:ssm:b}}"), MAY),
    "a condition with one other side": (key(IF, **PROD), key({"Fn::If": ["Prod", "k1", "k3"]}, **PROD), MAY),
    "a condition with two other sides": (key(IF, **PROD), key({"Fn::If": ["Prod", "k3", "k4"]}, **PROD), SURE),
    "a condition with sides exchanged": (key(IF, **PROD), key({"Fn::If": ["Prod", "k2", "k1"]}, **PROD), SURE),
    "a condition of another meaning": (key(IF, **PROD), key(IF, **DEV), MAY),
    "a condition of another meaning below": (key(IF, **INNER), key(IF, **OTHER_INNER), MAY),
    "the same condition": (key(IF, **INNER), key(IF, **INNER), NONE),
    "a condition of one value": (key("k1"), key({"Fn::If": ["Prod", "k1", "k1"]}, **PROD), NONE),
    "a condition instead of a value": (key("k1"), key(IF, **PROD), MAY),
    "a condition instead of another value": (key("k3"), key(IF, **PROD), SURE),
    "a condition that may leave it out": (
        key("k1"),
        key({"Fn::If": ["Prod", "k1", {"Ref": "AWS::NoValue"}]}, **PROD),
        MAY,
    ),
    "a mapping's value": (key("k1"), key(FIND, **MAP), NONE),
    "another value of a mapping": (key(FIND, **MAP), key(FIND, **OTHER_MAP), SURE),
    "another mapping by region": (key(FIND_BY_REGION, **MAP), key(FIND_BY_REGION, **OTHER_MAP), MAY),
    "the same mapping by region": (key(FIND_BY_REGION, **MAP), key(FIND_BY_REGION, **MAP), NONE),
    "a join": (key("a/b"), key({"Fn::Join": ["/", ["a", "b"]]}), NONE),
    "a join in a join": (
        key({"Fn::Join": ["", ["k/", {"Ref": "P1"}, "/x"]]}),
        key({"Fn::Join": ["", ["k", {"Fn::Join": ["", ["/", {"Ref": "P1"}, "/"]]}, "x"]]}),
        NONE,
    ),
    "a join in a substitution": (
        key({"Fn::Sub": "k/${P1}/x"}),
        key({"Fn::Join": ["/", ["k", {"Fn::Sub": "${P1}/x"}]]}),
        NONE,
    ),
    "another join": (key("a/c"), key({"Fn::Join": ["/", ["a", "b"]]}), SURE),
    "a substitution of a name": (key("a/b"), key({"Fn::Sub": ["${A}/b", {"A": "a"}]}), NONE),
    "a substitution of a parameter": (key({"Fn::Sub": "k/${P1}"}), key({"Fn::Sub": "k/${P2}"}), MAY),
    "a substitution and a join": (
        key({"Fn::Sub": "k/${P1}"}),
        key({"Fn::Join": ["", ["k/", {"Ref": "P1"}]]}),
        NONE,
    ),
    "other text beside a parameter": (key({"Fn::Sub": "k/${P1}"}), key({"Fn::Sub": "l/${P1}"}), SURE),
    "a boolean as text": (group({"AtRestEncryptionEnabled": True}), group({"AtRestEncryptionEnabled": "true"}), NONE),
    "a boolean in capitals": (
        group({"AtRestEncryptionEnabled": "True"}),
        group({"AtRestEncryptionEnabled": True}),
        NONE,
    ),
    "the other boolean": (group({"AtRestEncryptionEnabled": "false"}), group({"AtRestEncryptionEnabled": True}), SURE),
    "a number as text": (group({"Port": 6379}), group({"Port": "6379"}), NONE),
    "another number as text": (group({"Port": 6379}), group({"Port": "6380"}), SURE),
    "text in capitals": (group({"NetworkType": "ipv4"}), group({"NetworkType": "IPV4"}), SURE),
    "no value": (group(), group({"Port": {"Ref": "AWS::NoValue"}}), NONE),
    "an attribute as a list": (
        key({"Fn::GetAtt": ["Key", "Arn"]}),
        key({"Fn::GetAtt": "Key.Arn"}),
        NONE,
    ),
    "another attribute": (key({"Fn::GetAtt": ["Key", "Arn"]}), key({"Fn::GetAtt": "Key.Id"}), SURE),
    "a substitution of one reference": (subnets({"Ref": "Subnets"}), subnets({"Fn::Sub": "${Subnets}"}), NONE),
    "a reference for the name that it has": (subnets("net"), subnets({"Ref": "Subnets"}), NONE),
    "a reference for another name": (subnets("other"), subnets({"Ref": "Subnets"}), SURE),
    "a reference for a name that is generated": (unnamed_subnets("net"), unnamed_subnets({"Ref": "Subnets"}), MAY),
    "a list in another order": (
        of("ServerlessCache", SubnetIds=["a", "b"]),
        of("ServerlessCache", SubnetIds=["b", "a"]),
        NONE,
    ),
    "a list whose order counts": (
        group({"PreferredCacheClusterAZs": ["a", "b"]}),
        group({"PreferredCacheClusterAZs": ["b", "a"]}),
        SURE,
    ),
    "a longer list": (of("ServerlessCache", SubnetIds=["a"]), of("ServerlessCache", SubnetIds=["a", "b"]), SURE),
    "a list that may be longer": (
        of("ServerlessCache", SubnetIds=["a"]),
        of("ServerlessCache", SubnetIds=["a", {"Fn::If": ["Prod", "b", {"Ref": "AWS::NoValue"}]}]),
        MAY,
    ),
    "a macro": (
        group({"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://a"}}}),
        group({"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b"}}}),
        MAY,
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), SPELLINGS.values(), ids=SPELLINGS)
def test_a_value_and_its_spellings(old: Json, new: Json, expected: list[str]) -> None:
    assert kinds(old, new) == expected
    assert kinds(old, old) == kinds(new, new) == []


def configuration(*ids: str | None) -> list[Json]:
    return [{"NodeGroupId": id} if id else {"ReplicaCount": 1} for id in ids]


BARE = {**CLUSTER, "ClusterMode": None, "NumNodeGroups": None}
SHARDS: dict[str, tuple[Json, Json, list[str]]] = {
    "appear": (group(BARE), group({**BARE, "NumNodeGroups": 3}), SURE),
    "one that is stated": (group(BARE), group({**BARE, "NumNodeGroups": 1}), NONE),
    "vanish": (group({**BARE, "NumNodeGroups": 3}), group(BARE), SURE),
    "another parameter": (
        group({**CLUSTER, "NumNodeGroups": {"Ref": "P1"}}),
        group({**CLUSTER, "NumNodeGroups": {"Ref": "P2"}}),
        MAY,
    ),
    "configurations appear": (
        group(CLUSTER),
        group({**CLUSTER, "NodeGroupConfiguration": configuration(*"123")}),
        SURE,
    ),
    "configurations vanish": (
        group({**CLUSTER, "NodeGroupConfiguration": configuration(*"123")}),
        group(CLUSTER),
        SURE,
    ),
    "online": (group(CLUSTER), group({**CLUSTER, "NumNodeGroups": 4}, **ONLINE), NONE),
    "online as text": (
        group(CLUSTER),
        group({**CLUSTER, "NumNodeGroups": 4}, UpdatePolicy={"UseOnlineResharding": "true"}),
        NONE,
    ),
    "online turned off": (
        group(CLUSTER),
        group({**CLUSTER, "NumNodeGroups": 4}, UpdatePolicy={"UseOnlineResharding": False}),
        SURE,
    ),
    "online with a node type": (
        group(CLUSTER),
        group({**CLUSTER, "NumNodeGroups": 4, "CacheNodeType": "cache.r7g.xlarge"}, **ONLINE),
        ["mixed"],
    ),
    "online with replicas": (
        group(CLUSTER),
        group({**CLUSTER, "NumNodeGroups": 4, "ReplicasPerNodeGroup": 2}, **ONLINE),
        ["mixed"],
    ),
    "online with tags": (
        group(CLUSTER),
        group({**CLUSTER, "NumNodeGroups": 4, "Tags": [{"Key": "a", "Value": "b"}]}, **ONLINE),
        NONE,
    ),
    "a node type online": (group(CLUSTER, **ONLINE), group({**CLUSTER, "CacheNodeType": "x"}, **ONLINE), NONE),
    "online with ids": (
        group({**CLUSTER, "NodeGroupConfiguration": configuration(*"123")}),
        group({**CLUSTER, "NumNodeGroups": 2, "NodeGroupConfiguration": configuration(*"12")}, **ONLINE),
        NONE,
    ),
    "online without ids": (
        group({**CLUSTER, "NodeGroupConfiguration": configuration("1", "2", None)}),
        group({**CLUSTER, "NumNodeGroups": 2, "NodeGroupConfiguration": configuration("1", None)}, **ONLINE),
        ["nameless-shards"],
    ),
    "stated by the mode alone": (
        group({"ClusterMode": None, "NumCacheClusters": None, "NumNodeGroups": 3, "ReplicasPerNodeGroup": 1}),
        group({**CLUSTER, "CacheParameterGroupName": "default.redis7.cluster.on", "ClusterMode": None}),
        NONE,
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), SHARDS.values(), ids=SHARDS)
def test_shards(old: Json, new: Json, expected: list[str]) -> None:
    assert kinds(old, new) == expected


def engine(name: str, version: Any) -> Json:
    return group({"Engine": name, "EngineVersion": version})


def serverless(name: str, version: Any) -> Json:
    return of("ServerlessCache", Engine=name, MajorEngineVersion=version)


def memcached(version: str) -> Json:
    return of("CacheCluster", Engine="memcached", EngineVersion=version)


def datastore(name: str | None, version: str) -> Json:
    return of("GlobalReplicationGroup", EngineVersion=version, **({"Engine": name} if name else {}))


DOWN, TO_VALKEY = ["downgrade"], ["redis-to-valkey"]
VERSIONS: dict[str, tuple[Json, Json, list[str]]] = {
    "6.x is 6.2": (engine("redis", "6.x"), engine("redis", "6.2"), NONE),
    "6.2 is 6.x": (engine("redis", "6.2"), engine("redis", "6.x"), NONE),
    "6.x is no 6.0": (engine("redis", "6.x"), engine("redis", "6.0"), DOWN),
    "6.0 to 6.x": (engine("redis", "6.0"), engine("redis", "6.x"), NONE),
    "6.x to 7.0": (engine("redis", "6.x"), engine("redis", "7.0"), NONE),
    "7.0 to 6.x": (engine("redis", "7.0"), engine("redis", "6.x"), DOWN),
    "5.0.6 is 5.0": (engine("redis", "5.0.6"), engine("redis", "5.0"), NONE),
    "a number": (engine("redis", 7.1), engine("redis", "7.1"), NONE),
    "a lower number": (engine("redis", 7.1), engine("redis", 7.0), DOWN),
    "up": (engine("valkey", "8.1"), engine("valkey", "8.2"), NONE),
    "down by a minor version": (engine("valkey", "8.2"), engine("valkey", "8.1"), DOWN),
    "9.10 is above 9.9": (engine("valkey", "9.9"), engine("valkey", "9.10"), NONE),
    "valkey to redis": (engine("valkey", "8.0"), engine("redis", "7.1"), DOWN),
    "redis to valkey": (engine("redis", "7.1"), engine("valkey", "7.2"), TO_VALKEY),
    "redis by default to valkey": (engine("redis", "7.1"), engine("valkey", "8.0"), TO_VALKEY),
    "the engine's name in capitals": (engine("redis", "7.1"), engine("Redis", "7.1"), NONE),
    "serverless up": (serverless("valkey", "7"), serverless("valkey", "8"), NONE),
    "serverless down": (serverless("valkey", "8"), serverless("valkey", "7"), DOWN),
    "serverless valkey to redis": (serverless("valkey", "8"), serverless("redis", "7"), DOWN),
    "serverless redis to valkey": (serverless("redis", "7"), serverless("valkey", "8"), NONE),
    "serverless memcached to valkey": (serverless("memcached", "1.6"), serverless("valkey", "8"), DOWN),
    "memcached up": (memcached("1.6.12"), memcached("1.6.22"), NONE),
    "memcached down": (memcached("1.6.22"), memcached("1.6.12"), DOWN),
    "redis to memcached": (
        of("CacheCluster", Engine="redis", EngineVersion="7.1"),
        memcached("1.6.22"),
        SURE,
    ),
    "a datastore down": (datastore("valkey", "8.0"), datastore("valkey", "7.2"), DOWN),
    "a datastore up": (datastore("valkey", "7.2"), datastore("valkey", "8.0"), NONE),
    "a datastore to valkey": (datastore("redis", "7.1"), datastore("valkey", "8.0"), TO_VALKEY),
    "an unknown version": (engine("redis", {"Ref": "P"}), engine("redis", "6.2"), NONE),
    "no version": (engine("redis", "7.1"), engine("redis", None), NONE),
}


@pytest.mark.parametrize(("old", "new", "expected"), VERSIONS.values(), ids=VERSIONS)
def test_engines_and_versions(old: Json, new: Json, expected: list[str]) -> None:
    assert kinds(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, "sync", ["durability"]),
        (None, "async", ["durability"]),
        ("disabled", "sync", ["durability"]),
        ("sync", None, ["durability"]),
        ("async", "disabled", ["durability"]),
        ("sync", "async", []),
        ("async", "sync", []),
        (None, "default", []),
        ("default", "disabled", []),
        ("sync", {"Ref": "P"}, []),
    ],
)
def test_durability(old: Any, new: Any, expected: list[str]) -> None:
    assert kinds(group({"Durability": old}), group({"Durability": new})) == expected


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
    "a replica with failover by default": (group(ONE), group({"NumCacheClusters": 2}), ["failover-with-replica"]),
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
    "token dropped": (group(TOKEN), group(), ["access-dropped"]),
    "token rotated": (group(TOKEN), group({"AuthToken": "{{resolve:secretsmanager:y}}"}), NONE),
    "users for a token": (group({"UserGroupIds": ["app"]}), group(TOKEN), SURE),
}


@pytest.mark.parametrize(("old", "new", "expected"), IN_STEPS.values(), ids=IN_STEPS)
def test_what_takes_a_deploy_of_its_own(old: Json, new: Json, expected: list[str]) -> None:
    changes = [change for change in changes_of(old, new) if change.decision]
    assert [change.kind for change in changes] == expected
    assert all(change.steps for change in changes)


def with_datastore(member: Json, *members: Any, **properties: Any) -> Json:
    listed = [{"ReplicationGroupId": member_id, "Role": "PRIMARY"} for member_id in members or [{"Ref": "Cache"}]]
    return beside(group(member), "Global", "GlobalReplicationGroup", Members=listed, **properties)


MEMBER = ["global-datastore"]
MEMBERS: dict[str, tuple[Json, Json, list[str]]] = {
    "node type": (with_datastore({}), with_datastore({"CacheNodeType": "x"}), MEMBER),
    "version": (with_datastore({}), with_datastore({"EngineVersion": "7.2"}), MEMBER),
    "engine": (with_datastore({}), with_datastore({"Engine": "valkey", "EngineVersion": "8.0"}), MEMBER),
    "parameter group": (with_datastore({}), with_datastore({"CacheParameterGroupName": "x"}), MEMBER),
    "minor versions": (with_datastore({}), with_datastore({"AutoMinorVersionUpgrade": True}), MEMBER),
    "shards": (
        with_datastore(CLUSTER),
        {
            **with_datastore(CLUSTER),
            "Resources": {
                **with_datastore({**CLUSTER, "NumNodeGroups": 4})["Resources"],
                "Cache": group({**CLUSTER, "NumNodeGroups": 4}, **ONLINE)["Resources"]["Cache"],
            },
        },
        MEMBER,
    ),
    "replicas": (with_datastore({}), with_datastore({"NumCacheClusters": 3}), NONE),
    "by name": (
        with_datastore({"ReplicationGroupId": "one"}, "ONE"),
        with_datastore({"ReplicationGroupId": "one", "CacheNodeType": "x"}, "ONE"),
        MEMBER,
    ),
    "by another name": (
        with_datastore({"ReplicationGroupId": "one"}, "two"),
        with_datastore({"ReplicationGroupId": "one", "CacheNodeType": "x"}, "two"),
        NONE,
    ),
    "a secondary": (
        group({"GlobalReplicationGroupId": "g"}),
        group({"GlobalReplicationGroupId": "g", "CacheNodeType": "x"}),
        MEMBER,
    ),
    "a group that joins": (group(), with_datastore({"CacheNodeType": "x"}), NONE),
    "a group that leaves": (with_datastore({}), group({"CacheNodeType": "x"}), [*MEMBER, "removal"]),
    "on the datastore": (
        with_datastore({}, CacheNodeType="cache.r7g.large"),
        with_datastore({}, CacheNodeType="cache.r7g.xlarge"),
        NONE,
    ),
    "to valkey on both": (
        with_datastore({}, Engine="redis"),
        with_datastore({"Engine": "valkey", "EngineVersion": "8.0"}, Engine="valkey"),
        [*MEMBER, "redis-to-valkey"],
    ),
    "created with two": (group(), with_datastore({}, {"Ref": "Cache"}, "two"), MEMBER),
    "a second one added": (with_datastore({}), with_datastore({}, {"Ref": "Cache"}, "two"), NONE),
}


@pytest.mark.parametrize(("old", "new", "expected"), MEMBERS.values(), ids=MEMBERS)
def test_members_of_a_global_datastore(old: Json, new: Json, expected: list[str]) -> None:
    assert kinds(old, new) == expected


def test_a_member_that_another_stack_imports() -> None:
    """The Global Datastore of one stack, and its primary in another."""
    exporting = within({}, Outputs={"Id": {"Value": {"Ref": "Cache"}, "Export": {"Name": "primary"}}})
    importing = of("GlobalReplicationGroup", Members=[{"ReplicationGroupId": {"Fn::ImportValue": "primary"}}])
    old, beside_it = connect([(exporting, None), (importing, None)])
    new = Template.of(within({"CacheNodeType": "x"}))
    assert [change.kind for change in compare(old, new, beside=[beside_it]) if change.decision] == MEMBER
    assert [change.kind for change in compare(old, new) if change.decision] == []


def properties_of(key: str) -> Iterator[tuple[str, str]]:
    for kind, schema in TYPES.items():
        for name in schema[key]:
            yield kind.rpartition("::")[2], name


def changed(kind: str, name: str, old: Any = "one", new: Any = "two") -> list[Change]:
    base = {"Engine": "redis", "EngineVersion": "7.1"} if kind in ("ReplicationGroup", "CacheCluster") else {}
    sides = [{**base, name: value} for value in (old, new)]
    return changes_of(*(of(kind, **{key: value for key, value in side.items() if value}) for side in sides))


@pytest.mark.parametrize(("kind", "name"), list(properties_of("create_only")))
@pytest.mark.parametrize(("old", "new"), [("one", "two"), (None, "one"), ("one", None)])
def test_every_create_only_property(kind: str, name: str, old: str | None, new: str | None) -> None:
    changes = [change for change in changed(kind, name, old, new) if change.kind == "replacement"]
    assert [change.properties for change in changes] == [(name,)]
    assert changes[0].decision is (f"AWS::ElastiCache::{kind}" in {*STATEFUL, *STEPS})
    assert changes[0].lost
    assert changes[0].kept_by


@pytest.mark.parametrize(("kind", "name"), list(properties_of("conditional_create_only")))
@pytest.mark.parametrize(("old", "new"), [("one", "two"), (None, "one"), ("one", None)])
def test_every_conditionally_create_only_property(kind: str, name: str, old: str | None, new: str | None) -> None:
    changes = [change for change in changed(kind, name, old, new) if change.decision]
    if name == "AuthToken" and old:
        assert [change.kind for change in changes] == ([] if new else ["access-dropped"])
        return
    assert [change.properties for change in changes] == [(name,)]
    assert changes[0].kind in ("replacement", "may-replace")
    assert changes[0].lost
    assert changes[0].kept_by


IN_PLACE_PROPERTIES = [
    (kind.rpartition("::")[2], name)
    for kind, schema in TYPES.items()
    for name in schema["properties"]
    if name not in {*schema["create_only"], *schema["conditional_create_only"], *schema["read_only"]}
]


@pytest.mark.parametrize(("kind", "name"), IN_PLACE_PROPERTIES)
def test_every_property_in_place_has_its_own_effect(kind: str, name: str) -> None:
    """Listed with its effect, and without a decision unless another kind of change is told as well."""
    online = (name == "NumNodeGroups" and ONLINE) or {}
    sides = [template(kind, {"Engine": "redis", name: value}, **online) for value in ("one", "two")]
    (result,) = [change for change in changes_of(*sides) if change.kind == IN_PLACE]
    assert result.properties == (name,)
    assert result.what.endswith(f" in place: {EFFECTS[f'AWS::ElastiCache::{kind}'][name]}")
    assert not result.decision


def test_each_effect_is_of_a_property_and_the_only_one_of_its_kind() -> None:
    assert EFFECTS.keys() == TYPES.keys()
    for kind, effects in EFFECTS.items():
        assert effects.keys() <= TYPES[kind]["properties"].keys()
        assert all(effects.values())


def test_changes_in_place_beside_a_replacement() -> None:
    changes = changes_of(group(), group({"Port": 7000, "CacheNodeType": "cache.r7g.xlarge"}))
    assert [(change.kind, change.properties) for change in changes] == [
        ("replacement", ("Port",)),
        (IN_PLACE, ("CacheNodeType",)),
    ]
    assert changes[1].what == (
        "Cache changes CacheNodeType from 'cache.r7g.large' to 'cache.r7g.xlarge' in place: the new resource has it "
        "from the start"
    )


def test_a_property_that_may_change_in_place() -> None:
    (change,) = changes_of(group({"NumCacheClusters": {"Ref": "A"}}), group({"NumCacheClusters": {"Ref": "B"}}))
    assert change.what.startswith("Cache may change NumCacheClusters from Ref A to Ref B in place: replicas are added")


def test_a_property_that_the_schema_does_not_have() -> None:
    (change,) = changes_of(group(), group({"Prot": 1}))
    assert change.what.endswith("in place: the schema of the resource type does not have this property")


@pytest.mark.parametrize(
    ("kind", "name"),
    [("ReplicationGroup", "AuthToken"), ("User", "Passwords"), ("User", "AuthenticationMode")],
)
@pytest.mark.parametrize("old", [None, ["a-password-of-before"]])
def test_secrets_are_not_shown(kind: str, name: str, old: Any) -> None:
    for change in changes_of(of(kind, **({name: old} if old else {})), of(kind, **{name: ["a-password-of-now"]})):
        assert "a-password" not in str(change)
        assert f"{name} from" in change.what


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

"""compare: shards, engines, versions and durability."""

from typing import Any

import pytest

from tests.elasticache_rules.compare_documents import (
    CLUSTER,
    MAY,
    NONE,
    ONLINE,
    SURE,
    Json,
    changes_of,
    group,
    kinds,
    of,
)


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


def engine(name: Any, version: Any) -> Json:
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
    "no engine, with a version of redis alone, to valkey": (
        engine(None, "7.1"),
        engine("valkey", "8.0"),
        TO_VALKEY,
    ),
    "no engine, with a version of valkey alone, to valkey": (engine(None, "7.2"), engine("valkey", "8.0"), NONE),
    "no engine and no version to valkey": (engine(None, None), engine("valkey", "8.0"), NONE),
    "an unknown engine to valkey": (engine({"Ref": "P"}, "7.1"), engine("valkey", "8.0"), NONE),
    "a user to valkey": (of("User", Engine="redis"), of("User", Engine="valkey"), NONE),
    "a user back to redis": (of("User", Engine="valkey"), of("User", Engine="redis"), DOWN),
    "a user group to valkey": (of("UserGroup", Engine="redis"), of("UserGroup", Engine="valkey"), NONE),
    "a user group back to redis": (of("UserGroup", Engine="valkey"), of("UserGroup", Engine="redis"), DOWN),
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


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (engine("redis", "7.1"), engine("redis", "7.1.0"), True),
        (engine("redis", "7.1"), engine("redis", "7.x"), True),
        (engine("redis", "6.2"), engine("redis", "6.2.6"), True),
        (engine("valkey", "8.0"), engine("valkey", "8.0.1"), True),
        (engine("redis", "7.0"), engine("redis", "7.x"), False),
        (engine("valkey", "8"), engine("valkey", "8.0"), False),
        (engine("redis", "5.0.0"), engine("redis", "5.0.6"), False),
        (engine("redis", "7.1"), engine("redis", {"Ref": "P"}), False),
        (engine("redis", {"Ref": "P"}), engine("redis", "7.1"), False),
        (engine(None, "7.1"), engine(None, "7.1.0"), False),
        (engine("redis", "7.2"), engine("valkey", "7.2.0"), False),
        (memcached("1.6.12"), memcached("1.6.22"), False),
        (datastore("redis", "7.1"), datastore("redis", "7.1.0"), True),
    ],
)
def test_a_version_in_another_spelling_restarts_nothing(old: Json, new: Json, same: bool) -> None:
    (what,) = (change.what for change in changes_of(old, new) if change.properties == ("EngineVersion",))
    assert what.endswith("in place: both stand for the same version; nothing restarts") is same


def test_another_property_beside_the_same_version() -> None:
    (change,) = changes_of(group({"CacheNodeType": "a"}), group({"CacheNodeType": "b"}))
    assert "the same version" not in change.what


@pytest.mark.parametrize(
    ("kind", "what", "step"),
    [
        ("ReplicationGroup", "only a cache that is replaced has it", "or else deploy a new cache beside the old one"),
        ("User", "only another one has it", "or else deploy another one beside the old one, under another id"),
    ],
)
def test_what_goes_back_takes_another_resource(kind: str, what: str, step: str) -> None:
    change = changes_of(of(kind, Engine="valkey"), of(kind, Engine="redis"))[0]
    assert change.what == (
        f"Cache goes from engine valkey to redis, which ElastiCache does not do in place: the update fails, and {what}"
    )
    assert change.steps[0] == "keep the old Engine, if the change is not wanted"
    assert change.steps[1].startswith(step)

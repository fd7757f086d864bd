"""What a picture reads from templates: every property that is shown, changed once."""

import itertools
from typing import Any

import pytest

from elasticache_operations.picture.model import NODE, PRIMARY, READS_ONLY, REPLICA
from elasticache_rules import facts
from tests.picture.templates import (
    Resources,
    cache,
    changed,
    function,
    group,
    instance,
    network,
    picture,
    resource,
    sharded,
    standard,
    user,
)
from tests.picture.test_geometry import datastore

KEY = "arn:aws:kms:eu-west-1:111111111111:key/1"
FACTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("engine", {"Engine": "redis", "EngineVersion": "7.1"}, "Engine", "Redis OSS 7.1"),
    ("no engine", {"Engine": None, "EngineVersion": None}, "Engine", "Cache"),
    ("version", {"EngineVersion": "9.0"}, "Engine", "Valkey 9.0"),
    ("node type", {"CacheNodeType": "cache.t4g.micro"}, "Nodes", "2 \N{MULTIPLICATION SIGN} cache.t4g.micro"),
    (
        "unknown type",
        {"CacheNodeType": {"Ref": "Type"}},
        "Nodes",
        "2 \N{MULTIPLICATION SIGN} node type known at deployment",
    ),
    ("nodes", {"NumCacheClusters": 4}, "Nodes", "4 \N{MULTIPLICATION SIGN} cache.r7g.large"),
    (
        "shards",
        {"NumCacheClusters": None, "NumNodeGroups": 3, "ReplicasPerNodeGroup": 2},
        "Nodes",
        "9 \N{MULTIPLICATION SIGN} cache.r7g.large",
    ),
    ("shard count", {"NumCacheClusters": None, "NumNodeGroups": 3, "ReplicasPerNodeGroup": 2}, "Shards", "3"),
    ("endpoints", {"NumCacheClusters": None, "NumNodeGroups": 3}, "Endpoints", "configuration endpoint; port 6379"),
    ("port", {"Port": 7000}, "Endpoints", "primary endpoint, reader endpoint; port 7000"),
    ("unknown port", {"Port": {"Ref": "Port"}}, "Endpoints", "primary endpoint, reader endpoint"),
    ("TLS", {"TransitEncryptionEnabled": True}, "In transit", "TLS required"),
    ("preferred", {"TransitEncryptionMode": "preferred"}, "In transit", "TLS preferred"),
    ("no TLS", {"TransitEncryptionEnabled": False}, "In transit", "no TLS"),
    ("TLS absent", {"TransitEncryptionEnabled": None}, "In transit", "no TLS"),
    ("TLS unknown", {"TransitEncryptionEnabled": {"Ref": "Tls"}}, "In transit", "TLS known at deployment"),
    ("own key", {"KmsKeyId": KEY}, "At rest", "encrypted with a customer managed key"),
    ("at rest", {"AtRestEncryptionEnabled": True}, "At rest", "encrypted with the key of the service"),
    ("not at rest", {"AtRestEncryptionEnabled": False}, "At rest", "not encrypted"),
    ("at rest absent", {"AtRestEncryptionEnabled": None}, "At rest", "not stated"),
    ("at rest unknown", {"AtRestEncryptionEnabled": {"Ref": "Rest"}}, "At rest", "known at deployment"),
    ("nobody", {}, "Authentication", "none"),
    ("token", {"AuthToken": "a secret of some length"}, "Authentication", "AUTH token"),
    ("users elsewhere", {"UserGroupIds": ["theirs"]}, "Authentication", "users known at deployment"),
    ("snapshots", {"SnapshotRetentionLimit": 1}, "Snapshots", "kept for 1 day"),
    ("more snapshots", {"SnapshotRetentionLimit": 9}, "Snapshots", "kept for 9 days"),
    ("no snapshots", {"SnapshotRetentionLimit": 0}, "Snapshots", "none"),
    ("snapshots absent", {"SnapshotRetentionLimit": None}, "Snapshots", "none"),
    ("snapshots unknown", {"SnapshotRetentionLimit": {"Ref": "Days"}}, "Snapshots", "known at deployment"),
    ("failover", {}, "Failover", "automatic across zones"),
    ("one zone", {"MultiAZEnabled": False}, "Failover", "automatic"),
    ("manual", {"AutomaticFailoverEnabled": False, "MultiAZEnabled": None}, "Failover", "manual"),
    ("no replica", {"NumCacheClusters": 1}, "Failover", "nothing to fail over to"),
]


@pytest.mark.parametrize(
    ("properties", "label", "value"), [case[1:] for case in FACTS], ids=[case[0] for case in FACTS]
)
def test_a_property_is_shown(properties: dict[str, Any], label: str, value: str) -> None:
    shown = cache(changed(standard(), "Cache", **properties))
    assert dict(shown.facts)[label] == value
    if label in ("In transit", "At rest", "Failover", "Snapshots"):
        assert any(value in part for part in shown.summary)


def test_the_number_of_shards_that_only_the_deployment_knows_is_not_invented() -> None:
    shown = cache(changed(standard(), "Cache", NumCacheClusters=None, NumNodeGroups={"Ref": "Shards"}))
    assert shown.shards is None
    assert shown.node_count is None
    assert "The number of shards is known at deployment." in shown.notes
    assert dict(shown.facts)["Nodes"] == "nodes \N{MULTIPLICATION SIGN} cache.r7g.large"


@pytest.mark.parametrize("count", [2, 3, 5, 500])
def test_slots_are_dealt_in_equal_parts(count: int) -> None:
    shards = cache({**network(), "Cache": sharded(count)}).shards
    assert shards is not None
    assert [shard.slots for shard in shards][:1] == [((0, 16384 // count - 1),)]
    ends = [shard.slots[0] for shard in shards]
    assert ends[-1][1] == 16383
    assert all(before[1] + 1 == after[0] for before, after in itertools.pairwise(ends))


def test_given_slots_and_replicas_win() -> None:
    layout = [{"Slots": "0-99,200", "ReplicaCount": 2}, {"Slots": "100-199,201-16383", "ReplicaCount": 0}]
    shards = cache({**network(), "Cache": sharded(2, 1, NodeGroupConfiguration=layout)}).shards
    assert shards is not None
    assert [shard.slots for shard in shards] == [((0, 99), (200, 200)), ((100, 199), (201, 16383))]
    assert [len(shard.nodes) for shard in shards] == [3, 1]


@pytest.mark.parametrize("slots", ["", "0-", "a-b", "0-99-100", "-5"])
def test_slots_that_are_none_are_left_out(slots: str) -> None:
    layout = [{"Slots": slots}, {"Slots": "100-16383"}]
    shards = cache({**network(), "Cache": sharded(2, 1, NodeGroupConfiguration=layout)}).shards
    assert shards is not None
    assert [shard.slots for shard in shards] == [(), ((100, 16383),)]


def test_zones_of_nodes_come_from_the_template_alone() -> None:
    zones = ["eu-west-1b", "eu-west-1a"]
    shown = cache(changed(standard(), "Cache", PreferredCacheClusterAZs=zones))
    assert shown.shards is not None
    assert [(node.role, node.zone) for node in shown.shards[0].nodes] == [(PRIMARY, zones[0]), (REPLICA, zones[1])]
    assert not any("chooses the zones" in note for note in shown.notes)
    other = cache(standard())
    assert other.shards is not None
    assert [node.zone for node in other.shards[0].nodes] == [None, None]
    assert any("chooses the zones" in note for note in other.notes)


def test_a_memcached_cluster_has_nodes_without_copies() -> None:
    cluster = resource(
        "ElastiCache::CacheCluster",
        Engine="memcached",
        EngineVersion="1.6.22",
        CacheNodeType="cache.t4g.micro",
        NumCacheNodes=3,
        VpcSecurityGroupIds=[{"Ref": "CacheGroup"}],
        CacheSubnetGroupName={"Ref": "Subnets"},
    )
    shown = cache({**network(), "Cache": cluster})
    assert shown.title == "Memcached 1.6.22 cluster"
    assert shown.shards is not None
    assert [node.role for node in shown.shards[0].nodes] == [NODE] * 3
    assert dict(shown.facts)["Endpoints"] == "configuration endpoint; port 11211"
    assert "Snapshots" not in dict(shown.facts)
    assert "Each node holds a part of the keys; there is no copy." in shown.notes


def test_a_node_of_a_replication_group_is_not_a_cache_of_its_own() -> None:
    node = resource("ElastiCache::CacheCluster", ReplicationGroupId={"Ref": "Cache"}, CacheNodeType="cache.r7g.large")
    assert len(picture(standard(Node=node)).caches) == 1


def test_a_serverless_cache_has_limits_and_two_ports() -> None:
    serverless = resource(
        "ElastiCache::ServerlessCache",
        Engine="valkey",
        MajorEngineVersion="8",
        ServerlessCacheName="orders",
        SubnetIds=[{"Ref": "Subnet0"}, {"Ref": "Subnet1"}],
        SecurityGroupIds=[{"Ref": "CacheGroup"}],
        CacheUsageLimits={
            "DataStorage": {"Maximum": 5, "Unit": "GB"},
            "ECPUPerSecond": {"Minimum": 1000, "Maximum": 5000},
        },
    )
    shown = cache({**network(), "Cache": serverless})
    listed = dict(shown.facts)
    assert listed["Limits"] == "storage: at most 5 GB, requests: at least 1,000 and at most 5,000 ECPU per second"
    assert listed["Endpoints"] == "endpoint, reader endpoint; port 6379 and 6380"
    assert listed["In transit"] == "TLS required"
    assert shown.shards == ()
    assert shown.node_count is None
    memcached = changed({**network(), "Cache": serverless}, "Cache", Engine="memcached", CacheUsageLimits=None)
    assert dict(cache(memcached).facts)["Endpoints"] == "endpoint; port 11211 and 11212"
    assert dict(cache(memcached).facts)["Limits"] == "storage: no limit, requests: no limit"


def test_a_secondary_takes_what_its_primary_has() -> None:
    first, second = datastore(2).caches
    assert second.primary == first.key
    assert second.engine == first.engine
    assert second.node_type == first.node_type
    assert second.tls
    assert dict(second.facts)["At rest"] == dict(first.facts)["At rest"]
    assert dict(second.facts)["Endpoints"] == "reader endpoint; port 6379"
    assert second.shards is not None
    assert [node.role for node in second.shards[0].nodes] == [READS_ONLY, REPLICA]
    assert [region.note for region in datastore(2).regions] == [
        "Primary of the Global Datastore",
        "Secondary of the Global Datastore",
    ]


def test_a_secondary_whose_primary_is_elsewhere_says_so() -> None:
    shown = cache(
        changed(standard(), "Cache", GlobalReplicationGroupId="abcde-orders", Engine=None, EngineVersion=None)
    )
    assert shown.primary is None
    assert "The primary of the Global Datastore is not in these templates." in shown.notes
    assert shown.shards is None or shown.shards[0].nodes[0].role == READS_ONLY


def test_regions_are_those_of_the_assembly() -> None:
    assert [region.title for region in picture(standard()).regions] == ["Region eu-west-1"]
    assert [region.title for region in picture(standard(), region=None).regions] == ["Region of the deploy"]


def test_costs_are_shown_where_the_price_is_known() -> None:
    hourly = facts.load("prices")["regions"]["us-east-1"]["nodes"]["valkey"]["cache.r7g.large"]
    model = picture(standard(), region="us-east-1")
    assert model.cost == pytest.approx(hourly * 2 * 730)
    shown = f"${hourly * 2 * 730:,.2f} a month"
    date = facts.load("prices")["date"]
    assert dict(model.caches[0].facts)["Cost"] == f"{shown} for the nodes, at 730 hours and the prices of {date}"
    assert shown in model.caches[0].summary
    two = picture(standard(Other=group()), region="us-east-1")
    assert two.cost == pytest.approx(2 * hourly * 2 * 730)


@pytest.mark.parametrize(
    ("properties", "region"),
    [
        ({}, None),
        ({}, "eu-west-1"),
        ({"CacheNodeType": {"Ref": "Type"}}, "us-east-1"),
        ({"CacheNodeType": "cache.r99.large"}, "us-east-1"),
        ({"Engine": {"Ref": "Engine"}}, "us-east-1"),
        ({"NumCacheClusters": None, "NumNodeGroups": {"Ref": "Shards"}}, "us-east-1"),
    ],
    ids=["no region", "no prices", "type", "unknown type", "engine", "shards"],
)
def test_a_cost_that_is_not_known_is_left_out(properties: dict[str, Any], region: str | None) -> None:
    model = picture(changed(standard(Other=group()), "Cache", **properties), region=region)
    assert "Cost" not in dict(model.caches[0].facts)
    assert model.caches[0].cost is None
    assert model.cost is None, "a sum without one cache is none"


SENTENCES = [
    (
        standard(),
        "1 shard of a primary and 1 replica on cache.r7g.large, in eu-west-1; reached by 1 EC2 instance over TLS.",
    ),
    ({**network(), "Cache": group(NumCacheClusters=1)}, "1 shard of a primary without replicas on cache.r7g.large"),
    ({**network(), "Cache": sharded(12, 2)}, "12 shards of a primary and 2 replicas on cache.r7g.large"),
    (
        {**network(), "Cache": sharded(2, 1, NodeGroupConfiguration=[{"ReplicaCount": 1}, {"ReplicaCount": 3}])},
        "2 shards of a primary and 1 to 3 replicas",
    ),
    (standard(More=instance(1), Code=function(0, 1)), "reached by 2 EC2 instances and 1 Lambda function over TLS."),
    (changed(standard(), "Cache", TransitEncryptionEnabled=False), "reached by 1 EC2 instance without TLS."),
    (standard(Other=group()), "2 caches, each Valkey 8.2: 1 shard of a primary and 1 replica"),
    ({"Topic": resource("SNS::Topic")}, "The templates have no cache."),
]


@pytest.mark.parametrize(("resources", "words"), SENTENCES, ids=range(len(SENTENCES)))
def test_the_sentence_says_what_is_drawn(resources: Resources, words: str) -> None:
    assert words in picture(resources).sentence


def test_the_users_of_a_cache_are_rows() -> None:
    more = {
        "App": user("on ~app:* +@read"),
        "Off": user("off -@all", UserName="default", AuthenticationMode={"Type": "no-password-required"}),
        "Secret": user(
            "on ~* +@all", UserName="admin", AuthenticationMode={"Type": "password", "Passwords": ["x" * 16]}
        ),
        "Group": resource(
            "ElastiCache::UserGroup",
            Engine="valkey",
            UserGroupId="users",
            UserIds=[{"Ref": "App"}, {"Ref": "Off"}, {"Ref": "Secret"}],
        ),
    }
    resources = changed(standard(**more), "Cache", UserGroupIds=[{"Ref": "Group"}])
    model = picture(resources)
    assert [(item.name, item.of, item.proof, item.may) for item in model.users] == [
        ("app", "Cache", "IAM token", "only @read; keys app:*; no channels"),
        ("default", "Cache", "nothing", "nothing: the user is off"),
        ("admin", "Cache", "password", "every command; all keys; no channels"),
    ]
    assert dict(model.caches[0].facts)["Authentication"] == "IAM token or password"

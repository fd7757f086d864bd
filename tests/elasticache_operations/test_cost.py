"""`elasticache cost`: sums by hand, every kind of resource, and prices that are not known."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.elasticache_operations.pricing import CLUSTER, GROUP, INSTANCE, SERVERLESS, Cost, cost, group, template
from tests.elasticache_operations.run import AS_OF, Elasticache, Result

__all__ = ["cost"]


def months(result: Result) -> list[float | None]:
    return [line.get("usd_month") for line in result.data["lines"]]


def test_the_default_deployment_by_hand(cost: Cost) -> None:
    """2 nodes x 0.016 x 730, 0.0042 x 730, 8 GiB x 0.08."""
    result = cost({"Cache": group(NumCacheClusters=2), "Client": INSTANCE})
    assert months(result) == [23.36, 3.07, 0.64]
    assert (result.status, result.data["total"]) == (0, {"usd_month": 27.07, "complete": True})
    assert result.data["resources"] == [
        {"stack": "Shop", "logical_id": "Cache", "usd_month": 23.36, "complete": True},
        {"stack": "Shop", "logical_id": "Client", "usd_month": 3.71, "complete": True},
    ]


@pytest.mark.parametrize(
    ("properties", "nodes", "month"),
    [
        ({}, 1, 11.68),
        ({"NumCacheClusters": "3"}, 3, 35.04),
        ({"NumNodeGroups": 3, "ReplicasPerNodeGroup": 1}, 6, 70.08),
        ({"NumNodeGroups": 3, "ReplicasPerNodeGroup": 0}, 3, 35.04),
        ({"NodeGroupConfiguration": [{"ReplicaCount": 2}, {"ReplicaCount": 0}]}, 4, 46.72),
        ({"NodeGroupConfiguration": [{}, {"ReplicaCount": 0}], "ReplicasPerNodeGroup": 2}, 4, 46.72),
        ({"Engine": "valkey"}, 1, 9.34),
        ({"CacheNodeType": "cache.r7g.large"}, 1, 159.87),
    ],
)
def test_nodes_shards_and_replicas(cost: Cost, properties: Mapping[str, Any], nodes: int, month: float) -> None:
    result = cost({"Cache": group(**properties)})
    (line,) = result.data["lines"]
    assert (line["quantity"], line["usd_month"]) == (nodes, month)


def test_memcached(cost: Cost) -> None:
    properties = {"CacheNodeType": "cache.t4g.micro", "Engine": "memcached", "NumCacheNodes": 2}
    assert months(cost({"Cache": {"Type": CLUSTER, "Properties": properties}})) == [23.36]


@pytest.mark.parametrize(
    ("retention", "words", "month"),
    [(0, (), None), (1, (), None), (2, ("--backup-gb", "25"), 2.12), (20, ("--backup-gb", "25"), 40.38), (2, (), 0.03)],
)
def test_backups_beyond_the_free_one(cost: Cost, retention: int, words: tuple[str, ...], month: float | None) -> None:
    """19 x 25 GiB x 0.085; by default a full cache, 75 % of 384 MiB x 4/3 here."""
    result = cost({"Cache": group(SnapshotRetentionLimit=retention)}, *words)
    assert months(result)[1:] == ([] if month is None else [month])


@pytest.mark.parametrize(
    ("engine", "limits", "words", "expected"),
    [
        ("valkey", {}, (), [6.13, 0]),
        ("redis", {}, (), [91.25, 0]),
        ("memcached", {}, (), [91.25, 0]),
        ("valkey", {"DataStorage": {"Minimum": 10, "Unit": "GB"}}, (), [613.2, 0]),
        ("valkey", {"ECPUPerSecond": {"Minimum": 1000}}, (), [6.13, 6.04]),
        ("valkey", {}, ("--serverless-gb", "45.1", "--serverless-ecpu", "50000"), [2765.53, 302.22]),
        ("redis", {"DataStorage": {"Minimum": 10}}, ("--serverless-gb", "2"), [912.5, 0]),
    ],
)
def test_serverless(
    cost: Cost, engine: str, limits: Mapping[str, Any], words: tuple[str, ...], expected: list[float]
) -> None:
    """A minimum is billed even when it is not used; 0.1 or 1 GB always are."""
    cache = {"Type": SERVERLESS, "Properties": {"Engine": engine, "CacheUsageLimits": limits}}
    assert months(cost({"Cache": cache}, *words)) == expected


@pytest.mark.parametrize(
    ("version", "as_of", "share"),
    [
        ("5.0.6", "2026-01-31", 0),
        ("5.0.6", "2026-02-01", 0.8),
        ("5.0.6", "2028-01-31", 0.8),
        ("5.0.6", "2028-02-01", 1.6),
        ("6.2", "2027-01-31", 0),
        ("6.2", "2027-02-01", 0.8),
        ("7.1", "2030-01-01", 0),
    ],
)
def test_extended_support(cost: Cost, version: str, as_of: str, share: float) -> None:
    """The surcharge is a percentage of the price on demand, and begins on the day after standard support."""
    result = cost({"Cache": group(EngineVersion=version)}, "--as-of", as_of)
    assert result.data["total"]["usd_month"] == pytest.approx(11.68 * (1 + share), abs=0.01)


def test_a_secondary_costs_what_its_primary_does(cost: Cost) -> None:
    primary = group(NumNodeGroups=2, ReplicasPerNodeGroup=1, Engine="valkey", CacheNodeType="cache.r7g.large")
    members = [{"ReplicationGroupId": {"Ref": "Primary"}, "Role": "PRIMARY", "ReplicationGroupRegion": "us-east-1"}]
    shared = {"Type": "AWS::ElastiCache::GlobalReplicationGroup", "Properties": {"Members": members}}
    reference = {"Fn::GetAtt": ["Global", "GlobalReplicationGroupId"]}
    for value in (reference, {"Fn::ImportValue": "elsewhere"}):
        secondary = {"Type": GROUP, "Properties": {"GlobalReplicationGroupId": value, "ReplicasPerNodeGroup": 0}}
        result = cost({"Primary": primary, "Global": shared, "Secondary": secondary})
        assert months(result) == [511.58, 255.79]
        assert "replication traffic between regions" in result.data["not_counted"]
    result = cost({"Secondary": secondary})
    assert (result.status, result.data["total"]["complete"]) == (1, False)


@pytest.mark.parametrize(
    ("resource", "region", "why"),
    [
        (group(), "eu-west-1", "the snapshot has no prices of eu-west-1; read them with --live or --price-list"),
        (
            group(CacheNodeType="cache.r9g.large"),
            "us-east-1",
            "the snapshot has no price of cache.r9g.large with redis in us-east-1; read it with --live or --price-list",
        ),
        (
            group(CacheNodeType="cache.m8g.large"),
            "us-east-1",
            "the snapshot has no price of cache.m8g.large with redis in us-east-1; read it with --live or --price-list",
        ),
        (
            group(CacheNodeType={"Ref": "Type"}),
            "us-east-1",
            "the node type is only known at the deploy; set it with --set PARAMETER=VALUE",
        ),
        (
            group(NumCacheClusters={"Ref": "Type"}),
            "us-east-1",
            "the quantity is only known at the deploy; set it with --set PARAMETER=VALUE",
        ),
        (
            {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "m7g.large"}},
            "us-east-1",
            "the snapshot has no price of m7g.large in us-east-1; read it with --live or --price-list",
        ),
        (
            {"Type": "AWS::RDS::DBInstance", "Properties": {"Engine": "postgres", "DBInstanceClass": "db.m7g.large"}},
            "us-east-1",
            "the snapshot has no price of db.m7g.large with postgres in us-east-1; read it with --live or --price-list",
        ),
    ],
)
def test_an_unknown_price_is_an_error_and_never_zero(
    cost: Cost, resource: Mapping[str, Any], region: str, why: str, tmp_path: Path
) -> None:
    parameters = {"Type": {"Type": "String"}}
    result = cost({"Known": INSTANCE, "Cache": resource}, region=region, Parameters=parameters)
    line = next(line for line in result.data["lines"] if line["logical_id"] == "Cache")
    assert line["unknown"] == why
    assert "usd_month" not in line
    assert "usd_hour" not in line
    assert (result.status, result.data["total"]["complete"]) == (1, False)
    text = cost.text(tmp_path / "Shop.json", "--region", region)
    assert text.status == 1
    assert "at least " in text.out
    assert f"not known: Shop Cache, {line['what']}: {why}" in text.out


def test_parameters_have_their_defaults_and_given_values(cost: Cost, elasticache: Elasticache, tmp_path: Path) -> None:
    resources = {"Cache": group(CacheNodeType={"Ref": "Type"}, NumCacheClusters={"Ref": "Nodes"})}
    parameters = {"Type": {"Type": "String", "Default": "cache.t4g.micro"}, "Nodes": {"Type": "Number"}}
    result = cost(resources, "--set", "Nodes=2", Parameters=parameters)
    assert months(result) == [23.36]
    result = cost(resources, "--set", "Nodes=2", "--set", "Type=cache.r7g.large", Parameters=parameters)
    assert months(result) == [319.74]
    stored = {"Type": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/node/type"}, "Nodes": {"Default": 2}}
    (line,) = cost(resources, Parameters=stored).data["lines"]
    assert line["unknown"].startswith("the node type is only known at the deploy"), (
        "the default is the parameter's name"
    )
    assert months(cost(resources, "--set", "Type=cache.t4g.micro", Parameters=stored)) == [23.36]
    path = str(tmp_path / "Shop.json")
    result = elasticache("cost", path, "--region", "us-east-1", "--set", "Nodess=2")
    message = "elasticache cost: --set must name a parameter, got 'Nodess'; use Nodes, Type"
    assert (result.status, result.error) == (2, message)
    assert elasticache("cost", path, "--set", "Nodes").status == 2


def test_durable_writes_have_a_price_of_their_own(cost: Cost) -> None:
    cache = {"Cache": group(Engine="valkey", CacheNodeType="cache.r7g.large", Durability="sync", NumCacheClusters=2)}
    _, unknown = cost(cache).data["lines"]
    assert unknown["unknown"].startswith(
        "the snapshot has no price of durable writes on cache.r7g.large in us-east-1; "
    )
    assert months(cost(cache, "--live", region="eu-west-1")) == [283.82, 51.09]
    cache = {"Cache": group(Engine="valkey", CacheNodeType="cache.r7g.large", Durability="async")}
    assert len(months(cost(cache))) == 1


@pytest.mark.parametrize(("nodes", "shown"), [(1, " 1 node "), (2, " 2 nodes ")])
def test_a_quantity_of_one_is_singular(elasticache: Elasticache, tmp_path: Path, nodes: int, shown: str) -> None:
    path = template(tmp_path / "Shop.json", {"Cache": group(NumCacheClusters=nodes)})
    assert shown in elasticache("cost", path, "--region", "us-east-1", *AS_OF).out

"""`elasticache cost`: sums by hand, every kind of resource, unknown prices, differences, budgets and offers."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from elasticache_rules import facts
from tests.elasticache_operations.offers import get_products, offer_file
from tests.elasticache_operations.recorded import Recorded
from tests.elasticache_operations.run import AS_OF, Elasticache, Result
from tests.elasticache_operations.schemas import violations

GROUP = "AWS::ElastiCache::ReplicationGroup"
CLUSTER = "AWS::ElastiCache::CacheCluster"
SERVERLESS = "AWS::ElastiCache::ServerlessCache"
INSTANCE = {
    "Type": "AWS::EC2::Instance",
    "Properties": {
        "InstanceType": "t4g.nano",
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeType": "gp3", "VolumeSize": 8}}],
    },
}
LIVE = Recorded(
    {
        ("pricing", "GetProducts"): get_products,
        ("elasticache", "DescribeReservedCacheNodesOfferings"): {"ReservedCacheNodesOfferings": []},
        ("savingsplans", "DescribeSavingsPlansOfferingRates"): {"searchResults": []},
    }
)


def group(**properties: Any) -> dict[str, Any]:
    return {"Type": GROUP, "Properties": {"CacheNodeType": "cache.t4g.micro", "Engine": "redis", **properties}}


def template(path: Path, resources: Mapping[str, Any], **sections: Any) -> str:
    path.write_text(json.dumps({"Resources": resources, **sections}))
    return str(path)


@dataclass(frozen=True, slots=True)
class Cost:
    """Prices resources in us-east-1 as JSON, and checks the document against its schema."""

    elasticache: Elasticache
    folder: Path

    def __call__(self, resources: Mapping[str, Any], *words: str, region: str = "us-east-1", **sections: Any) -> Result:
        """Price them as the stack Shop."""
        path = template(self.folder / "Shop.json", resources, **sections)
        aws = LIVE if "--live" in words else Recorded({})
        result = self.elasticache("cost", path, "--region", region, "--format", "json", *AS_OF, *words, aws=aws)
        assert result.err == ""
        assert violations("cost", result.data) == []
        return result

    def text(self, path: Path, *words: str) -> Result:
        """Price a template as text."""
        return self.elasticache("cost", str(path), *words)


@pytest.fixture
def cost(elasticache: Elasticache, tmp_path: Path) -> Cost:
    return Cost(elasticache, tmp_path)


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


def test_live_prices_of_every_kind(cost: Cost) -> None:
    """Each kind is found among the recorded offers that resemble it."""
    database = {"Engine": "postgres", "DBInstanceClass": "db.t4g.micro", "StorageType": "gp3", "AllocatedStorage": "20"}
    engine = {"Engine": "aurora-postgresql"}
    aurora = {**engine, "DBClusterIdentifier": {"Ref": "Aurora"}, "DBInstanceClass": "db.serverless"}
    scaling = {**engine, "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 2}}
    resources = {
        "Redis": group(CacheNodeType="cache.r7g.large", SnapshotRetentionLimit=2),
        "Valkey": group(CacheNodeType="cache.r7g.large", Engine="valkey"),
        "Memcached": {"Type": CLUSTER, "Properties": {"CacheNodeType": "cache.t4g.micro", "Engine": "memcached"}},
        "Serverless": {"Type": SERVERLESS, "Properties": {"Engine": "valkey"}},
        "Client": INSTANCE,
        "Database": {"Type": "AWS::RDS::DBInstance", "Properties": database},
        "Standby": {"Type": "AWS::RDS::DBInstance", "Properties": {**database, "MultiAZ": True}},
        "Aurora": {"Type": "AWS::RDS::DBCluster", "Properties": scaling},
        "Writer": {"Type": "AWS::RDS::DBInstance", "Properties": aurora},
    }
    words = ("--live", "--backup-gb", "10", "--serverless-gb", "1", "--serverless-ecpu", "1000")
    result = cost(resources, *words, region="eu-west-1")
    assert [line["usd_per_unit"] for line in result.data["lines"]] == [
        *(0.243, 0.085, 0.1944, 0.017, 0.09, 0.0025, 0.0046, 0.088, 0.017, 0.127, 0.035, 0.253, 0.14)
    ]
    assert result.data["sources"] == [{"what": "prices of eu-west-1: Price List", "date": "2026-11-26", "live": True}]
    assert result.status == 0
    assert "storage and I/O of Aurora" in result.data["not_counted"]
    aurora_line = result.data["lines"][-1]
    assert (aurora_line["quantity"], aurora_line["unit"], aurora_line["usd_month"]) == (0.5, "ACU", 51.1)


def test_the_snapshot_prices_a_database_and_its_client(cost: Cost) -> None:
    database = {
        "Engine": "postgres",
        "DBInstanceClass": "db.t4g.medium",
        "StorageType": "gp3",
        "AllocatedStorage": "20",
    }
    scaling = {"MinCapacity": 0.5, "MaxCapacity": 2}
    engine = {"Engine": "aurora-postgresql"}
    aurora = {**engine, "DBClusterIdentifier": {"Ref": "Aurora"}, "DBInstanceClass": "db.serverless"}
    resources = {
        "Client": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "t4g.micro"}},
        "Database": {"Type": "AWS::RDS::DBInstance", "Properties": database},
        "Aurora": {
            "Type": "AWS::RDS::DBCluster",
            "Properties": {**engine, "ServerlessV2ScalingConfiguration": scaling},
        },
        "Writer": {"Type": "AWS::RDS::DBInstance", "Properties": aurora},
    }
    lines = {(line["logical_id"], line["unit"]): line.get("usd_month") for line in cost(resources).data["lines"]}
    assert lines[("Client", "instance")] == 6.13
    assert (lines[("Database", "instance")], lines[("Database", "GiB")]) == (47.45, 2.3)
    assert lines[("Writer", "ACU")] == 43.8
    resources["Database"] = {"Type": "AWS::RDS::DBInstance", "Properties": {**database, "MultiAZ": True}}
    found = [line for line in cost(resources).data["lines"] if line["logical_id"] == "Database"]
    assert [line.get("usd_month") for line in found] == [None, None]


@pytest.mark.parametrize(
    ("node_type", "why"),
    [
        ("cache.r7g.xlarge", "the Price List has several prices of cache.r7g.xlarge with redis in eu-west-1: 0.4, 0.5"),
        ("cache.m7g.large", "the Price List has no price of cache.m7g.large with redis in eu-west-1"),
        ("cache.r6g.large", "the Price List has no price of cache.r6g.large with redis in eu-west-1"),
    ],
)
def test_offers_without_one_price_in_usd_are_not_known(cost: Cost, node_type: str, why: str) -> None:
    result = cost({"Cache": group(CacheNodeType=node_type)}, "--live", region="eu-west-1")
    assert (result.status, result.data["lines"][0]["unknown"]) == (1, why)


def test_an_offer_file_needs_no_credentials(cost: Cost, tmp_path: Path) -> None:
    cache, compute = offer_file(tmp_path / "cache.json"), offer_file(tmp_path / "ec2.json", "AmazonEC2")
    resources = {"Cache": group(CacheNodeType="cache.r7g.large"), "Client": INSTANCE}
    result = cost(resources, "--price-list", cache, "--offline", region="eu-west-1")
    assert [line.get("usd_per_unit") for line in result.data["lines"]] == [0.243, None, None]
    assert result.status == 1
    result = cost(resources, "--price-list", cache, "--price-list", compute, region="eu-west-1")
    assert [line.get("usd_per_unit") for line in result.data["lines"]] == [0.243, 0.0046, 0.088]
    assert result.data["sources"] == [{"what": "prices of eu-west-1: Price List", "date": "2026-11-20", "live": False}]
    assert cost(resources, "--price-list", cache).data["lines"][0]["usd_per_unit"] == 0.219


def test_reserved_nodes_and_savings_plans(cost: Cost, elasticache: Elasticache, tmp_path: Path) -> None:
    def offering(years: int, fixed: float, hourly: float, payment: str) -> dict[str, Any]:
        charges = [{"RecurringChargeAmount": hourly, "RecurringChargeFrequency": "Hourly"}]
        return {
            "Duration": years * 31536000,
            "FixedPrice": fixed,
            "UsagePrice": 0.0,
            "OfferingType": payment,
            "RecurringCharges": charges,
        }

    def plan(usage: str, rate: str) -> dict[str, Any]:
        offer = {"durationSeconds": 31536000, "paymentOption": "No Upfront", "currency": "USD", "planType": "Database"}
        return {"savingsPlanOffering": offer, "rate": rate, "usageType": usage, "unit": "Hrs"}

    def reserved(params: Mapping[str, Any]) -> dict[str, Any]:
        assert params["CacheNodeType"] == "cache.r7g.large"
        listed = [offering(1, 0, 0.133, "No Upfront"), offering(3, 2000, 0.0, "All Upfront")]
        return {"ReservedCacheNodesOfferings": listed if params["ProductDescription"] == "valkey" else []}

    def plans(params: Mapping[str, Any]) -> dict[str, Any]:
        if "nextToken" not in params:
            return {"searchResults": [plan("EU-NodeUsage:cache.r7g.xlarge", "0.3")], "nextToken": "2"}
        surcharge = plan("EU-ExtendedSupportYr3-NodeUsage:cache.r7g.large", "0.1")
        return {"searchResults": [plan("EU-NodeUsage:cache.r7g.large", "0.15552"), surcharge]}

    aws = Recorded(
        {
            ("pricing", "GetProducts"): get_products,
            ("elasticache", "DescribeReservedCacheNodesOfferings"): reserved,
            ("savingsplans", "DescribeSavingsPlansOfferingRates"): plans,
        }
    )
    resources = {
        "Cache": group(Engine="valkey", CacheNodeType="cache.r7g.large", NumCacheClusters=2),
        "Other": group(CacheNodeType="cache.r7g.large"),
    }
    path = template(tmp_path / "Shop.json", resources)
    words = ("cost", path, "--region", "eu-west-1", "--live", *AS_OF)
    result = elasticache(*words, "--format", "json", aws=aws)
    assert violations("cost", result.data) == []
    common = {"region": "eu-west-1", "engine": "valkey", "node_type": "cache.r7g.large", "nodes": 2}
    assert result.data["offers"] == [
        {
            **common,
            **{"kind": "reserved nodes", "years": 3, "payment": "All Upfront"},
            **{"upfront_usd": 4000.0, "usd_month": 111.11, "saving_percent": 60.9},
        },
        {
            **common,
            **{"kind": "reserved nodes", "years": 1, "payment": "No Upfront"},
            **{"upfront_usd": 0.0, "usd_month": 194.18, "saving_percent": 31.6},
        },
        {
            **common,
            **{"kind": "Database Savings Plan", "years": 1, "payment": "No Upfront"},
            **{"upfront_usd": 0.0, "usd_month": 227.06, "saving_percent": 20.0},
        },
    ]
    out = elasticache(*words, aws=aws).out
    assert "Database Savings Plan, 1 year, No Upfront" in out
    assert "reserved nodes, 3 years, All Upfront" in out
    assert "no reserved nodes and no savings plan" in elasticache(*words, aws=LIVE).out


def test_savings_plans_of_serverless_caches(cost: Cost, elasticache: Elasticache, tmp_path: Path) -> None:
    """Both caches: 5.5 GB and 2,000 ECPU/s, so 7.2 million ECPU an hour."""

    def rate(usage: str, rate: str, payment: str = "No Upfront", currency: str = "USD") -> dict[str, Any]:
        offer = {"durationSeconds": 31536000, "paymentOption": payment, "currency": currency, "planType": "Database"}
        return {"savingsPlanOffering": offer, "rate": rate, "usageType": usage}

    rates = [
        rate("EU-CachedData:Valkey", "0.0585"),
        rate("EU-ElastiCacheProcessingUnits:Valkey", "0.000000001625"),
        rate("EU-CachedData:Valkey", "0.4", currency="CNY"),
        rate("EU-NodeUsage:cache.r7g.large", "0.1"),
        # Of these terms, one rate is missing, or there are two of them.
        rate("EU-CachedData:Valkey", "0.05", "All Upfront"),
        *(rate("EU-CachedData:Valkey", usd, "Partial Upfront") for usd in ("0.05", "0.06")),
        rate("EU-ElastiCacheProcessingUnits:Valkey", "0.000000001", "Partial Upfront"),
    ]
    aws = Recorded(
        {
            ("pricing", "GetProducts"): get_products,
            ("savingsplans", "DescribeSavingsPlansOfferingRates"): {"searchResults": rates},
        }
    )
    limits = {"DataStorage": {"Minimum": 5, "Unit": "GB"}, "ECPUPerSecond": {"Minimum": 1000}}
    resources = {
        "Large": {
            "Type": "AWS::ElastiCache::ServerlessCache",
            "Properties": {"Engine": "valkey", "CacheUsageLimits": limits},
        },
        "Small": {"Type": "AWS::ElastiCache::ServerlessCache", "Properties": {"Engine": "valkey"}},
        "Other": {"Type": "AWS::ElastiCache::ServerlessCache", "Properties": {"Engine": "redis"}},
    }
    path = template(tmp_path / "Shop.json", resources)
    words = (
        "cost",
        path,
        "--region",
        "eu-west-1",
        "--live",
        "--serverless-gb",
        "0.5",
        "--serverless-ecpu",
        "1000",
        *AS_OF,
    )
    result = elasticache(*words, "--format", "json", aws=aws)
    assert violations("cost", result.data) == []
    month = (5.5 * 0.0585 + 7.2 * 0.001625) * 730
    assert result.data["offers"] == []
    assert result.data["serverless_offers"] == [
        {
            **{"region": "eu-west-1", "engine": "valkey", "caches": 2, "kind": "Database Savings Plan"},
            **{"years": 1, "payment": "No Upfront", "usd_month": round(month, 2), "saving_percent": 35.0},
        }
    ]
    out = elasticache(*words, aws=aws).out
    assert re.search(r"eu-west-1 serverless valkey +2  Database Savings Plan, 1 year, No Upfront +243.42 +35 %", out)
    assert "are offered for these caches" not in out


def test_the_difference_between_two_templates(cost: Cost, elasticache: Elasticache, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    before = {"Cache": group(NumCacheClusters=2), "Gone": group(), "Same": group()}
    old = template(tmp_path / "old" / "Shop.json", before)
    new = {"Cache": group(NumCacheClusters=3), "Same": group(), "New": group(Engine="valkey")}
    result = cost(new, "--against", old)
    assert [tuple(each.values())[1:] for each in result.data["difference"]] == [
        ("Cache", 23.36, 35.04, 11.68),
        ("Gone", 11.68, 0, -11.68),
        ("New", 0, 9.34, 9.34),
    ]
    out = elasticache("cost", str(tmp_path / "Shop.json"), "--against", old, "--region", "us-east-1").out
    assert any(line.split() == ["total", "46.72", "56.06", "+9.34"] for line in out.splitlines())
    result = cost({"Cache": group(CacheNodeType="cache.x.large")}, "--against", old)
    assert result.data["difference"][0] == {"stack": "Shop", "logical_id": "Cache", "before_usd_month": 23.36}


@pytest.mark.parametrize(("budget", "status"), [("27.07", 0), ("27.06", 1), ("0", 1)])
def test_the_budget(cost: Cost, budget: str, status: int) -> None:
    result = cost({"Cache": group(NumCacheClusters=2), "Client": INSTANCE}, "--budget", budget)
    assert (result.status, result.data["budget"]["exceeded"]) == (status, bool(status))


def test_a_budget_cannot_be_met_by_a_price_that_is_not_known(cost: Cost, tmp_path: Path) -> None:
    result = cost({"Cache": group(CacheNodeType="cache.x.large"), "Client": INSTANCE}, "--budget", "1000")
    assert (result.status, result.data["budget"]["exceeded"]) == (1, False)
    out = cost.text(tmp_path / "Shop.json", "--region", "us-east-1", "--budget", "1000").out
    assert "at least 3.71 USD a month cannot be compared with the budget of 1,000.00" in out


@pytest.mark.parametrize(("as_of", "days"), [("2027-03-31", 0), ("2027-04-01", 181)])
def test_an_old_snapshot_is_a_warning(cost: Cost, as_of: str, days: int) -> None:
    result = cost({"Cache": group()}, "--as-of", as_of)
    expected = [f"the snapshot of prices is {days} days old; read today's prices with --live"] if days else []
    assert result.data["warnings"] == expected
    live = cost({"Cache": group(CacheNodeType="cache.r7g.large")}, "--as-of", as_of, "--live", region="eu-west-1")
    assert live.data["warnings"] == []


def test_a_deployed_stack(elasticache: Elasticache) -> None:
    body = {"Resources": {"Cache": group(NumCacheClusters=2)}}
    aws = Recorded({("cloudformation", "GetTemplate"): {"TemplateBody": json.dumps(body)}})
    result = elasticache("cost", "stack:Shop", "--format", "json", aws=aws)
    assert (result.data["total"]["usd_month"], result.data["lines"][0]["stack"]) == (23.36, "Shop")
    assert [dict(params) for *_, params in aws.calls] == [{"StackName": "Shop", "TemplateStage": "Processed"}]
    assert result.data["region"] == "us-east-1"
    broken = Recorded({("cloudformation", "GetTemplate"): {"TemplateBody": "{}"}})
    assert elasticache("cost", "stack:Shop", aws=broken).status == 2
    assert elasticache("cost", "stack:").status == 2


def test_a_template_that_several_paths_name_is_counted_once(
    elasticache: Elasticache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = template(tmp_path / "Shop.json", {"Cache": group(NumCacheClusters=2)})
    template(tmp_path / "Also.json", {"Cache": group()})
    (tmp_path / "Linked.json").symlink_to(shop)
    monkeypatch.chdir(tmp_path)
    for paths in ((shop, "Shop.json", "Also.json"), (shop, str(tmp_path)), ("Linked.json", "Also.json", shop)):
        result = elasticache("cost", *paths, "--region", "us-east-1", "--format", "json", *AS_OF)
        assert sorted(each["usd_month"] for each in result.data["lines"]) == [11.68, 23.36], paths
    aws = Recorded({("cloudformation", "GetTemplate"): {"TemplateBody": Path(shop).read_text()}})
    result = elasticache("cost", "stack:Shop", "stack:Shop", "--region", "us-east-1", "--format", "json", aws=aws)
    assert [each["usd_month"] for each in result.data["lines"]] == [23.36]


def test_the_date_and_the_age_of_the_prices_are_told(elasticache: Elasticache, tmp_path: Path) -> None:
    path = template(tmp_path / "Shop.json", {"Cache": group()})
    out = elasticache("cost", path, "--region", "us-east-1", *AS_OF).out
    assert "prices of us-east-1: snapshot in this package of 2026-10-02, 55 days old\n" in out
    out = elasticache("cost", path, "--region", "eu-west-1", *AS_OF).out
    assert "prices of eu-west-1: none in the snapshot in this package of 2026-10-02, 55 days old\n" in out


def test_a_price_with_another_date_than_the_snapshot_says_its_own(
    cost: Cost, elasticache: Elasticache, tmp_path: Path
) -> None:
    """Also beside an offer file, which has prices of caches alone."""
    scaling = {"ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 2}}
    engine = {"Engine": "aurora-postgresql"}
    writer = {**engine, "DBClusterIdentifier": {"Ref": "Aurora"}, "DBInstanceClass": "db.serverless"}
    path = template(
        tmp_path / "Shop.json",
        {
            "Cache": group(),
            "Client": INSTANCE,
            "Aurora": {"Type": "AWS::RDS::DBCluster", "Properties": {**engine, **scaling}},
            "Writer": {"Type": "AWS::RDS::DBInstance", "Properties": writer},
        },
    )
    sections = facts.load("prices")["sections"]
    aurora = date.fromisoformat(sections["capacity_units"]["date"])
    clients = date.fromisoformat(sections["instances"]["date"])
    result = elasticache("cost", path, "--region", "us-east-1", "--as-of", str(aurora + timedelta(days=181)))
    assert f"prices of Aurora capacity units in us-east-1: snapshot in this package of {aurora}, 181 days" in result.out
    assert f"prices of EC2 instances in us-east-1: snapshot in this package of {clients}" in result.out
    assert "prices of databases" not in result.out
    warning = "warning: the prices of Aurora capacity units in us-east-1 in the snapshot are 181 days old; read today's"
    assert warning in result.out
    result = elasticache("cost", path, "--region", "us-east-1", "--as-of", str(aurora + timedelta(days=180)))
    assert "warning: " not in result.out
    content = Path(offer_file(tmp_path / "offers.json")).read_text().replace("eu-west-1", "us-east-1")
    (tmp_path / "offers.json").write_text(content)
    words = ("--price-list", str(tmp_path / "offers.json"), "--region", "us-east-1", "--format", "json", *AS_OF)
    found = elasticache("cost", path, *words).data["sources"]
    assert [(source["what"], source["date"]) for source in found] == [
        ("prices of us-east-1: Price List", "2026-11-20"),
        ("prices of Aurora capacity units in us-east-1: snapshot in this package", str(aurora)),
        ("prices of EC2 instances in us-east-1: snapshot in this package", str(clients)),
        ("prices of us-east-1: snapshot in this package", facts.load("prices")["date"]),
    ]


@pytest.mark.parametrize(("nodes", "shown"), [(1, " 1 node "), (2, " 2 nodes ")])
def test_a_quantity_of_one_is_singular(elasticache: Elasticache, tmp_path: Path, nodes: int, shown: str) -> None:
    path = template(tmp_path / "Shop.json", {"Cache": group(NumCacheClusters=nodes)})
    assert shown in elasticache("cost", path, "--region", "us-east-1", *AS_OF).out


def test_templates_without_anything_to_price(cost: Cost, elasticache: Elasticache, tmp_path: Path) -> None:
    result = cost({"Topic": {"Type": "AWS::SNS::Topic"}})
    assert (result.status, result.data["lines"]) == (0, [])
    out = elasticache("cost", str(tmp_path / "Shop.json"), "--region", "us-east-1").out
    assert out == "no cache, client or database is in these templates\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("absent.json",), "absent.json: "),
        (("",), "a path must not be empty, got ''; name a template, a folder or a cdk.out"),
        (("{}", "--region", "us-east-11"), "--region must be a region of AWS"),
        (("{}", "--budget", "nan"), "--budget must be a number from 0 to 1e12, got 'nan'; write it like --budget 100"),
        (("{}", "--budget", "-1"), "--budget must be a number from 0 to 1e12, got '-1'"),
        (("{}", "--serverless-gb", "1e99"), "--serverless-gb must be a number from 0 to 1e12, got '1e99'"),
        (("{}", "--live", "--offline"), "--live must not be set with --offline"),
        (("{}", "--offline"), "{}: --region must be set, because the template names no region"),
        (("{}", "--price-list", "absent", "--region", "us-east-1"), "--price-list absent: No such file or directory; "),
        (("{}", "--price-list", "{}", "--region", "us-east-1"), "--price-list {}: no offer file; download one with: "),
    ],
)
def test_bad_input(elasticache: Elasticache, tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    path = template(tmp_path / "Shop.json", {"Cache": group()})
    result = elasticache("cost", *(word.replace("{}", path) for word in words))
    assert result.status == 2
    assert result.error.startswith(f"elasticache cost: {message.replace('{}', path)}")


def test_the_region_of_a_cloud_assembly(elasticache: Elasticache, tmp_path: Path) -> None:
    artifacts = {}
    for name, region in (("One", "us-east-1"), ("Two", "eu-west-1")):
        template(tmp_path / f"{name}.template.json", {"Cache": group()})
        environment = f"aws://111111111111/{region}"
        properties = {"templateFile": f"{name}.template.json", "stackName": name}
        artifacts[name] = {"environment": environment, "properties": properties}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    result = elasticache("cost", str(tmp_path), "--format", "json", "--offline")
    assert [(each["region"], each.get("usd_month")) for each in result.data["lines"]] == [
        ("us-east-1", 11.68),
        ("eu-west-1", None),
    ]
    result = elasticache("cost", str(tmp_path), "--region", "us-east-1")
    assert (result.status, result.error) == (
        2,
        "elasticache cost: --region must not be set, because the templates name eu-west-1, us-east-1; leave it out",
    )
    one = elasticache("cost", str(tmp_path / "Two.template.json"), "--region", "us-east-1", "--format", "json")
    assert one.data["lines"][0]["usd_month"] == 11.68

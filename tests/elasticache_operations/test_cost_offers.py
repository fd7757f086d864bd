"""The prices of `elasticache cost`: live prices, offer files, reserved nodes and savings plans."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from elasticache_rules import facts
from tests.elasticache_operations.offers import get_products, offer_file
from tests.elasticache_operations.pricing import CLUSTER, INSTANCE, LIVE, SERVERLESS, Cost, cost, group, template
from tests.elasticache_operations.recorded import Recorded
from tests.elasticache_operations.run import AS_OF, Elasticache
from tests.elasticache_operations.schemas import violations

__all__ = ["cost"]


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


@pytest.mark.parametrize(("as_of", "days"), [("2027-03-31", 0), ("2027-04-01", 181)])
def test_an_old_snapshot_is_a_warning(cost: Cost, as_of: str, days: int) -> None:
    result = cost({"Cache": group()}, "--as-of", as_of)
    expected = [f"the snapshot of prices is {days} days old; read today's prices with --live"] if days else []
    assert result.data["warnings"] == expected
    live = cost({"Cache": group(CacheNodeType="cache.r7g.large")}, "--as-of", as_of, "--live", region="eu-west-1")
    assert live.data["warnings"] == []


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

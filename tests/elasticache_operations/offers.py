"""Recorded offers of the Price List, in which every node type has its surcharges and additions beside its price."""

import json
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

_SKU = count()


def product(
    usage: str, usd: float | None, *, currency: str = "USD", zero: bool = False, **attributes: Any
) -> dict[str, Any]:
    """One product with its price on demand.

    :param zero: add the dimension of the hours that a reservation pays.
    """
    sku = f"SKU{next(_SKU)}"
    dimensions = {}
    if zero:
        dimensions[f"{sku}.0"] = {"unit": "Hrs", "beginRange": "0", "pricePerUnit": {"USD": "0.0000000000"}}
    if usd is not None:
        dimensions[f"{sku}.1"] = {"unit": "Hrs", "beginRange": "0", "pricePerUnit": {currency: f"{usd:.10f}"}}
    listed = {"regionCode": "eu-west-1", "locationType": "AWS Region", "usagetype": usage, **attributes}
    terms = {f"{sku}.T": {"sku": sku, "priceDimensions": dimensions}}
    return {"product": {"sku": sku, "attributes": listed}, "terms": {"OnDemand": terms}}


def node(node_type: str, engine: str, usd: float, prefix: str = "EU-") -> Iterator[dict[str, Any]]:
    """The products of a node type: the node among those whose price is another one."""
    given: dict[str, Any] = {"instanceType": node_type, "cacheEngine": engine}
    yield product(f"{prefix}ExtendedSupportYr1_Yr2-NodeUsage:{node_type}", usd * 0.8, **given)
    yield product(f"{prefix}ExtendedSupportYr3-NodeUsage:{node_type}", usd * 1.6, **given)
    yield product(f"{prefix}SyncDurability-NodeUsage:{node_type}", usd * 0.18, **given)
    yield product(f"{prefix}Outpost-NodeUsage:{node_type}", usd * 2, **given)
    yield product(f"{prefix}NodeUsage:{node_type}", usd, zero=True, **given)
    yield product(f"{prefix}NodeUsage:{node_type}", usd * 3, **{**given, "locationType": "AWS Outposts"})
    yield product(f"EUC1-NodeUsage:{node_type}", usd * 1.1, **{**given, "regionCode": "eu-central-1"})


CACHE = [
    *node("cache.r7g.large", "Redis", 0.243),
    *node("cache.r7g.large", "Valkey", 0.1944),
    *node("cache.t4g.micro", "Memcached", 0.017),
    product("EU-NodeUsage:cache.r7g.xlarge", 0.4, instanceType="cache.r7g.xlarge", cacheEngine="Redis"),
    product("EU-NodeUsage:cache.r7g.xlarge", 0.5, instanceType="cache.r7g.xlarge", cacheEngine="Redis"),
    product("EU-NodeUsage:cache.m7g.large", 1.1, currency="CNY", instanceType="cache.m7g.large", cacheEngine="Redis"),
    product("EU-CachedData:Valkey", 0.09, cacheEngine="Valkey"),
    product("EU-CachedData:Redis", 0.13, cacheEngine="Redis"),
    product("EU-ElastiCacheProcessingUnits:Valkey", 0.0000000025, cacheEngine="Valkey"),
    product("EU-ElastiCacheProcessingUnits:Redis", 0.0000000037, cacheEngine="Redis"),
    product("EU-BackupUsage", 0.085),
]
_LINUX: dict[str, Any] = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}
COMPUTE = [
    product("EU-BoxUsage:t4g.nano", 0.0046, instanceType="t4g.nano", **_LINUX),
    product("EU-BoxUsage:t4g.nano", 0.03, instanceType="t4g.nano", **{**_LINUX, "operatingSystem": "SUSE"}),
    product("EU-UnusedBox:t4g.nano", 0.0046, instanceType="t4g.nano", **{**_LINUX, "capacitystatus": "UnusedCapacity"}),
    product("EU-EBS:VolumeUsage.gp3", 0.088, volumeApiName="gp3"),
    product("EU-EBS:VolumeP-IOPS.gp3", 0.0055, volumeApiName="gp3"),
]
DATABASES = [
    product("EU-InstanceUsage:db.t4g.micro", 0.017, instanceType="db.t4g.micro", databaseEngine="PostgreSQL"),
    product("EU-InstanceUsage:db.t4g.micro", 0.016, instanceType="db.t4g.micro", databaseEngine="MySQL"),
    product("EU-Multi-AZUsage:db.t4g.micro", 0.035, instanceType="db.t4g.micro", databaseEngine="PostgreSQL"),
    product("EU-ExtendedSupport:Yr1-Yr2:PostgreSQL12", 0.1, databaseEngine="PostgreSQL"),
    product("EU-RDS:GP3-Storage", 0.127),
    product("EU-RDS:Multi-AZ-GP3-Storage", 0.253),
    product("EU-Aurora:ServerlessV2Usage", 0.14, databaseEngine="Aurora PostgreSQL"),
    product("EU-Aurora:ServerlessV2IOOptimizedUsage", 0.18, databaseEngine="Aurora PostgreSQL"),
]
BY_SERVICE = {"AmazonElastiCache": CACHE, "AmazonEC2": COMPUTE, "AmazonRDS": DATABASES}


def get_products(params: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of GetProducts: a product without an attribute matches each value, so that the command must filter."""
    wanted = {each["Field"]: each["Value"] for each in params["Filters"] if each["Field"] != "regionCode"}
    found = [
        each
        for each in BY_SERVICE[params["ServiceCode"]]
        if all(each["product"]["attributes"].get(name, value) == value for name, value in wanted.items())
    ]
    start = int(params.get("NextToken", 0))
    page = {"FormatVersion": "aws_v1", "PriceList": [json.dumps(each) for each in found[start : start + 4]]}
    return {**page, "NextToken": str(start + 4)} if start + 4 < len(found) else page


def offer_file(path: Path, service: str = "AmazonElastiCache") -> str:
    """Write the offers of a service as a downloaded offer file."""
    products = [each for each in BY_SERVICE[service] if each["product"]["attributes"]["regionCode"] == "eu-west-1"]
    content = {
        "offerCode": service,
        "publicationDate": "2026-11-20T10:00:00Z",
        "products": {each["product"]["sku"]: each["product"] for each in products},
        "terms": {"OnDemand": {each["product"]["sku"]: each["terms"]["OnDemand"] for each in products}, "Reserved": {}},
    }
    path.write_text(json.dumps(content))
    return str(path)

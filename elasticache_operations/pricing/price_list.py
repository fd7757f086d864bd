"""Prices from offers of the Price List: the answers of GetProducts, or a downloaded offer file.

One node type has several products in a region: the node, the surcharges of extended support, the addition for durable
writes, and nodes on Outposts. The usage type alone tells them apart.

https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from elasticache_operations.errors import InputError
from elasticache_operations.pricing.book import Price, ServerlessPrice
from elasticache_operations.pricing.snapshot import Snapshot
from elasticache_operations.report import Source

Fetch = Callable[[str, Mapping[str, str]], Iterable[Mapping[str, Any]]]
"""Returns the products of a service whose attributes have these values."""

ENGINES: Final = {"redis": "Redis", "valkey": "Valkey", "memcached": "Memcached"}
_DATABASES: Final = {
    "postgres": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "aurora-postgresql": "Aurora PostgreSQL",
    "aurora-mysql": "Aurora MySQL",
}
_PREFIX: Final = r"(?:[A-Z]+[0-9]*-)?"
"""The region's part of a usage type; us-east-1 has none."""
_STORAGE: Final = {"gp2": "GP2-Storage", "gp3": "GP3-Storage", "io1": "PIOPS-Storage", "io2": "PIOPS-Storage-IO2"}


@dataclass(slots=True)
class PriceList:
    """The prices of a region in offers of the Price List.

    :param fetch: returns products; each attribute that it is given narrows its answer.
    :param date: the date of the prices.
    :param live: whether AWS answers them in this run.
    :param services: whose offers there are; the prices of others are those of the snapshot. Empty: all.
    """

    region: str
    fetch: Fetch
    date: str
    live: bool
    services: frozenset[str] = frozenset()
    _products: dict[tuple[str, ...], list[Mapping[str, Any]]] = field(default_factory=dict, init=False)

    @classmethod
    def of(cls, files: "Sequence[OfferFile]") -> "PriceList":
        """The prices in the offer files of one region."""
        by_service = {each.service: each.products for each in files}
        published = min(each.published for each in files)

        def fetch(service: str, wanted: Mapping[str, str]) -> Iterable[Mapping[str, Any]]:
            return by_service[service]

        return cls(files[0].region, fetch, published, live=False, services=frozenset(by_service))

    @property
    def source(self) -> Source:
        """The date of the prices."""
        return Source(f"prices of {self.region}: Price List", self.date, self.live)

    def node(self, engine: str, node_type: str) -> Price:
        """On demand, of a node in an hour: no surcharge, no addition, and no node on an Outpost."""
        usage = f"NodeUsage:{re.escape(node_type)}"
        return self._cache(usage, {"instanceType": node_type}, f"{node_type} with {engine}", engine)

    def durability(self, node_type: str) -> Price:
        """What durable writes add to a node in an hour."""
        usage = f"SyncDurability-NodeUsage:{re.escape(node_type)}"
        return self._cache(usage, {"instanceType": node_type}, f"durable writes on {node_type}", "valkey")

    def serverless(self, engine: str) -> ServerlessPrice:
        """Of serverless caches; processing units are listed one by one."""
        family, what = {"productFamily": "ElastiCache Serverless"}, f"serverless {engine}"
        unit = self._cache(".*ElastiCacheProcessingUnits.*", family, f"processing units of {what}", engine)
        million = Price(unit.usd * 1_000_000, unit.why) if unit.usd is not None else unit
        return ServerlessPrice(self._cache(".*CachedData.*", family, f"data of {what}", engine), million)

    def backup(self) -> Price:
        """Of a stored GB of backups in a month."""
        return self._cache(".*BackupUsage.*", {"productFamily": "Storage Snapshot"}, "backups")

    def instance(self, instance_type: str) -> Price:
        """On demand, of a Linux instance with shared tenancy in an hour."""
        if self._lacks("AmazonEC2"):
            return Snapshot(self.region).instance(instance_type)
        wanted = {
            "instanceType": instance_type,
            "operatingSystem": "Linux",
            "tenancy": "Shared",
            "preInstalledSw": "NA",
            "capacitystatus": "Used",
        }
        return self._price("AmazonEC2", f"BoxUsage:{re.escape(instance_type)}", wanted, instance_type)

    def volume(self, volume_type: str) -> Price:
        """Of a GB of an EBS volume in a month."""
        if self._lacks("AmazonEC2"):
            return Snapshot(self.region).volume(volume_type)
        wanted = {"volumeApiName": volume_type, "productFamily": "Storage"}
        return self._price("AmazonEC2", rf"EBS:VolumeUsage\.{re.escape(volume_type)}", wanted, f"{volume_type} volumes")

    def database(self, engine: str, instance_class: str, *, multi_az: bool) -> Price:
        """On demand, of a DB instance in an hour."""
        if self._lacks("AmazonRDS"):
            return Snapshot(self.region).database(engine, instance_class, multi_az=multi_az)
        usage = f"{'Multi-AZUsage' if multi_az else 'InstanceUsage'}:{re.escape(instance_class)}"
        wanted = {"instanceType": instance_class, "databaseEngine": _DATABASES.get(engine, engine)}
        return self._price("AmazonRDS", usage, wanted, f"{instance_class} with {engine}")

    def database_storage(self, storage_type: str, *, multi_az: bool) -> Price:
        """Of a GB of storage in a month."""
        if self._lacks("AmazonRDS"):
            return Snapshot(self.region).database_storage(storage_type, multi_az=multi_az)
        usage = f"RDS:{'Multi-AZ-' if multi_az else ''}{_STORAGE.get(storage_type, storage_type)}"
        return self._price("AmazonRDS", usage, {"productFamily": "Database Storage"}, f"{storage_type} storage")

    def capacity_unit(self, engine: str) -> Price:
        """Of an Aurora capacity unit in an hour."""
        if self._lacks("AmazonRDS"):
            return Snapshot(self.region).capacity_unit(engine)
        wanted = {"databaseEngine": _DATABASES.get(engine, engine)}
        return self._price("AmazonRDS", "Aurora:ServerlessV2Usage", wanted, f"capacity units of {engine}")

    def _lacks(self, service: str) -> bool:
        return bool(self.services) and service not in self.services

    def _cache(self, usage: str, wanted: Mapping[str, str], what: str, engine: str = "") -> Price:
        narrowed = {**wanted, "cacheEngine": ENGINES[engine]} if engine else wanted
        return self._price("AmazonElastiCache", usage, narrowed, what)

    def _price(self, service: str, usage: str, wanted: Mapping[str, str], what: str) -> Price:
        """The one price of the products with a usage type and attributes.

        Products with different prices are no price: the first or the lowest of them can be the wrong one.
        """
        found = {
            usd
            for product in self._of(service, wanted)
            if re.fullmatch(f"{_PREFIX}{usage}", _attributes(product).get("usagetype", ""))
            and not any(
                _attributes(product).get(name, value) != value
                for name, value in wanted.items()
                if name != "productFamily"
            )
            and _attributes(product).get("locationType", "AWS Region") == "AWS Region"
            and _attributes(product).get("regionCode", self.region) == self.region
            for usd in positive_prices(product)
        }
        if len(found) == 1:
            return Price(found.pop())
        if found:
            listed = ", ".join(f"{usd:g}" for usd in sorted(found))
            return Price(None, f"the Price List has several prices of {what} in {self.region}: {listed}")
        return Price(None, f"the Price List has no price of {what} in {self.region}")

    def _of(self, service: str, wanted: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
        filters = {name: value for name, value in wanted.items() if name != "cacheEngine"}
        key = (service, *(f"{name}={value}" for name, value in sorted(filters.items())))
        if key not in self._products:
            self._products[key] = list(self.fetch(service, {"regionCode": self.region, **filters}))
        return self._products[key]


def positive_prices(product: Mapping[str, Any]) -> Iterator[float]:
    """The prices on demand in USD; the dimension of hours that a reservation pays, at 0 USD, is left out."""
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        for dimension in term.get("priceDimensions", {}).values():
            usd = float(dimension.get("pricePerUnit", {}).get("USD", 0))
            if usd > 0 and dimension.get("beginRange", "0") == "0":
                yield usd


def _attributes(product: Mapping[str, Any]) -> Mapping[str, str]:
    attributes: Mapping[str, str] = product.get("product", {}).get("attributes", {})
    return attributes


@dataclass(frozen=True, slots=True)
class OfferFile:
    """An offer file of one service and region.

    :param published: the date of publication.
    """

    service: str
    region: str
    published: str
    products: Sequence[Mapping[str, Any]]


def read_offer_file(path: str) -> OfferFile:
    """Read a downloaded offer file.

    :raises InputError: for a file that cannot be read, or that is no offer file.
    """
    address = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonElastiCache/current/REGION/index.json"
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        service, published = content["offerCode"], str(content["publicationDate"])[:10]
        products = [
            {"product": product, "terms": {"OnDemand": content["terms"].get("OnDemand", {}).get(sku, {})}}
            for sku, product in content["products"].items()
        ]
    except OSError as problem:
        raise InputError(f"--price-list {path}: {problem.strerror}; download it with: curl -o FILE {address}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"--price-list {path}: no offer file; download one with: curl -o FILE {address}") from None
    regions = {_attributes(each).get("regionCode", "") for each in products} - {""}
    if len(regions) != 1:
        raise InputError(
            f"--price-list {path}: must hold the prices of one region, got {len(regions)}; download one with: "
            f"curl -o FILE {address}"
        )
    return OfferFile(service, regions.pop(), published, products)

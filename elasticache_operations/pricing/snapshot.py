"""The snapshot of prices in `elasticache_rules/facts/prices.json`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from elasticache_operations.pricing.book import Price, ServerlessPrice
from elasticache_operations.report import Source
from elasticache_rules import facts

_ZONES: Final = {False: "single_az", True: "multi_az"}

_SECTIONS: Final = {
    "instances": ("instances", "EC2 instances"),
    "databases": ("databases", "databases"),
    "database_storage": ("databases", "databases"),
    "capacity_units": ("capacity_units", "Aurora capacity units"),
}
"""The section of the snapshot, with a date of its own, that has the prices of a kind; and its name."""

OLD: Final = 180
"""Days after which the snapshot's age is a warning."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The prices of a region in the snapshot; none for a region that it does not have."""

    region: str

    @property
    def source(self) -> Source:
        """The date of the snapshot, and whether it has prices of the region."""
        has = self.region in facts.load("prices")["regions"]
        what = f"prices of {self.region}: {'' if has else 'none in the '}snapshot in this package"
        return Source(what, facts.load("prices")["date"], live=False)

    def node(self, engine: str, node_type: str) -> Price:
        """On demand, of a node in an hour."""
        return self._price(("nodes", engine, node_type), f"{node_type} with {engine}")

    def durability(self, node_type: str) -> Price:
        """Not in the snapshot."""
        return self._price(("durability", node_type), f"durable writes on {node_type}")

    def serverless(self, engine: str) -> ServerlessPrice:
        """Of serverless caches."""
        what = f"serverless {engine}"
        return ServerlessPrice(
            self._price(("serverless", engine, "gb_hour"), what),
            self._price(("serverless", engine, "million_ecpu"), what),
        )

    def backup(self) -> Price:
        """Of a stored GB of backups in a month."""
        return self._price(("backup_gb_month",), "backups")

    def instance(self, instance_type: str) -> Price:
        """On demand, of a Linux instance in an hour."""
        return self._price(("instances", instance_type), instance_type)

    def volume(self, volume_type: str) -> Price:
        """Of a GB of an EBS volume in a month."""
        return self._price(("volumes", volume_type), f"volumes of type {volume_type}")

    def database(self, engine: str, instance_class: str, *, multi_az: bool) -> Price:
        """On demand, of a DB instance in an hour: PostgreSQL in one Availability Zone on the db.t4g classes."""
        zones = _ZONES[multi_az]
        what = f"{instance_class} with {engine}{' in two zones' if multi_az else ''}"
        return self._price(("databases", engine, instance_class, zones), what)

    def database_storage(self, storage_type: str, *, multi_az: bool) -> Price:
        """Of a GB of storage in a month: gp3 in one Availability Zone."""
        what = f"storage of type {storage_type}{' in two zones' if multi_az else ''}"
        return self._price(("database_storage", storage_type, _ZONES[multi_az]), what)

    def capacity_unit(self, engine: str) -> Price:
        """Of an Aurora capacity unit in an hour."""
        return self._price(("capacity_units", engine), f"capacity units of {engine}")

    def _price(self, path: tuple[str, ...], what: str) -> Price:
        value: Any = facts.load("prices")["regions"].get(self.region)
        if value is None:
            return Price(None, f"the snapshot has no prices of {self.region}; read them with --live or --price-list")
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if isinstance(value, int | float):
            return Price(float(value), source=self._source_of(path[0]))
        return Price(None, f"the snapshot has no price of {what} in {self.region}; read it with --live or --price-list")

    def _source_of(self, kind: str) -> Source:
        if kind not in _SECTIONS:
            return self.source
        section, name = _SECTIONS[kind]
        what = f"prices of {name} in {self.region}: snapshot in this package"
        return Source(what, facts.load("prices")["sections"][section]["date"], live=False)


def age_warning(as_of: date) -> str:
    """The warning about an old snapshot; empty when it is recent."""
    days = (as_of - date.fromisoformat(facts.load("prices")["date"])).days
    return f"the snapshot of prices is {days} days old; read today's prices with --live" if days > OLD else ""


def section_warning(as_of: date, source: Source) -> str:
    """The warning about old prices of a section; empty when they are recent."""
    days = (as_of - date.fromisoformat(source.date)).days
    what = source.what.partition(":")[0]
    return f"the {what} in the snapshot are {days} days old; read today's prices with --live" if days > OLD else ""

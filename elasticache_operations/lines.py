"""The cost of resources, as lines with a quantity and a price."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from elasticache_operations.inventory import Database, Instance, Item, NodeCache, Place, Serverless
from elasticache_operations.pricing.book import Price, PriceBook
from elasticache_rules import facts

HOURS: Final = 730
"""The hours of a month, as AWS's calculators count them."""
_GIB: Final = 1024**3
_FREE_SNAPSHOTS: Final = 1
"""Snapshots of an active cluster that are free."""
_DATA_SHARE: Final = 0.75
"""The assumed size of a snapshot: the usable memory, which is maxmemory without the 25 % that are reserved."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is paid for.

    :param quantity: None when it is not known before the deploy.
    :param unit: of the quantity, such as "nodes".
    :param price: of one unit.
    :param hourly: whether the price is of an hour; otherwise of a month.
    """

    place: Place
    what: str
    quantity: float | None
    unit: str
    price: Price
    hourly: bool = True

    @property
    def per_hour(self) -> float | None:
        """USD in an hour; None when the price is of a month, or not known."""
        known = self.hourly and self.quantity is not None and self.price.usd is not None
        return self.quantity * self.price.usd if known and self.quantity and self.price.usd else 0.0 if known else None

    @property
    def per_month(self) -> float | None:
        """USD in a month; None when it is not known."""
        if self.quantity is None or self.price.usd is None:
            return None
        return self.quantity * self.price.usd * (HOURS if self.hourly else 1)

    @property
    def why(self) -> str:
        """Why the cost is not known; empty when it is."""
        if self.price.usd is None:
            return self.price.why
        return (
            "the quantity is only known at the deploy; set it with --set PARAMETER=VALUE"
            if self.quantity is None
            else ""
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """What the templates do not say.

    :param backup_gb: the size of one snapshot of each cache. Default: its usable memory.
    :param stored_gb: the data in each serverless cache. Default: the least that is billed.
    :param ecpu_per_second: the processing units of each serverless cache. Default: the least that is billed.
    """

    backup_gb: float | None = None
    stored_gb: float | None = None
    ecpu_per_second: float | None = None


def lines_of(items: Sequence[Item], book_of: Callable[[str], PriceBook], usage: Usage, as_of: date) -> list[Line]:
    """The lines of every resource.

    :param book_of: the prices of a region.
    """
    result: list[Line] = []
    for item in items:
        book = book_of(item.place.region)
        if isinstance(item, NodeCache):
            result += _nodes(item, book, usage, as_of)
        elif isinstance(item, Serverless):
            result += _serverless(item, book, usage)
        elif isinstance(item, Instance):
            result += _instance(item, book)
        else:
            result += _database(item, book)
    return result


def _nodes(cache: NodeCache, book: PriceBook, usage: Usage, as_of: date) -> Iterator[Line]:
    engine, node_type = cache.engine, cache.node_type
    if engine is None or node_type is None:
        missing = "engine" if engine is None else "node type"
        unknown = Price(None, f"the {missing} is only known at the deploy; set it with --set PARAMETER=VALUE")
        yield Line(cache.place, cache.name, cache.nodes, "nodes", unknown)
        return
    price = book.node(engine, node_type)
    yield Line(cache.place, cache.name, cache.nodes, "nodes", price)
    percent = surcharge_percent(engine, cache.version, as_of)
    if percent:
        amount = Price(None, price.why) if price.usd is None else Price(price.usd * percent / 100)
        yield Line(
            cache.place, f"extended support of {engine} {cache.version}, +{percent} %", cache.nodes, "nodes", amount
        )
    if cache.durable is None:
        yield Line(cache.place, "durable writes", None, "nodes", Price(None, "Durability is only known at the deploy"))
    elif cache.durable:
        yield Line(cache.place, "durable writes", cache.nodes, "nodes", book.durability(node_type))
    size = usage.backup_gb if usage.backup_gb is not None else _snapshot_size(cache)
    assumed = "" if usage.backup_gb is not None else " (a full cache, assumed)"
    yield from _backups(cache.place, cache.retention, size, book, assumed)


def _snapshot_size(cache: NodeCache) -> float | None:
    maximum = facts.load("node_capacity")["types"].get(cache.node_type, {}).get("maxmemory")
    if maximum is None or cache.shards is None:
        return None
    return float(maximum * _DATA_SHARE * cache.shards / _GIB)


def _backups(place: Place, retention: int | None, size: float | None, book: PriceBook, assumed: str) -> Iterator[Line]:
    if retention is not None and retention <= _FREE_SNAPSHOTS:
        return
    known = retention is not None and size is not None
    quantity = (retention - _FREE_SNAPSHOTS) * size if retention is not None and size is not None else None
    each = f" of {size:.1f} GiB{assumed}" if known else ""
    days = "an unknown number of" if retention is None else str(retention)
    yield Line(place, f"backups, {days} days{each}, one free", quantity, "GiB", book.backup(), hourly=False)


def _serverless(cache: Serverless, book: PriceBook, usage: Usage) -> Iterator[Line]:
    if cache.engine is None:
        yield Line(cache.place, "serverless", None, "GB", Price(None, "the engine is only known at the deploy"))
        return
    price = book.serverless(cache.engine)
    stored, ecpu = serverless_use(cache.engine, cache, usage)
    note = " (the least that is billed)" if usage.stored_gb is None else ""
    yield Line(cache.place, f"serverless {cache.engine}, data{note}", stored, "GB", price.gb_hour)
    requests = f"{ecpu:,.0f} ECPU/s" if ecpu else "no requests (set --serverless-ecpu)"
    yield Line(
        cache.place,
        f"serverless {cache.engine}, {requests}",
        ecpu * 3600 / 1_000_000,
        "million ECPU an hour",
        price.million_ecpu,
    )
    size = usage.backup_gb if usage.backup_gb is not None else stored
    assumed = "" if usage.backup_gb is not None else " (its data, assumed)"
    yield from _backups(cache.place, cache.retention, size, book, assumed)


def serverless_use(engine: str, cache: Serverless, usage: Usage) -> tuple[float, float]:
    """The GB and the processing units in a second that are billed: at least the minimum, of the engine or of the cache.

    :param engine: redis, valkey or memcached.
    """
    least = max(float(facts.load("prices")["serverless_minimum_gb"][engine]), float(cache.minimum_gb or 0))
    stored = max(least, usage.stored_gb or 0.0)
    return stored, max(float(cache.minimum_ecpu or 0), usage.ecpu_per_second or 0.0)


def _instance(instance: Instance, book: PriceBook) -> Iterator[Line]:
    if instance.instance_type is None:
        unknown = Price(None, "the instance type is only known at the deploy; set it with --set PARAMETER=VALUE")
        yield Line(instance.place, "instance of unknown type", 1, "instance", unknown)
    else:
        yield Line(instance.place, instance.instance_type, 1, "instance", book.instance(instance.instance_type))
    for kind, size in instance.volumes:
        price = book.volume(kind) if kind is not None else Price(None, "the template does not name the volume's type")
        yield Line(instance.place, f"{kind or 'root'} volume", size, "GiB", price, hourly=False)


def _database(database: Database, book: PriceBook) -> Iterator[Line]:
    place, engine, kind = database.place, database.engine, database.instance_class
    if engine is None or kind is None:
        yield Line(place, "database", None, "instance", Price(None, "its engine or class is only known at the deploy"))
        return
    if kind == "db.serverless":
        what = f"{engine}, at its minimum capacity"
        yield Line(place, what, database.minimum_acu, "ACU", book.capacity_unit(engine))
    else:
        price = book.database(engine, kind, multi_az=database.multi_az)
        yield Line(place, f"{engine} {kind}{' Multi-AZ' if database.multi_az else ''}", 1, "instance", price)
    if not database.in_cluster:
        storage = database.storage_type or "gp2"
        price = book.database_storage(storage, multi_az=database.multi_az)
        yield Line(place, f"{storage} storage", database.storage_gb, "GiB", price, hourly=False)


def surcharge_percent(engine: str, version: str | None, as_of: date) -> int:
    """The surcharge of extended support, in percent of the price on demand; 0 for a version in standard support.

    Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/extended-support-versions.html
    """
    support = facts.load("engine_support")
    major = (version or "").partition(".")[0]
    row: dict[str, str] = next(
        (each for each in support["rows"] if (each["engine"], each["major"]) == (engine, major)), {}
    )
    years = [year for year in ("y1", "y2", "y3") if year in row and as_of >= date.fromisoformat(row[year])]
    percent: int = support["premium_percent_of_on_demand"][f"year{len(years)}"] if years else 0
    return percent

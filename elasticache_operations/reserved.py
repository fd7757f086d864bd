"""Offers of reserved nodes and of Database Savings Plans for the nodes of templates."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from elasticache_operations.aws import Call
from elasticache_operations.context import Context
from elasticache_operations.inventory import Item, NodeCache, Serverless
from elasticache_operations.lines import HOURS, Usage, serverless_use
from elasticache_operations.pricing.book import PriceBook
from elasticache_operations.report import Lines, Table
from elasticache_rules.output import counted

CALLS: Final[Sequence[Call]] = (
    Call("elasticache", "DescribeReservedCacheNodesOfferings", when="--live"),
    Call("savingsplans", "DescribeSavingsPlansOfferingRates", when="--live"),
)
_SECONDS_OF_A_YEAR: Final = 31_536_000
_PLAN: Final = "Database Savings Plan"
_MILLION: Final = 1_000_000
_PREFIX: Final = r"(?:[A-Z]+[0-9]*-)?"
"""The region's part of a usage type; us-east-1 has none."""
_SERVERLESS: Final = (
    re.compile(rf"{_PREFIX}(?:.*:)?CachedData(?::.*)?"),
    re.compile(rf"{_PREFIX}(?:.*:)?ElastiCacheProcessingUnits(?::.*)?"),
)
"""The usage types of the data and of the processing units of serverless caches."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """Nodes of one type in the templates.

    :param on_demand: USD for one node in an hour; None when it is not known.
    """

    region: str
    engine: str
    node_type: str
    number: int
    on_demand: float | None


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer for nodes of a type.

    :param kind: "reserved nodes" or "Database Savings Plan".
    :param upfront: USD for all nodes.
    :param per_hour: USD for one node in an hour, with the upfront part spread over the term.
    """

    nodes: Nodes
    kind: str
    years: int
    payment: str
    upfront: float
    per_hour: float

    @property
    def per_month(self) -> float:
        """USD for all nodes in a month of 730 hours."""
        return self.per_hour * self.nodes.number * HOURS

    @property
    def saving(self) -> float | None:
        """In percent of the price on demand; None when that is not known."""
        return None if not self.nodes.on_demand else 100 * (1 - self.per_hour / self.nodes.on_demand)


@dataclass(frozen=True, slots=True)
class ServerlessOffer:
    """A Database Savings Plan for the serverless caches of a region.

    :param number: of the caches.
    :param per_month: USD for all of them in a month of 730 hours.
    :param on_demand: the same without the plan; None when it is not known.
    """

    region: str
    number: int
    years: int
    payment: str
    per_month: float
    on_demand: float | None

    @property
    def saving(self) -> float | None:
        """In percent of the price on demand; None when that is not known."""
        return None if not self.on_demand else 100 * (1 - self.per_month / self.on_demand)


@dataclass(frozen=True, slots=True)
class Offers:
    """The offers for the nodes of templates, the cheapest first for each type, and for the serverless caches."""

    offers: Sequence[Offer]
    serverless: Sequence[ServerlessOffer] = ()

    def blocks(self) -> list[Table | Lines]:
        """The tables of the offers."""
        if not self.offers and not self.serverless:
            return [Lines(["no reserved nodes and no savings plan are offered for these caches"])]
        return [*([self._nodes()] if self.offers else []), *([self._serverless()] if self.serverless else [])]

    def _serverless(self) -> Table:
        rows = [
            (
                f"{each.region} serverless valkey",
                f"{each.number}",
                f"{_PLAN}, {_years(each.years)}, {each.payment}",
                f"{each.per_month:,.2f}",
                "-" if each.saving is None else f"{each.saving:.0f} %",
            )
            for each in self.serverless
        ]
        return Table(("caches", ">number", "offer", ">USD/month", ">saving"), rows)

    def _nodes(self) -> Table:
        rows = [
            (
                f"{each.nodes.region} {each.nodes.engine} {each.nodes.node_type}",
                f"{each.nodes.number}",
                f"{each.kind}, {_years(each.years)}, {each.payment}",
                f"{each.upfront:,.2f}",
                f"{each.per_month:,.2f}",
                "-" if each.saving is None else f"{each.saving:.0f} %",
            )
            for each in self.offers
        ]
        return Table(("nodes", ">number", "offer", ">upfront USD", ">USD/month, upfront spread", ">saving"), rows)

    def as_list(self) -> list[dict[str, Any]]:
        """The offers as JSON."""
        return [
            {
                "region": each.nodes.region,
                "engine": each.nodes.engine,
                "node_type": each.nodes.node_type,
                "nodes": each.nodes.number,
                "kind": each.kind,
                "years": each.years,
                "payment": each.payment,
                "upfront_usd": round(each.upfront, 2),
                "usd_month": round(each.per_month, 2),
                "saving_percent": None if each.saving is None else round(each.saving, 1),
            }
            for each in self.offers
        ]

    def serverless_list(self) -> list[dict[str, Any]]:
        """The offers for serverless caches as JSON."""
        return [
            {
                "region": each.region,
                "engine": "valkey",
                "caches": each.number,
                "kind": _PLAN,
                "years": each.years,
                "payment": each.payment,
                "usd_month": round(each.per_month, 2),
                "saving_percent": None if each.saving is None else round(each.saving, 1),
            }
            for each in self.serverless
        ]


def read(items: Sequence[Item], book_of: Callable[[str], PriceBook], usage: Usage, context: Context) -> Offers:
    """Read the offers for every node type of the items, and for the serverless caches.

    Database Savings Plans cover Valkey alone.
    """
    counted: dict[tuple[str, str, str], int] = {}
    caches: dict[str, list[tuple[float, float]]] = {}
    for item in items:
        if isinstance(item, NodeCache) and item.engine and item.node_type and item.nodes:
            key = (item.place.region, item.engine, item.node_type)
            counted[key] = counted.get(key, 0) + item.nodes
        elif isinstance(item, Serverless) and item.engine == "valkey":
            caches.setdefault(item.place.region, []).append(serverless_use(item.engine, item, usage))
    covered = {*caches, *(region for region, engine, _ in counted if engine == "valkey")}
    rates = {region: _rates(region, context) for region in sorted(covered)}
    offers: list[Offer] = []
    for (region, engine, node_type), number in counted.items():
        nodes = Nodes(region, engine, node_type, number, book_of(region).node(engine, node_type).usd)
        plans = _plans(nodes, rates[region]) if engine == "valkey" else []
        offers += sorted([*_reserved(nodes, context), *plans], key=lambda offer: offer.per_hour)
    serverless = [
        offer for region, used in caches.items() for offer in _serverless(region, used, rates[region], book_of(region))
    ]
    return Offers(offers, serverless)


def _years(number: int) -> str:
    return counted(number, "year")


def _reserved(nodes: Nodes, context: Context) -> list[Offer]:
    with context.progress.step(f"reading reserved nodes in {nodes.region}"):
        found = list(
            context.aws.pages(
                "elasticache",
                "DescribeReservedCacheNodesOfferings",
                "ReservedCacheNodesOfferings",
                region=nodes.region,
                CacheNodeType=nodes.node_type,
                ProductDescription=nodes.engine,
            )
        )
    result = []
    for each in found:
        hours = each["Duration"] / 3600
        recurring = sum(
            charge["RecurringChargeAmount"]
            for charge in each.get("RecurringCharges", ())
            if charge["RecurringChargeFrequency"] == "Hourly"
        )
        per_hour = each["FixedPrice"] / hours + each.get("UsagePrice", 0.0) + recurring
        years = round(each["Duration"] / _SECONDS_OF_A_YEAR)
        upfront = each["FixedPrice"] * nodes.number
        payment = each["OfferingType"]
        result.append(Offer(nodes, "reserved nodes", years, payment, upfront, per_hour))
    return result


def _plans(nodes: Nodes, rates: Sequence[dict[str, Any]]) -> list[Offer]:
    """The plans that cover nodes."""
    usage = re.compile(rf"{_PREFIX}NodeUsage:{re.escape(nodes.node_type)}")
    return [
        Offer(nodes, _PLAN, *_term(rate), 0.0, float(rate["rate"]))
        for rate in rates
        if usage.fullmatch(rate.get("usageType", ""))
    ]


def _serverless(
    region: str, used: Sequence[tuple[float, float]], rates: Sequence[dict[str, Any]], book: PriceBook
) -> list[ServerlessOffer]:
    """The plans that cover the data and the processing units of serverless caches.

    A term with several rates of one of them is left out: each of them can be the wrong one.

    :param used: the GB and the processing units in a second of each cache.
    """
    stored, units = sum(gigabytes for gigabytes, _ in used), sum(each for _, each in used) * 3600
    price = book.serverless("valkey")
    on_demand = None
    if price.gb_hour.usd is not None and price.million_ecpu.usd is not None:
        on_demand = (stored * price.gb_hour.usd + units / _MILLION * price.million_ecpu.usd) * HOURS
    found: dict[tuple[int, str], tuple[set[float], set[float]]] = {}
    for rate in rates:
        for index, usage in enumerate(_SERVERLESS):
            if usage.fullmatch(rate.get("usageType", "")):
                found.setdefault(_term(rate), (set(), set()))[index].add(float(rate["rate"]))
    return [
        ServerlessOffer(region, len(used), *term, (stored * data.pop() + units * unit.pop()) * HOURS, on_demand)
        for term, (data, unit) in sorted(found.items())
        if len(data) == len(unit) == 1
    ]


def _term(rate: dict[str, Any]) -> tuple[int, str]:
    """The years and the payment of a plan."""
    offering = rate["savingsPlanOffering"]
    return round(offering["durationSeconds"] / _SECONDS_OF_A_YEAR), offering["paymentOption"]


def _rates(region: str, context: Context) -> list[dict[str, Any]]:
    given: dict[str, Any] = {
        "savingsPlanTypes": ["Database"],
        "products": ["ElastiCache"],
        "serviceCodes": ["AmazonElastiCache"],
        "filters": [{"name": "region", "values": [region]}],
    }
    result: list[dict[str, Any]] = []
    with context.progress.step("reading savings plans"):
        while True:
            answer = context.aws.call("savingsplans", "DescribeSavingsPlansOfferingRates", region="us-east-1", **given)
            result += answer.get("searchResults", ())
            if not answer.get("nextToken"):
                return [each for each in result if each["savingsPlanOffering"].get("currency", "USD") == "USD"]
            given = {**given, "nextToken": answer["nextToken"]}

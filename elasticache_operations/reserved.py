"""Offers of reserved nodes and of Database Savings Plans for the nodes of templates."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from elasticache_operations.aws import Call
from elasticache_operations.context import Context
from elasticache_operations.inventory import Item, NodeCache
from elasticache_operations.lines import HOURS
from elasticache_operations.pricing.book import PriceBook
from elasticache_operations.report import Lines, Table

CALLS: Final[Sequence[Call]] = (
    Call("elasticache", "DescribeReservedCacheNodesOfferings", when="--live"),
    Call("savingsplans", "DescribeSavingsPlansOfferingRates", when="--live"),
)
_SECONDS_OF_A_YEAR: Final = 31_536_000
_PLAN: Final = "Database Savings Plan"


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
class Offers:
    """The offers for the nodes of templates, the cheapest first for each type."""

    offers: Sequence[Offer]

    def blocks(self) -> list[Table | Lines]:
        """The table of the offers."""
        if not self.offers:
            return [Lines(["no reserved nodes and no savings plan are offered for these nodes"])]
        rows = [
            (
                f"{each.nodes.region} {each.nodes.engine} {each.nodes.node_type}",
                f"{each.nodes.number}",
                f"{each.kind}, {each.years} year{'s' if each.years > 1 else ''}, {each.payment}",
                f"{each.upfront:,.2f}",
                f"{each.per_month:,.2f}",
                "-" if each.saving is None else f"{each.saving:.0f} %",
            )
            for each in self.offers
        ]
        return [Table(("nodes", ">number", "offer", ">upfront USD", ">USD/month, upfront spread", ">saving"), rows)]

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


def read(items: Sequence[Item], book_of: Callable[[str], PriceBook], context: Context) -> Offers:
    """Read the offers for every node type of the items."""
    counted: dict[tuple[str, str, str], int] = {}
    for item in items:
        if isinstance(item, NodeCache) and item.engine and item.node_type and item.nodes:
            key = (item.place.region, item.engine, item.node_type)
            counted[key] = counted.get(key, 0) + item.nodes
    offers: list[Offer] = []
    for (region, engine, node_type), number in counted.items():
        nodes = Nodes(region, engine, node_type, number, book_of(region).node(engine, node_type).usd)
        found = [*_reserved(nodes, context), *_plans(nodes, context)]
        offers += sorted(found, key=lambda offer: offer.per_hour)
    return Offers(offers)


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


def _plans(nodes: Nodes, context: Context) -> list[Offer]:
    """The rates of Database Savings Plans, which cover Valkey alone."""
    if nodes.engine != "valkey":
        return []
    with context.progress.step("reading savings plans"):
        rates = _rates(nodes.region, context)
    usage = re.compile(rf"(?:[A-Z]+[0-9]*-)?NodeUsage:{re.escape(nodes.node_type)}")
    return [
        Offer(
            nodes,
            _PLAN,
            round(rate["savingsPlanOffering"]["durationSeconds"] / _SECONDS_OF_A_YEAR),
            rate["savingsPlanOffering"]["paymentOption"],
            0.0,
            float(rate["rate"]),
        )
        for rate in rates
        if usage.fullmatch(rate.get("usageType", "")) and rate["savingsPlanOffering"].get("currency", "USD") == "USD"
    ]


def _rates(region: str, context: Context) -> list[dict[str, Any]]:
    given: dict[str, Any] = {
        "savingsPlanTypes": ["Database"],
        "products": ["ElastiCache"],
        "serviceCodes": ["AmazonElastiCache"],
        "filters": [{"name": "region", "values": [region]}],
    }
    result: list[dict[str, Any]] = []
    while True:
        answer = context.aws.call("savingsplans", "DescribeSavingsPlansOfferingRates", region="us-east-1", **given)
        result += answer.get("searchResults", ())
        if not answer.get("nextToken"):
            return result
        given = {**given, "nextToken": answer["nextToken"]}

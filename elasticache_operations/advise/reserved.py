"""Advice on reserved nodes: offerings, coverage by size, break-even, and reservations that expire or are unused."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from elasticache_operations.advise.advice import Advice, Target, Verdict
from elasticache_operations.lines import HOURS
from elasticache_operations.node_prices import NodePrices
from elasticache_rules.output import counted

FACTORS: Final = {
    "micro": 0.5,
    "small": 1.0,
    "medium": 2.0,
    "large": 4.0,
    "xlarge": 8.0,
}
"""Normalised units of the sizes; N xlarge has N times those of xlarge."""
_TYPE: Final = re.compile(r"cache\.([a-z0-9]+)\.(?:(\d*)(xlarge)|(micro|small|medium|large))")
_YOUNG: Final = 30
_EXPIRING: Final = timedelta(days=90)
_PLANS: Final = re.compile(r"cache\.[a-z]+([0-9]+)")
_PLANS_FROM: Final = 7
_SECONDS_OF_AN_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Offering:
    """An offering of reserved nodes for one node.

    :param years: 1 or 3.
    :param upfront: USD once.
    :param hourly: USD an hour.
    """

    years: int
    kind: str
    upfront: float
    hourly: float

    @property
    def effective(self) -> float:
        """USD an hour with the upfront part spread over the term."""
        return self.upfront / (self.years * 12 * HOURS) + self.hourly

    def break_even(self, on_demand: float) -> float | None:
        """The month after which it has cost less than on demand; None if it never does."""
        monthly = (on_demand - self.hourly) * HOURS
        if monthly <= 0 or self.effective >= on_demand:
            return None
        return self.upfront / monthly


def offerings(answers: Iterable[Mapping[str, Any]]) -> list[Offering]:
    """The offerings of DescribeReservedCacheNodesOfferings."""
    found = []
    for answer in answers:
        recurring = sum(
            float(charge["RecurringChargeAmount"])
            for charge in answer.get("RecurringCharges") or ()
            if charge.get("RecurringChargeFrequency") == "Hourly"
        )
        hours = int(answer["Duration"]) / _SECONDS_OF_AN_HOUR
        years = max(1, round(hours / 8760))
        hourly = recurring + float(answer.get("UsagePrice") or 0)
        found.append(Offering(years, str(answer.get("OfferingType", "")), float(answer["FixedPrice"]), hourly))
    return found


def units(node_type: str) -> tuple[str, float] | None:
    """The family of a node type and its normalised units; None for another form of name."""
    found = _TYPE.fullmatch(node_type)
    if found is None:
        return None
    if found[3]:
        return found[1], FACTORS["xlarge"] * int(found[2] or 1)
    return found[1], FACTORS[found[4]]


def active(answers: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The reservations that are active."""
    return [answer for answer in answers if answer.get("State") == "active"]


def coverage(targets: Sequence[Target], reservations: Sequence[Mapping[str, Any]]) -> dict[str, tuple[float, float]]:
    """For each family: the normalised units in use, and those that are reserved.

    Reservations of Redis OSS count for Valkey, and every size of a family counts by its units.
    """
    used: dict[str, float] = {}
    reserved: dict[str, float] = {}
    for target in targets:
        if (size := units(target.node_type)) is not None and target.engine != "memcached":
            used[size[0]] = used.get(size[0], 0) + size[1] * target.nodes
    for answer in reservations:
        if (size := units(str(answer["CacheNodeType"]))) is not None and answer.get("ProductDescription") in (
            "redis",
            "valkey",
        ):
            reserved[size[0]] = reserved.get(size[0], 0) + size[1] * int(answer["CacheNodeCount"])
    return {family: (used.get(family, 0), reserved.get(family, 0)) for family in {*used, *reserved}}


def warnings(targets: Sequence[Target], reservations: Sequence[Mapping[str, Any]], now: datetime) -> list[str]:
    """Reservations that expire within 90 days, and those that no node uses."""
    lines = []
    for answer in reservations:
        start, seconds = answer.get("StartTime"), int(answer.get("Duration") or 0)
        if start is None:
            continue
        end = start + timedelta(seconds=seconds)
        if now <= end <= now + _EXPIRING:
            lines.append(
                f"reservation {answer['ReservedCacheNodeId']} ({answer['CacheNodeCount']} x {answer['CacheNodeType']}) "
                f"expires {end.date()}"
            )
    for family, (used, reserved) in sorted(coverage(targets, reservations).items()):
        if reserved > used:
            verb = "is" if reserved - used == 1 else "are"
            lines.append(f"{reserved - used:g} of {reserved:g} reserved units of {family} nodes {verb} not used")
    return lines


def advise_reserved(target: Target, offered: Sequence[Offering] | str, prices: NodePrices, free: float | str) -> Advice:
    """Whether reserving the nodes of a cache saves money.

    :param offered: a text is the reason why they are not known.
    :param free: units of the family that are in use and not reserved; a text is the reason why they are not known.
    """
    on_demand = prices.node(target.node_type, target.engine)
    size = units(target.node_type)
    if isinstance(offered, str) or isinstance(free, str):
        reason = offered if isinstance(offered, str) else str(free)
        return Advice(topic="reserved", verdict=Verdict.UNKNOWN, text=f"reserved nodes: {reason}")
    if target.age is not None and target.age < _YOUNG:
        text = f"reserve nothing yet: the cache is {counted(target.age, 'day')} old, wait for {_YOUNG}"
        return Advice(topic="reserved", verdict=Verdict.KEEP, text=text, saving=0.0)
    if on_demand is None or size is None:
        return Advice(topic="reserved", verdict=Verdict.UNKNOWN, text="reserved nodes: the price is not known")
    uncovered = min(target.nodes, int(free / size[1]))
    if uncovered <= 0:
        text = "reservations cover the nodes already"
        return Advice(topic="reserved", verdict=Verdict.KEEP, text=text, saving=0.0)
    cheaper = [each for each in offered if each.effective < on_demand]
    if not cheaper:
        text = "no offering is cheaper than on demand"
        return Advice(topic="reserved", verdict=Verdict.KEEP, text=text, saving=0.0)
    safest = [each for each in cheaper if each.years == 1] or cheaper
    best = min(safest, key=lambda each: each.effective)
    figures = {"on demand": f"{on_demand:.4f} USD an hour and node"}
    for each in sorted(cheaper, key=lambda each: (each.years, each.effective)):
        figures[f"{each.years} year{'s' if each.years > 1 else ''}, {each.kind}"] = _figures(each, on_demand)
    if target.engine == "valkey" and _generation(target.node_type) >= _PLANS_FROM:
        figures["Database Savings Plan"] = "covers these nodes too, 1 year and no upfront, up to 20 %: compare both"
    return Advice(
        topic="reserved",
        verdict=Verdict.CHANGE,
        text=f"reserve {uncovered} x {target.node_type} for {best.years} year, {best.kind}",
        saving=(on_demand - best.effective) * uncovered * HOURS,
        figures=figures,
    )


def _figures(offering: Offering, on_demand: float) -> str:
    text = f"{offering.effective:.4f} USD an hour ({100 * (offering.effective / on_demand - 1):+.0f} %)"
    months = offering.break_even(on_demand)
    return f"{text}, pays off in month {max(1, -(-months // 1)):.0f}" if months is not None else text


def _generation(node_type: str) -> int:
    found = _PLANS.match(node_type)
    return int(found[1]) if found else 0

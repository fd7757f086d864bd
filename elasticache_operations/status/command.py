"""`elasticache status`: the health of one cache or of all in a region, with findings and advice."""

import argparse
from collections.abc import Sequence
from datetime import date
from typing import Final

from elasticache_operations import node_prices, price_options
from elasticache_operations.aws import Call
from elasticache_operations.context import Context, Outcome
from elasticache_operations.errors import InputError
from elasticache_operations.lines import HOURS
from elasticache_operations.node_prices import NodePrices
from elasticache_operations.pricing.live import GET_PRODUCTS
from elasticache_operations.report import Source
from elasticache_operations.status import collect
from elasticache_operations.status.caches import Cache, CacheKind
from elasticache_operations.status.collect import Collected
from elasticache_operations.status.findings import Outcome as CheckOutcome
from elasticache_operations.status.findings import Severity, Skipped
from elasticache_operations.status.metric_checks import metric_checks
from elasticache_operations.status.report import CacheState, report
from elasticache_operations.status.settings_checks import settings_checks, support, update_checks
from elasticache_rules import facts

CALLS: Final[Sequence[Call]] = (*collect.INVENTORY, collect.METRICS, collect.UPDATES, GET_PRODUCTS)
_NEVER: Final = "never"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.description = (
        "Shows the health of caches: findings of two weeks of metrics, settings, end of support and pending updates, "
        "each with its severity and advice, and what was not collected. Reads only. "
        "Exit status 1 when there is a finding of --fail-on or more severe."
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="of caches (default: all of the region)")
    price_options.add_arguments(parser)
    parser.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        default="high",
        help=f"{', '.join(each.word for each in Severity)} or {_NEVER} (default: high)",
    )


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Check the caches."""
    least = _least(arguments.fail_on)
    prices_of = node_prices.read(arguments, context)
    region = collect.region_of(context)
    collected = collect.collect(context, arguments.ids)
    prices = prices_of(region)
    states = [state(cache, collected, prices, context.as_of) for cache in collected.caches]
    day = context.as_of.isoformat()
    sources = [
        Source("caches and service updates of the ElastiCache API", day, live=True),
        Source("metrics of CloudWatch, 14 days", day, live=True),
        Source("limits of metrics", facts.load("metric_thresholds")["date"], live=False),
        Source("end of support of engine versions", facts.load("engine_support")["date"], live=False),
        *prices.sources,
    ]
    failed = least is not None and any(each.worst >= least.value for each in states)
    made = report(
        states, collected.missing, sources, arguments.fail_on, prices.warnings, origin=prices.line(context.as_of)
    )
    return Outcome(made, 1 if failed else 0, region)


def _least(text: str) -> Severity | None:
    if text == _NEVER:
        return None
    try:
        return Severity.parse(text)
    except ValueError as problem:
        raise InputError(f"--fail-on {problem}; or use {_NEVER}") from None


def state(cache: Cache, collected: Collected, prices: NodePrices, today: date) -> CacheState:
    """A cache with the outcomes of all checks."""
    month = month_of(cache, prices)
    outcomes: list[CheckOutcome] = list(settings_checks(cache, today, month))
    outcomes += update_checks(cache, collected.updates, today)
    if "metrics" in collected.missing:
        outcomes.append(Skipped("metrics", collected.missing["metrics"]))
    else:
        outcomes += metric_checks(cache, collected.of(cache), collected.wanted[cache.id])
    if month is not None:
        premium = support(cache.engine, cache.major, today).premium
        month *= 1 + premium / 100
    return CacheState(cache, outcomes, month)


def month_of(cache: Cache, prices: NodePrices) -> float | None:
    """The price of a cache's nodes for a month on demand, without a premium of extended support."""
    if cache.kind is CacheKind.SERVERLESS:
        return None
    hour = prices.node(cache.node_type, cache.engine)
    return None if hour is None else hour * len(cache.members) * HOURS

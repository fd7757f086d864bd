"""`elasticache cost`: the cost of templates per resource and month, before the deploy."""

import argparse
import math
from collections.abc import Callable, Sequence
from typing import Final

from elasticache_operations import price_options, reserved
from elasticache_operations.aws import Call
from elasticache_operations.context import Context, Outcome
from elasticache_operations.cost_report import Costs
from elasticache_operations.deployed_templates import GET_TEMPLATE
from elasticache_operations.errors import InputError
from elasticache_operations.inventory import items
from elasticache_operations.lines import Usage, lines_of
from elasticache_operations.pricing import PriceBook
from elasticache_operations.pricing.live import GET_PRODUCTS
from elasticache_operations.templates import add_arguments, read_stacks

CALLS: Final[Sequence[Call]] = (GET_TEMPLATE, GET_PRODUCTS, *reserved.CALLS)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.description = (
        "Prints what templates cost in a month of 730 hours: caches, backups, the clients and the databases. Exit "
        "status 1: --budget is exceeded, or a price is not known."
    )
    add_arguments(parser)
    parser.add_argument("--against", metavar="PATH", help="templates to compare with, such as stack:NAME")
    parser.add_argument("--budget", type=_positive("--budget"), metavar="USD", help="fail above this cost in a month")
    price_options.add_arguments(parser, live="read today's prices, reserved nodes and savings plans, with credentials")
    parser.add_argument(
        "--backup-gb", type=_positive("--backup-gb"), metavar="GB", help="size of a snapshot (default: a full cache)"
    )
    parser.add_argument(
        "--serverless-gb",
        type=_positive("--serverless-gb"),
        metavar="GB",
        help="data in each serverless cache (default: the least that is billed)",
    )
    parser.add_argument(
        "--serverless-ecpu",
        type=_positive("--serverless-ecpu"),
        metavar="NUMBER",
        help="ECPU per second of each serverless cache (default: the least that is billed)",
    )


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Price the templates."""
    create = price_options.books(arguments, context)
    stacks = read_stacks(arguments.paths, context, arguments.set)
    before = read_stacks([arguments.against], context) if arguments.against else []
    books: dict[str, PriceBook] = {}

    def book_of(region: str) -> PriceBook:
        return books.setdefault(region, create(region))

    usage = Usage(arguments.backup_gb, arguments.serverless_gb, arguments.serverless_ecpu)
    found = items(stacks)
    lines = lines_of(found, book_of, usage, context.as_of)
    old = lines_of(items(before), book_of, usage, context.as_of) if before else None
    offers = reserved.read(found, book_of, usage, context) if arguments.live else None
    costs = Costs(stacks, lines, old, offers, list(books.values()), arguments.budget)
    regions = sorted({stack.region for stack in stacks})
    failed = costs.exceeded or bool(costs.unknown)
    return Outcome(costs.report(context.as_of), int(failed), regions[0] if len(regions) == 1 else None)


def _positive(name: str) -> Callable[[str], float]:
    def convert(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (0 <= value < 1e12):
            raise InputError(f"{name} must be a number from 0 to 1e12, got {text[:60]!r}; write it like {name} 100")
        return value

    return convert

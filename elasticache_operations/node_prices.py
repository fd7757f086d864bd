"""Prices on demand of a region, for the commands that plan and advise."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from elasticache_operations import price_options
from elasticache_operations.capacity.result import ServerlessPrice
from elasticache_operations.context import Context
from elasticache_operations.pricing import PriceBook, Snapshot
from elasticache_operations.pricing.snapshot import age_warning
from elasticache_operations.report import Source
from elasticache_rules import facts

_SERVICE: Final = "AmazonElastiCache"


@dataclass(frozen=True, slots=True)
class NodePrices:
    """The prices of nodes and of serverless caches in one region.

    :param book: where the prices come from.
    :param warnings: about the age of the prices.
    """

    book: PriceBook
    warnings: Sequence[str] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the prices come from, and their date."""
        return (self.book.source,)

    def line(self, as_of: date) -> str:
        """Where the prices come from, their date and age; how to read them where there are none."""
        source = self.book.source.line(as_of)
        known = not isinstance(self.book, Snapshot) or self.book.serverless("valkey").gb_hour.usd is not None
        return source if known else f"{source}; read them with --live or --price-list"

    def node(self, node_type: str, engine: str) -> float | None:
        """An hour of a node in USD; None if it is not known."""
        return self.book.node(engine, node_type).usd

    def serverless(self, engine: str) -> ServerlessPrice | None:
        """The prices of serverless caches; None if they are not known."""
        price = self.book.serverless(engine)
        if price.gb_hour.usd is None or price.million_ecpu.usd is None:
            return None
        least = float(facts.load("prices")["serverless_minimum_gb"][engine])
        return ServerlessPrice(price.gb_hour.usd, price.million_ecpu.usd, least)


def read(arguments: argparse.Namespace, context: Context) -> Callable[[str], NodePrices]:
    """The prices of a region, from the source that the options name; an old snapshot has a warning.

    :param arguments: the values of the options of `price_options.add_arguments`.
    :raises InputError: for `--live` with `--offline`, and for a file that is no offer file of ElastiCache.
    """
    book_of = price_options.books(arguments, context, service=_SERVICE)

    def prices(region: str) -> NodePrices:
        book = book_of(region)
        return snapshot(region, context.as_of) if isinstance(book, Snapshot) else NodePrices(book)

    return prices


def snapshot(region: str, as_of: date) -> NodePrices:
    """The prices of a region that are part of this package, with a warning when they are old."""
    warning = age_warning(as_of)
    return NodePrices(Snapshot(region), (warning,) if warning else ())

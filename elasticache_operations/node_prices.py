"""Prices on demand of a region, for the commands that plan and advise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from elasticache_operations.capacity.result import ServerlessPrice
from elasticache_operations.pricing import PriceBook, Snapshot
from elasticache_operations.pricing.snapshot import age_warning
from elasticache_operations.report import Source
from elasticache_rules import facts


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


def snapshot(region: str, as_of: date) -> NodePrices:
    """The prices of a region that are part of this package, with a warning when they are old."""
    warning = age_warning(as_of)
    return NodePrices(Snapshot(region), (warning,) if warning else ())

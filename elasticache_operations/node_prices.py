"""Prices on demand of a region, for the commands that plan and advise."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from elasticache_operations.capacity.result import ServerlessPrice
from elasticache_operations.errors import InputError
from elasticache_operations.pricing import PriceBook, PriceList, Snapshot, read_offer_file
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


def add_argument(parser: argparse._ActionsContainer) -> None:
    """Add the option that names offer files of prices."""
    parser.add_argument(
        "--price-list",
        action="append",
        default=[],
        metavar="FILE",
        help="an offer file of the prices of ElastiCache in one region (default: the snapshot of this package)",
    )


def read(files: Sequence[str], as_of: date) -> Callable[[str], NodePrices]:
    """The prices of a region: those of an offer file, or of the snapshot, with a warning when that is old.

    :param files: the paths of `--price-list`.
    :raises InputError: for a file that is no offer file of ElastiCache.
    """
    offers = [read_offer_file(path) for path in files]
    for path, offer in zip(files, offers, strict=True):
        if offer.service != _SERVICE:
            raise InputError(f"--price-list {path}: must be of {_SERVICE}, got {offer.service}; choose another file")

    def prices(region: str) -> NodePrices:
        listed = [offer for offer in offers if offer.region == region]
        return NodePrices(PriceList.of(listed)) if listed else snapshot(region, as_of)

    return prices


def snapshot(region: str, as_of: date) -> NodePrices:
    """The prices of a region that are part of this package, with a warning when they are old."""
    warning = age_warning(as_of)
    return NodePrices(Snapshot(region), (warning,) if warning else ())

"""The options that choose where prices come from: the snapshot, offer files, or the Price List API."""

import argparse
from collections.abc import Callable

from elasticache_operations.context import Context
from elasticache_operations.errors import InputError
from elasticache_operations.pricing import PriceBook, PriceList, Snapshot, read_offer_file
from elasticache_operations.pricing.live import live_prices
from elasticache_operations.pricing.price_list import OfferFile


def add_arguments(
    parser: argparse.ArgumentParser, *, live: str = "read today's prices from the Price List API, with credentials"
) -> None:
    """Add `--live` and `--price-list`, of which one can be given.

    :param live: the help of `--live`.
    """
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--live", action="store_true", help=live)
    source.add_argument(
        "--price-list",
        action="append",
        default=[],
        metavar="FILE",
        help="an offer file of one service and region, which needs no credentials; more than once for several "
        "(default: the snapshot of this package)",
    )


def books(arguments: argparse.Namespace, context: Context, *, service: str | None = None) -> Callable[[str], PriceBook]:
    """The prices of a region, from the source that the options name.

    :param arguments: the values of the options of `add_arguments`.
    :param service: the only service that the command needs, such as AmazonElastiCache. Default: any service.
    :raises InputError: for `--live` with `--offline`, and for a file that is no offer file of the service.
    """
    if arguments.live:
        if context.offline:
            raise InputError("--live must not be set with --offline; leave one of them out")
        return lambda region: live_prices(region, context, whole=service)
    offers = [_read(path, context) for path in arguments.price_list]
    for path, offer in zip(arguments.price_list, offers, strict=True):
        if service not in (None, offer.service):
            raise InputError(f"--price-list {path}: must be of {service}, got {offer.service}; choose another file")

    def create(region: str) -> PriceBook:
        listed = [offer for offer in offers if offer.region == region]
        return PriceList.of(listed) if listed else Snapshot(region)

    return create


def _read(path: str, context: Context) -> OfferFile:
    with context.progress.step(f"reading {path}"):
        return read_offer_file(path)

"""What a drill costs: ElastiCache bills every node for each hour that it has begun.

https://aws.amazon.com/elasticache/pricing/
"""

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from elasticache_operations.context import Context
from elasticache_operations.drills.restore.snapshots import Snapshot
from elasticache_operations.errors import InputError
from elasticache_operations.node_prices import read
from elasticache_operations.pricing.book import Price
from elasticache_operations.report import Source

DELETION_ALLOWANCE: Final = 900.0
"""Seconds after the timeout in which the deletion is accepted, which the largest cost includes."""
_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class NodeHours:
    """The price of the temporary nodes.

    :param nodes: one for each shard.
    :param price: of one node in an hour.
    :param warnings: about the age of the prices.
    """

    nodes: int
    node_type: str
    price: Price
    source: Source
    warnings: Sequence[str] = ()

    def cost(self, seconds: float) -> float | None:
        """The cost of the nodes after some seconds in USD; None when the price is not known."""
        if self.price.usd is None:
            return None
        return self.nodes * self.price.usd * max(1, math.ceil(seconds / _HOUR))

    def most(self, timeout: float) -> float | None:
        """The largest cost of a drill with a timeout in seconds."""
        return self.cost(timeout + DELETION_ALLOWANCE)


def of(arguments: argparse.Namespace, context: Context, region: str, snapshot: Snapshot) -> NodeHours:
    """The price of one node for each shard of a snapshot.

    :raises InputError: for `--live` with `--offline`, and for a file that is no offer file of ElastiCache.
    """
    prices = read(arguments, context)(region)
    book = prices.book
    price = book.node(snapshot.engine, snapshot.node_type)
    return NodeHours(snapshot.shards, snapshot.node_type, price, book.source, prices.warnings)


def usd(option: str) -> Callable[[str], float]:
    """A function that reads an amount of money.

    :param option: its name, for the error.
    """

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not 0 < value <= 1e6:
            raise InputError(
                f"{option} must be more than 0 and at most 1e6, got {text[:60]!r}; write it like {option} 2"
            )
        return value

    return parse

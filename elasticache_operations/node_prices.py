"""Prices on demand of a region, for the commands that plan and advise."""

from dataclasses import dataclass

from elasticache_operations.capacity.result import ServerlessPrice
from elasticache_operations.report import Source
from elasticache_rules import facts


@dataclass(frozen=True, slots=True)
class NodePrices:
    """The prices of the package's snapshot for one region."""

    region: str
    sources: tuple[Source, ...]
    warnings: tuple[str, ...] = ()

    def node(self, node_type: str, engine: str) -> float | None:
        """An hour of a node in USD; None if it is not known."""
        rows = facts.load("prices")["nodes"].get(self.region, {})
        name = "redis" if engine == "memcached" else engine
        found: float | None = rows.get(name, {}).get(node_type)
        return found

    def serverless(self, engine: str) -> ServerlessPrice | None:
        """The prices of serverless caches; None if they are not known."""
        return None


def snapshot(region: str) -> NodePrices:
    """The prices of a region that are part of this package."""
    return NodePrices(region, ())

"""What a node type can hold and serve, from the facts."""

import re
from dataclasses import dataclass
from typing import Final

from elasticache_rules import facts

MAIN_THREAD_OPERATIONS: Final = 100_000
"""Operations a second of one main thread: an assumption, because AWS publishes no figures by node type."""
_PREVIOUS: Final = re.compile(r"cache\.(t1|t2|m1|m2|m3|m4|c1|r3|r4)\.")
_TIERING: Final = re.compile(r"cache\.r6gd\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeType:
    """A node type of ElastiCache.

    :param maxmemory: bytes, before the reserved memory is subtracted.
    :param baseline: network bandwidth that is always available, in Gbit/s.
    :param processor_share: share of a vCPU that the main thread always has: below 1 on small burstable types.
    """

    name: str
    maxmemory: int
    baseline: float
    vcpus: int
    connections: int
    processor_share: float
    engines: frozenset[str]

    @property
    def previous_generation(self) -> bool:
        """Whether AWS lists it under previous generations."""
        return _PREVIOUS.match(self.name) is not None

    @property
    def data_tiering(self) -> bool:
        """Whether it keeps a part of the data on SSD, which this model does not describe."""
        return _TIERING.match(self.name) is not None

    @property
    def burstable(self) -> bool:
        """Whether its CPU works with credits."""
        return re.match(r"cache\.t\d", self.name) is not None


def node_type(name: str) -> NodeType:
    """A node type by its name.

    :raises KeyError: for a type without known capacity.
    """
    row = facts.load("node_capacity")["types"][name]
    vcpus = int(row["vcpus"])
    share = min(1.0, vcpus * row.get("cpu_baseline_percent_per_vcpu", 100) / 100)
    return NodeType(
        name=name,
        maxmemory=int(row["maxmemory"]),
        baseline=float(row["baseline_gbps"]),
        vcpus=vcpus,
        connections=facts.maximum_connections(name),
        processor_share=share,
        engines=frozenset(row["engines"]),
    )


def offered(region: str, engine: str) -> tuple[NodeType, ...]:
    """The current node types of a region for an engine, smallest first; those with data tiering are left out."""
    known = facts.load("node_capacity")["types"]
    types = (node_type(name) for name in facts.node_types(region) if name in known)
    usable = (each for each in types if engine in each.engines)
    return tuple(
        sorted(
            (each for each in usable if not each.previous_generation and not each.data_tiering),
            key=lambda each: (each.maxmemory, each.name),
        )
    )

"""From a workload to nodes and shards: memory, network, operations and connections of each node type."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from elasticache_operations.capacity.memory import SERVER, MemoryModel
from elasticache_operations.capacity.nodes import MAIN_THREAD_OPERATIONS, NodeType
from elasticache_operations.capacity.quantities import Growth
from elasticache_operations.capacity.shapes import Dataset

SLOTS: Final = 16384
MOST_NODES: Final = 500
DEFAULT_NODES: Final = 90
"""Nodes of a cluster before its quota is raised."""
PROTOCOL: Final = 64
"""Bytes of protocol and packet headers that each operation adds, an assumption."""
_GIGABIT: Final = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What a cache has to hold and to serve.

    :param data: keys now.
    :param months: until when it must suffice.
    :param reads: operations a second at the peak.
    :param connections: of all clients at the peak.
    :param measured: bytes a key that a server showed, divided by those of the model; 1 without a measurement.
    """

    data: Dataset
    growth: Growth = field(default_factory=Growth)
    months: int = 0
    reads: int = 0
    writes: int = 0
    connections: int = 0
    measured: float = 1.0

    @property
    def later(self) -> Dataset:
        """The keys at the end of the months, or now if there are fewer then."""
        items = self.data.items
        if not items:
            return self.data
        return self.data.scaled(max(1.0, self.growth.after(items, self.months) / items))

    @property
    def operations(self) -> int:
        """Reads and writes a second."""
        return self.reads + self.writes

    def outgoing(self, replicas: int) -> float:
        """Gbit/s that the primaries send: values that are read, and writes for each replica."""
        operations = self.reads + self.writes * replicas
        return operations * (self.data.data + PROTOCOL) * 8 / _GIGABIT

    @property
    def incoming(self) -> float:
        """Gbit/s that the primaries receive."""
        return (self.writes * (self.data.data + PROTOCOL) + self.reads * PROTOCOL) * 8 / _GIGABIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far nodes are used, in percent, and what a node serves.

    :param reserved: of maxmemory for the engine and the service: the parameter reserved-memory-percent.
    :param filled: of the usable memory, and of the network, the operations and the connections.
    """

    replicas: int = 1
    reserved: float = 25.0
    filled: float = 80.0
    operations: int = MAIN_THREAD_OPERATIONS
    most_shards: int = MOST_NODES


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """A number of shards of one node type that suffices, with its use in percent of the whole resource.

    :param memory: of the usable memory.
    :param network: of the baseline bandwidth.
    """

    node_type: NodeType
    shards: int
    replicas: int
    memory: float
    network: float
    operations: float
    connections: float

    @property
    def nodes(self) -> int:
        """All nodes."""
        return self.shards * (1 + self.replicas)

    @property
    def limits(self) -> dict[str, float]:
        """The uses by name."""
        return {
            "memory": self.memory,
            "network": self.network,
            "operations": self.operations,
            "connections": self.connections,
        }


class Planner:
    """Plans nodes for one workload on one engine version."""

    def __init__(self, workload: Workload, model: MemoryModel, limits: Limits) -> None:
        self.workload = workload
        self.limits = limits
        self._model = model

    def shard_bytes(self, shards: int) -> float:
        """The bytes of a shard at the end of the months, at the worst fill of its tables, with the server's own."""
        slots = 0 if shards == 1 else -(-SLOTS // shards)
        data = self.workload.later
        part = data.scaled(1 / shards) if shards > 1 else data
        model = MemoryModel(self._model.engine, self._model.allocator, slots)
        return model.worst(part) * self.workload.measured + SERVER

    def use(self, node_type: NodeType, shards: int) -> Nodes:
        """How far a number of shards of a node type is used."""
        limits, workload = self.limits, self.workload
        usable = node_type.maxmemory * (1 - limits.reserved / 100)
        traffic = max(workload.outgoing(limits.replicas), workload.incoming) / shards
        served = limits.operations * node_type.processor_share
        return Nodes(
            node_type=node_type,
            shards=shards,
            replicas=limits.replicas,
            memory=100 * self.shard_bytes(shards) / usable,
            network=100 * traffic / node_type.baseline,
            operations=100 * workload.operations / shards / served,
            # A client of a cluster connects to each shard.
            connections=100 * workload.connections / node_type.connections,
        )

    def suffices(self, use: Nodes) -> bool:
        """Whether no resource is used beyond the limit."""
        return all(percent <= self.limits.filled for percent in use.limits.values())

    def smallest(self, node_type: NodeType) -> Nodes | None:
        """The fewest shards of a node type that suffice; None if no number of shards does."""
        most = min(self.limits.most_shards, MOST_NODES // (1 + self.limits.replicas))
        low, high = 1, self._first_guess(node_type, most)
        while not self.suffices(self.use(node_type, high)):
            if high >= most:
                return None
            low, high = high + 1, min(most, high * 2)
        while low < high:
            middle = (low + high) // 2
            if self.suffices(self.use(node_type, middle)):
                high = middle
            else:
                low = middle + 1
        return self.use(node_type, high)

    def _first_guess(self, node_type: NodeType, most: int) -> int:
        one = self.use(node_type, 1)
        least = max(one.memory, one.network, one.operations) / self.limits.filled
        return min(most, max(1, math.ceil(least)))

    def plans(self, types: Iterable[NodeType]) -> list[Nodes]:
        """For each node type that suffices, its fewest shards."""
        found = (self.smallest(each) for each in types)
        return [plan for plan in found if plan is not None]

"""An advice, with the figures behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """What an advice says."""

    CHANGE = "change"
    KEEP = "keep"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One topic.

    :param topic: `size`, `valkey`, `reserved` or `serverless`; stable.
    :param text: what to do, or why to keep what there is.
    :param saving: USD a month; negative for a change that costs more; None if a price is not known.
    :param figures: name and value of what it is derived from.
    :param steps: what has to be done first, or commands.
    """

    topic: str
    verdict: Verdict
    text: str
    saving: float | None = None
    figures: Mapping[str, str] = field(default_factory=dict)
    steps: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a cache's nodes use: the most of any node in two weeks.

    :param memory: bytes of the data of one node at its peak.
    :param processor: vCPUs that the busiest node uses, p95.
    :param engine: percent of the main thread, p95; None for nodes with up to 2 vCPUs.
    :param network: Gbit/s of the busier direction, of the busiest hour.
    :param connections: of one node.
    :param operations: of all shards a second, on average.
    :param stored: bytes of all shards, on average.
    :param transferred: bytes that all shards send and receive a second, on average.
    """

    memory: float
    processor: float
    engine: float | None
    network: float
    connections: float
    operations: float
    stored: float
    transferred: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A cache that gets advice: from a template or a running one.

    :param parameter_group: its name; empty for the default one or an unknown one.
    :param in_template: whether it is a resource of a template, so that a change is one of its properties.
    :param age: days since its creation; None if it is not known.
    :param group: whether it is a replication group.
    """

    id: str
    engine: str
    version: str
    node_type: str
    nodes: int
    shards: int
    parameter_group: str = ""
    global_datastore: str = ""
    group: bool = True
    in_template: bool = False
    age: int | None = None

    @property
    def release(self) -> tuple[int, int, int]:
        """The version as three numbers."""
        parts = [int(part) if part.isdigit() else 0 for part in self.version.split(".")][:3]
        padded = (*parts, 0, 0, 0)
        return padded[0], padded[1], padded[2]

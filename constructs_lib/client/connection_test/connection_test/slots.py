"""Hash slots of the cluster protocol."""

from __future__ import annotations

import binascii
from dataclasses import dataclass, field
from typing import Optional

SLOTS = 16384


@dataclass(frozen=True)
class Node:
    """A node as the cluster announces it."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass
class Shard:
    """A primary with its slots and replicas."""

    primary: Node
    ranges: list[tuple[int, int]] = field(default_factory=list)
    replicas: list[Node] = field(default_factory=list)

    def owns(self, slot: int) -> bool:
        """Whether the slot belongs to this shard."""
        return any(first <= slot <= last for first, last in self.ranges)


def slot_of(key: str) -> int:
    """The slot of a key; only the text between the first braces is hashed, if it is not empty."""
    start = key.find("{")
    end = key.find("}", start + 1)
    hashed = key[start + 1 : end] if start >= 0 and end > start + 1 else key
    # CRC-16/XMODEM, which the cluster specification prescribes.
    return binascii.crc_hqx(hashed.encode(), 0) % SLOTS


def slot_of_prefix(prefix: str) -> Optional[int]:
    """The slot of all keys with a prefix that contains a hash tag, such as `{orders}:`; None for other prefixes."""
    start = prefix.find("{")
    end = prefix.find("}", start + 1)
    return slot_of(prefix) if start >= 0 and end > start + 1 else None


def reachable(shards: list[Shard], prefix: str) -> list[Shard]:
    """The shards that own keys with the prefix: one if it contains a hash tag, else all."""
    slot = slot_of_prefix(prefix)
    return shards if slot is None else [shard for shard in shards if shard.owns(slot)]


def key_for(shard: Shard, prefix: str, salt: str) -> str:
    """A key that belongs to a shard.

    :raises ValueError: when the shard owns no slot, or none of the keys with this prefix.
    """
    if not shard.ranges:
        raise ValueError(f"shard {shard.primary} owns no slot")
    if slot_of_prefix(prefix) is not None:
        if not reachable([shard], prefix):
            raise ValueError(f"shard {shard.primary} owns no key that begins with {prefix}")
        return prefix + salt
    number = 0
    while True:
        # With an open brace in the prefix, the number is a part of its hash tag.
        key = f"{prefix}{salt}:{{{number}}}"
        if shard.owns(slot_of(key)):
            return key
        number += 1


def uncovered(shards: list[Shard]) -> list[tuple[int, int]]:
    """The ranges of slots that no shard owns."""
    gaps, expected = [], 0
    for first, last in sorted(slot_range for shard in shards for slot_range in shard.ranges):
        if first > expected:
            gaps.append((expected, first - 1))
        expected = max(expected, last + 1)
    if expected < SLOTS:
        gaps.append((expected, SLOTS - 1))
    return gaps


def parse(reply: object, asked: Node) -> list[Shard]:
    """The reply of CLUSTER SLOTS as shards.

    :param asked: the node that answered; an empty node name refers to it.
    :raises ValueError: when the reply has another form.
    """
    if not isinstance(reply, list):
        raise ValueError(f"CLUSTER SLOTS must answer with a list, got {reply!r}")
    shards: dict[Node, Shard] = {}
    for entry in reply:
        if not isinstance(entry, list) or len(entry) < 3:
            raise ValueError(f"CLUSTER SLOTS must list first slot, last slot and nodes, got {entry!r}")
        first, last = int(entry[0]), int(entry[1])
        if not 0 <= first <= last < SLOTS:
            raise ValueError(f"CLUSTER SLOTS must list slots from 0 to {SLOTS - 1}, got {first} to {last}")
        primary, *replicas = [_node(node, asked) for node in entry[2:]]
        shard = shards.setdefault(primary, Shard(primary))
        shard.ranges.append((first, last))
        shard.replicas = replicas
    return list(shards.values())


def _node(value: object, asked: Node) -> Node:
    if not isinstance(value, list) or len(value) < 2:
        raise ValueError(f"CLUSTER SLOTS must name a node's host and port, got {value!r}")
    host = value[0] if isinstance(value[0], str) and value[0] not in ("", "?") else asked.host
    if not host.isprintable() or not 1 <= int(value[1]) <= 65535:
        raise ValueError(f"CLUSTER SLOTS must name a host and a port from 1 to 65535, got {value!r}")
    return Node(host, int(value[1]))

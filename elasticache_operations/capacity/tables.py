"""Hash tables of the engines: their sizes for a number of entries."""

import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist
from typing import Final

_BUCKET: Final = 64
_PLACES: Final = 7
"""Entries in a bucket of Valkey 8.1 and later; the bucket takes one cache line."""
_POISSON_LIMIT: Final = 60.0
_SAMPLES: Final = 32


def chained_slots(entries: int, *, doublings: int = 0) -> int:
    """The bytes of a table with a pointer for each slot, as up to Valkey 8.0: a power of two, at least 4 slots.

    :param doublings: -1 for the table before its last growth.
    """
    power = max(2, (entries - 1).bit_length() if entries > 1 else 0) + doublings
    return 8 * int(2**power)


def unfinished(entries: int, moves: int) -> int:
    """The bytes of the smaller table that growth has not emptied, where only commands move entries.

    :param moves: slots that each added entry moves.
    """
    half = chained_slots(entries, doublings=-1) // 8
    if half < 4 or moves * (entries - half) >= half:
        return 0
    return 8 * half


@lru_cache(maxsize=4096)
def buckets(entries: int) -> float:
    """The expected bytes of a table of buckets, as from Valkey 8.1.

    The number of buckets doubles when all places are taken. Before that, a full bucket has a chained one, and gives up
    a place for the link.
    """
    power = max(0, (-(-entries // _PLACES) - 1).bit_length()) if entries else 0
    count = 1 << power
    return float(_BUCKET * count) * (1 + _chained(entries, count))


def _chained(entries: int, count: int) -> float:
    """The expected number of chained buckets for one bucket: entries are distributed binomially."""
    if count == 1 or entries <= _PLACES:
        return 0.0
    share = 1 / count
    probability = math.exp(entries * math.log1p(-share))
    expected = 0.0
    for found in range(min(entries, 60) + 1):
        if found > _PLACES:
            expected += probability * -(-(found - _PLACES) // (_PLACES - 1))
        probability *= (entries - found) / (found + 1) * share / (1 - share)
    return expected


def spread(entries: int, slots: int, table: Callable[[int], float]) -> float:
    """The expected bytes of one table for each hash slot, in cluster mode.

    :param entries: in all slots.
    :param slots: the slots that a shard holds.
    :param table: bytes of the table of a slot with this number of entries.
    """
    mean = entries / slots
    if mean > _POISSON_LIMIT:
        normal = NormalDist(mean, math.sqrt(mean))
        counts = [max(1, round(normal.inv_cdf((index + 0.5) / _SAMPLES))) for index in range(_SAMPLES)]
        return slots * sum(table(count) for count in counts) / _SAMPLES
    probability, expected = math.exp(-mean), 0.0
    for count in range(1, int(mean + 12 * math.sqrt(mean) + 20)):
        probability *= mean / count
        expected += probability * table(count)
    return slots * expected

"""How each version of the engines lays out a key in memory.

Measured on Redis OSS 6.2 and 7.0 and Valkey 7.2, 8.0, 8.1 and 9.1; the tests compare with those measurements.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from elasticache_operations.capacity import tables
from elasticache_operations.capacity.allocator import Allocator, listpack_bytes, string_bytes

_POINTER: Final = 8
_HEADER: Final = 16
_EMBEDDED: Final = 44
"""The longest value that shares an allocation with its header, before Valkey 8.1."""
_LEVELS: Final = 20
_LEVEL_PROBABILITY: Final = 0.25


@dataclass(frozen=True, slots=True)
class Layout:
    """Redis OSS up to 7.x, and Valkey 7.2.

    :param table_struct: bytes of a dictionary inside a value, besides its slots.
    :param set_listpack: whether small sets of strings are listpacks.
    :param list_listpack: whether small lists are a single listpack, without a quicklist.
    :param alone: whether a member of a set that is alone in its slot needs no entry.
    """

    allocator: Allocator
    table_struct: int = 56
    set_listpack: bool = False
    list_listpack: bool = False
    alone: bool = False

    def entry(self, key: int, *, ttl: bool, cluster: bool) -> int:
        """What a key takes besides its object and the tables' slots."""
        size = self.allocator.size
        linked = 16 if cluster else 0  # the keys of a slot are a linked list
        return size(24 + linked) + size(string_bytes(key)) + (size(24) if ttl else 0)

    def header(self, key: int, *, ttl: bool) -> int:
        """The object of a value that has an allocation of its own."""
        del key, ttl
        return _HEADER

    def string(self, key: int, value: int, *, ttl: bool) -> int:
        """The object of a string, with its characters."""
        if value <= _EMBEDDED:
            return self.allocator.size(_HEADER + string_bytes(value, smallest_header=3))
        return self.header(key, ttl=ttl) + self.allocator.size(string_bytes(value, smallest_header=3))

    def main_tables(self, keys: int, expiring: int, slots: int) -> float:
        """The slots of the main dictionary and of that of the times to live.

        :param slots: hash slots in cluster mode, 0 otherwise.
        """
        del slots
        return float(tables.chained_slots(keys) + (tables.chained_slots(expiring) if expiring else 0))

    def nested(self, count: int, member: float) -> float:
        """A hash table inside a value."""
        # A write or a look-up moves one slot; adding a member does both.
        left = tables.unfinished(count, moves=2)
        return self.allocator.size(self.table_struct) + tables.chained_slots(count) + left + count * member

    def hash_member(self, field: int, value: int) -> float:
        """A field and its value in a hash table."""
        size = self.allocator.size
        return size(24) + size(string_bytes(field)) + size(string_bytes(value))

    def set_member(self, count: int, value: int) -> float:
        """A member of a set in a hash table of this number of members."""
        own = self.allocator.size(string_bytes(value))
        if not self.alone:
            return own + self.allocator.size(24)
        slots = tables.chained_slots(count) // 8
        occupied = slots * -math.expm1(-count / slots)
        return own + self.allocator.size(16) * (count - occupied) / count

    def sorted_set_member(self, value: int) -> float:
        """A member of a sorted set: its entry in the table, its name, and its node of the skip list."""
        size = self.allocator.size
        return size(24) + size(string_bytes(value)) + _skip_list(lambda levels: size(24 + 16 * levels))

    def skip_list_head(self) -> int:
        """What a skip list takes without members, with the structure that joins it with the table."""
        size = self.allocator.size
        return size(16) + size(24 + 16 * 32) + size(32)


@dataclass(frozen=True, slots=True)
class EmbeddedKey(Layout):
    """Valkey 8.0: the entry of the dictionary contains the key, and cluster mode has dictionaries for each slot."""

    def entry(self, key: int, *, ttl: bool, cluster: bool) -> int:
        """What a key takes besides its object and the tables' slots."""
        del cluster
        return self.allocator.size(17 + string_bytes(key)) + (self.allocator.size(24) if ttl else 0)

    def main_tables(self, keys: int, expiring: int, slots: int) -> float:
        """The slots of the main dictionary, and of that of the times to live with what growth has left behind."""

        def table(count: int) -> float:
            return float(tables.chained_slots(count))

        def expiry(count: int) -> float:
            return float(tables.chained_slots(count) + tables.unfinished(count, moves=1))

        return _per_slot(keys, slots, table, 80) + (_per_slot(expiring, slots, expiry, 80) if expiring else 0.0)


@dataclass(frozen=True, slots=True)
class EmbeddedObject(Layout):
    """Valkey 8.1: the object contains the key, the time to live and a short value.

    :param embedded: the largest object that contains its value.
    :param saved: bytes that an object without a pointer to its value is smaller.
    :param level_struct: bytes of a node of a skip list, without its levels.
    """

    embedded: int = 64
    saved: int = 0
    level_struct: int = 24

    def entry(self, key: int, *, ttl: bool, cluster: bool) -> int:
        """Nothing: the object contains the key."""
        del key, ttl, cluster
        return 0

    def header(self, key: int, *, ttl: bool) -> int:
        """The object with the key and the time to live."""
        return self.allocator.size(self._object(key, ttl=ttl))

    def string(self, key: int, value: int, *, ttl: bool) -> int:
        """The object of a string, with its characters."""
        whole = self._object(key, ttl=ttl) + 3 + value + 1 - self.saved
        if whole <= self.embedded:
            return self.allocator.size(whole)
        return self.header(key, ttl=ttl) + self.allocator.size(string_bytes(value, smallest_header=3))

    def _object(self, key: int, *, ttl: bool) -> int:
        return _HEADER + (8 if ttl else 0) + 1 + string_bytes(key)

    def main_tables(self, keys: int, expiring: int, slots: int) -> float:
        """The buckets of the main table and of that of the times to live."""
        main = _per_slot(keys, slots, tables.buckets, 96)
        return main + (_per_slot(expiring, slots, tables.buckets, 96) if expiring else 0.0)

    def nested(self, count: int, member: float) -> float:
        """A hash table inside a value."""
        return self.allocator.size(self.table_struct) + tables.buckets(count) + count * member

    def hash_member(self, field: int, value: int) -> float:
        """A field with its value, in one allocation when that is small."""
        size = self.allocator.size
        both = string_bytes(field) + string_bytes(value, smallest_header=3)
        if both <= 128:
            return size(both)
        return size(_POINTER + string_bytes(field, smallest_header=3)) + size(string_bytes(value))

    def set_member(self, count: int, value: int) -> float:
        """A member of a set in a hash table."""
        del count
        return self.allocator.size(string_bytes(value))

    def sorted_set_member(self, value: int) -> float:
        """A member of a sorted set: the node of the skip list contains its name."""
        own = self.level_struct + 1 + string_bytes(value)
        return _skip_list(lambda levels: self.allocator.size(own + 16 * levels))


def listpack(layout: Layout, lengths: list[int]) -> int:
    """The bytes of a listpack with entries of these lengths."""
    return layout.allocator.size(listpack_bytes(lengths))


def _skip_list(node: Callable[[int], int]) -> float:
    """The expected bytes of a node: each further level has a probability of a quarter."""
    return sum(
        node(levels) * (1 - _LEVEL_PROBABILITY) * _LEVEL_PROBABILITY ** (levels - 1) for levels in range(1, _LEVELS)
    )


def _per_slot(keys: int, slots: int, table: Callable[[int], float], struct: int) -> float:
    """The bytes of one table, or of one for each hash slot with its structure."""
    if not slots:
        return table(keys)
    return tables.spread(keys, slots, lambda count: table(count) + struct)

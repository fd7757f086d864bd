"""The memory model: bytes of `used_memory` for keys of a shape, from the layouts of the engines."""

from dataclasses import dataclass, field
from typing import Final

from elasticache_operations.capacity.allocator import Allocator, listpack_bytes, string_bytes
from elasticache_operations.capacity.engines import EngineVersion
from elasticache_operations.capacity.layouts import Layout, listpack
from elasticache_operations.capacity.shapes import Dataset, Kind, Population, Shape

SERVER: Final = 1024 * 1024
"""What a server allocates before the first key: 0.8 to 1.0 MiB."""
_LISTPACK_VALUE: Final = 64
_HASH_FIELDS: Final = 512
_SET_MEMBERS: Final = 128
_LIST_NODE: Final = 8192
_SCORE: Final = 3
"""Characters of a score in a listpack, which stores whole numbers in fewer bytes."""


@dataclass(frozen=True, slots=True)
class MemoryModel:
    """The memory of one engine version.

    :param engine: a version between two measured ones is planned with the larger result.
    :param allocator: Default: that of the engines' own build, which ElastiCache is assumed to use.
    :param slots: hash slots of a shard in cluster mode, 0 with cluster mode disabled.
    """

    engine: EngineVersion
    allocator: Allocator = field(default_factory=Allocator)
    slots: int = 0

    def used(self, data: Dataset) -> float:
        """The bytes of all keys of a shard, without the server's own."""
        return max(_used(layout, data, self.slots) for layout in self.engine.layouts(self.allocator))

    def per_item(self, data: Dataset) -> float:
        """The average bytes of a key."""
        return self.used(data) / max(data.items, 1)

    def worst(self, data: Dataset) -> float:
        """The bytes of a shard directly after its tables have doubled: the most for about this number of keys."""
        return max(_worst(layout, data, self.slots) for layout in self.engine.layouts(self.allocator))


def of_shape(shape: Shape, items: int) -> Dataset:
    """A dataset of one shape."""
    return Dataset((Population(items, shape),))


def _used(layout: Layout, data: Dataset, slots: int) -> float:
    return _values(layout, data, slots) + (layout.main_tables(data.items, data.expiring, slots) if data.items else 0)


def _worst(layout: Layout, data: Dataset, slots: int) -> float:
    if not data.items:
        return 0.0
    counts = [data.items, *(count for count in _doublings(data.items) if count > 0)]
    table = max(layout.main_tables(count, round(data.expiring * count / data.items), slots) / count for count in counts)
    return _values(layout, data, slots) + table * data.items


def _doublings(items: int) -> tuple[int, int]:
    """The numbers of keys next to this one with which the tables of both kinds have just doubled."""
    power = 1 << (max(items, 2) - 1).bit_length() - 1
    places = 7
    while places * 2 < items:
        places *= 2
    return power + 1, places + 1


def _values(layout: Layout, data: Dataset, slots: int) -> float:
    cluster = slots > 0
    return sum(population.items * _key(layout, population.shape, cluster) for population in data.populations)


def _key(layout: Layout, shape: Shape, cluster: bool) -> float:
    entry = layout.entry(shape.key, ttl=shape.ttl, cluster=cluster)
    if shape.kind is Kind.STRING:
        return entry + layout.string(shape.key, shape.value, ttl=shape.ttl)
    header = layout.header(shape.key, ttl=shape.ttl)
    return entry + header + _VALUES[shape.kind](layout, shape)


def _integer(layout: Layout, shape: Shape) -> float:
    del layout, shape
    return 0.0


def _hash(layout: Layout, shape: Shape) -> float:
    if shape.count <= _HASH_FIELDS and max(shape.field, shape.value) <= _LISTPACK_VALUE:
        return listpack(layout, [shape.field, shape.value] * shape.count)
    return layout.nested(shape.count, layout.hash_member(shape.field, shape.value))


def _set(layout: Layout, shape: Shape) -> float:
    if layout.set_listpack and shape.count <= _SET_MEMBERS and shape.value <= _LISTPACK_VALUE:
        return listpack(layout, [shape.value] * shape.count)
    return layout.nested(shape.count, layout.set_member(shape.count, shape.value))


def _sorted_set(layout: Layout, shape: Shape) -> float:
    if shape.count <= _SET_MEMBERS and shape.value <= _LISTPACK_VALUE:
        return listpack(layout, [shape.value, _SCORE] * shape.count)
    return layout.skip_list_head() + layout.nested(shape.count, layout.sorted_set_member(shape.value))


def _list(layout: Layout, shape: Shape) -> float:
    whole = [shape.value] * shape.count
    if layout.list_listpack and listpack_bytes(whole) <= _LIST_NODE:
        return listpack(layout, whole)
    size = layout.allocator.size
    if shape.value > _LIST_NODE:
        return size(40) + shape.count * (size(32) + size(string_bytes(shape.value)))
    each = max(1, (_LIST_NODE - 7) // (listpack_bytes([shape.value]) - 7))
    full, rest = divmod(shape.count, each)
    nodes = full * (size(32) + listpack(layout, [shape.value] * each))
    return size(40) + nodes + (size(32) + listpack(layout, [shape.value] * rest) if rest else 0)


_VALUES: Final = {
    Kind.INTEGER: _integer,
    Kind.HASH: _hash,
    Kind.SET: _set,
    Kind.SORTED_SET: _sorted_set,
    Kind.LIST: _list,
}

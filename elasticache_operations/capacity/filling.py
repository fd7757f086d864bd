"""How many keys fit before a server refuses the next write."""

from typing import Final

from elasticache_operations.capacity.memory import MemoryModel
from elasticache_operations.capacity.shapes import Dataset, Population

_DENSITY: Final = 1.6
"""Entries a place of a table whose growth would exceed maxmemory; beyond it the engine grows the table anyway."""


def keys_until_refused(model: MemoryModel, shape: Dataset, limit: float) -> int:
    """The number of keys of a mixture with which `used_memory` reaches a limit.

    The engines do not grow a table when the new one would exceed maxmemory: they fill the present one more densely.

    :param limit: maxmemory less what the server allocates before the first key, in bytes.
    """

    def used(keys: int) -> float:
        return model.used(_of_size(shape, keys))

    low, high = 0, 1
    while used(high) <= limit:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if used(middle) <= limit else (low, middle)
    if low < 2:
        return low
    each = used(low) - used(low - 1)
    left = int((limit - used(low)) / each) if each > 0 else 0
    return low + min(left, int(low * (_DENSITY - 1)))


def _of_size(shape: Dataset, keys: int) -> Dataset:
    if len(shape.populations) == 1:
        return Dataset((Population(keys, shape.populations[0].shape),))
    return shape.scaled(keys / shape.items)

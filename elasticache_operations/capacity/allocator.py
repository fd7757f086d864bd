"""The sizes that jemalloc allocates, and the headers of the engines' strings."""

from dataclasses import dataclass
from typing import Final

ENGINE_QUANTUM: Final = 8
"""The quantum with which the engines build their own jemalloc."""
DISTRIBUTION_QUANTUM: Final = 16
"""The quantum of jemalloc in Linux distributions, whose redis-server uses the shared library."""
_TINY: Final = 8
_CLASSES_PER_DOUBLING: Final = 4


@dataclass(frozen=True, slots=True)
class Allocator:
    """The size classes of jemalloc 5.

    :param quantum: the distance of small classes, 8 or 16 bytes.
    """

    quantum: int = ENGINE_QUANTUM

    def size(self, wanted: int) -> int:
        """The bytes that an allocation takes: the next size class.

        Source: https://jemalloc.net/jemalloc.3.html#size_classes
        """
        if wanted <= _TINY:
            return _TINY
        below = 1 << ((wanted - 1).bit_length() - 1)
        step = max(self.quantum, below // _CLASSES_PER_DOUBLING)
        return -(-wanted // step) * step


def string_bytes(length: int, *, smallest_header: int = 1) -> int:
    """The bytes of a simple dynamic string: its header, its characters and a zero byte.

    :param smallest_header: 3 where the engine never uses the header of 1 byte, as for values.
    """
    if length < 32 and smallest_header == 1:
        header = 1
    elif length < 256:
        header = 3
    elif length < 65536:
        header = 5
    else:
        header = 9
    return header + length + 1


def listpack_bytes(lengths: list[int]) -> int:
    """The bytes of a listpack, or a ziplist, with entries of these lengths, before the allocator rounds them."""
    return 7 + sum(_listpack_entry(length) for length in lengths)


def _listpack_entry(length: int) -> int:
    encoded = length + (1 if length < 64 else 2 if length < 4096 else 5)
    return encoded + (1 if encoded < 128 else 2 if encoded < 16384 else 3)

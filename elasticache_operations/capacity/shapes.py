"""The shape of a key: its data type and the lengths of its parts."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """The data types of the memory model; a string that holds an integer is stored without a string."""

    STRING = "string"
    INTEGER = "integer"
    HASH = "hash"
    SET = "set"
    SORTED_SET = "sorted-set"
    LIST = "list"

    @property
    def has_members(self) -> bool:
        """Whether a key of this type holds several members."""
        return self not in (Kind.STRING, Kind.INTEGER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The average key of one kind of data.

    :param kind: the data type.
    :param key: length of the key's name, in bytes.
    :param value: length of the value, or of each member, in bytes.
    :param count: number of members of a hash, set, sorted set or list.
    :param field: length of each field's name of a hash, in bytes.
    :param ttl: whether the key expires.
    """

    kind: Kind = Kind.STRING
    key: int
    value: int = 0
    count: int = 1
    field: int = 0
    ttl: bool = False

    @property
    def data(self) -> int:
        """The bytes that an application sends to write the whole key."""
        each = {Kind.HASH: self.field + self.value, Kind.INTEGER: self.value or 8}.get(self.kind, self.value)
        return self.key + each * (self.count if self.kind.has_members else 1)

    def expiring(self, ttl: bool) -> "Shape":
        """The same shape with or without a time to live."""
        return replace(self, ttl=ttl)


@dataclass(frozen=True, slots=True)
class Population:
    """A number of keys of one shape.

    :param items: may be 0.
    """

    items: int
    shape: Shape


@dataclass(frozen=True, slots=True)
class Dataset:
    """All keys of a cache."""

    populations: tuple[Population, ...]

    @property
    def items(self) -> int:
        """The number of keys."""
        return sum(population.items for population in self.populations)

    @property
    def expiring(self) -> int:
        """The number of keys with a time to live."""
        return sum(population.items for population in self.populations if population.shape.ttl)

    @property
    def data(self) -> float:
        """The average bytes of application data of a key."""
        total = sum(population.items * population.shape.data for population in self.populations)
        return total / max(self.items, 1)

    def scaled(self, factor: float) -> "Dataset":
        """The same mixture with another number of keys."""
        return Dataset(tuple(Population(round(each.items * factor), each.shape) for each in self.populations))

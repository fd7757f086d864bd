"""The engine versions of the memory model."""

import re
from dataclasses import dataclass
from typing import Final

from elasticache_operations.capacity.allocator import Allocator
from elasticache_operations.capacity.layouts import EmbeddedKey, EmbeddedObject, Layout
from elasticache_rules import facts

_TEXT: Final = re.compile(r"(redis|valkey)[- ]?(\d{1,2})(?:\.(\d{1,2}))?(?:\.\d{1,3})?")
_MEASURED: Final = {("redis", 6, 2), ("redis", 7, 0), ("redis", 7, 1)} | {
    ("valkey", 7, 2),
    ("valkey", 8, 0),
    ("valkey", 8, 1),
    ("valkey", 9, 1),
}
"""Redis OSS 7.1 of ElastiCache has the layout of 7.0."""


@dataclass(frozen=True, slots=True, order=True)
class EngineVersion:
    """A version of Redis OSS or Valkey.

    :param name: `redis` or `valkey`.
    """

    name: str
    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> "EngineVersion":
        """Read `valkey-8.1` or `redis-7.1`; a version without a minor number is the newest one that is offered.

        :raises ValueError: naming the versions that are offered.
        """
        found = _TEXT.fullmatch(text.strip().lower())
        if found is not None:
            name, major = found[1], int(found[2])
            minors = [minor for minor in offered_minors(name, major) if found[3] in (None, str(minor))]
            if minors:
                return cls(name, major, max(minors))
        raise ValueError(f"must be one of {', '.join(offered())}, got {text!r}")

    def __str__(self) -> str:
        return f"{self.name}-{self.major}.{self.minor}"

    @property
    def title(self) -> str:
        """The name as AWS writes it."""
        return f"{'Redis OSS' if self.name == 'redis' else 'Valkey'} {self.major}.{self.minor}"

    @property
    def measured(self) -> bool:
        """Whether the memory model was compared with a server of this version."""
        return (self.name, self.major, self.minor) in _MEASURED

    def layouts(self, allocator: Allocator) -> tuple[Layout, ...]:
        """The layouts that this version can have: two for a version that was not measured between two that were."""
        version = (self.major, self.minor)
        if self.name == "redis":
            return (Layout(allocator, table_struct=56 if version >= (7, 0) else 96),)
        if version < (8, 0):
            return (Layout(allocator, set_listpack=True, list_listpack=True, alone=True),)
        if version < (8, 1):
            return (EmbeddedKey(allocator, set_listpack=True, list_listpack=True, alone=True),)
        before = EmbeddedObject(allocator, table_struct=80, set_listpack=True, list_listpack=True)
        since = EmbeddedObject(
            allocator,
            table_struct=96,
            set_listpack=True,
            list_listpack=True,
            embedded=128,
            saved=8,
            level_struct=16,
        )
        if version < (8, 2):
            return (before,)
        return (since,) if version >= (9, 1) else (before, since)


def offered() -> tuple[str, ...]:
    """Every engine version that ElastiCache offers and the model knows."""
    return tuple(
        f"{name}-{version[0]}.{version[1]}"
        for name in ("redis", "valkey")
        for version in (facts.version_key(text) for text in facts.engine_versions(name))
    )


def offered_minors(name: str, major: int) -> list[int]:
    """The minor versions of a major version that ElastiCache offers."""
    keys = [facts.version_key(text) for text in facts.engine_versions(name)]
    return [key[1] for key in keys if key[0] == major]

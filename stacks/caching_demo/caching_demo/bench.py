"""What the measurements share: the database, the cache, how much to do, and the time that is left."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from caching_demo import shop
from caching_demo.cache_link import CacheLink
from caching_demo.database import Pool
from caching_demo.shop import Volume
from caching_demo.timing import Deadline


@dataclass(frozen=True)
class Scale:
    """How much each measurement does; see `docs/caching-demo.md`."""

    volume: Volume
    samples: dict[str, int]
    hit_products: int
    hit_reads: int
    hit_rate: float
    stale_ttl: float
    stale_updates: int
    races: int
    stampede_seconds: float
    stampede_ttl: float
    outage: tuple[float, float, float]
    outage_bucket: float
    sessions: int


FULL = Scale(
    volume=Volume(2_000, 30_000, 40_000),
    samples={"primary key": 200, "page": 150, "report": 50},
    hit_products=300,
    hit_reads=3_000,
    hit_rate=500.0,
    stale_ttl=1.0,
    stale_updates=30,
    races=200,
    stampede_seconds=1.8,
    stampede_ttl=0.5,
    outage=(2.0, 4.0, 2.5),
    outage_bucket=0.5,
    sessions=200,
)
QUICK = Scale(
    volume=Volume(1_000, 10_000, 40_000),
    samples={"primary key": 40, "page": 40, "report": 20},
    hit_products=60,
    hit_reads=900,
    hit_rate=600.0,
    stale_ttl=0.5,
    stale_updates=8,
    races=60,
    stampede_seconds=1.0,
    stampede_ttl=0.4,
    outage=(0.6, 1.2, 2.2),
    outage_bucket=0.2,
    sessions=80,
)
CONNECTIONS = 20


@dataclass
class Bench:
    """One run.

    :param prefix: of all keys, different in each run, so that each begins with a cold cache.
    :param notes: warnings for the report.
    """

    pool: Pool
    link: CacheLink
    scale: Scale
    deadline: Deadline
    prefix: str = field(default_factory=lambda: f"caching-demo:{secrets.token_hex(4)}")
    notes: list[str] = field(default_factory=list)

    def name(self, part: str) -> str:
        """The prefix of the keys of one measurement."""
        return f"{self.prefix}:{part}"

    def page(self, id: str) -> Any:
        """The loader of the product pages."""
        return shop.read(self.pool, "page", id)

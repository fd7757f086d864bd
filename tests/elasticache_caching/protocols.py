"""The protocol of the cache with a clock that stands still. Runs on Python 3.9 as well."""

from __future__ import annotations

from typing import Any

from elasticache_caching import CacheClient, Json, Statistics, wire
from elasticache_caching.protocol import Protocol
from elasticache_caching.settings import Settings

CLIENT = CacheClient.connect("cache.example", tls=False)
NOW = 1_800_000_000.0


def protocol(*, version: Any = None, **changed: Any) -> Protocol[Any]:
    codec = changed.pop("codec", Json(dict, schema=3))
    made: Protocol[Any] = Protocol(
        Settings("row", codec, **{"ttl": 60, "jitter": 0, **changed}), version, Statistics("row")
    )
    made.clock = lambda: NOW
    return made


def head(magic: int = wire.MAGIC, flags: int = 0, schema: int = 3, version: int = 1) -> bytes:
    return wire._HEAD.pack(magic, flags, schema, int((NOW + 60) * 1000), 0, version)


def load(id: str) -> dict[str, Any]:
    return {"id": id}


GOOD: dict[str, Any] = {"load": load, "codec": Json(dict), "ttl": 60}

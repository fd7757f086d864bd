"""The settings of a cache, with range checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from elasticache_caching.codec import MAX_SCHEMA
from elasticache_caching.errors import ConfigurationError
from elasticache_caching.limits import YEAR, check_prefix, is_integer, is_number

T = TypeVar("T")
_MOST_BYTES = 512 * 1024 * 1024
_LONGEST_NEAR, _MOST_ENTRIES = 5, 1_000_000


class Codec(Protocol[T]):
    """Encodes values as bytes and decodes them. Change `schema`, 0 to 65,535, whenever the format changes."""

    schema: int

    def encode(self, value: T) -> bytes:
        """Encode a value; after any error, the value is not stored."""

    def decode(self, body: bytes) -> T:
        """Decode a value; any error is a miss."""


@dataclass(frozen=True)
class Settings(Generic[T]):
    """See `Cache` for units, limits and defaults.

    :raises ConfigurationError: if an argument is out of range.
    """

    prefix: str
    codec: Codec[T]
    ttl: float
    jitter: float = 0.1
    stale: float = 0.0
    negative: float = 5.0
    early: float = 1.0
    lease: float = 10.0
    load_timeout: float | None = None
    max_bytes: int = 1_000_000
    on_failure: str = "raise"
    lag: float = 0.0
    pause: float = 60.0
    near: float = 0.0
    near_entries: int = 1000

    def __post_init__(self) -> None:
        check_prefix("Cache", self.prefix)
        self._check("ttl", 0.001, YEAR, "seconds", "pass how long a value may be served")
        self._check("jitter", 0, 0.9, "of the TTL", "0.1 shortens each TTL by up to 10 %")
        self._check("stale", 0, YEAR, "seconds", "0 serves nothing after the TTL")
        self._check("negative", 0, YEAR, "seconds", "0 stores no None")
        self._check("early", 0, 100, "times the load time", "0 turns early refresh off")
        self._check("lease", 0.05, 3600, "seconds", "choose a time that exceeds the longest load")
        self._check("max_bytes", 1, _MOST_BYTES, "bytes", "1,000,000 is the default")
        self._check("lag", 0, YEAR, "seconds", "pass the longest lag of the database replica")
        self._check("pause", 0, YEAR, "seconds", "60 is the default")
        self._check("near", 0, _LONGEST_NEAR, "seconds", "0 asks the cache in each read")
        self._check("near_entries", 1, _MOST_ENTRIES, "values", "1000 is the default")
        if self.on_failure not in {"raise", "log"}:
            self._refuse(f"on_failure must be 'raise' or 'log', got {self.on_failure!r}; use one")
        schema = self.codec.schema
        if not is_integer(schema, 0, MAX_SCHEMA):
            self._refuse(f"codec.schema must be 0 to {MAX_SCHEMA}, got {schema!r}; start again at 0")
        if self.load_timeout is not None:
            self._check("load_timeout", 0.001, 3600, "seconds", "pass the time-out of the loader, or None")
            if self.lease <= self.load_timeout:
                limit = f"lease must exceed load_timeout ({self.load_timeout} seconds), got {self.lease}"
                self._refuse(f"{limit}; increase lease, so that the results of slow loads are stored")

    def _check(self, name: str, low: float, high: float, unit: str, fix: str) -> None:
        value = getattr(self, name)
        if not is_number(value, low, high):
            self._refuse(f"{name} must be {low} to {high} {unit}, got {value!r}; {fix}")

    def _refuse(self, message: str) -> None:
        raise ConfigurationError(f"{self.prefix}: {message}")

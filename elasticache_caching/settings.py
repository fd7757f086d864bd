"""The settings of a cache, with range checks."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Generic, NoReturn, Protocol, TypeVar

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


def _limited(low: float, high: float, unit: str, fix: str, *, default: Any = MISSING) -> Any:
    """A field with its limits and what to do about a value outside of them."""
    return field(default=default, metadata={"limits": (low, high, unit, fix)})


@dataclass(frozen=True)
class Settings(Generic[T]):
    """See `Cache` for units, limits and defaults.

    :raises ConfigurationError: if an argument is out of range.
    """

    prefix: str
    codec: Codec[T]
    ttl: float = _limited(0.001, YEAR, "seconds", "pass how long a value may be served")
    jitter: float = _limited(0, 0.9, "of the TTL", "0.1 shortens each TTL by up to 10 %", default=0.1)
    stale: float = _limited(0, YEAR, "seconds", "0 serves nothing after the TTL", default=0.0)
    negative: float = _limited(0, YEAR, "seconds", "0 stores no None", default=5.0)
    early: float = _limited(0, 100, "times the load time", "0 turns early refresh off", default=1.0)
    lease: float = _limited(0.05, 3600, "seconds", "choose a time that exceeds the longest load", default=10.0)
    load_timeout: float | None = _limited(0.001, 3600, "seconds", "pass the loader's time-out, or None", default=None)
    max_bytes: int = _limited(1, _MOST_BYTES, "bytes", "1,000,000 is the default", default=1_000_000)
    on_failure: str = "raise"
    lag: float = _limited(0, YEAR, "seconds", "pass the longest lag of the database replica", default=0.0)
    pause: float = _limited(0, YEAR, "seconds", "60 is the default", default=60.0)
    near: float = _limited(0, _LONGEST_NEAR, "seconds", "0 asks the cache in each read", default=0.0)
    near_entries: int = _limited(1, _MOST_ENTRIES, "values", "1000 is the default", default=1000)

    def __post_init__(self) -> None:
        check_prefix("Cache", self.prefix)
        for each in fields(self):
            value = getattr(self, each.name)
            if "limits" in each.metadata and not (value is None and each.default is None):
                low, high, unit, fix = each.metadata["limits"]
                if not is_number(value, low, high):
                    self.refuse(f"{each.name} must be {low} to {high} {unit}, got {value!r}; {fix}")
        if self.on_failure not in {"raise", "log"}:
            self.refuse(f"on_failure must be 'raise' or 'log', got {self.on_failure!r}; use one")
        schema = getattr(self.codec, "schema", None)
        if not is_integer(schema, 0, MAX_SCHEMA):
            self.refuse(f"codec.schema must be 0 to {MAX_SCHEMA}, got {schema!r}; start again at 0, or pass Json(dict)")
        if self.load_timeout is not None and self.lease <= self.load_timeout:
            limit = f"lease must exceed load_timeout ({self.load_timeout} seconds), got {self.lease}"
            self.refuse(f"{limit}; increase lease, so that the results of slow loads are stored")

    def refuse(self, message: str) -> NoReturn:
        """Raise the error of an argument.

        :raises ConfigurationError: always.
        """
        raise ConfigurationError(f"{self.prefix}: {message}")

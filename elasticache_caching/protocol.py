"""The caching protocol, without I/O.

Both clients drive the same generators: a generator yields the next step (a command, a pause, a load), and the client
sends back its outcome. If the cache is not available, the client raises `CacheUnavailableError` in the generator.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import math
import random
import secrets
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any, Callable, Generic, NamedTuple, TypeVar, Union

from elasticache_caching import wire
from elasticache_caching.errors import CacheUnavailableError, InvalidKeyError, ValueRefusedError
from elasticache_caching.limits import is_integer
from elasticache_caching.scripts import ACQUIRE, FILL, RELEASE, STORE, Part, Script
from elasticache_caching.settings import Settings
from elasticache_caching.statistics import Statistics

T = TypeVar("T")
Keys = tuple[bytes, bytes]
LOG = logging.getLogger("elasticache_caching")
_LEASED, _BYPASS = 1, 2
_FIRST_PAUSE, _LONGEST_PAUSE = 0.002, 0.05
_LONGEST_ID = 256


@dataclass
class Loaded(Generic[T]):
    """A value and its source.

    :param source: `hit`, `near` (from the near cache), `stale` (after its soft expiry), `load`, `wait` (loaded by
        another thread, task or process) or `down` (loaded, because the cache did not answer).
    :param expires_in: seconds until the soft expiry, negative after it; None when the value is not from the cache.
    """

    value: T | None
    source: str
    expires_in: float | None = None
    due: bool = False  # must be reloaded by the caller that gets the lease
    filled: bool = False


class Run(NamedTuple):
    """Run a script; the outcome is its reply."""

    script: Script
    keys: tuple[bytes, ...]
    arguments: tuple[Part, ...]


class Sleep(NamedTuple):
    """Wait; there is no outcome."""

    seconds: float


class Load(NamedTuple):
    """Call the loader; the outcome is its value, and its error is raised in the generator."""

    id: str


Step = Union[Run, Sleep, Load]
Steps = Generator[Step, Any, T]


class Protocol(Generic[T]):
    """The protocol of one cache."""

    def __init__(self, settings: Settings[T], version: Callable[[T], int] | None, statistics: Statistics) -> None:
        self.settings, self.version, self.statistics = settings, version, statistics
        self.clock: Callable[[], float] = time.time
        self.monotonic: Callable[[], float] = time.monotonic
        self.draw: Callable[[], float] = random.random
        self._start = f"{{{settings.prefix}:"

    def key(self, id: str) -> bytes:
        """The key of the value.

        :raises InvalidKeyError: if the id is not a string, or UTF-8 cannot encode it.
        """
        try:
            # Braces would end the hash tag, and `#` marks a digest. The method of `str` refuses lists and tuples.
            if "{" in id or "}" in id or str.startswith(id, "#") or len(id) > _LONGEST_ID:
                id = "#" + hashlib.sha256(id.encode()).hexdigest()
            return f"{self._start}{id}}}".encode()
        except (UnicodeEncodeError, TypeError, AttributeError):
            wrong = f"id must be a string that UTF-8 encodes, got {id!r}"
            fix = "pass a string of Unicode characters, such as str(number)"
            raise InvalidKeyError(f"{self.settings.prefix}: {wrong}; {fix}") from None

    def listed(self, ids: Iterable[str]) -> list[str]:
        """The ids in a list.

        :raises InvalidKeyError: for a single string, whose characters would be the ids.
        """
        if isinstance(ids, str):
            raise InvalidKeyError(f"{self.settings.prefix}: ids must be a list of strings, got {ids!r}; pass [{ids!r}]")
        return list(ids)

    def keys(self, id: str) -> Keys:
        """The keys of the value and of its lease."""
        value = self.key(id)
        return value, value + b"!"

    def read(self, raw: bytes | None) -> Loaded[T] | None:
        """The value in the bytes of a key, fresh or stale; None for a miss."""
        entry = wire.unpack(raw, self.settings.max_bytes)
        return None if entry is None else self.opened(entry)

    def opened(self, entry: wire.Fields) -> Loaded[T] | None:
        """The value in the fields of an entry; None for a miss."""
        settings = self.settings
        flags, schema, expires, cost, _, body = entry
        if flags & wire.TOMBSTONE or schema != settings.codec.schema:
            return None
        value: T | None = None
        if not flags & wire.NEGATIVE:
            try:
                value = settings.codec.decode(body)
            except Exception:  # a codec may raise any error for invalid bytes
                return None
        left = expires / 1000 - self.clock()
        if left <= 0:
            is_over = flags & wire.NEGATIVE or left <= -settings.stale
            return None if is_over else Loaded(value, "stale", left, due=True)
        early = cost / 1000 * settings.early
        # XFetch, doi:10.14778/2757807.2757813
        return Loaded(value, "hit", left, early > 0 and left <= early * -math.log(1 - self.draw()))

    def fetch(self, id: str, raw: bytes | None, seen: Loaded[T] | None) -> Steps[Loaded[T]]:
        """After a miss or a stale value: acquire the lease, load and fill, or wait for another process that does.

        :param raw: the bytes that were read.
        :param seen: the stale value in them, if it may be served.
        """
        token = secrets.token_hex(8)
        pause, until = _FIRST_PAUSE, self.monotonic() + self.settings.lease
        while True:
            try:
                head = (raw or b"")[: wire.HEAD_SIZE]
                reply = yield Run(ACQUIRE, self.keys(id), (token, _ms(self.settings.lease), head))
            except CacheUnavailableError:
                return (yield from self.load_alone(id, "down", seen))
            if isinstance(reply, bytes):
                raw, loaded = reply, self.read(reply)
                if loaded is not None:
                    return Loaded(loaded.value, "wait", loaded.expires_in)
            elif reply == _LEASED:
                return (yield from self._load_and_fill(id, token, seen))
            elif seen is not None:
                return seen
            if reply == _BYPASS or self.monotonic() >= until:
                return (yield from self.load_alone(id, "load", seen))
            if not isinstance(reply, bytes):
                yield Sleep(pause * (0.5 + self.draw()))
                pause = min(pause * 1.5, _LONGEST_PAUSE)

    def load_alone(self, id: str, source: str, seen: Loaded[T] | None) -> Steps[Loaded[T]]:
        """Load without filling."""
        try:
            value = yield Load(id)
        except Exception:  # a stale value is served instead of any error of the loader
            if seen is None:
                raise
            return seen
        return Loaded(value, source)

    def _load_and_fill(self, id: str, token: str, seen: Loaded[T] | None) -> Steps[Loaded[T]]:
        started = self.monotonic()
        try:
            value = yield Load(id)
        except GeneratorExit:
            raise
        except BaseException as error:
            if seen is not None and isinstance(error, Exception):
                return seen  # the lease is kept, so that the loader is not called again immediately
            with contextlib.suppress(CacheUnavailableError):  # the lease then expires
                yield self._released(id, token, 0)
            raise
        fill = self._filled(id, value, token, self.monotonic() - started)
        try:
            reply = yield fill
        except CacheUnavailableError:
            return Loaded(value, "load")
        is_fill = fill.script is FILL
        if is_fill and reply != 1:
            self.statistics.add("refused_fills")
        return Loaded(value, "load", filled=is_fill and reply == 1)

    def _filled(self, id: str, value: T | None, token: str, cost: float) -> Run:
        try:
            version, payload, ttl = self.entry(value, cost=cost)
        except ValueRefusedError as error:
            self.statistics.add("uncacheable")
            LOG.warning("not cached: %s", error)
            return self._released(id, token, _ms(max(self.settings.negative, 1)))
        return Run(FILL, self.keys(id), (version, payload, ttl, token)) if ttl else self._released(id, token, 0)

    def _released(self, id: str, token: str, bypass: int) -> Run:
        return Run(RELEASE, self.keys(id), (token, bypass))

    def entry(self, value: T | None, *, cost: float = 0.0) -> tuple[int, bytes, int]:
        """The version, the payload and the TTL of the key in ms for a value or None; a TTL of 0 means not to store it.

        Without versions, the version is the maximum, so that the entry replaces any other.

        :param cost: the duration of the load in seconds.
        :raises ValueRefusedError: if the value cannot be stored.
        """
        settings = self.settings
        body, flags, version, ttl, stale = b"", 0, 0, settings.ttl, settings.stale
        if value is None:
            flags, ttl, stale = wire.NEGATIVE, settings.negative, 0.0
        else:
            try:
                version = self.version_of(value)
                body = settings.codec.encode(value)
            except Exception as error:
                raise ValueRefusedError(f"{settings.prefix}: {error}") from error
        if len(body) > settings.max_bytes:
            limit, fix = settings.max_bytes, "store less in it, or raise max_bytes"
            raise ValueRefusedError(f"{settings.prefix}: value must be at most {limit} bytes, got {len(body)}; {fix}")
        ttl *= 1 - settings.jitter * self.draw()
        expires = _ms(self.clock() + ttl)
        schema, cost_ms = settings.codec.schema, _ms(cost)
        payload = wire.pack(flags, schema=schema, version=version, expires=expires, cost=cost_ms, body=body)
        newest = wire.MAX_VERSION if self.version is None else version
        return newest, payload, _ms(ttl + stale)

    def version_of(self, value: T) -> int:
        """The version of a value; 0 without versions.

        :raises ValueRefusedError: if it is not an integer from 0 to 2^53 - 1.
        """
        return 0 if self.version is None else self.checked_version(self.version(value))

    def checked_version(self, version: object) -> int:
        """The version, after a check of its type and range.

        :raises ValueRefusedError: if it is not an integer from 0 to 2^53 - 1.
        """
        if not isinstance(version, int) or not is_integer(version, 0, wire.MAX_VERSION):
            fix = "use a column that each update increments"
            limits = "version must be an integer from 0 to 2^53 - 1"
            raise ValueRefusedError(f"{self.settings.prefix}: {limits}, got {version!r}; {fix}")
        return version

    def store(self, id: str, value: T) -> Run:
        """Write a value after the commit; the outcome is 1, or -1 if the cache has a newer version."""
        if value is None:
            wrong = "value must not be None; call invalidate for a deleted row"
            raise ValueRefusedError(f"{self.settings.prefix}: {wrong}")
        version, payload, ttl = self.entry(value)
        return Run(STORE, self.keys(id), (version, payload, ttl))

    def tombstone(self, id: str, version: int, seconds: float) -> Run:
        """Remove older versions, and refuse fills with older versions."""
        self.checked_version(version)
        payload = wire.pack(wire.TOMBSTONE, schema=self.settings.codec.schema, version=version)
        return Run(STORE, self.keys(id), (version, payload, _ms(seconds)))


def _ms(seconds: float) -> int:
    return int(seconds * 1000)

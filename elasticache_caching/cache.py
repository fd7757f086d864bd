"""Caches for threads."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Optional, TypeVar, cast

from elasticache_caching.base import Base, Unversioned, WithVersions
from elasticache_caching.client import CacheClient
from elasticache_caching.protocol import Loaded

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
Loader = Callable[[str], Optional[T]]
ManyLoader = Callable[[list[str]], Mapping[str, T]]


class Reads(Base[T, CacheClient, "Loader[T]", "ManyLoader[T]"]):
    """The read methods of both kinds of cache."""

    _event = threading.Event

    def get(self, id: str) -> T | None:
        """Read the value of an id from the cache, or load it; None if the loader returns None.

        :param id: the id, of any length. Ids over 256 characters, or with braces, are stored by their SHA-256 hash.
        :raises InvalidKeyError: if the id is not a string, or UTF-8 cannot encode it.
        :raises Exception: an error of the loader, unless a stale value can be served. Cache errors are not raised.
        """
        return (self._nearby(id) or self._client.drive(self._reading(id))).value

    def inspect(self, id: str) -> Loaded[T]:
        """As `get`, and return the source of the value and the seconds until its expiry as well."""
        return self._nearby(id) or self._client.drive(self._reading(id))

    def refresh(self, id: str) -> T | None:
        """Load the value even if it is in the cache, and store the result."""
        return self._client.drive(self._reading(id, refresh=True)).value

    def get_many(self, ids: Iterable[str]) -> dict[str, T | None]:
        """Read many ids with one command per server, and load missing ones with one call of `load_many` if set."""
        return self._client.drive(self._reading_many(ids))


class Cache(Unversioned[T, CacheClient, Loader[T], ManyLoader[T]], Reads[T]):
    """Lazy loading (cache-aside) for values of one kind. Thread-safe.

    On a miss, one thread of all processes loads the value. An invalidation discards loads in progress, so that no old
    value is stored after it. There is no `put`, because without versions an older `put` could overwrite a newer one.

    Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Strategies.html

    Example::

        products = Cache(client, "product", load=read_product, codec=Json(Product), ttl=300)
        product = products.get("42")
        products.invalidate("42")  # after the commit

    :param client: from `CacheClient.connect`.
    :param prefix: the prefix of the keys, 1 to 128 printable ASCII characters without braces; unique for each cache.
    :param load: reads the value of an id from the primary database, outside of transactions; None if there is no value.
    :param codec: encodes values as bytes, such as `Json(Product)`.
    :param ttl: how long a value is fresh, in seconds, 0.001 to 31,536,000.
    :param load_many: reads many values at once, for `get_many`; missing ids are None. By default one load for each id.
    :param jitter: the fraction by which the TTL is shortened at random, 0 to 0.9, 0.1 by default, so that values that
        were stored together do not expire together.
    :param stale: how long after the TTL a value is served while a new one is loaded, or if the loader fails, in
        seconds, 0 to 31,536,000, 0 by default.
    :param negative: how long None is stored, in seconds, 0 to 31,536,000, 5 by default; 0 does not store it.
    :param early: how early before its expiry a value is reloaded, in load times, 0 to 100, 1 by default; 0 turns early
        reloads off.
    :param lease: how long one process may load while others wait, in seconds, 0.05 to 3,600, 10 by default. It must
        exceed the longest load, because the result of a longer load is not stored.
    :param load_timeout: the time-out of the loader, in seconds, so that `lease` is checked against it; None by default.
    :param max_bytes: the maximum size of an encoded value, 1 to 536,870,912, 1,000,000 by default. Larger values are
        not stored. Values above 1,024 bytes are compressed.
    :param on_failure: the effect of an invalidation that does not reach the cache: `raise`, the default, or `log`.
    :param near: how long `get` and `inspect` may return a value that the process has read, without asking the cache, in
        seconds, 0 to 5, 0 by default. They may then return a value that another process has invalidated at most this
        time ago. They never return a value that was invalidated through the same client.
    :param near_entries: the maximum number of values that the process keeps for `near`, 1 to 1,000,000, 1,000 by
        default.
    :raises ConfigurationError: if an argument is out of range, or another kind of cache uses the prefix.
    """

    def invalidate(self, *ids: str) -> None:
        """Remove values, and discard loads that are in progress. Call it after the commit, never before.

        :raises InvalidationFailedError: if the cache did not execute it, with the ids; not with `on_failure="log"`.
        :raises InvalidKeyError: if an id is not a string, or UTF-8 cannot encode it.
        """
        self._client.drive(self._removing(ids))

    def invalidates(self, ids: Callable[[Any], Iterable[str]]) -> Callable[[F], F]:
        """Decorate a function that writes and commits, and invalidate ids when it has returned.

        Example: `@products.invalidates(lambda order: [line.product_id for line in order.lines])`.

        :param ids: returns the ids to invalidate from the result of the function.
        """

        def decorate(function: F) -> F:
            @functools.wraps(function)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                result = function(*args, **kwargs)
                self.invalidate(*self._protocol.listed(ids(result)))
                return result

            return cast("F", wrapper)

        return decorate


class Versioned(WithVersions[T, CacheClient, Loader[T], ManyLoader[T]], Reads[T]):
    """Lazy loading and write-through for values with a version that grows with each write. Thread-safe.

    An older value never replaces a newer one, or one that was invalidated with a newer version. `load` may therefore
    read from a replica of the database.

    Example::

        prices = Versioned(client, "price", load=read_price, version=attrgetter("version"), codec=Json(Price), ttl=300)
        prices.put("42", price)  # after the commit
        prices.invalidate("42", version=8)

    The arguments are those of `Cache` except `near` and `near_entries`, and the following.

    :param version: returns the version of a value, an integer from 0 to 2^53 - 1 that each write of the row increments.
    :param lag: the maximum lag of the database that `load` reads, in seconds, 0 to 31,536,000, 0 by default.
    :param pause: the maximum delay of a `put` after its commit, in seconds, 0 to 31,536,000, 60 by default. The cache
        stores an invalidation for the sum of `lease`, `lag` and `pause`.
    :raises ConfigurationError: if an argument is out of range, or another kind of cache uses the prefix.
    """

    def put(self, id: str, value: T) -> bool:
        """Write-through: store a value after its commit; False if the cache has a newer version.

        :raises ValueRefusedError: if the value cannot be stored; an older value is still removed.
        :raises InvalidationFailedError: if the cache did not execute it.
        """
        return self._client.drive(self._storing(id, value))

    def invalidate(self, id: str, *, version: int) -> bool:
        """Remove older versions of a value and refuse them from now on; False if the cache has a newer version.

        :param version: the current version of the row; for a deleted row, its last version plus one.
        :raises InvalidationFailedError: if the cache did not execute it; not with `on_failure="log"`.
        :raises ValueRefusedError: if the version is not an integer from 0 to 2^53 - 1.
        """
        return self._client.drive(self._invalidating(id, version))

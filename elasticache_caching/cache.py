"""The caches for threads."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable, Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    NoReturn,
    Optional,
    TypeVar,
    cast,
)

from elasticache_caching.base import Base, Unversioned, WithVersions
from elasticache_caching.client import CacheClient
from elasticache_caching.protocol import Loaded

T = TypeVar("T")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])
Loader = Callable[[str], Optional[T]]
ManyLoader = Callable[[list[str]], Mapping[str, T]]


class Reads(Base[T, CacheClient, "Loader[T]", "ManyLoader[T]"]):
    """Reading, for both kinds of cache."""

    _event = threading.Event

    def get(self, id: str) -> T | None:
        """The value of an id, from the cache or the loader; None when the loader says None.

        :param id: at most any length; ids over 256 characters, or with braces, are stored by their SHA-256.
        :raises InvalidKeyError: when the id is no string, or UTF-8 cannot encode it.
        :raises Exception: what the loader raises, unless a stale value may be served. No error of the cache.
        """
        return self._client.drive(self._reading(id)).value

    def inspect(self, id: str) -> Loaded[T]:
        """As `get`, with the source of the value and the seconds until its expiry."""
        return self._client.drive(self._reading(id))

    def refresh(self, id: str) -> T | None:
        """Load again, whatever the cache has, and store the result."""
        return self._client.drive(self._reading(id, refresh=True)).value

    def get_many(self, ids: Iterable[str]) -> dict[str, T | None]:
        """The values of many ids, in their order: one command for each server, and one call of `load_many` if given."""
        return self._client.drive(self._reading_many(ids))


class Cache(Unversioned[T, CacheClient, Loader[T], ManyLoader[T]], Reads[T]):
    """Lazy loading (cache-aside) for values of one kind. Thread-safe.

    A miss loads once for each key, over threads and processes; an invalidation ends what is being loaded, so that no
    old value is stored after it. There is no `put`: without versions an older `put` could overwrite a newer one.

    Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Strategies.html

    Example::

        products = Cache(client, "product", load=read_product, codec=Json(Product), ttl=300)
        product = products.get("42")
        products.invalidate("42")  # after the commit

    :param client: from `CacheClient.connect`.
    :param prefix: of the keys, 1 to 128 printable ASCII characters without braces; one cache for each prefix.
    :param load: reads the value of an id from the primary database, after any transaction; None when there is none.
    :param codec: makes bytes of values, such as `Json(Product)`.
    :param ttl: how long a value is fresh, in seconds, 0.001 to 31,536,000.
    :param load_many: reads many at once, for `get_many`; ids that it leaves out are None. By default one load for each.
    :param jitter: the part of the TTL by which it is shortened at random, 0 to 0.9, 0.1 by default, so that values that
        were stored together do not expire together.
    :param stale: how long after the TTL a value is served while another is being loaded, or when the loader fails, in
        seconds, 0 to 31,536,000, 0 by default.
    :param negative: how long None is kept, in seconds, 0 to 31,536,000, 5 by default; 0 keeps none.
    :param early: how early a value is reloaded before it expires, in load times, 0 to 100, 1 by default; 0 never.
    :param lease: how long one process may load while others wait, in seconds, 0.05 to 3,600, 10 by default. It must
        exceed the longest load: the fill of a longer one is refused.
    :param load_timeout: the loader's own time-out, in seconds, so that `lease` is checked against it; None by default.
    :param max_bytes: of an encoded value, 1 to 536,870,912, 1,000,000 by default; larger ones are not stored. Above
        1,024 bytes they are compressed.
    :param on_failure: what an invalidation does that does not reach the cache: `raise`, the default, or `log`.
    :raises ConfigurationError: when an argument is outside its limits, or the prefix has another kind of cache.
    """

    def invalidate(self, *ids: str) -> None:
        """Remove values, and refuse what is being loaded. Call it after the commit, never before.

        :raises InvalidationFailedError: when the cache did not take it, with the ids; not with `on_failure="log"`.
        :raises InvalidKeyError: when an id is no string, or UTF-8 cannot encode it.
        """
        self._client.drive(self._removing(ids))

    def invalidates(self, ids: Callable[[Any], Iterable[str]]) -> Callable[[F], F]:
        """Decorate a function that writes and commits: invalidates when it has returned.

        Example: `@products.invalidates(lambda order: [line.product_id for line in order.lines])`.

        :param ids: what to invalidate, of the function's result.
        """

        def decorate(function: F) -> F:
            @functools.wraps(function)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                result = function(*args, **kwargs)
                self.invalidate(*ids(result))
                return result

            return cast("F", wrapper)

        return decorate

    if not TYPE_CHECKING:

        def put(self, *_: object, **__: object) -> NoReturn:
            """Not safe without versions."""
            raise self._no_put()


class Versioned(WithVersions[T, CacheClient, Loader[T], ManyLoader[T]], Reads[T]):
    """Lazy loading and write-through for values with a version that grows with each write. Thread-safe.

    An older value never replaces a newer one, nor one that was invalidated with a newer version, so that loads may come
    from a replica of the database.

    Example::

        prices = Versioned(client, "price", load=read_price, version=attrgetter("version"), codec=Json(Price), ttl=300)
        prices.put("42", price)  # after the commit
        prices.invalidate("42", version=8)

    The arguments are those of `Cache`, and these.

    :param version: of a value, an integer of 0 to 2^53 - 1 that each write of the row increments.
    :param lag: how far the database that `load` reads may be behind, in seconds, 0 to 31,536,000, 0 by default.
    :param pause: how late after its commit a `put` may arrive, in seconds, 0 to 31,536,000, 60 by default. An
        invalidation is remembered for `lease`, `lag` and `pause` together.
    :raises ConfigurationError: when an argument is outside its limits, or the prefix has another kind of cache.
    """

    def put(self, id: str, value: T) -> bool:
        """Write-through: store a value after its commit; False when something newer is there.

        :raises ValueRefusedError: when the value cannot be stored; what is older is removed all the same.
        :raises InvalidationFailedError: when the cache did not take it.
        """
        return self._client.drive(self._storing(id, value, self._tombstone))

    def invalidate(self, id: str, *, version: int) -> bool:
        """Remove what is older than a version, and refuse it from now on; False when something newer is there.

        :param version: that the row has now; of a deleted row, one more than its last.
        :raises InvalidationFailedError: when the cache did not take it; not with `on_failure="log"`.
        :raises ValueRefusedError: when the version is not an integer of 0 to 2^53 - 1.
        """
        step = self._protocol.tombstone(id, version, self._tombstone)
        return self._client.drive(self._writing(id, step))

"""The caches for asyncio; see `cache` for what they promise."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Iterable, Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    NoReturn,
    Optional,
    TypeVar,
    cast,
)

from elasticache_caching.async_client import AsyncCacheClient
from elasticache_caching.base import Base, Unversioned, WithVersions
from elasticache_caching.protocol import Loaded

T = TypeVar("T")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])
AsyncLoader = Callable[[str], Awaitable[Optional[T]]]
AsyncManyLoader = Callable[[list[str]], Awaitable[Mapping[str, T]]]


class AsyncReads(Base[T, AsyncCacheClient, "AsyncLoader[T]", "AsyncManyLoader[T]"]):
    """Reading, for both kinds of cache."""

    _event = asyncio.Event

    async def get(self, id: str) -> T | None:
        """The value of an id, from the cache or the loader; None when the loader says None.

        :param id: at most any length; ids over 256 characters, or with braces, are stored by their SHA-256.
        :raises InvalidKeyError: when the id is no string, or UTF-8 cannot encode it.
        :raises Exception: what the loader raises, unless a stale value may be served. No error of the cache.
        """
        return (await self._client.drive(self._reading(id))).value

    async def inspect(self, id: str) -> Loaded[T]:
        """As `get`, with the source of the value and the seconds until its expiry."""
        return await self._client.drive(self._reading(id))

    async def refresh(self, id: str) -> T | None:
        """Load again, whatever the cache has, and store the result."""
        return (await self._client.drive(self._reading(id, refresh=True))).value

    async def get_many(self, ids: Iterable[str]) -> dict[str, T | None]:
        """The values of many ids, in their order: one command for each server, and one call of `load_many` if given."""
        return await self._client.drive(self._reading_many(ids))


class AsyncCache(Unversioned[T, AsyncCacheClient, AsyncLoader[T], AsyncManyLoader[T]], AsyncReads[T]):
    """As `Cache`, for asyncio: the same arguments, with loaders that are coroutine functions.

    A task that is cancelled while it loads hands the load on to one that waits.

    Example::

        products = AsyncCache(client, "product", load=read_product, codec=Json(Product), ttl=300)
        product = await products.get("42")

    :raises ConfigurationError: when an argument is outside its limits, or the prefix has another kind of cache.
    """

    async def invalidate(self, *ids: str) -> None:
        """Remove values, and refuse what is being loaded. Call it after the commit, never before.

        :raises InvalidationFailedError: when the cache did not take it, with the ids; not with `on_failure="log"`.
        :raises InvalidKeyError: when an id is no string, or UTF-8 cannot encode it.
        """
        await self._client.drive(self._removing(ids))

    def invalidates(self, ids: Callable[[Any], Iterable[str]]) -> Callable[[F], F]:
        """Decorate a function that writes and commits: invalidates when it has returned.

        Example: `@products.invalidates(lambda order: [line.product_id for line in order.lines])`.

        :param ids: what to invalidate, of the function's result.
        """

        def decorate(function: F) -> F:
            @functools.wraps(function)
            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                result = await function(*args, **kwargs)
                await self.invalidate(*ids(result))
                return result

            return cast("F", wrapper)

        return decorate

    if not TYPE_CHECKING:

        def put(self, *_: object, **__: object) -> NoReturn:
            """Not safe without versions."""
            raise self._no_put()


class AsyncVersioned(WithVersions[T, AsyncCacheClient, AsyncLoader[T], AsyncManyLoader[T]], AsyncReads[T]):
    """As `Versioned`, for asyncio: the same arguments, with loaders that are coroutine functions.

    Example: `await prices.put("42", price)`, after the commit.

    :raises ConfigurationError: when an argument is outside its limits, or the prefix has another kind of cache.
    """

    async def put(self, id: str, value: T) -> bool:
        """Write-through: store a value after its commit; False when something newer is there.

        :raises ValueRefusedError: when the value cannot be stored; what is older is removed all the same.
        :raises InvalidationFailedError: when the cache did not take it.
        """
        return await self._client.drive(self._storing(id, value, self._tombstone))

    async def invalidate(self, id: str, *, version: int) -> bool:
        """Remove what is older than a version, and refuse it from now on; False when something newer is there.

        :param version: that the row has now; of a deleted row, one more than its last.
        :raises InvalidationFailedError: when the cache did not take it; not with `on_failure="log"`.
        :raises ValueRefusedError: when the version is not an integer of 0 to 2^53 - 1.
        """
        step = self._protocol.tombstone(id, version, self._tombstone)
        return await self._client.drive(self._writing(id, step))

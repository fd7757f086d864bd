"""Caches for asyncio, with the guarantees of the caches in `cache`."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Iterable, Mapping
from typing import Any, Callable, Optional, TypeVar, cast

from elasticache_caching.async_client import AsyncCacheClient
from elasticache_caching.base import Base, Unversioned, WithVersions
from elasticache_caching.protocol import Loaded

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
AsyncLoader = Callable[[str], Awaitable[Optional[T]]]
AsyncManyLoader = Callable[[list[str]], Awaitable[Mapping[str, T]]]


class AsyncReads(Base[T, AsyncCacheClient, "AsyncLoader[T]", "AsyncManyLoader[T]"]):
    """The read methods of both kinds of cache."""

    _event = asyncio.Event

    async def get(self, id: str) -> T | None:
        """Read the value of an id from the cache, or load it; None if the loader returns None.

        :param id: the id, of any length. Ids over 256 characters, or with braces, are stored by their SHA-256 hash.
        :raises InvalidKeyError: if the id is not a string, or UTF-8 cannot encode it.
        :raises Exception: an error of the loader, unless a stale value can be served. Cache errors are not raised.
        """
        return (self._nearby(id) or await self._reading(id)).value

    async def inspect(self, id: str) -> Loaded[T]:
        """As `get`, and return the source of the value and the seconds until its expiry as well."""
        return self._nearby(id) or await self._reading(id)

    async def refresh(self, id: str) -> T | None:
        """Load the value even if it is in the cache, and store the result."""
        return (await self._reading(id, refresh=True)).value

    async def get_many(self, ids: Iterable[str]) -> dict[str, T | None]:
        """Read many ids with one command per server, and load missing ones with one call of `load_many` if set."""
        return await self._reading_many(ids)


class AsyncCache(Unversioned[T, AsyncCacheClient, AsyncLoader[T], AsyncManyLoader[T]], AsyncReads[T]):
    """As `Cache`, for asyncio: the same arguments, with loaders that are coroutine functions.

    If a task is cancelled while it loads, a waiting task repeats the load.

    Example::

        products = AsyncCache(client, "product", load=read_product, codec=Json(Product), ttl=300)
        product = await products.get("42")

    :raises ConfigurationError: if an argument is out of range, or another kind of cache uses the prefix.
    """

    async def invalidate(self, *ids: str) -> None:
        """Remove values, and discard loads that are in progress. Call it after the commit, never before.

        :raises InvalidationFailedError: if the cache did not execute it, with the ids; not with `on_failure="log"`.
        :raises InvalidKeyError: if an id is not a string, or UTF-8 cannot encode it.
        """
        await self._removing(ids)

    def invalidates(self, ids: Callable[[Any], Iterable[str]]) -> Callable[[F], F]:
        """Decorate a function that writes and commits, and invalidate ids when it has returned.

        Example: `@products.invalidates(lambda order: [line.product_id for line in order.lines])`.

        :param ids: returns the ids to invalidate from the result of the function.
        """

        def decorate(function: F) -> F:
            @functools.wraps(function)
            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                result = await function(*args, **kwargs)
                await self.invalidate(*self._protocol.listed(ids(result)))
                return result

            return cast("F", wrapper)

        return decorate


class AsyncVersioned(WithVersions[T, AsyncCacheClient, AsyncLoader[T], AsyncManyLoader[T]], AsyncReads[T]):
    """As `Versioned`, for asyncio: the same arguments, with loaders that are coroutine functions.

    Example: `await prices.put("42", price)`, after the commit.

    :raises ConfigurationError: if an argument is out of range, or another kind of cache uses the prefix.
    """

    async def put(self, id: str, value: T) -> bool:
        """Write-through: store a value after its commit; False if the cache has a newer version.

        :raises ValueRefusedError: if the value cannot be stored; an older value is still removed.
        :raises InvalidationFailedError: if the cache did not execute it.
        """
        return await self._storing(id, value)

    async def invalidate(self, id: str, *, version: int) -> bool:
        """Remove older versions of a value and refuse them from now on; False if the cache has a newer version.

        :param version: the current version of the row; for a deleted row, its last version plus one.
        :raises InvalidationFailedError: if the cache did not execute it; not with `on_failure="log"`.
        :raises ValueRefusedError: if the version is not an integer from 0 to 2^53 - 1.
        """
        return await self._invalidating(id, version)

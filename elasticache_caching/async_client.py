"""Connections to a cache for asyncio."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Callable

import redis.asyncio
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from elasticache_caching.connector import Connector

try:
    from asyncio import timeout as time_limit  # novm - Python 3.11
except ImportError:
    # redis-py requires it there; the comment for mypy is needed where it is not installed.
    from async_timeout import timeout as time_limit  # type: ignore[import-not-found,no-redef,unused-ignore]

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from elasticache_caching.scripts import Part


class AsyncCacheClient(Connector):
    """As `CacheClient`, for asyncio: the same arguments, limits and errors.

    Example: `client = AsyncCacheClient.connect("cart.abc.use1.cache.amazonaws.com", password=secret, cluster=True)`.
    """

    sleep = staticmethod(asyncio.sleep)
    _loop: asyncio.AbstractEventLoop | None = None
    _lookup: asyncio.Future[Any] | None = None

    async def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Await a coroutine function."""
        return await function(*arguments)

    def redis(self) -> Any:
        """The redis-py client for the running event loop."""
        loop = asyncio.get_running_loop()
        if self.connection is None or self._loop is not loop:
            self._loop, self._tasks, self._lookup = loop, set[Any](), None
            kind = RedisCluster if self.cluster else redis.asyncio.Redis
            self.connection = kind(**self.options, retry=Retry(NoBackoff(), 0))
        return self.connection

    async def close(self) -> None:
        """Close all connections; the next command opens new ones."""
        connection, self.connection = self.connection, None
        if self._lookup is not None:
            self._lookup.cancel()
        if connection is not None:
            await connection.aclose()

    async def transmit(self, commands: Sequence[tuple[Part, ...]]) -> list[Any]:
        """Send commands to one server, and return the replies."""
        if not self.cluster:
            return await super().transmit(commands)
        async with time_limit(self.patience):
            await self._look_up(self.redis())
            return await super().transmit(commands)

    async def _look_up(self, client: Any) -> None:
        """Share one look-up of the topology after a failure; otherwise each task would do its own, in sequence."""
        if getattr(client, "_initialize", False):
            if self._lookup is None or self._lookup.done():
                self._lookup = asyncio.ensure_future(client.initialize())
                self._lookup.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            (ended,), _ = await asyncio.wait([self._lookup])  # which does not cancel it at the caller's time limit
            if ended.cancelled():
                raise redis.ConnectionError("the client was closed")
            ended.result()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in a task."""
        task = asyncio.create_task(work, name="elasticache-caching-probe")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def wait(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call a blocking function in a thread, with the time limit of a command."""
        await asyncio.wait_for(asyncio.to_thread(function, *arguments), self.patience)

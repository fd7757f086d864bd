"""Connections to a cache for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, TypeVar

import redis.asyncio
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from elasticache_caching.connector import Calls, Connector, checked
from elasticache_caching.errors import CacheUnavailableError

try:
    from asyncio import timeout as time_limit  # novm - Python 3.11
except ImportError:
    from async_timeout import timeout as time_limit  # type: ignore[import-not-found,no-redef]  # redis-py requires it there

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticache_caching.scripts import Part

T = TypeVar("T")


class AsyncCacheClient(Connector):
    """As `CacheClient`, for asyncio: the same arguments, limits and errors.

    Example: `client = AsyncCacheClient.connect("cart.abc.use1.cache.amazonaws.com", password=secret, cluster=True)`.
    """

    _loop: asyncio.AbstractEventLoop | None = None
    _lookup: asyncio.Future[Any] | None = None

    async def drive(self, calls: Calls[T]) -> T:
        """Await the calls of a generator, and return its result."""
        try:
            call = next(calls)
            while True:
                try:
                    outcome = await call[0](*call[1:])
                except BaseException as error:
                    call = calls.throw(error)
                else:
                    call = calls.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result

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
        client = self.redis()
        if self.cluster:
            return await self._transmit_in_time(client, commands)
        if len(commands) == 1:
            return [await client.execute_command(*commands[0])]
        return await self._pipelined(client, commands)

    async def _transmit_in_time(self, client: Any, commands: Sequence[tuple[Part, ...]]) -> list[Any]:
        """Share one look-up of the topology after a failure; otherwise each task would do its own, in sequence."""
        async with time_limit(self.patience):
            if getattr(client, "_initialize", False):
                if self._lookup is None or self._lookup.done():
                    self._lookup = asyncio.ensure_future(client.initialize())
                    self._lookup.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
                await asyncio.shield(self._lookup)
            if len(commands) == 1:
                return [await client.execute_command(*commands[0])]
            return await self._pipelined(client, commands)

    async def _pipelined(self, client: Any, commands: Sequence[tuple[Part, ...]]) -> list[Any]:
        pipeline = client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return checked(await pipeline.execute(raise_on_error=False))

    async def drop(self) -> None:
        """Close idle connections, because the name of the primary may resolve to another node after a failover."""
        pool = getattr(self.connection, "connection_pool", None)
        if pool is not None:
            await pool.disconnect(inuse_connections=False)

    async def sleep(self, seconds: float) -> None:
        """Wait for some seconds."""
        await asyncio.sleep(seconds)

    async def spawn(self, calls: Calls[Any]) -> None:
        """Run the calls of a generator in a task."""

        async def work() -> None:
            with contextlib.suppress(CacheUnavailableError):
                await self.drive(calls)

        task = asyncio.create_task(work(), name="elasticache-caching-probe")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def wait(self, function: Any, *arguments: Any) -> None:
        """Call a blocking function in a thread, with the time limit of a command."""
        await asyncio.wait_for(asyncio.to_thread(function, *arguments), self.patience)

"""Connections to a cache, for asyncio."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import redis.asyncio
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from elasticache_caching.connector import Calls, Connector, checked, options

try:
    from asyncio import timeout as time_limit  # novm - Python 3.11
except ImportError:
    from async_timeout import timeout as time_limit  # type: ignore[import-not-found,no-redef]  # redis-py requires it there

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.credentials import CredentialProvider

    from elasticache_caching.breaker import Breaker
    from elasticache_caching.scripts import Part
    from elasticache_caching.statistics import Statistics

T = TypeVar("T")


class AsyncCacheClient(Connector):
    """As `CacheClient`, for asyncio: the same arguments, limits and errors.

    Example: `client = AsyncCacheClient.connect("cart.abc.use1.cache.amazonaws.com", password=secret, cluster=True)`.
    """

    _loop: asyncio.AbstractEventLoop | None = None
    _lookup: asyncio.Future[Any] | None = None

    @classmethod
    def connect(
        cls,
        host: str,
        *,
        port: int = 6379,
        tls: bool = True,
        cluster: bool = False,
        username: str | None = None,
        password: str | None = None,
        credentials: CredentialProvider | None = None,
        ca_file: str | None = None,
        timeout: float = 0.1,
    ) -> AsyncCacheClient:
        """A client, as `CacheClient.connect`.

        :raises ConfigurationError: when an argument is outside its limits.
        """
        arguments = options(
            host,
            port=port,
            tls=tls,
            cluster=cluster,
            username=username,
            password=password,
            credentials=credentials,
            ca_file=ca_file,
            timeout=timeout,
            retry=Retry(NoBackoff(), 0),
        )

        def make() -> Any:
            return RedisCluster(**arguments) if cluster else redis.asyncio.Redis(**arguments)

        return cls(make, cluster=cluster, patience=timeout)

    async def drive(self, calls: Calls[T]) -> T:
        """Await the calls of a generator; what it returns."""
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
        """The client of redis-py, for the running event loop."""
        loop = asyncio.get_running_loop()
        if self.made is None or self._loop is not loop:
            self.reset()
            self._loop, self._probes, self._lookup = loop, set[Any](), None
            self.made = self.make()
        return self.made

    async def close(self) -> None:
        """Close all connections; the next command opens new ones."""
        made, self.made = self.made, None
        if self._lookup is not None:
            self._lookup.cancel()
        if made is not None:
            await made.aclose()

    async def transmit(self, commands: Sequence[tuple[Part, ...]]) -> list[Any]:
        """The replies."""
        if not self.cluster:
            return await self._transmit(commands)
        # After a failure tasks would queue to look up the topology, one after another.
        async with time_limit(self.patience):
            if getattr(self.redis(), "_initialize", False):
                await asyncio.shield(self._look_up())
            return await self._transmit(commands)

    def _look_up(self) -> asyncio.Future[Any]:
        """Have the topology looked up once for all tasks. It goes on when their time is over."""
        if self._lookup is None or self._lookup.done():
            self._lookup = asyncio.ensure_future(self.redis().initialize())
            self._lookup.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        return self._lookup

    async def _transmit(self, commands: Sequence[tuple[Part, ...]]) -> list[Any]:
        if len(commands) == 1:
            return [await self.redis().execute_command(*commands[0])]
        pipeline = self.redis().pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return checked(await pipeline.execute(raise_on_error=False))

    async def probe(self, key: bytes, breaker: Breaker, statistics: Statistics) -> None:
        """Ask in the background whether a server answers again."""

        async def ask() -> None:
            try:
                await self.transmit([("GET", key)])
            except Exception as error:
                self.failed(breaker, error, statistics)
            else:
                breaker.succeeded()

        task = asyncio.ensure_future(ask())
        self._probes.add(task)
        task.add_done_callback(self._probes.discard)

    async def drop(self) -> None:
        """The name of the primary may mean another node by now: the next command opens a new connection."""
        pool = getattr(self.made, "connection_pool", None)
        if pool is not None:
            await pool.disconnect(inuse_connections=False)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

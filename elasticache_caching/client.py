"""Connections to a cache for threads."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING, Any, Callable, TypeVar, cast

import redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.retry import Retry

from elasticache_caching.connector import Connector

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


class CacheClient(Connector):
    """A connection pool for one cache: nodes, cluster mode or serverless, Redis OSS or Valkey. Thread-safe.

    A command takes at most `timeout`, without a retry. After three consecutive failures, commands are not sent to the
    server for one second; then a background probe is sent every second until the server answers. Each shard has its own
    circuit breaker.

    Example: `client = CacheClient.connect("cart.abc.use1.cache.amazonaws.com", password=secret, cluster=True)`.
    """

    sleep = staticmethod(time.sleep)

    def drive(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine that never suspends, and return its result."""
        try:
            work.send(None)
        except StopIteration as end:
            return cast("T", end.value)
        raise RuntimeError("a coroutine of this client must not suspend")

    async def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function."""
        return function(*arguments)

    def redis(self) -> Any:
        """The redis-py client, for nodes or for a cluster."""
        if self.connection is None:
            # With a time limit, because threads would queue here if the server does not answer.
            if not self.lock.acquire(timeout=self.patience):
                raise redis.ConnectionError("another thread is still connecting")
            try:
                if self.connection is None:
                    self.connection = self._create()
            finally:
                self.lock.release()
        return self.connection

    def _create(self) -> Any:
        options = {**self.options, "retry": Retry(NoBackoff(), 0)}
        kind = _TlsConnection if options["ssl"] else _Connection
        if not self.cluster:
            client = redis.Redis(**options)
            client.connection_pool.connection_class = kind
            return client
        # The cluster client of redis-py accepts a connection class only together with a URL.
        del options["ssl"]
        url = f"redis://{options.pop('host')}:{options.pop('port')}"
        return _one_at_a_time(RedisCluster(url=url, connection_class=kind, **options), self.patience / 4)

    def close(self) -> None:
        """Close all connections; the next command opens new ones."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in a thread."""
        try:
            threading.Thread(target=self.drive, args=(work,), name="elasticache-caching-probe", daemon=True).start()
        except RuntimeError:  # the interpreter is shutting down
            work.close()

    async def wait(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call a blocking function with the time limit of a command."""
        within(self.patience, function, *arguments)


def within(seconds: float | None, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a daemon thread with a time limit. A connection that it returns too late is closed.

    :raises socket.timeout: if the function takes longer.
    """
    future: Future[Any] = Future()

    def work() -> None:
        try:
            future.set_result(function(*arguments))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=work, name="elasticache-caching-helper", daemon=True).start()
    try:
        return future.result(seconds)
    except FutureTimeoutError:
        future.add_done_callback(_discard)
        raise socket.timeout("no answer in time") from None


def _discard(future: Future[Any]) -> None:
    with contextlib.suppress(Exception):
        future.result().close()


class _Connection(redis.Connection):
    """Connects in a separate thread, because the operating system resolves names without a time-out."""

    def _connect(self) -> Any:
        return within(self.socket_connect_timeout, super()._connect)


class _TlsConnection(_Connection, redis.SSLConnection):
    """A connection with TLS."""


def _one_at_a_time(cluster: RedisCluster, patience: float) -> RedisCluster:
    """Let one thread look up the topology after a failure; in redis-py all threads would do so in sequence."""
    lock, initialize = threading.Lock(), cluster.nodes_manager.initialize

    def alone(*args: Any, **kwargs: Any) -> None:
        if not lock.acquire(timeout=patience):
            raise redis.ConnectionError("another thread is still looking up the topology")
        try:
            initialize(*args, **kwargs)
        finally:
            lock.release()

    cluster.nodes_manager.initialize = alone  # type: ignore[method-assign]  # redis-py has no hook for this
    return cluster

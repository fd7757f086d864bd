"""Connections to a cache for threads."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.retry import Retry

from elasticache_caching.connector import Calls, Connector, checked
from elasticache_caching.errors import CacheUnavailableError
from elasticache_caching.within import within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticache_caching.scripts import Part

T = TypeVar("T")


class CacheClient(Connector):
    """A connection pool for one cache: nodes, cluster mode or serverless, Redis OSS or Valkey. Thread-safe.

    A command takes at most `timeout`, without a retry. After three consecutive failures, commands are not sent to the
    server for one second; then a background probe is sent every second until the server answers. Each shard has its own
    circuit breaker.

    Example: `client = CacheClient.connect("cart.abc.use1.cache.amazonaws.com", password=secret, cluster=True)`.
    """

    def drive(self, calls: Calls[T]) -> T:
        """Make the calls of a generator, and return its result."""
        try:
            call = next(calls)
            while True:
                try:
                    outcome = call[0](*call[1:])
                except BaseException as error:
                    call = calls.throw(error)
                else:
                    call = calls.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result

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

    def transmit(self, commands: Sequence[tuple[Part, ...]]) -> list[Any]:
        """Send commands to one server, and return the replies."""
        if len(commands) == 1:
            return [self.redis().execute_command(*commands[0])]
        pipeline = self.redis().pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return checked(pipeline.execute(raise_on_error=False))

    def drop(self) -> None:
        """Close idle connections, because the name of the primary may resolve to another node after a failover."""
        pool = getattr(self.connection, "connection_pool", None)
        if pool is not None:
            pool.disconnect(inuse_connections=False)

    def sleep(self, seconds: float) -> None:
        """Wait for some seconds."""
        time.sleep(seconds)

    def spawn(self, calls: Calls[Any]) -> None:
        """Run the calls of a generator in a thread."""

        def work() -> None:
            with contextlib.suppress(CacheUnavailableError):
                self.drive(calls)

        with contextlib.suppress(RuntimeError):  # the interpreter is shutting down
            threading.Thread(target=work, name="elasticache-caching-probe", daemon=True).start()

    def wait(self, function: Any, *arguments: Any) -> None:
        """Call a blocking function with the time limit of a command."""
        within(self.patience, function, *arguments)


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

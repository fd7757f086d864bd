"""Connections to a cache, for threads."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.retry import Retry

from elasticache_caching.connector import Calls, Connector, checked, options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.credentials import CredentialProvider

    from elasticache_caching.breaker import Breaker
    from elasticache_caching.scripts import Part
    from elasticache_caching.statistics import Statistics

T = TypeVar("T")


class CacheClient(Connector):
    """A connection pool for one cache: nodes, cluster mode or serverless, Redis OSS or Valkey. Thread-safe.

    A command takes at most `timeout`, without a retry. After three failures in a row nobody asks the server for a
    second; then a probe in the background does, once a second, until it answers. Each shard is judged on its own.

    Example: `client = CacheClient.connect("cart.abc.use1.cache.amazonaws.com", password=secret, cluster=True)`.
    """

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
    ) -> CacheClient:
        """A client; it connects with the first command, and does not fail when the cache is down.

        :param host: the primary endpoint, the configuration endpoint with `cluster`, or the endpoint of a serverless
            cache with `cluster`.
        :param port: 6379 by default.
        :param tls: encryption in transit, with the certificate and the name checked; True by default.
        :param cluster: cluster mode; False by default.
        :param username: of an RBAC user; None by default.
        :param password: of that user, or the AUTH token; None by default.
        :param credentials: a provider of redis-py, such as one for IAM, in place of username and password.
        :param ca_file: of an authority that is not in the system's trust store, as a path; None by default.
        :param timeout: to connect, and to wait for an answer, in seconds, 0.01 to 10, 0.1 by default; with `cluster`
            half of it for each, because a failure is followed by a look-up of the topology. A server that is slow, and
            does not hang, may take as long for each of the up to four answers that a new connection needs.
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
            return _one_at_a_time(RedisCluster(**arguments), timeout / 4) if cluster else redis.Redis(**arguments)

        return cls(make, cluster=cluster, patience=timeout)

    def drive(self, calls: Calls[T]) -> T:
        """Make the calls of a generator; what it returns."""
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
        """The client of redis-py, for nodes or for a cluster."""
        if self.made is None:
            # Not longer than a command may take: the server may hang, and threads would queue here.
            if not self.lock.acquire(timeout=self.patience):
                raise redis.ConnectionError("another thread is still connecting")
            try:
                if self.made is None:
                    self.made = self.make()
            finally:
                self.lock.release()
        return self.made

    def close(self) -> None:
        """Close all connections; the next command opens new ones."""
        made, self.made = self.made, None
        if made is not None:
            made.close()

    def transmit(self, commands: Sequence[tuple[Part, ...]]) -> list[Any]:
        """The replies."""
        if len(commands) == 1:
            return [self.redis().execute_command(*commands[0])]
        pipeline = self.redis().pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return checked(pipeline.execute(raise_on_error=False))

    def probe(self, key: bytes, breaker: Breaker, statistics: Statistics) -> None:
        """Ask in the background whether a server answers again."""

        def ask() -> None:
            try:
                self.transmit([("GET", key)])
            except Exception as error:
                self.failed(breaker, error, statistics)
            else:
                breaker.succeeded()

        try:
            threading.Thread(target=ask, name="elasticache-caching-probe", daemon=True).start()
        except RuntimeError as error:  # the interpreter is shutting down
            self.failed(breaker, error, statistics)

    def drop(self) -> None:
        """The name of the primary may mean another node by now: the next command opens a new connection."""
        pool = getattr(self.made, "connection_pool", None)
        if pool is not None:
            pool.disconnect(inuse_connections=False)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def _one_at_a_time(cluster: RedisCluster, patience: float) -> RedisCluster:
    """Have one thread look up the topology after a failure; redis-py would have all of them do so one after another."""
    lock, initialize = threading.Lock(), cluster.nodes_manager.initialize

    def alone(*args: Any, **kwargs: Any) -> None:
        if not lock.acquire(timeout=patience):
            raise redis.ConnectionError("another thread is still looking up the topology")
        try:
            initialize(*args, **kwargs)
        finally:
            lock.release()

    cluster.nodes_manager.initialize = alone  # type: ignore[method-assign]  # there is no other way in
    return cluster

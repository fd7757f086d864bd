"""The base class of both clients: time-outs, circuit breakers, and sending of commands."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Callable, TypeVar

import redis
from redis.exceptions import ClusterDownError, NoScriptError, ReadOnlyError, RedisClusterException, ResponseError

from elasticache_caching import fork
from elasticache_caching.breaker import Breaker
from elasticache_caching.errors import CacheUnavailableError, ConfigurationError
from elasticache_caching.limits import is_number
from elasticache_caching.near import Near
from elasticache_caching.protocol import LOG

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from redis.credentials import CredentialProvider

    from elasticache_caching.protocol import Run
    from elasticache_caching.scripts import Part
    from elasticache_caching.statistics import Statistics

C = TypeVar("C", bound="Connector")
_SHORTEST, _LONGEST = 0.01, 10.0
_FAILURES, _PAUSE = 3, 1.0


class Connector:
    """The connections to one cache.

    The methods of this class and of the caches are coroutines. `AsyncCacheClient` awaits them. With `CacheClient` they
    never suspend, because `call` and the other primitives block instead, and so `drive` can run them in a thread.
    """

    redis: Callable[[], Any]  # returns the redis-py client
    call: Callable[..., Coroutine[Any, Any, Any]]  # calls a function, or awaits a coroutine function
    sleep: Callable[[float], Any]  # for `call`: waits for some seconds
    spawn: Callable[[Coroutine[Any, Any, None]], None]  # runs a coroutine in the background
    wait: Callable[..., Coroutine[Any, Any, None]]  # calls a blocking function with the time limit of a command

    def __init__(self, options: dict[str, Any], *, cluster: bool, patience: float) -> None:
        self.options, self.cluster, self.patience = options, cluster, patience
        self.failures = _FAILURES
        self._kinds: dict[str, str] = {}
        self.nears: defaultdict[str, Near] = defaultdict(Near)
        self.reset()
        fork.register(self)

    @classmethod
    def connect(
        cls: type[C],
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
    ) -> C:
        """Create a client. It connects with the first command, and does not fail if the cache is not available.

        :param host: the primary endpoint; with `cluster`, the configuration endpoint or the endpoint of a serverless
            cache.
        :param port: the port, 6379 by default.
        :param tls: whether to use TLS, with verification of the certificate and the host name; True by default.
        :param cluster: whether to use the cluster protocol; False by default.
        :param username: the name of an RBAC user; None by default.
        :param password: the password of the user, or the AUTH token; None by default.
        :param credentials: a credential provider of redis-py, such as one for IAM, instead of username and password. If
            it has a method `refresh`, the client calls it once when the server refuses the credentials, and reconnects.
        :param ca_file: the path of a CA certificate that is not in the trust store of the system; None by default.
        :param timeout: the time limit to connect and for a reply, in seconds, 0.01 to 10, 0.1 by default. With
            `cluster`, the limit for each is half of it, because a look-up of the topology follows a failure. A slow
            server may take this long for each of up to four replies that a new connection needs.
        :raises ConfigurationError: if an argument is out of range.
        """
        if not is_number(timeout, _SHORTEST, _LONGEST):
            limits = f"timeout must be {_SHORTEST} to {_LONGEST} seconds"
            raise ConfigurationError(f"CacheClient: {limits}, got {timeout!r}; 0.1 is the default")
        if credentials is not None and (username is not None or password is not None):
            raise ConfigurationError("CacheClient: credentials exclude username and password; pass one of the two")
        # After a failure, the cluster client of redis-py looks up the topology in the same call.
        seconds = timeout / 2 if cluster else timeout
        options: dict[str, Any] = {"host": host, "port": port, "ssl": tls}
        options.update(username=username, password=password, credential_provider=credentials)
        options.update(socket_timeout=seconds, socket_connect_timeout=seconds)
        options.update(ssl_ca_certs=ca_file if tls else None, dynamic_startup_nodes=False if cluster else None)
        given = {name: value for name, value in options.items() if value is not None}
        return cls(given, cluster=cluster, patience=timeout)

    def reset(self) -> None:
        """Discard connections and breakers, which belong to one process."""
        self.lock = threading.Lock()
        self.connection: Any = None
        self._breakers: dict[str, Breaker] = {}
        self._renewing, self._renewals = threading.Lock(), 0

    def register(self, prefix: str, kind: str) -> None:
        """Record the kind of cache that uses a prefix, because two kinds must not share keys.

        :raises ConfigurationError: if another kind of cache uses the prefix.
        """
        if self._kinds.setdefault(prefix, kind) != kind:
            wrong = f"prefix is already used by a {self._kinds[prefix]} of this client, got a {kind}"
            raise ConfigurationError(f"{prefix}: {wrong}; use one kind for all, or another prefix")

    def breaker(self, key: bytes) -> Breaker:
        """The breaker of the server that has a key."""
        name = ""
        if self.cluster and self.connection is not None:
            with contextlib.suppress(Exception):  # no node has the slot; the error depends on the redis-py release
                name = self.connection.nodes_manager.get_node_from_slot(self.connection.keyslot(key)).name
        breaker = self._breakers.get(name)
        return breaker or self._breakers.setdefault(name, Breaker(self.failures, _PAUSE))

    def failed(self, breaker: Breaker, error: BaseException, statistics: Statistics) -> CacheUnavailableError:
        """Count a failure. An error reply affects only this command, because the server did answer."""
        statistics.add("cache_errors")
        at_once = isinstance(error, (ClusterDownError, RedisClusterException))
        if not at_once and isinstance(error, ResponseError):
            breaker.succeeded()
        elif breaker.failed(at_once=at_once):
            statistics.add("breaker_openings")
            LOG.warning("%s: reads continue without the cache: %s: %s", statistics.name, type(error).__name__, error)
        return CacheUnavailableError(f"{type(error).__name__}: {error}")

    async def transmit(self, commands: Sequence[tuple[Part, ...]]) -> list[Any]:
        """Send commands to one server, and return the replies."""
        client = self.redis()
        if len(commands) == 1:
            return [await self.call(client.execute_command, *commands[0])]
        pipeline = client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return _checked(await self.call(functools.partial(pipeline.execute, raise_on_error=False)))

    async def drop(self) -> None:
        """Close idle connections, because the name of the primary may resolve to another node after a failover."""
        pool = getattr(self.connection, "connection_pool", None)
        if pool is not None:
            await self.call(functools.partial(pool.disconnect, inuse_connections=False))

    async def send(
        self, key: bytes, commands: Sequence[tuple[Part, ...]], statistics: Statistics, *, always: bool = False
    ) -> list[Any]:
        """The replies of commands for the server that has a key, in one round trip; a reply may be an exception.

        :param always: send even if the breaker is open, and retry once after a failure; for idempotent commands that
            must arrive.
        :raises CacheUnavailableError: if there is no reply, or an error.
        """
        breaker = self.breaker(key)
        if always or not breaker.open:
            return await self._sending(breaker, commands, statistics, 2 if always else 1)
        if breaker.probe_is_due():
            self.spawn(self._probing(breaker, key, statistics))
        raise CacheUnavailableError("the circuit breaker is open")

    async def _probing(self, breaker: Breaker, key: bytes, statistics: Statistics) -> None:
        with contextlib.suppress(CacheUnavailableError):
            await self._sending(breaker, (("GET", key),), statistics, 1)

    async def _sending(
        self, breaker: Breaker, commands: Sequence[tuple[Part, ...]], statistics: Statistics, attempts: int
    ) -> list[Any]:
        renewals: int | None = self._renewals
        while True:
            try:
                replies = await self.transmit(commands)
            except NoScriptError:
                raise
            except Exception as error:  # includes errors of the cluster client while it reads a new topology
                if renewals is not None and self._is_renewable(error):
                    with contextlib.suppress(Exception):  # the server then refuses the next attempt as well
                        await self.wait(self._renew, renewals)
                    renewals = None
                    continue
                if isinstance(error, ReadOnlyError):
                    await self.drop()
                failure = self.failed(breaker, error, statistics)
                attempts -= 1
                if not attempts:
                    raise failure from error
            else:
                breaker.succeeded()
                return replies

    def _is_renewable(self, error: BaseException) -> bool:
        """Whether the server refused credentials that can be refreshed; the cluster client wraps the error."""
        refused = any(isinstance(cause, redis.AuthenticationError) for cause in (error, error.__cause__))
        return refused and hasattr(self.options.get("credential_provider"), "refresh")

    def _renew(self, renewals: int) -> None:
        """Refresh the credentials, unless another caller has done so since the command was sent."""
        with self._renewing:
            if self._renewals == renewals:
                try:
                    self.options["credential_provider"].refresh()
                finally:
                    self._renewals += 1

    async def run(self, step: Run, statistics: Statistics, *, always: bool = False) -> Any:
        """The reply of a script.

        :raises CacheUnavailableError: as `send`.
        """
        key = step.keys[0]
        try:
            command = step.script.evalsha(step.keys, *step.arguments)
            return (await self.send(key, (command,), statistics, always=always))[0]
        except NoScriptError:
            command = step.script.eval(step.keys, *step.arguments)
            return (await self.send(key, (command,), statistics, always=always))[0]

    async def run_all(self, steps: Mapping[str, Run], statistics: Statistics) -> dict[str, Any]:
        """The replies of scripts; an exception for each one that failed."""
        commands = {step.keys[0]: step.script.eval(step.keys, *step.arguments) for step in steps.values()}
        replies = await self.send_all(commands, statistics)
        return {id: replies[step.keys[0]] for id, step in steps.items()}

    async def send_all(
        self, commands: Mapping[bytes, tuple[Part, ...]], statistics: Statistics, *, always: bool = False
    ) -> dict[bytes, Any]:
        """The replies of commands by their key, in one round trip for each server; or `CacheUnavailableError`."""
        by_server: dict[Breaker, list[bytes]] = {}
        for key in commands:
            by_server.setdefault(self.breaker(key), []).append(key)
        replies: dict[bytes, Any] = {}
        for breaker, keys in by_server.items():
            try:
                answers = await self.send(keys[0], [commands[key] for key in keys], statistics, always=always)
            except CacheUnavailableError as error:
                answers = [error] * len(keys)
            for key, reply in zip(keys, answers):
                is_error = isinstance(reply, redis.RedisError)
                replies[key] = self.failed(breaker, reply, statistics) if is_error else reply
        return replies

    async def get_all(self, keys: Sequence[bytes], statistics: Statistics) -> dict[bytes, Any]:
        """The values of keys; an exception for each that could not be read."""
        if self.cluster or not keys:
            return await self.send_all({key: ("GET", key) for key in keys}, statistics)
        try:
            (values,) = await self.send(keys[0], (("MGET", *keys),), statistics)
        except CacheUnavailableError as error:
            values = [error] * len(keys)
        return dict(zip(keys, values))


def _checked(replies: list[Any]) -> list[Any]:
    """The replies; raises the first error that concerns the server instead of one command."""
    for reply in replies:
        if isinstance(reply, (ReadOnlyError, redis.ConnectionError)):
            raise reply
    return replies

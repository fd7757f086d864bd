"""The base class of both clients: time-outs, circuit breakers, and sending of commands."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Callable, TypeVar

import redis
from redis.exceptions import ClusterDownError, NoScriptError, ReadOnlyError, RedisClusterException, ResponseError

from elasticache_caching import fork
from elasticache_caching.breaker import Breaker
from elasticache_caching.errors import CacheUnavailableError, ConfigurationError
from elasticache_caching.limits import is_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from redis.credentials import CredentialProvider

    from elasticache_caching.protocol import Run
    from elasticache_caching.scripts import Part
    from elasticache_caching.statistics import Statistics

T = TypeVar("T")
C = TypeVar("C", bound="Connector")
# A generator yields a function with its arguments. The client calls or awaits it and sends back the result.
Calls = Generator[tuple[Any, ...], Any, T]
_SHORTEST, _LONGEST = 0.01, 10.0
_FAILURES, _PAUSE = 3, 1.0


class Connector:
    """The connections to one cache. Subclasses implement the attributes as functions or coroutine functions."""

    transmit: Callable[..., Any]  # sends commands to one server and returns the replies
    drop: Callable[..., Any]  # closes idle connections
    sleep: Callable[..., Any]  # waits for some seconds
    spawn: Callable[..., Any]  # runs the calls of a generator in the background
    wait: Callable[..., Any]  # calls a blocking function with the time limit of a command

    def __init__(self, options: dict[str, Any], *, cluster: bool, patience: float) -> None:
        self.options, self.cluster, self.patience = options, cluster, patience
        self.failures = _FAILURES
        self._kinds: dict[str, str] = {}
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
        return CacheUnavailableError(f"{type(error).__name__}: {error}")

    def send(
        self, key: bytes, commands: Sequence[tuple[Part, ...]], statistics: Statistics, *, always: bool = False
    ) -> Calls[list[Any]]:
        """The replies of commands for the server that has a key, in one round trip; a reply may be an exception.

        :param always: send even if the breaker is open, and retry once after a failure; for idempotent commands that
            must arrive.
        :raises CacheUnavailableError: if there is no reply, or an error.
        """
        breaker = self.breaker(key)
        if breaker.open and not always:
            return self._skipping(breaker, key, statistics)
        return self._sending(breaker, commands, statistics, 2 if always else 1)

    def _skipping(self, breaker: Breaker, key: bytes, statistics: Statistics) -> Calls[list[Any]]:
        if breaker.probe_is_due():
            yield self.spawn, self._sending(breaker, (("GET", key),), statistics, 1)
        raise CacheUnavailableError("the circuit breaker is open")

    def _sending(
        self, breaker: Breaker, commands: Sequence[tuple[Part, ...]], statistics: Statistics, attempts: int
    ) -> Calls[list[Any]]:
        renewals: int | None = self._renewals
        while True:
            try:
                replies: list[Any] = yield self.transmit, commands
            except NoScriptError:
                raise
            except Exception as error:  # includes errors of the cluster client while it reads a new topology
                if renewals is not None and self._is_renewable(error):
                    with contextlib.suppress(Exception):  # the server then refuses the next attempt as well
                        yield self.wait, self._renew, renewals
                    renewals = None
                    continue
                if isinstance(error, ReadOnlyError):
                    yield (self.drop,)
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

    def run(self, step: Run, statistics: Statistics, *, always: bool = False) -> Calls[Any]:
        """The reply of a script.

        :raises CacheUnavailableError: as `send`.
        """
        key = step.keys[0]
        try:
            command = step.script.evalsha(step.keys, *step.arguments)
            (reply,) = yield from self.send(key, (command,), statistics, always=always)
        except NoScriptError:
            command = step.script.eval(step.keys, *step.arguments)
            (reply,) = yield from self.send(key, (command,), statistics, always=always)
        return reply

    def run_all(self, steps: Mapping[str, Run], statistics: Statistics) -> Calls[dict[str, Any]]:
        """The replies of scripts; an exception for each one that failed."""
        commands = {step.keys[0]: step.script.eval(step.keys, *step.arguments) for step in steps.values()}
        replies = yield from self.send_all(commands, statistics)
        return {id: replies[step.keys[0]] for id, step in steps.items()}

    def send_all(
        self, commands: Mapping[bytes, tuple[Part, ...]], statistics: Statistics, *, always: bool = False
    ) -> Calls[dict[bytes, Any]]:
        """The replies of commands by their key, in one round trip for each server; or `CacheUnavailableError`."""
        by_server: dict[Breaker, list[bytes]] = {}
        for key in commands:
            by_server.setdefault(self.breaker(key), []).append(key)
        replies: dict[bytes, Any] = {}
        for breaker, keys in by_server.items():
            answers: list[Any]
            try:
                answers = yield from self.send(keys[0], [commands[key] for key in keys], statistics, always=always)
            except CacheUnavailableError as error:
                answers = [error] * len(keys)
            for key, reply in zip(keys, answers):
                is_error = isinstance(reply, redis.RedisError)
                replies[key] = self.failed(breaker, reply, statistics) if is_error else reply
        return replies

    def get_all(self, keys: Sequence[bytes], statistics: Statistics) -> Calls[dict[bytes, Any]]:
        """The values of keys; an exception for each that could not be read."""
        if self.cluster or not keys:
            return (yield from self.send_all({key: ("GET", key) for key in keys}, statistics))
        values: list[Any]
        try:
            (values,) = yield from self.send(keys[0], (("MGET", *keys),), statistics)
        except CacheUnavailableError as error:
            values = [error] * len(keys)
        return dict(zip(keys, values))


def checked(replies: list[Any]) -> list[Any]:
    """The replies; raises the first error that concerns the server instead of one command."""
    for reply in replies:
        if isinstance(reply, (ReadOnlyError, redis.ConnectionError)):
            raise reply
    return replies

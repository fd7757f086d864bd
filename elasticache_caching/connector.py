"""What both clients share: time-outs, breakers, and how a command is sent and its failure counted."""

from __future__ import annotations

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
    from collections.abc import Iterable, Mapping, Sequence

    from redis.credentials import CredentialProvider

    from elasticache_caching.protocol import Run
    from elasticache_caching.scripts import Part
    from elasticache_caching.statistics import Statistics

T = TypeVar("T")
# A generator yields a function with its arguments; the client calls it, or awaits it, and sends back what it returned.
Calls = Generator[tuple[Any, ...], Any, T]
_SHORTEST, _LONGEST = 0.01, 10.0


class Connector:
    """The connections to one cache. What a subclass defines may be a function or a coroutine function."""

    transmit: Callable[..., Any]
    probe: Callable[..., Any]
    drop: Callable[..., Any]
    sleep: Callable[..., Any]

    def __init__(
        self, make: Callable[[], Any], *, cluster: bool, patience: float, failures: int = 3, pause: float = 1.0
    ) -> None:
        self.make, self.cluster, self.patience = make, cluster, patience
        self._failures, self._pause = failures, pause
        self._kinds: dict[str, str] = {}
        self.reset()
        fork.register(self)

    def reset(self) -> None:
        """Forget connections and breakers, which belong to one process."""
        self.lock = threading.Lock()
        self.made: Any = None
        self._breakers: dict[str, Breaker] = {}

    def register(self, prefix: str, kind: str) -> None:
        """Note who uses a prefix: the same keys with and without versions are not safe.

        :raises ConfigurationError: when another kind of cache uses it.
        """
        if self._kinds.setdefault(prefix, kind) != kind:
            wrong = f"prefix is already used by a {self._kinds[prefix]} of this client, got a {kind}"
            raise ConfigurationError(f"{prefix}: {wrong}; use one kind for all, or another prefix")

    def breaker(self, key: bytes) -> Breaker:
        """The breaker of the server that has a key."""
        name = ""
        if self.cluster and self.made is not None:
            try:
                name = self.made.nodes_manager.get_node_from_slot(self.made.keyslot(key)).name
            except Exception:  # nobody has the slot at the moment; releases of redis-py differ in how they say so
                name = ""
        found = self._breakers.get(name)
        return found or self._breakers.setdefault(name, Breaker(self._failures, self._pause))

    def failed(self, breaker: Breaker, error: BaseException, statistics: Statistics) -> CacheUnavailableError:
        """Count a failure. Where the server did answer, with an error, it is this command alone that failed."""
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

        :param always: even while the breaker is open, and once more after a failure: for what must arrive, and may
            arrive twice.
        :raises CacheUnavailableError: when there is no answer, or an error.
        """
        breaker = self.breaker(key)
        if breaker.open and not always:
            if breaker.probe_is_due():
                yield self.probe, key, breaker, statistics
            raise CacheUnavailableError("the circuit breaker is open")
        for left in (1, 0) if always else (0,):
            try:
                replies: list[Any] = yield self.transmit, commands
            except NoScriptError:
                raise
            except Exception as error:  # also what redis-py's cluster client raises while it reads a new topology
                if isinstance(error, ReadOnlyError):
                    yield (self.drop,)
                failure = self.failed(breaker, error, statistics)
                if not left:
                    raise failure from error
            else:
                breaker.succeeded()
                return replies
        raise AssertionError  # pragma: no cover - the loop returns or raises

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

    def send_all(
        self, commands: Mapping[bytes, tuple[Part, ...]], statistics: Statistics, *, always: bool = False
    ) -> Calls[dict[bytes, Any]]:
        """The replies of commands, by their key, in one round trip for each server; a reply may be an exception."""
        replies: dict[bytes, Any] = {}
        for keys in self._groups(commands):
            found: list[Any]
            try:
                found = yield from self.send(keys[0], [commands[key] for key in keys], statistics, always=always)
            except CacheUnavailableError as error:
                found = [error] * len(keys)
            replies.update(zip(keys, found))
        return replies

    def get_all(self, keys: Sequence[bytes], statistics: Statistics) -> Calls[dict[bytes, Any]]:
        """The values of keys; an exception for each that could not be read."""
        if self.cluster or not keys:
            return (yield from self.send_all({key: ("GET", key) for key in keys}, statistics))
        found: list[Any]
        try:
            (found,) = yield from self.send(keys[0], (("MGET", *keys),), statistics)
        except CacheUnavailableError as error:
            found = [error] * len(keys)
        return dict(zip(keys, found))

    def _groups(self, keys: Iterable[bytes]) -> list[list[bytes]]:
        """The keys by server."""
        found: dict[Breaker, list[bytes]] = {}
        for key in keys:
            found.setdefault(self.breaker(key), []).append(key)
        return list(found.values())


def checked(replies: list[Any]) -> list[Any]:
    """The replies; raises the first that concerns the server, and not its command alone."""
    for reply in replies:
        if isinstance(reply, (ReadOnlyError, redis.ConnectionError)):
            raise reply
    return replies


def options(
    host: str,
    *,
    port: int,
    tls: bool,
    cluster: bool,
    username: str | None,
    password: str | None,
    credentials: CredentialProvider | None,
    ca_file: str | None,
    timeout: float,
    retry: object,
) -> dict[str, Any]:
    """The arguments for redis-py's clients.

    :raises ConfigurationError: when an argument is outside its limits.
    """
    if not is_number(timeout, _SHORTEST, _LONGEST):
        limits = f"timeout must be {_SHORTEST} to {_LONGEST} seconds"
        raise ConfigurationError(f"CacheClient: {limits}, got {timeout!r}; 0.1 is the default")
    if credentials is not None and (username is not None or password is not None):
        raise ConfigurationError("CacheClient: credentials come with a username or password; give one of the two")
    # After a failure redis-py's cluster client asks for the topology, in the same call.
    seconds = timeout / 2 if cluster else timeout
    found: dict[str, Any] = {"host": host, "port": port, "ssl": tls, "retry": retry}
    found.update(username=username, password=password, credential_provider=credentials)
    found.update(socket_timeout=seconds, socket_connect_timeout=seconds)
    if tls and ca_file is not None:
        found["ssl_ca_certs"] = ca_file
    if cluster:
        found["dynamic_startup_nodes"] = False
    return {name: value for name, value in found.items() if value is not None}

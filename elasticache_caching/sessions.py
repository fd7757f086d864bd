"""Sessions: a hash with a field for each key, so that concurrent requests do not lose changes."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from elasticache_caching.async_client import AsyncCacheClient
from elasticache_caching.client import CacheClient
from elasticache_caching.codec import Json
from elasticache_caching.connector import Connector
from elasticache_caching.errors import ConfigurationError, ValueRefusedError
from elasticache_caching.limits import YEAR, check_prefix, is_integer, is_number
from elasticache_caching.protocol import Run
from elasticache_caching.scripts import Part, Script
from elasticache_caching.statistics import Statistics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

C = TypeVar("C", bound=Connector)
_MOST_BYTES = 1_048_576
_VALUE, _CREATED = ":", "!"  # a session without values has its time of creation

# KEYS session. ARGV TTL in ms.
LOAD = Script("""
local all = redis.call('HGETALL', KEYS[1])
if #all > 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return all
""")

# KEYS session. ARGV TTL in ms, 1 to create, number of fields to remove, these, then fields and values.
SAVE = Script("""
if ARGV[2] ~= '1' and redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local first = 4 + tonumber(ARGV[3])
for i = 4, first - 1 do redis.call('HDEL', KEYS[1], ARGV[i]) end
for i = first, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
""")

# KEYS session. Returns the fields, for the new id, which may be on another server.
TAKE = Script("""
local all = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return all
""")


class Sessions(Generic[C]):
    """The base class of both session stores; see `SessionStore`."""

    def __init__(self, client: C, prefix: str = "session", *, ttl: float = 1800, max_bytes: int = 65_536) -> None:
        check_prefix("SessionStore", prefix)
        if not is_integer(max_bytes, 1, _MOST_BYTES):
            limits = f"max_bytes must be 1 to {_MOST_BYTES}"
            raise ConfigurationError(f"{prefix}: {limits}, got {max_bytes!r}; 65,536 is the default")
        self.ttl, self._client, self._prefix, self._max_bytes = ttl, client, prefix, max_bytes
        self._ms(ttl)  # checks it
        client.register(prefix, "SessionStore")
        self.statistics = Statistics(prefix)
        self._codec: Json[object] = Json(object)

    def encode(self, name: str, value: object) -> bytes:
        """The bytes of one value.

        :raises ValueRefusedError: if JSON cannot restore it, or it is too large.
        """
        try:
            encoded = self._codec.encode(value)
        except ValueRefusedError as error:
            raise ValueRefusedError(f"{self._prefix}: {name}: {error}") from error
        if len(encoded) > self._max_bytes:
            limit, fix = f"must be at most {self._max_bytes} bytes", "store a reference in it, or raise max_bytes"
            raise ValueRefusedError(f"{self._prefix}: {name} {limit}, got {len(encoded)}; {fix}")
        return encoded

    async def _run(self, script: Script, id: str, *arguments: Part, always: bool = True) -> Any:
        # A digest, so that the keys of the cache cannot be used to take over a session.
        digest = hashlib.sha256(id.encode(errors="surrogatepass")).hexdigest()
        step = Run(script, (f"{{{self._prefix}:{digest}}}".encode(),), arguments)
        return await self._client.run(step, self.statistics, always=always)

    def _ms(self, ttl: float | None) -> int:
        ttl = self.ttl if ttl is None else ttl
        if not is_number(ttl, 1, YEAR):
            limits = f"ttl must be 1 to {YEAR} seconds"
            raise ConfigurationError(f"{self._prefix}: {limits}, got {ttl!r}; 1800 is the default")
        return int(ttl * 1000)

    async def _creating(self, fields: list[Part], milliseconds: int) -> str:
        id = secrets.token_urlsafe(32)  # 256 bits
        await self._run(SAVE, id, milliseconds, 1, 0, *fields)
        return id

    async def _new(self, values: Mapping[str, object] | None, ttl: float | None) -> str:
        return await self._creating([_CREATED, str(int(time.time())), *self._fields(values or {})], self._ms(ttl))

    async def _loading(self, id: str, ttl: float | None) -> dict[str, Any] | None:
        reply = await self._run(LOAD, id, self._ms(ttl), always=False)
        named = {name.decode(): value for name, value in zip(reply[::2], reply[1::2])}
        values = {name[1:]: self._codec.decode(value) for name, value in named.items() if name.startswith(_VALUE)}
        return values if named else None

    async def _saving(self, id: str, changed: Mapping[str, object], removed: Iterable[str], ttl: float | None) -> bool:
        if isinstance(removed, str):
            raise ValueRefusedError(f"{self._prefix}: removed must be a list of names, got {removed!r}; pass a list")
        fields = [self._field(name) for name in removed]
        reply = await self._run(SAVE, id, self._ms(ttl), 0, len(fields), *fields, *self._fields(changed))
        return bool(reply == 1)

    async def _rotating(self, id: str, ttl: float | None) -> str | None:
        milliseconds = self._ms(ttl)  # checks it, before the session is taken
        fields = await self._run(TAKE, id, always=False)
        return await self._creating(fields, milliseconds) if fields else None

    def _field(self, name: object) -> str:
        if not isinstance(name, str):
            raise ValueRefusedError(f"{self._prefix}: names must be strings, got {name!r}; use str(name)")
        return _VALUE + name

    def _fields(self, values: Mapping[str, object]) -> list[Part]:
        return [part for name, value in values.items() for part in (self._field(name), self.encode(name, value))]


class SessionStore(Sessions[CacheClient]):
    """Sessions in the cache. Thread-safe.

    Ids have 256 random bits, and the cache stores only their digests. Each `load` and `save` renews the TTL of the
    session. There is no fallback: every method raises `CacheUnavailableError` if the cache does not answer.

    Source: https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html

    Example::

        sessions = SessionStore(client, ttl=1800)
        id = sessions.create({"cart": []})
        sessions.save(id, {"cart": ["42"]})
        id = sessions.rotate(id)  # at login

    :param client: from `CacheClient.connect`.
    :param prefix: the prefix of the keys, 1 to 128 printable ASCII characters without braces, `session` by default.
    :param ttl: how long a session is kept after its last use, in seconds, 1 to 31,536,000, 1,800 by default.
    :param max_bytes: the maximum size of one encoded value, 1 to 1,048,576, 65,536 by default.
    :raises ConfigurationError: if an argument is out of range, or a cache of the client uses the prefix.
    """

    def create(self, values: Mapping[str, object] | None = None, *, ttl: float | None = None) -> str:
        """Create a session, and return its id.

        :raises ValueRefusedError: if JSON cannot restore a value, or it is too large.
        """
        return self._client.drive(self._new(values, ttl))

    def load(self, id: str, *, ttl: float | None = None) -> dict[str, Any] | None:
        """The values of a session; None if it does not exist or has expired."""
        return self._client.drive(self._loading(id, ttl))

    def save(
        self, id: str, changed: Mapping[str, object], removed: Iterable[str] = (), *, ttl: float | None = None
    ) -> bool:
        """Write changed values only; False if the session does not exist, which is then not created.

        :param changed: the new values.
        :param removed: names to remove.
        :raises ValueRefusedError: if JSON cannot restore a value, or it is too large.
        """
        return self._client.drive(self._saving(id, changed, removed, ttl))

    def rotate(self, id: str, *, ttl: float | None = None) -> str | None:
        """Give a session a new id, to prevent session fixation at login; None if the session does not exist."""
        return self._client.drive(self._rotating(id, ttl))

    def destroy(self, id: str) -> None:
        """Remove a session, at logout."""
        self._client.drive(self._run(TAKE, id))


class AsyncSessionStore(Sessions[AsyncCacheClient]):
    """As `SessionStore`, for asyncio: the same arguments, limits and errors.

    Example: `id = await sessions.create({"cart": []})`.
    """

    async def create(self, values: Mapping[str, object] | None = None, *, ttl: float | None = None) -> str:
        """Create a session, and return its id."""
        return await self._new(values, ttl)

    async def load(self, id: str, *, ttl: float | None = None) -> dict[str, Any] | None:
        """The values of a session; None if it does not exist or has expired."""
        return await self._loading(id, ttl)

    async def save(
        self, id: str, changed: Mapping[str, object], removed: Iterable[str] = (), *, ttl: float | None = None
    ) -> bool:
        """Write changed values only; False if the session does not exist, which is then not created."""
        return await self._saving(id, changed, removed, ttl)

    async def rotate(self, id: str, *, ttl: float | None = None) -> str | None:
        """Give a session a new id, to prevent session fixation at login; None if the session does not exist."""
        return await self._rotating(id, ttl)

    async def destroy(self, id: str) -> None:
        """Remove a session, at logout."""
        await self._run(TAKE, id)

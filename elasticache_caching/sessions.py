"""Sessions: a hash for each, with one field for each key, so that requests at the same time lose no change."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import TYPE_CHECKING, Any

from elasticache_caching.codec import Json
from elasticache_caching.errors import ConfigurationError, ValueRefusedError
from elasticache_caching.limits import YEAR, is_integer, is_number, is_prefix
from elasticache_caching.protocol import Run
from elasticache_caching.scripts import Part, Script
from elasticache_caching.statistics import Statistics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from elasticache_caching.async_client import AsyncCacheClient
    from elasticache_caching.client import CacheClient

_LONGEST_PREFIX = 128
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

# KEYS session. What it had, for its next id, which may be on another server.
TAKE = Script("""
local all = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return all
""")


class Sessions:
    """What both stores share; see `SessionStore`."""

    def __init__(self, prefix: str, *, ttl: float, max_bytes: int) -> None:
        if not is_prefix(prefix, _LONGEST_PREFIX):
            wanted = f"be 1 to {_LONGEST_PREFIX} printable ASCII characters without braces"
            raise ConfigurationError(f"SessionStore: prefix must {wanted}, got {prefix!r}; use 'session'")
        if not is_number(ttl, 1, YEAR):
            raise ConfigurationError(f"{prefix}: ttl must be 1 to {YEAR} seconds, got {ttl!r}; 1800 is the default")
        if not is_integer(max_bytes, 1, _MOST_BYTES):
            limits = f"max_bytes must be 1 to {_MOST_BYTES}"
            raise ConfigurationError(f"{prefix}: {limits}, got {max_bytes!r}; 65,536 is the default")
        self.statistics = Statistics(prefix)
        self.ttl, self._prefix, self._max_bytes = ttl, prefix, max_bytes
        self._codec: Json[object] = Json(object)

    @staticmethod
    def new_id() -> str:
        """256 random bits, as 43 characters."""
        return secrets.token_urlsafe(32)

    def _keys(self, id: str) -> tuple[bytes, ...]:
        """A digest: who reads the keys of the cache can take over no session."""
        digest = hashlib.sha256(id.encode(errors="surrogatepass")).hexdigest()
        return (f"{{{self._prefix}:{digest}}}".encode(),)

    def _ms(self, ttl: float | None) -> int:
        return int((self.ttl if ttl is None else ttl) * 1000)

    def _load(self, id: str, ttl: float | None) -> Run:
        return Run(LOAD, self._keys(id), (self._ms(ttl),))

    def _take(self, id: str) -> Run:
        return Run(TAKE, self._keys(id), ())

    def _create(self, id: str, values: Mapping[str, object], ttl: float | None) -> Run:
        created = [_CREATED, str(int(time.time()))]
        return Run(SAVE, self._keys(id), (self._ms(ttl), 1, 0, *created, *self._pairs(values)))

    def _recreate(self, id: str, fields: list[bytes], ttl: float | None) -> Run:
        return Run(SAVE, self._keys(id), (self._ms(ttl), 1, 0, *fields))

    def _save(self, id: str, changed: Mapping[str, object], removed: Iterable[str], ttl: float | None) -> Run:
        gone = [_VALUE + self._checked(name) for name in removed]
        return Run(SAVE, self._keys(id), (self._ms(ttl), 0, len(gone), *gone, *self._pairs(changed)))

    def _pairs(self, values: Mapping[str, object]) -> list[Part]:
        pairs: list[Part] = []
        for name, value in values.items():
            encoded = self.encode(name, value)
            pairs += [_VALUE + self._checked(name), encoded]
        return pairs

    def encode(self, name: str, value: object) -> bytes:
        """The bytes of one value.

        :raises ValueRefusedError: when JSON cannot restore it, or it is too large.
        """
        try:
            encoded = self._codec.encode(value)
        except ValueRefusedError as error:
            raise ValueRefusedError(f"{self._prefix}: {name}: {error}") from error
        if len(encoded) > self._max_bytes:
            limit, fix = f"must be at most {self._max_bytes} bytes", "store a reference in it, or raise max_bytes"
            raise ValueRefusedError(f"{self._prefix}: {name} {limit}, got {len(encoded)}; {fix}")
        return encoded

    def _checked(self, name: object) -> str:
        if not isinstance(name, str):
            raise ValueRefusedError(f"{self._prefix}: names must be strings, got {name!r}; use str(name)")
        return name

    def _values(self, reply: Any) -> dict[str, Any] | None:
        """The values in a reply of fields and values; None for no session."""
        if not reply:
            return None
        pairs = zip(reply[::2], reply[1::2])
        named = {name.decode(): value for name, value in pairs}
        return {name[1:]: self._codec.decode(value) for name, value in named.items() if name.startswith(_VALUE)}


class SessionStore(Sessions):
    """Sessions in the cache. Thread-safe.

    Ids have 256 random bits, and the cache has only their digests. Each `load` and `save` extends a session by its TTL.
    Unlike a cache, a store has to answer: every method raises `CacheUnavailableError` when it does not.

    Source: https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html

    Example::

        sessions = SessionStore(client, ttl=1800)
        id = sessions.create({"cart": []})
        sessions.save(id, {"cart": ["42"]})
        id = sessions.rotate(id)  # at login

    :param client: from `CacheClient.connect`.
    :param prefix: of the keys, 1 to 128 printable ASCII characters without braces, `session` by default.
    :param ttl: how long a session lives after its last use, in seconds, 1 to 31,536,000, 1,800 by default.
    :param max_bytes: of one encoded value, 1 to 1,048,576, 65,536 by default.
    :raises ConfigurationError: when an argument is outside its limits, or a cache of the client has the prefix.
    """

    def __init__(
        self, client: CacheClient, prefix: str = "session", *, ttl: float = 1800, max_bytes: int = 65_536
    ) -> None:
        super().__init__(prefix, ttl=ttl, max_bytes=max_bytes)
        client.register(prefix, "SessionStore")
        self._client = client

    def create(self, values: Mapping[str, object] | None = None, *, ttl: float | None = None) -> str:
        """A new session; its id.

        :raises ValueRefusedError: when JSON cannot restore a value, or it is too large.
        """
        id = self.new_id()
        self._run(self._create(id, values or {}, ttl), always=True)
        return id

    def load(self, id: str, *, ttl: float | None = None) -> dict[str, Any] | None:
        """The values of a session; None when there is none, or it has expired."""
        return self._values(self._run(self._load(id, ttl)))

    def save(
        self, id: str, changed: Mapping[str, object], removed: Iterable[str] = (), *, ttl: float | None = None
    ) -> bool:
        """Write what has changed, and nothing else; False when there is no such session, which is not created.

        :param changed: the new values.
        :param removed: names to remove.
        :raises ValueRefusedError: when JSON cannot restore a value, or it is too large.
        """
        return bool(self._run(self._save(id, changed, removed, ttl), always=True) == 1)

    def rotate(self, id: str, *, ttl: float | None = None) -> str | None:
        """Give a session a new id, at each login, against session fixation; None when there is no such session."""
        fields = self._run(self._take(id))
        if not fields:
            return None
        fresh = self.new_id()
        self._run(self._recreate(fresh, fields, ttl), always=True)
        return fresh

    def destroy(self, id: str) -> None:
        """Remove a session, at logout."""
        self._run(self._take(id), always=True)

    def _run(self, step: Run, *, always: bool = False) -> Any:
        return self._client.drive(self._client.run(step, self.statistics, always=always))


class AsyncSessionStore(Sessions):
    """As `SessionStore`, for asyncio: the same arguments, limits and errors.

    Example: `id = await sessions.create({"cart": []})`.
    """

    def __init__(
        self, client: AsyncCacheClient, prefix: str = "session", *, ttl: float = 1800, max_bytes: int = 65_536
    ) -> None:
        super().__init__(prefix, ttl=ttl, max_bytes=max_bytes)
        client.register(prefix, "SessionStore")
        self._client = client

    async def create(self, values: Mapping[str, object] | None = None, *, ttl: float | None = None) -> str:
        """A new session; its id."""
        id = self.new_id()
        await self._run(self._create(id, values or {}, ttl), always=True)
        return id

    async def load(self, id: str, *, ttl: float | None = None) -> dict[str, Any] | None:
        """The values of a session; None when there is none, or it has expired."""
        return self._values(await self._run(self._load(id, ttl)))

    async def save(
        self, id: str, changed: Mapping[str, object], removed: Iterable[str] = (), *, ttl: float | None = None
    ) -> bool:
        """Write what has changed, and nothing else; False when there is no such session, which is not created."""
        return bool(await self._run(self._save(id, changed, removed, ttl), always=True) == 1)

    async def rotate(self, id: str, *, ttl: float | None = None) -> str | None:
        """Give a session a new id, at each login, against session fixation; None when there is no such session."""
        fields = await self._run(self._take(id))
        if not fields:
            return None
        fresh = self.new_id()
        await self._run(self._recreate(fresh, fields, ttl), always=True)
        return fresh

    async def destroy(self, id: str) -> None:
        """Remove a session, at logout."""
        await self._run(self._take(id), always=True)

    async def _run(self, step: Run, *, always: bool = False) -> Any:
        return await self._client.drive(self._client.run(step, self.statistics, always=always))

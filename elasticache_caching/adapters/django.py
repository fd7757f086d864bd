"""Sessions of Django in the cache, with two settings.

`SESSION_ENGINE = "elasticache_caching.adapters.django"`, and `ELASTICACHE_SESSIONS = "shop.cache.sessions"`: the dotted
path of a `SessionStore` of this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.utils.module_loading import import_string

from elasticache_caching.adapters.changes import Baseline
from elasticache_caching.limits import YEAR

if TYPE_CHECKING:
    from elasticache_caching import sessions


class SessionStore(SessionBase):  # type: ignore[misc]  # Django has no types
    """Django's session store over one of this package. A request writes the fields that it has changed, and no others.

    Django gives a session a new id at each login. Every method raises `CacheUnavailableError` when the cache does not
    answer.
    """

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._session_key: str | None
        self._store: sessions.SessionStore = import_string(settings.ELASTICACHE_SESSIONS)
        self._baseline = Baseline(self._store, {})

    def _ttl(self) -> float:
        """Django allows dates in the past, and ages of many years."""
        return float(min(max(self.get_expiry_age(), 1), YEAR))

    def load(self) -> dict[str, Any]:
        """The values of the session; none for an id that the cache does not have, which is given up."""
        values = self._store.load(self.session_key) if self.session_key else None
        if values is None:
            self._session_key = None
            return {}
        self._baseline = Baseline(self._store, values)
        return values

    def exists(self, session_key: str) -> bool:
        """Whether there is such a session."""
        return self._store.load(session_key) is not None

    def create(self) -> None:
        """A new session."""
        self._session_key = self._store.create({}, ttl=self._ttl())
        self._baseline = Baseline(self._store, {})
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Write what has changed.

        :raises UpdateError: when the session has been removed in the meantime.
        :raises ValueRefusedError: when JSON cannot restore a value, or it is too large.
        """
        values = self._get_session(no_load=must_create)
        if self.session_key is None or must_create:
            self.create()
        changed, removed = self._baseline.difference(values)
        if not self._store.save(self.session_key, changed, removed, ttl=self._ttl()):
            raise UpdateError
        self._baseline = Baseline(self._store, values)

    def delete(self, session_key: str | None = None) -> None:
        """Remove a session: this one by default."""
        if (key := session_key or self.session_key) is not None:
            self._store.destroy(key)

    def cycle_key(self) -> None:
        """A new id for the same values."""
        values = self._session  # loads it
        fresh = self._store.rotate(self.session_key, ttl=self._ttl()) if self.session_key else None
        if fresh is None:
            self.create()
        else:
            self._session_key = fresh
        self._session_cache = values
        self.modified = True

    @classmethod
    def clear_expired(cls) -> None:
        """The cache removes them by itself."""

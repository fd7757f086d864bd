"""Django sessions in the cache, configured with two settings.

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
    """A Django session store that uses a `SessionStore` of this package. A request writes only changed fields.

    Django gives a session a new id at each login. Every method raises `CacheUnavailableError` if the cache does not
    answer.
    """

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._session_key: str | None
        self._store: sessions.SessionStore = import_string(settings.ELASTICACHE_SESSIONS)
        self._baseline = Baseline(self._store, {})

    def _ttl(self) -> float:
        """The expiry age within the limits of the cache; Django also allows negative ages and many years."""
        return float(min(max(self.get_expiry_age(), 1), YEAR))

    def load(self) -> dict[str, Any]:
        """The values of the session. An id that does not exist is discarded, and the session is empty."""
        values = self._store.load(self.session_key) if self.session_key else None
        if values is None:
            self._session_key = None
            return {}
        self._baseline = Baseline(self._store, values)
        return values

    def exists(self, session_key: str) -> bool:
        """Whether a session exists."""
        return self._store.load(session_key) is not None

    def create(self) -> None:
        """Create a new session."""
        self._session_key = self._store.create({}, ttl=self._ttl())
        self._baseline = Baseline(self._store, {})
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Write the changes.

        :raises UpdateError: if the session was removed in the meantime.
        :raises ValueRefusedError: if JSON cannot restore a value, or it is too large.
        """
        values = self._get_session(no_load=must_create)
        if self.session_key is None or must_create:
            self.create()
        changed, removed = self._baseline.difference(values)
        if not self._store.save(self.session_key, changed, removed, ttl=self._ttl()):
            raise UpdateError
        self._baseline = Baseline(self._store, values)

    def delete(self, session_key: str | None = None) -> None:
        """Remove a session; by default, this one."""
        if (key := session_key or self.session_key) is not None:
            self._store.destroy(key)

    def cycle_key(self) -> None:
        """Give the session a new id and keep its values."""
        # `_ttl` loads the session under its old id, and marks it as accessed.
        fresh = self._store.rotate(self.session_key, ttl=self._ttl()) if self.session_key else None
        if fresh is None:
            self.create()
        else:
            self._session_key = fresh
        self.modified = True

    @classmethod
    def clear_expired(cls) -> None:
        """Does nothing, because expired sessions are removed by the cache."""

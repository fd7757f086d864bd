"""Flask sessions in the cache: `app.session_interface = CacheSessionInterface(SessionStore(client))`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask.sessions import SessionInterface, SessionMixin

from elasticache_caching.adapters.changes import Baseline

if TYPE_CHECKING:
    from flask import Flask, Request, Response

    from elasticache_caching.sessions import SessionStore


class CacheSession(dict[str, Any], SessionMixin):
    """The session of a request. Changes inside of values are detected."""

    def __init__(self, store: SessionStore, id: str | None, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.id, self.new, self.rotated = id, id is None, False
        self.baseline = Baseline(store, values)


class CacheSessionInterface(SessionInterface):
    """A Flask session interface that uses a `SessionStore`. The `SESSION_COOKIE_*` settings of Flask apply.

    A request writes only changed fields. Call `rotate` at each login.

    :param store: the session store, which determines the TTL.
    """

    def __init__(self, store: SessionStore) -> None:
        self.store = store

    def open_session(self, app: Flask, request: Request) -> CacheSession:
        """The session of the cookie, or a new one. An unknown id in the cookie is never used for a new session.

        :raises CacheUnavailableError: if the cache does not answer.
        """
        id = request.cookies.get(self.get_cookie_name(app))
        values = self.store.load(id) if id else None
        return CacheSession(self.store, id if values is not None else None, values or {})

    def rotate(self, session: SessionMixin) -> None:
        """Give a session (`flask.session`) a new id, to prevent session fixation at login.

        :raises CacheUnavailableError: if the cache does not answer.
        """
        current = getattr(session, "_get_current_object", lambda: session)()
        if isinstance(current, CacheSession) and current.id is not None:
            current.id = self.store.rotate(current.id)
            current.rotated = True

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the changes, and set the cookie if it is new or must be renewed.

        :raises CacheUnavailableError: if the cache does not answer.
        :raises ValueRefusedError: if JSON cannot restore a value, or it is too large.
        """
        if not isinstance(session, CacheSession):
            return
        name, domain, path = self.get_cookie_name(app), self.get_cookie_domain(app), self.get_cookie_path(app)
        response.vary.add("Cookie")
        changed, removed = session.baseline.difference(session)
        if not session:
            if session.id is not None and removed:
                self.store.destroy(session.id)
                response.delete_cookie(name, domain=domain, path=path)
            return
        is_new = session.id is None
        if session.id is None:
            session.id = self.store.create(session)
        elif changed or removed:
            self.store.save(session.id, changed, removed)
        session.modified = bool(changed or removed)
        if is_new or session.rotated or self.should_set_cookie(app, session):
            response.set_cookie(
                name,
                session.id,
                expires=self.get_expiration_time(app, session),
                domain=domain,
                path=path,
                secure=self.get_cookie_secure(app),
                httponly=self.get_cookie_httponly(app),
                samesite=self.get_cookie_samesite(app),
            )

"""Starlette and FastAPI sessions in the cache: `app.add_middleware(SessionMiddleware, store=sessions)`."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from elasticache_caching.adapters.changes import Baseline

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from elasticache_caching.sessions import AsyncSessionStore


class CacheSession(dict[str, Any]):
    """The type of `request.session`. Changes inside of values are detected."""

    def __init__(self, store: AsyncSessionStore, id: str | None, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.id, self.wants_rotation = id, False
        self.baseline = Baseline(store, values)

    def rotate(self) -> None:
        """Give the session a new id with the response, to prevent session fixation at login."""
        self.wants_rotation = True


class SessionMiddleware:
    """Middleware that provides `request.session` from an `AsyncSessionStore`.

    A request writes only changed fields, before the response starts. A WebSocket can read the session, but its changes
    are not saved. Requests raise `CacheUnavailableError` if the cache does not answer.

    :param app: the application.
    :param store: the session store, which determines the TTL.
    :param cookie: the name of the cookie, `session` by default.
    :param path: the path of the cookie, `/` by default.
    :param domain: the domain of the cookie; None, the default, is the host only.
    :param same_site: `lax`, the default, `strict` or `none`.
    :param https_only: whether the cookie is sent only over HTTPS; True by default.
    """

    def __init__(
        self,
        app: ASGIApp,
        store: AsyncSessionStore,
        *,
        cookie: str = "session",
        path: str = "/",
        domain: str | None = None,
        same_site: str = "lax",
        https_only: bool = True,
    ) -> None:
        self.app, self.store, self.cookie = app, store, cookie
        self._attributes: dict[str, Any] = {"path": path, "samesite": same_site, "httponly": True, "secure": https_only}
        if domain is not None:
            self._attributes["domain"] = domain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Load the session, and save it when the response starts."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        id = HTTPConnection(scope).cookies.get(self.cookie)
        values = await self.store.load(id) if id else None
        session = CacheSession(self.store, id if values is not None else None, values or {})
        scope["session"] = session

        async def saving(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._save(session, MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, saving)

    async def _save(self, session: CacheSession, headers: MutableHeaders) -> None:
        changed, removed = session.baseline.difference(session)
        if not session:
            if session.id is not None and removed:
                await self.store.destroy(session.id)
                headers.append("set-cookie", self._header("", 0))
            return
        if session.id is None:
            session.id = await self.store.create(session)
        else:
            if changed or removed:
                await self.store.save(session.id, changed, removed)
            if session.wants_rotation:
                session.id = await self.store.rotate(session.id)
        # A session that was removed in the meantime is not created again.
        if session.id is not None:
            headers.append("set-cookie", self._header(session.id, int(self.store.ttl)))

    def _header(self, value: str, max_age: int) -> str:
        cookie: SimpleCookie = SimpleCookie({self.cookie: value})
        cookie[self.cookie].update({**self._attributes, "max-age": max_age})
        return cookie[self.cookie].OutputString()

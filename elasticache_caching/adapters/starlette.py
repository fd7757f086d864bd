"""Sessions of Starlette, and of FastAPI, in the cache: `app.add_middleware(SessionMiddleware, store=sessions)`."""

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
    """`request.session`. Changes inside of its values are noticed."""

    def __init__(self, store: AsyncSessionStore, id: str | None, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.id, self.wants_rotation = id, False
        self.baseline = Baseline(store, values)

    def rotate(self) -> None:
        """Give the session a new id with the response, at each login, against session fixation."""
        self.wants_rotation = True


class SessionMiddleware:
    """Starlette's `request.session` over an `AsyncSessionStore`.

    A request writes the fields that it has changed, and no others, before the response starts. A WebSocket can read its
    session, and changes nothing. Requests raise `CacheUnavailableError` when the cache does not answer.

    :param app: the application.
    :param store: where sessions are; its TTL is theirs.
    :param cookie: the name of the cookie, `session` by default.
    :param path: of the cookie, `/` by default.
    :param domain: of the cookie; None, the default, is the host alone.
    :param same_site: `lax`, the default, `strict` or `none`.
    :param https_only: sends the cookie over HTTPS alone; True by default.
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
        # A session that has been removed in the meantime stays so.
        if session.id is not None:
            headers.append("set-cookie", self._header(session.id, int(self.store.ttl)))

    def _header(self, value: str, max_age: int) -> str:
        cookie: SimpleCookie = SimpleCookie({self.cookie: value})
        cookie[self.cookie].update({**self._attributes, "max-age": max_age})
        return cookie[self.cookie].OutputString()

"""The adapters with the real frameworks: Flask, Django and Starlette; each has the same views."""

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import flask
import pytest
import redis
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from elasticache_caching import (
    AsyncCacheClient,
    AsyncSessionStore,
    CacheClient,
    CacheUnavailableError,
    SessionStore,
    ValueRefusedError,
)
from elasticache_caching.adapters.flask import CacheSessionInterface
from elasticache_caching.adapters.starlette import SessionMiddleware
from tests.cache_servers import free_port
from tests.elasticache_caching import faces

pytestmark = pytest.mark.servers


class Browser:
    """Keeps the cookie of one user; `get` gives the status and the JSON of an answer."""

    def __init__(
        self, get: Callable[[str, str | None], tuple[int, Any, str | None]], cookie: str | None = None
    ) -> None:
        self._get, self.cookie = get, cookie
        self.header: str | None = None

    def get(self, path: str) -> Any:
        status, body, self.header = self._get(path, self.cookie)
        assert status == 200, body
        if self.header:
            self.cookie = self.header.split(";")[0].split("=", 1)[1].strip('"') or None
        return body

    def copy(self) -> "Browser":
        return Browser(self._get, self.cookie)


def flask_get(port: int, stack: ExitStack) -> Callable[[str, str | None], tuple[int, Any, str | None]]:
    app = flask.Flask("shop")
    interface = CacheSessionInterface(SessionStore(CacheClient.connect("127.0.0.1", port=port, tls=False, timeout=5)))
    app.session_interface = interface
    app.testing = True

    @app.get("/show")
    def show() -> Any:
        return dict(flask.session)

    @app.get("/change")
    def change() -> Any:
        flask.session[flask.request.args["name"]] = flask.request.args["value"]
        return {}

    @app.get("/append")
    def append() -> Any:
        flask.session.setdefault("list", []).append(flask.request.args["value"])
        return {}

    @app.get("/remove")
    def remove() -> Any:
        del flask.session[flask.request.args["name"]]
        return {}

    @app.get("/login")
    def login() -> Any:
        interface.rotate(flask.session)
        flask.session["user"] = "a"
        return {}

    @app.get("/logout")
    def logout() -> Any:
        flask.session.clear()
        return {}

    @app.get("/bad")
    def bad() -> Any:
        flask.session["bad"] = {1}
        return {}

    def get(path: str, cookie: str | None) -> tuple[int, Any, str | None]:
        client = app.test_client(use_cookies=False)
        answer = client.get(path, headers={"Cookie": f"session={cookie}"} if cookie else {})
        assert answer.headers["Vary"] == "Cookie"
        return answer.status_code, answer.json, answer.headers.get("Set-Cookie")

    return get


async def show(request: Request) -> JSONResponse:
    return JSONResponse(dict(request.session))


async def change(request: Request) -> JSONResponse:
    request.session[request.query_params["name"]] = request.query_params["value"]
    return JSONResponse({})


async def append(request: Request) -> JSONResponse:
    request.session.setdefault("list", []).append(request.query_params["value"])
    return JSONResponse({})


async def remove(request: Request) -> JSONResponse:
    del request.session[request.query_params["name"]]
    return JSONResponse({})


async def login(request: Request) -> JSONResponse:
    request.session.rotate()  # type: ignore[attr-defined]  # it is a CacheSession
    request.session["user"] = "a"
    return JSONResponse({})


async def logout(request: Request) -> JSONResponse:
    request.session.clear()
    return JSONResponse({})


async def bad(request: Request) -> JSONResponse:
    request.session["bad"] = {1}
    return JSONResponse({})


def starlette_get(port: int, stack: ExitStack) -> Callable[[str, str | None], tuple[int, Any, str | None]]:
    face = stack.enter_context(faces.face("asyncio"))
    store = AsyncSessionStore(AsyncCacheClient.connect("127.0.0.1", port=port, tls=False, timeout=5))
    views = (show, change, append, remove, login, logout, bad)
    app = Starlette(
        routes=[Route(f"/{view.__name__}", view) for view in views],
        middleware=[Middleware(SessionMiddleware, store=store)],
    )

    async def ask(path: str, cookie: str | None) -> tuple[int, Any, str | None]:
        """Call the application as an ASGI server does."""
        name, _, query = path.partition("?")
        headers = [(b"cookie", f"session={cookie}".encode())] if cookie else []
        scope = {"type": "http", "method": "GET", "path": name, "query_string": query.encode(), "headers": headers}
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, send)
        found = dict(sent[0]["headers"]).get(b"set-cookie", b"").decode()
        return sent[0]["status"], json.loads(sent[1]["body"]), found or None

    stack.callback(lambda: face.call(store._client.close))
    return lambda path, cookie: face.call(ask, path, cookie)


def django_get(port: int, stack: ExitStack) -> Callable[[str, str | None], tuple[int, Any, str | None]]:
    import django
    from django.conf import settings
    from django.test import Client

    from tests.elasticache_caching import django_settings

    if not settings.configured:
        settings.configure(**django_settings.SETTINGS)
        django.setup()
    django_settings.sessions = SessionStore(CacheClient.connect("127.0.0.1", port=port, tls=False, timeout=5))

    def get(path: str, cookie: str | None) -> tuple[int, Any, str | None]:
        client = Client()
        if cookie:
            client.cookies["sessionid"] = cookie
        answer = client.get(path)
        header = answer.cookies.get("sessionid")
        # Without the header the client keeps what it had sent.
        is_new = header is not None and (header.value != cookie or header["max-age"] != "")
        return answer.status_code, answer.json(), header.OutputString() if is_new else None

    return get


GETS = {"flask": flask_get, "django": django_get, "starlette": starlette_get}


@pytest.fixture(params=list(GETS))
def framework(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def browser(framework: str, admin: redis.Redis) -> Iterator[Browser]:
    with ExitStack() as stack:
        yield Browser(GETS[framework](admin.connection_pool.connection_kwargs["port"], stack))


def test_a_session_over_requests(browser: Browser, admin: redis.Redis) -> None:
    assert [browser.get("/show"), browser.cookie] == [{}, None]
    assert admin.keys("*") == [], "a visitor without a session costs nothing"
    browser.get("/change?name=colour&value=red")
    assert browser.cookie
    assert len(browser.cookie) == 43
    browser.get("/append?value=1")
    browser.get("/append?value=2")
    assert browser.get("/show") == {"colour": "red", "list": ["1", "2"]}
    browser.get("/remove?name=colour")
    assert browser.get("/show") == {"list": ["1", "2"]}
    (key,) = admin.keys("*")
    assert admin.ttl(key) > 1000


def test_the_cookie_is_for_the_server_alone(browser: Browser, framework: str) -> None:
    browser.get("/change?name=a&value=1")
    assert browser.header
    assert "HttpOnly" in browser.header
    if framework == "starlette":
        assert {"Secure", "SameSite=lax", "Path=/", "Max-Age=1800"} <= set(browser.header.split("; "))


def test_requests_at_the_same_time_lose_no_change(browser: Browser) -> None:
    browser.get("/change?name=a&value=1")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: browser.copy().get(f"/change?name=n{n}&value={n}"), range(40)))
    assert browser.get("/show") == {"a": "1", **{f"n{number}": str(number) for number in range(40)}}


def test_a_login_changes_the_id_and_ends_the_old_one(browser: Browser, admin: redis.Redis) -> None:
    browser.get("/change?name=cart&value=42")
    before = browser.copy()
    browser.get("/login")
    assert browser.cookie != before.cookie
    assert browser.get("/show") == {"cart": "42", "user": "a"}
    assert before.get("/show") == {}
    assert len(admin.keys("*")) == 1


def test_a_login_that_changes_no_value_sends_the_new_id(browser: Browser) -> None:
    browser.get("/login")
    before = browser.copy()
    browser.get("/login")
    assert browser.cookie != before.cookie
    assert browser.get("/show") == {"user": "a"}


def test_an_unknown_id_of_a_client_is_not_used(browser: Browser, admin: redis.Redis) -> None:
    browser.cookie = made_up = "x" * 43
    browser.get("/change?name=a&value=1")
    assert browser.cookie != made_up
    assert browser.get("/show") == {"a": "1"}


def test_a_login_without_a_session(browser: Browser) -> None:
    browser.get("/login")
    assert browser.get("/show") == {"user": "a"}


def test_a_logout_removes_the_session(browser: Browser, admin: redis.Redis) -> None:
    browser.get("/login")
    old = browser.copy()
    browser.get("/logout")
    assert browser.cookie is None
    assert admin.keys("*") == []
    assert old.get("/show") == {}
    assert admin.keys("*") == []


@pytest.mark.parametrize("framework", ["flask", "starlette"], indirect=True)
def test_a_read_of_an_empty_session_keeps_it(browser: Browser, admin: redis.Redis) -> None:
    """Its id is valid, as that of a session that the application has created."""
    client = CacheClient.connect(
        "127.0.0.1", port=admin.connection_pool.connection_kwargs["port"], tls=False, timeout=5
    )
    browser.cookie = id = SessionStore(client).create()
    client.close()
    assert browser.get("/show") == {}
    assert browser.cookie == id
    browser.get("/change?name=a&value=1")
    assert browser.cookie == id
    assert browser.get("/show") == {"a": "1"}


@pytest.mark.parametrize("framework", ["flask", "starlette"], indirect=True)
def test_a_value_that_json_would_change(browser: Browser) -> None:
    with pytest.raises(ValueRefusedError, match="session: bad: set cannot be encoded as JSON"):
        browser.get("/bad")


def test_without_the_cache_a_request_fails(framework: str) -> None:
    """Sessions have no fallback: without the store, users would be signed out, or lose changes."""
    with ExitStack() as stack:
        browser = Browser(GETS[framework](free_port(), stack), "x" * 43)
        with pytest.raises(CacheUnavailableError):
            browser.get("/show")


def test_django_refuses_to_save_a_removed_session(admin: redis.Redis) -> None:
    from django.contrib.sessions.backends.base import UpdateError

    django_get(admin.connection_pool.connection_kwargs["port"], ExitStack())
    from elasticache_caching.adapters.django import SessionStore as DjangoStore

    session = DjangoStore()
    session["a"] = 1
    session.save()
    assert session.exists(session.session_key)
    session.delete()
    assert not session.exists(session.session_key)
    session["a"] = 2
    with pytest.raises(UpdateError):
        session.save()
    DjangoStore.clear_expired()
    session = DjangoStore()
    session.cycle_key()
    assert session.accessed, "otherwise the response has no Vary: Cookie"
    session.delete()
    session = DjangoStore()
    session.set_expiry(77)
    session.save()
    (key,) = admin.keys("*")
    assert 70 < admin.ttl(key) <= 77
    # Django allows a date in the past, and an age of many years.
    for age, low, high in ((-60, 0, 1000), (10**9, 31_535_990_000, 31_536_000_000)):
        session.set_expiry(datetime.now(tz=UTC) + timedelta(seconds=age))
        session.save()
        assert low < admin.pttl(key) <= high


def run_starlette(port: int, scope: dict[str, Any], application: Any, id: str | None = None) -> list[Any]:
    """The messages that an ASGI application sends within the middleware, after it was given a store."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {}

    async def run() -> None:
        client = AsyncCacheClient.connect("127.0.0.1", port=port, tls=False, timeout=5)
        store = AsyncSessionStore(client)
        made = id or await store.create({"user": "a"})
        scope["headers"] = [(b"cookie", f"session={made}".encode())]

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await application(scope, store, made)
            await send({"type": "http.response.start", "status": 200, "headers": []})

        await SessionMiddleware(app, store)(scope, receive, send)
        await client.close()

    asyncio.run(run())
    return sent


def test_a_websocket_reads_the_session(admin: redis.Redis) -> None:
    async def application(scope: Any, store: AsyncSessionStore, id: str) -> None:
        assert scope["session"] == {"user": "a"}

    run_starlette(admin.connection_pool.connection_kwargs["port"], {"type": "websocket"}, application)


def test_other_scopes_have_no_session(admin: redis.Redis) -> None:
    async def application(scope: Any, store: AsyncSessionStore, id: str) -> None:
        assert "session" not in scope

    run_starlette(admin.connection_pool.connection_kwargs["port"], {"type": "lifespan"}, application)


def test_a_login_after_the_session_was_removed_sets_no_cookie(admin: redis.Redis) -> None:
    """As when the user signs out in another window at the same time."""

    async def application(scope: Any, store: AsyncSessionStore, id: str) -> None:
        scope["session"].rotate()
        await store.destroy(id)

    (start,) = run_starlette(admin.connection_pool.connection_kwargs["port"], {"type": "http"}, application)
    assert start["headers"] == []
    assert admin.keys("*") == []

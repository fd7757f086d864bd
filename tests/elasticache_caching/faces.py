"""One interface for both clients, so that a test covers both."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from elasticache_caching import (
    AsyncCache,
    AsyncCacheClient,
    AsyncSessionStore,
    AsyncVersioned,
    Cache,
    CacheClient,
    Json,
    SessionStore,
    Versioned,
)


class Face:
    """The interface to the client for threads, or to the client for asyncio with an event loop in a thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None) -> None:
        self._loop = loop

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function, and await the result if necessary."""
        if self._loop is None:
            return function(*args, **kwargs)

        async def run() -> Any:
            outcome = function(*args, **kwargs)
            return await outcome if inspect.isawaitable(outcome) else outcome

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(60)

    def run(self, client: Any, function: Callable[..., Any], *args: Any) -> Any:
        """Run a coroutine function of the package, which has no other form for threads."""
        return self.call(function, *args) if self._loop else client.drive(function(*args))

    def client(self, port: int, **options: Any) -> CacheClient | AsyncCacheClient:
        kind = CacheClient if self._loop is None else AsyncCacheClient
        return kind.connect("127.0.0.1", port=port, **{"tls": False, "timeout": 5, **options})

    def loader(self, load: Callable[[Any], Any] | None) -> Any:
        """A loader that may block its thread; for asyncio, a coroutine function that lets other tasks run meanwhile."""
        if self._loop is None or load is None:
            return load

        async def coroutine(argument: Any) -> Any:
            return await asyncio.to_thread(load, argument)

        return coroutine

    def cache(self, client: Any, load: Callable[[str], Any], **options: Any) -> "Shown":
        kind = Cache if self._loop is None else AsyncCache
        return self._shown(kind, client, "row", load, options)

    def versioned(self, client: Any, load: Callable[[str], Any], **options: Any) -> "Shown":
        kind = Versioned if self._loop is None else AsyncVersioned
        return self._shown(kind, client, "row", load, {"version": lambda row: row["version"], **options})

    def sessions(self, client: Any, **options: Any) -> "Shown":
        kind = SessionStore if self._loop is None else AsyncSessionStore
        return Shown(self, kind(client, **options))

    def _shown(self, kind: Any, client: Any, prefix: str, load: Any, options: dict[str, Any]) -> "Shown":
        options = {"codec": Json(dict), "ttl": 60, "early": 0, "jitter": 0, **options}
        many = self.loader(options.pop("load_many", None))
        return Shown(self, kind(client, prefix, load=self.loader(load), load_many=many, **options))


class Shown:
    """An object whose methods can be called, whether they are coroutine functions or not."""

    def __init__(self, face: Face, thing: Any) -> None:
        self.face, self.thing = face, thing

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.thing, name)
        if not callable(member):
            return member
        return lambda *args, **kwargs: self.face.call(member, *args, **kwargs)

    @property
    def counts(self) -> dict[str, int]:
        """The counters that are not 0."""
        return {name: count for name, count in self.thing.statistics.snapshot().items() if count}

    @property
    def protocol(self) -> Any:
        return self.thing._protocol


@contextmanager
def face(kind: str) -> Iterator[Face]:
    if kind == "threads":
        yield Face(None)
        return
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield Face(loop)
    finally:

        async def cancel() -> None:
            others: list[Awaitable[Any]] = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for other in others:
                other.cancel()  # type: ignore[attr-defined]  # they are tasks
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(cancel(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

"""The base class of the caches for threads and for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Generic, NoReturn, TypeVar

from elasticache_caching.connector import Connector
from elasticache_caching.errors import CacheUnavailableError, InvalidationFailedError, ValueRefusedError
from elasticache_caching.flights import Flight, Flights
from elasticache_caching.protocol import LOG, Load, Loaded, Protocol, Run, Sleep, Step, Steps
from elasticache_caching.scripts import FILL
from elasticache_caching.settings import Codec, Settings
from elasticache_caching.statistics import Statistics
from elasticache_caching.wire import unpack

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping, Sequence

T = TypeVar("T")
C = TypeVar("C", bound=Connector)
L = TypeVar("L")  # the loader
M = TypeVar("M")  # the loader of many
_COUNTERS = {"hit": "hits", "near": "near_hits", "stale": "stale_hits", "wait": "waits", "down": "unavailable"}


class Base(Generic[T, C, L, M]):
    """A cache of values of one kind; see `Cache` for the arguments."""

    _kind = "Cache"
    _event: Callable[[], Any]

    def __init__(
        self, client: C, settings: Settings[T], load: L, load_many: M | None, version: Callable[[T], int] | None
    ) -> None:
        client.register(settings.prefix, self._kind)
        self.statistics = Statistics(settings.prefix)
        self._client, self._load, self._load_many = client, load, load_many
        self._protocol = Protocol(settings, version, self.statistics)
        self._flights: Flights[T] = Flights(self._event)
        self._near = client.nears[settings.prefix]

    def _counted(self, loaded: Loaded[T]) -> Loaded[T]:
        counter = _COUNTERS.get(loaded.source)
        if counter is not None:
            self.statistics.add(counter)
        return loaded

    def _nearby(self, id: str) -> Loaded[T] | None:
        """The value, if the near cache has it and it need not be reloaded. It counts as a read."""
        seconds = self._protocol.settings.near
        entry = self._near.get(self._protocol.key(id), seconds) if seconds else None
        seen = None if entry is None else self._protocol.opened(entry)
        if seen is None or seen.due:
            return None
        seen.source = "near"
        return self._counted(seen)

    def _keep(self, key: bytes, raw: bytes, start: tuple[float, int]) -> None:
        """Give a reply of the cache to the near cache."""
        settings = self._protocol.settings
        entry = unpack(raw, settings.max_bytes) if settings.near else None
        if entry is not None:
            self._near.put(key, entry, start, settings.near_entries)

    async def _reading(self, id: str, *, refresh: bool = False) -> Loaded[T]:
        """`get` and `refresh`: a hit, or the result of the load of the id."""
        key = self._protocol.key(id)
        commands = (("GET", key),)
        ticket: int | None = None
        while True:
            raw: Any = None
            is_down, start = False, self._near.begin()
            try:
                (raw,) = await self._client.send(key, commands, self.statistics)
            except CacheUnavailableError:
                is_down = True
            seen = None if refresh else self._protocol.read(raw)
            if seen is not None and not seen.due:
                self._keep(key, raw, start)
                return self._counted(seen)
            ticket = ticket or self._flights.ticket()
            flight, leads = self._flights.join(id)
            if leads:
                steps = self._protocol.load_alone(id, "down", seen) if is_down else self._protocol.fetch(id, raw, seen)
                return self._counted(await self._leading(id, flight, steps))
            if seen is not None:
                return self._counted(seen)
            await self._client.call(flight.done.wait)
            if flight.error is not None:
                raise flight.error
            if flight.outcome is not None and flight.serves(ticket):
                return self._counted(Loaded(flight.outcome.value, "wait"))

    async def _leading(self, id: str, flight: Flight[T], steps: Steps[Loaded[T]]) -> Loaded[T]:
        try:
            outcome = flight.outcome = (await self._performing({id: steps}, flight))[id]
            return outcome
        except Exception as error:
            flight.error = error
            raise
        finally:
            self._near.remove(self._protocol.key(id))
            self._flights.leave(id, flight)
            flight.done.set()

    async def _performing(
        self, protocols: dict[str, Steps[Loaded[T]]], flight: Flight[T] | None = None
    ) -> dict[str, Loaded[T]]:
        """Perform the protocol steps of many ids, with commands in one round trip and loads in one call.

        If an id fails, the steps of the other ids are still completed, and then the first error is raised.
        """
        loaded: dict[str, Loaded[T]] = {}
        errors: list[BaseException] = []
        steps: dict[str, Step] = {}
        outcomes: dict[str, Any] = dict.fromkeys(protocols)
        while outcomes:
            for id, outcome in outcomes.items():
                try:
                    failed = isinstance(outcome, BaseException)
                    steps[id] = protocols[id].throw(outcome) if failed else protocols[id].send(outcome)
                except StopIteration as end:
                    loaded[id] = end.value
                except BaseException as error:
                    errors.append(error)
            if not steps or (errors and all(isinstance(step, Sleep) for step in steps.values())):
                break
            kind = next(kind for kind in (Run, Load, Sleep) if kind in map(type, steps.values()))
            chosen = {id: steps.pop(id) for id, step in list(steps.items()) if isinstance(step, kind)}
            try:
                outcomes = await self._perform(chosen, flight)
            except BaseException as error:
                outcomes = dict.fromkeys(chosen, error)
        if errors:
            raise errors[0]
        return loaded

    async def _perform(self, steps: Mapping[str, Any], flight: Flight[T] | None) -> dict[str, Any]:
        """The outcomes of steps of one kind; an outcome may be an exception."""
        step = next(iter(steps.values()), None)
        if isinstance(step, Run):
            if flight is None:
                return await self._client.run_all(steps, self.statistics)
            (id,) = steps
            if step.script is FILL:
                self._flights.leave(id, flight)
            return {id: await self._client.run(step, self.statistics)}
        if isinstance(step, Sleep):
            await self._client.call(self._client.sleep, step.seconds)
        elif isinstance(step, Load):
            self.statistics.add("loads")
            if flight is not None:
                flight.began = self._flights.ticket()
            try:
                if flight is not None:
                    return {step.id: await self._client.call(self._load, step.id)}
                values = await self._client.call(self._load_many, list(steps))
                return {id: values.get(id) for id in steps}
            except Exception:  # any error of the loader is counted and raised
                self.statistics.add("load_failures")
                raise
        return dict.fromkeys(steps)

    async def _reading_many(self, ids: Iterable[str]) -> dict[str, T | None]:
        keys = {id: self._protocol.key(id) for id in self._protocol.listed(ids)}
        start = self._near.begin()
        replies = await self._client.get_all(list(keys.values()), self.statistics)
        down = {id for id, key in keys.items() if isinstance(replies[key], Exception)}
        seen = {id: None if id in down else self._protocol.read(replies[key]) for id, key in keys.items()}
        fresh = {id: entry for id, entry in seen.items() if entry is not None and not entry.due}
        missing = [id for id in keys if id not in fresh]
        for id in fresh:
            self._keep(keys[id], replies[keys[id]], start)
        if self._load_many is not None:
            protocols = {
                id: self._protocol.load_alone(id, "down", None)
                if id in down
                else self._protocol.fetch(id, replies[keys[id]], seen[id])
                for id in missing
            }
            fresh.update(await self._performing(protocols))
        self._near.remove(*(keys[id] for id in missing))
        values = {id: self._counted(entry).value for id, entry in fresh.items()}
        for id in missing:
            if id not in values:
                values[id] = (await self._reading(id)).value
        return {id: values[id] for id in keys}

    async def _removing(self, ids: Sequence[str]) -> None:
        keys = {id: self._protocol.keys(id) for id in ids}
        commands = {pair[0]: ("DEL", *pair) for pair in keys.values()}
        try:
            replies = await self._client.send_all(commands, self.statistics, always=True)
        finally:  # not earlier: until then, a read may get the old value again
            self._near.remove(*commands)
        self._delivered({id: replies[value] for id, (value, _) in keys.items()})

    async def _writing(self, id: str, step: Run) -> bool:
        try:
            reply = await self._client.run(step, self.statistics, always=True)
        except CacheUnavailableError as error:
            reply = error
        self._delivered({id: reply})
        return bool(reply == 1)

    def _delivered(self, outcomes: Mapping[str, Any]) -> None:
        """Count invalidations, and raise an error for those whose outcome is an error.

        :raises InvalidationFailedError: unless `on_failure` is `log`.
        """
        failed = {id: outcome for id, outcome in outcomes.items() if isinstance(outcome, Exception)}
        for id in outcomes:
            self.statistics.add("failed_invalidations" if id in failed else "invalidations")
        if not failed:
            return
        ids: Sequence[str] = list(failed)
        shown = ", ".join(map(repr, ids[:3])) + (", ..." if len(ids) > 3 else "")
        wrong = f"{self._protocol.settings.prefix}: the cache did not execute the change of {shown}: {failed[ids[0]]}"
        message = f"{wrong}; repeat it until it succeeds, otherwise the old value is served until its TTL expires"
        if self._protocol.settings.on_failure == "raise":
            raise InvalidationFailedError(message, ids)
        LOG.error("%s", message)


class Unversioned(Base[T, C, L, M]):
    """A cache without versions: loads come from the primary database, and a write only invalidates."""

    def __init__(
        self,
        client: C,
        prefix: str,
        *,
        load: L,
        codec: Codec[T],
        ttl: float,
        load_many: M | None = None,
        jitter: float = 0.1,
        stale: float = 0.0,
        negative: float = 5.0,
        early: float = 1.0,
        lease: float = 10.0,
        load_timeout: float | None = None,
        max_bytes: int = 1_000_000,
        on_failure: str = "raise",
        near: float = 0.0,
        near_entries: int = 1000,
    ) -> None:
        times = (ttl, jitter, stale, negative, early, lease, load_timeout)
        settings = Settings(prefix, codec, *times, max_bytes, on_failure, near=near, near_entries=near_entries)
        super().__init__(client, settings, load, load_many, None)

    if not TYPE_CHECKING:

        def put(self, *_: object, **__: object) -> NoReturn:
            """Not available: a put without versions is not safe."""
            wrong = "put needs versions, so that no older value replaces a newer one; use Versioned"
            raise TypeError(f"{self._protocol.settings.prefix}: {wrong}")


class WithVersions(Base[T, C, L, M]):
    """A cache of values with versions."""

    _kind = "Versioned"

    def __init__(
        self,
        client: C,
        prefix: str,
        *,
        load: L,
        version: Callable[[T], int],
        codec: Codec[T],
        ttl: float,
        lag: float = 0.0,
        pause: float = 60.0,
        load_many: M | None = None,
        jitter: float = 0.1,
        stale: float = 0.0,
        negative: float = 5.0,
        early: float = 1.0,
        lease: float = 10.0,
        load_timeout: float | None = None,
        max_bytes: int = 1_000_000,
        on_failure: str = "raise",
    ) -> None:
        times = (ttl, jitter, stale, negative, early, lease, load_timeout)
        settings = Settings(prefix, codec, *times, max_bytes, on_failure, lag, pause)
        given: object = version
        if not callable(given):  # without it, an older `put` would replace a newer one
            wrong = f"version must be a function that returns the version of a value, got {given!r}"
            settings.refuse(f"{wrong}; pass one such as attrgetter('version'), or use a Cache")
        super().__init__(client, settings, load, load_many, version)

    def _invalidating(self, id: str, version: int) -> Coroutine[Any, Any, bool]:
        settings = self._protocol.settings
        return self._writing(id, self._protocol.tombstone(id, version, settings.lease + settings.lag + settings.pause))

    async def _storing(self, id: str, value: T) -> bool:
        try:
            step = self._protocol.store(id, value)
        except ValueRefusedError:
            if value is not None:  # an older value must not stay in the cache
                await self._invalidating(id, self._protocol.version_of(value))
            raise
        return await self._writing(id, step)

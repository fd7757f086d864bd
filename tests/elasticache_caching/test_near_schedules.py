"""How old the values of a near cache may be, in every order of reads and invalidations."""

import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import pytest
import redis

from elasticache_caching import Cache, Json
from elasticache_caching.connector import Connector
from elasticache_caching.near import Near
from elasticache_caching.wire import Fields
from tests.elasticache_caching import programs

NEAR = 2.0


@types.coroutine
def pause(reason: str | None = None) -> Generator[str | None, None, None]:
    yield reason


class Stepping(Connector):
    """A client that suspends before and after each command and load, so that the test chooses the order."""

    def __init__(self, server: redis.Redis) -> None:
        super().__init__({}, cluster=False, patience=1)
        self.connection = server

    def redis(self) -> Any:
        return self.connection

    def sleep(self, seconds: float) -> None:
        pass

    async def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        if function == self.sleep:
            return await pause(programs.WAITS if self.connection.exists("{row:1}!") else None)
        if function.__name__ == "wait":
            while not function.__self__.is_set():  # type: ignore[attr-defined]  # it is the method of an event
                await pause(programs.WAITS)
            return None
        await pause()
        outcome = function(*arguments)
        await pause()
        return outcome


class World:
    """One row, its cache with a near cache, and the version that a read must reach."""

    def __init__(self, server: redis.Redis, near: Near) -> None:
        self.server, self.version, self.floor, self.now = server, 1, 1, 0.0
        client: Any = Stepping(server)
        client.nears["row"] = near
        near.clock = self.clock
        options: dict[str, Any] = {"codec": Json(dict), "ttl": 60, "early": 0, "near": NEAR}
        self.cache = Cache(client, "row", load=lambda _: {"version": self.version}, **options)
        server.delete("{row:1}", "{row:1}!")
        self.fill_elsewhere(1)
        self.old: list[tuple[int, int]] = []

    def clock(self) -> float:
        """No two moments are equal."""
        self.now += 1e-6
        return self.now

    def fill_elsewhere(self, version: int) -> None:
        """The fill of another process, if it still has its lease."""
        self.server.set("{row:1}", self.cache._protocol.entry({"version": version})[1], nx=True)

    async def read(self, *reads: str) -> None:
        for kind in reads:
            floor = self.floor
            if kind == "many":
                value = (await self.cache._reading_many(["1"]))["1"]
            else:
                nearby = self.cache._nearby("1") if kind == "get" else None
                loaded = nearby or await self.cache._reading("1", refresh=kind == "refresh")
                value = loaded.value
                if value is not None and loaded.source in {"load", "wait"}:
                    self.floor = max(self.floor, value["version"])
            assert value is not None
            if value["version"] < floor:
                self.old.append((value["version"], floor))
            await pause()

    async def write(self) -> None:
        """A write of this process."""
        await pause()
        self.version += 1
        written = self.version
        await self.cache._removing(("1",))
        self.floor = max(self.floor, written)

    async def write_elsewhere(self) -> None:
        """A write of another process. Its invalidation must be seen `NEAR` seconds after it has returned."""
        await pause()
        self.version += 1
        written = self.version
        self.server.delete("{row:1}", "{row:1}!")
        await pause()
        self.fill_elsewhere(self.version)
        await pause()
        self.now += NEAR
        self.floor = max(self.floor, written)


Program = Callable[[World], Coroutine[Any, Any, None]]


def reads(*kinds: str) -> Program:
    return lambda world: world.read(*kinds)


def actor(program: Program) -> Callable[[World], Generator[str | None, None, None]]:
    """A program as the search of the interleavings expects it."""

    def started(world: World) -> Generator[str | None, None, None]:
        coroutine = program(world)
        while True:
            try:
                yield coroutine.send(None)
            except StopIteration:
                return

    return started


def schedules(
    server: redis.Redis, made: list[Program], near: Callable[[], Near] = Near, *, draws: int | None = None
) -> tuple[int, int]:
    """The number of schedules, and of those in which a read was too old."""
    count = old = 0
    for choose in programs._choosers(draws, 0):
        world = World(server, near())
        actors: Any = [actor(program) for program in made]
        run = programs._Run(world, actors)  # type: ignore[arg-type]  # a world of this file
        order: list[int] = []
        while options := run.runnable():
            order.append(options[choose(len(options))])
            run.step(order[-1])
        assert not run.stuck(), f"somebody waits for ever after {order}"
        count += 1
        old += bool(world.old)
    return count, old


ONE, TWO, MANY, REFRESH = reads("get"), reads("get", "get"), reads("many", "get"), reads("refresh", "get")


@pytest.mark.servers
@pytest.mark.parametrize(
    ("made", "count"),
    [
        ([TWO, World.write], 43),
        ([TWO, World.write_elsewhere], 95),
        ([MANY, World.write], 45),
        ([REFRESH, World.write], 749),
        ([REFRESH, World.write_elsewhere], 652),
    ],
)
def test_no_schedule_lets_a_read_be_too_old(admin: redis.Redis, made: Any, count: int) -> None:
    assert schedules(admin, made) == (count, 0)


LARGER: list[list[Program]] = [
    [ONE, TWO, World.write],
    [TWO, TWO, World.write_elsewhere],
    [ONE, MANY, World.write_elsewhere],
    [TWO, REFRESH, World.write_elsewhere],
    [TWO, World.write, World.write_elsewhere],
]


@pytest.mark.servers
@pytest.mark.parametrize("made", LARGER)
def test_no_drawn_schedule_lets_a_read_be_too_old(admin: redis.Redis, made: Any) -> None:
    assert schedules(admin, made, draws=2000) == (2000, 0)


class WithoutRemovals(Near):
    """Keeps the replies of reads that were in progress during a removal."""

    def begin(self) -> tuple[float, int]:
        return super().begin()[0], 0

    def put(self, key: bytes, entry: Fields, start: tuple[float, int], most: int) -> None:
        super().put(key, entry, (start[0], self._removals), most)


class NeverRemoved(Near):
    """Keeps values after a removal."""

    def remove(self, *keys: bytes) -> None:
        super().remove()


class FromTheReply(Near):
    """Counts the age from the reply instead of from the start of the read."""

    def put(self, key: bytes, entry: Fields, start: tuple[float, int], most: int) -> None:
        super().put(key, entry, (self.clock(), start[1]), most)


@pytest.mark.servers
@pytest.mark.parametrize(
    ("made", "near"),
    [
        ([ONE, TWO, World.write], WithoutRemovals),
        ([TWO, World.write], NeverRemoved),
        ([TWO, World.write_elsewhere], FromTheReply),
        ([TWO, REFRESH, World.write_elsewhere], WithoutRemovals),
    ],
)
def test_faults_of_a_near_cache_are_found(admin: redis.Redis, made: Any, near: Any) -> None:
    """The control: the search must find reads that are too old here."""
    assert schedules(admin, made, near, draws=2000)[1] > 0

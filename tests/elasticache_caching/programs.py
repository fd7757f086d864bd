"""Every interleaving of small programs.

An actor is a generator that stops before each command and each database statement; what it runs between are the
generators of the protocol itself, which the clients drive as well. `schedules` runs all orders of their steps.
"""

import random
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import redis

from elasticache_caching import Json, Statistics
from elasticache_caching.protocol import Load, Protocol, Run, Sleep
from elasticache_caching.settings import Settings

Actor = Generator[str | None, None, None]
WAITS = "waits"
ID = "1"
Value = list[int]  # version, and the same again as content


@dataclass
class Database:
    """One row, and a replica with an older version until it catches up."""

    version: int = 1
    replica: int = 1

    def write(self) -> int:
        self.version += 1
        return self.version


@dataclass
class World:
    """The state that the actors share."""

    server: redis.Redis
    protocol: Protocol[Value]
    database: Database = field(default_factory=Database)

    def get(self) -> bytes | None:
        """The bytes of the row's key."""
        value = self.server.get(self.protocol.keys(ID)[0])
        assert not isinstance(value, str)
        return value

    def run(self, step: Run) -> Any:
        return self.server.execute_command(*step.script.eval(step.keys, *step.arguments))

    def cached(self) -> Value | None:
        entry = self.protocol.read(self.get())
        return None if entry is None else entry.value

    def is_stale(self) -> bool:
        """Whether the cache differs from the row after all actors have ended."""
        cached = self.cached()
        return cached is not None and cached[0] != self.database.version


def protocol(*, versioned: bool, **options: Any) -> Protocol[Value]:
    settings = Settings("row", Json(list), ttl=1000, jitter=0, early=0, **options)
    return Protocol(settings, (lambda value: value[0]) if versioned else None, Statistics("row"))


def reader(world: World, *, lagging: bool = False) -> Actor:
    """`get` as in the clients."""
    yield None
    raw = world.get()
    seen = world.protocol.read(raw)
    if seen is not None:
        return
    steps = world.protocol.fetch(ID, raw, None)
    outcome: Any = None
    while True:
        try:
            step = steps.send(outcome)
        except StopIteration:
            return
        yield WAITS if isinstance(step, Sleep) else None
        if isinstance(step, Load):
            version = world.database.replica if lagging else world.database.version
            outcome = [version, version]
        elif isinstance(step, Run):
            outcome = world.run(step)
        else:
            outcome = None


def invalidating(world: World) -> Actor:
    """Commit, then invalidate."""
    yield None
    version = world.database.write()
    yield None
    if world.protocol.version is None:
        world.server.delete(*world.protocol.keys(ID))
    else:
        world.run(world.protocol.tombstone(ID, version, 60))


def putting(world: World) -> Actor:
    """Commit, then write through."""
    yield None
    version = world.database.write()
    yield None
    world.run(world.protocol.store(ID, [version, version]))


def replicating(world: World) -> Actor:
    """The replica of the database catches up, twice."""
    for _ in range(2):
        yield None
        world.database.replica = world.database.version


def plain_reader(world: World) -> Actor:
    """The common implementation of cache-aside."""
    yield None
    if world.get() is not None:
        return
    yield None
    version = world.database.version
    yield None
    _, payload, _ = world.protocol.entry([version, version])
    world.server.set(world.protocol.keys(ID)[0], payload)


def deleting_after(world: World) -> Actor:
    yield None
    world.database.write()
    yield None
    world.server.delete(world.protocol.keys(ID)[0])


def deleting_before(world: World) -> Actor:
    yield None
    world.server.delete(world.protocol.keys(ID)[0])
    yield None
    world.database.write()


def setting(world: World) -> Actor:
    """Write-through with SET."""
    yield None
    version = world.database.write()
    yield None
    _, payload, _ = world.protocol.entry([version, version])
    world.server.set(world.protocol.keys(ID)[0], payload)


Program = Callable[[World], Actor]


@dataclass
class Outcome:
    """The result of all schedules of some programs."""

    schedules: int = 0
    stale: int = 0
    shortest: str = ""

    def add(self, order: list[str], *, stale: bool) -> None:
        self.schedules += 1
        if stale:
            self.stale += 1
            text = " ".join(order)
            if not self.shortest or len(text) < len(self.shortest):
                self.shortest = text


class _Run:
    """One schedule: the actors, and those that wait for a step of another actor."""

    def __init__(self, world: World, programs: list[Program]) -> None:
        self.names = [
            f"{number}:{getattr(program, 'name', '') or program.__name__}" for number, program in enumerate(programs)
        ]
        self.actors = [program(world) for program in programs]
        self.waits = [False] * len(programs)
        self.done = [False] * len(programs)
        for number in range(len(programs)):
            self._advance(number)

    def _advance(self, number: int) -> None:
        try:
            self.waits[number] = next(self.actors[number]) == WAITS
        except StopIteration:
            self.done[number] = True

    def runnable(self) -> list[int]:
        return [n for n in range(len(self.actors)) if not self.done[n] and not self.waits[n]]

    def step(self, number: int) -> None:
        """A waiting actor checks again after each step of another, as a poll does."""
        woken = [n for n, waits in enumerate(self.waits) if waits and n != number]
        self._advance(number)
        for other in woken:
            self.waits[other] = False

    def stuck(self) -> bool:
        return not all(self.done)


def schedules(
    server: redis.Redis,
    make: Callable[[], Protocol[Value]],
    programs: list[Program],
    *,
    draws: int | None = None,
    seed: int = 0,
) -> Outcome:
    """Run every schedule, or a number of random ones."""
    outcome = Outcome()
    the_protocol = make()
    keys = the_protocol.keys(ID)
    for choose in _choosers(draws, seed):
        server.delete(*keys)
        world = World(server, the_protocol)
        run = _Run(world, programs)
        order: list[str] = []
        while options := run.runnable():
            number = options[choose(len(options))]
            order.append(run.names[number])
            run.step(number)
        assert not run.stuck(), f"somebody waits for ever after {order}"
        outcome.add(order, stale=world.is_stale())
    return outcome


def _choosers(draws: int | None, seed: int) -> Iterator[Callable[[int], int]]:
    """How each schedule chooses: depth first, or at random."""
    if draws is not None:
        generator = random.Random(seed)
        for _ in range(draws):
            yield generator.randrange
        return
    path: list[list[int]] = []  # the choice and the number of options, at each step
    while True:
        position = 0

        def choose(options: int) -> int:
            nonlocal position
            if position == len(path):
                path.append([0, options])
            assert path[position][1] == options, "a schedule must run alike each time"
            position += 1
            return path[position - 1][0]

        yield choose
        while path and path[-1][0] + 1 == path[-1][1]:
            path.pop()
        if not path:
            return
        path[-1][0] += 1

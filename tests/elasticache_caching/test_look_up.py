"""Tasks of the client for asyncio: one look-up of the topology for all, which outlasts their time limits; probes."""

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import redis

from elasticache_caching import AsyncCache, AsyncCacheClient, Json

TASKS = 20


class Cluster:
    """The cluster client of redis-py with a look-up that waits until the test releases it."""

    def __init__(self) -> None:
        self._initialize = True  # redis-py: the topology must be looked up
        self.look_ups = self.cancelled = 0
        self.release = asyncio.Event()
        self.error: Exception | None = None

    async def initialize(self) -> None:
        self.look_ups += 1
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        self._initialize = False

    async def execute_command(self, *_: object) -> str:
        return "reply"

    async def aclose(self) -> None:
        """There are no connections."""


async def load(id: str) -> dict[str, str]:
    return {"id": id}


def run(test: Callable[[AsyncCacheClient, Cluster], Coroutine[Any, Any, None]], *, timeout: float = 5) -> None:
    async def running() -> None:
        client = AsyncCacheClient.connect("cache.example", tls=False, cluster=True, timeout=timeout)
        client.redis()  # of this event loop
        cluster = client.connection = Cluster()
        await asyncio.wait_for(test(client, cluster), 10)

    asyncio.run(running())


def reading(client: AsyncCacheClient) -> list[asyncio.Task[Any]]:
    return [asyncio.create_task(client.transmit([("GET", "key")])) for _ in range(TASKS)]


def test_concurrent_tasks_share_one_look_up() -> None:
    async def test(client: AsyncCacheClient, cluster: Cluster) -> None:
        tasks = reading(client)
        await asyncio.sleep(0.01)
        assert not any(task.done() for task in tasks), "no command is sent before the topology is known"
        cluster.release.set()
        assert await asyncio.gather(*tasks) == [["reply"]] * TASKS
        assert cluster.look_ups == 1
        assert await asyncio.gather(*reading(client)) == [["reply"]] * TASKS
        assert cluster.look_ups == 1, "the topology is known"

    run(test)


def test_concurrent_tasks_share_a_failure_and_later_ones_look_up_again() -> None:
    async def test(client: AsyncCacheClient, cluster: Cluster) -> None:
        cluster.error = redis.ConnectionError("gone")
        for number in (1, 2):
            cluster.release.clear()
            tasks = reading(client)
            await asyncio.sleep(0.01)
            cluster.release.set()
            assert await asyncio.gather(*tasks, return_exceptions=True) == [cluster.error] * TASKS
            assert cluster.look_ups == number

    run(test)


def test_a_look_up_outlasts_the_time_limit_of_its_callers() -> None:
    """Otherwise a look-up that takes longer than the limit would never end."""

    async def test(client: AsyncCacheClient, cluster: Cluster) -> None:
        for _ in range(2):
            outcomes = await asyncio.gather(*reading(client), return_exceptions=True)
            assert {type(outcome) for outcome in outcomes} == {TimeoutError}
        assert (cluster.look_ups, cluster.cancelled) == (1, 0)
        cluster.release.set()
        assert await asyncio.gather(*reading(client)) == [["reply"]] * TASKS
        assert cluster.look_ups == 1

    run(test, timeout=0.02)


def test_closing_the_client_ends_a_look_up_and_no_read() -> None:
    """A read continues without the cache; it is not cancelled."""

    async def test(client: AsyncCacheClient, cluster: Cluster) -> None:
        cache = AsyncCache(client, "row", load=load, codec=Json(dict), ttl=60)
        commands, read = reading(client), asyncio.create_task(cache.inspect("1"))
        await asyncio.sleep(0.01)
        await client.close()
        outcomes = await asyncio.gather(*commands, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {redis.ConnectionError}
        loaded = await read
        assert (loaded.value, loaded.source) == ({"id": "1"}, "down")
        assert cluster.cancelled == 1

    run(test)


def test_a_probe_is_not_garbage_collected() -> None:
    """The event loop has only weak references to tasks."""

    async def never() -> None:
        await asyncio.Future()

    async def test(client: AsyncCacheClient, cluster: Cluster) -> None:
        client.spawn(never())
        await asyncio.sleep(0)
        gc.collect()
        assert [task.get_name() for task in asyncio.all_tasks() if "probe" in task.get_name()]

    run(test)


@pytest.mark.parametrize("ends", ["by an error", "by a cancellation"])
def test_a_look_up_that_nobody_waits_for_reports_nothing(ends: str) -> None:
    """asyncio reports the error of a task that nobody has retrieved."""

    async def test(client: AsyncCacheClient, cluster: Cluster) -> None:
        reported: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
        await asyncio.gather(*reading(client), return_exceptions=True)
        if ends == "by an error":
            cluster.error = redis.ConnectionError("gone")
            cluster.release.set()
        else:
            await client.close()
        await asyncio.sleep(0.01)
        client._lookup = None
        gc.collect()
        await asyncio.sleep(0.01)
        assert reported == []

    run(test, timeout=0.02)

"""The stages that use the cache: writes and reads on every shard, latency."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Callable

from connection_test import slots
from connection_test.commands import Following
from connection_test.context import Context
from connection_test.measurement import percentiles
from connection_test.permitted import StageSkipped, must_refuse_write, refusal
from connection_test.report import StageFailure
from connection_test.stage_engine import connect
from connection_test.together import together

_SAMPLES = 200
# A slow cache is measured by fewer requests.
_MOST_SECONDS = 2.0


def data(context: Context) -> str:
    """SET, GET and DEL work on every shard, with a key that belongs to it."""
    may = context.config.may
    if not may("get") and not may("set"):
        raise StageSkipped(refusal("get", "set"))
    shards = targets_of(context)
    tested = slots.reachable(shards, context.config.key_prefix)
    together(lambda shard: _round_trip(context, shard), tested)
    done = " and ".join(name.upper() for name in ("set", "get", "del") if may(name)).replace(" and ", ", ", 1)
    if not all(map(may, ("set", "get", "del"))):
        done = done.replace(", ", " and ")
    if not may("set"):
        done = "GET answered and SET refused, as the access string says,"
    if len(tested) < len(shards):
        return f"{done} on {len(tested)} of {len(shards)} shards, which owns all keys of the key prefix"
    return f"{done} on {len(tested)} shard{'s' if len(tested) != 1 else ''}"


def _round_trip(context: Context, shard: slots.Shard) -> None:
    context.check_time()
    salt = os.urandom(6).hex()
    key = slots.key_for(shard, context.config.key_prefix, salt)
    may = context.config.may
    with on_primary(context, shard) as connection:
        if not may("set"):
            connection.command("GET", key)
            must_refuse_write(context, connection, key)
            return
        connection.command("SET", key, salt, "EX", 60)
        answer = connection.command("GET", key) if may("get") else salt
        if may("del"):
            connection.command("DEL", key)
    if answer != salt:
        raise StageFailure(
            "other-value",
            f"GET on {shard.primary} answered another value than SET wrote",
            "check that nothing else writes the test's keys, and the eviction policy",
        )


def latency(context: Context) -> str:
    """How long a round trip takes, by up to 200 PINGs and 200 GETs of 1 KB, as far as the user may run them."""
    may = context.config.may
    if not may("get") and not may("ping"):
        raise StageSkipped(refusal("get", "ping"))
    shard = slots.reachable(targets_of(context), context.config.key_prefix)[0]
    key = slots.key_for(shard, context.config.key_prefix, os.urandom(6).hex())
    with on_primary(context, shard) as connection:
        if may("get", "set"):
            connection.command("SET", key, "x" * 1024, "EX", 60)
        measured = measure_and_judge(
            context,
            lambda: connection.command("PING"),
            lambda: connection.command("GET", key),
            "GET of 1 KB" if may("set") else "GET",
        )
        if may("get", "set", "del"):
            connection.command("DEL", key)
    return measured


def measure_and_judge(context: Context, ping: Callable[[], object], get: Callable[[], object], what: str) -> str:
    """Measure up to 200 requests of each type, record the percentiles, and warn when they are high."""
    may = context.config.may
    if not may("get"):
        get, what = ping, "PING"
    if may("ping"):
        context.facts["ping_ms"] = percentiles(_measure(context, ping))
    result = percentiles(_measure(context, get))
    context.facts["latency_ms"] = result
    if result["p99"] > context.config.slow_ms:
        context.warn(
            "slow",
            f"{what.split()[0]} takes {result['p99']} ms at the 99th percentile, and under "
            f"{context.config.slow_ms:g} ms is usual",
            "put the client in the primary's Availability Zone, and look at EngineCPUUtilization",
        )
    return f"{what} " + "p50 {p50} ms, p95 {p95} ms, p99 {p99} ms".format(**result)


def _measure(context: Context, action: Callable[[], object]) -> list[float]:
    samples: list[float] = []
    until = time.monotonic() + _MOST_SECONDS
    # Percentiles need two.
    while len(samples) < _SAMPLES and (len(samples) < 2 or time.monotonic() < until):
        context.check_time()
        started = time.perf_counter()
        action()
        samples.append((time.perf_counter() - started) * 1000)
    return samples


def targets_of(context: Context) -> list[slots.Shard]:
    """The shards; without cluster mode, the single shard of the endpoint."""
    if context.shards:
        return context.shards
    first = context.config.first
    return [slots.Shard(slots.Node(first.host, first.port), ranges=[(0, slots.SLOTS - 1)])]


@contextlib.contextmanager
def on_primary(context: Context, shard: slots.Shard) -> Iterator[Following]:
    """A connection to the primary of a shard that follows redirections; it is closed at the end."""
    first, node = context.config.first, shard.primary
    own = None
    if context.connection is not None and (node.host, node.port) == (first.host, first.port):
        connection = context.connection
    else:
        connection = own = connect(context, node.host, node.port)
    following = Following(connection, node.host, lambda host, port: connect(context, host, port))
    try:
        yield following
    finally:
        following.close()
        if own is not None:
            own.close()

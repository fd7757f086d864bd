"""The stages that use the cache: writes and reads on every shard, reads from replicas, latency."""

from __future__ import annotations

import contextlib
import os
import time
from typing import Callable, Optional

from connection_test import slots, transport
from connection_test.config import first_line
from connection_test.context import Context
from connection_test.measurement import percentiles
from connection_test.report import StageFailure
from connection_test.resp import Connection, ProtocolError, ReplyError
from connection_test.stage_engine import connect, failure_of

_SAMPLES = 200
_REPLICA_SECONDS = 2.0


def data(context: Context) -> str:
    """SET, GET and DEL work on every shard, with a key that belongs to it."""
    targets = targets_of(context)
    salt = os.urandom(6).hex()
    for shard in targets:
        context.check_time()
        connection = _open(context, shard.primary)
        key = slots.key_for(shard, context.config.key_prefix, salt)
        try:
            command(connection, "SET", key, salt, "EX", 60)
            answer = command(connection, "GET", key)
            command(connection, "DEL", key)
        finally:
            _close(context, connection)
        if answer != salt:
            raise StageFailure(
                "other-value",
                f"GET on {shard.primary} answered another value than SET wrote",
                "check that nothing else writes the test's keys, and the eviction policy",
            )
    count = len(targets)
    return f"SET, GET and DEL on {count} shard{'s' if count != 1 else ''}"


def replicas(context: Context) -> Optional[str]:
    """Data written to a primary can be read from its replicas."""
    config = context.config
    readers = [endpoint for endpoint in config.endpoints if endpoint.role == "reader"]
    pairs: list[tuple[slots.Shard, slots.Node]] = [
        (shard, replica) for shard in context.shards for replica in shard.replicas
    ]
    if not config.clustered and config.replicas_per_shard > 0:
        shard = targets_of(context)[0]
        pairs = [(shard, slots.Node(reader.host, reader.port)) for reader in readers]
    if config.serverless and readers:
        return _reader_endpoint(context, readers[0].host, readers[0].port)
    if config.clustered and config.replicas_per_shard > 0 and not pairs:
        context.warn(
            "no-replicas",
            f"{config.replicas_per_shard} replicas per shard were expected, and the cluster announces none",
            "wait for the replicas to be made, or update the template",
        )
        return "none announced"
    if not pairs:
        return None
    slowest = 0.0
    for shard, replica in pairs:
        context.check_time()
        slowest = max(slowest, _read_from(context, shard, replica))
    context.facts["replicas_read"] = len(pairs)
    return f"read from {len(pairs)} replica{'s' if len(pairs) != 1 else ''}, the slowest after {slowest * 1000:.0f} ms"


def _reader_endpoint(context: Context, host: str, port: int) -> str:
    """A serverless cache reads on a second port, which accepts the same client and serves every key."""
    shard = targets_of(context)[0]
    took = _read_from(context, shard, slots.Node(host, port))
    context.facts["replicas_read"] = 1
    return f"read from the reader endpoint after {took * 1000:.0f} ms"


def _read_from(context: Context, shard: slots.Shard, replica: slots.Node) -> float:
    salt = os.urandom(6).hex()
    key = slots.key_for(shard, context.config.key_prefix, salt)
    writer, reader = _open(context, shard.primary), connect(context, replica.host, replica.port)
    try:
        if context.config.clustered:
            command(reader, "READONLY")
        started = time.monotonic()
        command(writer, "SET", key, salt, "EX", 60)
        while time.monotonic() - started < _REPLICA_SECONDS:
            if command(reader, "GET", key) == salt:
                return time.monotonic() - started
            time.sleep(0.005)
        context.warn(
            "replica-behind",
            f"{replica} did not show a write within {_REPLICA_SECONDS:g} s",
            "look at ReplicationLag; read from the primary what must be fresh",
        )
        return time.monotonic() - started
    finally:
        with contextlib.suppress(ReplyError, ProtocolError, OSError):  # the key expires by itself
            writer.call("DEL", key)
        _close(context, writer)
        reader.close()


def latency(context: Context) -> str:
    """How long a round trip takes, by 200 PINGs and 200 GETs of 1 KB."""
    shard = targets_of(context)[0]
    connection = _open(context, shard.primary)
    key = slots.key_for(shard, context.config.key_prefix, os.urandom(6).hex())
    try:
        command(connection, "SET", key, "x" * 1024, "EX", 60)
        measured = measure_and_judge(
            context,
            lambda: command(connection, "PING"),
            lambda: command(connection, "GET", key),
            "GET of 1 KB",
        )
        command(connection, "DEL", key)
    finally:
        _close(context, connection)
    return measured


def measure_and_judge(context: Context, ping: Callable[[], object], get: Callable[[], object], what: str) -> str:
    """Measure 200 requests of each type, record the percentiles, and warn when they are high."""
    pings, gets = _measure(context, ping), _measure(context, get)
    result = percentiles(gets)
    context.facts["latency_ms"] = result
    context.facts["ping_ms"] = percentiles(pings)
    if result["p99"] > context.config.slow_ms:
        context.warn(
            "slow",
            f"GET takes {result['p99']} ms at the 99th percentile, and under {context.config.slow_ms:g} ms is usual",
            "put the client in the primary's Availability Zone, and look at EngineCPUUtilization",
        )
    return f"{what} " + "p50 {p50} ms, p95 {p95} ms, p99 {p99} ms".format(**result)


def _measure(context: Context, action: Callable[[], object]) -> list[float]:
    samples = []
    for _ in range(_SAMPLES):
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


def _open(context: Context, node: slots.Node) -> Connection:
    first = context.config.first
    if context.connection is not None and (node.host, node.port) == (first.host, first.port):
        return context.connection
    return connect(context, node.host, node.port)


def _close(context: Context, connection: Connection) -> None:
    if connection is not context.connection:
        connection.close()


def command(connection: Connection, *words: object) -> object:
    """Send a command.

    :raises StageFailure: when it is refused, or not answered.
    """
    name = str(words[0])
    try:
        return connection.call(*(str(word) for word in words))
    except ReplyError as reply:
        raise failure_of(reply, name) from None
    except (OSError, ProtocolError) as problem:
        raise StageFailure(
            "no-answer",
            f"{name} was not answered within {transport.COMMAND_SECONDS:g} s ({first_line(str(problem))})",
            "look at EngineCPUUtilization and at the slow log",
        ) from None
